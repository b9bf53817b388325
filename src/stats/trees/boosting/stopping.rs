//! How many trees are best, judged on rows that were not learnt from.

use super::super::super::sampling;
use super::super::columns::BinnedColumns;
use super::super::error::TreeError;
use super::super::target::Target;
use super::params::{BoostingParams, Stopping};
use super::rounds::Rounds;

/// Judged number of trees.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    pub rounds: u32,
    /// Mean loss on the rows held out, after 0, 1, 2, … trees.
    pub losses: Vec<f64>,
}

/// Rows held out together.
type Part = Vec<u32>;

/// Rows to hold out in turn; none where the classes have too few rows or nothing was asked for.
pub(super) fn parts(target: &Target<'_>, params: &BoostingParams) -> Vec<Part> {
    let events: Vec<bool> = target
        .rows
        .iter()
        .map(|&row| target.events[row as usize])
        .collect();
    let with = events.iter().filter(|event| **event).count();
    let fewest = with.min(events.len() - with);
    match params.stopping {
        Stopping::Never => Vec::new(),
        Stopping::HoldOut { share, .. } => {
            match sampling::stratified_split(&events, share, params.seed) {
                Ok(split) => vec![split.test.iter().map(|&i| target.rows[i]).collect()],
                Err(_) => Vec::new(),
            }
        }
        Stopping::Folds { folds, .. } => {
            let folds = fewest.min(folds as usize);
            let Ok(fold) = sampling::stratified_folds(&events, folds, params.seed) else {
                return Vec::new();
            };
            let mut parts = vec![Vec::new(); folds];
            for (fold, row) in fold.into_iter().zip(&target.rows) {
                parts[fold].push(*row);
            }
            parts
        }
    }
}

/// Grows a model without each part, side by side, until their loss has not been less for as many
/// trees as `patience` says.
pub(super) fn judge(
    columns: &BinnedColumns,
    target: &Target<'_>,
    params: &BoostingParams,
    parts: &[Part],
    patience: u32,
    cancelled: &dyn Fn() -> bool,
) -> Result<Verdict, TreeError> {
    let without = |part: &Part| {
        let mut weights = target.weights.clone();
        for &row in part {
            weights[row as usize] = 0.0;
        }
        Rounds::new(columns, target.events, weights, part, params)
    };
    let mut models: Vec<Rounds<'_>> = parts.iter().map(without).collect();
    let held_out = parts
        .iter()
        .flatten()
        .map(|&row| target.weights[row as usize]);
    let weight: f64 = held_out.sum();
    let loss = |models: &[Rounds<'_>]| {
        let losses = models.iter().zip(parts);
        let sums = losses.map(|(model, part)| model.loss(part, &target.weights));
        sums.sum::<f64>() / weight
    };
    let mut least = loss(&models);
    let mut verdict = Verdict {
        rounds: 0,
        losses: vec![least],
    };
    for round in 1..=params.rounds {
        let mut grew = false;
        for model in &mut models {
            if cancelled() {
                return Err(TreeError::Cancelled);
            }
            grew |= model.next(cancelled)?.is_some() || model.is_random();
        }
        let now = loss(&models);
        verdict.losses.push(now);
        if now < least {
            least = now;
            verdict.rounds = round;
        }
        if !grew || round - verdict.rounds >= patience {
            break;
        }
    }
    Ok(verdict)
}
