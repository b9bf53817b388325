//! Forests and boosted trees over HTTP: trained, kept, explained and told like every other model.

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{german_applications, plan_with},
    replies::number,
};

/// A quick plan of a kind on the bundled data.
fn plan(kind: &str) -> Value {
    let mut members = json!({ "model_type": kind, "evidence": { "replicates": 0 } });
    let (field, settings) = if kind == "random_forest" {
        ("forest", json!({ "trees": 15, "min_leaf_rows": 5 }))
    } else {
        let settings = json!({ "rounds": 25, "learning_rate": 0.2, "stopping": "never" });
        ("boosting", settings)
    };
    members[field] = settings;
    plan_with(members)
}

#[tokio::test]
async fn trees_are_trained_scored_and_explained_like_other_models() {
    let app = TestApp::start();
    let admin = app.admin();
    for kind in ["xgboost", "gradient_boosting", "random_forest"] {
        let result = admin.post_json("/train", &plan(kind)).await.ok();
        assert_eq!(result["model_type"], kind);
        assert!(number(&result["metrics"]["roc_auc"]) > 0.7);
        assert_eq!(result["intercept"], Value::Null);
        assert_eq!(result["coefficients"], json!([]));
        let id = result["model_id"].as_str().unwrap();
        assert!(id.starts_with(kind));
        let request = json!({
            "model_id": id,
            "applications": german_applications()[..20],
            "include_contributions": true
        });
        let answer = admin.post_json("/predict", &request).await.ok();
        let base = number(&answer["base_log_odds"]);
        for prediction in answer["predictions"].as_array().unwrap() {
            let contributions = prediction["contributions"].as_object().unwrap();
            let sum: f64 = contributions.values().map(number).sum();
            let log_odds = number(&prediction["log_odds"]);
            assert!((base + sum - log_odds).abs() < 1e-9);
            let reasons = prediction["reasons"].as_array().unwrap();
            assert!(reasons.len() <= 4);
            let named: f64 = reasons.iter().map(|it| number(&it["contribution"])).sum();
            let other = number(&prediction["other_contributions"]);
            assert!((base + named + other - log_odds).abs() < 1e-9);
            assert_eq!(prediction["score"], Value::Null);
        }
        let card = admin.get(&format!("/models/{id}/card")).await.ok();
        assert_eq!(card["trees"], result["trees"]);
        let page = admin
            .get(&format!("/models/{id}/card?format=markdown"))
            .await;
        assert_eq!(page.status, 200);
        for text in [
            "Importance",
            "Shapley values",
            "Trees have no table of points",
        ] {
            assert!(page.text().contains(text), "{text}");
        }
    }
}

#[tokio::test]
async fn what_only_scorecards_have_is_not_there_for_trees() {
    let app = TestApp::start();
    let admin = app.admin();
    let result = admin.post_json("/train", &plan("xgboost")).await.ok();
    let id = result["model_id"].as_str().unwrap();
    let reply = admin.get(&format!("/models/{id}/scorecard")).await;
    assert_eq!(reply.status, 404);
    for chart in ["roc", "ks", "calibration"] {
        let reply = admin.get(&format!("/models/{id}/charts/{chart}")).await;
        assert_eq!(reply.status, 200, "{chart}");
    }
    let reply = admin
        .get(&format!("/models/{id}/charts/woe?characteristic=age_years"))
        .await;
    assert_eq!(reply.status, 404);
}
