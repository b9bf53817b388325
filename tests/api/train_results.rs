//! What a training answers, and that its numbers are what they say.

use std::collections::BTreeSet;

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    loans::{german_applications, plan, plan_with},
    replies::{members, number},
};

async fn train(caller: &Caller, members: Value) -> Value {
    caller.post_json("/train", &plan_with(members)).await.ok()
}

#[tokio::test]
async fn the_result_has_every_member_that_clients_know() {
    let app = TestApp::start();
    let model = app.german().await;
    let result = &model.result;
    for member in [
        "model_id",
        "model_type",
        "metrics",
        "optimal_threshold",
        "feature_importance",
        "training_config",
        "training_time_seconds",
        "intercept",
        "coefficients",
        "convergence",
        "data",
        "created_at",
    ] {
        assert!(members(result).contains(member), "{member}");
    }
    let metrics = &result["metrics"];
    for member in [
        "accuracy",
        "precision",
        "recall",
        "f1_score",
        "roc_auc",
        "gini",
        "ks",
        "brier_score",
        "log_loss",
        "average_precision",
    ] {
        assert!((0.0..=1.0).contains(&number(&metrics[member])), "{member}");
    }
    assert_eq!(
        members(&metrics["threshold_analysis"]),
        BTreeSet::from([
            "threshold",
            "sensitivity",
            "specificity",
            "youden_j",
            "precision",
            "f1_score"
        ])
    );
    assert_eq!(
        metrics["threshold_analysis"]["threshold"],
        result["optimal_threshold"]
    );
    assert_eq!(members(&metrics["calibration_curve"]).len(), 4);
    assert_eq!(metrics["calibration_curve"]["n_bins"], 10);
}

#[tokio::test]
async fn the_curves_and_counts_agree_with_each_other() {
    let app = TestApp::start();
    let metrics = &app.german().await.result["metrics"];
    let counts = &metrics["confusion_matrix"];
    let count = |name: &str| counts[name].as_u64().unwrap();
    let (tn, fp) = (count("true_negatives"), count("false_positives"));
    let (fn_, tp) = (count("false_negatives"), count("true_positives"));
    assert_eq!(counts["matrix"], json!([[tn, fp], [fn_, tp]]));
    assert_eq!((tn + fp, fn_ + tp), (140, 60));
    let accuracy = (tn + tp) as f64 / 200.0;
    assert!((number(&metrics["accuracy"]) - accuracy).abs() < 1e-12);

    let curve = |name: &str| -> Vec<f64> {
        let points = metrics["roc_curve"][name].as_array().unwrap();
        points.iter().map(number).collect()
    };
    let (fpr, tpr, thresholds) = (curve("fpr"), curve("tpr"), curve("thresholds"));
    assert_eq!((fpr[0], tpr[0], thresholds[0]), (0.0, 0.0, 1.0));
    assert_eq!((fpr.last(), tpr.last()), (Some(&1.0), Some(&1.0)));
    assert!(thresholds.is_sorted_by(|a, b| a >= b));
    let trapezia = fpr.windows(2).zip(tpr.windows(2));
    let area: f64 = trapezia
        .map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0)
        .sum();
    assert!((area - number(&metrics["roc_auc"])).abs() < 1e-9);
    let gini = 2.0 * number(&metrics["roc_auc"]) - 1.0;
    assert!((number(&metrics["gini"]) - gini).abs() < 1e-12);
}

#[tokio::test]
async fn the_plan_is_answered_with_its_defaults_filled_in() {
    let app = TestApp::start();
    let model = app.german().await;
    let config = &model.result["training_config"];
    for (member, expected) in [
        ("model_type", json!("logistic_regression")),
        ("test_size", json!(0.2)),
        ("random_state", json!(42)),
        ("undersample", json!(false)),
        ("cv_folds", json!(5)),
        ("selected_features", json!(null)),
        ("C", json!(1.0)),
        ("solver", json!("newton")),
    ] {
        assert_eq!(config[member], expected, "{member}");
    }
    let features = model.result["coefficients"].as_array().unwrap().len();
    let prefix = format!("logistic_regression_test20_{features}f_");
    let suffix = model.id().strip_prefix(&prefix).unwrap();
    assert_eq!(suffix.len(), 6);
    assert!(suffix.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test]
async fn a_seed_and_a_share_that_are_asked_for_are_used() {
    let app = TestApp::start();
    let admin = app.admin();
    let asked = json!({ "test_size": 0.35, "random_state": -7 });
    let result = train(&admin, asked).await;
    assert_eq!(result["data"]["train_rows"], 650);
    assert_eq!(result["data"]["test_rows"], 350);
    assert!(result["model_id"].as_str().unwrap().contains("_test35_"));
    let other = train(&admin, json!({ "test_size": 0.35, "random_state": 7 })).await;
    assert_ne!(other["metrics"]["roc_auc"], result["metrics"]["roc_auc"]);
}

#[tokio::test]
async fn cross_validation_is_done_and_lands_where_the_literature_does() {
    let app = TestApp::start();
    let cv = &app.german().await.result["metrics"]["cross_validation"];
    let auc = number(&cv["mean"]["roc_auc"]);
    assert!((0.77..=0.80).contains(&auc), "{auc}");
    assert_eq!(cv["n_folds"], 5);
    let folds = cv["folds"].as_array().unwrap();
    let of_folds = |member: &str| folds.iter().map(|fold| number(&fold[member])).sum::<f64>();
    assert_eq!((of_folds("rows"), of_folds("events")), (1_000.0, 300.0));
    assert!((of_folds("roc_auc") / 5.0 - auc).abs() < 1e-12);
    assert!(number(&cv["spread"]["roc_auc"]) > 0.0);
}

#[tokio::test]
async fn the_number_of_folds_is_honoured() {
    let app = TestApp::start();
    let admin = app.admin();
    let two = train(&admin, json!({ "cv_folds": 2 })).await;
    let ten = train(&admin, json!({ "cv_folds": 10 })).await;
    let folds = |result: &Value| {
        let folds = &result["metrics"]["cross_validation"]["folds"];
        folds.as_array().unwrap().len()
    };
    assert_eq!((folds(&two), folds(&ten)), (2, 10));
    let auc = |result: &Value| result["metrics"]["cross_validation"]["mean"]["roc_auc"].clone();
    assert_ne!(auc(&two), auc(&ten));
    assert_eq!(
        two["coefficients"], ten["coefficients"],
        "folds do not touch the fit"
    );
}

/// Mean probability of default that a model gives all loans of the bundled data.
async fn mean_probability(app: &TestApp, members: Value) -> f64 {
    let admin = app.admin();
    let result = train(&admin, members).await;
    let request = json!({
        "model_id": result["model_id"],
        "applications": german_applications(),
    });
    let reply = admin.post_json("/predict", &request).await.ok();
    let predictions = reply["predictions"].as_array().unwrap();
    let probabilities = predictions
        .iter()
        .map(|p| number(&p["default_probability"]));
    probabilities.sum::<f64>() / predictions.len() as f64
}

#[tokio::test]
async fn undersampling_and_weights_leave_probabilities_those_of_the_population() {
    let app = TestApp::start();
    for members in [
        json!({}),
        json!({ "undersample": true }),
        json!({ "class_weight": "balanced" }),
    ] {
        let mean = mean_probability(&app, members.clone()).await;
        // Without the correction both would stand near one half.
        assert!((mean - 0.3).abs() < 0.03, "{members}: {mean}");
    }
}

#[tokio::test]
async fn undersampling_and_weights_change_the_fit() {
    let app = TestApp::start();
    let admin = app.admin();
    let plain = train(&admin, json!({})).await;
    for members in [
        json!({ "undersample": true }),
        json!({ "class_weight": "balanced" }),
    ] {
        let result = train(&admin, members).await;
        assert_ne!(result["coefficients"], plain["coefficients"]);
    }
}

fn features(result: &Value) -> Vec<&str> {
    let coefficients = result["coefficients"].as_array().unwrap();
    coefficients
        .iter()
        .map(|c| c["feature"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn features_are_selected_by_characteristic_and_by_encoded_name() {
    let app = TestApp::start();
    let admin = app.admin();
    let names = ["age_years", "housing"];
    let result = train(&admin, json!({ "selected_features": names })).await;
    // `own` is the most frequent level, the reference.
    assert_eq!(
        features(&result),
        ["age_years", "housing_free", "housing_rent"]
    );
    assert!(result["model_id"].as_str().unwrap().contains("_3f_"));
    let names = ["housing_rent", "age_years"];
    let result = train(&admin, json!({ "selected_features": names })).await;
    assert_eq!(features(&result), ["age_years", "housing_rent"]);
    assert_eq!(
        members(&result["feature_importance"]),
        BTreeSet::from(["age_years", "housing_rent"])
    );
    let names = ["age_years", "no_such", "housing_castle"];
    let body = plan_with(json!({ "selected_features": names }));
    assert_eq!(
        admin.post_json("/train", &body).await.pointers(),
        ["#/selected_features/1", "#/selected_features/2"]
    );
}

#[tokio::test]
async fn importance_is_the_size_of_the_standardised_coefficient() {
    let app = TestApp::start();
    let result = &app.german().await.result;
    let importance = &result["feature_importance"];
    assert_eq!(members(importance).len(), features(result).len());
    for c in result["coefficients"].as_array().unwrap() {
        let feature = c["feature"].as_str().unwrap();
        let size = number(&c["coefficient"]).abs();
        assert_eq!(importance[feature], json!(size));
    }
}

#[tokio::test]
async fn both_solvers_find_the_same_coefficients() {
    let app = TestApp::start();
    let admin = app.admin();
    let newton = train(&admin, json!({})).await;
    let lbfgs = train(&admin, json!({ "solver": "lbfgs" })).await;
    assert_eq!(lbfgs["convergence"]["solver"], "lbfgs");
    let pairs = newton["coefficients"].as_array().unwrap().iter();
    for (one, other) in pairs.zip(lbfgs["coefficients"].as_array().unwrap()) {
        assert_eq!(one["feature"], other["feature"]);
        let apart = number(&one["coefficient"]) - number(&other["coefficient"]);
        assert!(apart.abs() < 1e-5, "{}: {apart}", one["feature"]);
    }
}

#[tokio::test]
async fn the_same_request_gives_the_same_model_under_another_name() {
    let app = TestApp::start();
    let admin = app.admin();
    let (one, other) = (
        train(&admin, json!({})).await,
        train(&admin, json!({})).await,
    );
    assert_ne!(one["model_id"], other["model_id"]);
    let digest = async |result: &Value| {
        let path = format!("/models/{}", result["model_id"].as_str().unwrap());
        admin.get(&path).await.ok()["model_sha256"].clone()
    };
    assert_eq!(digest(&one).await, digest(&other).await);
    assert_eq!(one["metrics"], other["metrics"]);
    let seeded = train(&admin, json!({ "random_state": 1 })).await;
    assert_ne!(digest(&seeded).await, digest(&one).await);
}

#[tokio::test]
async fn a_model_is_stored_before_its_training_is_answered() {
    let app = TestApp::start();
    let trainer = app.key_with(&[Scope::ModelWrite]);
    let result = trainer.post_json("/train", &plan()).await.ok();
    let id = result["model_id"].as_str().unwrap();
    assert!(app.stored(&format!("{id}.model")).is_file());
    assert!(app.stored(&format!("{id}.json")).is_file());
}
