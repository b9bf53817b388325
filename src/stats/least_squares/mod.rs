//! Least squares with an intercept: the fit, its uncertainty, and that of what it predicts.
//!
//! With centred columns Z, centred target y and weights W the coefficients minimise
//! `Σ w (y - Z b)²`. They come from a QR decomposition that is made block by block of rows (Golub
//! and Van Loan, *Matrix Computations*, 5.3 and 6.5), so that no product `ZᵀZ` squares the condition
//! of the problem, and memory beside the design does not grow with the rows.

mod inference;
mod triangle;

pub use self::inference::{LeastSquaresStatistics, Spread};
use self::triangle::{Reduced, Triangle};
use super::matrix::Matrix;

/// Largest magnitude of a value: squares and their sums stay finite.
const LARGEST: f64 = 1e100;

/// Rows between two questions whether to stop.
const STRIDE: usize = 4_096;

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeastSquaresError {
    /// Design, target and weights have different numbers of rows.
    #[error("{given} values where {rows} rows need one each")]
    ShapeMismatch {
        /// Rows of the design.
        rows: usize,
        /// Values given.
        given: usize,
    },
    /// A value is not finite, or beyond 1e100 in magnitude.
    #[error("row {row} has a value that is not finite or beyond 1e100")]
    NonFinite {
        /// The row.
        row: usize,
    },
    /// A weight is negative or not finite.
    #[error("row {row} has a weight that is negative or not finite")]
    Weight {
        /// The row.
        row: usize,
    },
    /// No row has a weight above 0.
    #[error("no row counts")]
    NoRows,
    /// The caller asked to stop.
    #[error("the fit was cancelled")]
    Cancelled,
}

/// A fitted plane, `prediction = mean + Σ weights[j] * (z[j] - centre[j])`.
#[derive(Clone, Debug)]
pub struct LeastSquaresFit {
    /// Weighted mean of the target: the prediction where every column is at its centre.
    pub mean: f64,
    /// Weighted mean of each column.
    pub centre: Vec<f64>,
    /// Coefficients; 0 for a column that adds nothing to those before it.
    pub weights: Vec<f64>,
    /// What the uncertainty of coefficients and predictions follows from.
    pub spread: Spread,
    /// Standard error of each coefficient; none for a column that adds nothing, nor without degrees
    /// of freedom.
    pub std_error: Vec<Option<f64>>,
    /// How well the plane explains the target.
    pub statistics: LeastSquaresStatistics,
}

impl LeastSquaresFit {
    /// The prediction where every column is 0.
    pub fn intercept(&self) -> f64 {
        let terms = self.weights.iter().zip(&self.centre);
        self.mean - terms.map(|(weight, centre)| weight * centre).sum::<f64>()
    }
}

/// Fits `target` by the columns of `design` and an intercept; rows count as `weights` say, or alike.
///
/// A column that the columns before it explain to about 1e-8 of its length is left out: its
/// coefficient is 0. Rows of weight 0 do not count at all. `cancelled` is asked every few thousand
/// rows.
///
/// # Errors
/// [`LeastSquaresError`].
pub fn least_squares(
    design: &Matrix,
    target: &[f64],
    weights: Option<&[f64]>,
    cancelled: &dyn Fn() -> bool,
) -> Result<LeastSquaresFit, LeastSquaresError> {
    check(design, target, weights)?;
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let counted = (0..design.rows()).filter(|row| weight(*row) > 0.0);
    let total: f64 = counted.clone().map(weight).sum();
    if total <= 0.0 {
        return Err(LeastSquaresError::NoRows);
    }
    let width = design.columns();
    let cell = |row: usize, column: usize| match column {
        column if column == width => target[row],
        column => design.row(row)[column],
    };
    let centre = means(counted.clone(), weight, total, width + 1, &cell);
    let mut triangle = Triangle::new(width + 1);
    let mut line = vec![0.0; width + 1];
    let (mut rows, mut log_weights) = (0_usize, 0.0);
    for row in counted {
        if rows.is_multiple_of(STRIDE) && cancelled() {
            return Err(LeastSquaresError::Cancelled);
        }
        rows += 1;
        let weight = weight(row);
        if weights.is_some() {
            log_weights += libm::log(weight);
        }
        let root = weight.sqrt();
        for (column, value) in line.iter_mut().enumerate() {
            *value = root * (cell(row, column) - centre[column]);
        }
        triangle.push(&line);
    }
    let Reduced {
        coefficients,
        columns,
        factor,
        residual,
        total: about_mean,
    } = triangle.reduce();
    let statistics =
        LeastSquaresStatistics::new(rows, columns.len(), [residual, about_mean], log_weights);
    let spread = Spread {
        variance: statistics.residual_variance,
        weight: total,
        columns,
        factor,
    };
    Ok(LeastSquaresFit {
        std_error: spread.standard_errors(width),
        mean: centre[width],
        centre: centre[..width].to_vec(),
        weights: coefficients,
        spread,
        statistics,
    })
}

fn check(
    design: &Matrix,
    target: &[f64],
    weights: Option<&[f64]>,
) -> Result<(), LeastSquaresError> {
    let rows = design.rows();
    for given in [Some(target.len()), weights.map(<[f64]>::len)] {
        if let Some(given) = given.filter(|given| *given != rows) {
            return Err(LeastSquaresError::ShapeMismatch { rows, given });
        }
    }
    for (row, target) in target.iter().enumerate() {
        let fits = |value: &f64| (-LARGEST..=LARGEST).contains(value);
        if !fits(target) || !design.row(row).iter().all(fits) {
            return Err(LeastSquaresError::NonFinite { row });
        }
    }
    let bad = |weight: &f64| !(0.0..=LARGEST).contains(weight);
    match weights.and_then(|weights| weights.iter().position(bad)) {
        Some(row) => Err(LeastSquaresError::Weight { row }),
        None => Ok(()),
    }
}

/// Weighted mean of each column; the mean of what a first pass leaves over is added, which keeps the
/// last digits.
fn means(
    rows: impl Iterator<Item = usize> + Clone,
    weight: impl Fn(usize) -> f64,
    total: f64,
    width: usize,
    cell: &impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let mut mean = vec![0.0; width];
    for _ in 0..2 {
        let mut sums = vec![0.0; width];
        for row in rows.clone() {
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum += weight(row) * (cell(row, column) - mean[column]);
            }
        }
        for (mean, sum) in mean.iter_mut().zip(sums) {
            *mean += sum / total;
        }
    }
    mean
}
