//! Terms of two characteristics, added to a scorecard's fit.

use super::{
    Task,
    candidate::{Candidate, woe_matrix},
    sample::Sample,
};
use crate::{
    credit::{
        TrainingError,
        binning::Binning,
        pairs::{CheckedPairParams, FoundPair, PairError, PairRows, find_pairs},
        scorecard::Pair,
    },
    stats::{LogisticFit, Matrix, Sign},
};

/// Seeks pairs beside `main`, the fit of the candidates at `places` of their rows, and fits both
/// together: coefficients first of the candidates, then of the pairs.
///
/// The candidates' coefficients are at most 0 again, and 0 is possible: the pair then says it all.
pub(super) fn add_pairs(
    task: &Task<'_>,
    params: &CheckedPairParams,
    candidates: &[Candidate],
    places: &[usize],
    sample: &Sample,
    main: LogisticFit,
) -> Result<(Vec<Pair>, LogisticFit), TrainingError> {
    let design = woe_matrix(candidates, places);
    let mut found = seek(task, params, candidates, places, sample, &main, &design)?;
    loop {
        if found.is_empty() {
            return Ok((Vec::new(), main));
        }
        let fit = fit(task, &design, &found, sample)?;
        let weights = &fit.weights[candidates.len()..];
        if weights.iter().all(|weight| *weight > 0.0) {
            let pairs = found.into_iter().zip(weights);
            let pairs = pairs.map(|(found, weight)| Pair {
                coefficient: *weight,
                ..found.pair
            });
            return Ok((pairs.collect(), fit));
        }
        let told = found.into_iter().zip(weights);
        let told = told.filter(|(_, weight)| **weight > 0.0);
        found = told.map(|(found, _)| found).collect();
    }
}

fn seek(
    task: &Task<'_>,
    params: &CheckedPairParams,
    candidates: &[Candidate],
    places: &[usize],
    sample: &Sample,
    main: &LogisticFit,
    design: &Matrix,
) -> Result<Vec<FoundPair>, TrainingError> {
    let binnings: Vec<&Binning> = candidates.iter().map(|it| &it.binning).collect();
    let bins = candidates.iter().map(|candidate| {
        let bin = |place: &usize| candidate.bins[*place] as u32;
        places.iter().map(bin).collect()
    });
    let log_odds = |row: usize| -> f64 {
        let terms = design.row(row).iter().zip(&main.weights);
        main.intercept + terms.map(|(woe, weight)| woe * weight).sum::<f64>()
    };
    let rows = PairRows {
        binnings: &binnings,
        bins: &bins.collect::<Vec<Vec<u32>>>(),
        log_odds: &(0..places.len()).map(log_odds).collect::<Vec<f64>>(),
        events: &sample.events,
        weights: sample.weights.as_deref(),
    };
    find_pairs(&rows, params, task.cancelled).map_err(|error| match error {
        PairError::Cancelled => TrainingError::Cancelled,
        error => TrainingError::Pairs(error),
    })
}

fn fit(
    task: &Task<'_>,
    main: &Matrix,
    found: &[FoundPair],
    sample: &Sample,
) -> Result<LogisticFit, TrainingError> {
    let columns = main.columns();
    let mut design = Matrix::new(main.rows(), columns + found.len());
    for row in 0..main.rows() {
        let (own, pairs) = design.row_mut(row).split_at_mut(columns);
        own.copy_from_slice(main.row(row));
        for (cell, found) in pairs.iter_mut().zip(found) {
            *cell = found.column[row];
        }
    }
    let weights = sample.weights.as_deref();
    let estimate = |signs| {
        let estimator = task.plan.estimator();
        estimator.fit(&design, &sample.events, weights, signs, task.cancelled)
    };
    let free = estimate(Vec::new())?;
    let (own, pairs) = free.weights.split_at(columns);
    if own.iter().all(|weight| *weight <= 0.0) && pairs.iter().all(|weight| *weight > 0.0) {
        return Ok(free);
    }
    let mut signs = vec![Sign::NonPositive; columns];
    signs.resize(columns + found.len(), Sign::NonNegative);
    estimate(signs)
}
