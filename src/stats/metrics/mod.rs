//! How well a score tells events from non-events.
//!
//! Scores rise with the probability of an event. A row is called an event when `score >= threshold`.
//! Ties share one point of the curve, negative zero equals zero, and anything that is not finite is
//! refused. What is undefined for a single class is an error, never a neutral-looking number.

mod calibration;
mod confusion;
mod roc;

pub use calibration::{CalibrationCurve, calibration_curve};
pub use confusion::Confusion;
pub use roc::Roc;

/// Why a metric cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// The metric compares two classes and only one is there.
    #[error("the rows hold only one class")]
    OneClass,
    /// Scores and events differ in number.
    #[error("scores and events differ in number")]
    LengthMismatch,
    /// A score is `NaN` or infinite.
    #[error("a score is not finite")]
    NonFinite,
    /// There are no rows.
    #[error("there are no rows")]
    Empty,
    /// The metric takes probabilities and a score is outside `0..=1`.
    #[error("a score is not a probability")]
    NotAProbability,
    /// A curve of no bins was asked for.
    #[error("the number of bins must be at least 1")]
    NoBins,
}

/// Smallest distance from 0 and 1 at which log-loss takes a probability, `2^-52`.
const CLIP: f64 = f64::EPSILON;

/// Gini coefficient of an area under the ROC curve, `2 AUC - 1`, in `-1..=1`.
pub fn gini(auc: f64) -> f64 {
    2.0 * auc - 1.0
}

/// Brier score: mean squared distance of probability and outcome, in `0..=1`.
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths and scores that are not probabilities.
pub fn brier(p: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    Ok(mean(p.iter().zip(events).map(|(p, event)| {
        let miss = if *event { 1.0 - p } else { *p };
        miss * miss
    })))
}

/// Mean negative log-likelihood, in nats per row.
///
/// Probabilities are clipped to `2^-52` from 0 and 1, as scikit-learn does: one certain and wrong
/// answer costs 36.04 instead of infinity.
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths and scores that are not probabilities.
pub fn log_loss(p: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    Ok(mean(p.iter().zip(events).map(|(p, event)| {
        let p = p.clamp(CLIP, 1.0 - CLIP);
        -libm::log(if *event { p } else { 1.0 - p })
    })))
}

/// Average precision: `Σ (Rₙ - Rₙ₋₁) Pₙ` over the distinct scores, without interpolation.
///
/// # Errors
/// [`MetricError`]; [`MetricError::OneClass`] when there is no event (events alone give 1).
pub fn average_precision(scores: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    check(scores, events)?;
    let steps = descending_steps(scores, events);
    let total = steps.last().map_or(0, |step| step.true_positives);
    if total == 0 {
        return Err(MetricError::OneClass);
    }
    let mut sum = 0.0;
    let mut before = 0;
    for step in &steps {
        let precision = ratio(
            step.true_positives,
            step.true_positives + step.false_positives,
        );
        sum += ratio(step.true_positives - before, total) * precision;
        before = step.true_positives;
    }
    Ok(sum)
}

/// What is called an event at one distinct score.
struct Step {
    score: f64,
    true_positives: u64,
    false_positives: u64,
}

/// Cumulative counts at every distinct score, highest score first.
fn descending_steps(scores: &[f64], events: &[bool]) -> Vec<Step> {
    // Adding zero turns -0.0 into 0.0, so that the total order agrees with `==`.
    let mut pairs: Vec<(f64, bool)> = scores
        .iter()
        .zip(events)
        .map(|(score, event)| (score + 0.0, *event))
        .collect();
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut true_positives, mut false_positives) = (0, 0);
    pairs
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|tied| {
            let events = tied.iter().filter(|(_, event)| *event).count();
            true_positives += events as u64;
            false_positives += (tied.len() - events) as u64;
            Step {
                score: tied[0].0,
                true_positives,
                false_positives,
            }
        })
        .collect()
}

/// `part / whole`, and 0 of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

fn check(scores: &[f64], events: &[bool]) -> Result<(), MetricError> {
    if scores.len() != events.len() {
        Err(MetricError::LengthMismatch)
    } else if scores.is_empty() {
        Err(MetricError::Empty)
    } else if scores.iter().any(|score| !score.is_finite()) {
        Err(MetricError::NonFinite)
    } else {
        Ok(())
    }
}

fn check_probabilities(p: &[f64], events: &[bool]) -> Result<(), MetricError> {
    check(p, events)?;
    if p.iter().all(|p| (0.0..=1.0).contains(p)) {
        Ok(())
    } else {
        Err(MetricError::NotAProbability)
    }
}
