//! Scorecards whose bins are edited.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{GERMAN, card_plan},
    replies::{members, number},
};

fn path(id: &str) -> String {
    format!("/models/{id}/refit")
}

fn edits(characteristics: Value) -> Value {
    json!({ "characteristics": characteristics })
}

/// What a card says of a characteristic.
fn of<'a>(result: &'a Value, name: &str) -> &'a Value {
    let cards = result["scorecard"]["characteristics"].as_array().unwrap();
    let found = cards.iter().find(|card| card["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn fixed(breaks: &[f64]) -> Value {
    let each = breaks.iter().map(|at| json!({ "at": at, "fixed": true }));
    each.collect()
}

#[tokio::test]
async fn without_edits_the_same_model_comes_out_under_a_new_id() {
    let app = TestApp::start();
    let base = app.card().await;
    let trainer = app.key_with(&[Scope::ModelWrite]);
    let refitted = trainer.post_json(&path(base.id()), &edits(json!({}))).await;
    let refitted = refitted.ok();
    assert_ne!(refitted["model_id"], base.id());
    assert_eq!(refitted["base_model_id"], base.id());
    assert_eq!(base.result["base_model_id"], Value::Null);
    let own = [
        "model_id",
        "base_model_id",
        "created_at",
        "training_time_seconds",
        "changes",
    ];
    for (member, value) in refitted.as_object().unwrap() {
        if !own.contains(&member.as_str()) {
            assert_eq!(*value, base.result[member], "{member}");
        }
    }
    let changes = &refitted["changes"];
    assert_eq!(changes["base_model_id"], base.id());
    assert_eq!(changes["characteristics"], json!([]));
    assert_eq!(
        (&changes["entered"], &changes["left"]),
        (&json!([]), &json!([]))
    );
    for sample in ["test", "cross_validation"] {
        for measure in ["auc", "gini"] {
            assert_eq!(
                changes[sample][measure]["difference"], 0.0,
                "{sample} {measure}"
            );
        }
    }
    let events = [
        "model_loaded",
        "training_started",
        "auth_success",
        "training_completed",
        "model_persisted",
    ];
    let mut found = app.events();
    found.sort();
    let mut expected = events.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found, expected);
    let digest = &app.only("training_started")["dataset_hash"];
    assert_eq!(*digest, base.result["data"]["digest"]);
    // What is kept says where it came from.
    let id = refitted["model_id"].as_str().unwrap();
    let kept = app.admin().get(&format!("/models/{id}/results")).await.ok();
    assert_eq!(kept["base_model_id"], base.id());
    assert!(!members(&kept).contains("changes"));
}

#[tokio::test]
async fn edited_breaks_are_the_new_bins_and_all_others_stay() {
    let app = TestApp::start();
    let base = app.card().await;
    let breaks = [12.0, 24.0, 36.0];
    assert_ne!(of(&base.result, "duration_months")["breaks"], json!(breaks));
    let request = edits(json!({
        "duration_months": { "trend": "none", "breaks": fixed(&breaks) }
    }));
    let admin = app.admin();
    let refitted = admin
        .post_form(&path(base.id()), &request, GERMAN.as_bytes())
        .await;
    let refitted = refitted.ok();
    assert_eq!(of(&refitted, "duration_months")["breaks"], json!(breaks));
    let cards = refitted["scorecard"]["characteristics"].as_array().unwrap();
    for card in cards
        .iter()
        .filter(|card| card["name"] != "duration_months")
    {
        let before = of(&base.result, card["name"].as_str().unwrap());
        for member in ["breaks", "codes", "levels", "missing_bin", "unseen_bin"] {
            assert_eq!(card[member], before[member], "{} {member}", card["name"]);
        }
    }
    let changes = &refitted["changes"];
    let change = &changes["characteristics"][0];
    assert_eq!(change["characteristic"], "duration_months");
    for measure in ["iv", "gini", "psi"] {
        let [before, after, difference] =
            ["before", "after", "difference"].map(|it| number(&change[it][measure]));
        assert!((after - before - difference).abs() < 1e-15, "{measure}");
        assert!(difference.abs() > 1e-6, "{measure}");
    }
    let auc = &changes["test"]["auc"];
    assert_eq!(auc["before"], base.result["metrics"]["roc_auc"]);
    assert_eq!(auc["after"], refitted["metrics"]["roc_auc"]);
    let mean = |result: &Value| result["metrics"]["cross_validation"]["mean"]["gini"].clone();
    let gini = &changes["cross_validation"]["gini"];
    assert_eq!(gini["before"], mean(&base.result));
    assert_eq!(gini["after"], mean(&refitted));
    assert!(number(&gini["difference"]).abs() > 1e-9);
}

#[tokio::test]
async fn an_edited_card_is_what_its_own_plan_trains_and_can_be_edited_again() {
    let app = TestApp::start();
    let admin = app.admin();
    let base = app.card().await;
    let first = edits(json!({
        "duration_months": { "trend": "none", "breaks": fixed(&[12.0, 24.0]) }
    }));
    let first = admin.post_json(&path(base.id()), &first).await.ok();
    let trained = admin
        .post_json("/train", &first["training_config"])
        .await
        .ok();
    assert_eq!(trained["scorecard"], first["scorecard"]);
    assert_eq!(trained["optimal_threshold"], first["optimal_threshold"]);
    // The second edit leaves the first as it is: absent members stay.
    let id = first["model_id"].as_str().unwrap();
    let texts = json!({ "high": "the loan runs long" });
    let second = edits(json!({
        "duration_months": { "texts": texts },
        "age_years": { "trend": "none", "breaks": fixed(&[30.0]) }
    }));
    let second = admin.post_json(&path(id), &second).await.ok();
    assert_eq!(second["base_model_id"], id);
    assert_eq!(
        of(&second, "duration_months")["breaks"],
        json!([12.0, 24.0])
    );
    let own = &second["training_config"]["characteristics"];
    assert_eq!(
        own["duration_months"]["texts"]["high"],
        "the loan runs long"
    );
    assert_eq!(own["age_years"]["breaks"], fixed(&[30.0]));
    // And an empty list takes the edit back.
    let third = edits(json!({ "duration_months": { "trend": "auto", "breaks": [] } }));
    let third = admin.post_json(&path(id), &third).await.ok();
    assert_ne!(of(&third, "duration_months")["breaks"], json!([12.0, 24.0]));
}

#[tokio::test]
async fn edited_groups_are_the_new_bins_and_what_they_leave_out_makes_one_more() {
    let app = TestApp::start();
    let base = app.card().await;
    let name = "checking_status";
    let levels: Vec<&str> = of(&base.result, name)["levels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| level["level"].as_str().unwrap())
        .collect();
    let request = edits(json!({ name: { "groups": [[levels[0], levels[1]], [levels[2]]] } }));
    let refitted = app.admin().post_json(&path(base.id()), &request).await.ok();
    let card = of(&refitted, name);
    let bin = |level: &str| {
        let known = card["levels"].as_array().unwrap().iter();
        let found = known.clone().find(|known| known["level"] == level);
        found.unwrap()["bin"].clone()
    };
    assert_eq!(bin(levels[0]), bin(levels[1]));
    assert_ne!(bin(levels[0]), bin(levels[2]));
    assert_eq!(bin(levels[3]), 2);
}

#[tokio::test]
async fn special_codes_get_a_bin_of_their_own() {
    let app = TestApp::start();
    let base = app.card().await;
    let special = json!([{ "name": "one year", "values": [12] }]);
    let request = edits(json!({ "duration_months": { "special": special } }));
    let refitted = app.admin().post_json(&path(base.id()), &request).await.ok();
    let card = of(&refitted, "duration_months");
    let code = &card["codes"][0];
    assert_eq!(code["value"], 12.0);
    let bin = usize::try_from(code["bin"].as_u64().unwrap()).unwrap();
    assert_eq!(card["bins"][bin]["label"], "one year");
    assert_eq!(card["bins"][bin]["kind"], "special");
}

#[tokio::test]
async fn a_refitted_card_scores_applications() {
    let app = TestApp::start();
    let admin = app.admin();
    let base = app.card().await;
    let request = edits(json!({
        "duration_months": { "trend": "none", "breaks": fixed(&[12.0, 24.0]) }
    }));
    let refitted = admin.post_json(&path(base.id()), &request).await.ok();
    let row = &crate::support::loans::german_applications()[0];
    let score = async |id: &Value| {
        let request = json!({ "model_id": id, "applications": [row] });
        let answer = admin.post_json("/predict", &request).await.ok();
        number(&answer["predictions"][0]["raw_score"])
    };
    let before = score(&json!(base.id())).await;
    let after = score(&refitted["model_id"]).await;
    assert!((before - after).abs() > 1e-6, "{before} {after}");
    assert_eq!(card_plan()["model_type"], refitted["model_type"]);
}
