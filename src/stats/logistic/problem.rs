//! The objective over checked rows: likelihood, penalty and sign constraints.

use super::blocks::DesignBlocks;
use super::fit::FitError;
use super::narrow::NarrowBlocks;
use super::rows::Rows;
use super::signs::Sign;
use super::sums::{self, Depth, Sums};

/// What keeps coefficients small or on their side.
#[derive(Clone, Copy)]
pub(super) struct Restraint<'a> {
    /// `C`, or `None` without a penalty.
    pub(super) inverse_strength: Option<f64>,
    /// Share of the penalty that is `‖b‖₁` rather than `‖b‖² / 2`, in `0..=1`.
    pub(super) l1_ratio: f64,
    /// One per column, or empty when all are free.
    pub(super) signs: &'a [Sign],
    /// What the coefficients are of that it keeps small.
    pub(super) unit: PenaltyUnit,
}

/// What the coefficients are of that a penalty keeps small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenaltyUnit {
    /// A unit of the column.
    Column,
    /// A standard deviation of the column over the rows that are fitted, as if the column had been
    /// divided by it.
    Deviation,
}

/// The objective in scaled coordinates (see [`Rows`]).
///
/// The ridge penalty turns into `γⱼ² / (2 C deviationⱼ²)`, the L1 penalty into
/// `|γⱼ| / (C deviationⱼ)`. The optimum is the same, but the Hessian starts as a correlation
/// matrix, whatever the units. A constant column has a unit penalty, which keeps its coefficient at
/// 0 without a special case anywhere else.
pub(super) struct Problem<'a> {
    pub(super) rows: Rows<'a>,
    restraint: Restraint<'a>,
    /// Second derivative of the penalty per column.
    pub(super) curvature: Vec<f64>,
    /// Slope of the L1 penalty per column.
    slope: Vec<f64>,
}

impl<'a> Problem<'a> {
    /// Checks everything there is to check about the input.
    pub(super) fn new(
        source: &'a dyn DesignBlocks,
        restraint: Restraint<'a>,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Result<Self, FitError> {
        let (columns, signs) = (source.columns(), restraint.signs.len());
        if signs != 0 && signs != columns {
            return Err(FitError::SignCount { columns, signs });
        }
        let rows = Rows::new(source, cancelled)?;
        let mut problem = Self {
            rows,
            restraint,
            curvature: Vec::new(),
            slope: Vec::new(),
        };
        problem.weigh_penalty();
        Ok(problem)
    }

    /// The sample of the rows, if there is one.
    pub(super) fn sample_blocks(&self) -> Result<Option<NarrowBlocks<'_>>, FitError> {
        match &self.rows.sample {
            Some(sample) => sample.blocks(),
            None => Ok(None),
        }
    }

    /// The same problem on the sample of the rows, its penalty in proportion; `None` when the sample
    /// has only one class.
    ///
    /// Ridge stands in for two rows at the far end of every column, at the rate of events: hardly felt,
    /// but where a column hangs on a few rows, of which the sample has one or none.
    pub(super) fn on_sample<'s>(
        &'s self,
        blocks: &'s NarrowBlocks<'s>,
    ) -> Result<Option<Problem<'s>>, FitError> {
        let origin = self
            .rows
            .sample
            .as_ref()
            .map(|sample| sample.origin.as_slice());
        let Some(rows) = self.rows.on_sample(blocks, origin.unwrap_or_default())? else {
            return Ok(None);
        };
        let share = rows.total_weight / self.rows.total_weight;
        let information = rows.event_weight * (1.0 - rows.event_weight / rows.total_weight);
        let count = rows.count() as f64;
        let ridge = |reach: &f64| (2.0 * reach * reach / count).min(1.0) * information;
        let curvature = self.curvature.iter().zip(rows.reach.iter().map(ridge));
        let curvature = curvature.map(|(value, ridge)| share * value + ridge);
        Ok(Some(Problem {
            curvature: curvature.collect(),
            slope: self.slope.iter().map(|value| share * value).collect(),
            restraint: Restraint {
                inverse_strength: self.inverse_strength().or(Some(1.0)),
                ..self.restraint
            },
            rows,
        }))
    }

    /// Replaces `C` of a penalised problem.
    pub(super) fn set_inverse_strength(&mut self, inverse_strength: f64) {
        self.restraint.inverse_strength = Some(inverse_strength);
        self.weigh_penalty();
    }

    fn weigh_penalty(&mut self) {
        let Restraint {
            inverse_strength,
            l1_ratio,
            unit,
            ..
        } = self.restraint;
        // Of the penalised coefficient per unit of the scaled one.
        let share = |scale: &f64| match unit {
            PenaltyUnit::Column => *scale,
            PenaltyUnit::Deviation => f64::from(u8::from(*scale > 0.0)),
        };
        let curvature = |scale: &f64| match inverse_strength {
            _ if *scale <= 0.0 => 1.0,
            None => 0.0,
            Some(c) => (1.0 - l1_ratio) * share(scale) * share(scale) / c,
        };
        self.curvature = self.rows.scale.iter().map(curvature).collect();
        let slope = |scale: &f64| inverse_strength.map_or(0.0, |c| l1_ratio * share(scale) / c);
        self.slope = self.rows.scale.iter().map(slope).collect();
    }

    /// `C`, or `None` without a penalty.
    pub(super) fn inverse_strength(&self) -> Option<f64> {
        self.restraint.inverse_strength
    }

    /// Share of the penalty that is L1.
    pub(super) fn l1_ratio(&self) -> f64 {
        self.restraint.l1_ratio
    }

    /// Whether nothing but the data bounds the coefficients; sign constraints leave half-lines.
    pub(super) fn is_unpenalised(&self) -> bool {
        self.inverse_strength().is_none()
    }

    /// Whether the penalty has an L1 part.
    pub(super) fn is_sparse(&self) -> bool {
        !self.is_unpenalised() && self.restraint.l1_ratio > 0.0
    }

    /// Whether some coefficient has a sign constraint.
    pub(super) fn is_constrained(&self) -> bool {
        self.restraint.signs.iter().any(|sign| *sign != Sign::Free)
    }

    /// Whether the objective is smooth and its domain the whole space.
    pub(super) fn is_smooth(&self) -> bool {
        !self.is_sparse() && !self.is_constrained()
    }

    /// Slope of the L1 penalty at scaled coordinate `at` (0 is the intercept).
    pub(super) fn slope(&self, at: usize) -> f64 {
        at.checked_sub(1).map_or(0.0, |column| self.slope[column])
    }

    /// Sign constraint of coordinate `at`.
    pub(super) fn sign(&self, at: usize) -> Sign {
        let column = at.checked_sub(1);
        let sign = column.and_then(|column| self.restraint.signs.get(column));
        sign.copied().unwrap_or(Sign::Free)
    }

    /// Whether 0 is a kink or an edge for coordinate `at`, where the optimum may well lie.
    pub(super) fn is_kinked(&self, at: usize) -> bool {
        self.slope(at) > 0.0 || self.sign(at) != Sign::Free
    }

    /// Which scaled coordinates a kink or an edge holds at 0.
    pub(super) fn held(&self, coefficients: &[f64]) -> Vec<bool> {
        let coordinates = coefficients.iter().enumerate();
        coordinates
            .map(|(at, value)| *value == 0.0 && self.is_kinked(at))
            .collect()
    }

    /// Coefficients of the intercept-only model, intercept first.
    pub(super) fn null_coefficients(&self) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.rows.columns() + 1];
        let event_weight = self.rows.event_weight;
        coefficients[0] = libm::log(event_weight / (self.rows.total_weight - event_weight));
        coefficients
    }

    /// Log-likelihood of the intercept-only model.
    pub(super) fn null_log_likelihood(&self) -> f64 {
        let (events, total) = (self.rows.event_weight, self.rows.total_weight);
        let others = total - events;
        events * libm::log(events / total) + others * libm::log(others / total)
    }

    /// Objective, gradient and Hessian at scaled coefficients (intercept first).
    pub(super) fn evaluate(&self, coefficients: &[f64]) -> Result<Evaluation, FitError> {
        self.evaluate_to(coefficients, Depth::Hessian)
    }

    /// As [`Problem::evaluate`], to the depth that is needed.
    pub(super) fn evaluate_to(
        &self,
        coefficients: &[f64],
        depth: Depth,
    ) -> Result<Evaluation, FitError> {
        let Sums {
            log_likelihood,
            mut gradient,
            mut hessian,
            smallest_margin,
        } = sums::over_rows(&self.rows, coefficients, depth)?;
        let order = coefficients.len();
        let mut penalty = 0.0;
        for (j, (curvature, slope)) in self.curvature.iter().zip(&self.slope).enumerate() {
            let coefficient = coefficients[j + 1];
            penalty += 0.5 * curvature * coefficient * coefficient + slope * coefficient.abs();
            gradient[j + 1] += curvature * coefficient;
            if depth == Depth::Hessian {
                hessian[(j + 1) * order + j + 1] += curvature;
            }
        }
        Ok(Evaluation {
            objective: penalty - log_likelihood,
            log_likelihood,
            gradient,
            hessian,
            separated: smallest_margin > 0.0,
        })
    }

    /// Largest component of the scaled subgradient that is nearest to 0, constraints respected.
    pub(super) fn residual_norm(&self, coefficients: &[f64], evaluation: &Evaluation) -> f64 {
        if self.is_smooth() {
            return sup_norm(&evaluation.gradient);
        }
        let coordinates = coefficients.iter().zip(&evaluation.gradient).enumerate();
        let residuals = coordinates.map(|(at, (coefficient, gradient))| {
            residual(*coefficient, *gradient, self.slope(at), self.sign(at))
        });
        residuals.fold(0.0, |max, residual| residual.abs().max(max))
    }

    /// As [`Problem::residual_norm`], in the caller's units.
    pub(super) fn unscaled_residual_norm(
        &self,
        coefficients: &[f64],
        evaluation: &Evaluation,
    ) -> f64 {
        let gradient = self.rows.unscaled_gradient(&evaluation.gradient);
        if self.is_smooth() {
            return sup_norm(&gradient);
        }
        let slope = match self.inverse_strength() {
            Some(c) => self.restraint.l1_ratio / c,
            None => 0.0,
        };
        let slopes = self.rows.deviation.iter().map(|deviation| {
            slope
                * match self.restraint.unit {
                    PenaltyUnit::Column => 1.0,
                    PenaltyUnit::Deviation => *deviation,
                }
        });
        let slopes = std::iter::once(0.0).chain(slopes);
        let coordinates = coefficients.iter().zip(&gradient).zip(slopes).enumerate();
        let residuals = coordinates.map(|(at, ((coefficient, gradient), slope))| {
            residual(*coefficient, *gradient, slope, self.sign(at))
        });
        residuals.fold(0.0, |max, residual| residual.abs().max(max))
    }

    /// The certificate's bound on a scaled gradient component.
    pub(super) fn gradient_bound(&self, tolerance: f64) -> f64 {
        tolerance * (self.rows.total_weight / 1000.0).max(1.0)
    }
}

/// The element nearest to 0 of the subdifferential `gradient + slope · ∂|b| + normal cone` at `b`.
fn residual(coefficient: f64, gradient: f64, slope: f64, sign: Sign) -> f64 {
    if coefficient > 0.0 {
        return gradient + slope;
    }
    if coefficient < 0.0 {
        return gradient - slope;
    }
    // Downhill to the right, or to the left, where that way is open.
    let right = if sign.allows_positive() {
        (gradient + slope).min(0.0)
    } else {
        0.0
    };
    let left = if sign.allows_negative() {
        (gradient - slope).max(0.0)
    } else {
        0.0
    };
    right + left
}

/// Largest magnitude.
pub(super) fn sup_norm(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |max, value| value.abs().max(max))
}

/// What a step needs to know about a point, in scaled coordinates, intercept first.
pub(super) struct Evaluation {
    /// Negative log-likelihood and the whole penalty.
    pub(super) objective: f64,
    pub(super) log_likelihood: f64,
    /// Of the objective without its L1 part.
    pub(super) gradient: Vec<f64>,
    /// Of the objective without its L1 part, row by row; only the lower triangle is meaningful.
    pub(super) hessian: Vec<f64>,
    /// Whether this point puts every row on its own side.
    pub(super) separated: bool,
}
