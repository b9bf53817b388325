//! The stored models: listed, shown, kept, deleted, and still there after a restart.

use std::time::Duration;

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{Book, german_applications, plan, plan_with},
};

fn id(value: &Value) -> &str {
    value["model_id"].as_str().unwrap()
}

/// Trains three models, a minute apart; the newest comes first.
async fn three(app: &TestApp) -> Vec<String> {
    let admin = app.admin();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let trained = Book::sound().train(&admin).await.ok();
        ids.insert(0, id(&trained).to_owned());
        app.clock.advance(Duration::from_secs(60));
    }
    ids
}

#[tokio::test]
async fn the_list_is_a_bare_array_with_the_newest_first() {
    let app = TestApp::start();
    let reader = app.key_with(&[Scope::ModelRead]);
    assert_eq!(reader.get("/models").await.ok(), json!([]));
    let ids = three(&app).await;
    let listed = reader.get("/models").await.ok();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), ids);
    let mut members: Vec<_> = listed[0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "accuracy",
            "created_at",
            "model_id",
            "model_type",
            "roc_auc",
            "storage",
            "threshold"
        ]
    );
    assert_eq!(listed[2]["created_at"], "2026-02-02T10:00:00Z");
    assert_eq!(listed[0]["created_at"], "2026-02-02T10:02:00Z");
}

#[tokio::test]
async fn pages_cut_the_list_and_count_it() {
    let app = TestApp::start();
    let ids = three(&app).await;
    let admin = app.admin();
    let page = async |query: &str| admin.get(&format!("/models?{query}")).await.ok();
    let first = page("page=1&size=2").await;
    let items = first["items"].as_array().unwrap();
    assert_eq!(items.iter().map(id).collect::<Vec<_>>(), ids[..2]);
    for (member, number) in [("total", 3), ("page", 1), ("size", 2), ("pages", 2)] {
        assert_eq!(first[member], number, "{member}");
    }
    let second = page("size=2&page=2").await;
    let items = second["items"].as_array().unwrap();
    assert_eq!(items.iter().map(id).collect::<Vec<_>>(), ids[2..]);
    let beyond = page("page=3&size=2").await;
    assert_eq!(beyond["items"], json!([]));
    assert_eq!(beyond["total"], 3);
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    for (query, faults) in [
        ("page=0&size=10", 1),
        ("page=1&size=101", 1),
        ("page=1&size=0", 1),
        ("page=canary&size=-1", 2),
        ("page=1.5&size=1", 1),
        ("page=99999999999999999999&size=1", 1),
    ] {
        let reply = admin.get(&format!("/models?{query}")).await;
        assert_eq!(reply.faults().len(), faults, "{query}");
        assert!(!reply.text().contains("canary"));
    }
}

#[tokio::test]
async fn a_model_tells_what_an_application_looks_like() {
    let app = TestApp::start();
    let model = app.german().await;
    let reader = app.key_with(&[Scope::ModelRead]);
    let shown = reader.get(&format!("/models/{}", model.id())).await.ok();
    let result = &model.result;
    for (member, expected) in [
        ("model_id", &result["model_id"]),
        ("threshold", &result["optimal_threshold"]),
        ("roc_auc", &result["metrics"]["roc_auc"]),
        ("accuracy", &result["metrics"]["accuracy"]),
        ("created_at", &result["created_at"]),
        ("data", &result["data"]),
        ("training_config", &result["training_config"]),
    ] {
        assert_eq!(&shown[member], expected, "{member}");
    }
    let digest = shown["model_sha256"].as_str().unwrap();
    assert_eq!(digest.len(), 64);
    let written_by = shown["written_by"].as_str().unwrap();
    assert!(written_by.starts_with("credit-risk "));
    let names: Vec<&str> = shown["data"]["characteristics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 20);
    assert!(!names.contains(&"credit_risk"));
}

#[tokio::test]
async fn the_results_are_the_trainings_answer() {
    let app = TestApp::start();
    let model = app.german().await;
    let reader = app.key_with(&[Scope::ModelRead]);
    let path = format!("/models/{}/results", model.id());
    assert_eq!(reader.get(&path).await.ok(), model.result);
}

#[tokio::test]
async fn persisting_again_changes_nothing_and_tells_no_path_of_ours() {
    let app = TestApp::start();
    let model = app.german().await;
    let writer = app.key_with(&[Scope::ModelWrite]);
    let path = format!("/models/{}/persist", model.id());
    let first = writer.post(&path).await;
    let second = writer.post(&path).await;
    assert_eq!(first.ok(), second.ok());
    let persisted = first.json();
    assert_eq!(persisted["model_id"], model.id());
    assert_eq!(persisted["path"], format!("{}.model", model.id()));
    assert!(persisted["instructions"].is_string());
    let folder = app.folder();
    assert!(!first.text().contains(folder.path().to_str().unwrap()));
    let missing = writer.post("/models/none/persist").await;
    missing.problem(404, "MODEL_NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_model_is_gone() {
    let app = TestApp::start();
    let model = app.german().await;
    let admin = app.admin();
    let path = format!("/models/{}", model.id());
    // Loaded, listed and then deleted: no cache may keep it.
    let request = json!({
        "model_id": model.id(),
        "applications": &german_applications()[..1],
    });
    admin.post_json("/predict", &request).await.ok();
    admin.get("/models").await.ok();
    let deleted = admin.delete(&path).await;
    assert_eq!((deleted.status, deleted.text()), (204, ""));
    admin.delete(&path).await.problem(404, "MODEL_NOT_FOUND");
    for path in [path.clone(), format!("{path}/results")] {
        let problem = admin.get(&path).await.problem(404, "MODEL_NOT_FOUND");
        assert_eq!(
            problem["detail"],
            format!("Model not found: {}", model.id())
        );
    }
    let reply = admin.post_json("/predict", &request).await;
    reply.problem(404, "MODEL_NOT_FOUND");
    assert_eq!(admin.get("/models").await.ok(), json!([]));
    assert!(!app.stored(&format!("{}.json", model.id())).exists());
}

#[tokio::test]
async fn a_damaged_model_is_left_out_and_answered_500_without_internals() {
    let app = TestApp::start();
    let model = app.german().await;
    let sound = Book::sound().train(&app.admin()).await.ok();
    let file = app.stored(&format!("{}.model", model.id()));
    let mut bytes = std::fs::read(&file).unwrap();
    // The last bit of the threshold: still a model, but not the one that was stored.
    let near_the_end = bytes.len() - 9;
    bytes[near_the_end] ^= 1;
    std::fs::write(&file, bytes).unwrap();

    let admin = app.admin();
    let request = json!({
        "model_id": model.id(),
        "applications": &german_applications()[..1],
    });
    let path = format!("/models/{}", model.id());
    for reply in [
        admin.post_json("/predict", &request).await,
        admin.get(&path).await,
        admin.get(&format!("{path}/results")).await,
        admin.post(&format!("{path}/persist")).await,
    ] {
        reply.problem(500, "INTERNAL");
        let folder = app.folder();
        for leak in [
            folder.path().to_str().unwrap(),
            "digest",
            "damaged",
            "postcard",
        ] {
            assert!(!reply.text().contains(leak), "{leak}: {}", reply.text());
        }
    }
    let listed = admin.get("/models").await.ok();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, [id(&sound)]);
}

#[tokio::test]
async fn a_changed_metadata_file_changes_nothing_that_is_answered() {
    let app = TestApp::start();
    let model = app.german().await;
    let file = app.stored(&format!("{}.json", model.id()));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"roc_auc\": 0.", "\"roc_auc\": 0.9")).unwrap();
    let path = format!("/models/{}/results", model.id());
    assert_eq!(app.admin().get(&path).await.ok(), model.result);
}

#[tokio::test]
async fn a_model_file_under_another_name_is_no_model() {
    let app = TestApp::start();
    let model = app.german().await;
    for extension in ["model", "json"] {
        let from = app.stored(&format!("{}.{extension}", model.id()));
        std::fs::copy(from, app.stored(&format!("impostor.{extension}"))).unwrap();
    }
    let request = json!({
        "model_id": "impostor",
        "applications": &german_applications()[..1],
    });
    let reply = app.admin().post_json("/predict", &request).await;
    reply.problem(500, "INTERNAL");
}

#[tokio::test]
async fn after_a_restart_models_score_bit_for_bit_as_before() {
    let app = TestApp::start();
    let folder = app.folder();
    let admin = app.admin();
    let key = admin.key().to_owned();
    let selected =
        plan_with(json!({ "selected_features": ["age_years", "housing_rent", "purpose"] }));
    let mut before = Vec::new();
    for plan in [plan(), selected] {
        let trained = admin.post_json("/train", &plan).await.ok();
        let request = json!({
            "model_id": trained["model_id"],
            "applications": &german_applications()[..100],
            "include_contributions": true,
        });
        let answer = admin.post_json("/predict", &request).await;
        assert_eq!(answer.status, 200);
        before.push((trained, request, answer.body));
    }
    let listed = admin.get("/models").await.ok();
    drop(admin);
    drop(app.stop());

    let app = TestApp::in_folder(folder, &[]);
    let admin = app.bearer(&key);
    assert_eq!(admin.get("/models").await.ok(), listed);
    for (trained, request, answer) in before {
        let again = admin.post_json("/predict", &request).await;
        assert_eq!(again.body, answer);
        let path = format!("/models/{}/results", id(&trained));
        assert_eq!(admin.get(&path).await.ok(), trained);
    }
}
