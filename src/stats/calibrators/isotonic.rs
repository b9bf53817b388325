//! Isotonic regression of the outcome on the probability.

use serde::{Deserialize, Serialize};

/// Non-decreasing, piecewise linear map of probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Points")]
pub struct Isotonic {
    thresholds: Vec<f64>,
    values: Vec<f64>,
}

/// A stored map that is empty, uneven, out of order, or leaves `0..=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the points of the isotonic map are not ascending probabilities")]
pub struct IsotonicError;

/// A map as stored, not yet checked.
#[derive(Deserialize)]
struct Points {
    thresholds: Vec<f64>,
    values: Vec<f64>,
}

impl TryFrom<Points> for Isotonic {
    type Error = IsotonicError;

    fn try_from(points: Points) -> Result<Self, IsotonicError> {
        Self::new(points.thresholds, points.values)
    }
}

impl Isotonic {
    /// The map through the points `(thresholds[i], values[i])`.
    ///
    /// # Errors
    /// [`IsotonicError`] unless there are points, the thresholds rise strictly, the values never
    /// fall, and all are in `0..=1`.
    pub fn new(thresholds: Vec<f64>, values: Vec<f64>) -> Result<Self, IsotonicError> {
        let probabilities = |of: &[f64]| of.iter().all(|p| (0.0..=1.0).contains(p));
        if !thresholds.is_empty()
            && thresholds.len() == values.len()
            && probabilities(&thresholds)
            && probabilities(&values)
            && thresholds.is_sorted_by(|a, b| a < b)
            && values.is_sorted()
        {
            Ok(Self { thresholds, values })
        } else {
            Err(IsotonicError)
        }
    }

    /// Probabilities at which the map has a corner, strictly ascending.
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// Value of the map at each threshold, never falling.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Calibrated probability: linear between the thresholds, constant beyond the outermost.
    ///
    /// `NaN` stays `NaN`.
    pub fn apply(&self, p: f64) -> f64 {
        if p.is_nan() {
            return p;
        }
        let above = self.thresholds.partition_point(|threshold| *threshold < p);
        if above == 0 {
            return self.values[0];
        }
        if above == self.thresholds.len() {
            return self.values[above - 1];
        }
        let (x, y) = (
            &self.thresholds[above - 1..=above],
            &self.values[above - 1..=above],
        );
        let way = (p - x[0]) / (x[1] - x[0]);
        // Rounding must not carry the result past the next corner, or the map could fall there.
        (y[0] + (y[1] - y[0]) * way).min(y[1])
    }

    /// Weighted least-squares fit by pooling adjacent violators; equal probabilities are one point.
    ///
    /// Takes rows of positive weight, at least one. A pooled block is stored as its two ends.
    pub(super) fn pooled(rows: impl Iterator<Item = (f64, bool, f64)>) -> Self {
        let mut rows: Vec<(f64, bool, f64)> = rows.collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut blocks: Vec<Block> = Vec::new();
        for tied in rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let mut block = Block::of(tied);
            // Blocks of equal means are pooled as well: they are one flat piece.
            while let Some(before) = blocks.pop_if(|before| before.mean() >= block.mean()) {
                block = before.joined(&block);
            }
            blocks.push(block);
        }
        let mut map = Self {
            thresholds: Vec::new(),
            values: Vec::new(),
        };
        for block in &blocks {
            map.push(block.low, block.mean());
            if block.low < block.high {
                map.push(block.high, block.mean());
            }
        }
        map
    }

    fn push(&mut self, threshold: f64, value: f64) {
        self.thresholds.push(threshold);
        self.values.push(value);
    }
}

/// Neighbouring probabilities that share one value.
struct Block {
    low: f64,
    high: f64,
    events: f64,
    weight: f64,
}

impl Block {
    fn of(tied: &[(f64, bool, f64)]) -> Self {
        let weight = |rows: &mut dyn Iterator<Item = &(f64, bool, f64)>| -> f64 {
            rows.map(|(.., weight)| weight).sum()
        };
        Self {
            low: tied[0].0,
            high: tied[0].0,
            events: weight(&mut tied.iter().filter(|(_, event, _)| *event)),
            weight: weight(&mut tied.iter()),
        }
    }

    /// Share of events, kept to 1 where sums of weights were rounded.
    fn mean(&self) -> f64 {
        (self.events / self.weight).min(1.0)
    }

    fn joined(&self, next: &Self) -> Self {
        Self {
            low: self.low,
            high: next.high,
            events: self.events + next.events,
            weight: self.weight + next.weight,
        }
    }
}
