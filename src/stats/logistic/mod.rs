//! Logistic regression with an optional ridge penalty, its convergence certificate and inference.
//!
//! The objective is scikit-learn's, divided by its `C`:
//!
//! ```text
//! Σ wᵢ · logloss(yᵢ, b₀ + xᵢ·b)  +  ‖b‖² / 2C        (the intercept b₀ is not penalised)
//! ```
//!
//! Two solvers reach the same optimum: Newton's method ([`Solver::Newton`]), which takes weights,
//! and `linfa-logistic`'s L-BFGS ([`Solver::Lbfgs`]), which does not and serves as cross-check.
//! Whatever the solver, the convergence report, the standard errors and the refusals below are
//! computed here, at the point that it returned.
//!
//! # Certificate
//! A fit is `converged` when, with every column centred and scaled to unit deviation,
//! * no component of the gradient of the objective exceeds `tolerance × max(1, Σw / 1000)`, and
//! * no component of the Newton step from there would move any row's log-odds by more than 0.001:
//!   a small gradient alone may also mean a flat and endless slope.
//!
//! Centring and scaling make the verdict independent of the columns' units.
//! [`Convergence::gradient_sup_norm`] is the gradient in the caller's own units.
//!
//! # Constant columns
//! A column that does not vary over the rows of positive weight cannot be told from the intercept.
//! Its weight is exactly 0, with standard error 0, z 0 and p-value 1, penalised or not.

mod inference;
mod lbfgs;
mod newton;
mod problem;
mod sums;

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;
use problem::Problem;

/// How the optimum is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Newton's method (iteratively reweighted least squares) with step halving.
    Newton,
    /// `linfa-logistic`'s L-BFGS; takes no weights and does not count its iterations.
    Lbfgs,
}

/// Settings of a fit, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogisticParams {
    /// scikit-learn's `C`, in `1e-30..=1e30`; `None` fits without a penalty.
    pub inverse_strength: Option<f64>,
    /// How the optimum is sought.
    pub solver: Solver,
    /// Newton steps at most, 1 or more; L-BFGS, whose steps are cheap, may take ten times as many.
    pub max_iterations: u32,
    /// Bound of the certificate (see the module), in `1e-12..=1`.
    ///
    /// L-BFGS compares objectives, whose rounding hides small gradients; for it a tighter tolerance
    /// than 1e-3 is read as 1e-3, and reported so.
    pub tolerance: f64,
}

impl Default for LogisticParams {
    /// Newton, `C` = 1, at most 100 iterations, tolerance 1e-8.
    fn default() -> Self {
        Self {
            inverse_strength: Some(1.0),
            solver: Solver::Newton,
            max_iterations: 100,
            tolerance: 1e-8,
        }
    }
}

/// A setting is out of range; each variant names its field.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ParamsError {
    /// `inverse_strength` is not in `1e-30..=1e30`.
    #[error("inverse_strength must be between 1e-30 and 1e30, got {0}")]
    InverseStrength(f64),
    /// `max_iterations` is 0.
    #[error("max_iterations must be at least 1")]
    MaxIterations,
    /// `tolerance` is not in `1e-12..=1`.
    #[error("tolerance must be between 1e-12 and 1, got {0}")]
    Tolerance(f64),
}

/// Settings known to be in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedParams(LogisticParams);

impl LogisticParams {
    /// Settings that can be fitted with.
    ///
    /// # Errors
    /// [`ParamsError`] for the first field out of range.
    pub fn check(self) -> Result<CheckedParams, ParamsError> {
        if let Some(c) = self.inverse_strength
            && !(1e-30..=1e30).contains(&c)
        {
            return Err(ParamsError::InverseStrength(c));
        }
        if self.max_iterations == 0 {
            return Err(ParamsError::MaxIterations);
        }
        if !(1e-12..=1.0).contains(&self.tolerance) {
            return Err(ParamsError::Tolerance(self.tolerance));
        }
        Ok(CheckedParams(self))
    }
}

impl CheckedParams {
    /// The settings.
    pub fn params(&self) -> &LogisticParams {
        &self.0
    }

    /// Fits events on the rows of `design`.
    ///
    /// `weights` count a row as if it were there that many times, and may be fractional; 0 leaves
    /// it out. `cancelled` is asked before every Newton step, and before (not during) L-BFGS.
    /// Running out of iterations is not an error: see [`Convergence::converged`].
    ///
    /// # Errors
    /// [`FitError`].
    pub fn fit(
        &self,
        design: &Matrix,
        events: &[bool],
        weights: Option<&[f64]>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, FitError> {
        let problem = Problem::new(design, events, weights, self.0.inverse_strength)?;
        let solution = match self.0.solver {
            Solver::Newton => newton::solve(&problem, &self.0, cancelled)?,
            Solver::Lbfgs => lbfgs::solve(&problem, &self.0, cancelled)?,
        };
        Ok(solution.into_fit(&problem, self.0.solver))
    }
}

/// Fitted model with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticFit {
    /// Log-odds of an event where every column is 0.
    pub intercept: f64,
    /// Change of the log-odds per unit, one per column of the design.
    pub weights: Vec<f64>,
    /// Weighted log-likelihood at the fit, without the penalty.
    pub log_likelihood: f64,
    /// Weighted log-likelihood of the intercept alone.
    pub null_log_likelihood: f64,
    /// How the solver ended.
    pub convergence: Convergence,
    /// Standard errors and tests; `None` when the Hessian is not positive-definite.
    pub inference: Option<Inference>,
}

/// How a solver ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// Whether the certificate of the module holds.
    pub converged: bool,
    /// Who solved.
    pub solver: Solver,
    /// Newton steps taken; 0 for L-BFGS, which does not tell.
    pub iterations: u32,
    /// Largest component of the gradient of the summed objective, in the caller's units.
    pub gradient_sup_norm: f64,
    /// The tolerance that was applied.
    pub tolerance: f64,
}

/// Standard errors and Wald tests, intercept first, then the columns in order.
///
/// The covariance is the inverse Hessian of the objective at the fit. Without a penalty that is the
/// usual inverse information; with one it is the posterior covariance under the matching Gaussian
/// prior, and the p-values are indicative only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    /// Standard error of each coefficient.
    pub std_error: Vec<f64>,
    /// Coefficient over standard error.
    pub z: Vec<f64>,
    /// Two-sided normal p-value of `z`.
    pub p_value: Vec<f64>,
    /// Lower end of the 95 % interval.
    pub ci95_low: Vec<f64>,
    /// Upper end of the 95 % interval.
    pub ci95_high: Vec<f64>,
}

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// The caller withdrew.
    #[error("the fit was cancelled")]
    Cancelled,
    /// The rows of positive weight are all events or all non-events.
    #[error("the rows hold only one class")]
    OneClass,
    /// Events or weights do not match the rows.
    #[error("{rows} rows, but {events} events and {weights:?} weights")]
    ShapeMismatch {
        /// Rows of the design.
        rows: usize,
        /// Events given.
        events: usize,
        /// Weights given, if any.
        weights: Option<usize>,
    },
    /// A value is not finite, or beyond 1e100 in magnitude.
    #[error("the value in row {row}, column {column} is not finite or beyond 1e100")]
    NonFinite {
        /// Row of the first such value.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// A weight is negative, not finite or beyond 1e100.
    #[error("the weight of row {row} is negative, not finite or beyond 1e100")]
    WeightOutOfRange {
        /// Row of the first such weight.
        row: usize,
    },
    /// Some combination of columns separates the classes, so that without a penalty the
    /// coefficients grow without end.
    #[error("the columns separate the classes: without a penalty there is no finite optimum")]
    Separated,
    /// Some columns are a linear combination of others, and no penalty decides between them.
    #[error("the columns are collinear and the penalty does not decide between them")]
    Singular,
    /// The solver gave up or cannot do what was asked.
    #[error("solver: {0}")]
    Solver(String),
}
