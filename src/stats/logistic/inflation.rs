//! Variance inflation: how well each column is explained by the others.

use super::super::matrix::{Cholesky, Matrix, column_moments};
use super::fit::FitError;
use super::moments::LARGEST;
use super::rows::SMALLEST_DEVIATION;

/// Coefficient above which a column takes part in explaining another; rounding stays below.
const PART: f64 = 1e-6;

/// Variance inflation factor of every column, `1 / (1 - R²)` of its regression on the others and an
/// intercept: the diagonal of the inverse correlation matrix.
///
/// From 5 or 10 upwards a coefficient is commonly held to be badly determined. The factor is
/// infinite for a column that the others explain exactly (to about 1e-12), `None` for a constant
/// column, which has none and does not count for the others.
///
/// # Errors
/// [`FitError::NonFinite`] for a value that is not finite or beyond 1e100 in magnitude.
pub fn variance_inflation(design: &Matrix) -> Result<Vec<Option<f64>>, FitError> {
    check_values(design)?;
    let moments = column_moments(design);
    let (mean, deviation) = (moments.mean, moments.standard_deviation);
    let varying: Vec<usize> = (0..design.columns())
        .filter(|&column| deviation[column] >= SMALLEST_DEVIATION)
        .collect();
    if varying.is_empty() {
        return Ok(vec![None; design.columns()]);
    }
    let mut correlation = vec![0.0; varying.len() * varying.len()];
    let mut line = vec![0.0; varying.len()];
    for row in 0..design.rows() {
        let values = design.row(row);
        for (x, &column) in line.iter_mut().zip(&varying) {
            *x = (values[column] - mean[column]) / deviation[column];
        }
        for (i, sums) in correlation.chunks_exact_mut(line.len()).enumerate() {
            for (sum, x) in sums[..=i].iter_mut().zip(&line) {
                *sum += line[i] * x;
            }
        }
    }
    let rows = design.rows() as f64;
    for sum in &mut correlation {
        *sum /= rows;
    }
    let mut inflation = vec![None; design.columns()];
    let factors = inflation_of_correlations(&correlation, varying.len());
    for (&column, factor) in varying.iter().zip(factors) {
        inflation[column] = Some(factor);
    }
    Ok(inflation)
}

/// Refuses a value too large to be squared and summed.
fn check_values(design: &Matrix) -> Result<(), FitError> {
    let out_of_range = |value: &f64| !(-LARGEST..=LARGEST).contains(value);
    if let Some(position) = design.as_slice().iter().position(out_of_range) {
        return Err(FitError::NonFinite {
            row: position / design.columns(),
            column: position % design.columns(),
        });
    }
    Ok(())
}

/// Variance inflation factors by the correlations of `order` columns, row by row; only the lower
/// triangle is read. None of the columns may be constant; see [`variance_inflation`].
pub fn inflation_of_correlations(correlation: &[f64], order: usize) -> Vec<f64> {
    let at = |i: usize, j: usize| correlation[i.max(j) * order + i.min(j)];
    let mut independent: Vec<usize> = (0..order).collect();
    let mut explained = Vec::new();
    let factor = loop {
        let mut part = Vec::with_capacity(independent.len() * independent.len());
        for &i in &independent {
            part.extend(independent.iter().map(|&j| at(i, j)));
        }
        match Cholesky::factor(&part, independent.len()) {
            Ok(factor) => break factor,
            Err(refused) => explained.push(independent.remove(refused.pivot)),
        }
    };
    let mut inflation = vec![f64::INFINITY; order];
    for (&column, value) in independent.iter().zip(factor.inverse_diagonal()) {
        inflation[column] = value;
    }
    for &column in &explained {
        let mut parts: Vec<f64> = independent.iter().map(|&i| at(i, column)).collect();
        factor.solve(&mut parts);
        for (&other, part) in independent.iter().zip(&parts) {
            if part.abs() > PART {
                inflation[other] = f64::INFINITY;
            }
        }
    }
    inflation
}
