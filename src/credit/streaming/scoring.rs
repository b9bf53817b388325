//! Scores of the rows held back, however many they are.

use std::cell::RefCell;

use super::{
    MemoryBudget, StreamingError,
    data::{Codes, Data},
    row_set::RowSet,
    sample::draw,
    spill::Cells,
    watch::Watch,
};
use crate::credit::{
    CreditModel, TrainingError, Value, model::Scratch, progress::Stage, table::MISSING,
    training::Sample,
};

/// The rows held back that a model is judged by.
pub(super) struct Tested<'a> {
    data: &'a Data,
    rows: RowSet,
    watch: &'a Watch<'a>,
    /// What stopped the scoring.
    failure: RefCell<Option<StreamingError>>,
}

impl<'a> Tested<'a> {
    /// As many of the rows held back as the budget does for, of goods and bads in proportion.
    pub fn draw(
        data: &'a Data,
        train: &RowSet,
        budget: MemoryBudget,
        seed: u64,
        watch: &'a Watch<'a>,
    ) -> Self {
        let rows = draw(data, budget.tested_rows(), seed, |row| {
            let held_back = data.development.contains(row) && !train.contains(row);
            held_back.then(|| usize::from(data.events.contains(row)))
        });
        Self {
            data,
            rows,
            watch,
            failure: RefCell::new(None),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Probabilities of default by `model`, and what happened.
    pub fn score(&self, model: &CreditModel) -> Result<Sample, TrainingError> {
        self.watch.resume(Stage::Measuring);
        self.pass(model).map_err(|failure| {
            *self.failure.borrow_mut() = Some(failure);
            TrainingError::Cancelled
        })
    }

    /// `found`, or what stopped the scoring on the way to it.
    pub fn unless_stopped<T>(&self, found: Result<T, TrainingError>) -> Result<T, StreamingError> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(found?),
        }
    }

    fn pass(&self, model: &CreditModel) -> Result<Sample, StreamingError> {
        let mut sample = Sample {
            probabilities: Vec::with_capacity(self.rows.len()),
            events: Vec::with_capacity(self.rows.len()),
        };
        let inputs = &self.data.inputs;
        let mut columns: Vec<Cells> = inputs.iter().map(|_| Cells::default()).collect();
        let (mut row, mut scratch) = (Vec::new(), Scratch::default());
        self.data.each_block(self.watch, |block, rows| {
            for (input, cells) in inputs.iter().zip(&mut columns) {
                self.data.spill.read(block, input.column, cells)?;
            }
            for (at, number) in rows.enumerate() {
                if !self.rows.contains(number) {
                    continue;
                }
                row.clear();
                let values = inputs.iter().zip(&columns);
                row.extend(values.map(|(input, cells)| value(&input.codes, cells, at)));
                let log_odds = model.log_odds(&row, &mut scratch);
                sample.probabilities.push(model.probability(log_odds));
                sample.events.push(self.data.events.contains(number));
            }
            Ok(())
        })?;
        Ok(sample)
    }
}

fn value(codes: &Codes, cells: &Cells, at: usize) -> Value {
    match (codes, cells) {
        (Codes::Levels(_), Cells::Codes(own)) => match codes.level(own[at]) {
            MISSING => Value::Missing,
            level => Value::Level(level),
        },
        _ => match codes.numbers(cells)(at) {
            number if number.is_nan() => Value::Missing,
            number => Value::Number(number),
        },
    }
}
