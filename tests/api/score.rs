//! Data sets scored row for row: the formats, and that each row gets the answer it would get alone.

use credit_risk::access::Scope;
use serde_json::{Map, Value, json};

use crate::support::{
    Reply, TestApp,
    loans::{GERMAN, Model, german_applications},
    replies::number,
};

pub const CSV: &str = "text/csv";
pub const NDJSON: &str = "application/x-ndjson";

pub fn path(model: &Model, query: &str) -> String {
    format!("/models/{}/score{query}", model.id())
}

/// The lines of a CSV as objects of texts.
pub fn csv_rows(reply: &Reply) -> Vec<Map<String, Value>> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let mut reader = csv::Reader::from_reader(reply.body.as_ref());
    let names = reader.headers().unwrap().clone();
    let object = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter());
        let cells = cells.map(|(name, cell)| (name.to_owned(), json!(cell)));
        cells.collect()
    };
    reader.records().map(|it| object(it.unwrap())).collect()
}

/// The lines of an NDJSON.
pub fn json_rows(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let lines = reply.text().lines();
    lines.map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// The applications, one a line.
fn ndjson(applications: &[Map<String, Value>]) -> String {
    let lines = applications.iter().map(|it| json!(it).to_string() + "\n");
    lines.collect()
}

/// What `/predict` answers to the bundled applicants.
async fn predicted(app: &TestApp, model: &Model) -> Vec<Value> {
    let request = json!({ "model_id": model.id(), "applications": german_applications() });
    let answer = app.admin().post_json("/predict", &request).await.ok();
    answer["predictions"].as_array().unwrap().clone()
}

/// `characteristic:word` of each item of a list, with `;` between them.
fn listed(items: &Value, word: &str) -> String {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = items.iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap();
        format!("{}:{}", text("characteristic"), text(word))
    });
    texts.collect::<Vec<_>>().join(";")
}

#[tokio::test]
async fn every_row_of_a_csv_is_answered_as_its_application_is_alone() {
    let app = TestApp::start();
    for model in [app.german().await, app.german_card().await] {
        let clerk = app.key_with(&[Scope::ModelPredict]);
        let reply = clerk.post_text(&path(model, ""), CSV, GERMAN).await;
        assert_eq!(
            reply.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        let (rows, alone) = (csv_rows(&reply), predicted(&app, model).await);
        assert_eq!(rows.len(), alone.len());
        for (row, alone) in rows.iter().zip(&alone) {
            let bits = |text: &Value| text.as_str().unwrap().parse::<f64>().unwrap().to_bits();
            for name in ["default_probability", "log_odds"] {
                assert_eq!(bits(&row[name]), number(&alone[name]).to_bits(), "{name}");
            }
            let score = alone.get("score").map(Value::to_string);
            assert_eq!(row["score"], score.unwrap_or_default());
            assert_eq!(row["decision"], alone["decision"]);
            assert_eq!(row["reasons"], listed(&alone["reasons"], "direction"));
            assert_eq!(row["flags"], listed(&alone["flags"], "flag"));
            assert_eq!(row["error"], "");
        }
    }
}

#[tokio::test]
async fn every_line_of_an_ndjson_is_answered_as_its_application_is_alone() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let body = ndjson(&german_applications());
    let reply = app.admin().post_text(&path(model, ""), NDJSON, body).await;
    assert_eq!(reply.header("content-type"), Some(NDJSON));
    let (rows, alone) = (json_rows(&reply), predicted(&app, model).await);
    assert_eq!(rows.len(), alone.len());
    for (row, alone) in rows.iter().zip(&alone) {
        for name in ["default_probability", "log_odds", "score", "decision"] {
            assert_eq!(row[name], alone[name], "{name}");
        }
        let reasons = row["reasons"].as_array().unwrap();
        assert_eq!(reasons.len(), alone["reasons"].as_array().unwrap().len());
        assert_eq!(
            listed(&row["reasons"], "direction"),
            listed(&alone["reasons"], "direction")
        );
        assert_eq!(row["error"], Value::Null);
    }
}

#[tokio::test]
async fn both_formats_are_answered_in_both() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let lines = ndjson(&german_applications());
    let mut answers = Vec::new();
    for (media, body) in [(CSV, GERMAN), (NDJSON, lines.as_str())] {
        for accept in [CSV, NDJSON] {
            let client = app.admin().with("accept", accept);
            let path = path(model, "?keep=duration_months,purpose");
            let reply = client.post_text(&path, media, body.to_owned()).await;
            assert!(reply.header("content-type").unwrap().starts_with(accept));
            answers.push(match accept {
                CSV => csv_rows(&reply).into_iter().map(Value::Object).collect(),
                _ => json_rows(&reply),
            });
        }
    }
    for row in 0..german_applications().len() {
        let own = &german_applications()[row];
        for answer in &answers {
            let text = |name: &str| answer[row][name].to_string().replace('"', "");
            assert_eq!(text("purpose"), own["purpose"].to_string().replace('"', ""));
            assert_eq!(text("duration_months"), own["duration_months"].to_string());
            let first = answers[0][row]["log_odds"].to_string().replace('"', "");
            assert_eq!(text("log_odds"), first);
        }
    }
}

#[tokio::test]
async fn columns_stand_in_the_order_that_was_asked_for_and_rows_in_the_order_they_came() {
    let app = TestApp::start();
    let model = app.german().await;
    let mut lines = GERMAN.lines();
    let header = lines.next().unwrap();
    let numbered = lines.enumerate().map(|(at, line)| format!("{line},{at}\n"));
    let body = format!("{header},id\n") + &numbered.collect::<String>();
    let query = "?keep=id,purpose&reasons=1";
    let reply = app.admin().post_text(&path(model, query), CSV, body).await;
    assert!(reply.text().starts_with(
        "id,purpose,default_probability,log_odds,score,decision,reasons,flags,error\n"
    ));
    for (at, row) in csv_rows(&reply).iter().enumerate() {
        assert_eq!(row["id"], at.to_string());
        assert!(!row["reasons"].as_str().unwrap().contains(';'));
    }
}

#[tokio::test]
async fn a_threshold_decides_instead_of_the_policy_and_the_trail_says_so() {
    let app = TestApp::start();
    let model = app.german_card().await;
    for (query, version) in [("", "1"), ("?threshold=0.2&reasons=0", "request")] {
        let reply = app
            .admin()
            .post_text(&path(model, query), CSV, GERMAN)
            .await;
        let rows = csv_rows(&reply);
        let declined = rows.iter().filter(|row| row["decision"] == "decline");
        let declined = declined.count();
        let lines = app.audit_lines();
        let completed = lines
            .iter()
            .rfind(|it| it["event"] == "batch_scoring_completed");
        let completed = completed.unwrap();
        assert_eq!(completed["policy_version"], version);
        assert_eq!(completed["predicted_defaults"], declined);
        assert_eq!(completed["n_samples"], 1_000);
        assert_eq!(completed["n_errors"], 0);
        assert_eq!(completed["outcome"], "success");
        if version == "request" {
            let over = rows.iter().filter(|row| {
                let text = row["default_probability"].as_str().unwrap();
                text.parse::<f64>().unwrap() >= 0.2
            });
            assert_eq!(over.count(), declined);
            assert_eq!(completed["threshold"], 0.2);
            assert!(rows.iter().all(|row| row["reasons"] == ""));
            assert!(rows.iter().all(|row| row["decision"] != "refer"));
        }
    }
}

#[tokio::test]
async fn the_trail_tells_the_beginning_before_the_end() {
    let app = TestApp::start();
    let model = app.german().await;
    let clerk = app.key("name=clerk;scopes=model:predict");
    clerk.post_text(&path(model, ""), CSV, GERMAN).await;
    assert_eq!(
        app.events(),
        [
            "batch_scoring_started",
            "auth_success",
            "model_loaded",
            "batch_scoring_completed"
        ]
    );
    let started = app.only("batch_scoring_started");
    assert_eq!(started["model_id"], model.id());
    assert_eq!(started["format"], "CSV");
    assert_eq!(started["user"], "clerk");
    assert_eq!(started["route"], "/models/{model_id}/score");
    let completed = app.only("batch_scoring_completed");
    assert_eq!(completed["request_id"], started["request_id"]);
    assert_eq!(completed["model_id"], model.id());
}

#[tokio::test]
async fn the_format_of_the_answer_is_what_the_client_likes_best() {
    let app = TestApp::start();
    let model = app.german().await;
    for (accept, media) in [
        ("*/*", "text/csv; charset=utf-8"),
        ("application/*", NDJSON),
        ("text/csv;q=0.5, application/x-ndjson", NDJSON),
        ("image/png, */*;q=0.1", "text/csv; charset=utf-8"),
        ("*/*, text/csv;q=0", NDJSON),
    ] {
        let client = app.admin().with("accept", accept);
        let reply = client.post_text(&path(model, ""), CSV, GERMAN).await;
        assert_eq!(reply.header("content-type"), Some(media), "{accept}");
    }
    let client = app.admin().with("accept", "application/json, text/html");
    let reply = client.post_text(&path(model, ""), CSV, GERMAN).await;
    reply.problem(406, "NOT_ACCEPTABLE");
}
