//! Requests that cannot be scored.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    Reply, TestApp,
    loans::{Book, german_applications},
};

const CANARY: &str = "canary-0c1e";

/// Posts `applications`, given as JSON text, to a model of the sound book.
async fn post(applications: &str) -> Reply {
    let app = TestApp::start();
    let admin = app.admin();
    let trained = Book::sound().train(&admin).await.ok();
    let body = format!(
        "{{\"model_id\":{},\"applications\":{applications}}}",
        trained["model_id"]
    );
    admin.post_text("/predict", "application/json", body).await
}

#[tokio::test]
async fn every_fault_of_every_application_is_listed() {
    let reply = post(
        r#"[
            {"amount": 1000, "age": 30, "grade": "A"},
            {"age": 30, "grade": "A"},
            {"amount": 1000, "age": 30, "grade": "A", "canary-name": "canary-0c1e"},
            {"amount": "canary-0c1e", "age": true, "grade": ["canary-0c1e"]},
            {"amount": 1000, "age": 30, "grade": "A", "amount": 2000},
            "canary-0c1e",
            {"amount": null, "age": {"canary-0c1e": 1}, "a/b~c": 1},
            []
        ]"#,
    )
    .await;
    assert_eq!(
        reply.pointers(),
        [
            "#/applications/1/amount",
            "#/applications/2/canary-name",
            "#/applications/3/amount",
            "#/applications/3/age",
            "#/applications/3/grade",
            "#/applications/4/amount",
            "#/applications/5",
            "#/applications/6/age",
            "#/applications/6/a~1b~0c",
            "#/applications/6/amount",
            "#/applications/6/grade",
            "#/applications/7",
        ]
    );
    assert!(!reply.text().contains(CANARY), "{}", reply.text());
    let faults = reply.faults();
    let detail = |index: usize| faults[index]["detail"].as_str().unwrap();
    assert_eq!(detail(0), "a value is required");
    assert_eq!(detail(1), "the model knows no characteristic of this name");
    assert_eq!(detail(2), "expected a number");
    assert_eq!(detail(4), "expected a text");
    assert_eq!(detail(5), "the member occurs twice");
    assert_eq!(
        faults[8]["loc"],
        json!(["body", "applications", 6, "a/b~c"])
    );
}

#[tokio::test]
async fn numbers_too_large_for_a_double_are_refused() {
    let reply = post(r#"[{"amount": 1e999, "age": 30, "grade": "A"}]"#).await;
    assert_eq!(reply.status, 422, "{}", reply.text());
}

#[tokio::test]
async fn nothing_is_scored_when_one_application_is_at_fault() {
    let app = TestApp::start();
    let model = app.german().await;
    let mut rows = german_applications();
    rows.truncate(3);
    rows[1].remove("age_years").unwrap();
    let request = json!({ "model_id": model.id(), "applications": rows });
    let reply = app.admin().post_json("/predict", &request).await;
    assert_eq!(reply.pointers(), ["#/applications/1/age_years"]);
    assert!(!app.events().iter().any(|event| event == "prediction_made"));
}

#[tokio::test]
async fn faults_behind_the_door_are_the_same() {
    let app = TestApp::start();
    let model = app.german().await;
    let mut rows = german_applications();
    rows.truncate(300);
    rows[299].insert("housing".to_owned(), json!(1));
    rows[299].remove("age_years").unwrap();
    let request = json!({ "model_id": model.id(), "applications": rows });
    assert!(request.to_string().len() > 100_000);
    let reply = app.admin().post_json("/predict", &request).await;
    assert_eq!(reply.pointers(), ["#/applications/299/age_years"]);
}

#[tokio::test]
async fn the_envelope_is_checked_as_a_whole() {
    let app = TestApp::start();
    let admin = app.admin();
    let post = async |request: Value| admin.post_json("/predict", &request).await;
    let both = post(json!({ "model_id": "m", "applications": [], "threshold": 1.5 })).await;
    assert_eq!(both.pointers(), ["#/applications", "#/threshold"]);
    for (request, pointer) in [
        (json!({ "model_id": 5, "applications": [{}] }), "#/model_id"),
        (
            json!({ "model_id": "m", "applications": CANARY }),
            "#/applications",
        ),
        (
            json!({ "model_id": "m", "applications": [{}], "threshold": CANARY }),
            "#/threshold",
        ),
        (
            json!({ "model_id": "m", "applications": [{}], "include_probabilities": CANARY }),
            "#/include_probabilities",
        ),
        (
            json!({ "model_id": "m", "applications": [{}], "options": CANARY }),
            "#/options",
        ),
    ] {
        let reply = post(request).await;
        assert_eq!(reply.pointers(), [pointer], "{}", reply.text());
        assert!(!reply.text().contains(CANARY), "{}", reply.text());
    }
    let missing = post(json!({ "model_id": "m" })).await;
    assert_eq!(missing.fault()["detail"], "missing field `applications`");
    let twice = r#"{"model_id":"m","model_id":"m","applications":[{}]}"#;
    let reply = admin.post_text("/predict", "application/json", twice).await;
    assert_eq!(reply.fault()["detail"], "duplicate field `model_id`");
}

#[tokio::test]
async fn thresholds_outside_zero_to_one_are_refused() {
    let app = TestApp::start();
    for threshold in [-0.000_1, 1.000_1] {
        let request = json!({
            "model_id": "m",
            "applications": [{}],
            "threshold": threshold,
        });
        let reply = app.admin().post_json("/predict", &request).await;
        assert_eq!(reply.pointers(), ["#/threshold"]);
    }
}

#[tokio::test]
async fn more_applications_than_allowed_are_refused() {
    let app = TestApp::with(&[("CREDIT_RISK_MAX_APPLICATIONS", "2")]);
    let model = app.german().await;
    let rows = german_applications();
    let post = async |count: usize| {
        let request = json!({ "model_id": model.id(), "applications": &rows[..count] });
        app.admin().post_json("/predict", &request).await
    };
    assert_eq!(post(2).await.status, 200);
    let fault = post(3).await.fault();
    assert_eq!(fault["pointer"], "#/applications");
    assert_eq!(fault["detail"], "expected 1 to 2 applications");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_not_found() {
    let app = TestApp::start();
    let clerk = app.key_with(&[Scope::ModelPredict]);
    let request = json!({ "model_id": "no_such-model", "applications": [{}] });
    let problem = clerk.post_json("/predict", &request).await;
    let problem = problem.problem(404, "MODEL_NOT_FOUND");
    assert_eq!(problem["detail"], "Model not found: no_such-model");
    assert_eq!(problem["title"], "Not Found");
}

#[tokio::test]
async fn ids_that_are_paths_are_the_ids_of_no_model() {
    let app = TestApp::start();
    let model = app.german().await;
    let admin = app.admin();
    for id in [
        "../../etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "a\u{0}b",
        "\u{fc}ber",
        &format!("../models/{}", model.id()),
        &format!("{}.model", model.id()),
        &"m".repeat(129),
    ] {
        let request = json!({ "model_id": id, "applications": [{}] });
        let reply = admin.post_json("/predict", &request).await;
        reply.problem(404, "MODEL_NOT_FOUND");
    }
    for path in [
        "/models/..%2f..%2fetc%2fpasswd",
        "/models/%2e%2e",
        "/models/a%00b",
        "/models/%FF",
        "/models/..%2f..%2fetc%2fpasswd/results",
    ] {
        let reply = admin.get(path).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
        reply.problem(404, "MODEL_NOT_FOUND");
    }
}
