//! How certain a fitted plane is: standard errors, intervals, tests, criteria.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::super::distributions::f_p_value;

/// What the uncertainty of a prediction follows from.
///
/// The covariance of the coefficients of [`columns`](Self::columns) is
/// `variance * (RᵀR)⁻¹`, R being the upper triangle of [`factor`](Self::factor).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// Estimated variance of the residuals of rows of weight 1; none without degrees of freedom.
    pub variance: Option<f64>,
    /// Sum of the weights of the rows.
    pub weight: f64,
    /// Columns that have a coefficient of their own, ascending.
    pub columns: Vec<u32>,
    /// R row by row, without the zeros below its diagonal.
    pub factor: Vec<f64>,
}

impl Spread {
    /// Whether the parts fit together, for `width` columns.
    pub fn is_sound(&self, width: usize) -> bool {
        let rank = self.columns.len();
        let ascending = self.columns.is_sorted_by(|a, b| a < b);
        let within = self.columns.last().is_none_or(|at| (*at as usize) < width);
        let diagonal = (0..rank).map(|row| self.factor.get(row_start(rank, row)));
        ascending
            && within
            && self.factor.len() == rank * (rank + 1) / 2
            && self.factor.iter().all(|value| value.is_finite())
            && diagonal.flatten().all(|value| value.abs() > 0.0)
            && self.weight > 0.0
            && self.weight.is_finite()
            && self.variance.is_none_or(|it| it >= 0.0 && it.is_finite())
    }

    /// Variance of the mean of rows like this one over that of a residual: `1/W + dᵀ(RᵀR)⁻¹d`, with
    /// `deviation` giving d, each column's distance from its centre. `scratch` is written over.
    pub fn leverage(&self, deviation: impl Fn(usize) -> f64, scratch: &mut Vec<f64>) -> f64 {
        let rank = self.columns.len();
        scratch.clear();
        scratch.extend(
            self.columns
                .iter()
                .map(|column| deviation(*column as usize)),
        );
        // Solves Rᵀu = d row of R by row of R; the leverage is the squared length of u.
        let mut squares = 0.0;
        for row in 0..rank {
            let start = row_start(rank, row);
            let entries = &self.factor[start..start + rank - row];
            let (before, after) = scratch[row..].split_at_mut(1);
            before[0] /= entries[0];
            squares += before[0] * before[0];
            for (value, entry) in after.iter_mut().zip(&entries[1..]) {
                *value -= entry * before[0];
            }
        }
        self.weight.recip() + squares
    }

    /// Standard error of each of `width` coefficients.
    pub(super) fn standard_errors(&self, width: usize) -> Vec<Option<f64>> {
        let mut errors = vec![None; width];
        let Some(variance) = self.variance else {
            return errors;
        };
        let mut scratch = Vec::new();
        for column in &self.columns {
            let column = *column as usize;
            let unit = |at: usize| f64::from(u8::from(at == column));
            let share = self.leverage(unit, &mut scratch) - self.weight.recip();
            errors[column] = Some((variance * share.max(0.0)).sqrt());
        }
        errors
    }
}

/// Where a row of the packed triangle begins.
fn row_start(rank: usize, row: usize) -> usize {
    // Rows before it have rank, rank - 1, … entries.
    row * rank - row * row.saturating_sub(1) / 2
}

/// How well a plane explains its target.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct LeastSquaresStatistics {
    /// Rows of a weight above 0.
    pub rows: u64,
    /// Coefficients beside the intercept.
    pub rank: u64,
    /// Rows less coefficients and intercept.
    pub degrees_of_freedom: u64,
    /// `1 - residual / total` sum of squares; none of a target that does not vary.
    pub r2: Option<f64>,
    /// R² with both sums over their degrees of freedom.
    pub adjusted_r2: Option<f64>,
    /// Sum of squares that is left over the degrees of freedom; none without any.
    pub residual_variance: Option<f64>,
    /// F statistic against the intercept alone; none where it does not exist or is infinite.
    pub f_statistic: Option<f64>,
    /// P-value of F.
    pub f_p_value: Option<f64>,
    /// Log-likelihood with normal residuals; none of a perfect fit.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion, `-2 log L + 2 (rank + 1)`.
    pub aic: Option<f64>,
    /// Schwarz's criterion, `-2 log L + ln(rows) (rank + 1)`.
    pub bic: Option<f64>,
}

impl LeastSquaresStatistics {
    /// Of the sums of squares that are left and in all, and the sum of the logarithms of weights.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    pub(super) fn new(
        rows: usize,
        rank: usize,
        [residual, total]: [f64; 2],
        log_weights: f64,
    ) -> Self {
        let (n, p) = (rows as f64, rank as f64);
        let freedom = rows.saturating_sub(rank + 1);
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let residual_variance = (freedom > 0).then(|| residual / freedom as f64);
        let r2 = (total > 0.0).then(|| 1.0 - residual / total);
        let adjusted_r2 = residual_variance
            .filter(|_| total > 0.0)
            .map(|variance| 1.0 - variance / (total / (n - 1.0)));
        let explained = (total - residual).max(0.0) / p;
        let f_statistic = residual_variance
            .filter(|_| rank > 0)
            .and_then(|variance| finite(explained / variance));
        let log_likelihood =
            finite(-0.5 * n * (libm::log(2.0 * PI * residual / n) + 1.0) + 0.5 * log_weights);
        let criterion = |price: f64| log_likelihood.map(|it| -2.0 * it + price * (p + 1.0));
        Self {
            rows: rows as u64,
            rank: rank as u64,
            degrees_of_freedom: freedom as u64,
            r2,
            adjusted_r2,
            residual_variance,
            f_statistic,
            f_p_value: f_statistic.map(|it| f_p_value(it, p, freedom as f64)),
            log_likelihood,
            aic: criterion(2.0),
            bic: criterion(libm::log(n)),
        }
    }
}
