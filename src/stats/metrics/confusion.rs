//! Right and wrong answers at one threshold.

use super::{MetricError, check, ratio};

/// Counts of the four outcomes of calling rows events.
///
/// Every ratio below is 0 where it is undefined, because its denominator is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// Non-events called non-events.
    pub true_negatives: u64,
    /// Non-events called events.
    pub false_positives: u64,
    /// Events called non-events.
    pub false_negatives: u64,
    /// Events called events.
    pub true_positives: u64,
}

impl Confusion {
    /// Counts when every row with `p >= threshold` is called an event.
    ///
    /// # Errors
    /// [`MetricError`] for no rows, unequal lengths and scores that are not finite.
    pub fn at(p: &[f64], events: &[bool], threshold: f64) -> Result<Self, MetricError> {
        check(p, events)?;
        let mut counts = Self {
            true_negatives: 0,
            false_positives: 0,
            false_negatives: 0,
            true_positives: 0,
        };
        for (p, event) in p.iter().zip(events) {
            *(match (*p >= threshold, *event) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            }) += 1;
        }
        Ok(counts)
    }

    /// Number of rows.
    pub fn total(&self) -> u64 {
        self.true_negatives + self.false_positives + self.false_negatives + self.true_positives
    }

    /// Share of rows called rightly.
    pub fn accuracy(&self) -> f64 {
        ratio(self.true_positives + self.true_negatives, self.total())
    }

    /// Share of called events that are events; 0 when none is called.
    pub fn precision(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of events that are called events (sensitivity); 0 without events.
    pub fn recall(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Share of non-events that are called non-events; 0 without non-events.
    pub fn specificity(&self) -> f64 {
        ratio(
            self.true_negatives,
            self.true_negatives + self.false_positives,
        )
    }

    /// Harmonic mean of precision and recall; 0 without true positives.
    pub fn f1(&self) -> f64 {
        ratio(
            2 * self.true_positives,
            2 * self.true_positives + self.false_positives + self.false_negatives,
        )
    }

    /// Youden's J, recall plus specificity minus 1, in `-1..=1`; 0 unless both classes are there.
    pub fn youden_j(&self) -> f64 {
        let events = self.true_positives + self.false_negatives;
        if events == 0 || events == self.total() {
            0.0
        } else {
            self.recall() + self.specificity() - 1.0
        }
    }
}
