//! Metrics against scikit-learn, and what they refuse.

use credit_risk::stats::{
    Confusion, MetricError, PrecisionRecall, Roc, Tally, average_precision, brier,
    calibration_curve, gini, log_loss, weighted_average_precision, weighted_brier,
    weighted_log_loss,
};

use crate::cases::{Case, Threshold, Youden, cases, same};
use crate::support::distance;

fn roc(case: &Case) -> Result<Roc, MetricError> {
    match &case.weights {
        Some(weights) => Roc::weighted(&case.scores, &case.events, weights),
        None => Roc::new(&case.scores, &case.events),
    }
}

fn precision_recall(case: &Case) -> Result<PrecisionRecall, MetricError> {
    match &case.weights {
        Some(weights) => PrecisionRecall::weighted(&case.scores, &case.events, weights),
        None => PrecisionRecall::new(&case.scores, &case.events),
    }
}

#[test]
fn metrics_of_the_ranking_agree_with_scikit_learn() {
    for case in cases() {
        let (name, expected) = (&case.name, &case.expected);
        let roc = roc(&case).ok();
        let auc = roc.as_ref().map(Roc::auc);
        let ks = roc.as_ref().map(Roc::kolmogorov_smirnov);
        let youden = roc.as_ref().map(Roc::youden_index);
        assert!(same(auc, expected.auc), "auc of {name}");
        assert!(same(auc.map(gini), expected.gini), "gini of {name}");
        assert!(same(ks, expected.kolmogorov_smirnov), "KS of {name}");
        assert!(same(youden, expected.youden_index), "Youden of {name}");
        let found = precision_recall(&case).map(|curve| curve.average_precision());
        assert!(same(found.ok(), expected.average_precision), "AP of {name}");
        let reached = roc.and_then(|roc| roc.kolmogorov_smirnov_threshold());
        assert_eq!(
            reached.map(f64::to_bits),
            expected.ks_threshold.map(f64::to_bits),
            "{name}"
        );
    }
}

#[test]
fn losses_of_the_probabilities_agree_with_scikit_learn() {
    for case in cases() {
        let (scores, events) = (&case.scores, &case.events);
        let (brier, log_loss) = match &case.weights {
            Some(weights) => (
                weighted_brier(scores, events, weights),
                weighted_log_loss(scores, events, weights),
            ),
            None => (brier(scores, events), log_loss(scores, events)),
        };
        assert!(
            same(brier.ok(), case.expected.brier),
            "Brier of {}",
            case.name
        );
        assert!(
            same(log_loss.ok(), case.expected.log_loss),
            "log-loss of {}",
            case.name
        );
    }
}

/// Whether the counts are exact and what is read off them agrees.
fn check_confusion<N: Tally>(found: Confusion<N>, expected: &Youden, name: &str) {
    let counts = [
        found.true_negatives,
        found.false_positives,
        found.false_negatives,
        found.true_positives,
    ];
    let expected_counts = [
        expected.tn,
        expected.fp,
        expected.false_negatives,
        expected.tp,
    ];
    // Counts are whole, also where they are sums of weights.
    let off = distance(&counts.map(N::to_f64), &expected_counts.map(|n| n as f64));
    assert!(off < f64::MIN_POSITIVE, "{name}: {off}");
    let ratios = [
        found.accuracy(),
        found.precision(),
        found.recall(),
        found.f1(),
        found.matthews_correlation(),
    ];
    let Youden {
        accuracy,
        precision,
        recall,
        f1,
        mcc,
        ..
    } = *expected;
    assert!(
        distance(&ratios, &[accuracy, precision, recall, f1, mcc]) < 1e-12,
        "{name}"
    );
    // Where the threshold of 0.5 stands in for infinity, these are those of infinity.
    if expected.j > 0.0 {
        let found = [found.recall(), found.specificity(), found.youden_j()];
        let expected = [expected.sensitivity, expected.specificity, expected.j];
        assert!(distance(&found, &expected) < 1e-12, "{name}");
    }
}

#[test]
fn the_youden_threshold_and_its_confusion_agree_with_scikit_learn() {
    let mut compared = 0;
    for case in cases() {
        let Some(expected) = &case.expected.youden else {
            assert_eq!(roc(&case), Err(MetricError::OneClass));
            continue;
        };
        let (scores, events, name) = (&case.scores, &case.events, &case.name);
        let roc = roc(&case).unwrap();
        assert!(same(Some(roc.youden_index()), Some(expected.j)), "{name}");
        let threshold = roc.youden_threshold();
        assert_eq!(threshold.to_bits(), expected.threshold.to_bits(), "{name}");
        match &case.weights {
            Some(weights) => {
                let found = Confusion::weighted_at(scores, events, weights, threshold).unwrap();
                check_confusion(found, expected, name);
            }
            None => {
                let found = Confusion::at(scores, events, threshold).unwrap();
                check_confusion(found, expected, name);
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 22);
}

#[test]
fn the_curve_passes_through_scikit_learns_points() {
    let mut compared = 0;
    for case in cases() {
        let Some(points) = case.expected.roc_points else {
            continue;
        };
        let roc = roc(&case).unwrap();
        assert_eq!(roc.thresholds.len(), points, "{}", case.name);
        assert!(roc.thresholds[0].is_infinite());
        assert!(roc.thresholds.is_sorted_by(|a, b| a > b), "{}", case.name);
        let Some(expected) = case.expected.roc else {
            continue;
        };
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
        compared += 1;
    }
    assert_eq!(compared, 12);
}

#[test]
fn the_precision_recall_curve_is_scikit_learns() {
    let mut compared = 0;
    for case in cases() {
        let Some(expected) = &case.expected.precision_recall else {
            continue;
        };
        let mut found = precision_recall(&case).unwrap();
        assert!(found.thresholds.remove(0).is_infinite());
        for values in [
            &mut found.precision,
            &mut found.recall,
            &mut found.thresholds,
        ] {
            values.reverse();
        }
        let name = &case.name;
        assert!(
            distance(&found.precision, &expected.precision) < 1e-12,
            "{name}"
        );
        assert!(distance(&found.recall, &expected.recall) < 1e-12, "{name}");
        assert_eq!(found.thresholds, expected.thresholds, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 12);
}

#[test]
fn weights_are_checked() {
    let (p, events) = ([0.1, 0.9], [false, true]);
    let refusals = [
        (vec![1.0], MetricError::WeightMismatch),
        (vec![1.0, -1.0], MetricError::WeightOutOfRange),
        (vec![1.0, f64::NAN], MetricError::WeightOutOfRange),
        (vec![1.0, 1e101], MetricError::WeightOutOfRange),
        (vec![0.0, 0.0], MetricError::Empty),
    ];
    for (weights, error) in refusals {
        assert_eq!(Roc::weighted(&p, &events, &weights), Err(error));
        assert_eq!(weighted_brier(&p, &events, &weights), Err(error));
        assert_eq!(weighted_log_loss(&p, &events, &weights), Err(error));
        assert_eq!(
            weighted_average_precision(&p, &events, &weights),
            Err(error)
        );
        assert_eq!(
            Confusion::weighted_at(&p, &events, &weights, 0.5),
            Err(error)
        );
    }
    // A class that is there in name only.
    assert_eq!(
        Roc::weighted(&p, &events, &[1.0, 0.0]),
        Err(MetricError::OneClass)
    );
}

#[test]
fn a_row_of_weight_0_is_as_good_as_absent() {
    let (p, events) = ([0.9, 0.1, 0.4, 0.6, 0.8], [false, false, true, false, true]);
    let without = Roc::new(&p[1..], &events[1..]);
    let found = Roc::weighted(&p, &events, &[0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(found, without);
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
