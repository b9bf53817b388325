//! Variance inflation: how well each column is explained by the others.

use std::ops::ControlFlow;

use super::super::matrix::{Cholesky, ColumnMoments, Matrix, column_moments};
use super::blocks::{BlockError, DesignBlocks};
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
    let mut sums = CrossProducts::new(&moments);
    for row in 0..design.rows() {
        sums.add(design.row(row), false);
    }
    Ok(sums.finish(design.rows()).inflation)
}

/// What the columns of a design have to do with one another, and with the events.
#[derive(Clone, Debug, PartialEq)]
pub struct Associations {
    /// Variance inflation of each column, see [`variance_inflation`].
    pub inflation: Vec<Option<f64>>,
    /// Sum over the events of each column's distance from its mean: of the sign of its covariance with
    /// the events. What is as small as rounding is 0.
    pub covariance: Vec<f64>,
}

impl Associations {
    /// Those of rows that are read in blocks, all counting alike, in one pass; `moments` are those of
    /// the columns. A column of a deviation of 0 is constant, and so is one that is its mean in every
    /// row.
    ///
    /// # Errors
    /// [`BlockError`] when the rows cannot be read.
    pub fn of(source: &dyn DesignBlocks, moments: &ColumnMoments) -> Result<Self, BlockError> {
        let width = source.columns();
        let mut sums = CrossProducts::new(moments);
        source.each(&mut |block| {
            for (at, event) in block.events.iter().enumerate() {
                sums.add(&block.values[at * width..(at + 1) * width], *event);
            }
            ControlFlow::Continue(())
        })?;
        Ok(sums.finish(source.rows()))
    }
}

/// A mean distance by less of the column's deviation is rounding.
const ROUNDING: f64 = 1e-12;

/// Rows that are added together: their sums are read and written once.
const TOGETHER: usize = 4;

/// Sums over rows whose columns are centred and scaled.
struct CrossProducts<'a> {
    mean: &'a [f64],
    /// Reciprocal deviation per column, 0 for a constant one.
    scale: Vec<f64>,
    /// Rows that are added together, centred and scaled.
    lines: [Vec<f64>; TOGETHER],
    /// How many of them there are.
    held: usize,
    /// Row by row, lower triangle only.
    products: Vec<f64>,
    covariance: Vec<f64>,
}

impl<'a> CrossProducts<'a> {
    fn new(moments: &'a ColumnMoments) -> Self {
        let scale = |deviation: &f64| {
            if *deviation < SMALLEST_DEVIATION {
                0.0
            } else {
                1.0 / deviation
            }
        };
        let width = moments.mean.len();
        Self {
            mean: &moments.mean,
            scale: moments.standard_deviation.iter().map(scale).collect(),
            lines: std::array::from_fn(|_| vec![0.0; width]),
            held: 0,
            products: vec![0.0; width * width],
            covariance: vec![0.0; width],
        }
    }

    fn add(&mut self, row: &[f64], is_event: bool) {
        let scales = self.mean.iter().zip(&self.scale);
        let line = &mut self.lines[self.held];
        for ((x, value), (mean, scale)) in line.iter_mut().zip(row).zip(scales) {
            *x = (value - mean) * scale;
        }
        self.held += 1;
        if self.held == TOGETHER {
            self.multiply();
        }
        if is_event {
            let values = row.iter().zip(self.mean);
            for (sum, (value, mean)) in self.covariance.iter_mut().zip(values) {
                *sum += value - mean;
            }
        }
    }

    /// Adds the products of the rows that are held.
    fn multiply(&mut self) {
        let [a, b, c, d] = &self.lines;
        let width = a.len().max(1);
        for (i, sums) in self.products.chunks_exact_mut(width).enumerate() {
            let others = a.iter().zip(b).zip(c.iter().zip(d));
            for (sum, ((p, q), (r, s))) in sums[..=i].iter_mut().zip(others) {
                *sum += (a[i] * p + b[i] * q) + (c[i] * r + d[i] * s);
            }
        }
        self.held = 0;
    }

    fn finish(mut self, rows: usize) -> Associations {
        for line in &mut self.lines[self.held..] {
            line.fill(0.0);
        }
        self.multiply();
        let (width, rows) = (self.mean.len(), rows as f64);
        let varying: Vec<usize> = (0..width)
            .filter(|column| self.products[column * width + column] > 0.0)
            .collect();
        let mut correlation = Vec::with_capacity(varying.len() * varying.len());
        for i in &varying {
            let products = &self.products[i * width..(i + 1) * width];
            correlation.extend(varying.iter().map(|j| products[*j] / rows));
        }
        let mut inflation = vec![None; width];
        if !varying.is_empty() {
            let factors = inflation_of_correlations(&correlation, varying.len());
            for (&column, factor) in varying.iter().zip(factors) {
                inflation[column] = Some(factor);
            }
        }
        let sums = self.covariance.iter().zip(&self.scale);
        let covariance = sums.map(|(sum, scale)| {
            let is_felt = (sum * scale).abs() > ROUNDING * rows;
            if is_felt { *sum } else { 0.0 }
        });
        Associations {
            inflation,
            covariance: covariance.collect(),
        }
    }
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
