//! Scorecards for other systems: they give the score that the service gives.

use std::collections::HashMap;

use credit_risk::access::Scope;
use serde_json::{Map, Value, json};

use crate::support::{
    TestApp,
    loans::{german_applications, german_records},
};

/// What `/predict` says of the first bundled loans.
async fn predicted(app: &TestApp, id: &str) -> Vec<(Map<String, Value>, Value)> {
    let mut applications = german_applications();
    applications.truncate(40);
    let request = json!({ "model_id": id, "applications": applications });
    let answer = app.admin().post_json("/predict", &request).await.ok();
    let predictions = answer["predictions"].as_array().unwrap().clone();
    assert_eq!(predictions.len(), 40);
    applications.into_iter().zip(predictions).collect()
}

/// The number of the bin of `value` by the rules of the JSON document.
fn bin_of(characteristic: &Value, value: &Value) -> usize {
    let whole = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    if let Some(breaks) = characteristic["breaks"].as_array() {
        let number = value.as_f64().unwrap();
        return breaks
            .iter()
            .filter(|at| at.as_f64().unwrap() <= number)
            .count();
    }
    let mut levels = characteristic["levels"].as_array().unwrap().iter();
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    levels
        .find(|level| level["level"] == json!(text))
        .map_or_else(
            || whole(&characteristic["unseen_bin"]),
            |level| whole(&level["bin"]),
        )
}

#[tokio::test]
async fn the_json_export_gives_the_points_of_predict_and_is_what_results_hold() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let reader = app.key_with(&[Scope::ModelRead]);
    let path = format!("/models/{}/scorecard", model.id());
    let reply = reader.get(&path).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("content-disposition"), None);
    let card = reply.ok();
    assert_eq!(card, model.result["scorecard"]);
    assert_eq!(reader.get(&format!("{path}?format=json")).await.ok(), card);
    for (application, prediction) in predicted(&app, model.id()).await {
        let mut raw = card["base_points"]["points"].as_f64().unwrap();
        let mut rounded = card["base_points"]["rounded_points"].as_i64().unwrap();
        for it in card["characteristics"].as_array().unwrap() {
            let bin = bin_of(it, &application[it["name"].as_str().unwrap()]);
            raw += it["bins"][bin]["points"].as_f64().unwrap();
            rounded += it["bins"][bin]["rounded_points"].as_i64().unwrap();
        }
        assert_eq!(prediction["score"], json!(rounded), "{prediction}");
        assert!((prediction["raw_score"].as_f64().unwrap() - raw).abs() < 1e-9);
    }
}

#[tokio::test]
async fn the_bins_of_the_json_export_count_the_training_rows() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let rows = model.result["data"]["train_rows"].as_f64().unwrap();
    for it in model.result["scorecard"]["characteristics"]
        .as_array()
        .unwrap()
    {
        let sum = |member: &str| -> f64 {
            let bins = it["bins"].as_array().unwrap().iter();
            bins.map(|bin| bin[member].as_f64().unwrap()).sum()
        };
        assert!((sum("count") - rows).abs() < 1e-9, "{it}");
        assert!((sum("goods") + sum("bads") - rows).abs() < 1e-9, "{it}");
        assert!((sum("share") - 1.0).abs() < 1e-12, "{it}");
        assert!(
            (sum("iv") - it["iv"].as_f64().unwrap()).abs() < 1e-12,
            "{it}"
        );
        assert!(it["gini"].as_f64().unwrap() > 0.0 && it["shape"].is_string());
    }
}

#[tokio::test]
async fn the_csv_export_gives_the_score_of_predict() {
    let app = TestApp::start();
    let model = app.german_card().await;
    let path = format!("/models/{}/scorecard?format=csv", model.id());
    let reply = app.admin().get(&path).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let disposition = format!("attachment; filename=\"{}.csv\"", model.id());
    assert_eq!(
        reply.header("content-disposition"),
        Some(disposition.as_str())
    );
    let mut reader = csv::Reader::from_reader(reply.body.as_ref());
    let rules: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    for (application, prediction) in predicted(&app, model.id()).await {
        let holds = |rule: &&HashMap<String, String>| {
            let value = application.get(&rule["characteristic"]);
            let number = value.and_then(Value::as_f64);
            match (rule["rule"].as_str(), value) {
                ("base", _) => true,
                ("interval", _) => number.is_some_and(|number| {
                    let at = |bound: &str, none: f64| bound.parse().unwrap_or(none);
                    at(&rule["from"], f64::NEG_INFINITY) <= number
                        && number < at(&rule["to"], f64::INFINITY)
                }),
                ("level", Some(Value::String(level))) => *level == rule["value"],
                _ => false,
            }
        };
        let points = rules.iter().filter(holds);
        let score: i64 = points
            .map(|it| it["rounded_points"].parse::<i64>().unwrap())
            .sum();
        assert_eq!(prediction["score"], json!(score), "{prediction}");
    }
}

#[tokio::test]
async fn sql_and_python_are_files_that_add_up_the_points_that_are_asked_for() {
    let app = TestApp::start();
    let id = app.german_card().await.id();
    let admin = app.admin();
    let get = async |query: &str| admin.get(&format!("/models/{id}/scorecard?{query}")).await;
    for (format, media, extension) in [
        ("sql", "application/sql", "sql"),
        ("python", "text/x-python; charset=utf-8", "py"),
    ] {
        let rounded = get(&format!("format={format}")).await;
        assert_eq!(rounded.status, 200);
        assert_eq!(rounded.header("content-type"), Some(media));
        let disposition = format!("attachment; filename=\"{id}.{extension}\"");
        assert_eq!(
            rounded.header("content-disposition"),
            Some(disposition.as_str())
        );
        let same = get(&format!("format={format}&points=rounded")).await;
        assert_eq!(same.body, rounded.body);
        let raw = get(&format!("points=raw&format={format}")).await;
        assert_eq!(raw.status, 200);
        assert_ne!(raw.body, rounded.body);
    }
    let sql = get("format=sql").await;
    assert!(sql.text().starts_with("SELECT \"applications\".*, "));
    assert!(
        sql.text()
            .ends_with(" AS \"score\" FROM \"applications\";\n")
    );
    let other = get("format=sql&table=new%20%22loans").await;
    assert!(other.text().ends_with(" FROM \"new \"\"loans\";\n"));
    let python = get("format=python").await;
    assert!(python.text().contains("def score(row):"));
}

#[tokio::test]
async fn what_is_no_format_points_or_table_is_refused() {
    let app = TestApp::start();
    let id = app.german_card().await.id();
    let admin = app.admin();
    let long = format!("format=sql&table={}", "t".repeat(129));
    for (query, detail) in [
        (
            "format=canary",
            "query parameter format: expected json, csv, sql, python",
        ),
        (
            "format=",
            "query parameter format: expected json, csv, sql, python",
        ),
        (
            "format=JSON",
            "query parameter format: expected json, csv, sql, python",
        ),
        (
            "points=canary",
            "query parameter points: expected rounded, raw",
        ),
        (
            "format=csv&format=sql",
            "query parameter format: given more than once",
        ),
        (
            "table=canary",
            "query parameter table: only for the format sql",
        ),
        (
            "format=sql&table=",
            "query parameter table: expected 1 to 128 bytes without control characters",
        ),
        (
            "format=sql&table=canary%00",
            "query parameter table: expected 1 to 128 bytes without control characters",
        ),
        (
            &long,
            "query parameter table: expected 1 to 128 bytes without control characters",
        ),
        (
            "canary=1",
            "there is no such query parameter; expected format, points, table",
        ),
    ] {
        let reply = admin.get(&format!("/models/{id}/scorecard?{query}")).await;
        assert_eq!(reply.fault()["detail"], detail, "{query}");
        assert!(!reply.text().contains("canary"), "{query}");
    }
}

#[tokio::test]
async fn a_model_that_is_no_scorecard_says_so() {
    let app = TestApp::start();
    let id = app.german().await.id();
    for path in ["scorecard", "charts/woe?characteristic=age_years"] {
        let reply = app.admin().get(&format!("/models/{id}/{path}")).await;
        let problem = reply.problem(404, "NOT_FOUND");
        assert_eq!(
            problem["detail"],
            "The model is a logistic_regression and has no scorecard; train a model of type \
             scorecard to have one"
        );
    }
}

#[tokio::test]
async fn an_export_of_a_cold_model_is_recorded_as_a_loading() {
    let app = TestApp::start();
    let id = app.german_card().await.id();
    let admin = app.admin();
    admin.get(&format!("/models/{id}/scorecard")).await.ok();
    admin.get(&format!("/models/{id}/scorecard")).await.ok();
    assert_eq!(app.only("model_loaded")["model_id"], id);
}

#[tokio::test]
async fn hostile_names_stay_text_in_every_export() {
    let app = TestApp::start();
    let admin = app.admin();
    let mut lines = vec!["\"<b>&\"\"'\",\"x;DROP TABLE\",default".to_owned()];
    for (at, record) in german_records().iter().take(400).enumerate() {
        let level = ["'; --", "\\\"\"\"", "=1+1"][at % 3];
        let bad = record["credit_risk"] == "bad";
        lines.push(format!(
            "{},\"{level}\",{}",
            record["duration_months"],
            u8::from(bad)
        ));
    }
    let plan = json!({ "model_type": "scorecard", "evidence": { "replicates": 0 } });
    let csv = lines.join("\n");
    let trained = admin.post_form("/train", &plan, csv.as_bytes()).await.ok();
    let id = trained["model_id"].as_str().unwrap();
    let get = async |query: &str| admin.get(&format!("/models/{id}/scorecard?{query}")).await;
    let sql = get("format=sql").await;
    assert!(
        sql.text().contains("\"<b>&\"\"'\" IS NULL"),
        "{}",
        sql.text()
    );
    let csv = get("format=csv").await;
    assert!(
        csv.text().contains("\"<b>&\"\"'\",missing"),
        "{}",
        csv.text()
    );
    let names = get("").await.ok();
    assert_eq!(names["characteristics"][0]["name"], "<b>&\"'");
    assert_eq!(get("format=python").await.status, 200);
}
