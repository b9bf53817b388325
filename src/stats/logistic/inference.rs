//! Standard errors, Wald tests and intervals from the Hessian at the fit.

use super::super::matrix::Cholesky;
use super::super::two_sided_p_value;
use super::Inference;
use super::problem::{Evaluation, Problem};

/// 97.5 % quantile of the standard normal distribution.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// Inference for coefficients in the caller's units; `None` when the Hessian is not
/// positive-definite.
pub(super) fn at(
    problem: &Problem<'_>,
    evaluation: &Evaluation,
    intercept: f64,
    weights: &[f64],
) -> Option<Inference> {
    let factor = Cholesky::factor(&evaluation.hessian, weights.len() + 1).ok()?;
    let mut std_error: Vec<f64> = factor
        .inverse_diagonal()
        .iter()
        .map(|variance| variance.sqrt())
        .collect();
    for (std_error, scale) in std_error[1..].iter_mut().zip(&problem.scale) {
        *std_error *= scale;
    }
    std_error[0] = intercept_error(problem, &factor);

    let coefficients: Vec<f64> = std::iter::once(intercept)
        .chain(weights.iter().copied())
        .collect();
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
    Some(Inference {
        p_value: z.iter().map(|z| two_sided_p_value(*z)).collect(),
        ci95_low: bound(-1.0),
        ci95_high: bound(1.0),
        z,
        std_error,
    })
}

/// The intercept at `x = 0` is `γ₀ - Σ γⱼ meanⱼ / deviationⱼ`, so its variance is `aᵀ H⁻¹ a` with
/// those factors as `a`.
fn intercept_error(problem: &Problem<'_>, factor: &Cholesky) -> f64 {
    let factors: Vec<f64> = std::iter::once(1.0)
        .chain(problem.mean.iter().zip(&problem.scale).map(|(m, s)| -m * s))
        .collect();
    let mut solved = factors.clone();
    factor.solve(&mut solved);
    let variance: f64 = factors.iter().zip(&solved).map(|(a, b)| a * b).sum();
    variance.sqrt()
}
