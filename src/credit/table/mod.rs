//! A data set as it came: named columns of cells, each with its place.
//!
//! Cells are kept as codes into one dictionary per column, so that every
//! distinct text is stored, parsed and judged once however often it occurs;
//! columns with many distinct numbers are kept as numbers.

mod column;
mod json;
mod rows;

pub use column::{Cells, Coded, Column, MISSING, Numbers};
pub use rows::{Reading, TableError};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use self::rows::Lines;
use super::{
    DataConfig, Fault,
    fault::pointer_token,
    reading::{CsvReader, Format, RowReader},
};

/// A rectangular data set of named columns.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    origin: Origin,
    digest: String,
}

#[derive(Debug)]
enum Origin {
    /// The line or number of each row, and where the header is.
    File { lines: Lines, header: Header },
    /// Pointer of the array of rows, and whether rows are objects or arrays.
    Json {
        pointer: &'static str,
        records: bool,
    },
}

/// Where a file names its columns.
#[derive(Debug)]
enum Header {
    FirstLine,
    Nowhere,
}

impl Table {
    /// Reads a CSV file with a header line; cells equal to one of
    /// `missing_values` (after trimming) are missing, and so are empty cells.
    ///
    /// # Errors
    /// Every fault found: not UTF-8, ragged rows, empty or duplicate headers,
    /// no rows, too many rows or columns.
    pub fn from_csv(
        bytes: &[u8],
        missing_values: &[String],
        limits: &DataConfig,
    ) -> Result<Self, Vec<Fault>> {
        let reading = Reading {
            missing_values,
            texts: &[],
            limits,
        };
        let rows = CsvReader::of_length(bytes, Some(bytes.len() as u64));
        let rows = rows.map(|rows| Box::new(rows) as Box<dyn RowReader + Send>);
        Self::from_rows(Format::Csv, rows, digest(bytes), reading).map_err(|error| match error {
            TableError::Faults(faults) => faults,
            // Bytes that are in memory neither fail nor are they too many.
            other => vec![Fault::at("", other.to_string())],
        })
    }

    fn not_empty(self) -> Result<Self, Vec<Fault>> {
        if self.rows == 0 {
            return Err(vec![Fault::at("", "the data set has no rows")]);
        }
        Ok(self)
    }

    /// The columns in the order of the header.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows there are, the header not counted.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `sha256:` and the hex digest of the bytes that were read.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A fault at one cell, in the words of the document it came from.
    pub fn cell_fault(&self, row: usize, column: usize, detail: impl Into<String>) -> Fault {
        let name = &self.columns[column].name;
        let mut fault = Fault::at("", detail);
        fault.column = Some(name.clone());
        match &self.origin {
            Origin::File { lines, .. } => fault.line = lines.of(row),
            Origin::Json {
                pointer,
                records: true,
            } => {
                fault.pointer = format!("{pointer}/{row}/{}", pointer_token(name));
            }
            Origin::Json {
                pointer,
                records: false,
            } => {
                fault.pointer = format!("{pointer}/{row}/{column}");
            }
        }
        fault
    }

    /// A fault that concerns a whole column; in a CSV it points at the header.
    pub fn column_fault(&self, column: usize, detail: impl Into<String>) -> Fault {
        self.header_fault(&self.columns[column].name, detail)
    }

    /// A fault that concerns the column called `name`, be it there or not.
    pub fn header_fault(&self, name: &str, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::at("", detail);
        fault.column = Some(name.to_owned());
        match &self.origin {
            Origin::File { header, .. } => {
                fault.line = matches!(header, Header::FirstLine).then_some(1);
            }
            Origin::Json { pointer, .. } => fault.pointer = (*pointer).to_owned(),
        }
        fault
    }
}

/// `sha256:` and the lower-case hex digest of `bytes`.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The digest of inline columns: of the names, a line break, and the rows' text.
pub fn columns_digest(columns: &[String], rows: &RawValue) -> String {
    digest(
        [&columns.join("\u{0}"), "\n", rows.get()]
            .concat()
            .as_bytes(),
    )
}

/// The line of `text`, counted from 1, on which the cells of `record` begin.
///
/// The reader counts a record from where the one before it ended, which is before the line feed of
/// a `\r\n` and before blank lines.
pub fn line_of(record: &csv::ByteRecord, text: &[u8]) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = text.get(start..).unwrap_or_default().iter();
    let breaks = ahead.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + breaks.filter(|byte| **byte == b'\n').count() as u64
}

fn too_many_columns(limits: &DataConfig) -> Fault {
    Fault::at("", format!("more than {} columns", limits.max_columns))
}

fn too_many_rows(limits: &DataConfig) -> Fault {
    Fault::at("", format!("more than {} rows", limits.max_rows))
}
