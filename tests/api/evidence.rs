//! What is stored with a model and answered on its own.

use std::pin::Pin;

use credit_risk::{access::Scope, model_store::ModelId};
use serde_json::{Value, json};

use crate::support::{TestApp, replies::members};

/// Puts a copy of the bundled model into the store that has lost its evidence.
pub fn without_evidence(app: &TestApp) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let known: ModelId = app.german().await.id().parse().unwrap();
        let models = &app.state().models;
        let model = models.load(&known).await.unwrap().model;
        let body = model.credit().unwrap().body().clone();
        let results = models.metadata(&known).await.unwrap().results;
        let mut result = results.credit().unwrap().clone();
        result.evidence = None;
        result.model_id = "without_evidence".to_owned();
        let id: ModelId = result.model_id.parse().unwrap();
        models.create(id, body, result).await.unwrap();
        "without_evidence".to_owned()
    })
}

#[tokio::test]
async fn the_evidence_of_a_model_has_every_sample_and_the_figures_of_its_results() {
    let app = TestApp::start();
    let reader = app.key_with(&[Scope::ModelRead]);
    for model in [app.german().await, app.german_card().await] {
        let path = format!("/models/{}/evidence", model.id());
        let evidence = reader.get(&path).await.ok();
        let expected = [
            "train",
            "out_of_fold",
            "test",
            "out_of_time",
            "test_stability",
            "out_of_time_stability",
        ];
        assert_eq!(members(&evidence), expected.into());
        let test = &evidence["test"];
        let metrics = &model.result["metrics"];
        assert_eq!(test["discrimination"]["auc"]["value"], metrics["roc_auc"]);
        assert_eq!(test["brier"]["value"], metrics["brier_score"]);
        assert_eq!(
            test["decisions"]["true_positives"],
            metrics["confusion_matrix"]["true_positives"]
        );
        assert_eq!(
            evidence["train"]["rows"],
            model.result["data"]["train_rows"]
        );
        assert_eq!(evidence["out_of_time"], Value::Null);
    }
}

#[tokio::test]
async fn a_model_that_was_stored_without_evidence_says_so() {
    let app = TestApp::start();
    let id = without_evidence(&app).await;
    let admin = app.admin();
    for path in ["evidence", "charts/roc", "charts/strategy"] {
        let reply = admin.get(&format!("/models/{id}/{path}")).await;
        let problem = reply.problem(404, "NOT_FOUND");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("without evidence"), "{detail}");
    }
    let charts = admin.get(&format!("/models/{id}/charts")).await.ok();
    assert_eq!(charts["charts"], json!([]));
}

#[tokio::test]
async fn nothing_is_told_of_a_model_that_is_not_there() {
    let app = TestApp::start();
    let admin = app.admin();
    for path in [
        "evidence",
        "scorecard",
        "scorecard?format=csv",
        "charts",
        "charts/roc",
        "charts/woe?characteristic=age",
        "charts/no-such-chart",
    ] {
        let reply = admin.get(&format!("/models/nobody/{path}")).await;
        let problem = reply.problem(404, "MODEL_NOT_FOUND");
        assert_eq!(problem["detail"], "Model not found: nobody", "{path}");
    }
}

#[tokio::test]
async fn a_query_parameter_that_nobody_knows_is_refused_and_not_repeated() {
    let app = TestApp::start();
    let id = app.german().await.id();
    let admin = app.admin();
    for path in ["evidence", "scorecard", "charts", "charts/roc"] {
        let reply = admin.get(&format!("/models/{id}/{path}?canary=77")).await;
        reply.fault();
        assert!(!reply.text().contains("canary"), "{}", reply.text());
    }
}
