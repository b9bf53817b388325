//! What the solver and the likelihood say of a fit.

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::word;
use crate::credit::TrainingResult;

/// Whether and how the solver got there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardConvergence)]
pub struct Certificate {
    /// Whether the gradient is within the tolerance.
    pub converged: bool,
    /// Who solved.
    pub solver: String,
    /// Newton steps taken; 0 for L-BFGS, which does not tell.
    pub iterations: u32,
    /// Largest component of the gradient of the summed objective.
    pub gradient_sup_norm: f64,
    /// The tolerance that was applied, per row.
    pub tolerance: f64,
}

/// Measures of the fitted model as a whole, on its training rows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardFitStatistics)]
pub struct FitSummary {
    /// Effective number of parameters, the intercept's included.
    pub parameters: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Pseudo-R² `1 - ℓ / ℓ₀` (`McFadden` 1974).
    pub mcfadden_r2: f64,
    /// Test of all columns at once; none with a ridge or L1 penalty or sign constraints.
    pub likelihood_ratio: Option<ModelTest>,
}

/// A chi-square test of a whole model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardModelTest)]
pub struct ModelTest {
    /// The statistic, 0 or more.
    pub chi_square: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: u32,
    /// Chance of so large a statistic if no column mattered.
    pub p_value: f64,
}

impl Certificate {
    pub(super) fn of(result: &TrainingResult) -> Option<Self> {
        let found = result.convergence.as_ref()?;
        Some(Self {
            converged: found.converged,
            solver: word(&found.solver),
            iterations: found.iterations,
            gradient_sup_norm: found.gradient_sup_norm,
            tolerance: found.tolerance,
        })
    }
}

impl FitSummary {
    pub(super) fn of(result: &TrainingResult) -> Option<Self> {
        let found = result.statistics.as_ref()?;
        let test = found.likelihood_ratio.as_ref();
        Some(Self {
            parameters: found.parameters,
            aic: found.aic,
            bic: found.bic,
            mcfadden_r2: found.mcfadden_r2,
            likelihood_ratio: test.map(|test| ModelTest {
                chi_square: test.chi_square,
                degrees_of_freedom: test.degrees_of_freedom,
                p_value: test.p_value,
            }),
        })
    }
}
