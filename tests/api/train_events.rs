//! Trainings that tell how they go while they run.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    Reply, TestApp,
    loans::{Book, plan, plan_with},
    replies::number,
};

/// The events of a stream: names and data.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    let text = reply.text();
    let blocks = text.split("\n\n").filter(|block| !block.is_empty());
    let event = |block: &str| {
        let (name, data) = block.split_once('\n').unwrap();
        let name = name.strip_prefix("event: ").unwrap().to_owned();
        let data = data.strip_prefix("data: ").unwrap();
        (name, serde_json::from_str(data).unwrap())
    };
    blocks.map(event).collect()
}

#[tokio::test]
async fn progress_is_told_and_then_the_result_which_is_recorded() {
    let app = TestApp::start();
    let trainer = app
        .key_with(&[Scope::ModelWrite, Scope::ModelRead])
        .with("accept", "text/event-stream");
    let found = events(&trainer.post_json("/train", &plan()).await);
    let (last, told) = found.split_last().unwrap();
    assert!(!told.is_empty());
    let mut stages = Vec::new();
    for (name, progress) in told {
        assert_eq!(name, "progress");
        let fraction = number(&progress["fraction"]);
        assert!((0.0..=1.0).contains(&fraction));
        assert!(number(&progress["elapsed_seconds"]) >= 0.0);
        assert!(progress["rows"].is_u64() && progress["pass"].is_u64());
        stages.push(progress["stage"].as_str().unwrap().to_owned());
    }
    let known = [
        "splitting",
        "fitting",
        "cross_validation",
        "calibration",
        "measuring",
    ];
    let places = stages
        .iter()
        .map(|it| known.iter().position(|known| known == it).unwrap());
    assert!(places.is_sorted(), "{stages:?}");
    assert_eq!(last.0, "result");
    let id = last.1["model_id"].as_str().unwrap();
    let results = trainer.get(&format!("/models/{id}/results")).await.ok();
    assert_eq!(results["metrics"], last.1["metrics"]);
    assert_eq!(last.1["storage"], "stored");
    assert_eq!(app.only("training_completed")["model_id"], id);
    assert_eq!(app.only("model_persisted")["model_id"], id);
}

#[tokio::test]
async fn what_is_wrong_before_the_training_begins_has_its_own_status() {
    let app = TestApp::start();
    let admin = app
        .admin()
        .with("accept", "application/json, text/event-stream;q=0.9");
    let reply = admin
        .post_json("/train", &plan_with(json!({ "cv_folds": 1 })))
        .await;
    assert_eq!(reply.pointers(), ["#/cv_folds"]);
    let book = Book::sound().cell(3, "age", "old");
    let reply = book.train(&admin).await;
    assert_eq!(reply.fault()["column"], "age");
    assert_eq!(app.only("training_failed")["outcome"], "failure");
}

#[tokio::test]
async fn a_training_that_fails_on_its_way_ends_with_a_problem() {
    let app = TestApp::start();
    let admin = app.admin().with("accept", "text/event-stream");
    let members = json!({ "max_iterations": 1, "tolerance": 1e-12 });
    let found = events(&admin.post_json("/train", &plan_with(members)).await);
    let (last, _) = found.split_last().unwrap();
    assert_eq!(last.0, "problem");
    assert_eq!(last.1["error"], "TRAINING_FAILED");
    assert_eq!(last.1["status"], 400);
    assert_eq!(last.1["instance"], "/train");
    assert!(last.1["request_id"].is_string());
    let recorded = app.only("training_failed");
    assert_eq!(recorded["outcome"], "failure");
}

#[tokio::test]
async fn those_who_do_not_ask_for_events_get_one_document() {
    let app = TestApp::start();
    let reply = app
        .admin()
        .with("accept", "application/json")
        .post_json("/train", &plan())
        .await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.ok()["model_id"].is_string());
}
