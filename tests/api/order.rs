//! The order of the stack, seen from outside.

use std::future;

use axum::{Router, routing::get};
use credit_risk::access::Scope;
use serde_json::json;

use crate::support::{Caller, Reply, TestApp, event, new_key};

const CONSOLE: &str = "https://console.lender.example";
const FOREIGN: &str = "https://evil.example";

fn origin(reply: &Reply) -> Option<&str> {
    reply.header("access-control-allow-origin")
}

#[tokio::test]
async fn a_preflight_is_answered_without_key_record_or_charge() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_ANONYMOUS_RATE_LIMIT", "1/hour"),
        ("CREDIT_RISK_CORS_ORIGINS", CONSOLE),
    ]);
    let browser = app.stranger().with("origin", CONSOLE);
    for _ in 0..3 {
        let reply = browser.preflight("POST", "/train").await;
        assert_eq!(reply.status, 200);
        assert_eq!(origin(&reply), Some(CONSOLE));
        let methods = reply.header("access-control-allow-methods").unwrap();
        assert_eq!(methods, "GET,POST,PUT,DELETE,OPTIONS");
        let headers = reply.header("access-control-allow-headers").unwrap();
        for name in ["authorization", "content-type", "x-api-key", "x-request-id"] {
            assert!(headers.split(',').any(|own| own == name), "{headers}");
        }
        assert!(reply.header("x-ratelimit-limit").is_none());
        assert!(reply.header("x-request-id").is_some());
    }
    assert_eq!(app.audit_lines(), Vec::<serde_json::Value>::new());
    let first = browser.get("/models").await;
    first.problem(401, "UNAUTHORIZED");
    let second = browser.get("/models").await;
    second.problem(429, "RATE_LIMIT_EXCEEDED");
}

/// One caller for each refusal, and the refusal.
async fn refusals(app: &TestApp, from: &str) -> Vec<Reply> {
    let with = |caller: Caller| caller.with("origin", from);
    let model = app.german().await;
    std::fs::write(app.stored(&format!("{}.model", model.id())), b"broken").unwrap();
    let reader = with(app.key("scopes=model:read;rate_limit_per_hour=4"));
    let clerk = with(app.key_with(&[Scope::ModelPredict]));
    vec![
        with(app.stranger()).get("/models").await,
        reader.delete("/models/m").await,
        reader.get("/models/m").await,
        clerk.post_json("/predict", &json!({})).await,
        reader.get(&format!("/models/{}", model.id())).await,
        reader.get("/nowhere").await,
        reader.get("/models").await,
    ]
}

const STATUSES: [u16; 7] = [401, 403, 404, 422, 500, 404, 429];

#[tokio::test]
async fn refusals_can_be_read_by_a_page_of_an_allowed_origin() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_CORS_ORIGINS", CONSOLE),
        ("CREDIT_RISK_CORS_ALLOW_CREDENTIALS", "true"),
    ]);
    let replies = refusals(&app, CONSOLE).await;
    for (reply, status) in replies.iter().zip(STATUSES) {
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(origin(reply), Some(CONSOLE), "{status}");
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            Some("true")
        );
        let exposed = reply.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("retry-after") && exposed.contains("x-request-id"));
        assert!(reply.headers.contains_key("vary"), "{status}");
    }
}

#[tokio::test]
async fn a_foreign_origin_is_never_told_that_it_may_read() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_CORS_ORIGINS", CONSOLE),
        ("CREDIT_RISK_CORS_ALLOW_CREDENTIALS", "true"),
    ]);
    let mut replies = refusals(&app, FOREIGN).await;
    let browser = app.stranger().with("origin", FOREIGN);
    replies.push(browser.get("/health").await);
    replies.push(browser.preflight("POST", "/train").await);
    for reply in &replies {
        assert_eq!(origin(reply), None, "{reply:?}");
    }
}

#[tokio::test]
async fn any_origin_is_a_star_and_never_a_reflection() {
    let app = TestApp::with(&[("CREDIT_RISK_CORS_ORIGINS", "*")]);
    let browser = app.stranger().with("origin", FOREIGN);
    for reply in [
        browser.get("/models").await,
        browser.preflight("POST", "/predict").await,
    ] {
        assert_eq!(origin(&reply), Some("*"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn a_storm_of_wrong_keys_meets_a_wall_that_a_real_key_does_not_see() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_FAILED_AUTH_RATE_LIMIT", "3/minute"),
    ]);
    let reader = app.key_with(&[Scope::ModelRead]);
    for _ in 0..3 {
        let reply = app.bearer(&new_key()).get("/models").await;
        reply.problem(401, "UNAUTHORIZED");
    }
    let reply = app.bearer(&new_key()).get("/models").await;
    let problem = reply.problem(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(problem["violated-policies"], json!(["failed-auth"]));
    assert_eq!(reader.get("/models").await.status, 200);
    let elsewhere = app.bearer(&new_key()).at("198.51.100.1");
    elsewhere.get("/models").await.problem(401, "UNAUTHORIZED");
    app.stranger()
        .get("/models")
        .await
        .problem(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn one_key_that_has_had_enough_leaves_another_its_own() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_PREDICT_RATE_LIMIT", "2/minute"),
    ]);
    let (one, other) = (
        app.key_with(&[Scope::ModelPredict]),
        app.key_with(&[Scope::ModelPredict]),
    );
    let nothing = json!({});
    for status in [422, 422, 429, 429] {
        let reply = one.post_json("/predict", &nothing).await;
        assert_eq!(reply.status, status);
    }
    assert_eq!(other.post_json("/predict", &nothing).await.status, 422);
}

async fn breaks() -> &'static str {
    panic!("canary-5f1e at /srv/secret/path.rs")
}

#[tokio::test]
async fn a_panic_is_answered_500_and_recorded_with_its_key() {
    let app = TestApp::with(&[("CREDIT_RISK_CORS_ORIGINS", CONSOLE)]);
    let app = app.around(Router::new().route("/breaks", get(breaks)));
    let caller = app.key("name=batch;scopes=model:read");
    let reply = caller.with("origin", CONSOLE).get("/breaks").await;
    let problem = reply.problem(500, "INTERNAL");
    assert_eq!(
        problem["detail"],
        "An internal error occurred; it is logged under the request id"
    );
    for leak in ["canary", "panic", ".rs", "/srv"] {
        assert!(!reply.text().contains(leak), "{}", reply.text());
    }
    assert_eq!(origin(&reply), Some(CONSOLE));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let line = app.only("auth_success");
    assert_eq!(line["status"], 500);
    assert_eq!(line["outcome"], "failure");
    assert_eq!(line["user"], "batch");
    assert_eq!(line["request_id"], problem["request_id"]);
    // The service goes on.
    assert_eq!(caller.get("/breaks").await.status, 500);
}

#[tokio::test]
async fn a_client_that_hangs_up_is_recorded() {
    let app = TestApp::start();
    let never = get(async || future::pending::<&'static str>().await);
    let app = app.around(Router::new().route("/never", never));
    let caller = app.key("name=impatient;scopes=model:read");
    let request = caller.get("/never");
    tokio::select! {
        biased;
        reply = request => panic!("{reply:?}"),
        () = future::ready(()) => {}
    }
    let lines = app.stop();
    let events: Vec<String> = lines.iter().map(event).collect();
    assert_eq!(events, ["auth_success", "request_abandoned"]);
    for line in &lines {
        assert_eq!(line["outcome"], "abandoned");
        assert_eq!(line["user"], "impatient");
        assert!(line.get("status").is_none(), "{line}");
    }
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_everywhere() {
    let app = TestApp::start();
    let long = "a".repeat(128);
    for id in ["abc-DEF_1.2:3", "7", &long] {
        let caller = app.stranger().with("x-request-id", id);
        assert_eq!(caller.get("/health").await.header("x-request-id"), Some(id));
        let reply = caller.get("/models").await;
        assert_eq!(reply.problem(401, "UNAUTHORIZED")["request_id"], id);
        let preflight = caller
            .with("origin", CONSOLE)
            .preflight("GET", "/models")
            .await;
        assert_eq!(preflight.header("x-request-id"), Some(id));
        let line = app.audit_lines().pop().unwrap();
        assert_eq!(line["request_id"], id);
    }
}

#[tokio::test]
async fn any_other_request_id_is_replaced_by_a_new_one() {
    let app = TestApp::start();
    let long = "a".repeat(129);
    let mut given = Vec::new();
    for id in ["", "a b", "a\"b", "a\u{e9}", "a/b", "<x>", &long] {
        let caller = app.stranger().with("x-request-id", id);
        let reply = caller.get("/models").await;
        let problem = reply.problem(401, "UNAUTHORIZED");
        let new = problem["request_id"].as_str().unwrap().to_owned();
        assert_eq!(new.len(), 26, "{id:?} became {new}");
        assert!(new.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        given.push(new);
    }
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 7, "an id is given once");
}
