//! Rows of a data set, whatever file format they come in, one after the other.
//!
//! A reader holds a few rows at a time, never the data set, so that what it reads may be larger
//! than the memory. It tells cells and faults apart and leaves their meaning to whoever asked.

mod arrow;
mod batch;
mod cell;
mod column;
mod compressed;
mod csv;
mod fault;
mod format;
mod ndjson;
mod parquet;
mod window;

pub use cell::Cell;
pub use compressed::plain;
pub use csv::CsvReader;
pub use fault::{HeaderFault, ReadError, RowFault};
pub use format::Format;
pub use ndjson::{NdjsonReader, ROWS_AHEAD};
pub use parquet::LARGEST_PAGE;

use std::{
    fs::File,
    io::{Cursor, Read},
};

use bytes::Bytes;

/// Longest row in bytes, of the formats that are text.
pub const LONGEST_ROW: usize = 8 << 20;

/// Takes a row, or what is wrong with it, with its place.
pub type Visit<'v> = dyn FnMut(u64, Result<&[Cell<'_>], RowFault>) + 'v;

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
    fn read(&mut self, most: usize, visit: &mut Visit<'_>) -> Result<usize, ReadError>;
}

/// What rows are read from.
pub enum Source {
    /// Bytes as they come; Parquet and Arrow IPC files cannot be read from them.
    Stream(Box<dyn Read + Send>),
    /// Bytes that are all there.
    Bytes(Bytes),
    /// A file, from its beginning.
    File(File),
}

/// Opens `source` as `format` and reads the names of its columns.
///
/// CSV, NDJSON and Arrow IPC streams may be compressed by gzip or zstd; their first bytes tell.
/// They may decompress to `most` bytes; of bytes that are not compressed, so many are read.
///
/// # Errors
/// What is wrong with the header or the schema, and failures of the source.
pub fn open(
    format: Format,
    source: Source,
    most: u64,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    match format {
        Format::Csv => Ok(Box::new(CsvReader::new(unpacked(source, most)?)?)),
        Format::Ndjson => Ok(Box::new(NdjsonReader::new(unpacked(source, most)?)?)),
        Format::Parquet => parquet::open(source),
        Format::Arrow => arrow::open(source, most),
    }
}

fn unpacked(source: Source, most: u64) -> Result<Box<dyn Read + Send>, ReadError> {
    Ok(match source {
        Source::Stream(bytes) => plain(bytes, most)?,
        Source::Bytes(bytes) => plain(Cursor::new(bytes), most)?,
        Source::File(file) => plain(file, most)?,
    })
}
