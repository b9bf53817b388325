//! Data sets with a known signal, and the short way to a selection.

use std::fmt::Write as _;

use credit_risk::credit::{
    DataConfig, LoanBook, Table,
    selection::{
        FeatureScore, SelectionError, SelectionMethod, SelectionRequest, SelectionResult, select,
    },
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

/// UCI Statlog German Credit, as bundled.
pub const GERMAN: &str = include_str!("../../data/german_credit.csv");

/// Every method.
pub const METHODS: [SelectionMethod; 6] = [
    SelectionMethod::TreeImportance,
    SelectionMethod::Lasso,
    SelectionMethod::WoeIv,
    SelectionMethod::Boruta,
    SelectionMethod::Correlation,
    SelectionMethod::Stability,
];

/// Bounds as wide as the service's own.
pub fn limits() -> DataConfig {
    DataConfig {
        default_dataset_path: None,
        max_rows: 100_000,
        max_columns: 501,
        max_levels: 200,
    }
}

/// A request as a client would send it.
pub fn request(json: Value) -> SelectionRequest {
    serde_json::from_value(json).unwrap()
}

/// A loan book of `csv`, read as the request says.
pub fn book(csv: &str, request: &SelectionRequest) -> LoanBook {
    let plan = request.reading_plan();
    let table = Table::from_csv(csv.as_bytes(), &plan.missing_values, &limits()).unwrap();
    LoanBook::read(&table, &plan, &limits()).unwrap()
}

/// What a selection on `csv` answers, or why not.
pub fn tried(csv: &str, request: SelectionRequest) -> Result<SelectionResult, SelectionError> {
    let book = book(csv, &request);
    select(&book, &request.check().unwrap(), &|| false)
}

/// What a selection on `csv` answers.
pub fn selected(csv: &str, json: Value) -> SelectionResult {
    tried(csv, request(json)).unwrap()
}

/// The score of one candidate.
pub fn score<'a>(result: &'a SelectionResult, name: &str) -> &'a FeatureScore {
    let mut scores = result.feature_scores.iter();
    scores.find(|score| score.feature_name == name).unwrap()
}

/// A number among the facts of one candidate.
pub fn fact(result: &SelectionResult, name: &str, fact: &str) -> f64 {
    score(result, name).metadata.0[fact].as_f64().unwrap()
}

/// A text among the facts of one candidate.
pub fn text<'a>(result: &'a SelectionResult, name: &str, fact: &str) -> &'a str {
    score(result, name).metadata.0[fact].as_str().unwrap()
}

/// A number among the facts of the method.
pub fn finding(result: &SelectionResult, name: &str) -> f64 {
    result.method_metadata.0[name].as_f64().unwrap()
}

/// Rows in which `income` lowers the risk and `debt` raises it, `grade` does so by its level, and
/// `noise_0`, `noise_1` … do nothing.
pub fn signal(rows: usize, noise: usize, seed: u64) -> String {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut csv = String::from("income,debt,grade");
    for column in 0..noise {
        write!(csv, ",noise_{column}").unwrap();
    }
    csv.push_str(",target\n");
    for _ in 0..rows {
        let mut normal =
            || -> f64 { (0..12).map(|_| generator.random::<f64>()).sum::<f64>() - 6.0 };
        let (income, debt) = (normal(), normal());
        let others: Vec<f64> = (0..noise).map(|_| normal()).collect();
        let grade = generator.random_range(0..3_usize);
        let log_odds = -0.5 - 1.2 * income + 0.9 * debt + [-0.9, 0.0, 0.9][grade];
        let bad = generator.random::<f64>() < 1.0 / (1.0 + (-log_odds).exp());
        write!(csv, "{income},{debt},{}", ["A", "B", "C"][grade]).unwrap();
        for other in others {
            write!(csv, ",{other}").unwrap();
        }
        writeln!(csv, ",{}", u8::from(bad)).unwrap();
    }
    csv
}

/// The noise columns among the selected.
pub fn noise_selected(result: &SelectionResult) -> Vec<&String> {
    let names = result.selected_features.iter();
    names.filter(|name| name.starts_with("noise_")).collect()
}
