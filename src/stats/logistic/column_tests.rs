//! Likelihood-ratio tests of one column at a time.

use super::super::matrix::Matrix;
use super::blocks::MatrixBlocks;
use super::firth;
use super::fit::{FitError, LikelihoodRatio};
use super::inference::likelihood_ratio;
use super::newton::{self, Effort};
use super::problem::{PenaltyUnit, Problem, Restraint};

/// Each column against the model without it; `data` are the problem's rows, events and weights.
pub(super) fn unpenalised(
    problem: &Problem<'_>,
    data: (&Matrix, &[bool], Option<&[f64]>),
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
        unit: PenaltyUnit::Column,
    };
    let columns = rows.columns();
    let (design, events, weights) = data;
    let test = |column: usize| {
        if rows.scale[column] <= 0.0 {
            return Ok(likelihood_ratio(full, full, 0));
        }
        let others: Vec<usize> = (0..columns).filter(|&other| other != column).collect();
        let design = design.select_columns(&others);
        let source = MatrixBlocks::new(&design, events, weights)?;
        let smaller = Problem::new(&source, restraint, cancelled)?;
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
    let order = problem.rows.columns() + 1;
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
