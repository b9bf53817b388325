//! Data sets that a training reads once.

use std::{
    io::{self, Read},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::credit::reading::{Format, ReadError, RowReader, Source, open};

/// A data set that is read once.
pub trait DataSource {
    /// The rows, each once.
    fn rows(&mut self) -> &mut dyn RowReader;

    /// Share of the data set that has been read, 0..=1; 0 where it is not known.
    fn share_read(&self) -> f64;

    /// `sha256:` and the hex digest of the bytes, asked after the last row.
    ///
    /// # Errors
    /// The source failed.
    fn digest(&mut self) -> Result<String, ReadError>;
}

/// A data set in bytes that come one after the other, and are digested on their way.
pub struct StreamSource {
    reader: Box<dyn RowReader + Send>,
    tally: Arc<Mutex<Tally>>,
    size: Option<u64>,
}

/// What has been read.
#[derive(Default)]
struct Tally {
    bytes: u64,
    digest: Sha256,
}

/// Bytes that are counted and digested as they are read.
struct Tallied<R> {
    bytes: R,
    tally: Arc<Mutex<Tally>>,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        let mut tally = locked(&self.tally);
        tally.bytes += count as u64;
        tally.digest.update(&buffer[..count]);
        Ok(count)
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    // A count and a digest are never left half done.
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StreamSource {
    /// Reads the names of the columns of `bytes`, of which there are `size`, if that is known; they
    /// may decompress to `most` bytes.
    ///
    /// # Errors
    /// What is wrong with the header, a format that is not read as a stream, and failures of the
    /// source.
    pub fn open(
        format: Format,
        bytes: impl Read + Send + 'static,
        size: Option<u64>,
        most: u64,
    ) -> Result<Self, ReadError> {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let bytes = Tallied {
            bytes,
            tally: Arc::clone(&tally),
        };
        Ok(Self {
            reader: open(format, Source::Stream(Box::new(bytes)), most)?,
            tally,
            size,
        })
    }
}

impl DataSource for StreamSource {
    fn rows(&mut self) -> &mut dyn RowReader {
        self.reader.as_mut()
    }

    fn share_read(&self) -> f64 {
        let read = locked(&self.tally).bytes;
        self.size
            .map_or(0.0, |size| read as f64 / size.max(1) as f64)
    }

    fn digest(&mut self) -> Result<String, ReadError> {
        let digest = locked(&self.tally).digest.clone().finalize();
        Ok(format!("sha256:{}", hex::encode(digest)))
    }
}
