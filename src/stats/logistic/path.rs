//! Fits along a list of strengths, each started from the one before.

use super::fit::{FitError, LogisticFit, Solver};
use super::newton::{Effort, solve_from};
use super::params::check_strength;
use super::problem::Problem;

/// One fit of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathPoint {
    /// `C` of this fit.
    pub inverse_strength: f64,
    /// The fit.
    pub fit: LogisticFit,
}

/// `points` strengths from `first` to `first × span`, in geometric progression.
///
/// With the entry strength as `first` and a `span` of 1000, this is the usual grid of a LASSO path:
/// from the strength at which no column is in, upwards. A single point is `first`. Strengths are not
/// checked here: [`CheckedSpec::path`](super::CheckedSpec::path) refuses what is out of range.
pub fn strength_grid(first: f64, span: f64, points: usize) -> Vec<f64> {
    let steps = points.saturating_sub(1).max(1) as f64;
    let share = |point: usize| first * libm::pow(span, point as f64 / steps);
    (0..points).map(share).collect()
}

/// The fits at the given strengths.
pub(super) fn along(
    problem: &mut Problem<'_>,
    strengths: &[f64],
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<PathPoint>, FitError> {
    if problem.is_unpenalised() {
        return Err(FitError::NoStrength);
    }
    let out_of_range = |strength: &f64| check_strength(*strength).is_err();
    if let Some(index) = strengths.iter().position(out_of_range) {
        return Err(FitError::StrengthOutOfRange { index });
    }
    let mut start = problem.null_coefficients();
    let mut points = Vec::with_capacity(strengths.len());
    for &inverse_strength in strengths {
        problem.set_inverse_strength(inverse_strength);
        let solution = solve_from(problem, start, effort, cancelled)?;
        start = solution.coefficients.clone();
        points.push(PathPoint {
            inverse_strength,
            fit: solution.into_fit(problem, Solver::Newton),
        });
    }
    Ok(points)
}

/// See [`CheckedSpec::entry_strength`](super::CheckedSpec::entry_strength).
pub(super) fn entry_strength(problem: &Problem<'_>) -> Result<f64, FitError> {
    if !problem.is_sparse() {
        return Ok(0.0);
    }
    let null = problem.evaluate(&problem.null_coefficients())?;
    let columns = null.gradient[1..].iter().zip(&problem.rows.deviation);
    let pull = columns.enumerate().map(|(column, (gradient, deviation))| {
        // Downhill is against the gradient, and counts where the signs let the coefficient go.
        problem
            .sign(column + 1)
            .nearest(-deviation * gradient)
            .abs()
    });
    Ok(problem.l1_ratio() / pull.fold(0.0, f64::max))
}
