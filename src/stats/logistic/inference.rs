//! Standard errors, Wald tests, intervals and information criteria from the Hessian at the fit.

use super::super::distributions::chi_square_p_value;
use super::super::matrix::Cholesky;
use super::super::two_sided_p_value;
use super::fit::{FitStatistics, Inference, LikelihoodRatio};
use super::problem::{Evaluation, Problem};

/// 97.5 % quantile of the standard normal distribution.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// Inference for coefficients in the caller's units, and measures of the whole model.
///
/// `scaled` are the same coefficients in the problem's coordinates. Both are `None` when the Hessian
/// of the coefficients that are not held at 0 is not positive-definite; the inference also with an
/// L1 penalty.
pub(super) fn at(
    problem: &Problem<'_>,
    scaled: &[f64],
    evaluation: &Evaluation,
    intercept: f64,
    weights: &[f64],
) -> (Option<Inference>, Option<FitStatistics>) {
    let held = problem.held(scaled);
    let Ok(factor) = Cholesky::factor(&without(&evaluation.hessian, &held), held.len()) else {
        return (None, None);
    };
    let variance = factor.inverse_diagonal();
    let statistics = statistics(problem, evaluation, &held, &variance);
    if problem.is_sparse() {
        return (None, Some(statistics));
    }
    let mut std_error: Vec<f64> = variance.iter().map(|variance| variance.sqrt()).collect();
    for (j, scale) in problem.rows.scale.iter().enumerate() {
        std_error[j + 1] *= if held[j + 1] { 0.0 } else { *scale };
    }
    std_error[0] = intercept_error(problem, &held, &factor);
    let coefficients: Vec<f64> = std::iter::once(intercept)
        .chain(weights.iter().copied())
        .collect();
    (Some(wald(&coefficients, std_error)), Some(statistics))
}

/// Tests and intervals of coefficients with these standard errors.
fn wald(coefficients: &[f64], std_error: Vec<f64>) -> Inference {
    // A pinned coefficient is known, not estimated: no error, and nothing to test.
    let z: Vec<f64> = coefficients
        .iter()
        .zip(&std_error)
        .map(|(b, error)| if *error > 0.0 { b / error } else { 0.0 })
        .collect();
    let bound = |sign: f64| {
        let pairs = coefficients.iter().zip(&std_error);
        pairs
            .map(|(b, error)| b + sign * QUANTILE * error)
            .collect()
    };
    Inference {
        p_value: z.iter().map(|z| two_sided_p_value(*z)).collect(),
        ci95_low: bound(-1.0),
        ci95_high: bound(1.0),
        z,
        std_error,
    }
}

/// The Hessian with the held coordinates cut off from the others.
fn without(hessian: &[f64], held: &[bool]) -> Vec<f64> {
    let order = held.len();
    let mut kept = hessian.to_vec();
    for (at, value) in kept.iter_mut().enumerate() {
        let (row, column) = (at / order, at % order);
        if held[row] || held[column] {
            *value = if row == column { 1.0 } else { 0.0 };
        }
    }
    kept
}

/// The intercept at `x = 0` is `γ₀ - Σ γⱼ meanⱼ / deviationⱼ`, so its variance is `aᵀ H⁻¹ a` with
/// those factors as `a`.
fn intercept_error(problem: &Problem<'_>, held: &[bool], factor: &Cholesky) -> f64 {
    let columns = problem.rows.mean.iter().zip(&problem.rows.scale);
    let columns = columns.zip(&held[1..]);
    let factors: Vec<f64> = std::iter::once(1.0)
        .chain(columns.map(|((m, s), held)| if *held { 0.0 } else { -m * s }))
        .collect();
    let mut solved = factors.clone();
    factor.solve(&mut solved);
    let variance: f64 = factors.iter().zip(&solved).map(|(a, b)| a * b).sum();
    variance.sqrt()
}

fn statistics(
    problem: &Problem<'_>,
    evaluation: &Evaluation,
    held: &[bool],
    variance: &[f64],
) -> FitStatistics {
    // The trace of I H⁻¹, with I = H - penalty'': 1 per coordinate less what the penalty takes.
    let mut parameters = 1.0;
    let columns = problem.rows.scale.iter().zip(&problem.curvature);
    for (j, (scale, curvature)) in columns.enumerate() {
        if *scale > 0.0 && !held[j + 1] {
            parameters += 1.0 - curvature * variance[j + 1];
        }
    }
    let (fitted, null) = (evaluation.log_likelihood, problem.null_log_likelihood());
    let tested = problem.is_unpenalised() && problem.is_smooth();
    FitStatistics {
        parameters,
        aic: 2.0 * parameters - 2.0 * fitted,
        bic: parameters * libm::log(problem.rows.total_weight) - 2.0 * fitted,
        mcfadden_r2: 1.0 - fitted / null,
        likelihood_ratio: tested.then(|| likelihood_ratio(fitted, null, problem.rows.varying())),
    }
}

/// Test of `lacking` coefficients by the log-likelihoods with and without them.
pub(super) fn likelihood_ratio(with: f64, without: f64, lacking: usize) -> LikelihoodRatio {
    // Rounding may leave the larger model a hair below the smaller one, or above its equal.
    let chi_square = if lacking == 0 {
        0.0
    } else {
        (2.0 * (with - without)).max(0.0)
    };
    let degrees_of_freedom = u32::try_from(lacking).unwrap_or(u32::MAX);
    LikelihoodRatio {
        chi_square,
        degrees_of_freedom,
        p_value: chi_square_p_value(chi_square, degrees_of_freedom),
    }
}
