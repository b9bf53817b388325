//! Arrow IPC: the stream as it comes, the file by its footer.

use std::io::{Cursor, Read, Seek, SeekFrom};

use arrow_ipc::{
    reader::{FileReader, StreamReader, read_footer_length},
    root_as_footer,
};
use arrow_schema::ArrowError;

use super::{
    Choose, Format, ReadError, RowReader, Source,
    batch::{BatchReader, Names, guarded},
    compressed::{peek, plain},
};

/// What an IPC file begins with.
const MAGIC: &[u8] = b"ARROW1";

/// Opens an IPC file or stream.
pub(super) fn open(
    source: Source,
    most: u64,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    match source {
        Source::Stream(bytes) => stream(bytes, most, choose),
        Source::Bytes(bytes) if bytes.starts_with(MAGIC) => file(Cursor::new(bytes), choose),
        Source::Bytes(bytes) => stream(Cursor::new(bytes), most, choose),
        Source::File(mut of) => {
            let mut first = Vec::new();
            (&mut of).take(MAGIC.len() as u64).read_to_end(&mut first)?;
            of.seek(SeekFrom::Start(0))?;
            if first == MAGIC {
                file(of, choose)
            } else {
                stream(of, most, choose)
            }
        }
    }
}

fn file(
    mut source: impl Read + Seek + Send + 'static,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let reader = guarded(Format::Arrow, || {
        check_blocks(&mut source)?;
        FileReader::try_new_buffered(source, None)
    })?;
    let schema = reader.schema();
    let columns = Names::of(&schema)?.choose(&schema, choose)?;
    let rows = BatchReader::new(Format::Arrow, columns, Box::new(reader));
    Ok(Box::new(rows))
}

/// Refuses a file whose footer speaks of more bytes than the file has: as much memory would be asked
/// for before they are read.
fn check_blocks(source: &mut (impl Read + Seek)) -> Result<(), ArrowError> {
    let damaged = || ArrowError::ParseError("the footer is damaged".to_owned());
    let mut end = [0; 10];
    let size = source.seek(SeekFrom::End(0))?;
    let before_end = size.checked_sub(end.len() as u64).ok_or_else(damaged)?;
    source.seek(SeekFrom::Start(before_end))?;
    source.read_exact(&mut end)?;
    let length = read_footer_length(end)?;
    let start = before_end.checked_sub(length as u64);
    source.seek(SeekFrom::Start(start.ok_or_else(damaged)?))?;
    let mut footer = vec![0; length];
    source.read_exact(&mut footer)?;
    let footer = root_as_footer(&footer).map_err(|_| damaged())?;
    let blocks = footer.recordBatches().into_iter().flatten();
    for block in blocks.chain(footer.dictionaries().into_iter().flatten()) {
        let parts = [
            block.offset(),
            i64::from(block.metaDataLength()),
            block.bodyLength(),
        ];
        let end = parts.into_iter().try_fold(0_u64, |end, part| {
            end.checked_add(u64::try_from(part).ok()?)
        });
        if end.is_none_or(|end| end > size) {
            return Err(damaged());
        }
    }
    source.rewind()?;
    Ok(())
}

fn stream(
    source: impl Read + Send + 'static,
    most: u64,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let (first, source) = peek(plain(source, most)?)?;
    if first.starts_with(MAGIC) {
        return Err(ReadError::NeedsFile(Format::Arrow));
    }
    let reader = guarded(Format::Arrow, || {
        StreamReader::try_new_buffered(source, None)
    })?;
    let schema = reader.schema();
    let columns = Names::of(&schema)?.choose(&schema, choose)?;
    let rows = BatchReader::new(Format::Arrow, columns, Box::new(reader));
    Ok(Box::new(rows))
}
