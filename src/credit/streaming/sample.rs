//! Rows that fit the memory, drawn from all rows: for what needs them at random.

use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    StreamingError,
    data::{Codes, Data},
    row_set::RowSet,
    spill::Cells,
    watch::Watch,
};
use crate::{
    credit::{LoanBook, inputs::Values, schema::Kind},
    stats::Split,
};

/// Fewest rows of a part and class, if there are so many: folds need as many.
const FEWEST: usize = 10;

/// A loan book of some of the rows, and which of them are for training.
pub(super) struct Sample {
    pub book: LoanBook,
    pub split: Split,
}

/// The parts that rows are drawn from, each in proportion.
struct Part {
    /// Rows left, and how many of them are yet to be drawn.
    rows: usize,
    wanted: usize,
}

impl Sample {
    /// Draws about `most` rows, from training, test and newer rows and from goods and bads in
    /// proportion; all rows if they are no more.
    pub fn draw(
        data: &Data,
        train: &RowSet,
        most: usize,
        seed: u64,
        digest: String,
        watch: &Watch<'_>,
    ) -> Result<Self, StreamingError> {
        let part = |row: usize| {
            let of = if train.contains(row) {
                0
            } else if data.development.contains(row) {
                1
            } else {
                2
            };
            2 * of + usize::from(data.events.contains(row))
        };
        let drawn = draw(data, most, seed, |row| Some(part(row)));
        let mut split = Split {
            train: Vec::new(),
            test: Vec::new(),
        };
        let (mut development, mut out_of_time) = (Vec::new(), Vec::new());
        for (at, row) in drawn.iter().enumerate() {
            match part(row) / 2 {
                0 => split.train.push(at),
                1 => split.test.push(at),
                _ => out_of_time.push(at),
            }
            if data.development.contains(row) {
                development.push(at);
            }
        }
        let (columns, weights) = values(data, &drawn, watch)?;
        let events = drawn.iter().map(|row| data.events.contains(row));
        let book = LoanBook::assembled(
            data.schema.clone(),
            columns,
            events.collect(),
            weights,
            [development, out_of_time],
            digest,
        );
        Ok(Self { book, split })
    }
}

/// About `most` of the rows that are in one of six parts, from each part in proportion; all of them
/// if they are no more.
pub(super) fn draw(
    data: &Data,
    most: usize,
    seed: u64,
    part: impl Fn(usize) -> Option<usize>,
) -> RowSet {
    let mut counts = [0_usize; 6];
    let every = (0..data.rows()).filter_map(&part);
    every.for_each(|part| counts[part] += 1);
    let all: usize = counts.iter().sum();
    let mut parts = counts.map(|rows| {
        let share = (rows as u128 * most as u128 / all.max(1) as u128) as usize;
        let wanted = if all <= most {
            rows
        } else {
            share.max(FEWEST).min(rows)
        };
        Part { rows, wanted }
    });
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = RowSet::new(data.rows());
    for row in 0..data.rows() {
        let Some(part) = part(row) else {
            continue;
        };
        let part = &mut parts[part];
        // Each of the rows left is as likely as any other.
        if part.wanted == part.rows || generator.random_range(0..part.rows) < part.wanted {
            drawn.insert(row);
            part.wanted -= 1;
        }
        part.rows -= 1;
    }
    drawn
}

/// The values of all characteristics, and the weights if there are any, of the rows `drawn`.
fn values(
    data: &Data,
    drawn: &RowSet,
    watch: &Watch<'_>,
) -> Result<(Vec<Values>, Option<Vec<f64>>), StreamingError> {
    let kinds = data.schema.characteristics.iter().map(|it| &it.kind);
    let mut columns: Vec<Values> = kinds
        .map(|kind| match kind {
            Kind::Numeric { .. } => Values::Numeric(Arc::new(Vec::with_capacity(drawn.len()))),
            Kind::Categorical { .. } => Values::Categorical(Vec::with_capacity(drawn.len())),
        })
        .collect();
    let mut weights = data.weights.map(|_| Vec::with_capacity(drawn.len()));
    let (mut cells, mut own, mut places) = (Cells::default(), Cells::default(), Vec::new());
    data.each_block(watch, |block, rows| {
        places.clear();
        let first = rows.start;
        places.extend(rows.filter(|row| drawn.contains(*row)));
        places.iter_mut().for_each(|row| *row -= first);
        if places.is_empty() {
            return Ok(());
        }
        for (input, column) in data.inputs.iter().zip(&mut columns) {
            data.spill.read(block, input.column, &mut cells)?;
            match (column, &input.codes, &cells) {
                (Values::Numeric(values), codes, cells) => {
                    let number = codes.numbers(cells);
                    // Nobody else has the column yet.
                    Arc::make_mut(values).extend(places.iter().map(|at| number(*at)));
                }
                (Values::Categorical(values), codes @ Codes::Levels(_), Cells::Codes(cells)) => {
                    values.extend(places.iter().map(|at| codes.level(cells[*at])));
                }
                (Values::Categorical(_), _, _) => {}
            }
        }
        data.weights_of(block, &mut own)?;
        if let Some(weights) = &mut weights {
            weights.extend(places.iter().map(|at| data.weight(&own, *at)));
        }
        Ok(())
    })?;
    Ok((columns, weights))
}
