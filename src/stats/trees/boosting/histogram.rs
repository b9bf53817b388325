//! Sums by bin of several columns, added up from rows or by subtraction.

use super::super::columns::{BinnedColumns, MISSING_BIN};
use super::super::node_rows::{self, Cells, TOGETHER};
use super::super::sums::{Pair, Sums};

/// Where each column's bins are in a histogram, its missing bin last.
pub(super) struct Layout<'a> {
    pub columns: &'a BinnedColumns,
    /// Columns that have a place, ascending.
    pub chosen: &'a [u32],
    starts: Vec<usize>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(columns: &'a BinnedColumns, chosen: &'a [u32]) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for &column in chosen {
            end += columns.column(column as usize).bins + 1;
            starts.push(end);
        }
        Self {
            columns,
            chosen,
            starts,
        }
    }

    /// Bins of the column at a place, and the missing one.
    pub(super) fn of<'h>(&self, histogram: &'h [Sums], place: usize) -> (&'h [Sums], Sums) {
        let end = self.starts[place + 1] - 1;
        (&histogram[self.starts[place]..end], histogram[end])
    }

    /// Histogram of rows, whose pairs come in the same order.
    pub(super) fn count(
        &self,
        rows: &[u32],
        pairs: &[Pair],
        cells: &mut [Cells; TOGETHER],
        histogram: &mut Vec<Sums>,
    ) {
        histogram.clear();
        for chosen in self.chosen.chunks(TOGETHER) {
            let columns = chosen
                .iter()
                .map(|&column| self.columns.column(column as usize));
            for (column, cells) in columns.clone().zip(&mut *cells) {
                node_rows::clear(cells, column.bins);
            }
            if let Ok(chosen) = <[u32; TOGETHER]>::try_from(chosen) {
                let codes = chosen.map(|column| &self.columns.column(column as usize).codes[..]);
                node_rows::tally_together(codes, rows, pairs, cells);
            } else {
                for (column, cells) in columns.clone().zip(&mut *cells) {
                    node_rows::tally(&column.codes, rows, pairs, cells);
                }
            }
            for (column, cells) in columns.zip(&*cells) {
                histogram.extend_from_slice(&cells[..column.bins]);
                histogram.push(cells[usize::from(MISSING_BIN)]);
            }
        }
    }
}

/// Leaves in `whole` what is not in `part`: the histogram of the sibling.
pub(super) fn subtract(whole: &mut [Sums], part: &[Sums]) {
    for (cell, taken) in whole.iter_mut().zip(part) {
        *cell = *cell - *taken;
        if cell.rows == 0 {
            // No rows, so nothing but rounding is left.
            *cell = Sums::default();
        }
    }
}
