//! Data sets of any length scored row by row, with memory that does not grow with them.
//!
//! Bytes go in as they come, encoded answers come out: one row for each row, in the same order.
//! A row that cannot be read or assessed is answered with its error, and the next one goes on;
//! what concerns the whole data set, such as a column that the model needs and the header lacks,
//! is refused before the first answer. Nothing here waits for anything: whoever has bytes pushes
//! them, so that no thread is held while a network is slow. Few bytes can make many answers: a
//! batch stops when there are enough to be sent, and goes on when it is told to.

mod answers;
mod cell;
mod columns;
mod csv;
mod desk;
mod header;
mod ndjson;
mod pending;
mod place;
mod records;
mod rows;

use std::{fs::File, sync::Arc};

pub use self::{answers::ANSWER_COLUMNS, desk::Totals};
use self::{answers::Unwritable, csv::CsvRows, desk::Desk, ndjson::JsonRows, rows::FileRows};
use super::{
    CreditModel, Fault,
    fault::Faults,
    policy::Thresholds,
    reading::{Format, ReadError},
    reasons::MOST_REASONS,
};

/// Longest record of a CSV, or line of an NDJSON, in bytes: a quote that is never closed must not
/// swallow a file.
pub const LONGEST_RECORD: usize = 1 << 20;

/// Most columns that are copied into the answer.
pub const MOST_KEPT: usize = 100;

/// What is asked of a batch.
#[derive(Clone, Debug)]
pub struct BatchOptions {
    /// Columns that are copied into the answer, before its own.
    pub keep: Vec<String>,
    /// Most reasons of a row, 0 to [`MOST_REASONS`].
    pub reasons: usize,
    /// The cut-offs that rows are decided by.
    pub thresholds: Thresholds,
    /// Texts of a CSV that mean "no value", besides the empty cell.
    pub missing_values: Vec<String>,
}

impl BatchOptions {
    /// What a model says itself: all reasons, its own cut-offs.
    pub fn of(model: &CreditModel) -> Self {
        Self {
            keep: Vec::new(),
            reasons: MOST_REASONS,
            thresholds: model.body().policy.thresholds(),
            missing_values: Vec::new(),
        }
    }

    /// # Errors
    /// One fault for each column to be kept that is named twice, or as the answer names its own;
    /// too many of them.
    fn check(&self) -> Result<(), Vec<Fault>> {
        if self.keep.len() > MOST_KEPT {
            let detail = format!("more than {MOST_KEPT} columns are to be kept");
            return Err(vec![Fault::at("", detail)]);
        }
        let mut faults = Faults::default();
        for (at, name) in self.keep.iter().enumerate() {
            let detail = if self.keep[..at].contains(name) {
                "a column to be kept is named twice"
            } else if ANSWER_COLUMNS.contains(&name.as_str()) {
                "a column to be kept has a name that the answer gives to a column of its own"
            } else {
                continue;
            };
            faults.push(Fault {
                pointer: String::new(),
                line: None,
                column: Some(name.clone()),
                detail: detail.to_owned(),
            });
        }
        faults.into_result()
    }
}

/// A data set that is being scored.
pub struct Batch {
    rows: Rows,
    desk: Desk,
}

enum Rows {
    Csv(Box<CsvRows>),
    Ndjson(JsonRows),
    File(Box<FileRows>),
}

impl Batch {
    /// Begins to score a data set of the format `from`, which comes as text, answering in `to`.
    ///
    /// # Errors
    /// Every fault of `options`; a format that [is no text](is_text).
    pub fn new(
        model: Arc<CreditModel>,
        options: BatchOptions,
        from: Format,
        to: Format,
    ) -> Result<Self, Vec<Fault>> {
        options.check()?;
        let rows = match from {
            Format::Csv => Rows::Csv(Box::new(CsvRows::new())),
            Format::Ndjson => Rows::Ndjson(JsonRows::new()),
            Format::Parquet | Format::Arrow => {
                return Err(rows::faults(ReadError::NeedsFile(from)));
            }
        };
        let desk = Desk::new(model, options, to).map_err(unwritable)?;
        Ok(Self { rows, desk })
    }

    /// Begins to score a file of the format `from`, which may decompress to `most` bytes, answering
    /// in `to`.
    ///
    /// # Errors
    /// Every fault of `options` and of the file as a whole.
    pub fn of_file(
        model: Arc<CreditModel>,
        options: BatchOptions,
        (from, file, most): (Format, File, u64),
        to: Format,
    ) -> Result<Self, Vec<Fault>> {
        options.check()?;
        let desk = Desk::new(model, options, to).map_err(unwritable)?;
        let rows = Rows::File(Box::new(FileRows::open(from, file, most, &desk)?));
        Ok(Self { rows, desk })
    }

    /// Scores what `bytes` completes, and adds the answers to `out`, about 1 MiB at most; whether
    /// there may be more, for which it is to be called again, with no bytes.
    ///
    /// # Errors
    /// What is wrong with the data set as a whole. Before it [has begun](Self::has_begun) that is
    /// its header; later only a record of more than [`LONGEST_RECORD`] bytes.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<bool, Vec<Fault>> {
        self.desk.begin_block(out);
        let more = match &mut self.rows {
            Rows::Csv(rows) => rows.push(bytes, &mut self.desk, out)?,
            Rows::Ndjson(rows) => rows.push(bytes, &mut self.desk, out)?,
            Rows::File(_) => false,
        };
        self.desk.end_block(out).map_err(unwritable)?;
        Ok(more)
    }

    /// Scores up to `most` rows of a file, and adds the answers to `out`, about 1 MiB at most;
    /// whether there may be more.
    ///
    /// # Errors
    /// What makes it impossible to go on, such as a damaged file.
    pub fn pull(&mut self, most: usize, out: &mut Vec<u8>) -> Result<bool, Vec<Fault>> {
        let Rows::File(rows) = &mut self.rows else {
            return Ok(false);
        };
        self.desk.begin_block(out);
        let more = rows.pull(most, &mut self.desk, out)?;
        self.desk.end_block(out).map_err(unwritable)?;
        Ok(more)
    }

    /// Scores what is left at the end of the data set, all of it.
    ///
    /// # Errors
    /// As [`push`](Self::push); and a data set without a header.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<Totals, Vec<Fault>> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.finish(&mut self.desk, out)?,
            Rows::Ndjson(rows) => rows.finish(&mut self.desk, out)?,
            Rows::File(_) => {}
        }
        self.desk.finish(out).map_err(unwritable)?;
        Ok(self.desk.totals)
    }

    /// Whether the data set as a whole has been accepted.
    pub fn has_begun(&self) -> bool {
        match &self.rows {
            Rows::Csv(rows) => rows.has_begun(),
            Rows::Ndjson(_) | Rows::File(_) => true,
        }
    }

    /// How many rows ended in which way so far.
    pub fn totals(&self) -> Totals {
        self.desk.totals
    }
}

/// Whether a data set of this format comes as text, which is scored while it comes; other formats
/// are read from files.
pub fn is_text(format: Format) -> bool {
    match format {
        Format::Csv | Format::Ndjson => true,
        Format::Parquet | Format::Arrow => false,
    }
}

fn unwritable(error: Unwritable) -> Vec<Fault> {
    vec![Fault::at("", error.to_string())]
}
