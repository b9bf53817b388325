//! Linear regressions over HTTP: trained, kept, asked for numbers, and refused what is of default.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{TestApp, replies::number};

/// Eight weeks of weather and cases of a disease.
fn weather() -> Value {
    json!({
        "model_type": "linear_regression",
        "target": "disease_cases",
        "test_size": 0,
        "columns": ["rainfall", "mean_temperature", "disease_cases"],
        "data": [
            [100.5, 25.3, 12], [85.2, 27.1, 8], [120.8, 24.5, 15], [95.3, 26.2, 10],
            [110.0, 26.0, 13], [75.5, 28.0, 6], [130.2, 23.8, 18], [88.9, 27.5, 9]
        ]
    })
}

async fn trained(app: &TestApp) -> Value {
    app.admin().post_json("/train", &weather()).await.ok()
}

fn ahead(model: &Value) -> Value {
    let week = |rainfall: f64, temperature: f64| json!({ "rainfall": rainfall, "mean_temperature": temperature });
    json!({
        "model_id": model["model_id"],
        "applications": [
            week(110.0, 26.0), week(90.0, 28.0), week(125.0, 24.0), week(80.0, 29.0)
        ]
    })
}

/// The only line of the trail about such an event.
fn recorded(app: &TestApp, event: &str) -> Value {
    let mut lines = app.audit_lines();
    lines.retain(|line| line["event"] == event);
    assert_eq!(lines.len(), 1, "{event}");
    lines.remove(0)
}

#[tokio::test]
async fn the_numbers_of_weeks_ahead_are_those_of_statsmodels() {
    let app = TestApp::start();
    let model = trained(&app).await;
    let fixture = include_str!("../fixtures/least_squares.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let expected = &fixture["cases"][1];
    let mut request = ahead(&model);
    request["interval_level"] = expected["level"].clone();
    request["include_contributions"] = json!(true);
    let answer = app.admin().post_json("/predict", &request).await.ok();
    assert_eq!(answer["model_type"], "linear_regression");
    assert_eq!(answer["target"], "disease_cases");
    assert_eq!(answer["total_applications"], 4);
    let predictions = answer["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 4);
    for (at, found) in predictions.iter().enumerate() {
        let close = |found: &Value, expected: &Value| {
            let (found, expected) = (number(found), number(expected));
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{found} for {expected}"
            );
        };
        close(&found["prediction"], &expected["mean"][at]);
        close(&found["std_error"], &expected["mean_error"][at]);
        for end in 0..2 {
            close(
                &found["confidence_interval"][end],
                &expected["confidence"][at][end],
            );
            close(
                &found["prediction_interval"][end],
                &expected["prediction"][at][end],
            );
        }
        let contributions = found["contributions"].as_object().unwrap();
        let sum: f64 = contributions.values().map(number).sum();
        let whole = number(&answer["base"]) + sum;
        assert!((whole - number(&found["prediction"])).abs() < 1e-9);
        assert_eq!(found["application"], request["applications"][at]);
    }
    // Hotter than any week of the data.
    let flag = json!([{ "characteristic": "mean_temperature", "flag": "out_of_range" }]);
    assert_eq!(predictions[3]["flags"], flag);
}

#[tokio::test]
async fn the_result_tells_errors_coefficients_and_data() {
    let app = TestApp::start();
    let mut model = trained(&app).await;
    let id = model["model_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("linear_regression_test0_2f_"), "{id}");
    let metrics = &model["metrics"];
    assert_eq!(metrics["test"], Value::Null);
    assert!(number(&metrics["train"]["r2"]) > 0.98);
    assert_eq!(
        metrics["cross_validation"]["folds"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert_eq!(metrics["cross_validation"]["rows"], 8);
    assert!(number(&metrics["cross_validation"]["rmse"]) > number(&metrics["train"]["rmse"]));
    assert_eq!(model["statistics"]["degrees_of_freedom"], 5);
    assert_eq!(model["coefficients"][0]["feature"], "rainfall");
    let intercept = number(&model["intercept"]["coefficient_per_unit"]);
    assert!(
        (intercept - 4.088_360_290_603_9).abs() < 1e-9,
        "{intercept}"
    );
    assert_eq!(model["data"]["target_range"], json!([6.0, 18.0]));
    let admin = app.admin();
    assert_eq!(
        admin.get(&format!("/models/{id}/results")).await.ok(),
        model
    );
    let shown = admin.get(&format!("/models/{id}")).await.ok();
    assert_eq!(shown["data"], model["data"]);
    let listed = &admin.get("/models").await.ok()[0];
    for (summary, found) in [("rmse", "rmse"), ("r2", "r2")] {
        let found = model["metrics"]["cross_validation"][found].take();
        assert_eq!(listed[summary], found);
        assert_eq!(shown[summary], found);
    }
    for absent in ["threshold", "roc_auc", "accuracy"] {
        assert_eq!(listed[absent], Value::Null);
    }
}

#[tokio::test]
async fn a_number_is_no_decision_and_the_trail_says_so() {
    let app = TestApp::start();
    let model = trained(&app).await;
    let scorer = app.key_with(&[Scope::ModelPredict]);
    scorer.post_json("/predict", &ahead(&model)).await.ok();
    let made = &recorded(&app, "prediction_made");
    assert_eq!(made["model_id"], model["model_id"]);
    assert_eq!(made["n_samples"], 4);
    for absent in ["threshold", "predicted_defaults", "policy_version"] {
        assert!(made.get(absent).is_none(), "{absent}");
    }
    let completed = &recorded(&app, "training_completed");
    assert_eq!(
        completed["metrics"]["cross_validation_r2"],
        model["metrics"]["cross_validation"]["r2"]
    );
}

#[tokio::test]
async fn what_only_models_of_default_have_is_not_there() {
    let app = TestApp::start();
    let admin = app.admin();
    let model = trained(&app).await;
    let id = model["model_id"].as_str().unwrap();
    for part in ["scorecard", "evidence", "card", "charts", "charts/roc"] {
        let reply = admin.get(&format!("/models/{id}/{part}")).await;
        reply.problem(404, "NOT_FOUND");
    }
    let path = format!("/models/{id}/score");
    let reply = admin.post_text(&path, "text/csv", "rainfall\n1\n").await;
    reply.problem(404, "NOT_FOUND");
    let reply = admin
        .post_json(
            &format!("/models/{id}/refit"),
            &json!({ "characteristics": {} }),
        )
        .await;
    reply.problem(404, "NOT_FOUND");
    let other = app.german().await;
    let pair = json!({ "champion": other.id(), "challenger": id });
    admin
        .post_json("/comparisons", &pair)
        .await
        .problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_request_that_makes_no_sense_for_numbers_is_refused_at_its_place() {
    let app = TestApp::start();
    let admin = app.admin();
    let model = trained(&app).await;
    let mut request = ahead(&model);
    request["threshold"] = json!(0.5);
    request["include_probabilities"] = json!(false);
    request["applications"][1] = json!({ "rainfall": "wet" });
    let reply = admin.post_json("/predict", &request).await;
    assert_eq!(
        reply.pointers(),
        [
            "#/threshold",
            "#/include_probabilities",
            "#/applications/1/rainfall",
            "#/applications/1/mean_temperature",
        ]
    );
    for level in [0.499, 0.9991] {
        let mut request = ahead(&model);
        request["interval_level"] = json!(level);
        let reply = admin.post_json("/predict", &request).await;
        assert_eq!(reply.pointers(), ["#/interval_level"]);
    }
}

#[tokio::test]
async fn a_plan_for_a_number_may_not_ask_for_what_is_of_default() {
    let app = TestApp::start();
    let plan = json!({
        "model_type": "linear_regression",
        "test_size": 0.05,
        "event": 1,
        "undersample": true,
        "class_weight": "balanced",
        "calibration": "platt",
        "population_default_rate": 0.1,
        "decision": { "cutoff": { "rule": "fixed", "threshold": 0.3 } },
        "C": 2.0,
        "penalty": "l1",
        "missing": "accept"
    });
    let mut pointers = app.admin().post_json("/train", &plan).await.pointers();
    pointers.sort_unstable();
    pointers.dedup();
    assert_eq!(
        pointers,
        [
            "#/C",
            "#/calibration",
            "#/class_weight",
            "#/decision",
            "#/event",
            "#/missing",
            "#/penalty",
            "#/population_default_rate",
            "#/target",
            "#/test_size",
            "#/undersample",
        ]
    );
}

#[tokio::test]
async fn loans_of_a_file_give_their_amounts_with_levels_and_gaps() {
    let app = TestApp::start();
    let admin = app.admin();
    let plan = json!({
        "model_type": "linear_regression",
        "target": "credit_amount",
        "exclude": ["credit_risk"]
    });
    let model = admin.post_json("/train", &plan).await.ok();
    assert_eq!(model["data"]["train_rows"], 800);
    assert_eq!(model["metrics"]["test"]["rows"], 200);
    assert!(number(&model["metrics"]["cross_validation"]["r2"]) > 0.4);
    let events = admin.with("accept", "text/event-stream");
    let told = events.post_json("/train", &plan).await;
    assert_eq!(told.status, 200);
    assert!(
        told.text().contains("\"stage\":\"cross_validation\""),
        "{}",
        told.text()
    );
    assert!(told.text().contains("event: result"));
}
