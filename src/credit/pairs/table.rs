//! A pair's table: which cell each row is in, and the log-odds of the cells.

use super::{grid::Slope, grouping::Group, rows::PairRows};
use crate::{
    credit::scorecard::Pair,
    stats::{log1p_exp, sigmoid},
};

/// Most steps of Newton's method; a few are enough.
const MOST_STEPS: usize = 50;
/// Steps below this are none: log-odds.
const TOLERANCE: f64 = 1e-9;
/// Longest step: log-odds. Newton's method overshoots where hardly any event was expected.
const LONGEST_STEP: f64 = 2.0;

/// A table in the making.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub pair: Pair,
    /// Cell of each row.
    cells: Vec<u32>,
}

impl Table {
    /// The table of these groups, all log-odds being 0. Bins without rows get a group of their own,
    /// in which they stay.
    pub fn new(at: [usize; 2], groups: &[Vec<Group>; 2], rows: &PairRows<'_>) -> Self {
        let [first, second] = [0, 1].map(|of| {
            let bins = rows.binnings[at[of]].table().rows.len();
            group_of_bins(&groups[of], bins)
        });
        let count = |groups: &[u32]| groups.iter().max().map_or(0, |last| last + 1);
        let width = count(&second);
        let columns = rows.bins[at[0]].iter().zip(&rows.bins[at[1]]);
        let cell = |(&a, &b): (&u32, &u32)| first[a as usize] * width + second[b as usize];
        Self {
            cells: columns.map(cell).collect(),
            pair: Pair {
                first: at[0] as u32,
                second: at[1] as u32,
                log_odds: vec![0.0; (count(&first) * width) as usize],
                groups_first: first,
                groups_second: second,
                coefficient: 1.0,
            },
        }
    }

    /// Log-odds of each row.
    pub fn column(&self) -> impl Iterator<Item = f64> + '_ {
        self.cells
            .iter()
            .map(|&cell| self.pair.log_odds[cell as usize])
    }

    /// Fits the log-odds of the cells beside all else, and brings the rows' `log_odds`, which
    /// include them, up to date.
    pub fn fit(&mut self, rows: &PairRows<'_>, log_odds: &mut [f64], shrinkage: f64) {
        let before = self.pair.log_odds.clone();
        for _ in 0..MOST_STEPS {
            let mut slopes = vec![Slope::default(); before.len()];
            for (row, (&cell, all)) in self.cells.iter().zip(&*log_odds).enumerate() {
                let cell = cell as usize;
                let moved = self.pair.log_odds[cell] - before[cell];
                slopes[cell].add(slope(rows, row, all + moved));
            }
            let mut longest = 0.0_f64;
            for (cell, slope) in self.pair.log_odds.iter_mut().zip(slopes) {
                let gradient = slope.gradient - shrinkage * *cell;
                let step = gradient / (slope.curvature + shrinkage);
                let step = step.clamp(-LONGEST_STEP, LONGEST_STEP);
                *cell += step;
                longest = longest.max(step.abs());
            }
            if longest < TOLERANCE {
                break;
            }
        }
        for (all, &cell) in log_odds.iter_mut().zip(&self.cells) {
            let cell = cell as usize;
            *all += self.pair.log_odds[cell] - before[cell];
        }
    }

    /// Logarithm of the cells' prior, up to a constant.
    pub fn prior(&self, shrinkage: f64) -> f64 {
        let cells = self.pair.log_odds.iter();
        -0.5 * shrinkage * cells.map(|cell| cell * cell).sum::<f64>()
    }
}

/// Gradient and curvature of a row's log-likelihood.
pub(super) fn slope(rows: &PairRows<'_>, row: usize, log_odds: f64) -> Slope {
    let p = sigmoid(log_odds);
    let weight = rows.weight(row);
    Slope {
        gradient: weight * (f64::from(u8::from(rows.events[row])) - p),
        curvature: weight * p * (1.0 - p),
    }
}

/// Weighted log-likelihood of the rows.
pub(super) fn log_likelihood(rows: &PairRows<'_>, log_odds: &[f64]) -> f64 {
    let of_row = |(row, &all): (usize, &f64)| {
        let surprise = log1p_exp(if rows.events[row] { -all } else { all });
        -rows.weight(row) * surprise
    };
    log_odds.iter().enumerate().map(of_row).sum()
}

fn group_of_bins(groups: &[Group], bins: usize) -> Vec<u32> {
    let mut found = vec![groups.len() as u32; bins];
    for (group, of) in groups.iter().enumerate() {
        for &bin in &of.bins {
            found[bin] = group as u32;
        }
    }
    found
}
