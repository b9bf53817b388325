//! Where a training's data comes from, and what the whole request may be.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    loans::{Book, GERMAN, german_records, plan, plan_with},
};

/// What must not depend on the way the data came.
fn numbers(result: &Value) -> Value {
    json!([
        result["intercept"],
        result["coefficients"],
        result["metrics"],
        result["optimal_threshold"],
        result["data"]["rows"],
        result["data"]["events"],
    ])
}

#[tokio::test]
async fn every_way_of_sending_the_same_loans_gives_the_same_model() {
    let app = TestApp::start();
    let trainer = app.key_with(&[Scope::ModelWrite]);
    let bundled = trainer.post_json("/train", &plan()).await.ok();
    assert_eq!(bundled["data"]["rows"], 1_000);
    assert_eq!(bundled["data"]["events"], 300);
    assert_eq!(bundled["data"]["target"], "credit_risk");
    assert_eq!(bundled["data"]["event"], "bad");

    let uploaded = trainer
        .post_form("/train", &plan(), GERMAN.as_bytes())
        .await;
    let uploaded = uploaded.ok();
    assert_eq!(uploaded["data"]["digest"], bundled["data"]["digest"]);
    assert_eq!(numbers(&uploaded), numbers(&bundled));

    // The order of columns is the data's own; objects of JSON have none, so the
    // fits agree to rounding and not to the last bit.
    let rows = german_records();
    let columns: Vec<&str> = GERMAN.lines().next().unwrap().split(',').collect();
    let data: Vec<Vec<&Value>> = rows
        .iter()
        .map(|row| columns.iter().map(|name| &row[*name]).collect())
        .collect();
    let body = plan_with(json!({ "columns": columns, "data": data }));
    let inline = trainer.post_json("/train", &body).await.ok();
    assert_eq!(numbers(&inline), numbers(&bundled));

    let body = plan_with(json!({ "records": rows }));
    let records = trainer.post_json("/train", &body).await.ok();
    assert_eq!(records["data"]["rows"], 1_000);
    let auc = |result: &Value| result["metrics"]["roc_auc"].as_f64().unwrap();
    assert!((auc(&records) - auc(&bundled)).abs() < 1e-9);
}

#[tokio::test]
async fn a_form_without_a_file_trains_on_the_default_data() {
    let app = TestApp::start();
    let config = plan().to_string();
    let reply = app
        .admin()
        .post_parts("/train", &[("config", config.as_bytes())])
        .await;
    assert_eq!(reply.ok()["data"]["rows"], 1_000);
}

#[tokio::test]
async fn the_operators_own_data_set_takes_the_place_of_the_bundled_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loans.csv");
    std::fs::write(&path, Book::sound().csv()).unwrap();
    let app = TestApp::with(&[("CREDIT_RISK_DEFAULT_DATASET_PATH", path.to_str().unwrap())]);
    let result = app.admin().post_json("/train", &plan()).await.ok();
    assert_eq!(result["data"]["rows"], 60);
    std::fs::remove_file(&path).unwrap();
    let reply = app.admin().post_json("/train", &plan()).await;
    reply.problem(500, "INTERNAL");
    assert!(!reply.text().contains("loans.csv"));
}

#[tokio::test]
async fn a_byte_order_mark_and_windows_lines_are_no_part_of_the_data() {
    let app = TestApp::start();
    let admin = app.admin();
    let plain = Book::sound().train(&admin).await.ok();
    let windows = format!("\u{feff}{}", Book::sound().csv().replace('\n', "\r\n"));
    let reply = admin.post_form("/train", &plan(), windows.as_bytes()).await;
    assert_eq!(numbers(&reply.ok()), numbers(&plain));
}

#[tokio::test]
async fn records_columns_and_data_go_together_or_not_at_all() {
    let app = TestApp::start();
    let admin = app.admin();
    for members in [
        json!({ "columns": ["a"] }),
        json!({ "data": [[1]] }),
        json!({ "records": [{}], "columns": ["a"], "data": [[1]] }),
    ] {
        let reply = admin.post_json("/train", &plan_with(members)).await;
        let detail = reply.fault()["detail"].clone();
        assert!(
            detail
                .as_str()
                .unwrap()
                .starts_with("expected records alone")
        );
    }
    for (members, pointer) in [
        (json!({ "records": { "a": 1 } }), "#/records"),
        (json!({ "records": [1] }), "#/records"),
        (json!({ "columns": "a", "data": [[1]] }), "#/columns"),
        (json!({ "columns": ["a"], "data": [{}] }), "#/data"),
    ] {
        let reply = admin.post_json("/train", &plan_with(members)).await;
        assert_eq!(reply.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn a_form_has_a_config_a_file_and_nothing_else() {
    let app = TestApp::start();
    let admin = app.admin();
    let config = plan().to_string();
    let config = config.as_bytes();
    let file: &[u8] = b"a,default\n1,0\n";
    for parts in [
        vec![("file", file)],
        vec![("config", config), ("file", file), ("canary-part", file)],
        vec![("config", config), ("config", config)],
    ] {
        let reply = admin.post_parts("/train", &parts).await;
        reply.fault();
        assert!(!reply.text().contains("canary"));
    }
    let broken = admin
        .post_text("/train", "multipart/form-data; boundary=x", "--y\r\n")
        .await;
    broken.fault();
}

#[tokio::test]
async fn json_that_is_none_is_422_and_says_where() {
    let app = TestApp::start();
    let admin = app.admin();
    let post = async |text: &'static str| {
        let reply = admin.post_text("/train", "application/json", text).await;
        reply.fault()["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(post("").await, "the JSON ends too early");
    assert_eq!(post("{\"model_type\":").await, "the JSON ends too early");
    assert_eq!(
        post("{\n  \"model_type\" canary}").await,
        "not valid JSON at line 2, column 16"
    );
    assert_eq!(
        post("[]").await,
        "expected an object whose members occur once"
    );
    assert!(
        post("{} canary")
            .await
            .starts_with("not valid JSON at line 1")
    );
}

#[tokio::test]
async fn another_media_type_is_415() {
    let app = TestApp::start();
    let admin = app.admin();
    for media in ["application/xml", "text/plain", ""] {
        let reply = admin.post_text("/train", media, "a,b\n1,2\n").await;
        let problem = reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(
            problem["detail"],
            "Expected application/json, multipart/form-data, text/csv, application/x-ndjson, \
             application/vnd.apache.parquet or application/vnd.apache.arrow.stream"
        );
    }
    let reply = admin.post_text("/predict", "text/csv", "a").await;
    reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let app = TestApp::with(&[
        ("CREDIT_RISK_TRAINING_BODY_LIMIT", "500 B"),
        ("CREDIT_RISK_UPLOAD_LIMIT", "500 B"),
        ("CREDIT_RISK_BODY_LIMIT", "100 B"),
    ]);
    let admin = app.admin();
    let long = plan_with(json!({ "exclude": ["x".repeat(2_000)] }));
    let reply = admin.post_json("/train", &long).await;
    reply.problem(413, "PAYLOAD_TOO_LARGE");
    let form = Book::sound().train(&admin).await;
    form.problem(413, "PAYLOAD_TOO_LARGE");
    let predict = admin
        .post_json("/predict", &json!({ "model_id": "m".repeat(200) }))
        .await;
    predict.problem(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(admin.post_json("/train", &plan()).await.status, 200);
}

#[tokio::test]
async fn a_member_that_occurs_twice_is_refused() {
    let app = TestApp::start();
    let twice = "{\"model_type\": \"logistic_regression\", \"model_type\": \"xgboost\"}";
    let reply = app
        .admin()
        .post_text("/train", "application/json", twice)
        .await;
    assert_eq!(reply.status, 422);
    assert_eq!(
        reply.fault()["detail"],
        "expected an object whose members occur once"
    );
}

#[tokio::test]
async fn names_of_members_are_read_without_the_spaces_around_them() {
    let app = TestApp::start();
    let records: Vec<Value> = (0..60)
        .map(|row| json!({ " income ": row, "target": u8::from(row % 7 < 3) }))
        .collect();
    let mut request = plan_with(json!({ "target": "target", "event": 1, "cv_folds": 2 }));
    request["records"] = records.into();
    let result = app.admin().post_json("/train", &request).await.ok();
    assert_eq!(result["data"]["characteristics"][0]["name"], "income");
}
