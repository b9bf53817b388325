//! Parquet: row groups read a few rows at a time, pages of a bounded size.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
    file::reader::{ChunkReader, Length},
};

use super::{
    Choose, Format, ReadError, RowReader, Source, Visit,
    batch::{BatchReader, Names, STRIDE, guarded},
};

/// Largest page in bytes, decompressed; writers make pages of about 1 MiB.
pub const LARGEST_PAGE: i64 = 64 << 20;

/// Opens a Parquet file.
pub(super) fn open(
    source: Source,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    match source {
        Source::Stream(_) => Err(ReadError::NeedsFile(Format::Parquet)),
        Source::Bytes(bytes) => open_chunks(bytes, choose),
        Source::File(file) => open_chunks(file, choose),
    }
}

fn open_chunks(
    source: impl ChunkReader + 'static,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let met_large_page = Arc::new(AtomicBool::new(false));
    let metadata = guarded(Format::Parquet, || {
        Ok(ArrowReaderMetadata::load(
            &source,
            ArrowReaderOptions::new(),
        )?)
    })?;
    let pages = Pages {
        source,
        met_large_page: met_large_page.clone(),
    };
    let schema = metadata.schema().clone();
    let mut columns = Names::of(&schema)?.choose(&schema, choose)?;
    // What nobody wants is not even decoded.
    let read = columns.pack();
    let batches = guarded(Format::Parquet, || {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata);
        let mask = ProjectionMask::roots(builder.parquet_schema(), read);
        Ok(builder
            .with_projection(mask)
            .with_batch_size(STRIDE)
            .build()?)
    })?;
    Ok(Box::new(ParquetReader {
        rows: BatchReader::new(Format::Parquet, columns, Box::new(batches)),
        met_large_page,
    }))
}

/// Reads the rows of a Parquet file.
struct ParquetReader {
    rows: BatchReader,
    met_large_page: Arc<AtomicBool>,
}

impl RowReader for ParquetReader {
    fn names(&self) -> &[String] {
        self.rows.names()
    }

    fn read(&mut self, most: usize, visit: &mut Visit<'_>) -> Result<usize, ReadError> {
        let read = self.rows.read(most, visit);
        if read.is_err() && self.met_large_page.load(Ordering::Relaxed) {
            return Err(ReadError::PageTooLarge);
        }
        read
    }
}

/// A file whose page headers are looked at before the decoder makes room for what they promise.
///
/// A few bytes of a damaged or hostile file may promise a page of 2 GiB.
struct Pages<C> {
    source: C,
    met_large_page: Arc<AtomicBool>,
}

impl<C: ChunkReader> Length for Pages<C> {
    fn len(&self) -> u64 {
        self.source.len()
    }
}

impl<C: ChunkReader> ChunkReader for Pages<C> {
    type T = C::T;

    /// The decoder reads nothing but page headers in this way.
    fn get_read(&self, start: u64) -> Result<C::T, ParquetError> {
        let mut first = Vec::new();
        let header = self.source.get_read(start)?;
        header.take(LONGEST_SIZES).read_to_end(&mut first)?;
        if promised(&first).is_some_and(|bytes| bytes > LARGEST_PAGE) {
            self.met_large_page.store(true, Ordering::Relaxed);
            return Err(ParquetError::General("a page is too large".to_owned()));
        }
        self.source.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = u64::try_from(length)
            .ok()
            .and_then(|length| start.checked_add(length));
        if end.is_none_or(|end| end > self.len()) {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.source.get_bytes(start, length)
    }
}

/// Most bytes of a page header up to the end of the size that it promises.
const LONGEST_SIZES: u64 = 24;

/// The size of the page after decompression, in a header that begins with these bytes.
///
/// A header is a Thrift structure in the compact protocol. Its first two members are numbers: the
/// page's type and this size. The decoder skips members it does not know, and so does a header
/// that begins in another way; then there is no telling, and the size is as good as too large.
fn promised(header: &[u8]) -> Option<i64> {
    /// The next member, an `i32`.
    const NEXT_I32: u8 = 0x15;
    let mut bytes = header.iter().copied();
    let mut size = i64::MAX;
    for _ in 0..2 {
        if bytes.next()? != NEXT_I32 {
            return Some(i64::MAX);
        }
        size = varint(&mut bytes)?;
    }
    Some(size)
}

fn varint(bytes: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let magnitude = i64::try_from(value >> 1).ok()?;
            return Some(if value & 1 == 0 {
                magnitude
            } else {
                !magnitude
            });
        }
    }
    None
}
