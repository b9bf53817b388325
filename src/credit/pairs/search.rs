//! The search for pairs.

use super::{
    error::PairError,
    grid::{Grid, Slope},
    grouping::{Group, Grouping, best_grouping},
    params::{CheckedPairParams, PairParams},
    rows::PairRows,
    table::{Table, log_likelihood, slope},
};
use crate::credit::scorecard::Pair;

/// How many pairs are looked at again after the first look: up to 32 characteristics, all of them.
const SHORTLIST: usize = 500;

/// A pair that tells more than its characteristics do.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPair {
    /// The pair, with the coefficient 1.
    pub pair: Pair,
    /// What it was worth when it was chosen: gain in log-likelihood, less what chance would gain.
    pub gain: f64,
    /// Its log-odds of each row: a column to fit a coefficient for.
    pub column: Vec<f64>,
}

/// A pair of characteristics and its best groups.
#[derive(Clone, Debug)]
struct Candidate {
    at: [usize; 2],
    grouping: Grouping,
}

/// Seeks the pairs that tell most beyond the main effects, the best first.
///
/// The answer may be empty. Ask only once for all pairs: they are fitted together. `cancelled` is
/// asked before every pair of characteristics.
///
/// # Errors
/// [`PairError`] for rows that do not fit together, and when cancelled.
pub fn find_pairs(
    rows: &PairRows<'_>,
    params: &CheckedPairParams,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<FoundPair>, PairError> {
    rows.check()?;
    let params = params.params();
    let search = Search::new(rows, params);
    let mut log_odds = rows.log_odds.to_vec();
    let mut found: Vec<(Table, f64)> = Vec::new();
    let mut left = search.all();
    let mut is_first = true;
    while found.len() < params.most as usize {
        let mut candidates = search.judge(&left, &log_odds, cancelled)?;
        candidates.sort_by(|a, b| b.grouping.worth.total_cmp(&a.grouping.worth));
        if is_first {
            candidates.truncate(SHORTLIST);
            is_first = false;
        }
        let taken = candidates.iter().find_map(|candidate| {
            let taken = search.fitted(candidate, &log_odds)?;
            Some((candidate.at, candidate.grouping.worth, taken))
        });
        let Some((at, worth, (table, with_it))) = taken else {
            break;
        };
        found.push((table, worth));
        log_odds = with_it;
        left = candidates.into_iter().map(|of| of.at).collect();
        left.retain(|&of| of != at);
        // The order of looking decides between equals.
        left.sort_unstable();
        for (table, _) in &mut found {
            table.fit(rows, &mut log_odds, params.shrinkage);
        }
    }
    let answer = found.into_iter().map(|(table, gain)| FoundPair {
        column: table.column().collect(),
        pair: table.pair,
        gain,
    });
    Ok(answer.collect())
}

/// What stays the same through the search.
struct Search<'a> {
    rows: &'a PairRows<'a>,
    params: &'a PairParams,
    /// Bins with rows of each characteristic.
    groups: Vec<Vec<Group>>,
    /// Cost of a degree of freedom.
    each: f64,
    /// Cost of having chosen among all pairs.
    choice: f64,
}

impl<'a> Search<'a> {
    fn new(rows: &'a PairRows<'a>, params: &'a PairParams) -> Self {
        let groups = (0..rows.bins.len()).map(|at| bins_with_rows(rows, at));
        let mut search = Self {
            rows,
            params,
            groups: groups.collect(),
            each: params.penalty * libm::log(rows.total().max(1.0)),
            choice: 0.0,
        };
        search.choice = libm::log((search.all().len() as f64).max(1.0));
        search
    }

    /// Every two characteristics that have two bins with rows each.
    fn all(&self) -> Vec<[usize; 2]> {
        let wide = |at: usize| self.groups[at].len() >= 2;
        let number = self.groups.len();
        let pairs = (0..number).flat_map(|a| (a + 1..number).map(move |b| [a, b]));
        pairs.filter(|&[a, b]| wide(a) && wide(b)).collect()
    }

    /// The best groups of each of `pairs`, those that cannot be judged left out.
    fn judge(
        &self,
        pairs: &[[usize; 2]],
        log_odds: &[f64],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Candidate>, PairError> {
        let of_row = |(row, &all): (usize, &f64)| slope(self.rows, row, all);
        let slopes: Vec<Slope> = log_odds.iter().enumerate().map(of_row).collect();
        let mut found = Vec::new();
        for &at in pairs {
            if cancelled() {
                return Err(PairError::Cancelled);
            }
            let mut grid = self.grid(at, &slopes);
            if !grid.keep_interaction() {
                continue;
            }
            let groups = at.map(|at| self.groups[at].clone());
            let grouping = best_grouping(grid, groups, self.each, self.params);
            if let Some(mut grouping) = grouping {
                grouping.worth -= self.choice;
                grouping.cost += self.choice;
                found.push(Candidate { at, grouping });
            }
        }
        Ok(found)
    }

    fn grid(&self, at: [usize; 2], slopes: &[Slope]) -> Grid {
        let count = |at: usize| self.rows.binnings[at].table().rows.len();
        let [rows, columns] = at.map(count);
        let mut cells = vec![Slope::default(); rows * columns];
        let [first, second] = at.map(|at| self.rows.bins[at].as_slice());
        for ((&a, &b), &slope) in first.iter().zip(second).zip(slopes) {
            cells[a as usize * columns + b as usize].add(slope);
        }
        let [first, second] = at.map(|at| self.groups[at].as_slice());
        let single = |a: &Group, b: &Group| cells[a.bins[0] * columns + b.bins[0]];
        let used = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| single(a, b)));
        Grid::new(first.len(), second.len(), used.collect())
    }

    /// The table of a candidate and the rows' log-odds with it, if it is really worth its cost: a
    /// step of Newton's method may promise too much.
    fn fitted(&self, candidate: &Candidate, log_odds: &[f64]) -> Option<(Table, Vec<f64>)> {
        let Candidate { at, grouping } = candidate;
        if grouping.worth <= 0.0 {
            return None;
        }
        let shrinkage = self.params.shrinkage;
        let mut table = Table::new(*at, &grouping.groups, self.rows);
        let mut with_it = log_odds.to_vec();
        table.fit(self.rows, &mut with_it, shrinkage);
        let gain = log_likelihood(self.rows, &with_it) - log_likelihood(self.rows, log_odds);
        (gain + table.prior(shrinkage) > grouping.cost).then_some((table, with_it))
    }
}

/// A group for each bin of a characteristic that has rows of any weight.
fn bins_with_rows(rows: &PairRows<'_>, at: usize) -> Vec<Group> {
    let binning = rows.binnings[at];
    let mut weights = vec![0.0; binning.table().rows.len()];
    for (row, &bin) in rows.bins[at].iter().enumerate() {
        weights[bin as usize] += rows.weight(row);
    }
    let used = (0..weights.len()).filter(|&bin| weights[bin] > 0.0);
    let group = |bin| Group {
        bins: vec![bin],
        placed: bin < binning.clean_bins(),
    };
    used.map(group).collect()
}
