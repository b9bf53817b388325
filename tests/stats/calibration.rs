//! How far probabilities can be believed: curves, tests and lines against other tools.

use credit_risk::stats::{
    MetricError, brier, calibration_curve, calibration_curve_by_quantile, calibration_in_the_large,
    calibration_line, hosmer_lemeshow, observed_to_expected, sigmoid, spiegelhalter,
};

use crate::cases::{Calibration, Case, case, cases};
use crate::support::{Numbers, distance};

/// The ten cases whose calibration was computed elsewhere.
fn calibrated() -> Vec<(Case, Calibration)> {
    let mut found = Vec::new();
    for mut case in cases() {
        if let Some(calibration) = case.expected.calibration.take() {
            found.push((case, calibration));
        }
    }
    assert_eq!(found.len(), 10);
    found
}

#[test]
fn curves_over_equal_bins_agree_with_scikit_learn() {
    for (case, expected) in calibrated() {
        let found = calibration_curve(&case.scores, &case.events, 10).unwrap();
        let uniform = expected.uniform;
        assert!(
            distance(&found.prob_true, &uniform.prob_true) < 1e-12,
            "{}",
            case.name
        );
        assert!(
            distance(&found.prob_pred, &uniform.prob_pred) < 1e-12,
            "{}",
            case.name
        );
        assert_eq!(found.count.len(), expected.bins.len(), "{}", case.name);
        for (i, bin) in expected.bins.iter().enumerate() {
            assert_eq!(found.count[i], bin.n);
            let numbers = [
                found.low[i],
                found.high[i],
                found.prob_pred[i],
                found.prob_true[i],
            ];
            let (low, high) = (bin.bin as f64 / 10.0, (bin.bin + 1) as f64 / 10.0);
            let expected = [low, high, bin.mean_pred, bin.obs_rate];
            assert!(distance(&numbers, &expected) < 1e-12, "{}", case.name);
        }
        let errors = [found.expected_error(), found.maximum_error()];
        let expected = [expected.expected_error, expected.maximum_error];
        assert!(distance(&errors, &expected) < 1e-12, "{}", case.name);
    }
}

#[test]
fn curves_over_quantiles_agree_with_scikit_learn() {
    for (case, expected) in calibrated() {
        let found = calibration_curve_by_quantile(&case.scores, &case.events, 10).unwrap();
        let quantile = expected.quantile;
        assert!(
            distance(&found.prob_true, &quantile.prob_true) < 1e-12,
            "{}",
            case.name
        );
        assert!(
            distance(&found.prob_pred, &quantile.prob_pred) < 1e-12,
            "{}",
            case.name
        );
    }
}

#[test]
fn hosmer_lemeshow_tests_agree_with_the_reference() {
    for (case, expected) in calibrated() {
        let found = hosmer_lemeshow(&case.scores, &case.events, 10, 2).unwrap();
        let expected = expected.hosmer_lemeshow;
        assert_eq!(found.degrees_of_freedom, expected.df);
        // The statistic is near 100 for the worst case: the bound is relative there.
        let off = (found.statistic - expected.chi2).abs() / expected.chi2.max(1.0);
        assert!(off < 1e-12, "{}: {}", case.name, found.statistic);
        let off = (found.p_value / expected.p - 1.0).abs();
        assert!(off < 1e-11, "{}: {}", case.name, found.p_value);
    }
}

#[test]
fn spiegelhalter_tests_agree_with_the_reference() {
    for (case, expected) in calibrated() {
        let found = spiegelhalter(&case.scores, &case.events).unwrap();
        let off = (found.z - expected.spiegelhalter_z).abs();
        assert!(off < 1e-12, "{}: {}", case.name, found.z);
        assert!(found.p_value > 0.0 && found.p_value <= 1.0);
    }
}

#[test]
fn slopes_and_intercepts_agree_with_the_reference() {
    for (case, expected) in calibrated() {
        let line = calibration_line(&case.scores, &case.events).unwrap();
        let large = calibration_in_the_large(&case.scores, &case.events).unwrap();
        let found = [line.intercept, line.slope, large];
        let expected = [
            expected.calibration_intercept,
            expected.calibration_slope,
            expected.calibration_in_the_large,
        ];
        assert!(
            distance(&found, &expected) < 1e-12,
            "{}: {found:?}",
            case.name
        );
    }
}

#[test]
fn shifting_by_the_calibration_in_the_large_makes_the_expectation_right() {
    for (case, _) in calibrated() {
        let shift = calibration_in_the_large(&case.scores, &case.events).unwrap();
        let moved = case
            .scores
            .iter()
            .map(|p| sigmoid((p / (1.0 - p)).ln() + shift));
        let moved: Vec<f64> = moved.collect();
        let quotient = observed_to_expected(&moved, &case.events).unwrap();
        assert!((quotient - 1.0).abs() < 1e-10, "{}: {quotient}", case.name);
    }
}

#[test]
fn the_parts_of_the_brier_score_add_up_when_bins_hold_one_prediction() {
    let mut numbers = Numbers(11);
    let p: Vec<f64> = (0..400)
        .map(|row| f64::from(row % 10) / 10.0 + 0.05)
        .collect();
    let events: Vec<bool> = p.iter().map(|p| numbers.uniform() < p * p + 0.1).collect();
    let parts = calibration_curve(&p, &events, 10)
        .unwrap()
        .brier_decomposition();
    let sum = parts.reliability - parts.resolution + parts.uncertainty;
    assert!((sum - brier(&p, &events).unwrap()).abs() < 1e-12);
    assert!(parts.reliability > 0.0 && parts.resolution > 0.0);
    let rate = events.iter().filter(|event| **event).count() as f64 / 400.0;
    assert!((parts.uncertainty - rate * (1.0 - rate)).abs() < 1e-12);
}

#[test]
fn equal_predictions_share_a_quantile_bin() {
    let p = [0.1, 0.1, 0.1, 0.1, 0.2, 0.9];
    let events = [false, true, false, false, true, true];
    let curve = calibration_curve_by_quantile(&p, &events, 3).unwrap();
    assert_eq!(curve.count, [4, 2]);
    assert_eq!(curve.n_bins, 3);
    let constant = calibration_curve_by_quantile(&[0.3; 6], &events, 4).unwrap();
    assert_eq!(constant.count, [6]);
}

#[test]
fn certainty_that_comes_true_costs_nothing_and_one_that_does_not_is_refused() {
    let p = [0.0, 0.0, 0.4, 0.6, 1.0, 1.0];
    let right = [false, false, false, true, true, true];
    let found = hosmer_lemeshow(&p, &right, 3, 2).unwrap();
    assert!(found.statistic.abs() < 1e-12 && (found.p_value - 1.0).abs() < 1e-12);
    let wrong = [true, false, false, true, true, true];
    assert_eq!(
        hosmer_lemeshow(&p, &wrong, 3, 2),
        Err(MetricError::Undefined)
    );
    let hard = [0.0, 0.5, 1.0];
    let events = [false, true, true];
    assert_eq!(spiegelhalter(&hard, &events), Err(MetricError::Undefined));
    assert_eq!(
        observed_to_expected(&[0.0, 0.0], &[true, false]),
        Err(MetricError::Undefined)
    );
}

#[test]
fn groups_need_a_row_each_and_three_of_them() {
    let case = case("perfect");
    let refused = |groups| hosmer_lemeshow(&case.scores, &case.events, groups, 0);
    assert_eq!(refused(2), Err(MetricError::Groups { rows: 4, groups: 2 }));
    assert_eq!(refused(5), Err(MetricError::Groups { rows: 4, groups: 5 }));
    assert!(refused(4).is_ok());
}

#[test]
fn a_line_needs_two_classes_that_overlap_and_predictions_that_differ() {
    let p = [0.1, 0.4, 0.6, 0.9];
    let one_class = Err(MetricError::OneClass);
    assert_eq!(calibration_line(&p, &[true; 4]), one_class);
    assert_eq!(
        calibration_in_the_large(&p, &[false; 4]),
        Err(MetricError::OneClass)
    );
    let events = [false, false, true, true];
    assert_eq!(calibration_line(&p, &events), Err(MetricError::Undefined));
    assert_eq!(
        calibration_line(&[0.3; 4], &events),
        Err(MetricError::Undefined)
    );
    assert!((calibration_in_the_large(&[0.5; 4], &events).unwrap()).abs() < 1e-12);
    let refused = Err(MetricError::NotAProbability);
    assert_eq!(
        calibration_in_the_large(&[0.3, 0.4, 0.5, 1.5], &events),
        refused
    );
}

#[test]
fn certain_predictions_are_clipped_before_their_log_odds_are_taken() {
    let p = [0.0, 1.0, 0.0, 1.0, 0.5, 0.5];
    let events = [false, true, true, false, true, false];
    let line = calibration_line(&p, &events).unwrap();
    assert!(line.slope.abs() < 1e-12 && line.intercept.abs() < 1e-12);
    assert!(calibration_in_the_large(&p, &events).unwrap().abs() < 1e-9);
}

#[test]
fn rows_that_nothing_was_fitted_on_have_a_degree_of_freedom_for_each_group() {
    for (case, _) in calibrated() {
        let found = hosmer_lemeshow(&case.scores, &case.events, 10, 0).unwrap();
        let fitted = hosmer_lemeshow(&case.scores, &case.events, 10, 2).unwrap();
        assert_eq!(
            (found.degrees_of_freedom, fitted.degrees_of_freedom),
            (10, 8)
        );
        assert_eq!(found.statistic.to_bits(), fitted.statistic.to_bits());
        // The chance of more than x with ten degrees: e^(-x/2) and five terms of its series.
        let half = found.statistic / 2.0;
        let terms = (1..5).scan(1.0, |term, k| {
            *term *= half / f64::from(k);
            Some(*term)
        });
        let expected = (-half).exp() * (1.0 + terms.sum::<f64>());
        let off = (found.p_value / expected - 1.0).abs();
        assert!(off < 1e-11, "{}: {}", case.name, found.p_value);
    }
}
