//! Receiver operating characteristic and what is read off it.

use super::MetricError;
use super::steps::{Step, check, check_weights, descending_steps, ratio, starting_with, totals};

/// ROC curve: one point per distinct score, plus the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Roc {
    /// Share of non-events at or above the threshold, rising from 0 to 1.
    pub false_positive_rate: Vec<f64>,
    /// Share of events at or above the threshold, rising from 0 to 1.
    pub true_positive_rate: Vec<f64>,
    /// Distinct scores, descending, after a first threshold of plus infinity.
    pub thresholds: Vec<f64>,
}

impl Roc {
    /// Curve of a score.
    ///
    /// # Errors
    /// [`MetricError`]; [`MetricError::OneClass`] unless both classes are there.
    pub fn new(scores: &[f64], events: &[bool]) -> Result<Roc, MetricError> {
        check(scores, events)?;
        Self::of(&descending_steps(scores, events, None))
    }

    /// As [`Roc::new`], with one non-negative weight per row.
    ///
    /// # Errors
    /// [`MetricError`] as there, and for weights that do not fit.
    pub fn weighted(scores: &[f64], events: &[bool], weights: &[f64]) -> Result<Roc, MetricError> {
        check(scores, events)?;
        check_weights(weights, scores.len())?;
        Self::of(&descending_steps(scores, events, Some(weights)))
    }

    fn of(steps: &[Step]) -> Result<Roc, MetricError> {
        let (positives, negatives) = totals(steps);
        if positives <= 0.0 || negatives <= 0.0 {
            return Err(MetricError::OneClass);
        }
        let starting_with = |first| starting_with(first, steps.len());
        let mut roc = Roc {
            false_positive_rate: starting_with(0.0),
            true_positive_rate: starting_with(0.0),
            thresholds: starting_with(f64::INFINITY),
        };
        for step in steps {
            roc.false_positive_rate
                .push(ratio(step.false_positives, negatives));
            roc.true_positive_rate
                .push(ratio(step.true_positives, positives));
            roc.thresholds.push(step.score);
        }
        Ok(roc)
    }

    /// Area under the curve, in `0..=1`: the chance that an event outscores a non-event, ties half.
    ///
    /// By trapezoids, which is the Mann-Whitney statistic over the number of pairs.
    pub fn auc(&self) -> f64 {
        let widths = self.false_positive_rate.windows(2);
        let heights = self.true_positive_rate.windows(2);
        widths
            .zip(heights)
            .map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) * 0.5)
            .sum()
    }

    /// Kolmogorov-Smirnov distance of the two classes' scores, in `0..=1`, whichever is higher.
    pub fn kolmogorov_smirnov(&self) -> f64 {
        self.youden_j()
            .fold(0.0, |largest: f64, j| largest.max(j.abs()))
    }

    /// Threshold at which the Kolmogorov-Smirnov distance is reached, the highest of several.
    ///
    /// `None` when the distance is 0, so that no threshold tells the classes apart.
    pub fn kolmogorov_smirnov_threshold(&self) -> Option<f64> {
        let mut best = (0.0, None);
        for (j, threshold) in self.youden_j().zip(&self.thresholds) {
            if j.abs() > best.0 {
                best = (j.abs(), Some(*threshold));
            }
        }
        best.1
    }

    /// Youden's index, the largest true minus false positive rate, in `0..=1` (Youden 1950).
    pub fn youden_index(&self) -> f64 {
        self.youden_j().fold(0.0, f64::max)
    }

    /// Threshold that maximises Youden's J, true minus false positive rate.
    ///
    /// Of several maxima the highest threshold is taken; J is compared as the difference of the two
    /// rounded rates, as numpy's `argmax(tpr - fpr)` does. When calling nobody an event is as good
    /// as anything, the threshold would be infinite and 0.5 is given instead.
    pub fn youden_threshold(&self) -> f64 {
        let mut best = (f64::NEG_INFINITY, f64::INFINITY);
        for (j, threshold) in self.youden_j().zip(&self.thresholds) {
            if j > best.0 {
                best = (j, *threshold);
            }
        }
        if best.1.is_finite() { best.1 } else { 0.5 }
    }

    /// At most `max_points` points, evenly spaced along the list, both ends kept.
    ///
    /// Meant for drawing: compute the metrics on the full curve. Less than two points is read as
    /// two.
    pub fn thinned(&self, max_points: usize) -> Roc {
        let points = self.thresholds.len();
        let kept = max_points.max(2);
        if points <= kept {
            return self.clone();
        }
        let pick = |values: &[f64]| {
            (0..kept)
                .map(|i| values[i * (points - 1) / (kept - 1)])
                .collect()
        };
        Roc {
            false_positive_rate: pick(&self.false_positive_rate),
            true_positive_rate: pick(&self.true_positive_rate),
            thresholds: pick(&self.thresholds),
        }
    }

    fn youden_j(&self) -> impl Iterator<Item = f64> {
        self.true_positive_rate
            .iter()
            .zip(&self.false_positive_rate)
            .map(|(tpr, fpr)| tpr - fpr)
    }
}
