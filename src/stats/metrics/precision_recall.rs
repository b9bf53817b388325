//! Precision against recall.

use super::MetricError;
use super::steps::{Step, check, check_weights, descending_steps, ratio, starting_with, totals};

/// Precision-recall curve: one point per distinct score, after the point that calls nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// Share of events among the rows at or above the threshold; 1 where there are none.
    pub precision: Vec<f64>,
    /// Share of the events at or above the threshold, rising from 0 to 1.
    pub recall: Vec<f64>,
    /// Distinct scores, descending, after a first threshold of plus infinity.
    pub thresholds: Vec<f64>,
}

impl PrecisionRecall {
    /// Curve of a score.
    ///
    /// # Errors
    /// [`MetricError`]; [`MetricError::OneClass`] when there is no event (events alone are fine).
    pub fn new(scores: &[f64], events: &[bool]) -> Result<Self, MetricError> {
        check(scores, events)?;
        Self::of(&descending_steps(scores, events, None))
    }

    /// As [`PrecisionRecall::new`], with one non-negative weight per row.
    ///
    /// # Errors
    /// [`MetricError`] as there, and for weights that do not fit.
    pub fn weighted(scores: &[f64], events: &[bool], weights: &[f64]) -> Result<Self, MetricError> {
        check(scores, events)?;
        check_weights(weights, scores.len())?;
        Self::of(&descending_steps(scores, events, Some(weights)))
    }

    /// Average precision: `Σ (Rₙ - Rₙ₋₁) Pₙ` over the points, without interpolation.
    pub fn average_precision(&self) -> f64 {
        let points = self.recall.windows(2).zip(&self.precision[1..]);
        points
            .map(|(recall, precision)| (recall[1] - recall[0]) * precision)
            .sum()
    }

    fn of(steps: &[Step]) -> Result<Self, MetricError> {
        let (events, _) = totals(steps);
        if events <= 0.0 {
            return Err(MetricError::OneClass);
        }
        let starting_with = |first| starting_with(first, steps.len());
        let mut curve = Self {
            precision: starting_with(1.0),
            recall: starting_with(0.0),
            thresholds: starting_with(f64::INFINITY),
        };
        for step in steps {
            let called = step.true_positives + step.false_positives;
            curve.precision.push(ratio(step.true_positives, called));
            curve.recall.push(ratio(step.true_positives, events));
            curve.thresholds.push(step.score);
        }
        Ok(curve)
    }
}

/// Average precision of a score, see [`PrecisionRecall::average_precision`].
///
/// # Errors
/// [`MetricError`]; [`MetricError::OneClass`] when there is no event (events alone give 1).
pub fn average_precision(scores: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    Ok(PrecisionRecall::new(scores, events)?.average_precision())
}

/// As [`average_precision`], with one non-negative weight per row.
///
/// # Errors
/// [`MetricError`] as there, and for weights that do not fit.
pub fn weighted_average_precision(
    scores: &[f64],
    events: &[bool],
    weights: &[f64],
) -> Result<f64, MetricError> {
    Ok(PrecisionRecall::weighted(scores, events, weights)?.average_precision())
}
