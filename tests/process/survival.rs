//! SIGKILL at any moment: what was answered stays, what was not leaves nothing.

use std::{collections::BTreeSet, thread, time::Instant};

use serde_json::{Value, json};

use super::support::{Client, Home, application, plan};

const ROUNDS: u32 = 50;

pub(crate) fn prediction(model_id: &str) -> Value {
    json!({
        "model_id": model_id,
        "applications": [application()],
        "include_contributions": true,
    })
}

/// The body of a prediction without its one changing line.
pub(crate) fn predicted(client: &Client, model_id: &str) -> String {
    let answer = client.post("/predict", &prediction(model_id)).ok();
    let mut body = answer.json();
    let timestamp = body.as_object_mut().unwrap().remove("timestamp").unwrap();
    let timestamp = timestamp.to_string();
    assert!(answer.body.contains(&timestamp), "{}", answer.body);
    answer.body.replace(&timestamp, "")
}

pub(crate) fn train(client: &Client, plan: &Value) -> String {
    let result = client.post("/train", plan).ok().json();
    result["model_id"].as_str().unwrap().to_owned()
}

pub(crate) fn listed(client: &Client) -> BTreeSet<String> {
    let models = client.get("/models").ok().json();
    let id = |model: &Value| model["model_id"].as_str().unwrap().to_owned();
    models.as_array().unwrap().iter().map(id).collect()
}

fn assert_survives(plan: &Value) {
    let home = Home::new();
    let mut service = home.start();
    let id = train(&service.client(), plan);
    let (path, before) = (
        format!("/models/{id}/results"),
        predicted(&service.client(), &id),
    );
    let results = service.client().get(&path).ok().body;
    service.kill();

    let service = home.start();
    assert_eq!(predicted(&service.client(), &id), before);
    assert_eq!(service.client().get(&path).ok().body, results);
}

#[test]
fn a_model_predicts_the_same_bytes_after_a_kill() {
    assert_survives(&plan());
}

#[test]
fn a_model_of_selected_features_predicts_the_same_bytes_after_a_kill() {
    let mut plan = plan();
    plan["selected_features"] = json!(["duration_months", "credit_amount", "housing_own"]);
    assert_survives(&plan);
}

/// What the store of a service just started must be like.
fn assert_whole(home: &Home, client: &Client, acknowledged: &BTreeSet<String>) {
    let ids = listed(client);
    let missing: Vec<_> = acknowledged.difference(&ids).collect();
    assert!(missing.is_empty(), "acknowledged and gone: {missing:?}");
    let mut expected: Vec<_> = ids
        .iter()
        .flat_map(|id| [format!("{id}.json"), format!("{id}.model")])
        .collect();
    expected.sort_unstable();
    assert_eq!(home.model_files(), expected);
    for id in &ids {
        client.post("/predict", &prediction(id)).ok();
        client.get(&format!("/models/{id}/results")).ok();
    }
}

#[test]
fn fifty_kills_during_trainings_leave_only_whole_models() {
    let home = Home::new();
    let mut service = home.start();
    let begun = Instant::now();
    let mut acknowledged = BTreeSet::from([train(&service.client(), &plan())]);
    let training = begun.elapsed();

    let mut interrupted = 0;
    for round in 0..ROUNDS {
        // From at once to well after the answer, in a scattered order.
        let delay = training * (round * 37 % ROUNDS) * 3 / (2 * ROUNDS);
        let client = service.client();
        let sent = thread::spawn(move || client.try_post("/train", &plan()));
        // The kill is meant to come at a moment that nothing announces.
        thread::sleep(delay);
        service.kill();
        match sent.join().unwrap() {
            Some(answer) => {
                let result = answer.ok().json();
                acknowledged.insert(result["model_id"].as_str().unwrap().to_owned());
            }
            None => interrupted += 1,
        }
        service = home.start();
        assert_whole(&home, &service.client(), &acknowledged);
    }
    let of = format!("{interrupted} of {ROUNDS} trainings were interrupted");
    assert!((1..ROUNDS).contains(&interrupted), "{of}");
}
