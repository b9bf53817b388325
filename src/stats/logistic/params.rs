//! Settings of a ridge or unpenalised fit.

use super::super::matrix::Matrix;
use super::blocks::{DesignBlocks, MatrixBlocks};
use super::fit::{FitError, LogisticFit, Solver};
use super::lbfgs;
use super::newton::{self, Effort};
use super::problem::{PenaltyUnit, Problem, Restraint};

/// Settings of a fit, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogisticParams {
    /// scikit-learn's `C`, in `1e-30..=1e30`; `None` fits without a penalty.
    pub inverse_strength: Option<f64>,
    /// How the optimum is sought.
    pub solver: Solver,
    /// Newton steps at most, 1 or more; L-BFGS, whose steps are cheap, may take ten times as many.
    pub max_iterations: u32,
    /// Bound of the certificate (see [`logistic`](super)), in `1e-12..=1`.
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

/// A setting is out of range, or contradicts another; each variant names its field.
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
    /// `l1_ratio` is not in `0..=1`.
    #[error("l1_ratio must be between 0 and 1, got {0}")]
    L1Ratio(f64),
    /// Firth's penalty is asked for together with sign constraints.
    #[error("signs cannot be constrained under Firth's penalty")]
    FirthSigns,
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
        if let Some(c) = self.inverse_strength {
            check_strength(c)?;
        }
        check_effort(self.max_iterations, self.tolerance)?;
        Ok(CheckedParams(self))
    }
}

/// Refuses an inverse strength out of range.
pub(super) fn check_strength(inverse_strength: f64) -> Result<(), ParamsError> {
    if (1e-30..=1e30).contains(&inverse_strength) {
        Ok(())
    } else {
        Err(ParamsError::InverseStrength(inverse_strength))
    }
}

/// Refuses a number of iterations or a tolerance out of range.
pub(super) fn check_effort(max_iterations: u32, tolerance: f64) -> Result<(), ParamsError> {
    if max_iterations == 0 {
        return Err(ParamsError::MaxIterations);
    }
    if !(1e-12..=1.0).contains(&tolerance) {
        return Err(ParamsError::Tolerance(tolerance));
    }
    Ok(())
}

impl CheckedParams {
    /// The settings.
    pub fn params(&self) -> &LogisticParams {
        &self.0
    }

    /// Fits events on the rows of `design`.
    ///
    /// `weights` count a row as if it were there that many times, and may be fractional; 0 leaves
    /// it out. `cancelled` is asked all along, but not during L-BFGS.
    /// Running out of iterations is not an error: see [`Convergence::converged`](super::Convergence::converged).
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
        if self.0.solver == Solver::Newton {
            return self.fit_blocks(&source, cancelled);
        }
        if weights.is_some() {
            return Err(FitError::Solver(
                "L-BFGS takes no row weights; use the Newton solver".into(),
            ));
        }
        let problem = Problem::new(&source, self.restraint(), cancelled)?;
        let solution = lbfgs::solve(&problem, design, events, self.effort())?;
        Ok(solution.into_fit(&problem, Solver::Lbfgs))
    }

    /// As [`CheckedParams::fit`], on rows that are read in blocks, once per pass; the same rows give
    /// the same bits. `cancelled` is also asked within a pass.
    ///
    /// # Errors
    /// [`FitError`]; [`FitError::NeedsMatrix`] for L-BFGS.
    pub fn fit_blocks(
        &self,
        source: &dyn DesignBlocks,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, FitError> {
        if self.0.solver == Solver::Lbfgs {
            return Err(FitError::NeedsMatrix);
        }
        let problem = Problem::new(source, self.restraint(), cancelled)?;
        let solution = newton::solve(&problem, self.effort(), cancelled)?;
        Ok(solution.into_fit(&problem, Solver::Newton))
    }

    fn restraint(&self) -> Restraint<'static> {
        Restraint {
            inverse_strength: self.0.inverse_strength,
            l1_ratio: 0.0,
            signs: &[],
            unit: PenaltyUnit::Column,
        }
    }

    fn effort(&self) -> Effort {
        Effort::new(self.0.max_iterations, self.0.tolerance)
    }
}
