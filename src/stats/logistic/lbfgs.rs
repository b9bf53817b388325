//! `linfa-logistic`'s L-BFGS as the alternative solver.

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::super::matrix::Matrix;
use super::fit::FitError;
use super::newton::{Effort, Solution, certified, judge, newton_step};
use super::problem::Problem;

/// Tightest tolerance the solver can honour: see [`LogisticParams::tolerance`](super::LogisticParams).
const TIGHTEST: f64 = 1e-3;
/// Tolerance at which the gradient counts as vanished when classes may be separated.
const VANISHING: f64 = 1e-4;
/// Multiple of the gradient's rounding error at which the search stops.
const ROUNDING_MARGIN: f64 = 5.0;
/// L-BFGS steps that cost about as much as one of Newton's.
const STEPS_PER_ITERATION: u64 = 10;

/// Minimises the objective with `linfa-logistic` and judges the point that it returns; `design` and
/// `events` are the problem's rows, none of which has a weight.
pub(super) fn solve(
    problem: &Problem<'_>,
    design: &Matrix,
    events: &[bool],
    effort: Effort,
) -> Result<Solution, FitError> {
    let null = problem.evaluate(&problem.null_coefficients())?;
    newton_step(&null).ok_or(FitError::Singular)?;

    let (intercept, weights) = fit(problem, design, events, effort)?;
    if !(intercept.is_finite() && weights.iter().all(|weight| weight.is_finite())) {
        return Err(FitError::Solver("L-BFGS diverged".into()));
    }
    let coefficients = problem.rows.scaled(intercept, &weights);
    let evaluation = problem.evaluate(&coefficients)?;
    let tolerance = effort.tolerance.max(TIGHTEST);
    let step = judge(
        problem,
        &coefficients,
        &evaluation,
        problem.gradient_bound(VANISHING),
    )?;
    Ok(Solution {
        converged: certified(problem, &coefficients, &evaluation, &step, tolerance),
        coefficients,
        evaluation,
        iterations: 0,
        tolerance,
    })
}

/// Intercept and weights of the *event's* log-odds.
///
/// `linfa-logistic` models the more frequent class, and on a tie the one it meets first, so the
/// sign of what it returns depends on prevalence and row order. This is the only place that knows.
fn fit(
    problem: &Problem<'_>,
    design: &Matrix,
    events: &[bool],
    effort: Effort,
) -> Result<(f64, Vec<f64>), FitError> {
    let targets = Array1::from(events.to_vec());
    // Its `alpha` is scikit-learn's 1 / C: both sum, not average, the log-losses.
    let alpha = problem.inverse_strength().map_or(0.0, f64::recip);
    let fitted = LogisticRegression::default()
        .alpha(alpha)
        .max_iterations(u64::from(effort.max_iterations) * STEPS_PER_ITERATION)
        .gradient_tolerance(effort.tolerance.max(noise_floor(problem)))
        .fit(&Dataset::new(centred(problem, design)?, targets))
        .map_err(|error| FitError::Solver(error.to_string()))?;
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f64> = fitted.params().iter().map(|weight| sign * weight).collect();
    let shift: f64 = weights
        .iter()
        .zip(&problem.rows.mean)
        .map(|(w, m)| w * m)
        .sum();
    Ok((sign * fitted.intercept() - shift, weights))
}

/// Norm of the gradient below which the search must not go.
///
/// The line search has no limit of its own. Once a step gains less than the objective `f` is
/// rounded, `g² / 2h < ε f` for a curvature `h`, it may compare noise with noise for ever; so the
/// search ends well before, at a multiple of `√(ε f h)`. Both are taken at their largest: `f` of
/// the null model, and `h` of the column with the largest deviation at even odds.
fn noise_floor(problem: &Problem<'_>) -> f64 {
    let widest = problem.rows.deviation.iter().copied().fold(0.0, f64::max);
    let curvature = 0.25 * problem.rows.total_weight * (1.0 + widest * widest);
    let objective = -problem.null_log_likelihood();
    ROUNDING_MARGIN * (f64::EPSILON * objective * curvature).sqrt()
}

/// The design with centred columns: the free intercept makes up for it, and the search, which has
/// no second derivatives to go by, is spared the correlation with the intercept. Scaling would
/// change the penalty. Constant columns become zeros, whose weights stay where they start, at 0.
fn centred(problem: &Problem<'_>, design: &Matrix) -> Result<Array2<f64>, FitError> {
    let mut values = Vec::with_capacity(design.as_slice().len());
    for row in 0..design.rows() {
        let columns = design.row(row).iter().zip(&problem.rows.mean);
        let columns = columns.zip(&problem.rows.deviation);
        values.extend(columns.map(
            |((value, mean), deviation)| {
                if *deviation > 0.0 { value - mean } else { 0.0 }
            },
        ));
    }
    Array2::from_shape_vec((design.rows(), design.columns()), values)
        .map_err(|error| FitError::Solver(error.to_string()))
}
