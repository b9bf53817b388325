//! Scores, recomputed here from the coefficients that the training answered.
//!
//! The standardised model is `base + Σ coefficient · (x - mean) / sd`; between
//! two applications the means cancel, so that their difference is
//! `Σ coefficient_per_unit · (x - x')` over the encoded features.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::{
    TestApp,
    loans::{Book, german_applications},
};

type Features = BTreeMap<String, f64>;

/// Numbers as they are, texts as an indicator of their level.
fn encode(application: &Map<String, Value>) -> Features {
    let feature = |(name, value): (&String, &Value)| match value {
        Value::Number(number) => (name.clone(), number.as_f64().unwrap()),
        Value::String(level) => (format!("{name}_{level}"), 1.0),
        other => panic!("{other}"),
    };
    application.iter().map(feature).collect()
}

/// Log-odds but for a constant of the model.
fn relative_log_odds(training: &Value, features: &Features) -> f64 {
    let coefficients = training["coefficients"].as_array().unwrap();
    let term = |c: &Value| {
        let x = features.get(c["feature"].as_str().unwrap());
        x.unwrap_or(&0.0) * c["coefficient_per_unit"].as_f64().unwrap()
    };
    coefficients.iter().map(term).sum()
}

/// Scores applications and compares every difference to the first one's.
async fn compare(app: &TestApp, training: &Value, rows: &[(Value, Features)]) {
    let applications: Vec<&Value> = rows.iter().map(|(row, _)| row).collect();
    let request = json!({ "model_id": training["model_id"], "applications": applications });
    let reply = app.admin().post_json("/predict", &request).await.ok();
    let log_odds = |index: usize| reply["predictions"][index]["log_odds"].as_f64().unwrap();
    for (index, (row, features)) in rows.iter().enumerate() {
        let expected =
            relative_log_odds(training, features) - relative_log_odds(training, &rows[0].1);
        let answered = log_odds(index) - log_odds(0);
        assert!(
            (answered - expected).abs() < 1e-9,
            "{row}: {answered} instead of {expected}"
        );
    }
}

#[tokio::test]
async fn numbers_and_levels_weigh_what_the_coefficients_say() {
    let app = TestApp::start();
    let model = app.german().await;
    let rows: Vec<(Value, Features)> = german_applications()
        .into_iter()
        .take(300)
        .map(|row| (encode(&row), row))
        .map(|(features, row)| (Value::Object(row), features))
        .collect();
    compare(&app, &model.result, &rows).await;
}

fn features<const N: usize>(pairs: [(&str, f64); N]) -> Features {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn names(training: &Value) -> Vec<&str> {
    let coefficients = training["coefficients"].as_array().unwrap();
    coefficients
        .iter()
        .map(|c| c["feature"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_learnt_gap_is_the_median_and_an_indicator() {
    let app = TestApp::start();
    let training = Book::with_gaps().train(&app.admin()).await.ok();
    assert_eq!(
        names(&training),
        [
            "amount",
            "amount_missing",
            "age",
            "grade_A",
            "grade_C",
            "grade_missing"
        ]
    );
    let rows = [
        (
            json!({ "amount": 7, "age": 30, "grade": "A" }),
            features([("amount", 7.0), ("age", 30.0), ("grade_A", 1.0)]),
        ),
        (
            json!({ "amount": null, "age": 44.5, "grade": "B" }),
            features([("amount", 5.0), ("amount_missing", 1.0), ("age", 44.5)]),
        ),
        (
            json!({ "age": 30 }),
            features([
                ("amount", 5.0),
                ("amount_missing", 1.0),
                ("age", 30.0),
                ("grade_missing", 1.0),
            ]),
        ),
        (
            json!({ "amount": -1.5e3, "age": 0, "grade": " " }),
            features([("amount", -1500.0), ("grade_missing", 1.0)]),
        ),
    ];
    compare(&app, &training, &rows).await;
}

#[tokio::test]
async fn an_imputed_gap_is_the_typical_value() {
    let app = TestApp::start();
    let plan = json!({ "missing": "impute" });
    let training = Book::with_gaps().train_as(&app.admin(), plan).await.ok();
    assert_eq!(names(&training), ["amount", "age", "grade_A", "grade_C"]);
    let rows = [
        (
            json!({ "amount": 5, "age": 30, "grade": "B" }),
            features([("amount", 5.0), ("age", 30.0)]),
        ),
        (
            json!({ "age": 30 }),
            features([("amount", 5.0), ("age", 30.0)]),
        ),
    ];
    compare(&app, &training, &rows).await;
}

#[tokio::test]
async fn gaps_are_flagged_and_refused_where_none_were_learnt() {
    let app = TestApp::start();
    let admin = app.admin();
    let training = Book::with_gaps().train(&admin).await.ok();
    let request = |row: Value| json!({ "model_id": training["model_id"], "applications": [row] });
    let reply = admin
        .post_json("/predict", &request(json!({ "age": 30 })))
        .await;
    assert_eq!(
        reply.ok()["predictions"][0]["flags"],
        json!([
            { "characteristic": "amount", "flag": "missing" },
            { "characteristic": "grade", "flag": "missing" },
        ])
    );
    for row in [json!({ "amount": 5 }), json!({ "age": null })] {
        let fault = admin.post_json("/predict", &request(row)).await.fault();
        assert_eq!(fault["pointer"], "#/applications/0/age");
        assert_eq!(fault["detail"], "a value is required");
    }
}

#[tokio::test]
async fn codes_that_are_numbers_can_be_levels() {
    let app = TestApp::start();
    let admin = app.admin();
    let book = Book::sound().fill("grade", |row| (row * 5 % 3).to_string());
    let plan = json!({ "categorical": ["grade"] });
    let training = book.train_as(&admin, plan).await.ok();
    assert_eq!(names(&training), ["amount", "age", "grade_1", "grade_2"]);
    let rows = [
        (
            json!({ "amount": 2_000, "age": 40, "grade": 0 }),
            features([("amount", 2_000.0), ("age", 40.0)]),
        ),
        (
            json!({ "amount": 2_000, "age": 40, "grade": 2 }),
            features([("amount", 2_000.0), ("age", 40.0), ("grade_2", 1.0)]),
        ),
        (
            json!({ "amount": 2_000, "age": 40, "grade": "1" }),
            features([("amount", 2_000.0), ("age", 40.0), ("grade_1", 1.0)]),
        ),
    ];
    compare(&app, &training, &rows).await;
}

#[tokio::test]
async fn texts_that_mean_nothing_are_gaps() {
    let app = TestApp::start();
    let book = Book::sound()
        .cell(4, "amount", "n/a")
        .cell(9, "amount", "-");
    let plan = json!({ "missing_values": ["n/a", "-"] });
    let training = book.train_as(&app.admin(), plan).await.ok();
    assert!(names(&training).contains(&"amount_missing"));
    let share = &training["data"]["characteristics"][0]["missing_share"];
    assert!((share.as_f64().unwrap() - 2.0 / 60.0).abs() < 1e-12);
}
