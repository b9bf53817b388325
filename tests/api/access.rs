//! Who may call what: the route table, row by row.

use axum::{body::Body, http::Method};
use credit_risk::{
    access::Scope,
    http::routes::{Access, ROWS, Row},
};
use serde_json::json;

use crate::support::{Caller, Reply, TestApp};

/// A path that fits the row's pattern.
fn path(row: &Row) -> String {
    let path = row.path.replace("{model_id}", "no_such_model");
    path.replace("{file}", "index.html")
}

async fn call(caller: &Caller, row: &Row, path: &str) -> Reply {
    let body = match row.method {
        Method::POST => Body::from("{}"),
        _ => Body::empty(),
    };
    caller
        .send(row.method.clone(), path, "application/json", body)
        .await
}

fn guarded() -> impl Iterator<Item = (&'static Row, Scope)> {
    ROWS.iter().filter_map(|row| match row.access {
        Access::Scope(scope) => Some((row, scope)),
        Access::Public => None,
    })
}

#[tokio::test]
async fn a_stranger_is_refused_on_every_guarded_row() {
    let app = TestApp::start();
    for (row, _) in guarded() {
        let reply = call(&app.stranger(), row, &path(row)).await;
        let problem = reply.problem(401, "UNAUTHORIZED");
        assert_eq!(problem["detail"], "Missing API key", "{row:?}");
        assert_eq!(problem["instance"], path(row));
        assert_eq!(
            reply.header("www-authenticate"),
            Some("Bearer realm=\"credit-risk\", ApiKey header=\"X-API-Key\""),
            "{row:?}"
        );
    }
}

#[tokio::test]
async fn every_scope_but_the_right_one_is_refused_on_every_guarded_row() {
    let app = TestApp::start();
    for (row, required) in guarded() {
        let others: Vec<Scope> = Scope::ALL
            .into_iter()
            .filter(|scope| *scope != required && *scope != Scope::Admin)
            .collect();
        let reply = call(&app.key_with(&others), row, &path(row)).await;
        let problem = reply.problem(403, "FORBIDDEN");
        assert_eq!(problem["required_scope"], required.as_str(), "{row:?}");
        assert_eq!(problem["current_scopes"], json!(others), "{row:?}");
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"insufficient_scope\""));
    }
}

#[tokio::test]
async fn the_right_scope_alone_opens_every_guarded_row() {
    let app = TestApp::start();
    for (row, required) in guarded() {
        let reply = call(&app.key_with(&[required]), row, &path(row)).await;
        assert!(![401, 403].contains(&reply.status), "{row:?} {reply:?}");
    }
}

#[tokio::test]
async fn admin_opens_every_guarded_row() {
    let app = TestApp::start();
    let admin = app.admin();
    for (row, _) in guarded() {
        let reply = call(&admin, row, &path(row)).await;
        assert!(![401, 403].contains(&reply.status), "{row:?} {reply:?}");
    }
}

#[tokio::test]
async fn public_rows_are_open_to_strangers() {
    let app = TestApp::start();
    for row in ROWS.iter().filter(|row| row.access == Access::Public) {
        let reply = call(&app.stranger(), row, &path(row)).await;
        // Checking a key takes a key, of whatever scope.
        let expected = match row.path {
            "/auth/verify" => 401,
            "/docs" => 308,
            _ => 200,
        };
        assert_eq!(reply.status, expected, "{row:?}");
    }
}

#[tokio::test]
async fn a_key_without_any_right_to_models_can_still_be_verified() {
    let app = TestApp::start();
    let reply = app.key("name=probe;scopes=audit:read;tier=standard");
    let verified = reply.post("/auth/verify").await.ok();
    assert_eq!(verified["status"], "valid");
    assert_eq!(verified["message"], "API key is valid");
    assert_eq!(verified["name"], "probe");
    assert_eq!(verified["scopes"], json!(["audit:read"]));
    assert_eq!(verified["tier"], "standard");
}

#[tokio::test]
async fn a_path_that_begins_like_a_public_one_is_not_public() {
    let app = TestApp::start();
    for path in ["/healthz-secret", "/health/secret", "/docs/../models", "/x"] {
        let problem = app.stranger().get(path).await.problem(404, "NOT_FOUND");
        assert_eq!(problem["detail"], "No route has this path", "{path}");
    }
}

#[tokio::test]
async fn a_method_that_no_row_has_is_405_and_names_those_it_has() {
    let app = TestApp::start();
    for (path, allowed) in [
        ("/train", vec!["POST"]),
        ("/models", vec!["GET", "HEAD"]),
        ("/models/m", vec!["DELETE", "GET", "HEAD"]),
        ("/health/", vec!["GET", "HEAD"]),
    ] {
        let reply = app
            .stranger()
            .send(Method::PATCH, path, "", Body::empty())
            .await;
        reply.problem(405, "METHOD_NOT_ALLOWED");
        let allow = reply.header("allow").unwrap_or_default();
        let mut methods: Vec<&str> = allow.split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods, allowed, "{path}");
    }
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    let app = TestApp::start();
    let admin = app.admin();
    for row in ROWS.iter().filter(|row| row.path != "/") {
        let (bare, slash) = (path(row), format!("{}/", path(row)));
        for caller in [&app.stranger(), &admin] {
            let (one, other) = (
                call(caller, row, &bare).await,
                call(caller, row, &slash).await,
            );
            assert_eq!(one.status, other.status, "{row:?}");
            assert_eq!(
                one.header("content-type"),
                other.header("content-type"),
                "{row:?}"
            );
            if row.path != "/metrics" && one.status == 200 {
                assert_eq!(one.body, other.body, "{row:?}");
            }
        }
    }
}

#[tokio::test]
async fn two_methods_of_one_path_demand_different_scopes() {
    let app = TestApp::start();
    let reader = app.key_with(&[Scope::ModelRead]);
    let writer = app.key_with(&[Scope::ModelWrite]);
    reader
        .get("/models/m")
        .await
        .problem(404, "MODEL_NOT_FOUND");
    writer
        .delete("/models/m")
        .await
        .problem(404, "MODEL_NOT_FOUND");
    let refused = reader.delete("/models/m").await.problem(403, "FORBIDDEN");
    assert_eq!(refused["required_scope"], "model:write");
    let refused = writer.get("/models/m").await.problem(403, "FORBIDDEN");
    assert_eq!(refused["required_scope"], "model:read");
}

#[tokio::test]
async fn a_head_request_needs_what_the_get_needs() {
    let app = TestApp::start();
    let head = |caller: Caller| async move {
        caller
            .send(Method::HEAD, "/models", "", Body::empty())
            .await
            .status
    };
    assert_eq!(head(app.stranger()).await, 401);
    assert_eq!(head(app.key_with(&[Scope::ModelPredict])).await, 403);
    assert_eq!(head(app.key_with(&[Scope::ModelRead])).await, 200);
}

#[tokio::test]
async fn public_paths_reopen_exactly_the_path_they_name() {
    let app = TestApp::with(&[("CREDIT_RISK_PUBLIC_PATHS", "/models")]);
    let stranger = app.stranger();
    assert_eq!(stranger.get("/models").await.ok(), json!([]));
    assert_eq!(stranger.get("/models/").await.ok(), json!([]));
    for path in ["/models/m", "/models/m/results", "/metrics"] {
        stranger.get(path).await.problem(401, "UNAUTHORIZED");
    }
    let denied = stranger.post_json("/train", &json!({})).await;
    denied.problem(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_public_path_stays_guarded_against_changes() {
    let app = TestApp::with(&[("CREDIT_RISK_PUBLIC_PATHS", "/models/{model_id}")]);
    let stranger = app.stranger();
    stranger
        .get("/models/m")
        .await
        .problem(404, "MODEL_NOT_FOUND");
    stranger
        .delete("/models/m")
        .await
        .problem(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_predict_key_can_neither_train_nor_delete() {
    let app = TestApp::start();
    let model = app.german().await;
    let clerk = app.key_with(&[Scope::ModelPredict]);
    let plan = crate::support::loans::plan();
    clerk
        .post_json("/train", &plan)
        .await
        .problem(403, "FORBIDDEN");
    let path = format!("/models/{}", model.id());
    clerk.delete(&path).await.problem(403, "FORBIDDEN");
    assert!(app.stored(&format!("{}.model", model.id())).exists());
    let persist = clerk.post(&format!("{path}/persist")).await;
    persist.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_key_is_taken_from_either_header_and_either_scheme() {
    let app = TestApp::start();
    let key = app.key_with(&[Scope::ModelRead]).key().to_owned();
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer   {key}")),
        ("authorization", format!("ApiKey {key}")),
        ("x-api-key", key.clone()),
    ] {
        let reply = app.stranger().with(name, &value).get("/models").await;
        assert_eq!(reply.status, 200, "{name}");
    }
}

#[tokio::test]
async fn credentials_that_are_none_are_refused() {
    let app = TestApp::start();
    let key = app.key_with(&[Scope::ModelRead]).key().to_owned();
    let other = app.key_with(&[Scope::ModelRead]).key().to_owned();
    let stranger = app.stranger();
    for caller in [
        stranger.with("authorization", &key),
        stranger.with("authorization", "Basic dXNlcjpwYXNz"),
        stranger.with("authorization", &format!("Bearer {}x", &key)),
        stranger
            .with("x-api-key", &other)
            .with("authorization", &format!("Bearer {key}")),
        stranger.with("x-api-key", ""),
        stranger.with("x-api-key", "k\u{e9}y"),
    ] {
        let reply = caller.get("/models").await;
        assert_eq!(
            reply.problem(401, "UNAUTHORIZED")["detail"],
            "Invalid API key"
        );
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    let in_query = stranger.get(&format!("/models?api_key={key}")).await;
    assert_eq!(
        in_query.problem(401, "UNAUTHORIZED")["detail"],
        "Missing API key"
    );
    let same = stranger
        .with("x-api-key", &key)
        .with("authorization", &format!("Bearer {key}"));
    assert_eq!(same.get("/models").await.status, 200);
}
