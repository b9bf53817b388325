//! Newton's method with step halving, and the judgement of a point that both solvers share.

use super::super::matrix::Cholesky;
use super::inference;
use super::problem::{Evaluation, Problem};
use super::{Convergence, FitError, LogisticFit, LogisticParams, Solver};

/// A step that moves no log-odds by more than this is not worth taking: the optimum is that near.
const NEGLIGIBLE_MOVE: f64 = 1e-11;
/// A certified point's step moves no log-odds by more than this.
const SMALL_MOVE: f64 = 1e-3;
/// A vanished gradient whose step still moves a log-odds by this much points to infinity.
const RUNAWAY_MOVE: f64 = 0.5;
/// A gradient below this share of an average row's weight has vanished.
const VANISHING_SHARE: f64 = 1e-4;
/// Halvings before a direction is given up.
const HALVINGS: u32 = 40;

/// Where a solver ended.
pub(super) struct Solution {
    /// Scaled, intercept first.
    pub(super) coefficients: Vec<f64>,
    pub(super) evaluation: Evaluation,
    pub(super) converged: bool,
    pub(super) iterations: u32,
    pub(super) tolerance: f64,
}

impl Solution {
    /// The solution in the caller's units, with inference.
    pub(super) fn into_fit(self, problem: &Problem<'_>, solver: Solver) -> LogisticFit {
        let (intercept, weights) = problem.unscaled(&self.coefficients);
        let inference = inference::at(problem, &self.evaluation, intercept, &weights);
        LogisticFit {
            intercept,
            weights,
            log_likelihood: self.evaluation.log_likelihood,
            null_log_likelihood: problem.null_log_likelihood(),
            convergence: Convergence {
                converged: self.converged,
                solver,
                iterations: self.iterations,
                gradient_sup_norm: problem.unscaled_sup_norm(&self.evaluation.gradient),
                tolerance: self.tolerance,
            },
            inference,
        }
    }
}

/// Minimises the objective from the intercept-only model.
///
/// Newton doubles the correct digits with every step, so when the gradient meets the bound but the
/// next step would still be felt, that step is taken too: the coefficients returned are within
/// 1e-10 of the optimum, not merely within what the tolerance asks.
pub(super) fn solve(
    problem: &Problem<'_>,
    params: &LogisticParams,
    cancelled: &dyn Fn() -> bool,
) -> Result<Solution, FitError> {
    let bound = problem.gradient_bound(params.tolerance);
    let rows = problem.events.len() as f64;
    let vanishing = VANISHING_SHARE * problem.total_weight / rows;
    let mut coefficients = problem.null_coefficients();
    let mut evaluation = problem.evaluate(&coefficients);
    // At the null model all rows weigh alike, so that a bad pivot can only mean collinear columns.
    let mut step = newton_step(&evaluation).ok_or(FitError::Singular)?;
    let mut iterations = 0;
    while iterations < params.max_iterations {
        if cancelled() {
            return Err(FitError::Cancelled);
        }
        let certified = evaluation.sup_norm() <= bound;
        if certified && problem.largest_move(&step) <= NEGLIGIBLE_MOVE {
            break;
        }
        let Some((next, point)) = descend(problem, &coefficients, &evaluation, &step) else {
            break;
        };
        let stalled = certified && point.sup_norm() >= evaluation.sup_norm();
        if stalled {
            break;
        }
        (coefficients, evaluation) = (next, point);
        iterations += 1;
        step = judge(problem, &evaluation, vanishing)?;
    }
    Ok(Solution {
        converged: certified(problem, &evaluation, &step, params.tolerance),
        coefficients,
        evaluation,
        iterations,
        tolerance: params.tolerance,
    })
}

/// The certificate of the module, for a point and the Newton step from it.
pub(super) fn certified(
    problem: &Problem<'_>,
    evaluation: &Evaluation,
    step: &[f64],
    tolerance: f64,
) -> bool {
    evaluation.sup_norm() <= problem.gradient_bound(tolerance)
        && problem.largest_move(step) <= SMALL_MOVE
}

/// The next Newton step from a point, or why there can be no optimum.
///
/// The columns are known not to be collinear. Without a penalty, three things prove or betray
/// separated classes: every row is on its own side; the Hessian has lost a direction on the way; or
/// the gradient has vanished while Newton still wants to go far.
pub(super) fn judge(
    problem: &Problem<'_>,
    evaluation: &Evaluation,
    vanishing: f64,
) -> Result<Vec<f64>, FitError> {
    let step = newton_step(evaluation);
    if !problem.is_unpenalised() {
        return step.ok_or(FitError::Singular);
    }
    let step = step.ok_or(FitError::Separated)?;
    let runs_away =
        evaluation.sup_norm() <= vanishing && problem.largest_move(&step) > RUNAWAY_MOVE;
    if evaluation.separated || runs_away {
        return Err(FitError::Separated);
    }
    Ok(step)
}

/// `-H⁻¹ g`, or `None` when the Hessian is not positive-definite.
pub(super) fn newton_step(evaluation: &Evaluation) -> Option<Vec<f64>> {
    let factor = Cholesky::factor(&evaluation.hessian, evaluation.gradient.len()).ok()?;
    let mut step: Vec<f64> = evaluation.gradient.iter().map(|g| -g).collect();
    factor.solve(&mut step);
    step.iter().all(|value| value.is_finite()).then_some(step)
}

/// The longest of the step's halvings that does not raise the objective.
fn descend(
    problem: &Problem<'_>,
    from: &[f64],
    at: &Evaluation,
    step: &[f64],
) -> Option<(Vec<f64>, Evaluation)> {
    // Near the optimum a step changes the objective by less than it is rounded.
    let ceiling = at.objective + 1e-12 * at.objective.abs();
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next: Vec<f64> = from
            .iter()
            .zip(step)
            .map(|(from, step)| from + length * step)
            .collect();
        let point = problem.evaluate(&next);
        if point.objective <= ceiling {
            return Some((next, point));
        }
        length *= 0.5;
    }
    None
}
