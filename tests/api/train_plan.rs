//! Plans that cannot be run, and trainings that must wait.

use std::time::{Duration, Instant};

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{plan, plan_with},
};

const CANARY: &str = "canary-77aa";

#[tokio::test]
async fn every_fault_of_a_plan_is_listed_at_once() {
    let app = TestApp::start();
    let plan = json!({
        "model_type": "logistic_regression",
        "test_size": 0.05,
        "cv_folds": 11,
        "C": 0.0,
        "max_iterations": 0,
        "tolerance": 0.5,
        "selected_features": [],
        "undersample": true,
        "class_weight": "balanced",
        "event": [CANARY],
        "target": "y",
        "exclude": ["y"],
    });
    let reply = app.admin().post_json("/train", &plan).await;
    assert_eq!(
        reply.pointers(),
        [
            "#/test_size",
            "#/cv_folds",
            "#/C",
            "#/max_iterations",
            "#/tolerance",
            "#/class_weight",
            "#/selected_features",
            "#/event",
            "#/exclude",
        ]
    );
    assert!(!reply.text().contains(CANARY));
}

#[tokio::test]
async fn the_bounds_of_every_number_are_part_of_it() {
    let app = TestApp::start();
    let admin = app.admin();
    for (member, good, bad) in [
        ("test_size", [0.1, 0.5], [0.099_999, 0.500_001]),
        ("cv_folds", [2.0, 10.0], [1.0, 11.0]),
        ("C", [1e-6, 1e6], [9e-7, 1.1e6]),
        ("max_iterations", [1.0, 10_000.0], [0.0, 10_001.0]),
        ("tolerance", [1e-10, 0.01], [0.0, 0.011]),
    ] {
        let whole = member == "cv_folds" || member == "max_iterations";
        let value = |number: f64| {
            if whole {
                json!(number as u64)
            } else {
                json!(number)
            }
        };
        // An unknown column keeps the good plans from being trained.
        let post = async |number| {
            let members = json!({ member: value(number), "target": "no_such_column" });
            admin
                .post_json("/train", &plan_with(members))
                .await
                .pointers()
        };
        for number in good {
            assert_eq!(post(number).await, ["#/target"], "{member} {number}");
        }
        for number in bad {
            assert_eq!(post(number).await, [format!("#/{member}")], "{number}");
        }
    }
}

#[tokio::test]
async fn a_kind_of_model_that_nobody_knows_is_refused_with_those_there_are() {
    let app = TestApp::start();
    let admin = app.admin();
    let reply = admin
        .post_json("/train", &json!({ "model_type": CANARY }))
        .await;
    assert_eq!(reply.pointers(), ["#/model_type"]);
    assert!(!reply.text().contains(CANARY));
    for kind in [
        "logistic_regression",
        "scorecard",
        "xgboost",
        "random_forest",
    ] {
        assert!(reply.text().contains(kind), "{}", reply.text());
    }
}

#[tokio::test]
async fn a_member_that_nobody_knows_is_refused() {
    let app = TestApp::start();
    let reply = app
        .admin()
        .post_json("/train", &plan_with(json!({ "folds": CANARY })))
        .await;
    let fault = reply.fault();
    assert_eq!(fault["pointer"], "#/folds");
    let detail = fault["detail"].as_str().unwrap();
    assert!(detail.starts_with("there is no such member; expected one of"));
    assert!(detail.contains("`cv_folds`"), "{detail}");
    assert!(!reply.text().contains(CANARY));
}

#[tokio::test]
async fn members_of_the_wrong_type_are_pointed_at_and_not_quoted() {
    let app = TestApp::start();
    let admin = app.admin();
    for (members, pointer) in [
        (json!({ "test_size": CANARY }), "#/test_size"),
        (json!({ "undersample": CANARY }), "#/undersample"),
        (json!({ "cv_folds": 5.5 }), "#/cv_folds"),
        (json!({ "cv_folds": -1 }), "#/cv_folds"),
        (
            json!({ "random_state": "42 expected canary-77aa" }),
            "#/random_state",
        ),
        (json!({ "selected_features": [1] }), "#/selected_features/0"),
        (json!({ "exclude": { CANARY: 1 } }), "#/exclude"),
        (json!({ "solver": CANARY }), "#/solver"),
        (json!({ "penalty": "expected canary-77aa" }), "#/penalty"),
        (json!({ "missing": [CANARY] }), "#/missing"),
    ] {
        let reply = admin.post_json("/train", &plan_with(members)).await;
        assert_eq!(reply.pointers(), [pointer], "{}", reply.text());
        assert!(!reply.text().contains("canary"), "{}", reply.text());
    }
    let missing = admin.post_json("/train", &json!({})).await;
    assert_eq!(missing.fault()["detail"], "missing field `model_type`");
}

#[tokio::test]
async fn weights_are_not_for_the_solver_that_has_none() {
    let app = TestApp::start();
    let members = json!({ "solver": "lbfgs", "class_weight": "balanced" });
    let reply = app.admin().post_json("/train", &plan_with(members)).await;
    assert_eq!(reply.pointers(), ["#/class_weight"]);
}

#[tokio::test]
async fn a_fit_that_does_not_converge_gives_no_model() {
    let app = TestApp::start();
    let reply = app
        .admin()
        .post_json("/train", &plan_with(json!({ "max_iterations": 1 })))
        .await;
    let problem = reply.problem(400, "TRAINING_FAILED");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("did not converge in 1 iterations"),
        "{detail}"
    );
    assert_eq!(app.admin().get("/models").await.ok(), json!([]));
}

#[tokio::test]
async fn a_busy_door_says_when_to_come_back() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_TRAINING_WORKERS", "1"),
        ("CREDIT_RISK_TRAINING_QUEUE", "0"),
    ]);
    let taken = app.state().compute.training.admit().unwrap();
    let admin = app.admin();
    let reply = admin.post_json("/train", &plan()).await;
    reply.problem(503, "NOT_READY");
    assert_eq!(reply.number("retry-after"), 5);
    // Nothing began, so nothing is announced.
    assert_eq!(app.events(), ["auth_success"]);
    drop(taken);
    assert_eq!(admin.post_json("/train", &plan()).await.status, 200);
}

#[tokio::test]
async fn scoring_goes_on_while_the_training_door_is_full() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_TRAINING_WORKERS", "1"),
        ("CREDIT_RISK_TRAINING_QUEUE", "0"),
    ]);
    let _taken = app.state().compute.training.admit().unwrap();
    let model = app.german().await;
    let row = &crate::support::loans::german_applications()[0];
    let request = json!({ "model_id": model.id(), "applications": [row] });
    let clerk = app.key_with(&[Scope::ModelPredict]);
    assert_eq!(clerk.post_json("/predict", &request).await.status, 200);
}

/// One thread runs everything here that is not behind a door.
#[tokio::test(flavor = "current_thread")]
async fn health_is_answered_while_a_training_runs() {
    let app = TestApp::start();
    let admin = app.admin();
    let training = tokio::spawn(async move {
        let members = json!({ "cv_folds": 10, "solver": "lbfgs" });
        admin.post_json("/train", &plan_with(members)).await
    });
    let started = Instant::now();
    let (mut answered, mut longest_silence) = (started, Duration::ZERO);
    while !training.is_finished() {
        let health = app.stranger().get("/health").await;
        assert_eq!(health.status, 200);
        tokio::task::yield_now().await;
        longest_silence = longest_silence.max(answered.elapsed());
        answered = Instant::now();
    }
    let whole = started.elapsed();
    assert_eq!(training.await.unwrap().status, 200);
    assert!(
        longest_silence < whole / 2,
        "silent for {longest_silence:?} of {whole:?}"
    );
}

#[tokio::test]
async fn a_training_that_takes_too_long_is_stopped_and_reported() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_TRAINING_WORKERS", "1"),
        ("CREDIT_RISK_TRAINING_TIMEOUT", "30ms"),
    ]);
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let door = app.state().compute.training.clone();
    let holder = tokio::spawn(async move { door.run(move || hold.recv().is_err()).await });
    tokio::task::yield_now().await;
    let reply = app.admin().post_json("/train", &plan()).await;
    reply.problem(408, "REQUEST_TIMEOUT");
    let events: Vec<Value> = app.audit_lines();
    assert_eq!(
        app.events(),
        ["training_started", "auth_success", "training_failed"]
    );
    assert_eq!(events[2]["status"], 408);
    let error = events[2]["error"].as_str().unwrap();
    assert!(error.starts_with("CANCELLED"), "{error}");
    drop(release);
    assert!(holder.await.unwrap().unwrap());
}
