//! LASSO: the features that a logistic regression with the L1 penalty keeps.

use super::{
    design::Candidates,
    error::SelectionError,
    params::LassoParams,
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
};
use crate::stats::{CheckedSpec, LogisticFit, LogisticSpec, PathPoint, Penalty, strength_grid};

/// Strengths at which it is seen whether a feature is in, from the first one's entry up to `C`.
const PATH_POINTS: usize = 25;
/// Strengths below this are not fitted; no feature is in at any of them.
const LEAST_STRENGTH: f64 = 1e-30;

/// A regression with the L1 penalty, the strength aside.
pub(super) fn l1(max_iterations: u32, tolerance: f64) -> Result<CheckedSpec, SelectionError> {
    let spec = LogisticSpec {
        penalty: Penalty::L1 {
            inverse_strength: 1.0,
        },
        max_iterations,
        tolerance,
        ..LogisticSpec::default()
    };
    Ok(spec.check()?)
}

/// Selects what has a coefficient at the strength `C`; the score is its magnitude, in log-odds per
/// standard deviation.
pub(super) fn select(
    candidates: &Candidates<'_>,
    params: &LassoParams,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let spec = l1(params.max_iter, LogisticSpec::default().tolerance)?;
    let (design, events) = (&candidates.design, &candidates.events);
    let entry = spec.entry_strength(design, events, None)?;
    let strength = params.inverse_strength.max(LEAST_STRENGTH);
    let strengths = if entry < strength {
        let mut grid = strength_grid(entry, strength / entry, PATH_POINTS);
        // The last power may miss the strength by its rounding.
        if let Some(last) = grid.last_mut() {
            *last = strength;
        }
        grid
    } else {
        vec![strength]
    };
    let path = spec.path(design, events, None, &strengths, cancelled)?;
    let Some(PathPoint { fit, .. }) = path.last() else {
        return Ok(SelectionResult::of(
            SelectionMethod::Lasso,
            Vec::new(),
            Facts::default(),
        ));
    };
    if !fit.convergence.converged {
        return Err(SelectionError::NotConverged(fit.convergence.clone()));
    }
    let scored = (0..candidates.len()).map(|at| candidate(candidates, at, fit, &path));
    Ok(SelectionResult::of(
        SelectionMethod::Lasso,
        scored.collect(),
        findings(params, entry, fit),
    ))
}

fn candidate(
    candidates: &Candidates<'_>,
    at: usize,
    fit: &LogisticFit,
    path: &[PathPoint],
) -> Candidate {
    let coefficient = fit.weights[at];
    let facts = Facts::default()
        .text("characteristic", candidates.characteristic(at))
        .number("coefficient", coefficient)
        .number(
            "coefficient_per_unit",
            coefficient / candidates.set.standard_deviation[at],
        );
    let entered = path.iter().find(|point| is_in(point.fit.weights[at]));
    let facts = match entered {
        Some(point) => facts.number("enters_at_C", point.inverse_strength),
        None => facts,
    };
    Candidate {
        name: candidates.name(at),
        score: coefficient.abs(),
        tie_breaker: 0.0,
        selected: is_in(coefficient),
        facts,
    }
}

/// Whether a coefficient is other than exactly 0.
pub(super) fn is_in(coefficient: f64) -> bool {
    coefficient.abs() > 0.0
}

fn findings(params: &LassoParams, entry: f64, fit: &LogisticFit) -> Facts {
    let convergence = &fit.convergence;
    Facts::default()
        .number("C", params.inverse_strength)
        .number("entry_C", entry)
        .count("max_iter", params.max_iter)
        .flag("converged", convergence.converged)
        .count("n_iterations", convergence.iterations)
        .number("gradient_sup_norm", convergence.gradient_sup_norm)
        .number("tolerance", convergence.tolerance)
        .text("scale", "log-odds per standard deviation")
        .number("log_likelihood", fit.log_likelihood)
        .number("null_log_likelihood", fit.null_log_likelihood)
}
