//! Data sets that are larger than the memory of a training.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp, replies::number};

/// Some five megabytes of loans.
fn loans() -> String {
    let mut csv = "amount,age,grade,comment,default\n".to_owned();
    for row in 0..60_000_u64 {
        let dice = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let (amount, age) = (500 + dice % 9_000, 18 + dice / 7 % 60);
        let grade = ["A", "B", "C", "D"][(dice / 11 % 4) as usize];
        let risk = amount / 100 + 30 * (dice / 11 % 4) + (dice / 13) % 60;
        let default = u8::from(risk > 160 + age / 2);
        csv += &format!("{amount},{age},{grade},the loan of row number {row:>45},{default}\n");
    }
    csv
}

fn plan(members: Value) -> Value {
    let mut plan = json!({
        "model_type": "scorecard",
        "target": "default",
        "exclude": ["comment"],
        "cv_folds": 2,
        "evidence": { "replicates": 0 }
    });
    for (name, value) in members.as_object().unwrap() {
        plan[name] = value.clone();
    }
    plan
}

async fn train(app: &TestApp, accept: &str, members: Value) -> Reply {
    let admin = app.admin().with("accept", accept);
    let file = loans();
    admin
        .post_form("/train", &plan(members), file.as_bytes())
        .await
}

fn small() -> TestApp {
    TestApp::with(&[
        ("CREDIT_RISK_TRAINING_MEMORY", "16 MiB"),
        ("CREDIT_RISK_UPLOAD_MEMORY", "64 KiB"),
    ])
}

#[tokio::test]
async fn a_large_file_gives_the_coefficients_that_memory_would_have_given() {
    let expected = train(&TestApp::start(), "application/json", json!({}))
        .await
        .ok();
    assert_eq!(expected["streaming"], Value::Null);
    let app = small();
    let found = train(&app, "application/json", json!({})).await.ok();
    let summary = &found["streaming"];
    assert_eq!(summary["rows"], 60_000);
    assert!(number(&summary["sampled_rows"]) < 60_000.0);
    assert_eq!(found["data"], expected["data"]);
    assert_eq!(found["coefficients"], expected["coefficients"]);
    assert_eq!(found["intercept"], expected["intercept"]);
    let auc = |result: &Value| number(&result["metrics"]["roc_auc"]);
    assert!((auc(&found) - auc(&expected)).abs() < 0.02);
    let id = found["model_id"].as_str().unwrap();
    let application = json!({ "amount": 4000, "age": 40, "grade": "B" });
    let request = json!({ "model_id": id, "applications": [application] });
    let answer = app.admin().post_json("/predict", &request).await.ok();
    assert!(answer["predictions"][0]["score"].is_i64());
}

#[tokio::test]
async fn its_reading_is_told_like_every_other_stage() {
    let reply = train(&small(), "text/event-stream", json!({})).await;
    assert_eq!(reply.status, 200);
    let text = reply.text();
    for stage in ["reading", "binning", "fitting", "cross_validation"] {
        assert!(text.contains(&format!("\"stage\":\"{stage}\"")), "{stage}");
    }
    assert!(text.contains("event: result\n"));
}

#[tokio::test]
async fn what_only_memory_can_do_is_refused_at_its_field() {
    let app = small();
    let reply = train(
        &app,
        "application/json",
        json!({ "model_type": "random_forest" }),
    )
    .await;
    assert_eq!(reply.pointers(), ["#/model_type"]);
    let reply = train(&app, "application/json", json!({ "pairs": {} })).await;
    assert_eq!(reply.pointers(), ["#/pairs"]);
}

#[tokio::test]
async fn faults_of_the_file_have_their_places() {
    let app = small();
    let admin = app.admin();
    let mut file = loans();
    file += "1000,40\n";
    let reply = admin
        .post_form("/train", &plan(json!({})), file.as_bytes())
        .await;
    assert_eq!(reply.fault()["line"], 60_002);
}
