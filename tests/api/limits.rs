//! What callers are told about their limits, and whose address counts.

use std::time::Duration;

use credit_risk::access::Scope;
use serde_json::json;

use crate::support::{Caller, Reply, START_SECONDS, TestApp};

const ON: (&str, &str) = ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true");

/// Charges one prediction; what is wrong with it is found out later.
async fn predict(caller: &Caller) -> Reply {
    caller.post_json("/predict", &json!({})).await
}

#[tokio::test]
async fn every_answer_says_how_the_limit_stands() {
    let app = TestApp::with(&[ON, ("CREDIT_RISK_PREDICT_RATE_LIMIT", "2/minute")]);
    let clerk = app.key_with(&[Scope::ModelPredict]);
    for (remaining, seconds) in [(1, 30), (0, 60)] {
        let reply = predict(&clerk).await;
        assert_eq!(reply.status, 422);
        assert_eq!(reply.number("x-ratelimit-limit"), 2);
        assert_eq!(reply.number("x-ratelimit-remaining"), remaining);
        assert_eq!(reply.number("x-ratelimit-reset"), START_SECONDS + seconds);
        assert_eq!(
            reply.header("ratelimit-policy"),
            Some("\"predict\";q=2;w=60")
        );
        let state = format!("\"predict\";r={remaining};t={seconds}");
        assert_eq!(reply.header("ratelimit"), Some(state.as_str()));
        assert_eq!(reply.header("retry-after"), None);
    }
}

#[tokio::test]
async fn one_request_too_many_is_429_and_says_when_to_come_back() {
    let app = TestApp::with(&[ON, ("CREDIT_RISK_PREDICT_RATE_LIMIT", "2/minute")]);
    let clerk = app.key_with(&[Scope::ModelPredict]);
    predict(&clerk).await;
    predict(&clerk).await;
    let reply = predict(&clerk).await;
    let problem = reply.problem(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(problem["detail"], "Rate limit exceeded: 2/minute");
    assert_eq!(problem["limit"], "2/minute");
    assert_eq!(problem["retry_after"], 30);
    assert_eq!(problem["violated-policies"], json!(["predict"]));
    assert_eq!(reply.number("retry-after"), 30);
    assert_eq!(reply.number("x-ratelimit-remaining"), 0);
    assert_eq!(reply.header("ratelimit"), Some("\"predict\";r=0;t=30"));

    app.clock.advance(Duration::from_secs(29));
    assert_eq!(predict(&clerk).await.number("retry-after"), 1);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(predict(&clerk).await.status, 422);
    assert_eq!(predict(&clerk).await.status, 429);
}

#[tokio::test]
async fn every_policy_is_listed_and_the_tightest_goes_first() {
    let app = TestApp::with(&[ON, ("CREDIT_RISK_PREDICT_RATE_LIMIT", "100/minute")]);
    let clerk = app.key("scopes=model:predict;tier=standard;rate_limit_per_hour=3");
    let reply = predict(&clerk).await;
    assert_eq!(reply.number("x-ratelimit-limit"), 3);
    assert_eq!(reply.number("x-ratelimit-remaining"), 2);
    assert_eq!(
        reply.header("ratelimit-policy"),
        Some("\"tier\";q=3;w=3600, \"predict\";q=100;w=60")
    );
    assert_eq!(
        reply.header("ratelimit"),
        Some("\"tier\";r=2;t=1200, \"predict\";r=99;t=1")
    );
    predict(&clerk).await;
    predict(&clerk).await;
    let problem = predict(&clerk).await.problem(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(problem["violated-policies"], json!(["tier"]));
    assert_eq!(problem["limit"], "3/hour");
}

#[tokio::test]
async fn a_tier_counts_every_route_and_the_unlimited_none() {
    let app = TestApp::with(&[ON]);
    let reader = app.key("scopes=model:read;tier=free");
    let reply = reader.get("/models").await;
    assert_eq!(reply.number("x-ratelimit-limit"), 100);
    assert_eq!(reply.number("x-ratelimit-remaining"), 99);
    let reply = reader.get("/no/such/path").await;
    assert_eq!(reply.number("x-ratelimit-remaining"), 98);
    let unlimited = app.key("scopes=model:read;tier=unlimited");
    assert_eq!(unlimited.get("/models").await.header("ratelimit"), None);
}

#[tokio::test]
async fn probes_and_metrics_are_never_limited() {
    let app = TestApp::with(&[ON, ("CREDIT_RISK_ANONYMOUS_RATE_LIMIT", "1/hour")]);
    let stranger = app.stranger();
    let scraper = app.key("scopes=metrics:read;rate_limit_per_hour=1");
    for _ in 0..30 {
        for path in ["/health", "/live", "/ready", "/", "/openapi.json"] {
            let reply = stranger.get(path).await;
            assert_eq!(reply.status, 200, "{path}");
            assert_eq!(reply.header("ratelimit"), None);
        }
        assert_eq!(scraper.get("/metrics").await.status, 200);
    }
}

#[tokio::test]
async fn checking_a_key_is_limited() {
    let app = TestApp::with(&[ON, ("CREDIT_RISK_VERIFY_RATE_LIMIT", "2/minute")]);
    let key = app.key_with(&[Scope::ModelRead]);
    for status in [200, 200, 429] {
        assert_eq!(key.post("/auth/verify").await.status, status);
    }
}

/// The address under which a request is recorded.
async fn recorded(app: &TestApp, caller: &Caller) -> String {
    caller.get("/models").await.problem(401, "UNAUTHORIZED");
    let line = app.audit_lines().pop().unwrap();
    line["ip"].as_str().unwrap().to_owned()
}

const PROXIES: (&str, &str) = ("CREDIT_RISK_TRUSTED_PROXIES", "10.0.0.0/8,2001:db8:ff::/48");

#[tokio::test]
async fn anybody_may_write_a_forwarded_for_and_it_is_not_believed() {
    let app = TestApp::with(&[PROXIES]);
    let liar = app
        .stranger()
        .at("198.51.100.66")
        .with("x-forwarded-for", "192.0.2.1")
        .with("x-forwarded-for", "10.0.0.1");
    assert_eq!(recorded(&app, &liar).await, "198.51.100.66");
    let nobody_trusted = TestApp::start();
    let caller = nobody_trusted
        .stranger()
        .at("10.0.0.5")
        .with("x-forwarded-for", "192.0.2.1");
    assert_eq!(recorded(&nobody_trusted, &caller).await, "10.0.0.5");
}

#[tokio::test]
async fn behind_trusted_proxies_the_last_foreign_hop_counts() {
    let app = TestApp::with(&[PROXIES]);
    let proxy = app.stranger().at("10.0.0.5");
    for (lists, expected) in [
        (vec![], "10.0.0.5"),
        (vec!["192.0.2.1"], "192.0.2.1"),
        (vec!["1.2.3.4, 192.0.2.1"], "192.0.2.1"),
        (vec!["1.2.3.4, 192.0.2.1, 10.9.9.9"], "192.0.2.1"),
        (
            vec!["1.2.3.4,192.0.2.1", "10.9.9.9, 2001:db8:ff::1"],
            "192.0.2.1",
        ),
        (vec!["192.0.2.1", "192.0.2.2"], "192.0.2.2"),
        (vec!["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        (vec!["192.0.2.1, garbage, 10.2.2.2"], "10.2.2.2"),
        (vec!["garbage"], "10.0.0.5"),
        (vec!["2001:db8::7"], "2001:db8::7"),
        (vec!["::ffff:192.0.2.1"], "192.0.2.1"),
    ] {
        let caller = lists.iter().fold(proxy.clone(), |caller, list| {
            caller.with("x-forwarded-for", list)
        });
        assert_eq!(recorded(&app, &caller).await, expected, "{lists:?}");
    }
    let mapped = app
        .stranger()
        .at("::ffff:10.0.0.5")
        .with("x-forwarded-for", "192.0.2.9");
    assert_eq!(recorded(&app, &mapped).await, "192.0.2.9");
}

#[tokio::test]
async fn clients_of_one_proxy_have_a_bucket_each() {
    let app = TestApp::with(&[ON, PROXIES, ("CREDIT_RISK_ANONYMOUS_RATE_LIMIT", "1/hour")]);
    let behind = |client: &str| {
        let proxy = app.stranger().at("10.0.0.5");
        proxy.with("x-forwarded-for", client)
    };
    assert_eq!(behind("192.0.2.1").get("/models").await.status, 401);
    assert_eq!(behind("192.0.2.1").get("/models").await.status, 429);
    assert_eq!(behind("192.0.2.2").get("/models").await.status, 401);
    // What a client writes itself stands to the left and buys nothing.
    let forged = behind("203.0.113.99, 192.0.2.1");
    assert_eq!(forged.get("/models").await.status, 429);
}

#[tokio::test]
async fn wrong_keys_are_throttled_and_recorded_on_the_metrics_page_too() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_FAILED_AUTH_RATE_LIMIT", "2/hour"),
    ]);
    let guesser = app.bearer("a-guess-of-sixteen-characters");
    guesser.get("/metrics").await.problem(401, "UNAUTHORIZED");
    guesser.get("/metrics").await.problem(401, "UNAUTHORIZED");
    let refused = guesser.get("/metrics").await;
    refused.problem(429, "RATE_LIMIT_EXCEEDED");
    let failures = app
        .events()
        .into_iter()
        .filter(|event| event == "auth_failure");
    assert_eq!(failures.count(), 3);
}
