//! Calibration slope and intercept: the outcome regressed on the predicted log-odds.

use super::super::calibrators::fit_line;
use super::super::exponential::exp;
use super::super::{FitError, logit, sigmoid};
use super::steps::{check_both_classes, check_probabilities};
use super::{MetricError, clipped};

/// Steps at most until the calibration in the large is found; Newton's method needs about six.
const STEPS: u32 = 200;
/// After a step of Newton's that is no longer than this, the next would be lost in rounding.
const ENOUGH: f64 = 1e-9;

/// Line of the true log-odds over the predicted ones, `logit(y) = intercept + slope · logit(p)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationLine {
    /// True log-odds where even odds are predicted; 0 is right.
    pub intercept: f64,
    /// 1 is right; below 1 the predictions are too extreme, as those of an overfitted model are.
    pub slope: f64,
}

/// Calibration slope and intercept (Cox 1958), by unpenalised logistic regression.
///
/// Probabilities are clipped to `2^-52` from 0 and 1, as for log-loss.
///
/// # Errors
/// [`MetricError`]; [`MetricError::OneClass`] unless both classes are there;
/// [`MetricError::Undefined`] when all predictions are equal or separate the classes.
pub fn calibration_line(p: &[f64], events: &[bool]) -> Result<CalibrationLine, MetricError> {
    let log_odds = log_odds_of(p, events)?;
    if log_odds.iter().all(|x| x.total_cmp(&log_odds[0]).is_eq()) {
        return Err(MetricError::Undefined);
    }
    let rows = log_odds
        .iter()
        .zip(events)
        .map(|(x, event)| (*x, *event, 1.0));
    match fit_line(rows) {
        Ok((intercept, slope)) => Ok(CalibrationLine { intercept, slope }),
        Err(FitError::OneClass) => Err(MetricError::OneClass),
        Err(_) => Err(MetricError::Undefined),
    }
}

/// Calibration in the large: what to add to the predicted log-odds so that as many events are
/// expected as were observed; 0 is right, above 0 risk was underrated.
///
/// The intercept of a logistic regression whose slope is held at 1. Probabilities are clipped as
/// in [`calibration_line`].
///
/// # Errors
/// [`MetricError`]; [`MetricError::OneClass`] unless both classes are there.
pub fn calibration_in_the_large(p: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    let log_odds = log_odds_of(p, events)?;
    let observed = events.iter().filter(|event| **event).count() as f64;
    // The shift that gives even the extreme row the overall rate encloses the root.
    let overall = logit(observed / events.len() as f64);
    let mut low = overall - log_odds.iter().copied().fold(f64::MIN, f64::max);
    let mut high = overall - log_odds.iter().copied().fold(f64::MAX, f64::min);
    // Predictions worth their name are not far off.
    let mut shift = 0.0_f64.clamp(low, high);
    for _ in 0..STEPS {
        let (expected, slope) = expected_events(&log_odds, shift);
        if expected < observed {
            low = low.max(shift);
        } else {
            high = high.min(shift);
        }
        let newton = shift + (observed - expected) / slope;
        // Bisection whenever Newton's step would leave the bracket.
        let is_inside = newton > low && newton < high;
        let next = if is_inside {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - shift).abs();
        shift = next;
        // Newton's step squares what is left; less than that is rounding.
        let enough = if is_inside { ENOUGH } else { f64::EPSILON };
        if moved <= enough * (1.0 + shift.abs()) {
            break;
        }
    }
    Ok(shift)
}

/// Events that are expected of log-odds moved by `shift`, and how fast they grow with it.
fn expected_events(log_odds: &[f64], shift: f64) -> (f64, f64) {
    /// Sums side by side, which the compiler turns into vectors.
    const LANES: usize = 4;
    let (mut expected, mut slope) = ([0.0; LANES], [0.0; LANES]);
    let (blocks, rest) = log_odds.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            let x = block[lane] + shift;
            let small = exp(-x.abs());
            let likely = 1.0 / (1.0 + small);
            let unlikely = small * likely;
            expected[lane] += if x >= 0.0 { likely } else { unlikely };
            slope[lane] += likely * unlikely;
        }
    }
    let sum = |lanes: [f64; LANES]| (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    let mut sums = (sum(expected), sum(slope));
    for x in rest {
        let p = sigmoid(x + shift);
        sums.0 += p;
        sums.1 += p * (1.0 - p);
    }
    sums
}

fn log_odds_of(p: &[f64], events: &[bool]) -> Result<Vec<f64>, MetricError> {
    check_probabilities(p, events)?;
    check_both_classes(events)?;
    Ok(p.iter().map(|p| logit(clipped(*p))).collect())
}
