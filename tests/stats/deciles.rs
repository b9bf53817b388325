//! Gains tables: which rows a band holds and what is read off it.

use credit_risk::stats::{Band, GainsTable, MetricError, Roc};

use crate::cases::case;
use crate::support::distance;

/// Events of twenty rows, highest score first.
const RISKIEST_FIRST: [u8; 20] = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];

fn twenty() -> (Vec<f64>, Vec<bool>) {
    let scores = (0..20).map(|row| 1.0 - f64::from(row) / 20.0).collect();
    (
        scores,
        RISKIEST_FIRST.iter().map(|event| *event == 1).collect(),
    )
}

fn counts(table: &GainsTable) -> Vec<u64> {
    table.bands.iter().map(|band| band.count).collect()
}

#[test]
fn a_table_of_four_bands_is_the_one_worked_out_by_hand() {
    let (scores, events) = twenty();
    let table = GainsTable::by_count(&scores, &events, 4).unwrap();
    assert_eq!(counts(&table), [5, 5, 5, 5]);
    let column = |value: fn(&Band) -> f64| -> Vec<f64> { table.bands.iter().map(value).collect() };
    let sevenths = |parts: [f64; 4]| parts.map(|part| part / 7.0);
    let thirteenths = |parts: [f64; 4]| parts.map(|part| part / 13.0);
    let close = |found: Vec<f64>, expected: [f64; 4]| distance(&found, &expected) < 1e-12;
    assert!(close(
        column(|band| band.event_rate.unwrap()),
        [0.8, 0.4, 0.2, 0.0]
    ));
    assert!(close(
        column(|band| band.cumulative_events),
        sevenths([4.0, 6.0, 7.0, 7.0])
    ));
    let cumulative = column(|band| band.cumulative_non_events);
    assert!(close(cumulative, thirteenths([1.0, 4.0, 8.0, 13.0])));
    assert!(close(
        column(|band| band.cumulative_count),
        [0.25, 0.5, 0.75, 1.0]
    ));
    let lift = [0.8, 0.4, 0.2, 0.0].map(|rate| rate / 0.35);
    assert!(close(column(|band| band.lift.unwrap()), lift));
    let cumulative_lift = [0.8, 0.6, 7.0 / 15.0, 0.35].map(|rate| rate / 0.35);
    assert!(close(
        column(|band| band.cumulative_lift.unwrap()),
        cumulative_lift
    ));
    let ks = [45.0, 50.0, 35.0, 0.0].map(|part| part / 91.0);
    assert!(close(column(|band| band.ks), ks));
    assert!((table.kolmogorov_smirnov() - 50.0 / 91.0).abs() < 1e-12);
    assert!((table.event_rate - 0.35).abs() < 1e-12);
}

#[test]
fn bounds_are_the_scores_at_the_ends_of_the_band() {
    let (scores, events) = twenty();
    let table = GainsTable::by_count(&scores, &events, 4).unwrap();
    for (band, rows) in table.bands.iter().zip(scores.chunks(5)) {
        assert_eq!((band.high, band.low), (Some(rows[0]), Some(rows[4])));
    }
}

#[test]
fn sizes_that_do_not_divide_differ_by_one_row() {
    let (scores, events) = twenty();
    let table = GainsTable::by_count(&scores, &events, 6).unwrap();
    assert_eq!(counts(&table), [4, 3, 3, 4, 3, 3]);
    let more_bands_than_rows = GainsTable::by_count(&scores, &events, 1_000).unwrap();
    assert_eq!(counts(&more_bands_than_rows), [1; 20]);
}

#[test]
fn rows_of_one_score_share_the_band_of_the_first_of_them() {
    let scores = [0.9, 0.9, 0.9, 0.5, 0.4, 0.3, 0.2, -0.0, 0.0, 0.1];
    let events = [
        true, false, true, false, true, false, false, false, true, false,
    ];
    let table = GainsTable::by_count(&scores, &events, 5).unwrap();
    assert_eq!(counts(&table), [3, 1, 2, 2, 2]);
    let all_tied = GainsTable::by_count(&[0.5; 10], &events, 5).unwrap();
    assert_eq!(counts(&all_tied), [10]);
    assert!(all_tied.bands[0].ks.abs() < f64::MIN_POSITIVE);
}

#[test]
fn bands_between_edges_take_their_lower_edge_and_may_be_empty() {
    let scores = [600.0, 619.0, 620.0, 640.0, 700.0];
    let events = [true, false, true, false, true];
    let edges = [560.0, 600.0, 620.0, 680.0, 690.0];
    let table = GainsTable::by_edges(&scores, &events, &edges).unwrap();
    assert_eq!(counts(&table), [1, 0, 2, 2, 0, 0]);
    let bounds: Vec<_> = table
        .bands
        .iter()
        .map(|band| (band.low, band.high))
        .collect();
    assert_eq!(bounds[0], (Some(690.0), None));
    assert_eq!(bounds[3], (Some(600.0), Some(620.0)));
    assert_eq!(bounds[5], (None, Some(560.0)));
    assert_eq!(
        (table.bands[1].event_rate, table.bands[1].lift),
        (None, None)
    );
    assert!((table.bands[5].cumulative_events - 1.0).abs() < 1e-16);
}

#[test]
fn nothing_scored_yet_has_no_cumulative_lift() {
    let table = GainsTable::by_edges(&[0.1, 0.2], &[true, false], &[0.5]).unwrap();
    assert_eq!(
        (table.bands[0].count, table.bands[0].cumulative_lift),
        (0, None)
    );
    assert_eq!(table.bands[1].count, 2);
}

#[test]
fn deciles_of_real_scores_add_up_and_fall() {
    let case = case("loan_test_lgbm");
    let table = GainsTable::by_count(&case.scores, &case.events, 10).unwrap();
    assert_eq!(table.bands.len(), 10);
    assert_eq!(counts(&table).iter().sum::<u64>(), 5_892);
    let events: u64 = table.bands.iter().map(|band| band.events).sum();
    let non_events: u64 = table.bands.iter().map(|band| band.non_events).sum();
    assert_eq!((events, non_events), (1_293, 4_599));
    assert!(
        table
            .bands
            .windows(2)
            .all(|pair| pair[0].low > pair[1].high)
    );
    assert!(table.bands[0].lift > Some(4.0));
    let ks = Roc::new(&case.scores, &case.events)
        .unwrap()
        .kolmogorov_smirnov();
    assert!(table.kolmogorov_smirnov() <= ks && table.kolmogorov_smirnov() > 0.9 * ks);
}

#[test]
fn what_makes_no_table_is_refused() {
    let (p, events) = ([0.1, 0.9], [false, true]);
    assert_eq!(
        GainsTable::by_count(&p, &events, 0),
        Err(MetricError::NoBins)
    );
    let one_class = Err(MetricError::OneClass);
    assert_eq!(GainsTable::by_count(&p, &[true, true], 10), one_class);
    assert_eq!(GainsTable::by_count(&[], &[], 10), Err(MetricError::Empty));
    for edges in [
        &[][..],
        &[2.0, 1.0],
        &[1.0, 1.0],
        &[f64::NAN],
        &[1.0, f64::INFINITY],
    ] {
        assert_eq!(
            GainsTable::by_edges(&p, &events, edges),
            Err(MetricError::Edges)
        );
    }
}
