//! A model as it grows, tree by tree.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::super::{log1p_exp, sigmoid};
use super::super::columns::BinnedColumns;
use super::super::error::TreeError;
use super::super::sketch::Grown;
use super::super::sums::Pair;
use super::growth::{Desk, LeafwiseGrowth};
use super::interactions::Interactions;
use super::params::BoostingParams;

/// Second derivatives below this are taken for it: a row that is certain still has some say.
const LEAST_CURVATURE: f64 = 1e-16;

/// Boosting on some of the rows.
pub(super) struct Rounds<'a> {
    growth: LeafwiseGrowth<'a>,
    params: &'a BoostingParams,
    events: &'a [bool],
    /// Weights of the rows to learn from, 0 for the others.
    weights: Vec<f64>,
    /// Rows of positive weight, ascending.
    rows: Vec<u32>,
    pub base: f64,
    /// Rows whose log-odds are kept up: those learnt from, then those to judge by.
    followed: Vec<u32>,
    /// Log-odds of the followed rows so far.
    log_odds: Vec<f64>,
    /// Columns that have anything to tell.
    usable: Vec<u32>,
    pairs: Vec<Pair>,
    sampled: Vec<u32>,
    is_sampled: Vec<bool>,
    desk: Desk,
    round: u32,
}

impl<'a> Rounds<'a> {
    /// Starts from the log-odds of the weighted event rate; both classes have rows of positive
    /// weight. Rows of weight 0 are not learnt from; `held_out` are some of them to judge by.
    pub(super) fn new(
        columns: &'a BinnedColumns,
        events: &'a [bool],
        weights: Vec<f64>,
        held_out: &[u32],
        params: &'a BoostingParams,
    ) -> Self {
        let mut sums = [0.0; 2];
        for (weight, event) in weights.iter().zip(events) {
            sums[usize::from(*event)] += weight;
        }
        // Not of the rate, which may be 1 to the last bit.
        let base = libm::log(sums[1]) - libm::log(sums[0]);
        let count = events.len();
        let told = |&column: &u32| {
            let column = columns.column(column as usize);
            let missing = super::super::columns::MISSING_BIN;
            column.bins > 1 || column.bins == 1 && column.codes.contains(&missing)
        };
        let rows: Vec<u32> = (0..count as u32)
            .filter(|&row| weights[row as usize] > 0.0)
            .collect();
        Self {
            growth: LeafwiseGrowth {
                columns,
                params,
                interactions: Interactions::new(&params.interactions, columns.width()),
            },
            params,
            events,
            followed: rows.iter().chain(held_out).copied().collect(),
            rows,
            weights,
            base,
            log_odds: vec![base; count],
            usable: (0..columns.width() as u32).filter(told).collect(),
            pairs: vec![Pair::default(); count],
            sampled: Vec::with_capacity(count),
            is_sampled: vec![false; count],
            desk: Desk::default(),
            round: 0,
        }
    }

    /// Grows the next tree and adds it to the log-odds; `None` when it has no split.
    pub(super) fn next(
        &mut self,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Grown>, TreeError> {
        // A stream per tree: what a tree draws does not depend on those before.
        let mut generator = ChaCha8Rng::seed_from_u64(self.params.seed);
        generator.set_stream(u64::from(self.round));
        self.round += 1;
        let chosen = self.draw_columns(&mut generator);
        self.draw_rows(&mut generator);
        self.derive();
        let mut rows = std::mem::take(&mut self.sampled);
        let tree = self.growth.grow(
            &mut rows,
            &self.pairs,
            &self.weights,
            &chosen,
            &mut self.desk,
            cancelled,
        )?;
        let grew = tree.leaves.len() > 1;
        if grew {
            for (range, value) in &tree.leaves {
                for &row in &rows[range.clone()] {
                    self.log_odds[row as usize] += value;
                }
            }
            for &row in &self.followed {
                let row = row as usize;
                if !self.is_sampled[row] {
                    self.log_odds[row] += tree.grown.sketch.value(self.growth.columns, row);
                }
            }
        }
        self.sampled = rows;
        Ok(grew.then_some(tree.grown))
    }

    /// Whether another tree could differ from one without a split.
    pub(super) fn is_random(&self) -> bool {
        self.params.row_share < 1.0 || self.params.column_share < 1.0
    }

    /// Weighted sum of the logistic loss over followed rows.
    pub(super) fn loss(&self, rows: &[u32], weights: &[f64]) -> f64 {
        let loss = |&row: &u32| {
            let row = row as usize;
            let log_odds = self.log_odds[row];
            let against = if self.events[row] {
                -log_odds
            } else {
                log_odds
            };
            weights[row] * log1p_exp(against)
        };
        rows.iter().map(loss).sum()
    }

    fn draw_columns(&self, generator: &mut ChaCha8Rng) -> Vec<u32> {
        let mut columns = self.usable.clone();
        let share = (self.params.column_share * columns.len() as f64).round() as usize;
        let count = share.max(1).min(columns.len());
        if count < columns.len() {
            for place in 0..count {
                let drawn = generator.random_range(place as u32..columns.len() as u32);
                columns.swap(place, drawn as usize);
            }
            columns.truncate(count);
            columns.sort_unstable();
        }
        columns
    }

    /// Draws for every row, whether it is learnt from or not, so that models side by side draw alike.
    fn draw_rows(&mut self, generator: &mut ChaCha8Rng) {
        self.sampled.clear();
        self.is_sampled.fill(false);
        if self.params.row_share < 1.0 {
            for drawn in &mut self.is_sampled {
                *drawn = generator.random::<f64>() < self.params.row_share;
            }
        } else {
            self.is_sampled.fill(true);
        }
        let drawn = self
            .rows
            .iter()
            .copied()
            .filter(|&row| self.is_sampled[row as usize]);
        self.sampled.extend(drawn);
        self.is_sampled.fill(false);
        for &row in &self.sampled {
            self.is_sampled[row as usize] = true;
        }
    }

    /// First and second derivatives of the loss of the rows drawn.
    fn derive(&mut self) {
        for &row in &self.sampled {
            let row = row as usize;
            let p = sigmoid(self.log_odds[row]);
            let weight = self.weights[row];
            let outcome = if self.events[row] { 1.0 } else { 0.0 };
            self.pairs[row] = Pair {
                gradient: weight * (p - outcome),
                hessian: weight * (p * (1.0 - p)).max(LEAST_CURVATURE),
            };
        }
    }
}
