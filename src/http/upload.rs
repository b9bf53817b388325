//! Files as they are uploaded: kept in memory while they are small, in a temporary file when not.

use std::{
    fs::File,
    io::{self, Seek, Write},
    path::PathBuf,
    pin::Pin,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::multipart::Field,
};
use sha2::{Digest, Sha256};

use super::{config::UploadConfig, error::ApiError, extract::refused};
use crate::{
    compute::blocking_io,
    credit::{
        reading::{Format, ReadError, RowReader, Source, open},
        streaming::{DataSource, StreamSource},
    },
};

/// How many bytes are written to the disk at a time.
const STRIDE: usize = 1 << 20;

/// A file that has been uploaded; nothing of it is left when this is dropped.
pub struct Upload {
    format: Format,
    contents: Contents,
    digest: String,
    size: u64,
    /// Most bytes that it may decompress to.
    most: u64,
}

enum Contents {
    Memory(Bytes),
    /// Without a name, so that it goes with its last handle, even if the process is killed.
    Disk(File),
}

/// A body, or a part of one, while it arrives.
pub enum Incoming<'a> {
    /// A part of a form.
    Part(Box<Field<'a>>),
    /// A whole body.
    Body(Body),
}

impl Incoming<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        match self {
            Self::Part(field) => field.chunk().await.map_err(|error| refused(error.status())),
            Self::Body(body) => loop {
                let frame = std::future::poll_fn(|task| Pin::new(&mut *body).poll_frame(task));
                match frame.await {
                    None => return Ok(None),
                    Some(Err(_)) => {
                        let detail = "the request body could not be read";
                        return Err(ApiError::invalid("", detail));
                    }
                    Some(Ok(frame)) => {
                        if let Ok(bytes) = frame.into_data() {
                            return Ok(Some(bytes));
                        }
                    }
                }
            },
        }
    }
}

impl Upload {
    /// Receives a file of this `format`.
    ///
    /// # Errors
    /// [`ApiError::BodyTooLarge`] above the limit, [`ApiError::Internal`] when the disk fails, and
    /// whatever cuts the request off.
    pub async fn receive(
        mut incoming: Incoming<'_>,
        format: Format,
        settings: &UploadConfig,
    ) -> Result<Self, ApiError> {
        let most = settings.limit.as_u64();
        let (mut size, mut pending) = (0_u64, Vec::new());
        let mut spool = None;
        while let Some(bytes) = incoming.next().await? {
            size += bytes.len() as u64;
            if size > most {
                return Err(ApiError::BodyTooLarge);
            }
            pending.extend_from_slice(&bytes);
            let is_large = size > settings.memory.as_u64();
            if is_large && (spool.is_none() || pending.len() >= STRIDE) {
                let folder = settings.folder.clone();
                let written = std::mem::take(&mut pending);
                spool = Some(Spool::write(spool, folder, written).await?);
            }
        }
        let (contents, digest) = match spool {
            None => {
                let bytes = Bytes::from(pending);
                let hashed = bytes.clone();
                let hash = blocking_io(move || Sha256::digest(&hashed)).await?;
                (Contents::Memory(bytes), hash)
            }
            spool @ Some(_) => {
                let spool = Spool::write(spool, None, pending).await?;
                (Contents::Disk(spool.file), spool.hasher.finalize())
            }
        };
        Ok(Self {
            format,
            contents,
            digest: format!("sha256:{}", hex::encode(digest)),
            size,
            most,
        })
    }

    /// Its size as it came, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// `sha256:` and the digest of the bytes as they came.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Opens the file for a training that does not hold it in memory; this is CPU and file work.
    ///
    /// # Errors
    /// What is wrong with its header or schema, and failures of the disk.
    pub fn into_source(self) -> Result<Box<dyn DataSource>, ReadError> {
        let (format, size, most) = (self.format, self.size, self.most);
        match self.contents {
            Contents::Disk(mut file) if matches!(format, Format::Csv | Format::Ndjson) => {
                file.rewind()?;
                let source = StreamSource::open(format, file, Some(size), most)?;
                Ok(Box::new(source))
            }
            contents => {
                let digest = self.digest.clone();
                let rows = Self { contents, ..self }.open()?;
                Ok(Box::new(Rows { rows, digest }))
            }
        }
    }

    /// Opens the file; this is CPU and file work.
    ///
    /// # Errors
    /// What is wrong with its header or schema, and failures of the disk.
    pub fn open(self) -> Result<Box<dyn RowReader + Send>, ReadError> {
        let source = match self.contents {
            Contents::Memory(bytes) => Source::Bytes(bytes),
            Contents::Disk(mut file) => {
                file.rewind()?;
                Source::File(file)
            }
        };
        open(self.format, source, self.most)
    }
}

/// Rows of a file whose digest is known.
struct Rows {
    rows: Box<dyn RowReader + Send>,
    digest: String,
}

impl DataSource for Rows {
    fn rows(&mut self) -> &mut dyn RowReader {
        self.rows.as_mut()
    }

    fn share_read(&self) -> f64 {
        0.0
    }

    fn digest(&mut self) -> Result<String, ReadError> {
        Ok(self.digest.clone())
    }
}

/// A temporary file, and the hash of what is in it.
struct Spool {
    file: File,
    hasher: Sha256,
}

impl Spool {
    /// Writes `bytes` to the end of `spool`, or of a new one in `folder`.
    async fn write(
        spool: Option<Self>,
        folder: Option<PathBuf>,
        bytes: Vec<u8>,
    ) -> Result<Self, ApiError> {
        let write = move || -> io::Result<Self> {
            let mut spool = match spool {
                Some(spool) => spool,
                None => Self {
                    file: match folder {
                        Some(folder) => tempfile::tempfile_in(folder)?,
                        None => tempfile::tempfile()?,
                    },
                    hasher: Sha256::new(),
                },
            };
            spool.hasher.update(&bytes);
            spool.file.write_all(&bytes)?;
            Ok(spool)
        };
        blocking_io(write).await?.map_err(|error| {
            tracing::error!(%error, "an upload cannot be written to a temporary file");
            ApiError::Internal
        })
    }
}

/// The format of a file with this media type and this name: the media type decides where it names
/// a format, then the extension of the name; what neither tells is CSV.
pub fn format_of(media_type: Option<&str>, name: Option<&str>) -> Format {
    let by_type = media_type.and_then(Format::from_media_type);
    by_type
        .or_else(|| name.and_then(Format::from_path))
        .unwrap_or(Format::Csv)
}
