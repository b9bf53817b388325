//! Score vectors whose metrics other tools have computed.

use serde::Deserialize;

/// One vector and what is expected of it.
#[derive(Deserialize)]
pub struct Case {
    pub name: String,
    /// Column of the file of loan scores that takes the place of `events` and `scores`.
    column: Option<String>,
    #[serde(default, rename = "events")]
    flags: Vec<u8>,
    #[serde(skip)]
    pub events: Vec<bool>,
    #[serde(default)]
    pub scores: Vec<f64>,
    pub weights: Option<Vec<f64>>,
    pub expected: Expected,
}

#[derive(Deserialize)]
pub struct Expected {
    pub auc: Option<f64>,
    pub gini: Option<f64>,
    pub kolmogorov_smirnov: Option<f64>,
    pub ks_threshold: Option<f64>,
    pub youden_index: Option<f64>,
    pub average_precision: Option<f64>,
    pub brier: Option<f64>,
    pub log_loss: Option<f64>,
    pub youden: Option<Youden>,
    pub roc_points: Option<usize>,
    pub roc: Option<RocPoints>,
    pub precision_recall: Option<PrecisionRecallPoints>,
    pub std_error: Option<f64>,
    pub ci95: Option<[f64; 2]>,
    #[serde(flatten)]
    pub calibration: Option<Calibration>,
}

#[derive(Deserialize)]
pub struct Youden {
    pub threshold: f64,
    pub j: f64,
    pub tn: u64,
    pub fp: u64,
    #[serde(rename = "fn")]
    pub false_negatives: u64,
    pub tp: u64,
    pub accuracy: f64,
    pub precision: f64,
    pub recall: f64,
    pub sensitivity: f64,
    pub specificity: f64,
    pub f1: f64,
    pub mcc: f64,
}

#[derive(Deserialize)]
pub struct RocPoints {
    pub fpr: Vec<f64>,
    pub tpr: Vec<f64>,
    pub thresholds: Vec<Threshold>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    Finite(f64),
    Infinite(String),
}

/// Ascending thresholds, and the point of no calls at the end.
#[derive(Deserialize)]
pub struct PrecisionRecallPoints {
    pub precision: Vec<f64>,
    pub recall: Vec<f64>,
    pub thresholds: Vec<f64>,
}

#[derive(Deserialize)]
pub struct Calibration {
    pub uniform: Curve,
    pub quantile: Curve,
    pub bins: Vec<Bin>,
    pub expected_error: f64,
    pub maximum_error: f64,
    pub hosmer_lemeshow: HosmerLemeshow,
    pub spiegelhalter_z: f64,
    pub calibration_intercept: f64,
    pub calibration_slope: f64,
    pub calibration_in_the_large: f64,
}

#[derive(Deserialize)]
pub struct Curve {
    pub prob_true: Vec<f64>,
    pub prob_pred: Vec<f64>,
}

#[derive(Deserialize)]
pub struct Bin {
    pub bin: usize,
    pub n: u64,
    pub mean_pred: f64,
    pub obs_rate: f64,
}

#[derive(Deserialize)]
pub struct HosmerLemeshow {
    pub chi2: f64,
    pub df: u32,
    pub p: f64,
}

/// Two scores on the same rows.
#[derive(Deserialize)]
pub struct Pair {
    pub first: String,
    pub second: String,
    pub auc_a: f64,
    pub auc_b: f64,
    pub var_a: f64,
    pub var_b: f64,
    pub cov: f64,
    pub z: f64,
    pub p: f64,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
    delong_pairs: Vec<Pair>,
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut cases = file().cases;
    assert_eq!(cases.len(), 24);
    for case in &mut cases {
        if let Some(column) = &case.column {
            (case.flags, case.scores) = loan_scores(column);
        }
        assert_eq!(case.flags.len(), case.scores.len(), "{}", case.name);
        case.events = case.flags.iter().map(|flag| *flag == 1).collect();
    }
    cases
}

/// The case of this name.
pub fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

/// Every pair of scores.
pub fn pairs() -> Vec<Pair> {
    file().delong_pairs
}

fn file() -> File {
    serde_json::from_str(include_str!("../fixtures/metrics.json")).unwrap()
}

fn loan_scores(column: &str) -> (Vec<u8>, Vec<f64>) {
    let mut reader =
        csv::Reader::from_reader(include_str!("../fixtures/loan_scores.csv").as_bytes());
    let place = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == column);
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let score: f64 = record[place.unwrap()].parse().unwrap();
        (record[0].parse::<u8>().unwrap(), score)
    });
    records.unzip()
}

/// Agreement to 1e-12, or both undefined.
pub fn same(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found.is_none() && expected.is_none(),
    }
}
