//! Compressed sources, told by their first bytes.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use zstd::stream::read::Decoder;

use super::fault::Unfit;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Greatest window of zstd that is accepted, as a power of two: 8 MiB, as RFC 9659 has it.
const WINDOW: u32 = 23;

/// `source` as it is, or what is compressed in it by gzip or zstd; no more than `most` bytes.
///
/// More than that is an error while reading, and so are bytes that cannot be decompressed.
///
/// # Errors
/// Failures of the source.
pub fn plain(source: impl Read + Send + 'static, most: u64) -> io::Result<Box<dyn Read + Send>> {
    unpack(source, most).map(|(bytes, _)| bytes)
}

/// As [`plain`]; also whether the bytes are those of the source.
pub(super) fn unpack(
    source: impl Read + Send + 'static,
    most: u64,
) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let (first, source) = peek(source)?;
    let (bytes, is_plain): (Box<dyn Read + Send>, _) = if first.starts_with(GZIP) {
        let decoder = MultiGzDecoder::new(BufReader::new(source));
        (Box::new(Faithful(decoder)), false)
    } else if first.starts_with(ZSTD) {
        let mut decoder = Decoder::new(source)?;
        decoder.window_log_max(WINDOW)?;
        (Box::new(Faithful(decoder)), false)
    } else {
        (Box::new(source), true)
    };
    let bytes = if most == u64::MAX {
        bytes
    } else {
        Box::new(Bounded { bytes, left: most })
    };
    Ok((bytes, is_plain))
}

/// A source whose first bytes have been read, from its beginning.
pub(super) type Replayed<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of `source`, eight unless it ends before, and `source` from its beginning.
pub(super) fn peek<R: Read>(mut source: R) -> io::Result<(Vec<u8>, Replayed<R>)> {
    let mut first = Vec::new();
    (&mut source).take(8).read_to_end(&mut first)?;
    Ok((first.clone(), Cursor::new(first).chain(source)))
}

/// A decoder whose failures are those of the data.
struct Faithful<R>(R);

impl<R: Read> Read for Faithful<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            ErrorKind::Interrupted => error,
            // What the decoders make themselves; of the source come others, passed on.
            ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::UnexpectedEof
            | ErrorKind::Other
                if error.get_ref().is_none_or(|inner| !inner.is::<Unfit>()) =>
            {
                Unfit::Compression.into()
            }
            _ => error,
        })
    }
}

/// Bytes that may be so many and no more.
struct Bounded {
    bytes: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or(Unfit::TooLarge)?;
        Ok(count)
    }
}
