//! The full choice of penalties and constraints, fitted by Newton's method.

use serde::{Deserialize, Serialize};

use super::super::matrix::Matrix;
use super::blocks::{DesignBlocks, MatrixBlocks};
use super::fit::{FitError, LikelihoodRatio, LogisticFit, Solver};
use super::newton::{self, Effort};
use super::params::{LogisticParams, ParamsError, check_effort, check_strength};
use super::path::{self, PathPoint};
use super::problem::{PenaltyUnit, Problem, Restraint};
use super::signs::Sign;
use super::vicinity::{self, Vicinity};
use super::{column_tests, firth};

/// What keeps coefficients small; the intercept is never penalised, except by Firth's method.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Penalty {
    /// Nothing: the maximum likelihood estimate.
    None,
    /// Ridge, `‖b‖² / 2C`.
    L2 {
        /// scikit-learn's `C`, in `1e-30..=1e30`.
        inverse_strength: f64,
    },
    /// LASSO, `‖b‖₁ / C`; weak columns get a coefficient of exactly 0.
    ///
    /// With collinear columns the optimum may not be unique; one of them is then returned.
    L1 {
        /// scikit-learn's `C`, in `1e-30..=1e30`.
        inverse_strength: f64,
    },
    /// Mixture of both, `[(1 - r) ‖b‖² / 2 + r ‖b‖₁] / C`.
    ElasticNet {
        /// scikit-learn's `C`, in `1e-30..=1e30`.
        inverse_strength: f64,
        /// Share `r` of the L1 penalty, in `0..=1`.
        l1_ratio: f64,
    },
    /// Firth's `-½ ln det I(b)`, with the information `I` of all coefficients: Jeffreys' prior.
    ///
    /// It removes the first-order bias of the maximum likelihood estimate, and its optimum is finite
    /// also when the classes are separated (Firth 1993; Heinze and Schemper 2002).
    Firth,
}

/// Settings of a fit with any penalty, not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticSpec {
    /// What keeps coefficients small.
    pub penalty: Penalty,
    /// Sign that each column's coefficient must have, in the columns' order; empty for none.
    pub signs: Vec<Sign>,
    /// Newton steps at most, 1 or more.
    pub max_iterations: u32,
    /// Bound of the certificate (see [`logistic`](super)), in `1e-12..=1`.
    pub tolerance: f64,
}

impl Default for LogisticSpec {
    /// Ridge with `C` = 1, no signs, at most 100 iterations, tolerance 1e-8.
    fn default() -> Self {
        let LogisticParams {
            max_iterations,
            tolerance,
            ..
        } = LogisticParams::default();
        Self {
            penalty: Penalty::L2 {
                inverse_strength: 1.0,
            },
            signs: Vec::new(),
            max_iterations,
            tolerance,
        }
    }
}

/// Specification known to be in range.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSpec(LogisticSpec);

impl LogisticSpec {
    /// Specification that can be fitted with.
    ///
    /// # Errors
    /// [`ParamsError`] for the first field out of range, and for signs with Firth's penalty.
    pub fn check(self) -> Result<CheckedSpec, ParamsError> {
        match self.penalty {
            Penalty::None => {}
            Penalty::L2 { inverse_strength } | Penalty::L1 { inverse_strength } => {
                check_strength(inverse_strength)?;
            }
            Penalty::ElasticNet {
                inverse_strength,
                l1_ratio,
            } => {
                check_strength(inverse_strength)?;
                if !(0.0..=1.0).contains(&l1_ratio) {
                    return Err(ParamsError::L1Ratio(l1_ratio));
                }
            }
            Penalty::Firth => {
                if self.signs.iter().any(|sign| *sign != Sign::Free) {
                    return Err(ParamsError::FirthSigns);
                }
            }
        }
        check_effort(self.max_iterations, self.tolerance)?;
        Ok(CheckedSpec(self))
    }
}

impl CheckedSpec {
    /// The specification.
    pub fn spec(&self) -> &LogisticSpec {
        &self.0
    }

    /// The same with other signs.
    ///
    /// # Errors
    /// [`ParamsError::FirthSigns`] for signs with Firth's penalty.
    pub fn with_signs(&self, signs: Vec<Sign>) -> Result<Self, ParamsError> {
        let spec = self.0.clone();
        LogisticSpec { signs, ..spec }.check()
    }

    /// Fits events on the rows of `design`.
    ///
    /// `weights` count a row as if it were there that many times, and may be fractional; 0 leaves
    /// it out. `cancelled` is asked before every step and within every pass. Running out of iterations is not an error:
    /// see [`Convergence::converged`](super::Convergence::converged).
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
        let source = MatrixBlocks::new(design, events, weights)?;
        self.fit_blocks(&source, cancelled)
    }

    /// As [`CheckedSpec::fit`], on rows that are read in blocks, a few times over.
    ///
    /// The same rows give the same bits, wherever they are kept and cut. Memory does not grow with
    /// the rows.
    ///
    /// # Errors
    /// [`FitError`]; [`FitError::Blocks`] when the source fails.
    pub fn fit_blocks(
        &self,
        source: &dyn DesignBlocks,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, FitError> {
        let problem = self.problem(source, PenaltyUnit::Column, cancelled)?;
        if self.0.penalty == Penalty::Firth {
            return firth::fit(&problem, self.effort(), cancelled);
        }
        let solution = newton::solve(&problem, self.effort(), cancelled)?;
        Ok(solution.into_fit(&problem, Solver::Newton))
    }

    /// As [`CheckedSpec::fit_blocks`], of rows that are much the same as those of another fit, such as
    /// the folds of a cross-validation: begun where that one has ended.
    ///
    /// It takes a third of the time, or less. Such a fit has no inference; a further step would move
    /// no row's log-odds by more than 1e-6, and its tolerance is 1e-5, or that asked for if wider.
    /// Fewer than 100,000 rows or 50 rows per column, rows that turn out to be different, and rows
    /// without a penalty or with Firth's, are fitted as ever: only the rows' own Hessian tells whether
    /// these have an optimum. `unit` tells what the penalty is of; Firth's has none.
    ///
    /// # Errors
    /// As [`CheckedSpec::fit_blocks`].
    pub fn fit_nearby(
        &self,
        source: &dyn DesignBlocks,
        vicinity: &Vicinity,
        unit: PenaltyUnit,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, FitError> {
        if self.0.penalty == Penalty::Firth {
            return self.fit_blocks(source, cancelled);
        }
        let problem = self.problem(source, unit, cancelled)?;
        if let Some(solution) = vicinity::solve(&problem, vicinity, self.effort(), cancelled)? {
            return Ok(solution.into_plain_fit(&problem, Solver::Newton));
        }
        let solution = newton::solve(&problem, self.effort(), cancelled)?;
        Ok(solution.into_fit(&problem, Solver::Newton))
    }

    /// One fit per strength `C`, in the given order, each started from the one before.
    ///
    /// The penalty's own strength is not used. From weak to strong or the other way round, the
    /// fits are those of [`CheckedSpec::fit`] up to rounding; [`strength_grid`](super::strength_grid)
    /// makes the usual list from [`CheckedSpec::entry_strength`] upwards.
    ///
    /// # Errors
    /// [`FitError`]; [`FitError::NoStrength`] without a penalty and with Firth's.
    pub fn path(
        &self,
        design: &Matrix,
        events: &[bool],
        weights: Option<&[f64]>,
        strengths: &[f64],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<PathPoint>, FitError> {
        let source = MatrixBlocks::new(design, events, weights)?;
        let mut problem = self.problem(&source, PenaltyUnit::Column, cancelled)?;
        path::along(&mut problem, strengths, self.effort(), cancelled)
    }

    /// Largest strength `C` at which every coefficient is 0, `r / max |∂ℓ/∂bⱼ|` at the intercept
    /// alone, over the directions that the signs leave open.
    ///
    /// It is 0 without an L1 part, where no strength does that, and infinite where no column has
    /// anything to say.
    ///
    /// # Errors
    /// [`FitError`] for the rows.
    pub fn entry_strength(
        &self,
        design: &Matrix,
        events: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<f64, FitError> {
        let source = MatrixBlocks::new(design, events, weights)?;
        path::entry_strength(&self.problem(&source, PenaltyUnit::Column, &|| false)?)
    }

    /// Likelihood-ratio test of every column against the same model with that coefficient at 0.
    ///
    /// Without a penalty, the column is left out. With Firth's, the penalised likelihoods are
    /// compared, and both models are penalised with the information of all columns (Heinze and
    /// Schemper 2002, profile penalised likelihood); unlike Wald's, this test holds up under
    /// separation. A constant column has nothing to test: statistic 0, no degrees of freedom and
    /// p-value 1. Costs a fit per column.
    ///
    /// # Errors
    /// [`FitError`]; [`FitError::NoTest`] with another penalty and with sign constraints;
    /// [`FitError::NotConverged`] when one of the fits has not converged.
    pub fn column_tests(
        &self,
        design: &Matrix,
        events: &[bool],
        weights: Option<&[f64]>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<LikelihoodRatio>, FitError> {
        let source = MatrixBlocks::new(design, events, weights)?;
        let problem = self.problem(&source, PenaltyUnit::Column, cancelled)?;
        if self.0.penalty == Penalty::Firth {
            column_tests::penalised(&problem, self.effort(), cancelled)
        } else {
            let data = (design, events, weights);
            column_tests::unpenalised(&problem, data, self.effort(), cancelled)
        }
    }

    fn problem<'a>(
        &'a self,
        source: &'a dyn DesignBlocks,
        unit: PenaltyUnit,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Result<Problem<'a>, FitError> {
        let (inverse_strength, l1_ratio) = match self.0.penalty {
            Penalty::None | Penalty::Firth => (None, 0.0),
            Penalty::L2 { inverse_strength } => (Some(inverse_strength), 0.0),
            Penalty::L1 { inverse_strength } => (Some(inverse_strength), 1.0),
            Penalty::ElasticNet {
                inverse_strength,
                l1_ratio,
            } => (Some(inverse_strength), l1_ratio),
        };
        let restraint = Restraint {
            inverse_strength,
            l1_ratio,
            signs: &self.0.signs,
            unit,
        };
        Problem::new(source, restraint, cancelled)
    }

    fn effort(&self) -> Effort {
        Effort::new(self.0.max_iterations, self.0.tolerance)
    }
}
