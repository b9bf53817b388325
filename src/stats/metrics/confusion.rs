//! Right and wrong answers at one threshold.

use std::ops::{Add, AddAssign};

use super::MetricError;
use super::steps::{check, check_weights, ratio};

/// What outcomes are counted in: rows (`u64`) or weight (`f64`).
pub trait Tally: Copy + Add<Output = Self> + AddAssign + Default {
    /// The count as a real number.
    fn to_f64(self) -> f64;
}

impl Tally for u64 {
    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Tally for f64 {
    fn to_f64(self) -> f64 {
        self
    }
}

/// Counts of the four outcomes of calling rows events.
///
/// Every ratio below is 0 where it is undefined, because its denominator is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion<N = u64> {
    /// Non-events called non-events.
    pub true_negatives: N,
    /// Non-events called events.
    pub false_positives: N,
    /// Events called non-events.
    pub false_negatives: N,
    /// Events called events.
    pub true_positives: N,
}

impl Confusion {
    /// Counts when every row with `p >= threshold` is called an event.
    ///
    /// # Errors
    /// [`MetricError`] for no rows, unequal lengths and scores that are not finite.
    pub fn at(p: &[f64], events: &[bool], threshold: f64) -> Result<Self, MetricError> {
        check(p, events)?;
        Ok(Self::counted(p, events, threshold, |_| 1))
    }
}

impl Confusion<f64> {
    /// As [`Confusion::at`], in weight instead of rows.
    ///
    /// # Errors
    /// [`MetricError`] as there, and for weights that do not fit.
    pub fn weighted_at(
        p: &[f64],
        events: &[bool],
        weights: &[f64],
        threshold: f64,
    ) -> Result<Self, MetricError> {
        check(p, events)?;
        check_weights(weights, p.len())?;
        Ok(Self::counted(p, events, threshold, |row| weights[row]))
    }
}

impl<N: Tally> Confusion<N> {
    fn counted(p: &[f64], events: &[bool], threshold: f64, weight: impl Fn(usize) -> N) -> Self {
        let mut counts = Self::default();
        for (row, (p, event)) in p.iter().zip(events).enumerate() {
            *(match (*p >= threshold, *event) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            }) += weight(row);
        }
        counts
    }

    /// Number of rows, or their weight.
    pub fn total(&self) -> N {
        self.true_negatives + self.false_positives + self.false_negatives + self.true_positives
    }

    /// Share of rows called rightly.
    pub fn accuracy(&self) -> f64 {
        share(self.true_positives + self.true_negatives, self.total())
    }

    /// Share of called events that are events; 0 when none is called.
    pub fn precision(&self) -> f64 {
        share(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of events that are called events (sensitivity); 0 without events.
    pub fn recall(&self) -> f64 {
        share(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Share of non-events that are called non-events; 0 without non-events.
    pub fn specificity(&self) -> f64 {
        share(
            self.true_negatives,
            self.true_negatives + self.false_positives,
        )
    }

    /// Harmonic mean of precision and recall; 0 without true positives.
    pub fn f1(&self) -> f64 {
        share(
            self.true_positives + self.true_positives,
            self.true_positives + self.true_positives + self.false_positives + self.false_negatives,
        )
    }

    /// Youden's J, recall plus specificity minus 1, in `-1..=1`; 0 unless both classes are there.
    pub fn youden_j(&self) -> f64 {
        let events = (self.true_positives + self.false_negatives).to_f64();
        let non_events = (self.true_negatives + self.false_positives).to_f64();
        if events > 0.0 && non_events > 0.0 {
            self.recall() + self.specificity() - 1.0
        } else {
            0.0
        }
    }

    /// Matthews correlation of call and outcome, in `-1..=1`; 0 when either is always the same.
    pub fn matthews_correlation(&self) -> f64 {
        let [tn, fp, fnn, tp] = [
            self.true_negatives,
            self.false_positives,
            self.false_negatives,
            self.true_positives,
        ]
        .map(N::to_f64);
        // Roots before the product, which could overflow for large weights.
        let scale = (tp + fp).sqrt() * (tp + fnn).sqrt() * (tn + fp).sqrt() * (tn + fnn).sqrt();
        if scale > 0.0 {
            ((tp * tn - fp * fnn) / scale).clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }
}

fn share<N: Tally>(part: N, whole: N) -> f64 {
    ratio(part.to_f64(), whole.to_f64())
}
