//! Gradient boosting of trees for the logistic loss (Friedman 2001; Chen and Guestrin 2016).

mod growth;
mod histogram;
mod interactions;
mod newton;
mod params;
mod rounds;
mod stopping;

pub use params::{BoostingParams, Monotone, Stopping};

use serde::{Deserialize, Serialize};

use super::super::sigmoid;
use super::columns::BinnedColumns;
use super::ensemble::TreeEnsemble;
use super::error::TreeError;
use super::importance::normalised;
use super::shap::Contributions;
use super::stored::StoredTreeError;
use super::target::Target;
use super::tree::ColumnReading;
use rounds::Rounds;
use stopping::Verdict;

/// Largest number that a stored model may hold.
const LARGEST: f64 = 1e100;

/// Trees that are each fitted to what those before left over; their values add up to log-odds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredBoosting", into = "StoredBoosting")]
pub struct GradientBoosting {
    base: f64,
    ensemble: TreeEnsemble,
    gains: Vec<f64>,
    splits: Vec<u32>,
}

/// A model and how its number of trees was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingFit {
    /// The model.
    pub model: GradientBoosting,
    /// Mean logistic loss on rows that were held out, after 0, 1, 2, … trees; empty when none were.
    pub validation_losses: Vec<f64>,
    /// Number of trees at which that loss was least; the limit when no rows were held out.
    ///
    /// Trees without a split are not kept, so that the model may have fewer.
    pub best_rounds: u32,
}

impl GradientBoosting {
    /// Grows a model.
    ///
    /// The number of trees is chosen as [`BoostingParams::stopping`] says, and all rows are learnt
    /// from in the end. `weights` count a row as if it were there that many times; 0 leaves it out.
    /// `cancelled` is asked before every tree and large node.
    ///
    /// # Errors
    /// [`TreeError`] for a setting out of range, rows that do not fit together, and a single class.
    pub fn fit(
        columns: &BinnedColumns,
        events: &[bool],
        weights: Option<&[f64]>,
        params: &BoostingParams,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<BoostingFit, TreeError> {
        params.check()?;
        let categorical: Vec<bool> = columns.columns().map(|c| c.is_categorical()).collect();
        params.check_columns(&categorical)?;
        let target = Target::new(columns.rows(), events, weights, params.class_weight)?;
        let parts = stopping::parts(&target, params);
        let verdict = match params.stopping {
            Stopping::HoldOut { patience, .. } | Stopping::Folds { patience, .. }
                if !parts.is_empty() =>
            {
                stopping::judge(columns, &target, params, &parts, patience, cancelled)?
            }
            _ => Verdict {
                rounds: params.rounds,
                losses: Vec::new(),
            },
        };
        let Target { weights, .. } = target;
        let mut model = Nursery::new(columns, Rounds::new(columns, events, weights, &[], params));
        for _ in 0..verdict.rounds {
            if cancelled() {
                return Err(TreeError::Cancelled);
            }
            if !model.add_tree(cancelled)? {
                break;
            }
        }
        Ok(BoostingFit {
            model: model.finished(),
            validation_losses: verdict.losses,
            best_rounds: verdict.rounds,
        })
    }

    /// Log-odds of an event for a row of raw values: the base and the trees' values, added in order;
    /// see [`TreeEnsemble::sum`] for what a row is.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.ensemble.sum_from(self.base, row)
    }

    /// Probability of an event for a row of raw values, in `0..=1`.
    pub fn probability(&self, row: &[f64]) -> f64 {
        sigmoid(self.log_odds(row))
    }

    /// What each column adds to a row's log-odds, compared with a background sample; without one,
    /// with the rows that the trees were grown on. See [`TreeEnsemble::interventional_shap`] and
    /// [`TreeEnsemble::path_dependent_shap`].
    pub fn contributions<R: AsRef<[f64]>>(
        &self,
        row: &[f64],
        background: Option<&[R]>,
    ) -> Contributions {
        let sums = match background {
            Some(sample) => self.ensemble.interventional_shap(row, sample),
            None => self.ensemble.path_dependent_shap(row),
        };
        sums.scaled(1.0, self.base)
    }

    /// Log-odds of the weighted event rate of the rows that were learnt from.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Share of each column in the decrease of the loss by splits, in the columns' order; they add
    /// up to 1, or are all 0 without a split.
    pub fn gain_importances(&self) -> Vec<f64> {
        normalised(self.gains.clone())
    }

    /// Number of splits by each column, in the columns' order.
    pub fn split_counts(&self) -> &[u32] {
        &self.splits
    }

    /// The trees.
    pub fn ensemble(&self) -> &TreeEnsemble {
        &self.ensemble
    }
}

/// A model as it grows.
struct Nursery<'a> {
    columns: &'a BinnedColumns,
    rounds: Rounds<'a>,
    trees: Vec<super::tree::Tree>,
    gains: Vec<f64>,
    splits: Vec<u32>,
}

impl<'a> Nursery<'a> {
    fn new(columns: &'a BinnedColumns, rounds: Rounds<'a>) -> Self {
        Self {
            columns,
            rounds,
            trees: Vec::new(),
            gains: vec![0.0; columns.width()],
            splits: vec![0; columns.width()],
        }
    }

    /// Grows the next tree; answers whether there is any use in going on.
    fn add_tree(&mut self, cancelled: &dyn Fn() -> bool) -> Result<bool, TreeError> {
        let Some(grown) = self.rounds.next(cancelled)? else {
            return Ok(self.rounds.is_random());
        };
        for (column, gain) in grown.sketch.gains() {
            self.gains[column] += gain;
            self.splits[column] += 1;
        }
        self.trees
            .push(grown.sketch.into_tree(self.columns, grown.covers));
        Ok(true)
    }

    fn finished(self) -> GradientBoosting {
        GradientBoosting {
            base: self.rounds.base,
            ensemble: TreeEnsemble::new(ColumnReading::of(self.columns), self.trees),
            gains: self.gains,
            splits: self.splits,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredBoosting {
    base: f64,
    ensemble: TreeEnsemble,
    gains: Vec<f64>,
    splits: Vec<u32>,
}

impl From<GradientBoosting> for StoredBoosting {
    fn from(model: GradientBoosting) -> Self {
        Self {
            base: model.base,
            ensemble: model.ensemble,
            gains: model.gains,
            splits: model.splits,
        }
    }
}

impl TryFrom<StoredBoosting> for GradientBoosting {
    type Error = StoredTreeError;

    fn try_from(stored: StoredBoosting) -> Result<Self, StoredTreeError> {
        let StoredBoosting {
            base,
            ensemble,
            gains,
            splits,
        } = stored;
        let width = ensemble.width();
        let sound = base.abs() <= LARGEST
            && ensemble.values_within(-LARGEST, LARGEST)
            && gains.len() == width
            && gains.iter().all(|gain| (0.0..f64::INFINITY).contains(gain))
            && splits.len() == width;
        if sound {
            Ok(Self {
                base,
                ensemble,
                gains,
                splits,
            })
        } else {
            Err(StoredTreeError::Ensemble)
        }
    }
}
