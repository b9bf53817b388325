//! How well a score tells events from non-events, and how far its probabilities can be believed.
//!
//! Scores rise with the probability of an event. A row is called an event when `score >= threshold`.
//! Ties share one point of the curve, negative zero equals zero, and anything that is not finite is
//! refused. What is undefined for a single class is an error, never a neutral-looking number.
//!
//! A weighted metric counts a row as if it were there that many times; weights may be fractional,
//! and 0 leaves a row out.

mod bootstrap;
mod calibration;
mod calibration_line;
mod confusion;
mod deciles;
mod delong;
mod goodness_of_fit;
mod precision_recall;
mod rank_correlation;
mod roc;
pub(super) mod steps;

pub use bootstrap::{Bootstrap, BootstrapError, BootstrapInterval, Drawn, percentile_interval};
pub use calibration::{
    BrierDecomposition, CalibrationCurve, calibration_curve, calibration_curve_by_quantile,
    quantile_edges,
};
pub use calibration_line::{CalibrationLine, calibration_in_the_large, calibration_line};
pub use confusion::{Confusion, Tally};
pub use deciles::{Band, GainsTable};
pub use delong::{DeLong, DeLongTest, delong, delong_test};
pub use goodness_of_fit::{
    HosmerLemeshow, Spiegelhalter, hosmer_lemeshow, observed_to_expected, spiegelhalter,
};
pub use precision_recall::{PrecisionRecall, average_precision, weighted_average_precision};
pub use rank_correlation::rank_correlation;
pub use roc::Roc;

use steps::{check_probabilities, check_weights, mean};

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
    /// There are no rows, or none of positive weight.
    #[error("there are no rows")]
    Empty,
    /// The metric takes probabilities and a score is outside `0..=1`.
    #[error("a score is not a probability")]
    NotAProbability,
    /// A curve of no bins was asked for.
    #[error("the number of bins must be at least 1")]
    NoBins,
    /// Weights and rows differ in number.
    #[error("weights and rows differ in number")]
    WeightMismatch,
    /// A weight is negative, not finite or beyond 1e100.
    #[error("a weight is negative, not finite or beyond 1e100")]
    WeightOutOfRange,
    /// A class has fewer rows than a variance within the class takes.
    #[error("a class has fewer than {needed} rows")]
    ClassTooSmall {
        /// Rows needed of each class.
        needed: usize,
    },
    /// A test over groups has fewer rows than groups, or too few groups.
    #[error("{rows} rows in {groups} groups: at least 3 groups and a row for each are needed")]
    Groups {
        /// Rows given.
        rows: usize,
        /// Groups asked for.
        groups: usize,
    },
    /// The edges of score bands are not finite and strictly ascending, or there are none.
    #[error("the edges of the bands must be finite and strictly ascending")]
    Edges,
    /// A confidence level is not strictly between 0 and 1.
    #[error("the confidence level must be between 0 and 1, both excluded")]
    Level,
    /// These probabilities leave the statistic without a finite value.
    #[error("the statistic has no finite value for these probabilities")]
    Undefined,
}

/// Smallest distance from 0 and 1 at which log-loss takes a probability, `2^-52`.
const CLIP: f64 = f64::EPSILON;

/// Two ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end, not below the lower one.
    pub high: f64,
}

/// Gini coefficient of an area under the ROC curve, `2 AUC - 1`, in `-1..=1`.
pub fn gini(auc: f64) -> f64 {
    2.0 * auc - 1.0
}

/// Brier score: mean squared distance of probability and outcome, in `0..=1` (Brier 1950).
///
/// # Errors
/// [`MetricError`] for no rows, unequal lengths and scores that are not probabilities.
pub fn brier(p: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    Ok(mean(squared_misses(p, events), None))
}

/// As [`brier`], with one non-negative weight per row.
///
/// # Errors
/// [`MetricError`] as for [`brier`], and for weights that do not fit.
pub fn weighted_brier(p: &[f64], events: &[bool], weights: &[f64]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    check_weights(weights, p.len())?;
    Ok(mean(squared_misses(p, events), Some(weights)))
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
    Ok(mean(surprises(p, events), None))
}

/// As [`log_loss`], with one non-negative weight per row.
///
/// # Errors
/// [`MetricError`] as for [`log_loss`], and for weights that do not fit.
pub fn weighted_log_loss(p: &[f64], events: &[bool], weights: &[f64]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    check_weights(weights, p.len())?;
    Ok(mean(surprises(p, events), Some(weights)))
}

fn squared_misses(p: &[f64], events: &[bool]) -> impl Iterator<Item = f64> {
    p.iter().zip(events).map(|(p, event)| {
        let miss = if *event { 1.0 - p } else { *p };
        miss * miss
    })
}

fn surprises(p: &[f64], events: &[bool]) -> impl Iterator<Item = f64> {
    p.iter().zip(events).map(|(p, event)| {
        let p = clipped(*p);
        -libm::log(if *event { p } else { 1.0 - p })
    })
}

/// A probability whose log-odds are finite.
fn clipped(p: f64) -> f64 {
    p.clamp(CLIP, 1.0 - CLIP)
}

/// Share of either tail outside an interval of this confidence level.
fn tail_of(level: f64) -> Result<f64, MetricError> {
    if level > 0.0 && level < 1.0 {
        Ok(0.5 * (1.0 - level))
    } else {
        Err(MetricError::Level)
    }
}
