//! A data set put aside: what is known of it, and its rows, block by block.

use std::ops::Range;

use super::{
    StreamingError,
    row_set::RowSet,
    spill::{Cells, Spill},
    watch::Watch,
};
use crate::credit::{schema::Schema, table::MISSING};

/// A data set put aside, its columns understood.
#[derive(Debug)]
pub(super) struct Data {
    pub spill: Spill,
    pub schema: Schema,
    /// The characteristics of the schema, in its order.
    pub inputs: Vec<Input>,
    /// Rows that defaulted.
    pub events: RowSet,
    /// The column of the spill that has the weights.
    pub weights: Option<usize>,
    pub development: RowSet,
    pub out_of_time: RowSet,
}

/// Where a characteristic's values are, and what its codes mean.
#[derive(Debug)]
pub(super) struct Input {
    /// Column of the spill.
    pub column: usize,
    pub codes: Codes,
}

/// What the codes of a column mean.
#[derive(Debug)]
pub(super) enum Codes {
    /// These numbers; but blocks may have numbers instead, if so it says.
    Numbers { numbers: Vec<f64>, plain: bool },
    /// These levels of the schema.
    Levels(Vec<u32>),
}

impl Codes {
    /// The numbers of `cells`; `NaN` for none.
    pub fn numbers<'c>(&'c self, cells: &'c Cells) -> impl Fn(usize) -> f64 + 'c {
        move |row| match (cells, self) {
            (Cells::Numbers(numbers), _) => numbers[row],
            (Cells::Codes(codes), Self::Numbers { numbers, .. }) => {
                let number = numbers.get(codes[row] as usize);
                number.copied().unwrap_or(f64::NAN)
            }
            (Cells::Codes(_), Self::Levels(_)) => f64::NAN,
        }
    }

    /// The level of a code; [`MISSING`] for none.
    pub fn level(&self, code: u32) -> u32 {
        match self {
            Self::Levels(levels) => levels.get(code as usize).copied().unwrap_or(MISSING),
            Self::Numbers { .. } => MISSING,
        }
    }
}

impl Data {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.spill.rows()
    }

    /// One pass over the blocks: `visit` is given the number of each, and its rows.
    ///
    /// # Errors
    /// That of `visit`; that the caller asked to stop.
    pub fn each_block(
        &self,
        watch: &Watch<'_>,
        mut visit: impl FnMut(usize, Range<usize>) -> Result<(), StreamingError>,
    ) -> Result<(), StreamingError> {
        watch.pass();
        for block in 0..self.spill.blocks() {
            let rows = self.spill.rows_of(block);
            let (end, count) = (rows.end, rows.len() as u64);
            visit(block, rows)?;
            watch.rows(count, end as f64 / self.rows() as f64)?;
        }
        Ok(())
    }

    /// The weights of a block's rows over `weights`; none if rows have none.
    pub fn weights_of(&self, block: usize, weights: &mut Cells) -> Result<(), StreamingError> {
        if let Some(column) = self.weights {
            self.spill.read(block, column, weights)?;
        }
        Ok(())
    }

    /// The weight of a row of a block whose weights are these; 1 if rows have none.
    pub fn weight(&self, weights: &Cells, row: usize) -> f64 {
        match (self.weights, weights) {
            (Some(_), Cells::Numbers(weights)) => weights[row],
            _ => 1.0,
        }
    }
}

#[cfg(test)]
impl Data {
    /// One column of plain numbers, put aside in blocks of so many rows.
    pub fn of_numbers(numbers: &[f64], block_rows: usize, event: impl Fn(usize) -> bool) -> Self {
        let mut spill = Spill::new(&std::env::temp_dir(), 1, block_rows).unwrap();
        for block in numbers.chunks(block_rows) {
            spill.push(&[Cells::Numbers(block.to_vec())]).unwrap();
        }
        let mut events = RowSet::new(numbers.len());
        (0..numbers.len())
            .filter(|row| event(*row))
            .for_each(|row| events.insert(row));
        Self {
            spill,
            schema: Schema {
                target: String::new(),
                event: String::new(),
                characteristics: Vec::new(),
            },
            inputs: vec![Input {
                column: 0,
                codes: Codes::Numbers {
                    numbers: Vec::new(),
                    plain: true,
                },
            }],
            events,
            weights: None,
            development: RowSet::all(numbers.len()),
            out_of_time: RowSet::new(numbers.len()),
        }
    }
}
