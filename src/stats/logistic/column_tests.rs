//! Likelihood-ratio tests of one column at a time.

use super::firth;
use super::fit::{FitError, LikelihoodRatio};
use super::inference::likelihood_ratio;
use super::newton::{self, Effort};
use super::problem::{Problem, Restraint};

/// Each column against the model without it.
pub(super) fn unpenalised(
    problem: &Problem<'_>,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<LikelihoodRatio>, FitError> {
    if !(problem.is_unpenalised() && problem.is_smooth()) {
        return Err(FitError::NoTest);
    }
    let log_likelihood = |problem: &Problem<'_>| {
        let solution = newton::solve(problem, effort, cancelled)?;
        if solution.converged {
            Ok(solution.evaluation.log_likelihood)
        } else {
            Err(FitError::NotConverged)
        }
    };
    let full = log_likelihood(problem)?;
    let rows = &problem.rows;
    let restraint = Restraint {
        inverse_strength: None,
        l1_ratio: 0.0,
        signs: &[],
    };
    let columns = rows.design.columns();
    let test = |column: usize| {
        if rows.scale[column] <= 0.0 {
            return Ok(likelihood_ratio(full, full, 0));
        }
        let others: Vec<usize> = (0..columns).filter(|&other| other != column).collect();
        let design = rows.design.select_columns(&others);
        let smaller = Problem::new(&design, rows.events, rows.weights, restraint)?;
        Ok(likelihood_ratio(full, log_likelihood(&smaller)?, 1))
    };
    (0..columns).map(test).collect()
}

/// Each column at 0 under Firth's penalty.
pub(super) fn penalised(
    problem: &Problem<'_>,
    effort: Effort,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<LikelihoodRatio>, FitError> {
    let order = problem.rows.design.columns() + 1;
    let all: Vec<usize> = (0..order).collect();
    let null = problem.null_coefficients();
    let full = firth::maximise(problem, &null, &all, effort, cancelled)?.certain()?;
    let test = |column: usize| {
        if problem.rows.scale[column] <= 0.0 {
            return Ok(likelihood_ratio(full.objective, full.objective, 0));
        }
        let others: Vec<usize> = (0..order).filter(|&at| at != column + 1).collect();
        let mut start = full.coefficients.clone();
        start[column + 1] = 0.0;
        let smaller = firth::maximise(problem, &start, &others, effort, cancelled)?.certain()?;
        Ok(likelihood_ratio(-full.objective, -smaller.objective, 1))
    };
    (0..order - 1).map(test).collect()
}
