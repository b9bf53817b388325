//! Metrics against scikit-learn, and what they refuse.

use credit_risk::stats::{
    Confusion, MetricError, Roc, average_precision, brier, calibration_curve, gini, log_loss,
};
use serde::Deserialize;

use crate::support::distance;

#[derive(Deserialize)]
struct Case {
    name: String,
    events: Vec<u8>,
    scores: Vec<f64>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    auc: Option<f64>,
    gini: Option<f64>,
    kolmogorov_smirnov: Option<f64>,
    average_precision: Option<f64>,
    brier: Option<f64>,
    log_loss: Option<f64>,
    youden: Option<Youden>,
    roc: Option<Points>,
    calibration: Option<Calibration>,
}

#[derive(Deserialize)]
struct Youden {
    threshold: f64,
    #[serde(rename = "tn")]
    true_negatives: u64,
    #[serde(rename = "fp")]
    false_positives: u64,
    #[serde(rename = "fn")]
    false_negatives: u64,
    #[serde(rename = "tp")]
    true_positives: u64,
    accuracy: f64,
    precision: f64,
    recall: f64,
    f1: f64,
}

#[derive(Deserialize)]
struct Points {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    thresholds: Vec<Threshold>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Threshold {
    Finite(f64),
    Infinite(String),
}

#[derive(Deserialize)]
struct Calibration {
    prob_true: Vec<f64>,
    prob_pred: Vec<f64>,
    count: Vec<u64>,
}

/// Every reference case, with its events as flags.
fn cases() -> Vec<(Case, Vec<bool>)> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/metrics.json")).unwrap();
    assert_eq!(cases.len(), 14);
    let with_flags = |case: Case| {
        let events = case.events.iter().map(|event| *event == 1).collect();
        (case, events)
    };
    cases.into_iter().map(with_flags).collect()
}

/// Agreement to 1e-12, or both undefined.
fn same(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found.is_none() && expected.is_none(),
    }
}

#[test]
fn metrics_agree_with_scikit_learn() {
    for (case, events) in cases() {
        let (scores, expected) = (&case.scores, &case.expected);
        let roc = Roc::new(scores, &events).ok();
        let auc = roc.as_ref().map(Roc::auc);
        let ks = roc.as_ref().map(Roc::kolmogorov_smirnov);
        let name = &case.name;
        assert!(same(auc, expected.auc), "auc of {name}");
        assert!(same(auc.map(gini), expected.gini), "gini of {name}");
        assert!(same(ks, expected.kolmogorov_smirnov), "KS of {name}");
        let found = average_precision(scores, &events).ok();
        assert!(same(found, expected.average_precision), "AP of {name}");
        let found = brier(scores, &events).ok();
        assert!(same(found, expected.brier), "Brier of {name}");
        let found = log_loss(scores, &events).ok();
        assert!(same(found, expected.log_loss), "log-loss of {name}");
    }
}

#[test]
fn the_youden_threshold_and_its_confusion_agree_with_scikit_learn() {
    for (case, events) in cases() {
        let Some(expected) = case.expected.youden else {
            continue;
        };
        let threshold = Roc::new(&case.scores, &events).unwrap().youden_threshold();
        let name = &case.name;
        assert_eq!(threshold.to_bits(), expected.threshold.to_bits(), "{name}");
        let found = Confusion::at(&case.scores, &events, threshold).unwrap();
        let counts = Confusion {
            true_negatives: expected.true_negatives,
            false_positives: expected.false_positives,
            false_negatives: expected.false_negatives,
            true_positives: expected.true_positives,
        };
        assert_eq!(found, counts, "{name}");
        let found = [
            found.accuracy(),
            found.precision(),
            found.recall(),
            found.f1(),
        ];
        let expected = [
            expected.accuracy,
            expected.precision,
            expected.recall,
            expected.f1,
        ];
        assert!(distance(&found, &expected) < 1e-12, "{name}");
    }
}

#[test]
fn the_curve_passes_through_scikit_learns_points() {
    for (case, events) in cases() {
        let Some(expected) = case.expected.roc else {
            continue;
        };
        let roc = Roc::new(&case.scores, &events).unwrap();
        assert!(roc.thresholds[0].is_infinite());
        assert!(roc.thresholds.is_sorted_by(|a, b| a > b), "{}", case.name);
        for (i, threshold) in expected.thresholds.iter().enumerate() {
            let threshold = match threshold {
                Threshold::Finite(threshold) => threshold + 0.0,
                Threshold::Infinite(word) => word.parse().unwrap(),
            };
            let place = roc
                .thresholds
                .iter()
                .position(|t| t.total_cmp(&threshold).is_eq());
            let place = place.unwrap();
            let found = [
                roc.false_positive_rate[place],
                roc.true_positive_rate[place],
            ];
            let point = [expected.fpr[i], expected.tpr[i]];
            assert!(distance(&found, &point) < 1e-12, "{}", case.name);
        }
    }
}

#[test]
fn calibration_bins_agree_with_scikit_learn() {
    let mut compared = 0;
    for (case, events) in cases() {
        let Some(expected) = case.expected.calibration else {
            continue;
        };
        let found = calibration_curve(&case.scores, &events, 10).unwrap();
        assert_eq!(found.count, expected.count);
        assert!(distance(&found.prob_true, &expected.prob_true) < 1e-12);
        assert!(distance(&found.prob_pred, &expected.prob_pred) < 1e-12);
        compared += 1;
    }
    assert_eq!(compared, 1);
}

#[test]
fn a_bin_takes_its_upper_edge_and_empty_bins_are_dropped() {
    let p = [0.0, 0.75, 0.750_000_1, 1.0];
    let curve = calibration_curve(&p, &[false, true, false, true], 4).unwrap();
    assert_eq!(curve.count, [1, 1, 2]);
    assert_eq!(curve.n_bins, 4);
}

#[test]
fn what_is_not_a_number_is_refused() {
    let events = [true, false, true];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let scores = [0.1, bad, 0.9];
        let refused = Err(MetricError::NonFinite);
        assert_eq!(Roc::new(&scores, &events), Err(MetricError::NonFinite));
        assert_eq!(brier(&scores, &events), refused);
        assert_eq!(log_loss(&scores, &events), refused);
        assert_eq!(average_precision(&scores, &events), refused);
        assert!(Confusion::at(&scores, &events, 0.5).is_err());
        assert!(calibration_curve(&scores, &events, 10).is_err());
    }
}

#[test]
fn lengths_emptiness_and_range_are_checked() {
    let (p, events) = ([0.1, 0.9], [false, true]);
    assert_eq!(brier(&p, &[true]), Err(MetricError::LengthMismatch));
    assert_eq!(Roc::new(&[], &[]), Err(MetricError::Empty));
    assert_eq!(Roc::new(&p, &[true, true]), Err(MetricError::OneClass));
    assert_eq!(
        brier(&[0.1, 1.1], &events),
        Err(MetricError::NotAProbability)
    );
    assert_eq!(calibration_curve(&p, &events, 0), Err(MetricError::NoBins));
}

#[test]
fn one_certain_and_wrong_answer_costs_36_nats() {
    let loss = log_loss(&[0.0], &[true]).unwrap();
    assert!((loss - 52.0 * std::f64::consts::LN_2).abs() < 1e-12);
}

#[test]
fn undefined_ratios_are_zero() {
    let nobody = Confusion::at(&[0.1, 0.2], &[false, false], 0.5).unwrap();
    let ratios = [
        nobody.precision(),
        nobody.recall(),
        nobody.f1(),
        nobody.youden_j(),
    ];
    assert!(distance(&ratios, &[0.0; 4]) < f64::MIN_POSITIVE);
    assert!((nobody.specificity() - 1.0).abs() < 1e-16);
}

#[test]
fn a_thinned_curve_keeps_its_ends() {
    let scores: Vec<f64> = (0..1000).map(f64::from).collect();
    let events: Vec<bool> = (0..1000).map(|i| i % 3 == 0).collect();
    let roc = Roc::new(&scores, &events).unwrap();
    let thin = roc.thinned(50);
    assert_eq!(thin.thresholds.len(), 50);
    assert!(thin.thresholds.is_sorted_by(|a, b| a > b));
    assert_eq!(thin.thresholds.last(), roc.thresholds.last());
    assert!(thin.thresholds[0].is_infinite());
    assert_eq!(roc.thinned(5000), roc);
    assert_eq!(roc.thinned(0).thresholds.len(), 2);
}
