//! The trail of requests: each event once, with its fields, before the answer.

use std::sync::Arc;

use credit_risk::access::Scope;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    TestApp, event,
    loans::{Book, german_applications, plan, plan_with},
    new_key,
};

/// Asserts what every line of a request by the key `batch` says.
fn assert_context(line: &Value, method: &str, route: &str, status: u16) {
    assert_eq!(line["user"], "batch", "{line}");
    assert_eq!(line["actor"], "batch");
    assert_eq!(line["ip"], "203.0.113.7");
    assert_eq!(line["method"], method);
    assert_eq!(line["route"], route);
    assert_eq!(line["status"], status);
    assert_eq!(line["timestamp"], "2026-02-02T10:00:00.000000Z");
    assert!(line["event_id"].as_str().unwrap().starts_with("evt_"));
    assert!(line["key_id"].as_str().unwrap().starts_with("key_"));
    assert!(line["duration_ms"].as_f64().unwrap() >= 0.0);
}

#[tokio::test]
async fn a_training_is_announced_then_completed_and_persisted() {
    let app = TestApp::start();
    let batch = app
        .key("name=batch;scopes=model:write")
        .with("x-request-id", "r-1");
    let result = batch.post_json("/train", &plan()).await.ok();
    assert_eq!(
        app.events(),
        [
            "training_started",
            "auth_success",
            "training_completed",
            "model_persisted"
        ]
    );
    let lines = app.audit_lines();
    assert!(lines.iter().all(|line| line["request_id"] == "r-1"));
    let mut ids: Vec<&str> = lines
        .iter()
        .map(|l| l["event_id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 4);

    let started = &lines[0];
    assert_eq!(started["config"], result["training_config"]);
    assert_eq!(started["dataset_hash"], result["data"]["digest"]);
    assert_eq!(started["user"], "batch");
    assert!(started.get("status").is_none(), "it has no outcome yet");

    let hash = lines[1]["api_key_hash"].as_str().unwrap();
    assert_eq!(hash.len(), 16);
    assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_context(&lines[1], "POST", "/train", 200);

    let completed = &lines[2];
    assert_context(completed, "POST", "/train", 200);
    assert_eq!(completed["outcome"], "success");
    assert_eq!(completed["model_id"], result["model_id"]);
    assert_eq!(
        completed["metrics"]["roc_auc"],
        result["metrics"]["roc_auc"]
    );
    assert_eq!(
        completed["metrics"]["accuracy"],
        result["metrics"]["accuracy"]
    );
    assert_eq!(completed["duration"], result["training_time_seconds"]);
    assert_eq!(completed["duration_seconds"], completed["duration"]);

    let persisted = &lines[3];
    assert_eq!(persisted["model_id"], result["model_id"]);
    let id = result["model_id"].as_str().unwrap();
    assert_eq!(persisted["path"], format!("{id}.model"));
    assert_eq!(persisted["sha256"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_training_on_bad_data_is_recorded_as_failed() {
    let app = TestApp::start();
    let batch = app.key("name=batch;scopes=model:write");
    let book = Book::sound().cell(3, "amount", "canary-31");
    book.train(&batch).await.fault();
    assert_eq!(
        app.events(),
        ["training_started", "auth_success", "training_failed"]
    );
    let failed = app.only("training_failed");
    assert_context(&failed, "POST", "/train", 422);
    assert_eq!(failed["outcome"], "failure");
    assert_eq!(failed["config"]["model_type"], "logistic_regression");
    let error = failed["error"].as_str().unwrap();
    assert!(error.starts_with("VALIDATION_ERROR: "), "{error}");
    assert!(error.contains("line 5, column \"amount\""), "{error}");
    let trail = json!(app.audit_lines()).to_string();
    assert!(
        !trail.contains("canary"),
        "no applicant's data in the trail"
    );
}

#[tokio::test]
async fn a_plan_that_cannot_run_is_neither_announced_nor_failed() {
    let app = TestApp::start();
    let batch = app.key("name=batch;scopes=model:write");
    let plan = plan_with(json!({ "cv_folds": 1 }));
    batch.post_json("/train", &plan).await.fault();
    assert_eq!(app.events(), ["auth_success"]);
    assert_context(&app.only("auth_success"), "POST", "/train", 422);
}

#[tokio::test]
async fn a_prediction_is_counted_and_a_cold_model_is_recorded_once() {
    let app = TestApp::start();
    let model = app.german().await;
    let batch = app.key("name=batch;scopes=model:predict");
    let request = json!({
        "model_id": model.id(),
        "applications": &german_applications()[..7],
        "threshold": 0.25,
    });
    let reply = batch.post_json("/predict", &request).await.ok();
    assert_eq!(
        app.events(),
        ["auth_success", "model_loaded", "prediction_made"]
    );
    let loaded = app.only("model_loaded");
    assert_context(&loaded, "POST", "/predict", 200);
    assert_eq!(loaded["model_id"], model.id());
    assert_eq!(loaded["source"], "filesystem");
    let made = app.only("prediction_made");
    assert_context(&made, "POST", "/predict", 200);
    assert_eq!(made["model_id"], model.id());
    assert_eq!(made["n_samples"], 7);
    assert_eq!(made["threshold"], 0.25);
    assert_eq!(made["predicted_defaults"], reply["predicted_defaults"]);
    let line = made.to_string();
    assert!(!line.contains("checking_status") && !line.contains("own"));

    batch.post_json("/predict", &request).await.ok();
    app.only("model_loaded");
}

#[tokio::test]
async fn persisting_and_deleting_are_recorded() {
    let app = TestApp::start();
    let model = app.german().await;
    let batch = app.key("name=batch;scopes=model:write");
    let path = format!("/models/{}", model.id());
    batch.post(&format!("{path}/persist")).await.ok();
    let persisted = app.only("model_persisted");
    assert_context(&persisted, "POST", "/models/{model_id}/persist", 200);
    assert_eq!(persisted["path"], format!("{}.model", model.id()));
    assert_eq!(batch.delete(&path).await.status, 204);
    let deleted = app.only("model_deleted");
    assert_context(&deleted, "DELETE", "/models/{model_id}", 204);
    assert_eq!(deleted["model_id"], model.id());
}

#[tokio::test]
async fn refused_credentials_are_recorded_with_their_reason_and_no_key() {
    let app = TestApp::start();
    let stranger = app.stranger();
    let (one, other) = (new_key(), new_key());
    let bearer = |key: &str| format!("Bearer {key}");
    for (caller, reason, prefix) in [
        (stranger.clone(), "missing_key", "***"),
        (app.bearer(&one), "unknown_key", "crk_test"),
        (app.bearer("my-own-secret-password"), "unknown_key", "***"),
        (
            stranger
                .with("x-api-key", &one)
                .with("authorization", &bearer(&other)),
            "contradictory_credentials",
            "***",
        ),
        (
            stranger.with("authorization", "Basic dXNlcjpwYXNz"),
            "unsupported_scheme",
            "***",
        ),
        (
            stranger.with("x-api-key", "k\u{e9}y"),
            "malformed_credential",
            "***",
        ),
    ] {
        caller.get("/models").await.problem(401, "UNAUTHORIZED");
        let line = app.audit_lines().pop().unwrap();
        assert_eq!(event(&line), "auth_failure");
        assert_eq!(line["reason"], reason);
        let shown = line["attempted_key_prefix"].as_str().unwrap();
        assert!(shown.starts_with(prefix) && shown.len() <= 9, "{shown}");
        assert_eq!(line["ip"], "203.0.113.7");
        assert_eq!(
            (&line["status"], &line["outcome"]),
            (&json!(401), &json!("failure"))
        );
        assert!(line.get("key_id").is_none(), "{line}");
    }
    assert_eq!(app.audit_lines().len(), 6, "one line each");
    let trail = json!(app.audit_lines()).to_string();
    for secret in [&one[9..], &other[9..], "password", "dXNlcjpwYXNz"] {
        assert!(!trail.contains(secret));
    }
}

#[tokio::test]
async fn a_missing_scope_is_recorded() {
    let app = TestApp::start();
    let batch = app.key("name=batch;scopes=model:predict");
    batch.delete("/models/m").await.problem(403, "FORBIDDEN");
    assert_eq!(app.events(), ["auth_success", "authz_denied"]);
    let denied = app.only("authz_denied");
    assert_context(&denied, "DELETE", "/models/{model_id}", 403);
    assert_eq!(denied["required_scope"], "model:write");
    assert_eq!(denied["outcome"], "failure");
}

#[tokio::test]
async fn a_limit_that_was_met_is_recorded() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_RATE_LIMIT_ENABLED", "true"),
        ("CREDIT_RISK_PREDICT_RATE_LIMIT", "1/minute"),
    ]);
    let batch = app.key("name=batch;scopes=model:predict");
    for _ in 0..2 {
        batch.post_json("/predict", &json!({})).await;
    }
    assert_eq!(
        app.events(),
        ["auth_success", "auth_success", "rate_limited"]
    );
    let limited = app.only("rate_limited");
    assert_context(&limited, "POST", "/predict", 429);
    assert_eq!(limited["policy"], "predict");
    assert_eq!(limited["limit"], "1/minute");
}

#[tokio::test]
async fn paths_nobody_has_are_recorded_without_their_text() {
    let app = TestApp::start();
    app.stranger().get("/canary-path?canary=1").await;
    let line = app.only("request_completed");
    assert_eq!(
        (&line["route"], &line["status"]),
        (&json!("unmatched"), &json!(404))
    );
    assert!(!line.to_string().contains("canary"));
}

#[tokio::test]
async fn probes_and_metrics_leave_no_records() {
    let app = TestApp::start();
    for path in ["/", "/health", "/live", "/ready", "/docs", "/openapi.json"] {
        app.stranger().get(path).await;
    }
    app.key_with(&[Scope::MetricsRead]).get("/metrics").await;
    assert_eq!(app.events(), Vec::<String>::new());
}

#[tokio::test]
async fn a_client_that_leaves_during_a_training_is_recorded_and_the_training_too() {
    let app = TestApp::with(&[("CREDIT_RISK_TRAINING_WORKERS", "1")]);
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let door = app.state().compute.training.clone();
    let holder = tokio::spawn(async move { door.run(move || hold.recv().is_err()).await });
    tokio::task::yield_now().await;
    let batch = app.key("name=batch;scopes=model:write");
    let begun = async {
        while !app.events().iter().any(|event| event == "training_started") {
            tokio::task::yield_now().await;
        }
    };
    let plan = plan();
    tokio::select! {
        reply = batch.post_json("/train", &plan) => panic!("{reply:?}"),
        () = begun => {}
    }
    drop(release);
    holder.await.unwrap().unwrap();
    drop(batch);
    let lines = app.stop();
    let events: Vec<String> = lines.iter().map(event).collect();
    assert_eq!(
        events,
        [
            "training_started",
            "auth_success",
            "training_failed",
            "request_abandoned"
        ]
    );
    assert!(lines[2]["error"].as_str().unwrap().starts_with("CANCELLED"));
    assert!(lines[1..].iter().all(|line| line["outcome"] == "abandoned"));
}

#[tokio::test]
async fn without_a_trail_nothing_is_answered() {
    let folder = Arc::new(TempDir::new().unwrap());
    let full = folder.path().join("audit.jsonl");
    std::os::unix::fs::symlink("/dev/full", full).unwrap();
    let app = TestApp::in_folder(folder, &[("CREDIT_RISK_AUDIT_FSYNC", "always")]);
    let model = app.german().await;
    let admin = app.admin();
    for reply in [
        admin.get("/models").await,
        admin.get(&format!("/models/{}", model.id())).await,
        admin.post("/auth/verify").await,
        admin.post_json("/train", &plan()).await,
        app.stranger().get("/models").await,
    ] {
        reply.problem(503, "AUDIT_UNAVAILABLE");
        assert_eq!(reply.number("retry-after"), 1);
        assert!(!reply.text().contains("roc_auc"), "{}", reply.text());
        assert!(!reply.text().contains("space"), "{}", reply.text());
    }
    let files = std::fs::read_dir(app.stored("")).unwrap();
    let models = files.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_str().unwrap().ends_with(".model")
    });
    assert_eq!(models.count(), 1, "no training ran unannounced");

    let health = app.stranger().get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(health.json()["status"], "unhealthy");
    assert_eq!(
        health.json()["checks"],
        json!({ "audit_log": "unhealthy", "model_store": "healthy" })
    );
    assert_eq!(app.stranger().get("/live").await.status, 200);
}
