//! Every number of a sample's evidence that scikit-learn and its like have computed too.

use credit_risk::credit::evidence::{
    CalibrationBin, EvidenceError, EvidenceParams, SampleEvidence,
};
use credit_risk::stats::MetricError;
use serde_json::Value;

use crate::support::{Sample, assert_close, cases, numbers, plain, sample_of};

/// Vectors without weights whose scores are probabilities, or are none.
fn unweighted(probabilities: bool) -> Vec<(String, Sample, Value)> {
    let cases = cases().into_iter();
    let unweighted = cases.filter(|case| case.get("weights").is_none());
    let vectors = unweighted.map(|case| {
        let name = case["name"].as_str().unwrap().to_owned();
        (name, sample_of(&case), case["expected"].clone())
    });
    let wanted = |rows: &Sample| rows.p.iter().all(|p| (0.0..=1.0).contains(p)) == probabilities;
    vectors.filter(|(_, rows, _)| wanted(rows)).collect()
}

/// As the test of Hosmer and Lemeshow was first made: for the rows that a model was fitted on.
fn fitted() -> EvidenceParams {
    EvidenceParams {
        fitted: true,
        ..plain()
    }
}

fn evidence() -> Vec<(String, SampleEvidence, Value)> {
    let vectors = unweighted(true).into_iter();
    let measured: Vec<_> = vectors
        .map(|(name, rows, expected)| (name, rows.measure(0.5, &fitted()), expected))
        .collect();
    assert_eq!(measured.len(), 22);
    measured
}

#[test]
fn discrimination_and_losses_agree_with_the_reference() {
    for (name, found, expected) in evidence() {
        let parts = &found.discrimination;
        let pairs = [
            (parts.auc.map(|auc| auc.value), "auc"),
            (parts.gini.map(|gini| gini.value), "gini"),
            (parts.ks.map(|ks| ks.value), "kolmogorov_smirnov"),
            (parts.average_precision, "average_precision"),
            (Some(found.brier.value), "brier"),
            (Some(found.log_loss.value), "log_loss"),
        ];
        for (number, field) in pairs {
            assert_close(number, &expected[field], &format!("{name}, {field}"));
        }
        // A score that tells nothing has no place of its largest distance.
        if let Some(ks) = parts.ks.filter(|ks| ks.value > 0.0) {
            assert_close(ks.probability, &expected["ks_threshold"], &name);
        }
    }
}

#[test]
fn intervals_of_auc_and_gini_agree_with_the_reference() {
    let mut compared = 0;
    for (name, found, expected) in evidence() {
        let auc = found.discrimination.auc.and_then(|auc| auc.delong);
        let gini = found.discrimination.gini.and_then(|gini| gini.delong);
        assert_close(auc.map(|auc| auc.std_error), &expected["std_error"], &name);
        let twice = expected["std_error"].as_f64().map(|error| 2.0 * error);
        assert_close(gini.map(|gini| gini.std_error), &Value::from(twice), &name);
        let (Some(auc), Some(gini)) = (auc, gini) else {
            continue;
        };
        let ends = numbers(&expected["ci95"]);
        let found = [auc.low, auc.high, gini.low, gini.high];
        let wanted = [ends[0], ends[1], 2.0 * ends[0] - 1.0, 2.0 * ends[1] - 1.0];
        for (found, wanted) in found.into_iter().zip(wanted) {
            assert_close(found, &Value::from(wanted), &name);
        }
        compared += 1;
    }
    assert_eq!(compared, 18);
}

#[test]
fn calibration_agrees_with_the_reference() {
    let mut compared = 0;
    for (name, found, expected) in evidence() {
        if expected["uniform"].is_null() {
            continue;
        }
        let found = found.calibration;
        let line = found.line.unwrap();
        let groups = found.hosmer_lemeshow.unwrap();
        let pairs = [
            (line.intercept, &expected["calibration_intercept"]),
            (line.slope, &expected["calibration_slope"]),
            (
                found.in_the_large.unwrap(),
                &expected["calibration_in_the_large"],
            ),
            (found.expected_error, &expected["expected_error"]),
            (found.maximum_error, &expected["maximum_error"]),
            (found.spiegelhalter.unwrap().z, &expected["spiegelhalter_z"]),
            (groups.p_value, &expected["hosmer_lemeshow"]["p"]),
        ];
        for (place, (number, expected)) in pairs.into_iter().enumerate() {
            let close = (number - expected.as_f64().unwrap()).abs() < 1e-9;
            assert!(close, "{name}, {place}: {number}, expected {expected}");
        }
        let chi2 = expected["hosmer_lemeshow"]["chi2"].as_f64().unwrap();
        assert!((groups.statistic / chi2 - 1.0).abs() < 1e-9, "{name}");
        assert_eq!(groups.degrees_of_freedom, 8);
        let means = |bins: &[CalibrationBin]| bins.iter().map(|bin| bin.mean_probability).collect();
        let rates = |bins: &[CalibrationBin]| bins.iter().map(|bin| bin.bad_rate).collect();
        let columns: [(Vec<f64>, &Value); 4] = [
            (means(&found.bins), &expected["uniform"]["prob_pred"]),
            (rates(&found.bins), &expected["uniform"]["prob_true"]),
            (
                means(&found.quantile_bins),
                &expected["quantile"]["prob_pred"],
            ),
            (
                rates(&found.quantile_bins),
                &expected["quantile"]["prob_true"],
            ),
        ];
        for (column, expected) in columns {
            let expected = numbers(expected);
            assert_eq!(column.len(), expected.len(), "{name}");
            for (found, expected) in column.into_iter().zip(expected) {
                assert_close(found, &Value::from(expected), &name);
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 10);
}

#[test]
fn scores_that_are_no_probabilities_are_refused() {
    let refused = unweighted(false);
    assert_eq!(refused.len(), 1);
    let rows = &refused[0].1;
    let found = SampleEvidence::measure(&rows.p, &rows.events, 0.5, &plain());
    let error = EvidenceError::Metric(MetricError::NotAProbability);
    assert_eq!(found, Err(error));
}
