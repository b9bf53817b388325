//! Tables, decisions and curves: against numpy and pandas, and by hand.

use credit_risk::credit::evidence::SampleEvidence;
use serde_json::Value;

use crate::support::{Sample, assert_close, assert_fields, expected, numbers, plain, sample};

fn measured() -> Vec<(String, SampleEvidence, Value)> {
    let parts = expected("evidence").into_iter();
    let measured: Vec<_> = parts
        .map(|expected| {
            let name = expected["name"].as_str().unwrap().to_owned();
            let threshold = expected["threshold"].as_f64().unwrap();
            (
                name.clone(),
                sample(&name).measure(threshold, &plain()),
                expected,
            )
        })
        .collect();
    assert_eq!(measured.len(), 3);
    measured
}

#[test]
fn the_gains_table_agrees_with_pandas() {
    for (name, found, expected) in measured() {
        let bands = serde_json::to_value(found.gains.unwrap()).unwrap();
        let bands = bands.as_array().unwrap();
        let columns = expected["gains"].as_object().unwrap();
        assert_eq!(columns.len(), 12);
        for (column, expected) in columns {
            let expected = numbers(expected);
            assert_eq!(bands.len(), expected.len(), "{name}");
            for (band, expected) in bands.iter().zip(expected) {
                assert_close(band[column].as_f64(), &Value::from(expected), &name);
            }
        }
        let numbers: Vec<u64> = bands
            .iter()
            .map(|band| band["band"].as_u64().unwrap())
            .collect();
        assert!(numbers.into_iter().eq(1..=bands.len() as u64));
    }
}

#[test]
fn the_parts_of_the_brier_score_agree_with_pandas_and_add_up() {
    for (name, found, expected) in measured() {
        let brier = found.brier;
        assert_fields(&brier, &expected["murphy"], &name);
        let sum = brier.reliability - brier.resolution + brier.uncertainty + brier.within_bins;
        assert!((sum - brier.value).abs() < 1e-15, "{name}");
        let ratio = found.calibration.observed_to_expected;
        assert_close(ratio, &expected["observed_to_expected"], &name);
    }
}

#[test]
fn decisions_agree_with_scikit_learn() {
    for (name, found, expected) in measured() {
        assert_fields(&found.decisions, &expected["decisions"], &name);
        assert_close(found.decisions.threshold, &expected["threshold"], &name);
    }
}

#[test]
fn distributions_agree_with_numpy_and_part_by_the_kolmogorov_smirnov_distance() {
    for (name, found, expected) in measured() {
        let points = found.distribution.points;
        assert_eq!(points.len(), 101);
        let goods = numbers(&expected["below"]["goods"]);
        let bads = numbers(&expected["below"]["bads"]);
        for ((place, point), (goods, bads)) in points.iter().enumerate().zip(goods.iter().zip(bads))
        {
            assert!((point.probability - place as f64 / 100.0).abs() < 1e-16);
            assert_close(point.cumulative_goods, &Value::from(*goods), &name);
            assert_close(point.cumulative_bads, &Value::from(bads), &name);
        }
        let at = found.distribution.ks_point.unwrap();
        let distance = at.cumulative_goods.unwrap() - at.cumulative_bads.unwrap();
        let ks = found.discrimination.ks.unwrap();
        assert!((distance - ks.value).abs() < 1e-12, "{name}");
        assert_eq!(Some(at.probability), ks.probability);
    }
}

#[test]
fn curves_of_many_rows_are_thinned_and_keep_their_ends() {
    let found = sample("lgbm").measure(0.5, &plain());
    let roc = found.discrimination.roc.unwrap();
    assert_eq!((roc.len(), found.strategy.len()), (201, 101));
    let (first, last) = (roc[0], roc[200]);
    assert_eq!(first.threshold, None);
    assert!(first.false_positive_rate + first.true_positive_rate < 1e-16);
    assert!(last.false_positive_rate + last.true_positive_rate > 2.0 - 1e-15);
    let (none, all) = (found.strategy[0], found.strategy[100]);
    assert_eq!((none.approval_rate, none.bad_rate_approved), (0.0, None));
    assert_eq!(
        (all.approval_rate, all.bad_rate_approved),
        (1.0, Some(found.event_rate))
    );
}

#[test]
fn a_sample_of_six_rows_is_the_one_worked_out_by_hand() {
    let six = Sample::new(&[0.1, 0.2, 0.2, 0.4, 0.7, 0.9], &[0, 0, 1, 0, 1, 1]);
    let found = six.measure(0.4, &plain());
    assert_eq!((found.rows, found.events, found.event_rate), (6, 3, 0.5));
    let steps: Vec<_> = found
        .strategy
        .iter()
        .map(|step| (step.threshold, step.approval_rate, step.bad_rate_approved))
        .collect();
    let third = 1.0 / 3.0;
    let by_hand = [
        (0.1, 0.0, None),
        (0.2, 1.0 / 6.0, Some(0.0)),
        (0.4, 0.5, Some(third)),
        (0.7, 4.0 / 6.0, Some(0.25)),
        (0.9, 5.0 / 6.0, Some(0.4)),
        (0.9_f64.next_up(), 1.0, Some(0.5)),
    ];
    assert_eq!(steps, by_hand);
    let roc: Vec<_> = found
        .discrimination
        .roc
        .unwrap()
        .iter()
        .map(|point| {
            (
                point.threshold,
                point.false_positive_rate,
                point.true_positive_rate,
            )
        })
        .collect();
    let by_hand = [
        (None, 0.0, 0.0),
        (Some(0.9), 0.0, third),
        (Some(0.7), 0.0, 2.0 / 3.0),
        (Some(0.4), third, 2.0 / 3.0),
        (Some(0.2), 2.0 / 3.0, 1.0),
        (Some(0.1), 1.0, 1.0),
    ];
    assert_eq!(roc, by_hand);
    let decisions = found.decisions;
    let counts = [
        decisions.true_negatives,
        decisions.false_positives,
        decisions.false_negatives,
        decisions.true_positives,
    ];
    assert_eq!(counts, [2, 1, 1, 2]);
    // Below 0.70 two thirds more of the goods than of the bads are approved.
    let point = found.distribution.points[70];
    assert_eq!(
        (point.cumulative_goods, point.cumulative_bads),
        (Some(1.0), Some(third))
    );
}
