//! Calibrators: maps from a score's log-odds to a probability that can be believed.
//!
//! A calibrator is fitted on rows that the score has not learnt from, and never reverses the order
//! of two scores: one that would is refused.

mod isotonic;
mod line;

use serde::{Deserialize, Serialize};

pub use isotonic::{Isotonic, IsotonicError};
pub use line::{LineError, LogOddsLine};

pub(super) use line::fit_line;

use super::logistic::FitError;
use super::logit;

/// Rows that a calibrator is fitted on at least.
const FEWEST_ROWS: usize = 10;

/// How a calibrator is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// Logistic regression on the log-odds, towards smoothed targets (Platt 1999).
    Platt,
    /// Logistic regression on the log-odds, towards the outcomes themselves (Cox 1958).
    Logistic,
    /// Best non-decreasing map of the probabilities, by pooling adjacent violators (Ayer et al. 1955;
    /// Zadrozny and Elkan 2002).
    Isotonic,
}

/// A fitted map from log-odds to a probability; it never falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibrator {
    /// See [`CalibrationMethod::Platt`].
    Platt(LogOddsLine),
    /// See [`CalibrationMethod::Logistic`].
    Logistic(LogOddsLine),
    /// See [`CalibrationMethod::Isotonic`].
    Isotonic(Isotonic),
    /// A constant added to the log-odds, see [`Calibrator::prior_shift`].
    PriorShift(LogOddsLine),
}

/// Why there is no calibrator.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// Too few rows of positive weight.
    #[error("calibration needs at least {needed} rows, got {rows}")]
    TooFewRows {
        /// Rows of positive weight.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// All rows have the same score, which a line cannot be drawn through.
    #[error("all rows have the same score")]
    ConstantScore,
    /// Events become rarer, or no more frequent, as the score rises: calibrating would reverse the
    /// order of the scores.
    #[error("events do not become more frequent as the score rises (slope {slope})")]
    NotRising {
        /// Slope of the fitted line.
        slope: f64,
    },
    /// A prior is not strictly between 0 and 1.
    #[error("a prior must be between 0 and 1, both excluded, got {0}")]
    Prior(f64),
    /// The rows do not fit together, hold one class only, or separate the classes, or the regression
    /// ran out of steps.
    #[error(transparent)]
    Fit(#[from] FitError),
}

impl Calibrator {
    /// Fits a calibrator to outcomes at the given log-odds, one of each for every row.
    ///
    /// Log-odds are at most 1e100 in magnitude, weights in `0..=1e100`. `weights` count a row as if it
    /// were there that many times; 0 leaves it out.
    ///
    /// # Errors
    /// [`CalibrationError`]: fewer than 10 rows, one class only, values that are not finite, a score
    /// that does not rise with the events, and for [`CalibrationMethod::Logistic`] classes that the
    /// score separates.
    pub fn fit(
        method: CalibrationMethod,
        log_odds: &[f64],
        events: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<Self, CalibrationError> {
        let rows = checked(log_odds, events, weights)?;
        Ok(match method {
            CalibrationMethod::Platt => Self::Platt(LogOddsLine::platt(&rows)?),
            CalibrationMethod::Logistic => Self::Logistic(LogOddsLine::logistic(&rows)?),
            CalibrationMethod::Isotonic => Self::Isotonic(Isotonic::pooled(
                rows.iter()
                    .map(|row| (rising(row.log_odds), row.event, row.weight)),
            )),
        })
    }

    /// Moves probabilities from the prior they were learnt at to another, see [`prior_shift`].
    ///
    /// # Errors
    /// [`CalibrationError::Prior`] for a prior that is not strictly between 0 and 1.
    pub fn prior_shift(tau: f64, y_bar: f64) -> Result<Self, CalibrationError> {
        Ok(Self::PriorShift(LogOddsLine::shift(prior_shift(
            tau, y_bar,
        )?)))
    }

    /// Probability of an event at these log-odds, in `0..=1`; a higher score never gives a lower
    /// one.
    ///
    /// Infinite log-odds are as good as any; `NaN` stays `NaN`. A line gives 0 or 1 only where
    /// `f64` ends; isotonic regression gives them wherever its rows were all of one class.
    pub fn apply(&self, log_odds: f64) -> f64 {
        match self {
            Self::Platt(line) | Self::Logistic(line) | Self::PriorShift(line) => {
                rising(line.log_odds(log_odds))
            }
            Self::Isotonic(steps) => steps.apply(rising(log_odds)),
        }
    }
}

/// What to add to log-odds learnt where the share of events was `y_bar`, so that they hold where it
/// is `tau`: `-ln[((1 - τ) / τ) · (ȳ / (1 - ȳ))]` (King and Zeng 2001).
///
/// For rows that were sampled by outcome, and for a new central tendency.
///
/// # Errors
/// [`CalibrationError::Prior`] for a share that is not strictly between 0 and 1.
pub fn prior_shift(tau: f64, y_bar: f64) -> Result<f64, CalibrationError> {
    for prior in [tau, y_bar] {
        if !(prior > 0.0 && prior < 1.0) {
            return Err(CalibrationError::Prior(prior));
        }
    }
    Ok(logit(tau) - logit(y_bar))
}

/// Probability of log-odds that never falls, not even by its last bit.
///
/// [`sigmoid`](super::sigmoid) keeps denormal probabilities, at the price that below even odds two
/// neighbouring log-odds can come out in the wrong order.
fn rising(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// A row that counts.
struct Row {
    log_odds: f64,
    event: bool,
    weight: f64,
}

/// The rows of positive weight, known to be usable.
fn checked(
    log_odds: &[f64],
    events: &[bool],
    weights: Option<&[f64]>,
) -> Result<Vec<Row>, CalibrationError> {
    let given = weights.map(<[f64]>::len);
    if events.len() != log_odds.len() || given.is_some_and(|given| given != log_odds.len()) {
        return Err(CalibrationError::Fit(FitError::ShapeMismatch {
            rows: log_odds.len(),
            events: events.len(),
            weights: given,
        }));
    }
    let mut rows = Vec::with_capacity(log_odds.len());
    for (row, (log_odds, event)) in log_odds.iter().zip(events).enumerate() {
        if !(-LARGEST..=LARGEST).contains(log_odds) {
            return Err(CalibrationError::Fit(FitError::NonFinite {
                row,
                column: 0,
            }));
        }
        let weight = weights.map_or(1.0, |weights| weights[row]);
        if !(0.0..=LARGEST).contains(&weight) {
            return Err(CalibrationError::Fit(FitError::WeightOutOfRange { row }));
        }
        if weight > 0.0 {
            rows.push(Row {
                log_odds: *log_odds,
                event: *event,
                weight,
            });
        }
    }
    if rows.len() < FEWEST_ROWS {
        return Err(CalibrationError::TooFewRows {
            rows: rows.len(),
            needed: FEWEST_ROWS,
        });
    }
    let events = rows.iter().filter(|row| row.event).count();
    if events == 0 || events == rows.len() {
        return Err(CalibrationError::Fit(FitError::OneClass));
    }
    Ok(rows)
}

/// Largest magnitude of a value or weight, as in the logistic regression.
const LARGEST: f64 = 1e100;
