//! Means, deviations and correlations of a design that is not in memory.
//!
//! The sums are those of a matrix in memory, in the same order.

use std::ops::ControlFlow;

use super::{StreamingError, design::Design};
use crate::{
    credit::{TrainingError, coefficients::sign_of},
    stats::{
        Associations, ColumnMoments, FitError, Sign,
        logistic::{Block, DesignBlocks},
    },
};

impl Design<'_> {
    fn each_row(&self, mut visit: impl FnMut(&[f64], bool)) -> Result<(), StreamingError> {
        let width = self.columns();
        let found = self.each(&mut |block: Block<'_>| {
            for (at, event) in block.events.iter().enumerate() {
                visit(&block.values[at * width..(at + 1) * width], *event);
            }
            ControlFlow::Continue(())
        });
        self.unless_stopped(found.map_err(FitError::from).map_err(TrainingError::from))
    }

    /// Mean and standard deviation of every column, rows counting alike, in two passes; what
    /// [`column_moments`](crate::stats::column_moments) gives for the same rows.
    pub fn moments(&self) -> Result<ColumnMoments, StreamingError> {
        let width = self.columns();
        let mut first: Vec<f64> = Vec::new();
        let (mut mean, mut spread) = (vec![0.0; width], vec![0.0; width]);
        let mut constant = vec![true; width];
        let mut rows = 0_u64;
        self.each_row(|row, _| {
            if rows == 0 {
                first = row.to_vec();
            }
            rows += 1;
            for (j, value) in row.iter().enumerate() {
                let shift = value - first[j];
                mean[j] += shift;
                constant[j] &= shift == 0.0;
            }
        })?;
        let total = rows as f64;
        for (mean, first) in mean.iter_mut().zip(&first) {
            *mean = first + *mean / total;
        }
        self.each_row(|row, _| {
            for ((spread, mean), value) in spread.iter_mut().zip(&mean).zip(row) {
                let deviation = value - mean;
                *spread += deviation * deviation;
            }
        })?;
        for (spread, constant) in spread.iter_mut().zip(constant) {
            *spread = if constant {
                0.0
            } else {
                (*spread / total).sqrt()
            };
        }
        Ok(ColumnMoments {
            mean,
            standard_deviation: spread,
        })
    }

    /// Variance inflation of every column, and the sign of its own association with default, in
    /// one pass.
    pub fn associations(
        &self,
        moments: &ColumnMoments,
    ) -> Result<(Vec<Option<f64>>, Vec<Sign>), StreamingError> {
        let found = Associations::of(self, moments);
        let Associations {
            inflation,
            covariance,
        } = self.unless_stopped(found.map_err(FitError::from).map_err(TrainingError::from))?;
        Ok((inflation, covariance.into_iter().map(sign_of).collect()))
    }
}
