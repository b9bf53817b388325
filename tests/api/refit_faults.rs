//! Edits that cannot be made.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{GERMAN, card_plan},
};

fn path(id: &str) -> String {
    format!("/models/{id}/refit")
}

#[tokio::test]
async fn only_a_scorecard_has_bins_to_edit() {
    let app = TestApp::start();
    let id = app.german().await.id();
    let reply = app
        .admin()
        .post_json(&path(id), &json!({ "characteristics": {} }))
        .await;
    let detail = reply.fault()["detail"].clone();
    assert!(
        detail.as_str().unwrap().contains("no scorecard"),
        "{detail}"
    );
    // Nothing began, so nothing is announced.
    assert!(!app.events().contains(&"training_started".to_owned()));
}

#[tokio::test]
async fn other_data_than_the_models_own_is_refused() {
    let app = TestApp::start();
    let id = app.card().await.id();
    let admin = app.admin();
    let request = json!({ "characteristics": {} });
    let others = GERMAN.lines().take(901).collect::<Vec<_>>().join("\n");
    let reply = admin
        .post_form(&path(id), &request, others.as_bytes())
        .await;
    let detail = reply.fault()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("digest"), "{detail}");
    assert!(!app.events().contains(&"training_started".to_owned()));
    assert_eq!(admin.get("/models").await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_fault_of_the_edits_is_listed_at_once() {
    let app = TestApp::start();
    let id = app.card().await.id();
    let request = json!({ "characteristics": {
        "duration_months": { "groups": [["a"]] },
        "housing": { "breaks": [{ "at": 1 }] },
        "shoe_size": {},
        "age_years": { "breaks": [{ "at": 2 }, { "at": 1 }], "max_bins": 1 },
    }});
    let reply = app.admin().post_json(&path(id), &request).await;
    let mut pointers = reply.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "#/characteristics/age_years",
            "#/characteristics/age_years/max_bins",
            "#/characteristics/duration_months/groups",
            "#/characteristics/housing/breaks",
            "#/characteristics/shoe_size",
        ]
    );
}

#[tokio::test]
async fn members_that_nobody_knows_are_refused() {
    let app = TestApp::start();
    let id = app.card().await.id();
    let admin = app.admin();
    for (request, pointer) in [
        (
            json!({ "characteristics": { "age_years": { "bins": 3 } } }),
            "#/characteristics/age_years/bins",
        ),
        (
            json!({ "characteristics": {}, "random_state": 1 }),
            "#/random_state",
        ),
        (
            json!({ "characteristics": { "age_years": { "breaks": [1] } } }),
            "#/characteristics/age_years/breaks/0",
        ),
    ] {
        let reply = admin.post_json(&path(id), &request).await;
        assert_eq!(reply.pointers(), [pointer], "{}", reply.text());
    }
    let reply = admin.post_json(&path(id), &json!({})).await;
    assert_eq!(reply.fault()["detail"], "missing field `characteristics`");
}

#[tokio::test]
async fn breaks_that_break_the_plans_rules_are_refused_with_the_reason() {
    let app = TestApp::start();
    let id = app.card().await.id();
    // Nobody in the data is younger than 19.
    let breaks = json!([{ "at": 5, "fixed": true }, { "at": 30, "fixed": true }]);
    let request = json!({ "characteristics": { "age_years": { "breaks": breaks } } });
    let reply = app.admin().post_json(&path(id), &request).await;
    assert_eq!(reply.pointers(), ["#/characteristics/age_years"]);
    assert_eq!(app.only("training_failed")["status"], 422);
}

#[tokio::test]
async fn a_characteristic_that_was_not_selected_cannot_be_edited() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut plan = card_plan();
    plan["selected_features"] = json!(["age_years", "checking_status", "duration_months"]);
    let card = admin.post_json("/train", &plan).await.ok();
    let id = card["model_id"].as_str().unwrap();
    let request = json!({ "characteristics": { "housing": { "max_bins": 2 } } });
    let reply = admin.post_json(&path(id), &request).await;
    assert_eq!(reply.pointers(), ["#/characteristics/housing"]);
}

#[tokio::test]
async fn unknown_models_and_keys_without_the_scope_are_refused() {
    let app = TestApp::start();
    let request: Value = json!({ "characteristics": {} });
    let reply = app.admin().post_json(&path("nobody"), &request).await;
    reply.problem(404, "MODEL_NOT_FOUND");
    let reader = app.key_with(&[Scope::ModelRead, Scope::ModelPredict]);
    let id = app.card().await.id();
    reader
        .post_json(&path(id), &request)
        .await
        .problem(403, "FORBIDDEN");
}
