//! A straight line over the log-odds: Platt scaling, logistic recalibration, shift of the prior.

use serde::{Deserialize, Serialize};

use super::super::logistic::{FitError, LogisticParams, Solver};
use super::super::matrix::Matrix;
use super::{CalibrationError, Row};

/// A rising line over the log-odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Coefficients")]
pub struct LogOddsLine {
    intercept: f64,
    slope: f64,
}

/// A stored line whose numbers are not finite or whose slope is not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line over the log-odds is not finite or does not rise")]
pub struct LineError;

/// A line as stored, not yet checked.
#[derive(Deserialize)]
struct Coefficients {
    intercept: f64,
    slope: f64,
}

impl TryFrom<Coefficients> for LogOddsLine {
    type Error = LineError;

    fn try_from(line: Coefficients) -> Result<Self, LineError> {
        Self::new(line.intercept, line.slope)
    }
}

impl LogOddsLine {
    /// The line `intercept + slope · x`.
    ///
    /// # Errors
    /// [`LineError`] unless both are finite and the slope is above 0.
    pub fn new(intercept: f64, slope: f64) -> Result<Self, LineError> {
        if intercept.is_finite() && slope.is_finite() && slope > 0.0 {
            Ok(Self { intercept, slope })
        } else {
            Err(LineError)
        }
    }

    /// Calibrated log-odds where the score's are 0.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Calibrated log-odds per unit of the score's, above 0.
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// Calibrated log-odds.
    pub fn log_odds(&self, log_odds: f64) -> f64 {
        self.intercept + self.slope * log_odds
    }

    /// A line of slope 1.
    pub(super) fn shift(intercept: f64) -> Self {
        Self {
            intercept,
            slope: 1.0,
        }
    }

    /// Line of greatest likelihood.
    pub(super) fn logistic(rows: &[Row]) -> Result<Self, CalibrationError> {
        let shares = rows.iter().map(|row| (row.log_odds, row.event, row.weight));
        Self::fitted(rows, shares)
    }

    /// Line of greatest likelihood towards `(N₊ + 1) / (N₊ + 2)` for events and `1 / (N₋ + 2)` for
    /// non-events, so that it stays finite where the score separates the classes.
    pub(super) fn platt(rows: &[Row]) -> Result<Self, CalibrationError> {
        let total = |class: bool| -> f64 {
            let members = rows.iter().filter(|row| row.event == class);
            members.map(|row| row.weight).sum()
        };
        let target = [1.0 / (total(false) + 2.0), 1.0 - 1.0 / (total(true) + 2.0)];
        // A target between 0 and 1 is a share of an event and the rest of a non-event.
        let shares = rows.iter().flat_map(|row| {
            let share = target[usize::from(row.event)];
            [(true, share), (false, 1.0 - share)]
                .map(|(event, share)| (row.log_odds, event, row.weight * share))
        });
        Self::fitted(rows, shares)
    }

    fn fitted(
        rows: &[Row],
        shares: impl Iterator<Item = (f64, bool, f64)>,
    ) -> Result<Self, CalibrationError> {
        let first = rows.first().map_or(0.0, |row| row.log_odds + 0.0);
        let same = |row: &Row| (row.log_odds + 0.0).total_cmp(&first).is_eq();
        if rows.iter().all(same) {
            return Err(CalibrationError::ConstantScore);
        }
        let (intercept, slope) = fit_line(shares)?;
        Self::new(intercept, slope).map_err(|LineError| CalibrationError::NotRising { slope })
    }
}

/// Intercept and slope of an unpenalised logistic regression on one column.
///
/// `rows` are value, event and weight.
pub(in super::super) fn fit_line(
    rows: impl Iterator<Item = (f64, bool, f64)>,
) -> Result<(f64, f64), FitError> {
    let (mut values, mut events, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for (value, event, weight) in rows.filter(|(.., weight)| *weight > 0.0) {
        values.push(value);
        events.push(event);
        weights.push(weight);
    }
    let solver = |problem: &dyn std::fmt::Display| FitError::Solver(problem.to_string());
    let design = Matrix::from_vec(values.len(), 1, values).map_err(|error| solver(&error))?;
    let params = LogisticParams {
        inverse_strength: None,
        solver: Solver::Newton,
        max_iterations: 100,
        tolerance: 1e-10,
    };
    let params = params.check().map_err(|error| solver(&error))?;
    let fit = params.fit(&design, &events, Some(&weights), &|| false)?;
    if fit.convergence.converged {
        Ok((fit.intercept, fit.weights[0]))
    } else {
        Err(FitError::Solver("the line did not converge".to_owned()))
    }
}
