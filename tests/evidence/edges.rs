//! Samples that leave some of the evidence undefined, and parameters out of range.

use credit_risk::credit::evidence::{EvidenceError, EvidenceParams, SampleEvidence};
use credit_risk::stats::MetricError;

use crate::support::{Sample, plain, sample, through_json};

fn with_bootstrap() -> EvidenceParams {
    EvidenceParams {
        replicates: 20,
        ..EvidenceParams::default()
    }
}

#[test]
fn a_sample_of_goods_alone_has_all_that_needs_no_bads() {
    let goods = Sample::new(&[0.1, 0.2, 0.3, 0.4], &[0; 4]);
    let found = goods.measure(0.25, &with_bootstrap());
    let parts = &found.discrimination;
    assert_eq!((parts.auc, parts.gini, parts.ks), (None, None, None));
    assert_eq!((&parts.average_precision, &parts.roc), (&None, &None));
    assert_eq!(
        (found.brier.bootstrap, found.log_loss.bootstrap),
        (None, None)
    );
    assert!((found.brier.value - 0.075).abs() < 1e-15);
    assert!(found.log_loss.value > 0.0);
    let calibration = &found.calibration;
    assert_eq!((calibration.line, calibration.in_the_large), (None, None));
    assert_eq!(calibration.observed_to_expected, Some(0.0));
    assert_eq!(
        (calibration.bins.len(), calibration.quantile_bins.len()),
        (4, 4)
    );
    assert!(calibration.spiegelhalter.is_some());
    assert_eq!(found.gains, None);
    assert_eq!(found.decisions.bad_rate_approved, Some(0.0));
    assert_eq!(found.strategy.len(), 5);
    assert_eq!(found.distribution.ks_point, None);
    let middle = found.distribution.points[25];
    assert_eq!(
        (middle.cumulative_goods, middle.cumulative_bads),
        (Some(0.5), None)
    );
    assert_eq!(through_json(&found), found);
}

#[test]
fn a_sample_of_bads_alone_has_average_precision_and_no_gains() {
    let found = Sample::new(&[0.1, 0.2], &[1; 2]).measure(0.15, &with_bootstrap());
    assert_eq!(found.discrimination.average_precision, Some(1.0));
    assert_eq!((found.discrimination.auc, &found.gains), (None, &None));
    assert_eq!(found.distribution.points[50].cumulative_goods, None);
    assert_eq!(found.event_rate, 1.0);
}

#[test]
fn a_class_of_one_row_has_no_normal_interval_but_a_bootstrap() {
    let found = Sample::new(&[0.3, 0.1, 0.5, 0.2], &[1, 0, 0, 0]).measure(0.5, &with_bootstrap());
    let auc = found.discrimination.auc.unwrap();
    assert!((auc.value - 2.0 / 3.0).abs() < 1e-15);
    assert_eq!(auc.delong, None);
    assert!(auc.bootstrap.is_some());
}

#[test]
fn separated_classes_have_no_calibration_line_and_a_normal_interval_of_no_width() {
    let found = Sample::new(&[0.1, 0.2, 0.8, 0.9], &[0, 0, 1, 1]).measure(0.5, &plain());
    assert_eq!(found.calibration.line, None);
    assert!(found.calibration.in_the_large.is_some());
    let delong = found.discrimination.auc.unwrap().delong.unwrap();
    assert_eq!((delong.low, delong.high, delong.std_error), (1.0, 1.0, 0.0));
}

#[test]
fn two_rows_have_too_few_for_groups_and_a_band_each() {
    let found = Sample::new(&[0.8, 0.3], &[1, 0]).measure(0.5, &with_bootstrap());
    assert_eq!(found.calibration.hosmer_lemeshow, None);
    assert_eq!(found.gains.as_ref().unwrap().len(), 2);
    assert_eq!(found.discrimination.auc.unwrap().value, 1.0);
    assert_eq!(through_json(&found), found);
}

#[test]
fn certain_probabilities_have_finite_losses_and_undefined_tests() {
    let certain = Sample::new(&[0.0, 1.0, 0.0, 1.0, 1.0], &[0, 1, 1, 0, 1]);
    let found = certain.measure(1.0, &with_bootstrap());
    assert!((found.brier.value - 0.4).abs() < 1e-15);
    assert!(found.log_loss.value > 14.0 && found.log_loss.value < 15.0);
    assert_eq!(found.calibration.spiegelhalter, None);
    assert_eq!(found.calibration.hosmer_lemeshow, None);
    // A cut-off of 1 declines who is certain to default; shares below it leave them out.
    assert_eq!(found.decisions.approval_rate, 0.4);
    assert_eq!(found.distribution.points[100].cumulative_goods, Some(0.5));
    assert_eq!(through_json(&found), found);
}

#[test]
fn a_group_that_was_certain_and_wrong_leaves_no_group_test() {
    let p: Vec<f64> = (0..30)
        .map(|row| if row < 10 { 0.0 } else { 0.5 })
        .collect();
    let wrong = Sample::new(&p, &[1, 0, 0, 1, 1].repeat(6));
    assert_eq!(
        wrong.measure(0.5, &plain()).calibration.hosmer_lemeshow,
        None
    );
}

#[test]
fn probabilities_of_0_expect_no_bads() {
    let found = Sample::new(&[0.0, 0.0], &[0, 1]).measure(0.5, &plain());
    assert_eq!(found.calibration.observed_to_expected, None);
}

#[test]
fn equal_probabilities_make_one_band_and_tell_nothing() {
    let tied = Sample::new(&[0.3; 50], &[1, 0, 0, 0, 0].repeat(10));
    let found = tied.measure(0.3, &with_bootstrap());
    assert_eq!(found.discrimination.auc.unwrap().value, 0.5);
    let ks = found.discrimination.ks.unwrap();
    assert_eq!((ks.value, ks.probability), (0.0, None));
    assert_eq!(found.distribution.ks_point, None);
    assert_eq!(found.gains.as_ref().unwrap().len(), 1);
    assert_eq!(found.calibration.line, None);
    assert_eq!(found.calibration.quantile_bins.len(), 1);
    assert_eq!(found.decisions.bad_rate_approved, None);
    assert_eq!(found.decisions.bad_rate_declined, Some(0.2));
    assert_eq!(through_json(&found), found);
}

#[test]
fn other_bands_change_the_tables_and_the_groups() {
    let params = EvidenceParams {
        bands: 5,
        ..plain()
    };
    let found = sample("german_test_hgb").measure(0.5, &params);
    assert_eq!(found.gains.unwrap().len(), 5);
    assert_eq!(found.calibration.quantile_bins.len(), 5);
    assert_eq!(
        found
            .calibration
            .hosmer_lemeshow
            .unwrap()
            .degrees_of_freedom,
        5
    );
    let params = EvidenceParams {
        bands: 2,
        ..plain()
    };
    let found = sample("german_test_hgb").measure(0.5, &params);
    assert_eq!(found.calibration.hosmer_lemeshow, None);
}

#[test]
fn a_higher_level_widens_the_intervals() {
    let width = |level| {
        let params = EvidenceParams {
            level,
            ..with_bootstrap()
        };
        let auc = sample("german_test_hgb")
            .measure(0.5, &params)
            .discrimination
            .auc
            .unwrap();
        let width = |spread: Option<credit_risk::credit::evidence::Spread>| {
            spread.map(|spread| spread.high - spread.low).unwrap()
        };
        (width(auc.delong), width(auc.bootstrap))
    };
    let (usual, wide) = (width(0.95), width(0.999));
    assert!(usual.0 < wide.0 && usual.1 < wide.1);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let measure = |p: &[f64], events: &[bool], threshold, params: &EvidenceParams| {
        SampleEvidence::measure(p, events, threshold, params).unwrap_err()
    };
    let rows = |p: &[f64], events: &[bool]| measure(p, events, 0.5, &plain());
    assert_eq!(rows(&[], &[]), MetricError::Empty.into());
    assert_eq!(rows(&[0.5], &[]), MetricError::LengthMismatch.into());
    assert_eq!(rows(&[f64::NAN], &[true]), MetricError::NonFinite.into());
    assert_eq!(rows(&[1.5], &[true]), MetricError::NotAProbability.into());
    let threshold = |threshold| measure(&[0.5], &[true], threshold, &plain());
    for wrong in [f64::NAN, f64::INFINITY] {
        assert_eq!(threshold(wrong), EvidenceError::Threshold);
    }
    let params = |params| measure(&[0.5], &[true], 0.5, &params);
    for bands in [0, 1, 101] {
        let error = params(EvidenceParams { bands, ..plain() });
        assert_eq!(error, EvidenceError::Bands(bands));
    }
    for replicates in [1, 10_001] {
        let error = params(EvidenceParams {
            replicates,
            ..plain()
        });
        assert_eq!(error, EvidenceError::Replicates(replicates));
    }
    for level in [0.0, 1.0, f64::NAN] {
        let error = params(EvidenceParams { level, ..plain() });
        assert_eq!(error, MetricError::Level.into());
    }
}
