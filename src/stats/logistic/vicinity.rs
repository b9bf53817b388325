//! Warm starts: fits of many rows that begin where a fit of much the same rows has ended.
//!
//! A fold of a cross-validation shares most of its rows with the whole, and its optimum is as near to
//! that of the whole as sampling error has it. There the curvature is known as well, to a percent or
//! so: what a Newton step with it leaves is that share of the distance, and a pass over the rows that
//! gives their gradient alone is a third of one that gives their Hessian too.

use super::fit::FitError;
use super::newton::{self, Effort, ROUNDING, Solution, moved};
use super::problem::{Evaluation, Problem};
use super::sums::Depth;

/// A search from farther away, by the log-odds of any row, is not one nearby.
const FAR: f64 = 0.5;
/// A step that moves no log-odds by more than this is not taken any more.
const NEGLIGIBLE_MOVE: f64 = 1e-6;
/// Bound of the certificate, where a fit does not ask for a wider one.
const TOLERANCE: f64 = 1e-5;
/// A step that leaves more than this of the one before is no help.
const SLOW: f64 = 0.2;

/// Where a fit has ended, and how its objective is curved there.
#[derive(Clone, Debug, PartialEq)]
pub struct Vicinity {
    /// Scaled, intercept first.
    coefficients: Vec<f64>,
    /// Hessian of the log-likelihood over the sum of the weights, row by row, lower triangle.
    curvature: Vec<f64>,
}

impl Vicinity {
    /// That of an evaluated point.
    pub(super) fn of(problem: &Problem<'_>, coefficients: &[f64], at: &Evaluation) -> Self {
        let mut curvature = at.hessian.clone();
        let order = coefficients.len();
        for (j, penalty) in problem.curvature.iter().enumerate() {
            curvature[(j + 1) * order + j + 1] -= penalty;
        }
        for value in &mut curvature {
            *value /= problem.rows.total_weight;
        }
        Self {
            coefficients: coefficients.to_vec(),
            curvature,
        }
    }

    /// The Hessian that the objective of `problem` then has there, as good as.
    fn hessian(&self, problem: &Problem<'_>) -> Vec<f64> {
        let order = self.coefficients.len();
        let mut hessian = self.curvature.clone();
        for value in &mut hessian {
            *value *= problem.rows.total_weight;
        }
        for (j, penalty) in problem.curvature.iter().enumerate() {
            hessian[(j + 1) * order + j + 1] += penalty;
        }
        hessian
    }
}

/// Minimises the objective from a vicinity; `None` where there are few rows or no penalty, or it turns
/// out not to be one.
///
/// The solution's Hessian is the vicinity's. Without a penalty there may be no optimum: some columns
/// may have come to be collinear, which only the rows' own Hessian would show.
pub(super) fn solve(
    problem: &Problem<'_>,
    vicinity: &Vicinity,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Solution>, FitError> {
    let is_like = vicinity.coefficients.len() == problem.rows.columns() + 1;
    if problem.rows.sample.is_none() || problem.is_unpenalised() || !is_like {
        return Ok(None);
    }
    let tolerance = effort.tolerance.max(TOLERANCE);
    let hessian = vicinity.hessian(problem);
    let mut coefficients = vicinity.coefficients.clone();
    let (mut ceiling, mut farthest) = (f64::INFINITY, FAR);
    for iterations in 0..effort.max_iterations {
        if cancelled() {
            return Err(FitError::Cancelled);
        }
        let evaluation = Evaluation {
            hessian: hessian.clone(),
            ..problem.evaluate_to(&coefficients, Depth::Gradient)?
        };
        let Some(step) = newton::direction(problem, &coefficients, &evaluation) else {
            return Ok(None);
        };
        let reach = problem.rows.largest_move(&step);
        // Written so that NaN fails. That steps become shorter is what shows that the curvature is
        // about right, so that there must have been one before the last.
        let is_near = reach <= farthest && evaluation.objective <= ceiling;
        if !is_near || evaluation.separated {
            return Ok(None);
        }
        let converged = newton::certified(problem, &coefficients, &evaluation, &step, tolerance);
        if converged && iterations > 0 && reach <= NEGLIGIBLE_MOVE {
            return Ok(Some(Solution {
                coefficients,
                evaluation,
                converged,
                iterations,
                tolerance,
            }));
        }
        ceiling = evaluation.objective + ROUNDING * evaluation.objective.abs();
        farthest = SLOW * reach;
        coefficients = moved(&coefficients, &step, 1.0);
    }
    Ok(None)
}
