//! Means, deviations and correlations of a design that is not in memory.
//!
//! The sums are those of a matrix in memory, in the same order.

use std::ops::ControlFlow;

use super::{StreamingError, design::Design};
use crate::{
    credit::coefficients::sign_of,
    stats::{
        ColumnMoments, Sign, inflation_of_correlations,
        logistic::{Block, DesignBlocks},
    },
};

/// Smallest deviation that can be divided by; a column below is treated as constant.
const SMALLEST_DEVIATION: f64 = 1e-100;

impl Design<'_> {
    fn each_row(&self, mut visit: impl FnMut(&[f64], bool)) -> Result<(), StreamingError> {
        let width = self.columns();
        let found = self.each(&mut |block: Block<'_>| {
            for (at, event) in block.events.iter().enumerate() {
                visit(&block.values[at * width..(at + 1) * width], *event);
            }
            ControlFlow::Continue(())
        });
        self.unless_stopped(
            found
                .map_err(crate::stats::FitError::from)
                .map_err(crate::credit::TrainingError::from),
        )
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
        let ColumnMoments {
            mean,
            standard_deviation: deviation,
        } = moments;
        let width = self.columns();
        let varying = |column: &usize| deviation[*column] >= SMALLEST_DEVIATION;
        let varying: Vec<usize> = (0..width).filter(varying).collect();
        let mut correlation = vec![0.0; varying.len() * varying.len()];
        let mut line = vec![0.0; varying.len()];
        let mut covariance = vec![0.0; width];
        self.each_row(|row, event| {
            for (x, &column) in line.iter_mut().zip(&varying) {
                *x = (row[column] - mean[column]) / deviation[column];
            }
            for (i, sums) in correlation.chunks_exact_mut(line.len().max(1)).enumerate() {
                for (sum, x) in sums[..=i].iter_mut().zip(&line) {
                    *sum += line[i] * x;
                }
            }
            if event {
                for ((sum, mean), value) in covariance.iter_mut().zip(mean).zip(row) {
                    *sum += value - mean;
                }
            }
        })?;
        let rows = self.rows() as f64;
        correlation.iter_mut().for_each(|sum| *sum /= rows);
        let mut inflation = vec![None; width];
        if !varying.is_empty() {
            let factors = inflation_of_correlations(&correlation, varying.len());
            for (&column, factor) in varying.iter().zip(factors) {
                inflation[column] = Some(factor);
            }
        }
        let signs = covariance.into_iter().map(sign_of).collect();
        Ok((inflation, signs))
    }
}
