//! Rows of a data set, whatever file format they come in, one after the other.
//!
//! A reader holds a few rows at a time, never the data set, so that what it reads may be larger
//! than the memory. It tells cells and faults apart and leaves their meaning to whoever asked.

mod cell;
mod csv;
mod fault;
mod format;
mod ndjson;
mod window;

pub use cell::Cell;
pub use csv::CsvReader;
pub use fault::{HeaderFault, ReadError, RowFault};
pub use format::Format;
pub use ndjson::NdjsonReader;

use std::io::Read;

/// Longest row in bytes, of the formats that are text.
pub const LONGEST_ROW: usize = 8 << 20;

/// Rows of a data set, read once from the front.
pub trait RowReader {
    /// Names of the columns, in the order of the cells; none is empty, none occurs twice.
    fn names(&self) -> &[String];

    /// Reads up to `most` rows and gives each to `visit` with its place: the line of a CSV or
    /// NDJSON file on which it begins, of the other formats its number, both counted from 1.
    ///
    /// Returns how many rows it read, bad ones included; 0 at the end. A row that cannot be read
    /// is given as a fault, and reading goes on.
    ///
    /// # Errors
    /// What makes it impossible to go on; nothing may be read after that.
    fn read(
        &mut self,
        most: usize,
        visit: &mut dyn FnMut(u64, Result<&[Cell<'_>], RowFault>),
    ) -> Result<usize, ReadError>;
}

/// What rows are read from.
pub enum Source {
    /// Bytes as they come; a format that must be read from its end cannot be.
    Stream(Box<dyn Read + Send>),
}

/// Opens `source` as `format` and reads the names of its columns.
///
/// # Errors
/// What is wrong with the header, and failures of the source.
pub fn open(format: Format, source: Source) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let Source::Stream(bytes) = source;
    Ok(match format {
        Format::Csv => Box::new(CsvReader::new(bytes)?),
        Format::Ndjson => Box::new(NdjsonReader::new(bytes)?),
        Format::Parquet | Format::Arrow => return Err(ReadError::NeedsFile(format)),
    })
}
