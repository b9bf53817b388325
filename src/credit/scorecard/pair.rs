//! Terms of two characteristics: what their bins tell together, beyond what each tells for itself.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    cells::is_reachable,
    error::{PairFault, ScorecardError},
    parts::Entry,
};

/// Most pairs of a scorecard: more cannot be read as one.
pub const MOST_PAIRS: usize = 100;

/// Log-odds by the groups of two characteristics' bins.
///
/// A row's cell follows from the bins that it has in the two characteristics, so that a pair needs
/// no input of its own. A characteristic that counts in pairs only has the coefficient 0.
///
/// A trend of the bins of a characteristic is a promise about its own points. Those of a pair are
/// free, so together with them the score need not follow the trend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Position of one characteristic in the card, counted from 0.
    pub first: u32,
    /// Position of the other; it comes after the first.
    pub second: u32,
    /// Group of each bin of the first; groups count from 0, and none is left out.
    pub groups_first: Vec<u32>,
    /// Group of each bin of the second, likewise.
    pub groups_second: Vec<u32>,
    /// Log-odds of default of each cell, beyond those of the characteristics: the groups of the
    /// second for the first group of the first, then for the next.
    pub log_odds: Vec<f64>,
    /// What the log-odds are multiplied with.
    pub coefficient: f64,
}

impl Pair {
    /// How many groups the first and the second characteristic have.
    pub fn groups(&self) -> (usize, usize) {
        let count = |groups: &[u32]| groups.iter().max().map_or(0, |&last| last as usize + 1);
        (count(&self.groups_first), count(&self.groups_second))
    }

    /// Log-odds of these bins of the first and the second characteristic, before they are
    /// multiplied with the coefficient; 0 if there is no such bin.
    pub fn value(&self, first: u32, second: u32) -> f64 {
        let (_, width) = self.groups();
        let group = |groups: &[u32], bin: u32| groups.get(bin as usize).copied();
        let cell = group(&self.groups_first, first)
            .zip(group(&self.groups_second, second))
            .and_then(|(a, b)| self.log_odds.get(a as usize * width + b as usize));
        cell.copied().unwrap_or(0.0)
    }

    /// Name for messages.
    pub(super) fn name(&self, entries: &[Entry]) -> String {
        let name = |at: u32| entries[at as usize].name.as_str();
        format!("{} × {}", name(self.first), name(self.second))
    }

    /// Numbers of the cells that an applicant may be in, ascending.
    pub(super) fn reachable(&self, entries: &[Entry]) -> Vec<usize> {
        let (_, width) = self.groups();
        let groups = |at: u32, groups: &[u32]| {
            let entry = &entries[at as usize];
            let bins = (0..groups.len()).filter(|&bin| is_reachable(entry, bin));
            let mut found: Vec<usize> = bins.map(|bin| groups[bin] as usize).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let (rows, columns) = (
            groups(self.first, &self.groups_first),
            groups(self.second, &self.groups_second),
        );
        let cells = rows
            .iter()
            .flat_map(|row| columns.iter().map(move |column| row * width + column));
        cells.collect()
    }

    fn check(&self, entries: &[Entry]) -> Result<(), PairFault> {
        let bins = |at: u32| {
            let entry = entries.get(at as usize);
            entry.map(|entry| entry.binning.table().rows.len())
        };
        let (Some(first), Some(second)) = (bins(self.first), bins(self.second)) else {
            return Err(PairFault::Members);
        };
        if self.first >= self.second {
            return Err(PairFault::Members);
        }
        if !sound(&self.groups_first, first) || !sound(&self.groups_second, second) {
            return Err(PairFault::Groups);
        }
        let (rows, columns) = self.groups();
        if self.log_odds.len() != rows * columns {
            return Err(PairFault::Cells);
        }
        if !self.coefficient.is_finite() || !self.log_odds.iter().all(|cell| cell.is_finite()) {
            return Err(PairFault::NotFinite);
        }
        Ok(())
    }
}

/// Whether there is a group for each of `bins`, and no group number below the last is left out.
fn sound(groups: &[u32], bins: usize) -> bool {
    let mut found = groups.to_vec();
    found.sort_unstable();
    found.dedup();
    groups.len() == bins
        && found
            .last()
            .is_some_and(|&last| last as usize + 1 == found.len())
}

/// Whether `pairs` can be those of a card of these characteristics.
pub(super) fn check(entries: &[Entry], pairs: &[Pair]) -> Result<(), ScorecardError> {
    if pairs.len() > MOST_PAIRS {
        let found = pairs.len();
        return Err(ScorecardError::Pairs { found });
    }
    let mut seen = HashSet::new();
    for (position, pair) in pairs.iter().enumerate() {
        let repeated = !seen.insert((pair.first, pair.second));
        let checked = match pair.check(entries) {
            Ok(()) if repeated => Err(PairFault::Repeated),
            checked => checked,
        };
        checked.map_err(|fault| ScorecardError::Pair { position, fault })?;
    }
    Ok(())
}
