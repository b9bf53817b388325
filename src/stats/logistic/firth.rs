//! Firth's penalised likelihood: the log-likelihood plus half the log-determinant of the
//! information (Firth 1993, *Bias reduction of maximum likelihood estimates*; Heinze and Schemper
//! 2002, *A solution to the problem of separation in logistic regression*).
//!
//! With `hᵢ` the diagonal of the weighted hat matrix, the gradient to be annulled is the modified
//! score `Σ [wᵢ (yᵢ - pᵢ) + hᵢ (½ - pᵢ)] xᵢ`. Steps are Fisher scoring's. Where those gain ground
//! only slowly, as under separation, the curvature of the determinant is taken in (see
//! [`determinant`]), which makes them Newton's.

use super::super::matrix::Cholesky;
use super::determinant::{self, Point};
use super::fit::{FitError, LogisticFit, Solver};
use super::inference::likelihood_ratio;
use super::newton::{Effort, HALVINGS, NEGLIGIBLE_MOVE, ROUNDING, SMALL_MOVE, Solution, moved};
use super::problem::{Evaluation, Problem};

/// A step that leaves more than this share of the score makes for a slow ascent.
const SLOW: f64 = 0.5;
/// Coordinates up to which the curvature of the determinant is worth its cost, `n · order³ / 2`.
const LARGEST_ORDER: usize = 128;
/// Share of the objective's terms below which a gain may be lost in their rounding, which grows with
/// the condition of the information.
const BLIND_SHARE: f64 = 1e-9;

/// Where the ascent ended.
pub(super) struct Ascent {
    pub(super) coefficients: Vec<f64>,
    /// Negative penalised log-likelihood.
    pub(super) objective: f64,
    evaluation: Evaluation,
    iterations: u32,
    converged: bool,
}

impl Ascent {
    /// The ascent, if it got to the top.
    pub(super) fn certain(self) -> Result<Self, FitError> {
        if self.converged {
            Ok(self)
        } else {
            Err(FitError::NotConverged)
        }
    }
}

/// The fit, with the penalised likelihood-ratio test of all columns together.
pub(super) fn fit(
    problem: &Problem<'_>,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<LogisticFit, FitError> {
    let start = problem.null_coefficients();
    let all: Vec<usize> = (0..start.len()).collect();
    let null = maximise(problem, &start, &all[..1], effort, cancelled)?;
    let full = maximise(problem, &null.coefficients, &all, effort, cancelled)?;
    let test = likelihood_ratio(-full.objective, -null.objective, problem.rows.varying());
    let solution = Solution {
        converged: full.converged && null.converged,
        coefficients: full.coefficients,
        evaluation: full.evaluation,
        iterations: full.iterations,
        tolerance: effort.tolerance,
    };
    let mut fit = solution.into_fit(problem, Solver::Newton);
    if let Some(statistics) = &mut fit.statistics {
        statistics.likelihood_ratio = Some(test);
    }
    Ok(fit)
}

/// Maximises over the `free` coordinates; the others stay where they are, but are counted in the
/// information.
pub(super) fn maximise(
    problem: &Problem<'_>,
    start: &[f64],
    free: &[usize],
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Ascent, FitError> {
    let bound = problem.gradient_bound(effort.tolerance);
    let mut point = Point::at(problem, start.to_vec())?.ok_or(FitError::Singular)?;
    let mut gradient = determinant::modified_gradient(problem, &point)?;
    let mut size = largest(&gradient, free);
    let mut slow = false;
    let (mut iterations, mut converged) = (0, false);
    while iterations < effort.max_iterations {
        if cancelled() {
            return Err(FitError::Cancelled);
        }
        let step = direction(problem, &point, &gradient, free, slow)?.ok_or(FitError::Singular)?;
        let reach = problem.rows.largest_move(&step.change);
        converged = size <= bound && reach <= SMALL_MOVE;
        if converged && reach <= NEGLIGIBLE_MOVE {
            break;
        }
        let blind = step.gain <= BLIND_SHARE * point.magnitude;
        let Some(next) = advance(problem, &point, &step, blind)? else {
            break;
        };
        iterations += 1;
        let next_gradient = determinant::modified_gradient(problem, &next)?;
        let next_size = largest(&next_gradient, free);
        let stalled = (blind || converged) && next_size >= size;
        if stalled && (step.exact || slow) {
            break;
        }
        slow = next_size > SLOW * size;
        if !stalled {
            (point, gradient, size) = (next, next_gradient, next_size);
        }
    }
    let mut evaluation = point.evaluation;
    evaluation.gradient = gradient;
    Ok(Ascent {
        coefficients: point.coefficients,
        objective: point.objective,
        evaluation,
        iterations,
        converged,
    })
}

/// Largest magnitude among the free coordinates.
fn largest(gradient: &[f64], free: &[usize]) -> f64 {
    free.iter()
        .fold(0.0, |max, &at| gradient[at].abs().max(max))
}

struct Step {
    change: Vec<f64>,
    /// Whether it takes in the curvature of the determinant.
    exact: bool,
    /// What the objective should fall by.
    gain: f64,
}

/// A step uphill, `None` when it is not finite.
fn direction(
    problem: &Problem<'_>,
    point: &Point,
    gradient: &[f64],
    free: &[usize],
    slow: bool,
) -> Result<Option<Step>, FitError> {
    let information = &point.evaluation.hessian;
    let exact = if slow && gradient.len() <= LARGEST_ORDER {
        Cholesky::factor(&determinant::hessian(problem, point, free)?, free.len()).ok()
    } else {
        None
    };
    let is_exact = exact.is_some();
    let scoring = || Cholesky::factor(&part(information, gradient.len(), free), free.len()).ok();
    let Some(factor) = exact.or_else(scoring) else {
        return Ok(None);
    };
    let mut solved: Vec<f64> = free.iter().map(|&at| -gradient[at]).collect();
    factor.solve(&mut solved);
    let mut change = vec![0.0; gradient.len()];
    for (&at, value) in free.iter().zip(&solved) {
        change[at] = *value;
    }
    let slope: f64 = gradient.iter().zip(&change).map(|(g, d)| g * d).sum();
    let finite = change.iter().all(|value| value.is_finite());
    Ok(finite.then_some(Step {
        change,
        exact: is_exact,
        gain: -0.5 * slope,
    }))
}

/// The rows and columns of a lower triangle that belong to free coordinates.
fn part(matrix: &[f64], order: usize, free: &[usize]) -> Vec<f64> {
    let mut part = vec![0.0; free.len() * free.len()];
    for (i, &row) in free.iter().enumerate() {
        for (j, &column) in free[..=i].iter().enumerate() {
            part[i * free.len() + j] = matrix[row * order + column];
        }
    }
    part
}

/// The longest of the step's halvings that does not raise the objective; the whole step when the
/// objective is `blind` to it.
fn advance(
    problem: &Problem<'_>,
    from: &Point,
    step: &Step,
    blind: bool,
) -> Result<Option<Point>, FitError> {
    let ceiling = if blind {
        f64::INFINITY
    } else {
        from.objective + ROUNDING * from.magnitude
    };
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next = moved(&from.coefficients, &step.change, length);
        if let Some(point) = Point::at(problem, next)?
            && point.objective <= ceiling
        {
            return Ok(Some(point));
        }
        length *= 0.5;
    }
    Ok(None)
}
