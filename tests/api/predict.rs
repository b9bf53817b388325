//! Scoring: the shape of an answer, and what it explains.

use std::collections::BTreeSet;

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{Book, german_applications},
    replies::{members, number},
};

/// Scores the first `count` applicants of the bundled data.
async fn score(app: &TestApp, count: usize, more: Value) -> Value {
    let model = app.german().await;
    let mut request = json!({
        "model_id": model.id(),
        "applications": &german_applications()[..count],
    });
    let Value::Object(more) = more else { panic!() };
    request.as_object_mut().unwrap().extend(more);
    let clerk = app.key_with(&[Scope::ModelPredict]);
    clerk.post_json("/predict", &request).await.ok()
}

#[tokio::test]
async fn an_answer_has_the_shape_that_clients_know() {
    let app = TestApp::start();
    let reply = score(&app, 3, json!({})).await;
    let model = app.german().await;
    assert_eq!(
        members(&reply),
        BTreeSet::from([
            "model_id",
            "model_type",
            "threshold",
            "policy_version",
            "reason_method",
            "base_log_odds",
            "predictions",
            "timestamp",
            "total_applications",
            "predicted_defaults",
            "predicted_approvals",
        ])
    );
    assert_eq!(reply["model_id"], model.id());
    assert_eq!(reply["model_type"], "logistic_regression");
    assert_eq!(reply["threshold"], model.result["optimal_threshold"]);
    assert_eq!(reply["policy_version"], "1");
    assert_eq!(reply["reason_method"], "below_average_near_cutoff");
    assert_eq!(reply["timestamp"], "2026-02-02T10:00:00Z");
    assert_eq!(reply["total_applications"], 3);
    let predictions = reply["predictions"].as_array().unwrap();
    for (prediction, sent) in predictions.iter().zip(german_applications()) {
        assert_eq!(prediction["application"], Value::Object(sent));
        let defaults = prediction["predicted_default"].as_bool().unwrap();
        let decision = if defaults { "decline" } else { "approve" };
        assert_eq!(prediction["decision"], decision);
        let (p, t) = (
            number(&prediction["default_probability"]),
            number(&reply["threshold"]),
        );
        assert_eq!(defaults, p >= t);
        let confidence = (p - t).abs() / t.max(1.0 - t);
        assert!((number(&prediction["confidence"]) - confidence).abs() < 1e-12);
        let logistic = 1.0 / (1.0 + (-number(&prediction["log_odds"])).exp());
        assert!((p - logistic).abs() < 1e-12);
        assert!(prediction.get("contributions").is_none());
    }
    let declined = predictions
        .iter()
        .filter(|p| p["predicted_default"] == true);
    let declined = declined.count() as u64;
    assert_eq!(reply["predicted_defaults"], declined);
    assert_eq!(reply["predicted_approvals"], 3 - declined);
}

/// Every number in `value`, with the name of its member.
fn numbers(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(name.to_owned()),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, name, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, item)| numbers(item, name, found)),
        _ => {}
    }
}

#[tokio::test]
async fn without_probabilities_nothing_tells_them() {
    let app = TestApp::start();
    let asked = json!({ "include_probabilities": false, "include_contributions": true });
    let reply = score(&app, 20, asked).await;
    assert!(reply.get("base_log_odds").is_none());
    let mut reasons = 0;
    for prediction in reply["predictions"].as_array().unwrap() {
        let mut prediction = prediction.clone();
        reasons += prediction["reasons"].as_array().unwrap().len();
        prediction
            .as_object_mut()
            .unwrap()
            .remove("application")
            .unwrap();
        let mut found = Vec::new();
        numbers(&prediction, "", &mut found);
        found.retain(|name| name != "rank");
        assert_eq!(found, Vec::<String>::new());
        for member in [
            "default_probability",
            "confidence",
            "log_odds",
            "contributions",
        ] {
            assert!(prediction.get(member).is_none(), "{member}");
        }
        assert!(prediction["decision"].is_string());
    }
    assert!(reasons > 20, "reasons are given all the same");
}

#[tokio::test]
async fn contributions_add_up_to_the_log_odds() {
    let app = TestApp::start();
    let reply = score(&app, 200, json!({ "include_contributions": true })).await;
    let base = number(&reply["base_log_odds"]);
    for prediction in reply["predictions"].as_array().unwrap() {
        let log_odds = number(&prediction["log_odds"]);
        let contributions = prediction["contributions"].as_object().unwrap();
        assert_eq!(contributions.len(), 20);
        let all: f64 = contributions.values().map(number).sum();
        assert!((base + all - log_odds).abs() < 1e-12);
        let reasons = prediction["reasons"].as_array().unwrap();
        let named: f64 = reasons.iter().map(|r| number(&r["contribution"])).sum();
        let other = number(&prediction["other_contributions"]);
        assert!((base + named + other - log_odds).abs() < 1e-12);
    }
}

#[tokio::test]
async fn reasons_are_the_four_most_harmful_contributions_in_order() {
    let app = TestApp::start();
    let reply = score(&app, 200, json!({ "include_contributions": true })).await;
    for prediction in reply["predictions"].as_array().unwrap() {
        let contributions = prediction["contributions"].as_object().unwrap();
        let mut harmful: Vec<(f64, &str)> = contributions
            .iter()
            .map(|(name, value)| (number(value), name.as_str()))
            .filter(|(value, _)| *value > 0.0)
            .collect();
        harmful.sort_by(|a, b| b.0.total_cmp(&a.0));
        harmful.truncate(4);
        let reasons = prediction["reasons"].as_array().unwrap();
        let named = reasons.iter().zip(1..).map(|(reason, rank)| {
            assert_eq!(reason["rank"], rank);
            let name = reason["characteristic"].as_str().unwrap();
            let text = reason["text"].as_str().unwrap();
            assert!(text.starts_with(&name.replace('_', " ")), "{text}");
            (number(&reason["contribution"]), name)
        });
        assert_eq!(named.collect::<Vec<_>>(), harmful);
    }
}

#[tokio::test]
async fn a_reason_says_in_which_way_a_value_is_unfavourable() {
    let app = TestApp::start();
    let model = app.german().await;
    let mut row = german_applications().remove(0);
    row.insert("duration_months".to_owned(), json!(72));
    row.insert("age_years".to_owned(), json!(19));
    row.insert("checking_status".to_owned(), json!("below_0"));
    let request = json!({ "model_id": model.id(), "applications": [row] });
    let reply = app.admin().post_json("/predict", &request).await.ok();
    let reasons = reply["predictions"][0]["reasons"].as_array().unwrap();
    let direction = |name: &str| {
        let reason = reasons.iter().find(|r| r["characteristic"] == name);
        reason.unwrap_or_else(|| panic!("{name} in {reasons:?}"))["direction"].clone()
    };
    assert_eq!(direction("duration_months"), "high");
    assert_eq!(direction("age_years"), "low");
    assert_eq!(direction("checking_status"), "level");
    // A reason never quotes the applicant's value.
    assert!(!json!(reasons).to_string().contains("below_0"));
}

#[tokio::test]
async fn a_threshold_that_is_asked_for_decides() {
    let app = TestApp::start();
    let own = score(&app, 50, json!({ "threshold": null })).await;
    assert_eq!(
        own["threshold"],
        app.german().await.result["optimal_threshold"]
    );
    for (threshold, declined) in [(0.0, Some(50)), (1.0, Some(0)), (0.25, None)] {
        let reply = score(&app, 50, json!({ "threshold": threshold })).await;
        assert_eq!(reply["threshold"], threshold);
        let predictions = reply["predictions"].as_array().unwrap();
        let reached = predictions
            .iter()
            .filter(|p| number(&p["default_probability"]) >= threshold)
            .count();
        assert_eq!(reply["predicted_defaults"], declined.unwrap_or(reached));
        for prediction in predictions {
            let p = number(&prediction["default_probability"]);
            let expected = (p - threshold).abs() / threshold.max(1.0 - threshold);
            assert!((number(&prediction["confidence"]) - expected).abs() < 1e-12);
        }
    }
}

#[tokio::test]
async fn a_probability_that_reaches_the_threshold_is_declined() {
    let app = TestApp::start();
    let own = score(&app, 1, json!({})).await;
    let probability = &own["predictions"][0]["default_probability"];
    let at = score(&app, 1, json!({ "threshold": probability })).await;
    assert_eq!(at["predictions"][0]["decision"], "decline");
    assert_eq!(at["predictions"][0]["confidence"], 0.0);
}

#[tokio::test]
async fn a_large_batch_equals_its_rows_one_by_one() {
    let app = TestApp::start();
    let asked = json!({ "include_contributions": true });
    let batch = score(&app, 300, asked).await;
    let model = app.german().await;
    let clerk = app.key_with(&[Scope::ModelPredict]);
    for (row, expected) in german_applications()
        .iter()
        .zip(batch["predictions"].as_array().unwrap())
    {
        let request = json!({
            "model_id": model.id(),
            "applications": [row],
            "include_contributions": true,
        });
        let reply = clerk.post_json("/predict", &request).await.ok();
        assert_eq!(&reply["predictions"][0], expected);
    }
}

#[tokio::test]
async fn a_value_outside_the_training_range_is_flagged() {
    let app = TestApp::start();
    let model = app.german().await;
    let mut row = german_applications().remove(0);
    let ages = &model.result["data"]["characteristics"];
    let ages = ages
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["name"] == "age_years");
    let oldest = number(&ages.unwrap()["kind"]["numeric"]["maximum"]);
    for (age, flags) in [
        (oldest, json!(null)),
        (
            oldest + 1.0,
            json!([{ "characteristic": "age_years", "flag": "out_of_range" }]),
        ),
    ] {
        row.insert("age_years".to_owned(), json!(age));
        let request = json!({ "model_id": model.id(), "applications": [row.clone()] });
        let reply = app.admin().post_json("/predict", &request).await.ok();
        assert_eq!(reply["predictions"][0]["flags"], flags, "{age}");
    }
}

#[tokio::test]
async fn an_unseen_level_counts_as_the_average_applicant_and_is_flagged() {
    let app = TestApp::start();
    let admin = app.admin();
    let plan = json!({ "reasons": { "method": "below_average_all" } });
    let trained = Book::sound().train_as(&admin, plan).await.ok();
    let request = json!({
        "model_id": trained["model_id"],
        "applications": [{ "amount": 2_000, "age": 30, "grade": "Z" }],
        "include_contributions": true,
    });
    let reply = admin.post_json("/predict", &request).await.ok();
    let prediction = &reply["predictions"][0];
    assert!(number(&prediction["contributions"]["grade"]).abs() < 1e-12);
    assert_eq!(
        prediction["flags"],
        json!([{ "characteristic": "grade", "flag": "unseen" }])
    );
}

#[tokio::test]
async fn an_unseen_level_is_refused_if_the_plan_says_so() {
    let app = TestApp::start();
    let admin = app.admin();
    let plan = json!({ "unseen": "reject" });
    let trained = Book::sound().train_as(&admin, plan).await.ok();
    let request = json!({
        "model_id": trained["model_id"],
        "applications": [
            { "amount": 2_000, "age": 30, "grade": "A" },
            { "amount": 2_000, "age": 30, "grade": "canary-1" },
        ],
    });
    let reply = admin.post_json("/predict", &request).await;
    assert_eq!(reply.pointers(), ["#/applications/1/grade"]);
    assert!(!reply.text().contains("canary"));
}

#[tokio::test]
async fn a_model_of_few_features_reads_whole_applications_and_parts() {
    let app = TestApp::start();
    let admin = app.admin();
    let plan = crate::support::loans::plan_with(json!({
        "selected_features": ["age_years", "housing_rent"],
    }));
    let trained = admin.post_json("/train", &plan).await.ok();
    let whole = german_applications().remove(0);
    let part = json!({ "age_years": whole["age_years"], "housing": whole["housing"] });
    let request = json!({
        "model_id": trained["model_id"],
        "applications": [whole, part],
        "include_contributions": true,
    });
    let reply = admin.post_json("/predict", &request).await.ok();
    let predictions = &reply["predictions"];
    assert_eq!(predictions[0]["log_odds"], predictions[1]["log_odds"]);
    assert_eq!(
        members(&predictions[0]["contributions"]),
        BTreeSet::from(["age_years", "housing"])
    );
}
