//! Answers as they are written.

mod columns;
mod csv;
mod ndjson;
mod words;

pub(super) use self::columns::Unwritable;
use self::{columns::ColumnAnswers, csv::CsvAnswers, ndjson::JsonAnswers};
use super::{BatchOptions, cell::Cells};
use crate::credit::{Assessment, CreditModel, reading::Format};

/// The columns that every answer has, behind those that are kept.
pub const ANSWER_COLUMNS: [&str; 7] = [
    "default_probability",
    "log_odds",
    "score",
    "decision",
    "reasons",
    "flags",
    "error",
];

/// The answer to one row.
pub(super) struct Answer<'a, 'k> {
    /// Cells of the columns that are kept.
    pub kept: &'a Cells<'k>,
    /// What came of it.
    pub verdict: Verdict<'a>,
}

/// What came of a row.
pub(super) enum Verdict<'a> {
    /// It has been assessed.
    Assessed(&'a Assessment),
    /// It could not be read or assessed, and why.
    Refused(&'a str),
}

/// A writer of answers.
pub(super) enum Answers {
    Csv(CsvAnswers),
    Ndjson(JsonAnswers),
    Columns(Box<ColumnAnswers>),
}

impl Answers {
    pub(super) fn new(
        model: &CreditModel,
        options: &BatchOptions,
        to: Format,
    ) -> Result<Self, Unwritable> {
        Ok(match to {
            Format::Csv => Self::Csv(CsvAnswers::new(model, options)),
            Format::Ndjson => Self::Ndjson(JsonAnswers::new(model, options)),
            Format::Parquet => Self::Columns(Box::new(ColumnAnswers::parquet(model, options)?)),
            Format::Arrow => Self::Columns(Box::new(ColumnAnswers::arrow(model, options)?)),
        })
    }

    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(answers) => answers.begin(out),
            Self::Ndjson(_) | Self::Columns(_) => {}
        }
    }

    pub(super) fn write(&mut self, answer: &Answer<'_, '_>, out: &mut Vec<u8>) {
        match self {
            Self::Csv(answers) => answers.write(answer, out),
            Self::Ndjson(answers) => answers.write(answer, out),
            Self::Columns(answers) => answers.write(answer),
        }
    }

    /// Writes what a format keeps back until there are some rows.
    pub(super) fn end_block(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        match self {
            Self::Csv(_) | Self::Ndjson(_) => Ok(()),
            Self::Columns(answers) => answers.end_block(out),
        }
    }

    /// About how many bytes a format keeps back.
    pub(super) fn held_back(&self) -> usize {
        match self {
            Self::Csv(_) | Self::Ndjson(_) => 0,
            Self::Columns(answers) => answers.held_back(),
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        match self {
            Self::Csv(_) | Self::Ndjson(_) => Ok(()),
            Self::Columns(answers) => answers.finish(out),
        }
    }
}

/// Writes a value as JSON; a number with as many digits as it takes to read the same one back.
fn write_json(out: &mut Vec<u8>, value: impl serde::Serialize) {
    // Memory takes every byte, and numbers and texts can always be written.
    let _ = serde_json::to_writer(out, &value);
}
