//! The variance of the area under the curve against other tools, and the paired test.

use credit_risk::stats::{MetricError, Roc, delong, delong_test};

use crate::cases::{case, cases, pairs, same};
use crate::support::distance;

#[test]
fn standard_errors_and_intervals_agree_with_the_reference() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.weights.is_none()) {
        let (name, expected) = (&case.name, &case.expected);
        let found = delong(&case.scores, &case.events).ok();
        let std_error = found.map(|found| found.std_error());
        assert!(same(std_error, expected.std_error), "{name}: {std_error:?}");
        let Some(ci95) = expected.ci95 else { continue };
        let interval = found.unwrap().interval(0.95).unwrap();
        assert!(
            distance(&[interval.low, interval.high], &ci95) < 1e-12,
            "{name}"
        );
        assert!(same(found.map(|found| found.auc), expected.auc), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 19);
}

#[test]
fn paired_tests_agree_with_the_reference() {
    let pairs = pairs();
    assert_eq!(pairs.len(), 2);
    for pair in pairs {
        let (a, b) = (case(&pair.first), case(&pair.second));
        assert_eq!(a.events, b.events);
        let found = delong_test(&a.scores, &b.scores, &a.events).unwrap();
        let (z, p_value) = (found.z.unwrap(), found.p_value.unwrap());
        let numbers = [
            found.first.auc,
            found.second.auc,
            found.first.variance,
            found.second.variance,
            found.covariance,
            found.difference,
            z,
            p_value,
        ];
        let difference = pair.auc_a - pair.auc_b;
        let expected = [
            pair.auc_a, pair.auc_b, pair.var_a, pair.var_b, pair.cov, difference, pair.z, pair.p,
        ];
        assert!(distance(&numbers, &expected) < 1e-12, "{numbers:?}");
        // Both p-values are far from 1, one of them by 55 orders of magnitude.
        assert!((p_value / pair.p - 1.0).abs() < 1e-10, "{p_value}");
        let variance = found.first.variance + found.second.variance - 2.0 * found.covariance;
        assert!((found.variance / variance - 1.0).abs() < 1e-10);
    }
}

#[test]
fn the_interval_of_a_difference_leaves_out_0_when_the_test_rejects() {
    let pair = &pairs()[0];
    let (a, b) = (case(&pair.first), case(&pair.second));
    let found = delong_test(&a.scores, &b.scores, &a.events).unwrap();
    let interval = found.interval(0.999).unwrap();
    assert!(interval.low < found.difference && found.difference < interval.high);
    assert!(interval.high < 0.0);
}

#[test]
fn two_scores_of_one_ranking_leave_nothing_to_test() {
    let a = case("german_test_lr_lbfgs");
    let points: Vec<f64> = a.scores.iter().map(|p| 600.0 + 20.0 * p).collect();
    let found = delong_test(&a.scores, &points, &a.events).unwrap();
    assert!(found.difference.abs() < f64::MIN_POSITIVE && found.variance.abs() < f64::MIN_POSITIVE);
    assert_eq!((found.z, found.p_value), (None, None));
}

#[test]
fn a_class_needs_two_rows_and_a_level_needs_to_be_one() {
    let events = [true, false, false];
    let small = Err(MetricError::ClassTooSmall { needed: 2 });
    assert_eq!(delong(&[0.3, 0.2, 0.1], &events), small);
    let one_class = Err(MetricError::OneClass);
    assert_eq!(delong(&[0.3, 0.2], &[true, true]), one_class);
    let infinite = [0.3, f64::INFINITY, 0.1, 0.2];
    let events = [true, false, true, false];
    assert_eq!(delong(&infinite, &events), Err(MetricError::NonFinite));
    let found = delong(&[0.3, 0.2, 0.1, 0.4], &events).unwrap();
    for level in [0.0, 1.0, -0.5, f64::NAN] {
        assert_eq!(found.interval(level), Err(MetricError::Level));
    }
}

#[test]
fn scores_at_the_end_of_the_range_are_ranked_like_any() {
    let scores = [f64::MAX, -1e308, 1e308, f64::MIN, 5e-324, -0.0];
    let ranks = [6.0, 2.0, 5.0, 1.0, 4.0, 3.0];
    let events = [true, false, true, false, false, true];
    assert_eq!(delong(&scores, &events), delong(&ranks, &events));
    assert_eq!(
        Roc::new(&scores, &events).unwrap().auc().to_bits(),
        Roc::new(&ranks, &events).unwrap().auc().to_bits()
    );
}
