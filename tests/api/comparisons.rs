//! A champion and a challenger on the same loans.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{Book, GERMAN, german_records, plan_with},
    replies::number,
};

fn of(champion: &str, challenger: &str) -> Value {
    json!({ "champion": champion, "challenger": challenger })
}

fn with(request: &Value, members: Value) -> Value {
    let (mut request, Value::Object(members)) = (request.clone(), members) else {
        panic!("members are an object");
    };
    request.as_object_mut().unwrap().extend(members);
    request
}

#[tokio::test]
async fn the_test_rows_give_both_trainings_own_numbers_and_their_difference() {
    let app = TestApp::start();
    let (champion, challenger) = (app.german().await, app.card().await);
    let clerk = app.key_with(&[Scope::ModelPredict]);
    let request = with(
        &of(champion.id(), challenger.id()),
        json!({ "sample": "test" }),
    );
    let found = clerk.post_json("/comparisons", &request).await.ok();
    assert_eq!(found["champion_id"], champion.id());
    assert_eq!(found["challenger_id"], challenger.id());
    assert_eq!(found["sample"], "test");
    assert_eq!(found["rows"], 200);
    assert_eq!(found["data_rows"], 1_000);
    assert_eq!(found["data_digest"], champion.result["data"]["digest"]);
    assert_eq!(found["warnings"], json!([]));
    for (role, model) in [("champion", champion), ("challenger", challenger)] {
        let measures = &found[role]["measures"];
        let trained = &model.result["metrics"];
        assert_eq!(measures["auc"], trained["roc_auc"], "{role}");
        assert_eq!(measures["brier"], trained["brier_score"], "{role}");
        assert_eq!(found[role]["threshold"], model.result["optimal_threshold"]);
    }
    let auc = |role: &str| number(&found[role]["measures"]["auc"]);
    let difference = auc("challenger") - auc("champion");
    assert!(difference.abs() > 1e-4, "{difference}");
    assert!((number(&found["difference"]["auc"]) - difference).abs() < 1e-15);
    assert!((number(&found["auc_test"]["difference"]) - difference).abs() < 1e-12);
    assert!((0.0..=1.0).contains(&number(&found["auc_test"]["p_value"])));
    let cells = [
        "approved_by_both",
        "swapped_in",
        "swapped_out",
        "declined_by_both",
    ];
    for set in ["swap_set", "swap_set_at_equal_approval"] {
        let rows = cells.map(|cell| number(&found[set][cell]["rows"]));
        assert!((rows.iter().sum::<f64>() - 200.0).abs() < 1e-9, "{set}");
    }
    assert_eq!(
        app.events(),
        ["auth_success", "model_loaded", "model_loaded"]
    );
}

#[tokio::test]
async fn a_model_does_not_differ_from_itself_and_the_test_of_that_has_no_p_value() {
    let app = TestApp::start();
    let model = app.german().await;
    let request = of(model.id(), model.id());
    let found = app.admin().post_json("/comparisons", &request).await.ok();
    for measure in ["auc", "gini", "ks", "brier", "log_loss"] {
        assert_eq!(found["difference"][measure], 0.0, "{measure}");
    }
    assert_eq!(found["auc_test"]["difference"], 0.0);
    assert_eq!(found["auc_test"]["z"], Value::Null);
    assert_eq!(found["auc_test"]["p_value"], Value::Null);
    assert!((number(&found["rank_correlation"]) - 1.0).abs() < 1e-12);
    assert_eq!(found["swap_set"]["swapped_in"]["rows"], 0);
    assert_eq!(found["swap_set"]["swapped_out"]["rows"], 0);
}

#[tokio::test]
async fn the_answer_warns_that_a_model_was_trained_on_these_rows() {
    let app = TestApp::start();
    let (champion, challenger) = (app.german().await, app.card().await);
    let admin = app.admin();
    let request = of(champion.id(), challenger.id());
    let codes = |found: &Value| -> Vec<Value> {
        let warnings = found["warnings"].as_array().unwrap();
        warnings
            .iter()
            .map(|it| json!([it["code"], it["model_id"]]))
            .collect()
    };
    let uploaded = admin
        .post_form("/comparisons", &request, GERMAN.as_bytes())
        .await;
    let uploaded = uploaded.ok();
    assert_eq!(
        codes(&uploaded),
        [
            json!(["in_sample", champion.id()]),
            json!(["in_sample", challenger.id()])
        ]
    );
    // Other bytes, other loans as far as anybody can tell.
    let others = GERMAN.lines().take(501).collect::<Vec<_>>().join("\n");
    let others = admin
        .post_form("/comparisons", &request, others.as_bytes())
        .await;
    let others = others.ok();
    assert_eq!(others["rows"], 500);
    assert_eq!(codes(&others), Vec::<Value>::new());
}

#[tokio::test]
async fn every_way_of_sending_the_loans_gives_the_same_comparison() {
    let app = TestApp::start();
    let request = of(app.german().await.id(), app.card().await.id());
    let admin = app.admin();
    let bundled = admin.post_json("/comparisons", &request).await.ok();
    let records = with(&request, json!({ "records": german_records() }));
    let records = admin.post_json("/comparisons", &records).await.ok();
    for member in ["champion", "challenger", "auc_test", "swap_set"] {
        assert_eq!(records[member], bundled[member], "{member}");
    }
}

#[tokio::test]
async fn rows_are_read_as_applications_are_and_every_fault_has_its_place() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut ids = Vec::new();
    for members in [json!({}), json!({ "unseen": "reject" })] {
        let trained = Book::sound().train_as(&admin, members).await.ok();
        ids.push(trained["model_id"].as_str().unwrap().to_owned());
    }
    let request = of(&ids[0], &ids[1]);
    let post = async |book: Book| {
        admin
            .post_form("/comparisons", &request, book.csv().as_bytes())
            .await
    };
    let spoilt = Book::sound()
        .cell(3, "amount", "much")
        .cell(5, "age", "")
        .cell(9, "grade", "Z");
    let faults = post(spoilt).await.faults();
    let found: Vec<Value> = faults
        .iter()
        .map(|fault| json!([fault["line"], fault["column"], fault["detail"]]))
        .collect();
    assert_eq!(
        found,
        [
            json!([5, "amount", "expected a number"]),
            json!([7, "age", "a value is required"]),
            json!([11, "grade", "not one of the levels the model knows"]),
        ]
    );
    // The champion takes a level it does not know for the average one.
    let request = of(&ids[0], &ids[0]);
    let unseen = Book::sound().cell(9, "grade", "Z").csv();
    let reply = admin
        .post_form("/comparisons", &request, unseen.as_bytes())
        .await;
    assert_eq!(reply.ok()["rows"], 60);
    let renamed = Book::sound().rename("age", "years").csv();
    let reply = admin
        .post_form("/comparisons", &request, renamed.as_bytes())
        .await;
    let fault = reply.fault();
    assert_eq!(fault["column"], "age");
}

#[tokio::test]
async fn columns_that_no_model_uses_do_not_matter() {
    let app = TestApp::start();
    let admin = app.admin();
    let trained = Book::sound()
        .train_as(&admin, json!({ "exclude": ["age"] }))
        .await;
    let id = trained.ok()["model_id"].as_str().unwrap().to_owned();
    let book = Book::sound().fill("age", |_| "whatever".to_owned()).csv();
    let reply = admin
        .post_form("/comparisons", &of(&id, &id), book.as_bytes())
        .await;
    assert_eq!(reply.ok()["rows"], 60);
}

#[tokio::test]
async fn the_outcome_is_the_champions_unless_the_request_names_another() {
    let app = TestApp::start();
    let admin = app.admin();
    let trained = Book::sound().train(&admin).await.ok();
    let id = trained["model_id"].as_str().unwrap();
    let request = of(id, id);
    let renamed = Book::sound().rename("default", "gone").csv();
    let reply = admin
        .post_form("/comparisons", &request, renamed.as_bytes())
        .await;
    assert_eq!(reply.pointers(), ["#/target"]);
    let named = with(&request, json!({ "target": "gone" }));
    let reply = admin
        .post_form("/comparisons", &named, renamed.as_bytes())
        .await;
    let found = reply.ok();
    assert_eq!(found["events"], trained["data"]["events"]);
    let turned = with(&request, json!({ "event": 0 }));
    let reply = admin
        .post_form("/comparisons", &turned, Book::sound().csv().as_bytes())
        .await;
    let turned = reply.ok();
    let events = |found: &Value| found["events"].as_u64().unwrap();
    assert_eq!(events(&turned) + events(&found), 60);
    let unknown = with(&request, json!({ "event": "maybe" }));
    let reply = admin
        .post_form("/comparisons", &unknown, Book::sound().csv().as_bytes())
        .await;
    assert_eq!(reply.pointers(), ["#/event"]);
}

#[tokio::test]
async fn samples_that_nobody_kept_are_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = app.german().await.id();
    let other = plan_with(json!({ "random_state": 7 }));
    let other = admin.post_json("/train", &other).await.ok();
    let other = other["model_id"].as_str().unwrap();
    let test = json!({ "sample": "test" });
    // Another split, other data, no such sample.
    let reply = admin
        .post_json("/comparisons", &with(&of(id, other), test.clone()))
        .await;
    assert_eq!(reply.pointers(), ["#/sample"]);
    let part = GERMAN.lines().take(601).collect::<Vec<_>>().join("\n");
    let reply = admin
        .post_form("/comparisons", &with(&of(id, id), test), part.as_bytes())
        .await;
    assert_eq!(reply.pointers(), ["#/sample"]);
    for sample in ["out_of_time", "some"] {
        let request = with(&of(id, id), json!({ "sample": sample }));
        let reply = admin.post_json("/comparisons", &request).await;
        assert_eq!(reply.pointers(), ["#/sample"], "{sample}");
    }
}

#[tokio::test]
async fn newer_loans_are_compared_alone_whatever_else_the_data_has() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut book = Book::sound();
    book.header.push("month".to_owned());
    for (index, row) in book.rows.iter_mut().enumerate() {
        row.push(if index % 3 == 0 { "2024-06" } else { "2023-01" }.to_owned());
    }
    let time = json!({ "out_of_time": { "column": "month", "from": "2024-01" } });
    let trained = book.train_as(&admin, time).await.ok();
    let id = trained["model_id"].as_str().unwrap();
    let request = with(&of(id, id), json!({ "sample": "out_of_time" }));
    let reply = admin
        .post_form("/comparisons", &request, book.csv().as_bytes())
        .await;
    let both = reply.ok();
    assert_eq!(both["rows"], 20);
    assert_eq!(both["warnings"], json!([]));
    let month = book.column("month");
    let mut newer = book.clone();
    newer.rows.retain(|row| row[month] == "2024-06");
    let reply = admin
        .post_form("/comparisons", &request, newer.csv().as_bytes())
        .await;
    assert_eq!(reply.ok()["champion"], both["champion"]);
    let older = book.fill("month", |_| "2023-01".to_owned());
    let reply = admin
        .post_form("/comparisons", &request, older.csv().as_bytes())
        .await;
    assert_eq!(reply.pointers(), ["#/sample"]);
}

#[tokio::test]
async fn unknown_models_and_members_are_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = app.german().await.id();
    for request in [of(id, "nobody"), of("../etc", id)] {
        let reply = admin.post_json("/comparisons", &request).await;
        reply.problem(404, "MODEL_NOT_FOUND");
    }
    let request = with(&of(id, id), json!({ "threshold": 0.5 }));
    let reply = admin.post_json("/comparisons", &request).await;
    assert_eq!(reply.pointers(), ["#/threshold"]);
    let reply = admin
        .post_json("/comparisons", &json!({ "champion": id }))
        .await;
    assert_eq!(reply.fault()["detail"], "missing field `challenger`");
}

#[tokio::test]
async fn a_busy_door_turns_a_comparison_away() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_TRAINING_WORKERS", "1"),
        ("CREDIT_RISK_TRAINING_QUEUE", "0"),
    ]);
    let id = app.german().await.id();
    let _taken = app.state().compute.training.admit().unwrap();
    let reply = app.admin().post_json("/comparisons", &of(id, id)).await;
    reply.problem(503, "NOT_READY");
}
