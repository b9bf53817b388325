//! What can be wrong with rows, with headers and with whole files.

use std::io;

use super::{Format, LONGEST_ROW};

/// Why one row cannot be read; the rows after it can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Too few or too many cells.
    #[error("{found} cells where {expected} are expected")]
    Ragged {
        /// How many the row has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("the cell is not UTF-8 text")]
    NotUtf8 {
        /// Position of the first such cell.
        column: usize,
    },
    /// A JSON array or object in a cell.
    #[error("expected a number, text, true, false or null")]
    Nested {
        /// Position of the first such cell.
        column: usize,
    },
    /// A number, date or time beyond what can be told.
    #[error("the value is out of range")]
    OutOfRange {
        /// Position of the first such cell.
        column: usize,
    },
    /// A member that no earlier row led to expect.
    #[error(
        "a member of this name is in none of the first {} rows",
        super::ndjson::ROWS_AHEAD
    )]
    UnknownMember {
        /// Its name, cut off after 100 characters.
        name: String,
    },
    /// A member that occurs twice in its row.
    #[error("the member occurs twice")]
    RepeatedMember {
        /// Position of its column.
        column: usize,
    },
    /// A line that is no JSON object, or has a number beyond the range of doubles.
    #[error("expected one JSON object, its numbers within the range of doubles")]
    NotAnObject,
    /// A line longer than [`LONGEST_ROW`].
    #[error("the row is longer than {LONGEST_ROW} bytes")]
    TooLong,
}

impl RowFault {
    /// Position of the column at fault, where it is one.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { column }
            | Self::Nested { column }
            | Self::OutOfRange { column }
            | Self::RepeatedMember { column } => Some(*column),
            Self::Ragged { .. }
            | Self::UnknownMember { .. }
            | Self::NotAnObject
            | Self::TooLong => None,
        }
    }
}

/// What is wrong with the names of the columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// A name that is not UTF-8; its number, counted from 1.
    #[error("header {0} is not UTF-8 text")]
    NotUtf8(usize),
    /// An empty name; its number, counted from 1.
    #[error("header {0} is empty")]
    Empty(usize),
    /// A name that is there twice.
    #[error("the header names this column twice")]
    Twice(String),
    /// No name at all.
    #[error("the data set has no columns")]
    NoColumns,
}

/// Why reading cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Names that cannot be those of columns.
    #[error("{}", .0.first().unwrap_or(&HeaderFault::NoColumns))]
    Header(Vec<HeaderFault>),
    /// A row without an end, as far as one may look.
    #[error("the row is longer than {LONGEST_ROW} bytes")]
    RowTooLong {
        /// Line on which it begins.
        line: u64,
    },
    /// A column of a type that has no place in a row.
    #[error("a column of the type {found} cannot be read; leave it out or give it another type")]
    ColumnType {
        /// Its name.
        column: String,
        /// What its type is called.
        found: &'static str,
    },
    /// A file that is no file of its format.
    #[error("the {} cannot be read", .0.name())]
    Malformed(Format),
    /// A Parquet page above [`LARGEST_PAGE`](super::LARGEST_PAGE).
    #[error("a page is larger than {} bytes", super::LARGEST_PAGE)]
    PageTooLarge,
    /// A format that is read from its end, offered as a stream or compressed as a whole.
    #[error("{} must be a file that is not compressed as a whole", .0.name())]
    NeedsFile(Format),
    /// Bytes that gzip or zstd cannot decompress; zstd may use a window of 8 MiB.
    #[error("the data cannot be decompressed")]
    Compression,
    /// More bytes than are allowed.
    #[error("the data is too large")]
    TooLarge,
    /// The source failed.
    #[error(transparent)]
    Source(io::Error),
}

/// What is wrong with bytes while they are read, on its way through [`io::Error`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error("the data cannot be decompressed")]
    Compression,
    #[error("the data is too large")]
    TooLarge,
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        Self::other(unfit)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(Unfit::Compression) => Self::Compression,
            Some(Unfit::TooLarge) => Self::TooLarge,
            None => Self::Source(error),
        }
    }
}

impl ReadError {
    /// A failure while `format` was read: an end too early is a fault of the file.
    pub(super) fn of_io(error: io::Error, format: Format) -> Self {
        match Self::from(error) {
            Self::Source(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Malformed(format)
            }
            other => other,
        }
    }
}

/// The names of columns, without the spaces around them.
pub(super) fn header<'a>(
    names: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<String>, ReadError> {
    let mut faults = Vec::new();
    let mut found: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (number, name) in (1..).zip(names) {
        match std::str::from_utf8(name.trim_ascii()) {
            Err(_) => faults.push(HeaderFault::NotUtf8(number)),
            Ok("") => faults.push(HeaderFault::Empty(number)),
            Ok(name) => {
                if !seen.insert(name.to_owned()) {
                    faults.push(HeaderFault::Twice(name.to_owned()));
                }
                found.push(name.to_owned());
            }
        }
    }
    if found.is_empty() {
        faults.push(HeaderFault::NoColumns);
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(ReadError::Header(faults))
    }
}
