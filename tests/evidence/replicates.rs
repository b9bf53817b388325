//! The seeded bootstrap of a sample's evidence.

use std::cell::Cell;

use credit_risk::credit::evidence::{EvidenceError, EvidenceParams, SampleEvidence, Spread};
use credit_risk::stats::{Bootstrap, Roc, brier, gini, log_loss};

use crate::support::{Sample, sample};

fn params(seed: u64) -> EvidenceParams {
    EvidenceParams {
        seed,
        replicates: 60,
        ..EvidenceParams::default()
    }
}

fn spreads(found: &SampleEvidence) -> [Spread; 5] {
    let parts = &found.discrimination;
    [
        parts.auc.unwrap().bootstrap,
        parts.gini.unwrap().bootstrap,
        parts.ks.unwrap().bootstrap,
        found.brier.bootstrap,
        found.log_loss.bootstrap,
    ]
    .map(Option::unwrap)
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_other_intervals_only() {
    let rows = sample("rounded_500");
    let first = rows.measure(0.5, &params(7));
    let bytes = |found: &SampleEvidence| serde_json::to_string(found).unwrap();
    assert_eq!(bytes(&first), bytes(&rows.measure(0.5, &params(7))));
    let other = rows.measure(0.5, &params(8));
    for (a, b) in spreads(&first).into_iter().zip(spreads(&other)) {
        assert_ne!(a, b);
    }
    assert_eq!(first.calibration, other.calibration);
    assert_eq!(first.gains, other.gains);
    assert_eq!(
        first.discrimination.auc.unwrap().delong,
        other.discrimination.auc.unwrap().delong
    );
}

#[test]
fn the_intervals_are_those_of_the_metrics_themselves() {
    // The rows as the bootstrap is given them: by falling probability, bads first among equals.
    let given = sample("rounded_500");
    let mut rows: Vec<(f64, bool)> = given.p.iter().copied().zip(given.events.clone()).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let (p, events): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
    let statistics = |times: &[u8]| {
        let rows = times.iter().enumerate();
        let rows = rows.flat_map(|(row, times)| std::iter::repeat_n(row, usize::from(*times)));
        let rows: Vec<usize> = rows.collect();
        let p: Vec<f64> = rows.iter().map(|&row| p[row]).collect();
        let events: Vec<bool> = rows.iter().map(|&row| events[row]).collect();
        let roc = Roc::new(&p, &events).unwrap();
        let numbers = [
            roc.auc(),
            gini(roc.auc()),
            roc.kolmogorov_smirnov(),
            brier(&p, &events).unwrap(),
            log_loss(&p, &events).unwrap(),
        ];
        numbers.map(Some)
    };
    let bootstrap = Bootstrap::new(&events, 7).unwrap();
    let expected = bootstrap
        .intervals(60, 0.95, statistics, &|| false)
        .unwrap();
    for (found, expected) in spreads(&given.measure(0.5, &params(7)))
        .into_iter()
        .zip(expected)
    {
        let expected = expected.unwrap();
        assert!((found.low - expected.interval.low).abs() < 1e-14);
        assert!((found.high - expected.interval.high).abs() < 1e-14);
        assert!((found.std_error - expected.std_error).abs() < 1e-14);
    }
}

#[test]
fn the_order_of_the_rows_does_not_show_in_the_intervals() {
    let rows = sample("rounded_500");
    let turned = Sample {
        p: rows.p.iter().rev().copied().collect(),
        events: rows.events.iter().rev().copied().collect(),
    };
    let [found, turned] = [&rows, &turned].map(|rows| spreads(&rows.measure(0.5, &params(7))));
    assert_eq!(found, turned);
}

#[test]
fn the_spread_of_the_auc_is_near_that_of_its_normal_interval() {
    let thorough = EvidenceParams {
        replicates: 300,
        ..params(7)
    };
    let auc = sample("german_test_hgb")
        .measure(0.5, &thorough)
        .discrimination
        .auc
        .unwrap();
    let (normal, bootstrap) = (auc.delong.unwrap(), auc.bootstrap.unwrap());
    assert!((bootstrap.std_error / normal.std_error - 1.0).abs() < 0.15);
    assert!(bootstrap.low < auc.value && auc.value < bootstrap.high);
}

#[test]
fn without_replicates_there_are_no_bootstrap_intervals() {
    let none = EvidenceParams {
        replicates: 0,
        ..params(7)
    };
    let found = sample("german_test_hgb").measure(0.5, &none);
    assert_eq!(found.discrimination.auc.unwrap().bootstrap, None);
    assert_eq!(
        (found.brier.bootstrap, found.log_loss.bootstrap),
        (None, None)
    );
}

#[test]
fn a_caller_can_withdraw_between_replicates() {
    let rows = sample("german_test_hgb");
    let asked = Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    let found = SampleEvidence::measure_unless(&rows.p, &rows.events, 0.5, &params(7), &cancelled);
    assert_eq!(found, Err(EvidenceError::Cancelled));
    assert_eq!(asked.get(), 3);
}
