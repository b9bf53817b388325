//! The way to the optimum's neighbourhood when there are many rows.
//!
//! The optimum of a sample is off by the sample's error only. From there, the sample stands in for
//! the curvature of the whole, and all rows are asked for their gradient alone: the next point
//! minimises the sample's objective, tilted so that its gradient is that of all rows (Shamir, Srebro
//! and Zhang 2014; Jordan, Lee and Yang 2019, *Communication-efficient distributed statistical
//! inference*). Each such round divides the distance by an order of magnitude, at a third of the
//! cost of a Newton step. Where the search ends is not affected, only how soon.

use super::fit::FitError;
use super::newton::{self, Effort, moved};
use super::problem::{Evaluation, Problem};
use super::sums::Depth;

/// The sample's own search: its optimum is off by more than this anyway.
const SAMPLE: Effort = Effort {
    max_iterations: 30,
    tolerance: 1.0,
    negligible_move: 5e-2,
};
/// Rounds at most.
const ROUNDS: u32 = 4;
/// A distance, by the log-odds of any row, that Newton's method squares away.
const NEAR: f64 = 0.03;
/// What the first round is expected to leave of the distance; later ones go by what they see.
const FIRST_SHARE: f64 = 0.1;
/// A round that leaves more than this of the last one's move is no help.
const SLOW: f64 = 0.5;
/// Steps towards the minimum of the tilted sample.
const INNER_STEPS: u32 = 2;

/// A point near the optimum, if the problem has a sample and it is of use.
pub(super) fn near_optimum(
    problem: &Problem<'_>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Vec<f64>>, FitError> {
    let Some(blocks) = problem.sample_blocks()? else {
        return Ok(None);
    };
    let Some(sample) = problem.on_sample(&blocks)? else {
        return Ok(None);
    };
    let mut point = match newton::solve(&sample, SAMPLE, cancelled) {
        Ok(solution) => solution.coefficients,
        Err(error @ (FitError::Cancelled | FitError::Blocks(_))) => return Err(error),
        Err(_) => return Ok(None),
    };
    let mut last: Option<(f64, Vec<f64>, f64)> = None;
    for _ in 0..ROUNDS {
        let whole = problem.evaluate_to(&point, Depth::Gradient)?;
        if let Some((objective, before, _)) = &last
            && whole.objective > *objective
        {
            return Ok(Some(before.clone()));
        }
        let Some(step) = tilted_step(problem, &sample, &point, &whole)? else {
            break;
        };
        let length = problem.rows.largest_move(&step);
        let share = match &last {
            Some((_, _, before)) => length / before,
            None => FIRST_SHARE,
        };
        let next = moved(&point, &step, 1.0);
        last = Some((whole.objective, std::mem::replace(&mut point, next), length));
        if share > SLOW || share * length <= NEAR {
            break;
        }
    }
    Ok(Some(point))
}

/// The way from a point to the minimum of the tilted sample, as good as, or `None` without one.
fn tilted_step(
    problem: &Problem<'_>,
    sample: &Problem<'_>,
    from: &[f64],
    whole: &Evaluation,
) -> Result<Option<Vec<f64>>, FitError> {
    let share = problem.rows.total_weight / sample.rows.total_weight;
    let mut local = sample.evaluate(from)?;
    for value in &mut local.hessian {
        *value *= share;
    }
    let tilt: Vec<f64> = whole
        .gradient
        .iter()
        .zip(&local.gradient)
        .map(|(a, b)| a - share * b)
        .collect();
    let mut point = from.to_vec();
    for step in 0..INNER_STEPS {
        if step > 0 {
            local.gradient = sample.evaluate_to(&point, Depth::Gradient)?.gradient;
        }
        for (gradient, tilt) in local.gradient.iter_mut().zip(&tilt) {
            *gradient = share * *gradient + tilt;
        }
        let Some(step) = newton::direction(problem, &point, &local) else {
            return Ok(None);
        };
        point = moved(&point, &step, 1.0);
    }
    let pairs = point.iter().zip(from);
    Ok(Some(pairs.map(|(to, from)| to - from).collect()))
}
