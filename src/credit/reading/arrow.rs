//! Arrow IPC: the stream as it comes, the file by its footer.

use std::io::{Cursor, Read, Seek, SeekFrom};

use arrow_ipc::reader::{FileReader, StreamReader};

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
    source: impl Read + Seek + Send + 'static,
    choose: &mut Choose<'_>,
) -> Result<Box<dyn RowReader + Send>, ReadError> {
    let reader = guarded(Format::Arrow, || FileReader::try_new_buffered(source, None))?;
    let schema = reader.schema();
    let columns = Names::of(&schema)?.choose(&schema, choose)?;
    let rows = BatchReader::new(Format::Arrow, columns, Box::new(reader));
    Ok(Box::new(rows))
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
