//! Rows kept in single precision.

use std::ops::ControlFlow;

use super::blocks::{Block, BlockError, DesignBlocks};
use super::fit::FitError;

/// Rows that are widened at a time.
const AT_ONCE: usize = 128;

/// A design matrix of `f32` as a source of blocks: half the memory of `f64`.
///
/// Every sum is of `f64`. A fit on it is the fit of the rounded values, to full precision; rounding
/// moves a value by up to 6e-8 of itself.
#[derive(Clone, Copy, Debug)]
pub struct NarrowBlocks<'a> {
    columns: usize,
    values: &'a [f32],
    events: &'a [bool],
    weights: Option<&'a [f64]>,
}

impl<'a> NarrowBlocks<'a> {
    /// One row per event, `values` row by row.
    ///
    /// # Errors
    /// [`FitError::Blocks`] when the values, or the weights, do not match the events.
    pub fn new(
        columns: usize,
        values: &'a [f32],
        events: &'a [bool],
        weights: Option<&'a [f64]>,
    ) -> Result<Self, FitError> {
        let whole = events.len().checked_mul(columns) == Some(values.len());
        let weighed = weights.is_none_or(|weights| weights.len() == events.len());
        if !(whole && weighed) {
            return Err(FitError::Blocks(BlockError::Shape {
                row: 0,
                events: events.len(),
                values: values.len(),
                weights: weights.map(<[f64]>::len),
            }));
        }
        Ok(Self {
            columns,
            values,
            events,
            weights,
        })
    }
}

impl DesignBlocks for NarrowBlocks<'_> {
    fn columns(&self) -> usize {
        self.columns
    }

    fn rows(&self) -> usize {
        self.events.len()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        let mut wide = vec![0.0; AT_ONCE * self.columns];
        for start in (0..self.rows()).step_by(AT_ONCE) {
            let end = (start + AT_ONCE).min(self.rows());
            let narrow = &self.values[start * self.columns..end * self.columns];
            for (wide, narrow) in wide.iter_mut().zip(narrow) {
                *wide = f64::from(*narrow);
            }
            let block = Block {
                values: &wide[..narrow.len()],
                events: &self.events[start..end],
                weights: self.weights.map(|weights| &weights[start..end]),
            };
            if visit(block).is_break() {
                break;
            }
        }
        Ok(())
    }
}
