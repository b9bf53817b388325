//! What a fit returns, or why there is none.

use serde::{Deserialize, Serialize};

use super::blocks::BlockError;
use super::vicinity::Vicinity;

/// How the optimum is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Newton's method (iteratively reweighted least squares) with step halving.
    Newton,
    /// `linfa-logistic`'s L-BFGS; takes no weights and does not count its iterations.
    Lbfgs,
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
    /// Standard errors and tests; `None` with an L1 penalty, whose selection they would ignore, and
    /// when the Hessian is not positive-definite.
    pub inference: Option<Inference>,
    /// Measures of the model as a whole; `None` when the Hessian is not positive-definite.
    pub statistics: Option<FitStatistics>,
    /// Where a [fit nearby](super::CheckedSpec::fit_nearby) can begin; `None` after one that has begun
    /// so itself, for fewer than 100,000 rows or 50 per column, and for L-BFGS.
    pub vicinity: Option<Vicinity>,
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
    /// Largest component of the gradient of the summed objective, in the caller's units; the
    /// subgradient, projected gradient or modified score where the objective asks for one.
    pub gradient_sup_norm: f64,
    /// The tolerance that was applied.
    pub tolerance: f64,
}

/// Standard errors and Wald tests, intercept first, then the columns in order.
///
/// What the standard errors mean depends on the penalty:
/// * none: the usual asymptotic ones, from the inverse information at the maximum;
/// * ridge: the square roots of the inverse Hessian of the whole objective, that is the posterior
///   deviations under the matching Gaussian prior; the p-values are indicative only;
/// * Firth: from the inverse information at the penalised maximum (Heinze and Schemper 2002); under
///   separation prefer [`CheckedSpec::column_tests`](super::CheckedSpec::column_tests);
/// * sign constraints: conditional on the coefficients that a constraint holds at 0. Those have
///   standard error 0, z 0 and p-value 1, as nothing is estimated of them.
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

/// Measures of a model as a whole.
///
/// All of them are of [`LogisticFit::log_likelihood`] `ℓ`, without the penalty, and of the sum `n`
/// of the weights, so that a weight counts like so many rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitStatistics {
    /// Effective number of parameters `k`, the intercept's included.
    ///
    /// The trace of `I H⁻¹` over the coefficients that are not held at 0, `I` being the information
    /// and `H` the Hessian with the ridge part of the penalty (Gray 1992; Tibshirani and Taylor 2012
    /// for the elastic net). Without ridge that is the number of coefficients not held at 0;
    /// constant columns do not count.
    pub parameters: f64,
    /// Akaike's criterion, `2k - 2ℓ`.
    pub aic: f64,
    /// Schwarz's criterion, `k ln n - 2ℓ`.
    pub bic: f64,
    /// Pseudo-R² `1 - ℓ / ℓ₀`, with the log-likelihood `ℓ₀` of the intercept alone.
    pub mcfadden_r2: f64,
    /// Test of all columns at once; `None` with a ridge or L1 penalty or sign constraints, which
    /// leave the statistic without a chi-square distribution.
    pub likelihood_ratio: Option<LikelihoodRatio>,
}

/// Likelihood-ratio test against a smaller model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LikelihoodRatio {
    /// Twice the difference of the log-likelihoods; of the penalised ones under Firth's penalty.
    pub chi_square: f64,
    /// Coefficients that the smaller model lacks, constant columns not counted.
    pub degrees_of_freedom: u32,
    /// Probability of such a statistic or a larger one if the smaller model is true; 1 when no
    /// coefficient is lacking.
    pub p_value: f64,
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
    /// coefficients grow without end. A ridge or Firth's penalty keeps them finite.
    #[error(
        "the columns separate the classes: without a penalty there is no finite optimum; \
         use an L2 or Firth's penalty"
    )]
    Separated,
    /// Some columns are a linear combination of others, and no penalty decides between them.
    #[error("the columns are collinear and the penalty does not decide between them")]
    Singular,
    /// The sign constraints are not one per column.
    #[error("{columns} columns, but {signs} signs")]
    SignCount {
        /// Columns of the design.
        columns: usize,
        /// Signs given.
        signs: usize,
    },
    /// A strength of a path is not in `1e-30..=1e30`.
    #[error("strength {index} of the path is not between 1e-30 and 1e30")]
    StrengthOutOfRange {
        /// Position of the first such strength.
        index: usize,
    },
    /// A path was asked of a penalty that has no strength.
    #[error("a path needs an L2, L1 or elastic-net penalty")]
    NoStrength,
    /// A fit that a result rests on ran out of iterations.
    #[error("a fit did not converge within the iterations allowed")]
    NotConverged,
    /// A likelihood-ratio test was asked for where its distribution is not known.
    #[error(
        "likelihood-ratio tests need an unconstrained fit, unpenalised or with Firth's penalty"
    )]
    NoTest,
    /// The rows could not be read.
    #[error(transparent)]
    Blocks(#[from] BlockError),
    /// L-BFGS was asked to fit a source of blocks; it needs the whole matrix in memory.
    #[error("L-BFGS needs the whole matrix in memory; use the Newton solver")]
    NeedsMatrix,
    /// The solver gave up or cannot do what was asked.
    #[error("solver: {0}")]
    Solver(String),
}
