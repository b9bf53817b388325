//! A table from the rows of a file.

use std::io;

use super::{Header, Origin, Table, column::Writing, too_many_columns, too_many_rows};
use crate::credit::{
    DataConfig, Fault,
    fault::Faults,
    reading::{Cell, Format, HeaderFault, ReadError, RowFault, RowReader},
};

/// How the rows of a file become a table.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Texts that are no values, beside the empty one; numbers of formats that know them stay.
    pub missing_values: &'a [String],
    /// Columns whose texts are wanted as they stand, however many there are.
    pub texts: &'a [&'a str],
    /// What a table may be at most.
    pub limits: &'a DataConfig,
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is at fault, here is everything that is wrong with it.
    #[error("the data set is at fault")]
    Faults(Vec<Fault>),
    /// The file is larger than its reader was told to go.
    #[error("the data set is too large")]
    TooLarge,
    /// The file could not be read, through no fault of its own.
    #[error(transparent)]
    Source(io::Error),
}

impl TableError {
    /// Why a file of this `format` is not read.
    pub fn of(error: ReadError, format: Format) -> Self {
        refused(error, format)
    }
}

/// How many rows are read at a time.
const STRIDE: usize = 1_024;

impl Table {
    /// Reads all rows of a file of this `format`, whose bytes have this `digest`.
    ///
    /// # Errors
    /// Every fault found: cells that cannot be read, ragged rows, empty or duplicate headers, no
    /// rows, too many rows or columns; failures of the source.
    pub fn from_rows(
        format: Format,
        rows: Result<Box<dyn RowReader + Send + '_>, ReadError>,
        digest: String,
        reading: Reading<'_>,
    ) -> Result<Self, TableError> {
        let mut rows = rows.map_err(|error| refused(error, format))?;
        let names = rows.names();
        let too_many = names.len() > reading.limits.max_columns;
        if too_many {
            let fault = at(format, too_many_columns(reading.limits));
            return Err(TableError::Faults(vec![fault]));
        }
        let mut filling = Filling::new(format, names, reading);
        loop {
            let read = rows.read(STRIDE, &mut |place, row| filling.take(place, row));
            let count = read.map_err(|error| refused(error, format))?;
            if filling.is_full {
                return Err(TableError::Faults(vec![too_many_rows(reading.limits)]));
            }
            if count == 0 {
                break;
            }
            if !filling.is_sized {
                filling.make_room(rows.expected());
            }
        }
        filling.finish(digest).map_err(TableError::Faults)
    }
}

/// A table that is being filled.
struct Filling<'a> {
    format: Format,
    reading: Reading<'a>,
    columns: Vec<Writing>,
    rows: usize,
    /// Whether there are more rows than there may be.
    is_full: bool,
    /// Whether room has been made for the rows to come.
    is_sized: bool,
    lines: Lines,
    faults: Faults,
}

impl<'a> Filling<'a> {
    fn new(format: Format, names: &[String], reading: Reading<'a>) -> Self {
        let column = |name: &String| {
            let keeps_texts = reading.texts.contains(&name.as_str());
            let most_texts = (!keeps_texts).then_some(reading.limits.max_levels.max(2));
            Writing::new(name.clone(), most_texts)
        };
        Self {
            format,
            reading,
            columns: names.iter().map(column).collect(),
            rows: 0,
            is_full: false,
            is_sized: false,
            lines: Lines::default(),
            faults: Faults::default(),
        }
    }

    /// Makes room for as many rows as are expected in all, and a few more: columns that grow on their
    /// own leave twice their size behind.
    fn make_room(&mut self, expected: Option<u64>) {
        self.is_sized = true;
        let rows = expected.and_then(|rows| usize::try_from(rows + rows / 32).ok());
        let rows = rows.map(|rows| rows.min(self.reading.limits.max_rows));
        for column in &mut self.columns {
            column.make_room(rows.unwrap_or(0));
        }
    }

    fn take(&mut self, place: u64, row: Result<&[Cell<'_>], RowFault>) {
        if self.rows == self.reading.limits.max_rows {
            self.is_full = true;
            return;
        }
        match row {
            Ok(cells) => {
                for (column, cell) in self.columns.iter_mut().zip(cells) {
                    column.push(match cell {
                        Cell::Text(text)
                            if self.reading.missing_values.iter().any(|it| it == text) =>
                        {
                            Cell::Missing
                        }
                        cell => *cell,
                    });
                }
                self.lines.push(place);
                self.rows += 1;
            }
            Err(fault) => {
                let column = match &fault {
                    RowFault::UnknownMember { name } => Some(name.clone()),
                    other => {
                        let column = other.column().and_then(|at| self.columns.get(at));
                        column.map(|column| column.name.clone())
                    }
                };
                self.faults.push(Fault {
                    pointer: String::new(),
                    line: Some(place),
                    column,
                    detail: fault.to_string(),
                });
            }
        }
    }

    fn finish(self, digest: String) -> Result<Table, Vec<Fault>> {
        self.faults.into_result()?;
        let header = match self.format {
            Format::Csv => Header::FirstLine,
            _ => Header::Nowhere,
        };
        let table = Table {
            columns: self.columns.into_iter().map(Writing::finish).collect(),
            rows: self.rows,
            origin: Origin::File {
                lines: self.lines,
                header,
            },
            digest,
        };
        table.not_empty()
    }
}

/// The line or number of each row; a list only once they do not follow one another.
#[derive(Debug, Default)]
pub(super) struct Lines {
    first: u64,
    rows: u64,
    list: Vec<u64>,
}

impl Lines {
    fn push(&mut self, line: u64) {
        if self.rows == 0 {
            self.first = line;
        }
        if !self.list.is_empty() {
            self.list.push(line);
        } else if line != self.first + self.rows {
            self.list = (self.first..self.first + self.rows).collect();
            self.list.push(line);
        }
        self.rows += 1;
    }

    pub(super) fn of(&self, row: usize) -> Option<u64> {
        if self.list.is_empty() {
            let row = u64::try_from(row).ok()?;
            (row < self.rows).then_some(self.first + row)
        } else {
            self.list.get(row).copied()
        }
    }
}

/// A fault of the header, where the format has it.
fn at(format: Format, mut fault: Fault) -> Fault {
    fault.line = (format == Format::Csv).then_some(1);
    fault
}

fn refused(error: ReadError, format: Format) -> TableError {
    let detail = error.to_string();
    let fault = match error {
        ReadError::Source(error) => return TableError::Source(error),
        ReadError::TooLarge => return TableError::TooLarge,
        ReadError::Header(faults) => return TableError::Faults(header(faults, format)),
        ReadError::RowTooLong { line } => {
            let mut fault = Fault::at("", detail);
            fault.line = Some(line);
            fault
        }
        ReadError::ColumnType { column, .. } => {
            let mut fault = Fault::at("", detail);
            fault.column = Some(column);
            fault
        }
        ReadError::Malformed(_)
        | ReadError::PageTooLarge
        | ReadError::NeedsFile(_)
        | ReadError::Compression => Fault::at("", detail),
    };
    TableError::Faults(vec![fault])
}

fn header(found: Vec<HeaderFault>, format: Format) -> Vec<Fault> {
    let mut faults = Faults::default();
    for fault in found {
        let detail = fault.to_string();
        let mut listed = at(format, Fault::at("", detail));
        if let HeaderFault::Twice(name) = fault {
            listed.column = Some(name);
        }
        faults.push(listed);
    }
    faults.into_result().err().unwrap_or_default()
}
