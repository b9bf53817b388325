//! Newton's method with step halving, and the judgement of a point that both solvers share.

use super::super::matrix::Cholesky;
use super::approach;
use super::fit::{Convergence, FitError, LogisticFit, Solver};
use super::inference;
use super::problem::{Evaluation, Problem};
use super::quadratic;
use super::sums::Depth;
use super::vicinity::Vicinity;

/// A step that moves no log-odds by more than this is not worth taking: the optimum is that near.
pub(super) const NEGLIGIBLE_MOVE: f64 = 1e-11;
/// The Hessian of a point this near, by the log-odds of any row, differs by no larger a share.
const NEARBY_MOVE: f64 = 1e-5;
/// As [`NEGLIGIBLE_MOVE`], where there are many rows.
const NEGLIGIBLE_AMONG_MANY: f64 = 1e-9;
/// A certified point's step moves no log-odds by more than this.
pub(super) const SMALL_MOVE: f64 = 1e-3;
/// A vanished gradient whose step still moves a log-odds by this much points to infinity.
const RUNAWAY_MOVE: f64 = 0.5;
/// A gradient below this share of an average row's weight has vanished.
const VANISHING_SHARE: f64 = 1e-4;
/// Halvings before a direction is given up.
pub(super) const HALVINGS: u32 = 40;
/// Share of an objective's magnitude that counts as rounding.
pub(super) const ROUNDING: f64 = 1e-12;

/// How long a solver may try, and for what.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// Steps at most.
    pub(super) max_iterations: u32,
    /// Bound of the certificate.
    pub(super) tolerance: f64,
    /// A certified point whose step moves no log-odds by more than this is final.
    pub(super) negligible_move: f64,
}

impl Effort {
    pub(super) fn new(max_iterations: u32, tolerance: f64) -> Self {
        Self {
            max_iterations,
            tolerance,
            negligible_move: NEGLIGIBLE_MOVE,
        }
    }
}

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
        let (coefficients, at) = (&self.coefficients, &self.evaluation);
        let (intercept, weights) = problem.rows.unscaled(coefficients);
        let (inference, statistics) = inference::at(problem, coefficients, at, intercept, &weights);
        let has_many_rows = problem.rows.sample.is_some();
        let vicinity = (solver == Solver::Newton && has_many_rows)
            .then(|| Vicinity::of(problem, coefficients, at));
        LogisticFit {
            inference,
            statistics,
            vicinity,
            ..self.into_plain_fit(problem, solver)
        }
    }

    /// As [`into_fit`](Self::into_fit), without anything that the Hessian tells.
    pub(super) fn into_plain_fit(self, problem: &Problem<'_>, solver: Solver) -> LogisticFit {
        let (intercept, weights) = problem.rows.unscaled(&self.coefficients);
        LogisticFit {
            intercept,
            weights,
            log_likelihood: self.evaluation.log_likelihood,
            null_log_likelihood: problem.null_log_likelihood(),
            convergence: Convergence {
                converged: self.converged,
                solver,
                iterations: self.iterations,
                gradient_sup_norm: problem
                    .unscaled_residual_norm(&self.coefficients, &self.evaluation),
                tolerance: self.tolerance,
            },
            inference: None,
            statistics: None,
            vicinity: None,
        }
    }
}

/// Minimises the objective, from near the optimum if there is a way to get there, otherwise from the
/// intercept-only model.
pub(super) fn solve(
    problem: &Problem<'_>,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Solution, FitError> {
    if let Some(start) = approach::near_optimum(problem, cancelled)? {
        let solution = solve_from(problem, start, effort, cancelled);
        // What a point far from the null model betrays may be that point's fault.
        if !matches!(solution, Err(FitError::Singular | FitError::Separated)) {
            return solution;
        }
    }
    solve_from(problem, problem.null_coefficients(), effort, cancelled)
}

/// Minimises the objective from a point that meets the constraints.
///
/// Newton doubles the correct digits with every step, so when the gradient meets the bound but the
/// next step would still be felt, that step is taken too: the coefficients returned are within
/// 1e-10 of the optimum, not merely within what the tolerance asks.
pub(super) fn solve_from(
    problem: &Problem<'_>,
    start: Vec<f64>,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Solution, FitError> {
    let bound = problem.gradient_bound(effort.tolerance);
    let has_many_rows = problem.rows.sample.is_some();
    let negligible = if has_many_rows {
        NEGLIGIBLE_AMONG_MANY.max(effort.negligible_move)
    } else {
        effort.negligible_move
    };
    let rows = problem.rows.count() as f64;
    let vanishing = VANISHING_SHARE * problem.rows.total_weight / rows;
    let mut coefficients = start;
    let mut evaluation = problem.evaluate(&coefficients)?;
    // At the null model all rows weigh alike, so that a bad pivot can only mean collinear columns.
    // With constraints the step itself looks at the free columns only.
    if problem.is_unpenalised() && problem.is_constrained() {
        newton_step(&evaluation).ok_or(FitError::Singular)?;
    }
    let mut step = direction(problem, &coefficients, &evaluation).ok_or(FitError::Singular)?;
    let mut iterations = 0;
    while iterations < effort.max_iterations {
        if cancelled() {
            return Err(FitError::Cancelled);
        }
        let residual = problem.residual_norm(&coefficients, &evaluation);
        let reach = problem.rows.largest_move(&step);
        let certified = residual <= bound;
        if certified && reach <= negligible {
            break;
        }
        // Where there are many rows, a Hessian from so near by will do.
        let keep = has_many_rows && reach <= NEARBY_MOVE;
        let Some((next, point)) = descend(problem, &coefficients, &evaluation, &step, keep)? else {
            break;
        };
        let stalled = certified && problem.residual_norm(&next, &point) >= residual;
        if stalled {
            break;
        }
        (coefficients, evaluation) = (next, point);
        iterations += 1;
        step = judge(problem, &coefficients, &evaluation, vanishing)?;
    }
    Ok(Solution {
        converged: certified(problem, &coefficients, &evaluation, &step, effort.tolerance),
        coefficients,
        evaluation,
        iterations,
        tolerance: effort.tolerance,
    })
}

/// The certificate of the module, for a point and the Newton step from it.
pub(super) fn certified(
    problem: &Problem<'_>,
    coefficients: &[f64],
    evaluation: &Evaluation,
    step: &[f64],
    tolerance: f64,
) -> bool {
    problem.residual_norm(coefficients, evaluation) <= problem.gradient_bound(tolerance)
        && problem.rows.largest_move(step) <= SMALL_MOVE
}

/// The next Newton step from a point, or why there can be no optimum.
///
/// The columns are known not to be collinear. Without a penalty, three things prove or betray
/// separated classes: every row is on its own side; the Hessian has lost a direction on the way; or
/// the gradient has vanished while Newton still wants to go far. Constraints change nothing of that:
/// a point that meets them does so at any multiple.
pub(super) fn judge(
    problem: &Problem<'_>,
    coefficients: &[f64],
    evaluation: &Evaluation,
    vanishing: f64,
) -> Result<Vec<f64>, FitError> {
    let step = direction(problem, coefficients, evaluation);
    if !problem.is_unpenalised() {
        return step.ok_or(FitError::Singular);
    }
    let step = step.ok_or(FitError::Separated)?;
    let runs_away = problem.residual_norm(coefficients, evaluation) <= vanishing
        && problem.rows.largest_move(&step) > RUNAWAY_MOVE;
    if evaluation.separated || runs_away {
        return Err(FitError::Separated);
    }
    Ok(step)
}

/// The step to the minimum of the quadratic model, or `None` when there is none.
pub(super) fn direction(
    problem: &Problem<'_>,
    coefficients: &[f64],
    evaluation: &Evaluation,
) -> Option<Vec<f64>> {
    if problem.is_smooth() {
        newton_step(evaluation)
    } else {
        quadratic::step(problem, coefficients, evaluation)
    }
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
    keep_hessian: bool,
) -> Result<Option<(Vec<f64>, Evaluation)>, FitError> {
    // Near the optimum a step changes the objective by less than it is rounded.
    let ceiling = at.objective + ROUNDING * at.objective.abs();
    let next = moved(from, step, 1.0);
    let point = if keep_hessian {
        Evaluation {
            hessian: at.hessian.clone(),
            ..problem.evaluate_to(&next, Depth::Gradient)?
        }
    } else {
        problem.evaluate(&next)?
    };
    if point.objective <= ceiling {
        return Ok(Some((next, point)));
    }
    let mut length = 0.5;
    for _ in 1..HALVINGS {
        let next = moved(from, step, length);
        if problem.evaluate_to(&next, Depth::Likelihood)?.objective <= ceiling {
            let point = problem.evaluate(&next)?;
            return Ok(Some((next, point)));
        }
        length *= 0.5;
    }
    Ok(None)
}

/// The point at a multiple of a step.
pub(super) fn moved(from: &[f64], step: &[f64], length: f64) -> Vec<f64> {
    let pairs = from.iter().zip(step);
    pairs.map(|(from, step)| from + length * step).collect()
}
