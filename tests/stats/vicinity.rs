//! Fits that begin where one of much the same rows has ended.

use std::cell::Cell;

use credit_risk::stats::{
    FitError, LogisticFit, LogisticSpec, Matrix, MatrixBlocks, Penalty, PenaltyUnit, Sign,
    Vicinity, column_moments,
};

use crate::many_rows::{Cut, ROWS, many};
use crate::support::{ELASTIC_NET, L1, L2, fit_spec, spec};

/// All rows but one in seven.
fn fold(design: &Matrix, events: &[bool]) -> (Matrix, Vec<bool>) {
    let kept: Vec<usize> = (0..ROWS).filter(|row| row % 7 != 3).collect();
    let events = kept.iter().map(|row| events[*row]).collect();
    (design.select_rows(&kept), events)
}

fn nearby(
    spec: &LogisticSpec,
    rows: (&Matrix, &[bool]),
    whole: &LogisticFit,
) -> (LogisticFit, u32) {
    let source = Cut {
        rows,
        size: 4096,
        passes: Cell::new(0),
    };
    let vicinity = whole.vicinity.as_ref().unwrap();
    let checked = spec.clone().check().unwrap();
    let fit = checked.fit_nearby(&source, vicinity, PenaltyUnit::Column, &|| false);
    (fit.unwrap(), source.passes.get())
}

/// Largest difference of the log-odds of a row, where each counts from the middle of its columns.
fn farthest(a: &LogisticFit, b: &LogisticFit, design: &Matrix) -> f64 {
    let middle = design.row(0);
    let log_odds = |fit: &LogisticFit, row: &[f64]| {
        let terms = fit.weights.iter().zip(row.iter().zip(middle));
        terms
            .map(|(weight, (x, from))| weight * (x - from))
            .sum::<f64>()
    };
    let rows = (0..design.rows()).map(|row| design.row(row));
    let gaps = rows.map(|row| (log_odds(a, row) - log_odds(b, row)).abs());
    gaps.fold(0.0, f64::max)
}

#[test]
fn a_fold_is_fitted_in_a_few_passes_from_where_the_whole_has_ended() {
    let (design, events) = many();
    let mut signs = vec![Sign::Free; 6];
    signs[1] = Sign::NonNegative;
    let constrained = LogisticSpec { signs, ..spec(L2) };
    let (rows, outcomes) = fold(&design, &events);
    for spec in [spec(L2), spec(L1), spec(ELASTIC_NET), constrained] {
        let whole = fit_spec(spec.clone(), &design, &events).unwrap();
        let (near, passes) = nearby(&spec, (&rows, &outcomes), &whole);
        let fit = fit_spec(spec.clone(), &rows, &outcomes).unwrap();
        assert!(near.convergence.converged, "{spec:?}");
        let gap = farthest(&near, &fit, &rows);
        assert!(gap < 1e-6, "{spec:?}: {gap}");
        // They are not the same rows.
        assert!(farthest(&near, &whole, &rows) > 1e-3, "{spec:?}");
        assert!((near.log_likelihood - fit.log_likelihood).abs() < 1e-6);
        // The first, and those for the gradient.
        assert!(passes <= 5, "{spec:?}: {passes} passes");
        assert_eq!(near.inference, None);
        assert_eq!(near.statistics, None);
        assert_eq!(near.vicinity, None);
    }
}

#[test]
fn a_penalty_per_deviation_is_that_of_columns_divided_by_it() {
    let (design, events) = many();
    let (rows, outcomes) = fold(&design, &events);
    let deviations = column_moments(&rows).standard_deviation;
    let divided = |design: &Matrix| {
        let lines = (0..design.rows()).flat_map(|row| {
            let cells = design.row(row).iter().zip(&deviations);
            cells.map(|(x, deviation)| x / deviation)
        });
        Matrix::from_vec(design.rows(), design.columns(), lines.collect()).unwrap()
    };
    // Strong enough to be felt among so many rows.
    let strong = Penalty::ElasticNet {
        inverse_strength: 1e-3,
        l1_ratio: 0.3,
    };
    let whole = fit_spec(spec(strong), &design, &events).unwrap();
    let vicinity = whole.vicinity.as_ref().unwrap();
    let source = MatrixBlocks::new(&rows, &outcomes, None).unwrap();
    let checked = spec(strong).check().unwrap();
    let fit_in = |unit| checked.fit_nearby(&source, vicinity, unit, &|| false);
    let near = fit_in(PenaltyUnit::Deviation).unwrap();
    let expected = fit_spec(spec(strong), &divided(&rows), &outcomes).unwrap();
    for ((found, expected), deviation) in
        near.weights.iter().zip(&expected.weights).zip(&deviations)
    {
        assert!((found * deviation - expected).abs() < 1e-6);
    }
    let plain = fit_in(PenaltyUnit::Column).unwrap();
    assert!(farthest(&plain, &near, &rows) > 1e-2);
}

#[test]
fn rows_that_are_not_much_the_same_are_fitted_as_ever() {
    let (design, events) = many();
    let whole = fit_spec(spec(L2), &design, &events).unwrap();
    let turned: Vec<bool> = events.iter().map(|event| !event).collect();
    let (near, _) = nearby(&spec(L2), (&design, &turned), &whole);
    assert_eq!(near, fit_spec(spec(L2), &design, &turned).unwrap());
    // Without a penalty nothing but their own Hessian tells whether there is an optimum.
    let whole_alone = fit_spec(spec(Penalty::None), &design, &events).unwrap();
    let (rows, outcomes) = fold(&design, &events);
    let (near, _) = nearby(&spec(Penalty::None), (&rows, &outcomes), &whole_alone);
    assert_eq!(
        near,
        fit_spec(spec(Penalty::None), &rows, &outcomes).unwrap()
    );
    let fewer = design.select_columns(&[0, 1, 2, 4, 5]);
    let (near, _) = nearby(&spec(L2), (&fewer, &events), &whole);
    assert_eq!(near, fit_spec(spec(L2), &fewer, &events).unwrap());
}

#[test]
fn few_rows_are_fitted_as_ever() {
    let (design, events) = many();
    let whole = fit_spec(spec(L2), &design, &events).unwrap();
    let few: Vec<usize> = (0..5_000).collect();
    let (design, events) = (design.select_rows(&few), &events[..5_000]);
    let (near, _) = nearby(&spec(L2), (&design, events), &whole);
    assert_eq!(near, fit_spec(spec(L2), &design, events).unwrap());
    // From such a fit none can begin, so that it keeps no Hessian.
    assert_eq!(near.vicinity, None);
}

#[test]
fn classes_that_come_apart_in_a_fold_are_told() {
    let (design, mut events) = many();
    let whole = fit_spec(spec(Penalty::None), &design, &events).unwrap();
    for (row, event) in events.iter_mut().enumerate() {
        *event = design.row(row)[0] > 0.0;
    }
    let source = MatrixBlocks::new(&design, &events, None).unwrap();
    let vicinity: &Vicinity = whole.vicinity.as_ref().unwrap();
    let checked = spec(Penalty::None).check().unwrap();
    let refused = checked.fit_nearby(&source, vicinity, PenaltyUnit::Column, &|| false);
    assert_eq!(refused, Err(FitError::Separated));
}

#[test]
fn a_caller_can_withdraw_from_a_fold() {
    let (design, events) = many();
    let whole = fit_spec(spec(L2), &design, &events).unwrap();
    let (rows, outcomes) = fold(&design, &events);
    let source = MatrixBlocks::new(&rows, &outcomes, None).unwrap();
    let vicinity = whole.vicinity.as_ref().unwrap();
    let asked = Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        // In the second pass for the gradient.
        asked.get() > 3 * rows.rows() / 64 / 64
    };
    let checked = spec(L2).check().unwrap();
    let stopped = checked.fit_nearby(&source, vicinity, PenaltyUnit::Column, &cancelled);
    assert_eq!(stopped, Err(FitError::Cancelled));
}
