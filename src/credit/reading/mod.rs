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
use compressed::unpack;
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

    /// How many whole rows there may be in all, by those read so far; none where it cannot be told.
    fn expected(&self) -> Option<u64> {
        None
    }
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

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    column: usize,
    is_exact: bool,
}

impl Wanted {
    /// The values of the column at this position.
    pub fn value(column: usize) -> Self {
        Self {
            column,
            is_exact: false,
        }
    }

    /// The same with numbers as they are [written](Cell::Written), for which a double may be too
    /// short.
    pub fn exact(column: usize) -> Self {
        Self {
            column,
            is_exact: true,
        }
    }
}

/// Says which columns are read of those that have these names, in the order of the cells.
pub type Choose<'c> = dyn FnMut(&[String]) -> Vec<Wanted> + 'c;

fn everything(names: &[String]) -> Vec<Wanted> {
    (0..names.len()).map(Wanted::value).collect()
}

/// Opens `source` as `format`, Parquet or Arrow IPC, to read the columns that `choose` says; others
/// may be of types that are not read. The reader's names are theirs.
///
/// # Errors
/// As [`open`]; [`ReadError::Malformed`] for other formats, whose columns are read together.
pub fn open_some(
    format: Format,
    source: Source,
    most: u64,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    match format {
        Format::Csv | Format::Ndjson => Err(ReadError::Malformed(format)),
        Format::Parquet => parquet::open(source, choose),
        Format::Arrow => arrow::open(source, most, choose),
    }
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
        Format::Csv => csv(source, most),
        Format::Ndjson => Ok(Box::new(NdjsonReader::new(unpacked(source, most)?.0)?)),
        Format::Parquet | Format::Arrow => open_some(format, source, most, &mut everything),
    }
}

fn csv(source: Source, most: u64) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let length = match &source {
        Source::Stream(_) => None,
        Source::Bytes(bytes) => Some(bytes.len() as u64),
        Source::File(file) => Some(file.metadata()?.len()),
    };
    let (bytes, is_plain) = unpacked(source, most)?;
    let length = length.filter(|_| is_plain);
    Ok(Box::new(CsvReader::of_length(bytes, length)?))
}

/// The bytes, and whether they are those of the source.
fn unpacked(source: Source, most: u64) -> Result<(Box<dyn Read + Send>, bool), ReadError> {
    Ok(match source {
        Source::Stream(bytes) => unpack(bytes, most)?,
        Source::Bytes(bytes) => unpack(Cursor::new(bytes), most)?,
        Source::File(file) => unpack(file, most)?,
    })
}
