//! How coefficients are estimated: the penalty, the signs, the solver.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TrainingError, TrainingPlan};
use crate::stats::{
    self, CheckedParams, CheckedSpec, DesignBlocks, FitError, LogisticFit, LogisticParams,
    LogisticSpec, Matrix, ParamsError, PenaltyUnit, Sign, Solver, Vicinity,
};

/// What keeps coefficients small.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Penalty {
    /// Half the squared length of the coefficients, divided by `C`.
    #[default]
    L2,
    /// The sum of their magnitudes, divided by `C`: weak features get exactly 0.
    L1,
    /// Both, `l1_ratio` of it L1.
    ElasticNet,
    /// Jeffreys' prior (Firth 1993): finite where an outcome is separated; without `C`.
    Firth,
    /// Nothing: the maximum likelihood estimate.
    None,
}

/// The sign that a coefficient must have.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignConstraint {
    /// More of the characteristic never lowers the risk.
    NonNegative,
    /// More of the characteristic never raises the risk.
    NonPositive,
}

impl From<SignConstraint> for Sign {
    fn from(constraint: SignConstraint) -> Self {
        match constraint {
            SignConstraint::NonNegative => Self::NonNegative,
            SignConstraint::NonPositive => Self::NonPositive,
        }
    }
}

/// How coefficients are estimated.
#[derive(Clone, Debug)]
pub(super) struct Estimator {
    /// With the L2 penalty or none, by the solver of the plan's choice.
    plain: Option<CheckedParams>,
    /// With any penalty and with signs, by Newton's method.
    full: CheckedSpec,
    takes_signs: bool,
}

impl Estimator {
    /// The estimator of a plan, its signs left out.
    pub(super) fn new(plan: &TrainingPlan) -> Result<Self, ParamsError> {
        let inverse_strength = plan.inverse_strength;
        let penalty = match plan.penalty {
            Penalty::L2 => stats::Penalty::L2 { inverse_strength },
            Penalty::L1 => stats::Penalty::L1 { inverse_strength },
            Penalty::ElasticNet => stats::Penalty::ElasticNet {
                inverse_strength,
                l1_ratio: plan.l1_ratio,
            },
            Penalty::Firth => stats::Penalty::Firth,
            Penalty::None => stats::Penalty::None,
        };
        let plain = match plan.penalty {
            Penalty::L2 | Penalty::None => {
                let params = LogisticParams {
                    inverse_strength: (plan.penalty == Penalty::L2).then_some(inverse_strength),
                    solver: plan.solver,
                    max_iterations: plan.max_iterations,
                    tolerance: plan.tolerance,
                };
                Some(params.check()?)
            }
            Penalty::L1 | Penalty::ElasticNet | Penalty::Firth => None,
        };
        let spec = LogisticSpec {
            penalty,
            signs: Vec::new(),
            max_iterations: plan.max_iterations,
            tolerance: plan.tolerance,
        };
        Ok(Self {
            plain,
            full: spec.check()?,
            takes_signs: plan.penalty != Penalty::Firth,
        })
    }

    /// Whether signs can be imposed.
    pub(super) fn takes_signs(&self) -> bool {
        self.takes_signs
    }

    /// Fits `design`, one column per feature; `signs` has one entry
    /// per column, or none at all.
    ///
    /// # Errors
    /// [`TrainingError`] when the fit fails, does not converge or is cancelled.
    pub(super) fn fit(
        &self,
        design: &Matrix,
        events: &[bool],
        weights: Option<&[f64]>,
        signs: Vec<Sign>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, TrainingError> {
        converged(match &self.plain {
            Some(params) if signs.is_empty() => params.fit(design, events, weights, cancelled),
            _ => self
                .full
                .with_signs(signs)?
                .fit(design, events, weights, cancelled),
        })
    }

    /// Whether the fit needs all rows in one matrix.
    pub(super) fn needs_matrix(&self) -> bool {
        self.plain
            .as_ref()
            .is_some_and(|params| params.params().solver == Solver::Lbfgs)
    }

    /// As [`Estimator::fit_blocks`], begun in the `vicinity` of a fit of much the same rows; the penalty
    /// is of coefficients per `unit`.
    ///
    /// # Errors
    /// [`TrainingError`] when the fit fails, does not converge or is cancelled.
    pub(super) fn fit_nearby(
        &self,
        source: &dyn DesignBlocks,
        signs: Vec<Sign>,
        vicinity: &Vicinity,
        unit: PenaltyUnit,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, TrainingError> {
        let spec = self.full.with_signs(signs)?;
        converged(spec.fit_nearby(source, vicinity, unit, cancelled))
    }

    /// As [`Estimator::fit`] by Newton's method, on rows that are read in blocks.
    ///
    /// # Errors
    /// [`TrainingError`] when the fit fails, does not converge or is cancelled.
    pub(super) fn fit_blocks(
        &self,
        source: &dyn DesignBlocks,
        signs: Vec<Sign>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<LogisticFit, TrainingError> {
        converged(self.full.with_signs(signs)?.fit_blocks(source, cancelled))
    }
}

/// A fit that has come to its end.
fn converged(fit: Result<LogisticFit, FitError>) -> Result<LogisticFit, TrainingError> {
    let fit = fit.map_err(|error| match error {
        FitError::Cancelled => TrainingError::Cancelled,
        error => TrainingError::Fit(error),
    })?;
    if fit.convergence.converged {
        Ok(fit)
    } else {
        Err(TrainingError::NotConverged(fit.convergence))
    }
}
