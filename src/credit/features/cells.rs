//! Cells of a loan book as numbers of the design, column by column.

use std::ops::ControlFlow;

use super::{Encoding, Feature, FeatureSet, imputed};
use crate::{
    credit::{
        inputs::{Inputs, Values},
        table::MISSING,
    },
    stats::logistic::{Block, BlockError, DesignBlocks},
};

/// Rows that are encoded at once: enough for the memory to see where a column goes on, and a multiple
/// of what a fit takes together, so that it copies none.
const BLOCK: usize = 1024;
/// Columns that are encoded at once: a cache line of each row.
const TILE: usize = 8;

/// The standardised design of some rows, encoded anew in every pass: no more of it is in memory than
/// a few rows.
pub(in crate::credit) struct FeatureBlocks<'a> {
    pub set: &'a FeatureSet,
    pub inputs: Inputs<'a>,
    /// The rows' numbers among those of the inputs.
    pub rows: &'a [usize],
    /// What became of each.
    pub events: &'a [bool],
    /// How much each counts; none when all count alike.
    pub weights: Option<&'a [f64]>,
}

impl DesignBlocks for FeatureBlocks<'_> {
    fn columns(&self) -> usize {
        self.set.features.len()
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn each(&self, visit: &mut dyn FnMut(Block<'_>) -> ControlFlow<()>) -> Result<(), BlockError> {
        encode(self.set, self.inputs, self.rows, |at, values| {
            let rows = at..(at + BLOCK).min(self.rows.len());
            visit(Block {
                values,
                events: &self.events[rows.clone()],
                weights: self.weights.map(|weights| &weights[rows]),
            })
        });
        Ok(())
    }
}

/// Gives the standardised cells of `rows` to `visit`, row by row, some rows at a time, with the place
/// of the first; until it breaks.
pub(super) fn encode(
    set: &FeatureSet,
    inputs: Inputs<'_>,
    rows: &[usize],
    mut visit: impl FnMut(usize, &[f64]) -> ControlFlow<()>,
) {
    let width = set.features.len();
    let scales = set.mean.iter().zip(&set.standard_deviation);
    let scales: Vec<(f64, f64)> = scales.map(|(mean, sd)| (*mean, 1.0 / sd)).collect();
    let mut cells = vec![0.0; BLOCK.min(rows.len()) * width];
    let mut tile = Tile::default();
    for (block, rows) in rows.chunks(BLOCK).enumerate() {
        for (at, features) in set.features.chunks(TILE).enumerate() {
            let first = at * TILE;
            let columns = tile.fill(features, inputs, rows);
            for (column, (mean, scale)) in columns.iter_mut().zip(&scales[first..]) {
                for cell in &mut column[..rows.len()] {
                    *cell = (*cell - mean) * scale;
                }
            }
            transpose(columns, &mut cells[first..], width, rows.len());
        }
        if visit(block * BLOCK, &cells[..rows.len() * width]).is_break() {
            return;
        }
    }
}

/// Writes columns of so many `rows` beside one another into rows of this `width`.
fn transpose(columns: &[[f64; BLOCK]], cells: &mut [f64], width: usize, rows: usize) {
    let lines = cells.chunks_mut(width).take(rows).enumerate();
    if let Ok(columns) = <&[[f64; BLOCK]; TILE]>::try_from(columns) {
        for (row, line) in lines {
            if let Some(line) = line.first_chunk_mut::<TILE>() {
                for (cell, column) in line.iter_mut().zip(columns) {
                    *cell = column[row];
                }
            }
        }
    } else {
        for (row, line) in lines {
            for (cell, column) in line.iter_mut().zip(columns) {
                *cell = column[row];
            }
        }
    }
}

/// Mean and standard deviation (ddof 0) of each column over `rows`, in two passes; a deviation of 1
/// for a column that does not vary. The sums are those of
/// [`column_moments`](crate::stats::column_moments), row after row.
pub(super) fn moments(
    features: &[Feature],
    inputs: Inputs<'_>,
    rows: &[usize],
) -> (Vec<f64>, Vec<f64>) {
    let Some(first) = rows.get(..1) else {
        return (vec![0.0; features.len()], vec![1.0; features.len()]);
    };
    let mut tile = Tile::default();
    let mut found = (Vec::new(), Vec::new());
    let total = rows.len() as f64;
    for features in features.chunks(TILE) {
        let mut origin = [0.0; TILE];
        for (origin, column) in origin.iter_mut().zip(tile.fill(features, inputs, first)) {
            *origin = column[0];
        }
        let (mut sums, mut constant) = ([0.0; TILE], [true; TILE]);
        for rows in rows.chunks(BLOCK) {
            tile.fill(features, inputs, rows);
            for row in 0..rows.len() {
                for (k, column) in tile.columns.iter().enumerate() {
                    let shift = column[row] - origin[k];
                    sums[k] += shift;
                    constant[k] &= shift == 0.0;
                }
            }
        }
        let mut mean = origin;
        for (mean, sum) in mean.iter_mut().zip(&sums) {
            *mean += sum / total;
        }
        let mut spread = [0.0; TILE];
        for rows in rows.chunks(BLOCK) {
            tile.fill(features, inputs, rows);
            for row in 0..rows.len() {
                for (k, column) in tile.columns.iter().enumerate() {
                    let deviation = column[row] - mean[k];
                    spread[k] += deviation * deviation;
                }
            }
        }
        for k in 0..features.len() {
            let deviation = (spread[k] / total).sqrt();
            let varies = !constant[k] && deviation > 0.0;
            found.0.push(mean[k]);
            found.1.push(if varies { deviation } else { 1.0 });
        }
    }
    found
}

/// Some rows of some columns, column by column.
struct Tile {
    columns: [[f64; BLOCK]; TILE],
}

impl Default for Tile {
    fn default() -> Self {
        Self {
            columns: [[0.0; BLOCK]; TILE],
        }
    }
}

impl Tile {
    /// Takes the numbers of up to [`TILE`] columns for up to [`BLOCK`] rows, raw (not standardised).
    fn fill(
        &mut self,
        features: &[Feature],
        inputs: Inputs<'_>,
        rows: &[usize],
    ) -> &mut [[f64; BLOCK]] {
        for (feature, cells) in features.iter().zip(&mut self.columns) {
            fill(feature, inputs, rows, cells);
        }
        &mut self.columns[..features.len()]
    }
}

/// Writes the column's number of each of `rows` into `cells`, raw (not standardised).
fn fill(feature: &Feature, inputs: Inputs<'_>, rows: &[usize], cells: &mut [f64]) {
    let encoding = feature.encoding;
    let places = cells.iter_mut().zip(rows);
    match (&inputs.values[feature.characteristic], encoding) {
        (Values::Numeric(values), Encoding::Value { impute }) => {
            let values = values.as_slice();
            for (cell, row) in places {
                let value = values[*row];
                *cell = if value.is_nan() { impute } else { value };
            }
        }
        (Values::Numeric(values), _) => {
            let values = values.as_slice();
            for (cell, row) in places {
                let value = values[*row];
                *cell = encoding.number((!value.is_nan()).then_some(value));
            }
        }
        (Values::Categorical(codes), _) => {
            let codes = codes.as_slice();
            let gap = imputed(&inputs.characteristics[feature.characteristic]);
            for (cell, row) in places {
                let code = codes[*row];
                *cell = encoding.level((code != MISSING).then_some(code).or(gap));
            }
        }
    }
}
