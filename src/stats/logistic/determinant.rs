//! Derivatives of `-½ ln det I(β)`, the penalty of Firth's method, with `I = Σ Wᵢ xᵢ xᵢᵀ`,
//! `Wᵢ = wᵢ pᵢ (1 - pᵢ)` and scaled rows `xᵢ`, intercept first.

use super::super::matrix::Cholesky;
use super::fit::FitError;
use super::problem::{Evaluation, Problem};
use super::terms::RowTerms;

/// A point with a positive-definite information.
pub(super) struct Point {
    pub(super) coefficients: Vec<f64>,
    /// Of the unpenalised likelihood; the Hessian is the information.
    pub(super) evaluation: Evaluation,
    /// Of the information.
    pub(super) factor: Cholesky,
    /// Negative penalised log-likelihood.
    pub(super) objective: f64,
    /// Of the terms that the objective is made of: what its rounding goes by.
    pub(super) magnitude: f64,
}

impl Point {
    pub(super) fn at(
        problem: &Problem<'_>,
        coefficients: Vec<f64>,
    ) -> Result<Option<Self>, FitError> {
        let evaluation = problem.evaluate(&coefficients)?;
        let Ok(factor) = Cholesky::factor(&evaluation.hessian, coefficients.len()) else {
            return Ok(None);
        };
        let penalty = 0.5 * factor.log_determinant();
        Ok(Some(Self {
            objective: evaluation.objective - penalty,
            magnitude: evaluation.objective.abs() + penalty.abs(),
            coefficients,
            evaluation,
            factor,
        }))
    }
}

/// One row of positive weight at a point.
struct Row {
    /// Intercept first.
    x: Vec<f64>,
    /// `L⁻¹ x` with the information's factor `L`.
    whitened: Vec<f64>,
    /// `xᵀ I⁻¹ x`.
    spread: f64,
    /// `p`.
    probability: f64,
    /// `p (1 - p)`.
    information: f64,
    /// `w p (1 - p)`.
    weighted: f64,
}

fn for_each_row(
    problem: &Problem<'_>,
    point: &Point,
    mut visit: impl FnMut(&Row),
) -> Result<(), FitError> {
    let order = point.coefficients.len();
    let mut row = Row {
        x: vec![1.0; order],
        whitened: vec![0.0; order],
        spread: 0.0,
        probability: 0.0,
        information: 0.0,
        weighted: 0.0,
    };
    problem.rows.each_group(&mut |group| {
        for (place, &event) in group.events.iter().enumerate() {
            let weight = group.weight(place);
            if weight <= 0.0 {
                continue;
            }
            let values = group.row(place, order - 1);
            problem.rows.load(values, &mut row.x[1..]);
            let log_odds = dot(&row.x, &point.coefficients);
            let terms = RowTerms::new(log_odds, event);
            row.probability = terms.residual + f64::from(u8::from(event));
            row.information = terms.information;
            row.weighted = weight * terms.information;
            row.whitened.copy_from_slice(&row.x);
            point.factor.solve_lower(&mut row.whitened);
            row.spread = dot(&row.whitened, &row.whitened);
            visit(&row);
        }
        Ok(())
    })
}

/// Gradient of the penalised objective: the modified score, downhill.
pub(super) fn modified_gradient(
    problem: &Problem<'_>,
    point: &Point,
) -> Result<Vec<f64>, FitError> {
    let mut gradient = point.evaluation.gradient.clone();
    for_each_row(problem, point, |row| {
        let pull = row.weighted * row.spread * (0.5 - row.probability);
        for (gradient, x) in gradient.iter_mut().zip(&row.x) {
            *gradient -= pull * x;
        }
    })?;
    Ok(gradient)
}

/// Hessian of the penalised objective over the `free` coordinates, row by row, lower triangle only.
///
/// With `A_k = L⁻¹ (∂I/∂β_k) L⁻ᵀ`, whose rows sum `Wᵢ (1 - 2pᵢ) x_ik uᵢ uᵢᵀ` over whitened `uᵢ`, the
/// determinant adds `½ tr A_k A_l - ½ Σ Wᵢ (1 - 6 pᵢ (1 - pᵢ)) uᵢ·uᵢ x_ik x_il` to the information.
pub(super) fn hessian(
    problem: &Problem<'_>,
    point: &Point,
    free: &[usize],
) -> Result<Vec<f64>, FitError> {
    let (size, order) = (free.len(), point.coefficients.len());
    let mut hessian = vec![0.0; size * size];
    for (i, &row) in free.iter().enumerate() {
        for (j, &column) in free[..=i].iter().enumerate() {
            hessian[i * size + j] = point.evaluation.hessian[row * order + column];
        }
    }
    let square = order * order;
    let mut slopes = vec![0.0; size * square];
    for_each_row(problem, point, |row| {
        let bend = 0.5 * row.weighted * (1.0 - 6.0 * row.information) * row.spread;
        let tilt = row.weighted * (1.0 - 2.0 * row.probability);
        for (i, &at) in free.iter().enumerate() {
            for (j, &other) in free[..=i].iter().enumerate() {
                hessian[i * size + j] -= bend * row.x[at] * row.x[other];
            }
            let slope = &mut slopes[i * square..(i + 1) * square];
            add_outer(slope, tilt * row.x[at], &row.whitened);
        }
    })?;
    for i in 0..size {
        for j in 0..=i {
            let (a, b) = (i * square, j * square);
            let trace = trace(&slopes[a..a + square], &slopes[b..b + square], order);
            hessian[i * size + j] += 0.5 * trace;
        }
    }
    Ok(hessian)
}

/// Adds `factor · u uᵀ` to a lower triangle.
fn add_outer(matrix: &mut [f64], factor: f64, u: &[f64]) {
    for (a, line) in matrix.chunks_exact_mut(u.len()).enumerate() {
        let factor = factor * u[a];
        for (value, u) in line[..=a].iter_mut().zip(u) {
            *value += factor * u;
        }
    }
}

/// Trace of the product of two symmetric matrices given by their lower triangles.
fn trace(left: &[f64], right: &[f64], order: usize) -> f64 {
    let lines = left.chunks_exact(order).zip(right.chunks_exact(order));
    let terms = lines
        .enumerate()
        .map(|(a, (left, right))| 2.0 * dot(&left[..a], &right[..a]) + left[a] * right[a]);
    terms.sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
