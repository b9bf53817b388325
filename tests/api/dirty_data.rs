//! Data that cannot be trained on: every fault is a 422 that names its place.

use serde_json::{Value, json};

use crate::support::{
    Reply, TestApp,
    loans::{Book, plan, plan_with},
};

/// What must never be seen again once it was sent.
const CANARY: &str = "canary-9d0b";

/// Trains on `book` with these members of the plan.
async fn train(book: &Book, members: Value) -> Reply {
    let app = TestApp::start();
    let reply = book.train_as(&app.admin(), members).await;
    if reply.status == 422 {
        // The plan may name columns; the data itself must not be in the trail.
        let error = app.only("training_failed")["error"].to_string();
        assert!(!error.contains(CANARY), "{error}");
    }
    reply
}

/// The only fault of a book, which must be at this place and quote nothing.
async fn fault(book: &Book, line: Option<u64>, column: Option<&str>) -> String {
    let reply = train(book, json!({})).await;
    assert!(!reply.text().contains(CANARY), "{}", reply.text());
    let fault = reply.fault();
    assert_eq!(fault["line"].as_u64(), line, "{fault}");
    assert_eq!(fault["column"].as_str(), column, "{fault}");
    assert_eq!(fault["msg"], fault["detail"]);
    assert_eq!(fault["loc"], json!(["body"]));
    assert!(fault.get("pointer").is_none(), "{fault}");
    fault["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_sound_book_trains() {
    assert_eq!(train(&Book::sound(), json!({})).await.status, 200);
}

#[tokio::test]
async fn a_text_among_numbers_is_named_by_line_and_column() {
    let book = Book::sound().cell(3, "amount", CANARY);
    let detail = fault(&book, Some(5), Some("amount")).await;
    assert!(detail.starts_with("not a number, in a column of numbers"));
}

#[tokio::test]
async fn every_faulty_cell_is_listed() {
    let book = Book::sound()
        .cell(3, "amount", CANARY)
        .cell(9, "age", "old")
        .cell(7, "amount", "1 000");
    let reply = train(&book, json!({})).await;
    let place = |fault: &Value| {
        (
            fault["line"].as_u64(),
            fault["column"].as_str().map(str::to_owned),
        )
    };
    let places: Vec<_> = reply.faults().iter().map(place).collect();
    let expected = [(5, "amount"), (9, "amount"), (11, "age")];
    let expected = expected.map(|(line, column)| (Some(line), Some(column.to_owned())));
    assert_eq!(places, expected);
    let detail = reply.json()["detail"].clone();
    assert_eq!(detail, "Validation errors: 3; see errors");
}

#[tokio::test]
async fn numbers_that_are_not_finite_are_refused() {
    for text in ["NaN", "nan", "inf", "-inf", "Infinity", "1e999"] {
        let book = Book::sound().cell(10, "age", text);
        let detail = fault(&book, Some(12), Some("age")).await;
        assert_eq!(detail, "the number is not finite", "{text}");
    }
}

#[tokio::test]
async fn a_quoted_cell_over_two_lines_does_not_shift_the_count() {
    let book = Book::sound()
        .cell(2, "grade", "\"A\nB\"")
        .cell(8, "amount", CANARY);
    let detail = fault(&book, Some(11), Some("amount")).await;
    assert!(detail.starts_with("not a number"));
}

#[tokio::test]
async fn a_constant_column_is_refused() {
    let book = Book::sound().fill("grade", |_| CANARY.to_owned());
    let detail = fault(&book, Some(1), Some("grade")).await;
    assert_eq!(detail, "the column is constant; exclude it");
    let book = Book::sound().fill("age", |_| "40".to_owned());
    fault(&book, Some(1), Some("age")).await;
}

#[tokio::test]
async fn an_empty_column_is_refused() {
    let book = Book::sound().fill("age", |_| String::new());
    let detail = fault(&book, Some(1), Some("age")).await;
    assert_eq!(detail, "the column has no values");
}

#[tokio::test]
async fn one_class_alone_is_refused() {
    let book = Book::sound().fill("default", |_| "0".to_owned());
    let detail = fault(&book, Some(1), Some("default")).await;
    assert_eq!(
        detail,
        "the target has one value only: a model needs goods and bads"
    );
}

#[tokio::test]
async fn a_target_of_three_values_is_refused_where_the_third_appears() {
    let book = Book::sound().cell(41, "default", CANARY);
    let detail = fault(&book, Some(43), Some("default")).await;
    assert_eq!(detail, "the target has 3 values where two are expected");
}

#[tokio::test]
async fn an_empty_outcome_is_refused() {
    let book = Book::sound().cell(20, "default", "");
    let detail = fault(&book, Some(22), Some("default")).await;
    assert_eq!(detail, "the target is missing");
}

#[tokio::test]
async fn a_header_that_occurs_twice_is_refused() {
    let book = Book::sound().rename("age", "amount");
    let detail = fault(&book, Some(1), Some("amount")).await;
    assert_eq!(detail, "the header names this column twice");
}

#[tokio::test]
async fn an_empty_header_is_refused() {
    let book = Book::sound().rename("age", " ");
    let detail = fault(&book, Some(1), None).await;
    assert_eq!(detail, "header 2 is empty");
}

#[tokio::test]
async fn a_ragged_row_is_named_by_its_line() {
    let mut book = Book::sound();
    book.rows[5].pop();
    let detail = fault(&book, Some(7), None).await;
    assert_eq!(detail, "3 cells where 4 are expected");
    let mut book = Book::sound();
    book.rows[6].push(CANARY.to_owned());
    let detail = fault(&book, Some(8), None).await;
    assert_eq!(detail, "5 cells where 4 are expected");
}

#[tokio::test]
async fn no_rows_and_no_bytes_are_refused() {
    let mut book = Book::sound();
    book.rows.clear();
    assert_eq!(fault(&book, None, None).await, "the data set has no rows");
    let app = TestApp::start();
    let reply = app.admin().post_form("/train", &plan(), b"").await;
    reply.fault();
}

#[tokio::test]
async fn a_cell_that_is_not_utf8_is_named() {
    let app = TestApp::start();
    let csv = Book::sound().cell(4, "grade", "@").csv();
    let bytes: Vec<u8> = csv
        .bytes()
        .map(|byte| if byte == b'@' { 0xE9 } else { byte })
        .collect();
    let reply = app.admin().post_form("/train", &plan(), &bytes).await;
    let fault = reply.fault();
    assert_eq!(
        (fault["line"].as_u64(), &fault["column"]),
        (Some(6), &json!("grade"))
    );
    assert_eq!(fault["detail"], "the cell is not UTF-8 text");
}

#[tokio::test]
async fn a_header_that_is_not_utf8_is_refused() {
    let app = TestApp::start();
    let mut bytes = Book::sound().csv().into_bytes();
    bytes[0] = 0xFF;
    let reply = app.admin().post_form("/train", &plan(), &bytes).await;
    assert_eq!(reply.fault()["detail"], "header 1 is not UTF-8 text");
}

#[tokio::test]
async fn a_column_that_looks_like_an_identifier_is_refused() {
    let app = TestApp::with(&[("CREDIT_RISK_MAX_LEVELS", "20")]);
    let book = Book::sound().fill("grade", |row| format!("{CANARY}-{row}"));
    let reply = book.train(&app.admin()).await;
    let fault = reply.fault();
    assert_eq!(
        (fault["line"].as_u64(), &fault["column"]),
        (Some(1), &json!("grade"))
    );
    assert_eq!(
        fault["detail"],
        "more than 20 levels: it looks like an identifier; exclude it"
    );
    assert!(!reply.text().contains(CANARY));
    let excluded = book
        .train_as(&app.admin(), json!({ "exclude": ["grade"] }))
        .await;
    assert_eq!(excluded.status, 200);
}

#[tokio::test]
async fn more_rows_or_columns_than_allowed_are_refused() {
    let app = TestApp::with(&[("CREDIT_RISK_MAX_TRAINING_ROWS", "59")]);
    let reply = Book::sound().train(&app.admin()).await;
    assert_eq!(reply.fault()["detail"], "more than 59 rows");
    let body = plan_with(json!({ "records": Book::sound().records() }));
    let reply = app.admin().post_json("/train", &body).await;
    assert_eq!(reply.fault()["detail"], "more than 59 rows");
    let app = TestApp::with(&[("CREDIT_RISK_MAX_TRAINING_COLUMNS", "3")]);
    let reply = Book::sound().train(&app.admin()).await;
    assert_eq!(reply.fault()["detail"], "more than 3 columns");
}

#[tokio::test]
async fn a_target_that_is_not_there_is_refused() {
    let reply = train(&Book::sound(), json!({ "target": CANARY })).await;
    assert_eq!(reply.pointers(), ["#/target"]);
    assert!(!reply.text().contains(CANARY));
    let unnamed = Book::sound().rename("default", "what_became_of_it");
    let reply = train(&unnamed, json!({})).await;
    assert_eq!(reply.pointers(), ["#/target"]);
    let named = train(&unnamed, json!({ "target": "what_became_of_it" })).await;
    assert_eq!(named.ok()["data"]["event"], "1");
}

#[tokio::test]
async fn an_event_that_cannot_be_told_must_be_named() {
    let book = Book::sound();
    let column = book.column("default");
    let outcomes: Vec<bool> = book.rows.iter().map(|row| row[column] == "1").collect();
    let book = book.fill("default", |row| {
        let words = [format!("{CANARY}-kept"), format!("{CANARY}-lost")];
        words[usize::from(outcomes[row])].clone()
    });
    let reply = train(&book, json!({})).await;
    assert_eq!(reply.pointers(), ["#/event"]);
    assert!(!reply.text().contains(CANARY));
    let reply = train(&book, json!({ "event": "nothing of the kind" })).await;
    assert_eq!(reply.pointers(), ["#/event"]);
    let named = train(&book, json!({ "event": format!("{CANARY}-lost") })).await;
    let events = outcomes.iter().filter(|event| **event).count();
    assert_eq!(named.ok()["data"]["events"], events);
}

#[tokio::test]
async fn columns_that_the_plan_names_must_be_there() {
    let members = json!({ "exclude": ["age", CANARY], "categorical": [CANARY] });
    let reply = train(&Book::sound(), members).await;
    assert_eq!(reply.pointers(), ["#/exclude/1", "#/categorical/0"]);
    assert!(!reply.text().contains(CANARY));
}

#[tokio::test]
async fn inline_rows_are_pointed_at() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::sound().cell(3, "amount", CANARY);
    let body = plan_with(json!({ "records": book.records() }));
    let reply = admin.post_json("/train", &body).await;
    assert!(!reply.text().contains(CANARY));
    let fault = reply.fault();
    assert_eq!(fault["pointer"], "#/records/3/amount");
    assert_eq!(fault["loc"], json!(["body", "records", 3, "amount"]));
    let body = plan_with(json!({ "columns": book.header, "data": book.rows }));
    let reply = admin.post_json("/train", &body).await;
    assert_eq!(reply.pointers(), ["#/data/3/0"]);
    assert_eq!(reply.fault()["column"], "amount");
}

#[tokio::test]
async fn inline_cells_hold_one_value_each() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut records = Book::sound().records();
    records[7]["age"] = json!([CANARY]);
    records[8]["grade"] = json!({ CANARY: 1 });
    let body = plan_with(json!({ "records": records }));
    let reply = admin.post_json("/train", &body).await;
    assert_eq!(reply.pointers(), ["#/records/7/age", "#/records/8/grade"]);
    assert!(!reply.text().contains(CANARY));
    let body = plan_with(json!({ "columns": ["a", "default"], "data": [[1, 0], [2]] }));
    let reply = admin.post_json("/train", &body).await;
    assert_eq!(reply.pointers(), ["#/data/1"]);
}

#[tokio::test]
async fn a_hundred_faults_are_listed_and_the_others_counted() {
    let mut book = Book::sound();
    book.rows = (0..5).flat_map(|_| book.rows.clone()).collect();
    let book = book.fill("amount", |row| match row % 5 {
        0 | 1 => CANARY.to_owned(),
        _ => row.to_string(),
    });
    let faults = train(&book, json!({})).await.faults();
    assert_eq!(faults.len(), 101);
    assert_eq!(faults[100]["detail"], "and 20 more faults");
}

#[tokio::test]
async fn too_few_defaults_for_the_folds_give_no_model() {
    let book = Book::sound().fill("default", |row| usize::from(row < 3).to_string());
    let reply = train(&book, json!({})).await;
    let problem = reply.problem(400, "TRAINING_FAILED");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("Training failed: "), "{detail}");
}
