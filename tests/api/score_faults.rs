//! What is wrong with a row is told in its place, what is wrong with the whole before the first.

use credit_risk::access::Scope;
use serde_json::{Value, json};

use crate::{
    score::{CSV, NDJSON, csv_rows, json_rows, path},
    support::{
        TestApp,
        loans::{Book, GERMAN},
    },
};

/// The bundled data with one cell changed, `row` counted from 0.
fn spoilt(row: usize, column: &str, text: &str) -> String {
    let mut lines = GERMAN.lines().map(str::to_owned).collect::<Vec<_>>();
    let at = lines[0].split(',').position(|own| own == column).unwrap();
    let mut cells: Vec<&str> = lines[row + 1].split(',').collect();
    cells[at] = text;
    lines[row + 1] = cells.join(",");
    lines.join("\n")
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_answered_with_its_error_and_the_others_are_assessed() {
    let app = TestApp::start();
    let model = app.german().await;
    let whole = app.admin().post_text(&path(model, ""), CSV, GERMAN).await;
    let body = spoilt(3, "credit_amount", "s3cret");
    let query = "?keep=purpose";
    let reply = app.admin().post_text(&path(model, query), CSV, body).await;
    assert!(!reply.text().contains("s3cret"));
    let (rows, sound) = (csv_rows(&reply), csv_rows(&whole));
    assert_eq!(rows.len(), 1_000);
    for (at, (row, sound)) in rows.iter().zip(&sound).enumerate() {
        assert_ne!(row["purpose"], "");
        if at == 3 {
            assert_eq!(
                row["error"],
                "line 5, column \"credit_amount\": expected a number"
            );
            for name in ["default_probability", "log_odds", "decision", "reasons"] {
                assert_eq!(row[name], "", "{name}");
            }
        } else {
            assert_eq!(row["default_probability"], sound["default_probability"]);
            assert_eq!(row["error"], "");
        }
    }
    let lines = app.audit_lines();
    let completed = lines
        .iter()
        .rfind(|it| it["event"] == "batch_scoring_completed");
    let completed = completed.unwrap();
    assert_eq!(completed["n_samples"], 1_000);
    assert_eq!(completed["n_errors"], 1);
}

#[tokio::test]
async fn every_fault_of_a_row_names_its_place_and_its_rule() {
    let app = TestApp::start();
    let admin = app.admin();
    let model = Book::sound().train(&admin).await.ok();
    let path = format!("/models/{}/score", model["model_id"].as_str().unwrap());
    let rows = [
        ("1000,30,A", ""),
        (
            "x,y,A",
            "line 3, column \"amount\": expected a number; line 3, column \"age\": expected a number",
        ),
        ("inf,30,A", "line 4, column \"amount\": expected a number"),
        (",30,A", "line 5, column \"amount\": a value is required"),
        ("1000,30", "line 6: 2 cells where 3 are expected"),
        ("1000,30,A,4", "line 7: 4 cells where 3 are expected"),
        ("1000,30,Z", ""),
        (" 1000 ,\"30\", A", ""),
    ];
    let lines: Vec<&str> = rows.iter().map(|(row, _)| *row).collect();
    let body = format!("amount,age,grade\r\n{}\r\n", lines.join("\r\n"));
    let found = csv_rows(&admin.post_text(&path, CSV, body).await);
    let errors: Vec<&str> = found
        .iter()
        .map(|it| it["error"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = rows.iter().map(|(_, error)| *error).collect();
    assert_eq!(errors, expected);
    assert_eq!(found[6]["flags"], "grade:unseen");
    assert_eq!(found[7]["log_odds"], found[0]["log_odds"]);
}

#[tokio::test]
async fn a_line_that_is_no_application_is_an_error_in_its_place() {
    let app = TestApp::start();
    let admin = app.admin();
    let model = Book::sound().train(&admin).await.ok();
    let path = format!(
        "/models/{}/score?keep=id",
        model["model_id"].as_str().unwrap()
    );
    let sound = json!({ "amount": 1_000, "age": 30, "grade": "A", "id": { "no": 7 } });
    let body = [
        sound.to_string(),
        String::new(),
        "[1]".to_owned(),
        "{\"amount\": 1".to_owned(),
        json!({ "amount": 1_000, "age": 30, "grad": "A", "id": "x" }).to_string(),
        json!({ "age": "old", "amount": 1, "grade": "B" }).to_string(),
    ]
    .join("\n");
    let rows = json_rows(&admin.post_text(&path, NDJSON, body).await);
    let object = "expected an object with one member per characteristic";
    let errors = [
        Value::Null,
        json!(format!("line 3: {object}")),
        json!(format!("line 4: {object}")),
        json!(
            "line 5, column \"grad\": the model knows no characteristic of this name; \
             line 5, column \"grade\": a value is required"
        ),
        json!("line 6, column \"age\": expected a number"),
    ];
    assert_eq!(
        rows.iter()
            .map(|it| it["error"].clone())
            .collect::<Vec<_>>(),
        errors
    );
    assert_eq!(rows[0]["id"], json!({ "no": 7 }));
    assert_eq!(rows[3]["id"], "x");
    assert_eq!(rows[4]["id"], Value::Null);
}

#[tokio::test]
async fn gaps_of_the_training_are_gaps_of_a_csv() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::with_gaps().fill("grade", |row| {
        ["n/a", "A", "B", "B", "B", "C", "B"][row % 7].to_owned()
    });
    let members = json!({ "missing_values": ["n/a"] });
    let model = book.train_as(&admin, members).await.ok();
    let path = format!("/models/{}/score", model["model_id"].as_str().unwrap());
    let body = "amount,age,grade\n5,30,n/a\n5,30,\n5,30,none\n";
    let rows = csv_rows(&admin.post_text(&path, CSV, body).await);
    assert_eq!(rows[0]["flags"], "grade:missing");
    assert_eq!(rows[0]["log_odds"], rows[1]["log_odds"]);
    assert_eq!(rows[2]["flags"], "grade:unseen");
    let path = format!("{path}?missing_values=none");
    let rows = csv_rows(&admin.post_text(&path, CSV, body).await);
    assert_eq!(rows[0]["flags"], "grade:unseen");
    assert_eq!(rows[2]["flags"], "grade:missing");
}

#[tokio::test]
async fn what_concerns_the_whole_is_refused_before_anything_is_answered() {
    let app = TestApp::start();
    let model = app.german().await;
    let clerk = app.key_with(&[Scope::ModelPredict]);
    let header = GERMAN.lines().next().unwrap();
    let misspelt = GERMAN.replacen("credit_amount", "credit_amuont", 1);
    let fault = clerk
        .post_text(&path(model, ""), CSV, misspelt)
        .await
        .fault();
    assert_eq!(fault["line"], 1);
    assert_eq!(fault["column"], "credit_amount");
    let twice = GERMAN.replacen("purpose", "housing", 1);
    let reply = clerk.post_text(&path(model, ""), CSV, twice).await;
    assert_eq!(reply.faults().len(), 2);
    for query in [
        "?keep=nothing",
        "?keep=purpose,purpose",
        "?keep=decision",
        "?reasons=5",
        "?reasons=-1",
        "?threshold=2",
        "?threshold=x",
        "?limit=3",
    ] {
        let reply = clerk.post_text(&path(model, query), CSV, GERMAN).await;
        reply.fault();
    }
    clerk.post_text(&path(model, ""), CSV, "").await.fault();
    let long = "x".repeat(2 << 20);
    clerk.post_text(&path(model, ""), CSV, long).await.fault();
    let reply = clerk
        .post_text(&path(model, ""), "text/plain", GERMAN)
        .await;
    reply.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let nobody = "/models/logistic_regression_test20_3f_ffffff/score";
    let reply = clerk.post_text(nobody, CSV, GERMAN).await;
    reply.problem(404, "MODEL_NOT_FOUND");
    let reader = app.key_with(&[Scope::ModelRead]);
    let reply = reader.post_text(&path(model, ""), CSV, GERMAN).await;
    reply.problem(403, "FORBIDDEN");
    let reply = app
        .stranger()
        .post_text(&path(model, ""), CSV, GERMAN)
        .await;
    reply.problem(401, "UNAUTHORIZED");
    assert!(!app.events().contains(&"batch_scoring_started".to_owned()));

    let empty = clerk.post_text(&path(model, ""), CSV, header).await;
    assert_eq!(csv_rows(&empty).len(), 0);
}
