//! The checked problem in the solver's own coordinates.

use super::super::matrix::{Matrix, column_moments, weighted_column_moments};
use super::FitError;
use super::sums::{self, Sums};

/// Largest magnitude of a value or a weight: squares and their sums stay finite.
const LARGEST: f64 = 1e100;
/// Smallest deviation that can be scaled by; a column below is treated as constant.
const SMALLEST_DEVIATION: f64 = 1e-100;

/// Rows that passed every check, seen through centred and scaled columns.
///
/// With `x̃ = (x - mean) / deviation` the coefficients are `γⱼ = bⱼ · deviationⱼ`, and the ridge
/// penalty turns into `γⱼ² / (2 C deviationⱼ²)`. The optimum is the same, but the Hessian starts as
/// a correlation matrix, whatever the units. A constant column has `x̃ = 0` and a unit penalty,
/// which keeps its coefficient at 0 without a special case anywhere else.
pub(super) struct Problem<'a> {
    pub(super) design: &'a Matrix,
    pub(super) events: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    /// `C`, or `None` without a penalty.
    pub(super) inverse_strength: Option<f64>,
    /// Mean per column.
    pub(super) mean: Vec<f64>,
    /// Deviation per column, 0 for a constant one.
    pub(super) deviation: Vec<f64>,
    /// Reciprocal deviation per column, 0 for a constant one.
    pub(super) scale: Vec<f64>,
    /// Second derivative of the penalty per column, in scaled coordinates.
    pub(super) curvature: Vec<f64>,
    /// Largest `|x̃|` per column: how far a unit step can move a log-odds.
    pub(super) reach: Vec<f64>,
    pub(super) total_weight: f64,
    pub(super) event_weight: f64,
}

impl<'a> Problem<'a> {
    /// Checks everything there is to check about the input.
    pub(super) fn new(
        design: &'a Matrix,
        events: &'a [bool],
        weights: Option<&'a [f64]>,
        inverse_strength: Option<f64>,
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

        let moments = match weights {
            Some(weights) => weighted_column_moments(design, weights),
            None => column_moments(design),
        };
        let mut deviation = moments.standard_deviation;
        let mut scale = Vec::with_capacity(deviation.len());
        let mut curvature = Vec::with_capacity(deviation.len());
        for deviation in &mut deviation {
            if *deviation < SMALLEST_DEVIATION {
                *deviation = 0.0;
                scale.push(0.0);
                curvature.push(1.0);
            } else {
                let reciprocal = 1.0 / *deviation;
                scale.push(reciprocal);
                curvature.push(inverse_strength.map_or(0.0, |c| reciprocal * reciprocal / c));
            }
        }
        let mut reach = vec![0.0_f64; design.columns()];
        for row in (0..design.rows()).filter(|&row| weight(row) > 0.0) {
            for (j, value) in design.row(row).iter().enumerate() {
                reach[j] = reach[j].max(((value - moments.mean[j]) * scale[j]).abs());
            }
        }
        Ok(Self {
            design,
            events,
            weights,
            inverse_strength,
            mean: moments.mean,
            deviation,
            scale,
            curvature,
            reach,
            total_weight: event_weight + other_weight,
            event_weight,
        })
    }

    /// Whether nothing but the data bounds the coefficients.
    pub(super) fn is_unpenalised(&self) -> bool {
        self.inverse_strength.is_none()
    }

    /// Coefficients of the intercept-only model, intercept first.
    pub(super) fn null_coefficients(&self) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.design.columns() + 1];
        coefficients[0] = libm::log(self.event_weight / (self.total_weight - self.event_weight));
        coefficients
    }

    /// Log-likelihood of the intercept-only model.
    pub(super) fn null_log_likelihood(&self) -> f64 {
        let others = self.total_weight - self.event_weight;
        self.event_weight * libm::log(self.event_weight / self.total_weight)
            + others * libm::log(others / self.total_weight)
    }

    /// Objective, gradient and Hessian at scaled coefficients (intercept first).
    pub(super) fn evaluate(&self, coefficients: &[f64]) -> Evaluation {
        let Sums {
            log_likelihood,
            mut gradient,
            mut hessian,
            smallest_margin,
        } = sums::over_rows(self, coefficients);
        let order = coefficients.len();
        let mut penalty = 0.0;
        for (j, curvature) in self.curvature.iter().enumerate() {
            let coefficient = coefficients[j + 1];
            penalty += 0.5 * curvature * coefficient * coefficient;
            gradient[j + 1] += curvature * coefficient;
            hessian[(j + 1) * order + j + 1] += curvature;
        }
        Evaluation {
            objective: penalty - log_likelihood,
            log_likelihood,
            gradient,
            hessian,
            separated: smallest_margin > 0.0,
        }
    }

    /// Scaled coefficients (intercept first) of coefficients in the caller's units.
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

    /// Largest component of a scaled gradient, taken back to the caller's units.
    pub(super) fn unscaled_sup_norm(&self, gradient: &[f64]) -> f64 {
        let columns = self.mean.iter().zip(&self.deviation).zip(&gradient[1..]);
        columns.fold(gradient[0].abs(), |largest, ((mean, deviation), scaled)| {
            largest.max((deviation * scaled + mean * gradient[0]).abs())
        })
    }

    /// How far a step could move the log-odds of any row, by its largest component.
    pub(super) fn largest_move(&self, step: &[f64]) -> f64 {
        let columns = self.reach.iter().zip(&step[1..]);
        columns.fold(step[0].abs(), |largest, (reach, step)| {
            largest.max((reach * step).abs())
        })
    }

    /// The certificate's bound on a scaled gradient component.
    pub(super) fn gradient_bound(&self, tolerance: f64) -> f64 {
        tolerance * (self.total_weight / 1000.0).max(1.0)
    }
}

/// What a Newton step needs to know about a point, in scaled coordinates, intercept first.
pub(super) struct Evaluation {
    pub(super) objective: f64,
    pub(super) log_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    /// Row by row; only the lower triangle is meaningful.
    pub(super) hessian: Vec<f64>,
    /// Whether this point puts every row on its own side.
    pub(super) separated: bool,
}

impl Evaluation {
    /// Largest component of the scaled gradient.
    pub(super) fn sup_norm(&self) -> f64 {
        self.gradient.iter().fold(0.0, |max, g| g.abs().max(max))
    }
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
