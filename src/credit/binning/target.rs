//! Who went bad: the outcome that every characteristic is binned against.

use std::ops::{Add, AddAssign};

use super::error::BinningError;

/// Goods and bads of some rows; whole numbers unless rows are weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// Non-events, 0 or more.
    pub goods: f64,
    /// Events, 0 or more.
    pub bads: f64,
}

impl Cell {
    /// Goods and bads together.
    pub fn count(self) -> f64 {
        self.goods + self.bads
    }

    /// Share of bads, 0..=1; `None` without rows.
    pub fn bad_rate(self) -> Option<f64> {
        (self.count() > 0.0).then(|| self.bads / self.count())
    }

    /// Sum of all `cells`.
    pub fn sum(cells: &[Self]) -> Self {
        cells.iter().fold(Self::default(), |sum, &cell| sum + cell)
    }

    /// What is left without `part`, never below 0 by a rounding of weights.
    pub(super) fn without(self, part: Self) -> Self {
        Self {
            goods: (self.goods - part.goods).max(0.0),
            bads: (self.bads - part.bads).max(0.0),
        }
    }

    /// Adds a row.
    pub(in crate::credit) fn add_row(&mut self, bad: bool, weight: f64) {
        if bad {
            self.bads += weight;
        } else {
            self.goods += weight;
        }
    }
}

impl Add for Cell {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            goods: self.goods + other.goods,
            bads: self.bads + other.bads,
        }
    }
}

impl AddAssign for Cell {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// The outcome of every row, checked once for all characteristics.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub(super) events: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) totals: Cell,
}

impl<'a> Target<'a> {
    /// Outcome of each row (`true` is bad), and the rows' weights if they differ.
    ///
    /// # Errors
    /// No rows, weights of another length, a weight that is neither 0 nor in `1e-100..=1e100`, or no
    /// goods or no bads (of positive weight), without which no weight of evidence exists.
    pub fn new(events: &'a [bool], weights: Option<&'a [f64]>) -> Result<Self, BinningError> {
        if events.is_empty() {
            return Err(BinningError::NoRows);
        }
        if let Some(weights) = weights {
            check_length("weights", weights.len(), events.len())?;
            // Squares of sums and of shares must be numbers, too.
            let right = |&weight: &f64| weight == 0.0 || (1e-100..=1e100).contains(&weight);
            if let Some(row) = weights.iter().position(|weight| !right(weight)) {
                return Err(BinningError::Weight { row });
            }
        }
        let mut target = Self {
            events,
            weights,
            totals: Cell::default(),
        };
        for (row, &bad) in events.iter().enumerate() {
            target.totals.add_row(bad, target.weight(row));
        }
        if target.totals.goods <= 0.0 || target.totals.bads <= 0.0 {
            return Err(BinningError::OneClass {
                goods: target.totals.goods,
                bads: target.totals.bads,
            });
        }
        Ok(target)
    }

    /// Goods and bads of all rows.
    pub fn totals(&self) -> Cell {
        self.totals
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }
}

pub(super) fn check_length(
    what: &'static str,
    found: usize,
    rows: usize,
) -> Result<(), BinningError> {
    if found == rows {
        Ok(())
    } else {
        Err(BinningError::Length { what, found, rows })
    }
}
