//! Checked rows, seen through centred and scaled columns.

use super::super::matrix::{Matrix, column_moments, weighted_column_moments};
use super::fit::FitError;

/// Largest magnitude of a value or a weight: squares and their sums stay finite.
const LARGEST: f64 = 1e100;
/// Smallest deviation that can be scaled by; a column below is treated as constant.
const SMALLEST_DEVIATION: f64 = 1e-100;

/// Rows that passed every check, and the solver's coordinates.
///
/// With `x̃ = (x - mean) / deviation` the coefficients are `γⱼ = bⱼ · deviationⱼ`. A constant column
/// has `x̃ = 0`. *Scaled* vectors below are in these coordinates, intercept first.
pub(super) struct Rows<'a> {
    pub(super) design: &'a Matrix,
    pub(super) events: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    /// Mean per column.
    pub(super) mean: Vec<f64>,
    /// Deviation per column, 0 for a constant one.
    pub(super) deviation: Vec<f64>,
    /// Reciprocal deviation per column, 0 for a constant one.
    pub(super) scale: Vec<f64>,
    /// Largest `|x̃|` per column: how far a unit step can move a log-odds.
    reach: Vec<f64>,
    pub(super) total_weight: f64,
    pub(super) event_weight: f64,
}

impl<'a> Rows<'a> {
    /// Checks everything there is to check about the rows.
    pub(super) fn new(
        design: &'a Matrix,
        events: &'a [bool],
        weights: Option<&'a [f64]>,
    ) -> Result<Self, FitError> {
        check(design, events, weights)?;
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let (mut event_weight, mut other_weight) = (0.0, 0.0);
        for (row, event) in events.iter().enumerate() {
            *(if *event {
                &mut event_weight
            } else {
                &mut other_weight
            }) += weight(row);
        }
        if event_weight <= 0.0 || other_weight <= 0.0 {
            return Err(FitError::OneClass);
        }

        let (mean, deviation) = moments(design, weights);
        let reciprocal = |deviation: &f64| {
            if *deviation > 0.0 {
                1.0 / *deviation
            } else {
                0.0
            }
        };
        let scale: Vec<f64> = deviation.iter().map(reciprocal).collect();
        let mut reach = vec![0.0_f64; design.columns()];
        for row in (0..design.rows()).filter(|&row| weight(row) > 0.0) {
            for (j, value) in design.row(row).iter().enumerate() {
                reach[j] = reach[j].max(((value - mean[j]) * scale[j]).abs());
            }
        }
        Ok(Self {
            design,
            events,
            weights,
            mean,
            deviation,
            scale,
            reach,
            total_weight: event_weight + other_weight,
            event_weight,
        })
    }

    /// Weight of a row.
    #[inline]
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Writes a row's `x̃` into `line`, without the intercept's 1.
    #[inline]
    pub(super) fn load(&self, row: usize, line: &mut [f64]) {
        let values = line.iter_mut().zip(self.design.row(row));
        for ((x, value), (mean, scale)) in values.zip(self.mean.iter().zip(&self.scale)) {
            *x = (value - mean) * scale;
        }
    }

    /// Columns that vary.
    pub(super) fn varying(&self) -> usize {
        self.scale.iter().filter(|scale| **scale > 0.0).count()
    }

    /// Scaled coefficients of coefficients in the caller's units.
    pub(super) fn scaled(&self, intercept: f64, weights: &[f64]) -> Vec<f64> {
        let mut coefficients = vec![intercept; weights.len() + 1];
        for (j, weight) in weights.iter().enumerate() {
            coefficients[0] += weight * self.mean[j];
            coefficients[j + 1] = weight * self.deviation[j];
        }
        coefficients
    }

    /// Intercept and weights in the caller's units.
    pub(super) fn unscaled(&self, coefficients: &[f64]) -> (f64, Vec<f64>) {
        let weights: Vec<f64> = coefficients[1..]
            .iter()
            .zip(&self.scale)
            .map(|(coefficient, scale)| coefficient * scale)
            .collect();
        let shift: f64 = weights.iter().zip(&self.mean).map(|(w, m)| w * m).sum();
        (coefficients[0] - shift, weights)
    }

    /// A scaled gradient, taken back to the caller's units.
    pub(super) fn unscaled_gradient(&self, gradient: &[f64]) -> Vec<f64> {
        let columns = self.mean.iter().zip(&self.deviation).zip(&gradient[1..]);
        let columns =
            columns.map(|((mean, deviation), scaled)| deviation * scaled + mean * gradient[0]);
        std::iter::once(gradient[0]).chain(columns).collect()
    }

    /// How far a scaled step could move the log-odds of any row, by its largest component.
    pub(super) fn largest_move(&self, step: &[f64]) -> f64 {
        let columns = self.reach.iter().zip(&step[1..]);
        columns.fold(step[0].abs(), |largest, (reach, step)| {
            largest.max((reach * step).abs())
        })
    }
}

/// Mean and deviation per column; the latter is 0 for a constant one, and for one that varies too
/// little to be scaled.
pub(super) fn moments(design: &Matrix, weights: Option<&[f64]>) -> (Vec<f64>, Vec<f64>) {
    let moments = match weights {
        Some(weights) => weighted_column_moments(design, weights),
        None => column_moments(design),
    };
    let mut deviation = moments.standard_deviation;
    for deviation in &mut deviation {
        if *deviation < SMALLEST_DEVIATION {
            *deviation = 0.0;
        }
    }
    (moments.mean, deviation)
}

/// First offence of the input, in reading order.
fn check(design: &Matrix, events: &[bool], weights: Option<&[f64]>) -> Result<(), FitError> {
    let rows = design.rows();
    let given = weights.map(<[f64]>::len);
    if events.len() != rows || given.is_some_and(|given| given != rows) {
        return Err(FitError::ShapeMismatch {
            rows,
            events: events.len(),
            weights: given,
        });
    }
    let out_of_range = |value: &f64| !(0.0..=LARGEST).contains(value);
    if let Some(row) = weights.and_then(|weights| weights.iter().position(out_of_range)) {
        return Err(FitError::WeightOutOfRange { row });
    }
    check_values(design)
}

/// Refuses a value too large to be squared and summed.
pub(super) fn check_values(design: &Matrix) -> Result<(), FitError> {
    let out_of_range = |value: &f64| !(-LARGEST..=LARGEST).contains(value);
    if let Some(position) = design.as_slice().iter().position(out_of_range) {
        return Err(FitError::NonFinite {
            row: position / design.columns(),
            column: position % design.columns(),
        });
    }
    Ok(())
}

/// Probability, residual weight and log-likelihood terms of one row.
pub(super) struct RowTerms {
    /// `p - y`.
    pub(super) residual: f64,
    /// `p (1 - p)`.
    pub(super) information: f64,
    /// `ln P(y)`.
    pub(super) log_likelihood: f64,
    /// Log-odds towards the row's own class.
    pub(super) margin: f64,
}

impl RowTerms {
    /// Terms of a row with these log-odds, from a single exponential.
    #[inline]
    pub(super) fn new(log_odds: f64, event: bool) -> Self {
        let margin = if event { log_odds } else { -log_odds };
        let small = libm::exp(-margin.abs());
        let likely = 1.0 / (1.0 + small);
        let unlikely = small * likely;
        // The probability of the class that did not happen.
        let miss = if margin >= 0.0 { unlikely } else { likely };
        Self {
            residual: if event { -miss } else { miss },
            information: likely * unlikely,
            log_likelihood: margin.min(0.0) - libm::log1p(small),
            margin,
        }
    }
}
