//! Checked rows, seen through centred and scaled columns.

use super::blocks::DesignBlocks;
use super::fit::FitError;
use super::groups::{Group, each_group};
use super::moments::{self, Moments};
use super::sample::Sample;

/// Smallest deviation that can be scaled by; a column below is treated as constant.
pub(super) const SMALLEST_DEVIATION: f64 = 1e-100;

/// Rows that passed every check, and the solver's coordinates.
///
/// With `x̃ = (x - mean) / deviation` the coefficients are `γⱼ = bⱼ · deviationⱼ`. A constant column
/// has `x̃ = 0`. *Scaled* vectors below are in these coordinates, intercept first.
pub(super) struct Rows<'a> {
    source: &'a dyn DesignBlocks,
    cancelled: &'a dyn Fn() -> bool,
    /// Mean per column.
    pub(super) mean: Vec<f64>,
    /// Deviation per column, 0 for a constant one.
    pub(super) deviation: Vec<f64>,
    /// Reciprocal deviation per column, 0 for a constant one.
    pub(super) scale: Vec<f64>,
    /// Largest `|x̃|` per column: how far a unit step can move a log-odds.
    pub(super) reach: Vec<f64>,
    pub(super) total_weight: f64,
    pub(super) event_weight: f64,
    /// Some of the rows, when there are many.
    pub(super) sample: Option<Sample>,
}

impl<'a> Rows<'a> {
    /// Checks everything there is to check about the rows, in one pass; `cancelled` is asked in
    /// this pass and all others.
    pub(super) fn new(
        source: &'a dyn DesignBlocks,
        cancelled: &'a dyn Fn() -> bool,
    ) -> Result<Self, FitError> {
        let mut sample = Sample::of(source.rows(), source.columns());
        let Moments {
            event_weight,
            other_weight,
            mean,
            mut deviation,
            smallest,
            largest,
        } = moments::over_rows(source, cancelled, &mut |group| {
            if let Some(sample) = &mut sample {
                sample.take(group);
            }
        })?;
        if event_weight <= 0.0 || other_weight <= 0.0 {
            return Err(FitError::OneClass);
        }
        let mut scale = vec![0.0; deviation.len()];
        for (deviation, scale) in deviation.iter_mut().zip(&mut scale) {
            if *deviation < SMALLEST_DEVIATION {
                *deviation = 0.0;
            } else {
                *scale = 1.0 / *deviation;
            }
        }
        let ends = smallest.iter().zip(&largest).zip(&mean).zip(&scale);
        let reach = ends.map(|(((low, high), mean), scale)| (high - mean).max(mean - low) * scale);
        Ok(Self {
            source,
            cancelled,
            reach: reach.collect(),
            mean,
            deviation,
            scale,
            total_weight: event_weight + other_weight,
            event_weight,
            sample,
        })
    }

    /// A sample of the rows, seen through the same columns; `None` when it has only one class.
    pub(super) fn on_sample<'s>(
        &'s self,
        source: &'s dyn DesignBlocks,
        origin: &[f64],
    ) -> Result<Option<Rows<'s>>, FitError> {
        let (mut total, mut events) = (0.0, 0.0);
        each_group(source, self.cancelled, &mut |group| {
            for (place, event) in group.events.iter().enumerate() {
                total += group.weight(place);
                events += if *event { group.weight(place) } else { 0.0 };
            }
            Ok(())
        })?;
        let mean = self.mean.iter().zip(origin);
        let rows = Rows {
            source,
            cancelled: self.cancelled,
            mean: mean.map(|(mean, origin)| mean - origin).collect(),
            deviation: self.deviation.clone(),
            scale: self.scale.clone(),
            reach: self.reach.clone(),
            total_weight: total,
            event_weight: events,
            sample: None,
        };
        Ok((events > 0.0 && events < total).then_some(rows))
    }

    /// Columns of the design.
    pub(super) fn columns(&self) -> usize {
        self.mean.len()
    }

    /// Rows of the design.
    pub(super) fn count(&self) -> usize {
        self.source.rows()
    }

    /// Shows every row to `visit`, in groups that do not depend on the source's blocks.
    pub(super) fn each_group(
        &self,
        visit: &mut dyn FnMut(Group<'_>) -> Result<(), FitError>,
    ) -> Result<(), FitError> {
        each_group(self.source, self.cancelled, visit)
    }

    /// Writes a row's `x̃` into `line`, without the intercept's 1.
    #[inline]
    pub(super) fn load(&self, row: &[f64], line: &mut [f64]) {
        let values = line.iter_mut().zip(row);
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
