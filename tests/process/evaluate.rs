//! `evaluate`: its figures are those of a training on the same folds, and every fault is told.

use std::{fmt::Write, process::Output};

use credit_risk::{
    credit::{DataConfig, LoanBook, ModelType, Table, Trained, TrainingPlan, train},
    stats::{stratified_folds, stratified_split},
};
use serde_json::Value;

use crate::support::{BUNDLED, Home, run};

/// The bundled loans, and the folds and the split that a training makes of them.
struct German {
    home: Home,
    book: LoanBook,
}

impl German {
    fn new() -> Self {
        let limits = DataConfig {
            default_dataset_path: None,
            max_rows: 1_000,
            max_columns: 100,
            max_levels: 100,
        };
        let table = Table::from_csv(BUNDLED.as_bytes(), &[], &limits).unwrap();
        let plan = TrainingPlan::new(ModelType::Scorecard);
        let book = LoanBook::read(&table, &plan, &limits).unwrap();
        let german = Self {
            home: Home::new(),
            book,
        };
        german.home.write("loans.csv", BUNDLED);
        german.home.write("folds.csv", &german.split());
        german
    }

    fn split(&self) -> String {
        let events = self.book.events();
        let folds = stratified_folds(events, 5, 42).unwrap();
        let sides = stratified_split(events, 0.2, 42).unwrap();
        let mut text = "row,split,fold\n".to_owned();
        for (row, fold) in folds.iter().enumerate() {
            let side = if sides.test.contains(&row) {
                "test"
            } else {
                "train"
            };
            writeln!(text, "{row},{side},{fold}").unwrap();
        }
        text
    }

    fn trained(&self, model_type: ModelType) -> Trained {
        let plan = TrainingPlan::new(model_type).check().unwrap();
        train(&self.book, &plan, &|| false).unwrap()
    }

    fn evaluate(&self, more: &[&str]) -> Output {
        evaluate(&self.home, more)
    }
}

/// The command on `loans.csv` and `folds.csv`.
fn evaluate(home: &Home, more: &[&str]) -> Output {
    let files = ["evaluate", "--data", "loans.csv", "--split", "folds.csv"];
    run(home.program(&[&files[..], more].concat()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&printed(output)).unwrap()
}

/// What a command that must fail says.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

/// The members of `metrics` that are in `line`.
fn same(line: &Value, metrics: &Value) {
    for name in ["roc_auc", "gini", "ks", "brier_score", "log_loss"] {
        assert_eq!(line[name], metrics[name], "{name} of {line}");
    }
}

#[test]
fn folds_and_test_rows_have_the_figures_of_a_training() {
    let german = German::new();
    for model_type in [ModelType::Scorecard, ModelType::LogisticRegression] {
        let metrics = serde_json::to_value(german.trained(model_type).metrics).unwrap();
        let options = ["--model", model_type.as_str(), "--format", "json"];
        let report = json(&german.evaluate(&options));
        let validation = &metrics["cross_validation"];
        for fold in 0..5 {
            let (line, fold) = (&report["folds"][fold], &validation["folds"][fold]);
            same(line, fold);
            assert_eq!(line["events"], fold["events"]);
        }
        same(&report["mean"], &validation["mean"]);
        same(&report["sd"], &validation["spread"]);
        same(&report["test"], &metrics);
        assert_eq!(report["model_type"], model_type.as_str());
    }
}

#[test]
fn a_plan_changes_the_fits_and_an_option_precedes_it() {
    let german = German::new();
    german.home.write(
        "plan.json",
        r#"{"model_type": "logistic_regression", "C": 0.001, "exclude": ["purpose"]}"#,
    );
    let options = ["--format", "json", "--plan", "plan.json"];
    let report = json(&german.evaluate(&options));
    assert_eq!(report["model_type"], "logistic_regression");
    assert_eq!(report["characteristics"], 19);
    let plain = ["--format", "json", "--model", "logistic_regression"];
    let plain = json(&german.evaluate(&plain));
    assert_ne!(report["mean"]["log_loss"], plain["mean"]["log_loss"]);
    let more = [
        &options[..],
        &["--model", "scorecard", "--exclude", "job,housing"],
    ]
    .concat();
    let report = json(&german.evaluate(&more));
    assert_eq!(report["model_type"], "scorecard");
    assert_eq!(report["characteristics"], 17);
}

#[test]
fn table_and_csv_have_a_line_for_each_fold_and_for_mean_deviation_and_test() {
    let german = German::new();
    let table = printed(&german.evaluate(&[]));
    let first: Vec<_> = table
        .lines()
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(
        first,
        ["fold", "0", "1", "2", "3", "4", "mean", "sd", "test"]
    );

    let csv = printed(&german.evaluate(&["--format", "csv"]));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 10);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let names: Vec<_> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(names, &first[1..]);
    let metrics = german.trained(ModelType::Scorecard).metrics;
    let auc: f64 = rows[7][3].parse().unwrap();
    assert_eq!(auc.total_cmp(&metrics.roc_auc), std::cmp::Ordering::Equal);
    assert!(rows[0][8].parse::<f64>().unwrap() > 0.0, "{csv}");
}

/// Two hundred loans: the score `x`, and the outcome as text.
fn small(header: &str, cells: impl Fn(usize) -> String) -> String {
    let mut text = format!("x,state{header}\r\n");
    for row in 0..200 {
        let state = if row % 7 + row % 3 > 5 {
            "lost"
        } else {
            "repaid, in full"
        };
        write!(text, "{},\"{state}\"{}\r\n", row % 7, cells(row)).unwrap();
    }
    text
}

/// `row,fold` with five folds, but for what `fold` says otherwise.
fn folds(fold: impl Fn(usize) -> String) -> String {
    let mut text = "row,fold\n".to_owned();
    for row in 0..200 {
        writeln!(text, "{row},{}", fold(row)).unwrap();
    }
    text
}

const SMALL: [&str; 6] = ["--target", "state", "--event", "lost", "--format", "json"];

fn small_home(header: &str, cells: impl Fn(usize) -> String) -> Home {
    let home = Home::new();
    home.write("loans.csv", &small(header, cells));
    home.write("folds.csv", &folds(|row| (row % 5).to_string()));
    home
}

#[test]
fn columns_that_can_be_no_input_are_left_out_and_named() {
    let cells = |row: usize| format!(",same,NA,customer {row},\"{}\"", row % 4);
    let home = small_home(",constant,empty,name,branch", cells);
    let output = evaluate(&home, &[&SMALL[..], &["--max-levels", "50"]].concat());
    let report = json(&output);
    assert_eq!(report["characteristics"], 2);
    let left_out = report["left_out"].as_array().unwrap();
    assert_eq!(left_out.len(), 3);
    for name in ["constant", "empty", "name"] {
        let named = format!("left out: line 1, column {name:?}");
        assert!(text(&output.stderr).contains(&named), "{name}");
    }
}

#[test]
fn a_byte_order_mark_carriage_returns_quotes_and_decimal_folds_are_read() {
    let home = small_home("", |_| String::new());
    let plain = json(&evaluate(&home, &SMALL));
    home.write(
        "loans.csv",
        &format!("\u{feff}{}", small("", |_| String::new())),
    );
    let decimal = folds(|row| format!("\"{}.0\"", row % 5));
    home.write(
        "folds.csv",
        &format!("\u{feff}{}", decimal.replace('\n', "\r\n")),
    );
    let read = json(&evaluate(&home, &SMALL));
    same(&read["mean"], &plain["mean"]);
    assert_eq!(plain["test"], Value::Null);
}

#[test]
fn a_fold_of_one_class_is_told_and_left_out_of_the_mean() {
    let home = small_home("", |_| String::new());
    let lost = |row: usize| row % 7 + row % 3 > 5;
    home.write(
        "folds.csv",
        &folds(|row| {
            let alone = !lost(row) && row < 20;
            if alone {
                "9"
            } else if row % 2 == 0 {
                "0"
            } else {
                "1"
            }
            .to_owned()
        }),
    );
    let linear = ["--model", "logistic_regression"];
    let report = json(&evaluate(&home, &[&SMALL[..], &linear].concat()));
    let lines = report["folds"].as_array().unwrap();
    assert_eq!(lines[2]["note"], "one class");
    assert_eq!(lines[2]["fold"], "9");
    assert_eq!(lines[2].get("roc_auc"), None);
    let auc = |line: &Value| line["roc_auc"].as_f64().unwrap();
    let mean = f64::midpoint(auc(&lines[0]), auc(&lines[1]));
    assert!((auc(&report["mean"]) - mean).abs() < 1e-12);
}

#[test]
fn rows_in_no_fold_are_neither_fitted_nor_scored() {
    let home = small_home("", |_| String::new());
    home.write(
        "folds.csv",
        &folds(|row| {
            if row < 50 {
                String::new()
            } else {
                (row % 5).to_string()
            }
        }),
    );
    let report = json(&evaluate(&home, &SMALL));
    let rows = report["folds"].as_array().unwrap().iter();
    let rows: u64 = rows.map(|line| line["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 150);
}

#[test]
fn a_round_that_cannot_be_fitted_is_told_and_fails() {
    let home = small_home("", |_| String::new());
    home.write(
        "plan.json",
        r#"{"model_type": "logistic_regression", "max_iterations": 1}"#,
    );
    let output = evaluate(&home, &[&SMALL[..], &["--plan", "plan.json"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let note = report["folds"][0]["note"].as_str().unwrap();
    assert!(note.contains("did not converge"), "{note}");
    assert_eq!(report["mean"], Value::Null);
}

#[test]
fn every_fault_of_the_split_file_is_told_with_its_line() {
    let home = small_home("", |_| String::new());
    let good = folds(|row| (row % 5).to_string());
    let cases = [
        (
            good.replace("\n7,2\n", "\n"),
            "folds.csv: no line is for row 7",
        ),
        (
            good.clone() + "7,2\n",
            "line 202, column \"row\": row 7 has a line already, line 9",
        ),
        (
            good.clone() + "200,2\n",
            "line 202, column \"row\": row 200 is out of range: the data set has 200 rows",
        ),
        (
            good.replace("\n7,2\n", "\n7,two\n"),
            "line 9, column \"fold\": expected a whole number",
        ),
        (
            good.replace("\n7,2\n", "\n7,-1\n"),
            "line 9, column \"fold\": expected a whole number",
        ),
        (
            good.replace("\n7,2\n", "\nseven,2\n"),
            "line 9, column \"row\": expected the number of a row",
        ),
        (
            good.replace("row,fold", "row,split"),
            "line 2, column \"split\": expected train, test or nothing",
        ),
        (
            good.replace("row,fold", "row,part"),
            "line 1: header 2: expected row, split or fold",
        ),
        (
            good.replace("row,fold", "fold,fold"),
            "line 1: the column row is missing",
        ),
        (folds(|_| "0".to_owned()), "all rows are in one fold"),
        (
            folds(|_| String::new()),
            "no row is in a fold, and none is for testing",
        ),
    ];
    for (split, expected) in cases {
        for split in [split.replace('\n', "\r\n"), split] {
            home.write("folds.csv", &split);
            let said = refused(&evaluate(&home, &SMALL));
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}

#[test]
fn every_fault_of_the_data_and_of_the_plan_is_told() {
    let home = small_home("", |_| String::new());
    home.write("unknown.json", r#"{"colour": 1}"#);
    home.write("range.json", r#"{"cv_folds": 99}"#);
    let cases: [(&[&str], &str); 7] = [
        (
            &["--target", "none"],
            "plan: /target: the data set has no column of this name",
        ),
        (
            &["--target", "state", "--event", "late"],
            "plan: /event: the target does not have this value",
        ),
        (
            &["--target", "state", "--event", "lost", "--exclude", "y"],
            "plan: /exclude/0: the data set has no column",
        ),
        (
            &["--target", "x"],
            "column \"x\": the target has 7 values where two are expected",
        ),
        (
            &["--plan", "unknown.json"],
            "plan: /colour: there is no such member",
        ),
        (
            &["--plan", "range.json"],
            "plan: /cv_folds: expected 2 to 10",
        ),
        (&["--max-rows", "10"], "loans.csv: more than 10 rows"),
    ];
    for (options, expected) in cases {
        let said = refused(&evaluate(&home, options));
        assert!(said.contains(expected), "{expected}: {said}");
    }
    home.write(
        "loans.csv",
        &(small("", |_| String::new()) + "many,\"lost\"\r\n"),
    );
    let said = refused(&evaluate(&home, &SMALL));
    assert!(
        said.contains("loans.csv: line 202, column \"x\": not a number"),
        "{said}"
    );
    let absent = ["evaluate", "--data", "loans.csv", "--split", "absent.csv"];
    let said = refused(&run(
        home.program(&[&absent[..], &["--exclude", "x"]].concat())
    ));
    assert!(!said.is_empty());
}
