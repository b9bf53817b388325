//! Files and standard streams, read and written block by block.

use std::{
    fs::{File, Permissions},
    io::{self, Read, Seek, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::ScoreError;
use crate::credit::reading::plain;

/// Bytes that are read at once.
const BLOCK: usize = 256 * 1024;

/// What stands for a standard stream.
const STANDARD: &str = "-";

fn failed(place: &Path) -> impl Fn(io::Error) -> ScoreError + '_ {
    move |error| ScoreError::File {
        place: place.display().to_string(),
        error,
    }
}

/// A data set that is read.
pub(super) struct Input {
    path: PathBuf,
    bytes: Box<dyn Read + Send>,
    block: Vec<u8>,
}

impl Input {
    pub(super) fn open(path: &Path) -> Result<Self, ScoreError> {
        let bytes = if path == Path::new(STANDARD) {
            plain(io::stdin(), u64::MAX)
        } else {
            File::open(path).and_then(|file| plain(file, u64::MAX))
        };
        let bytes = bytes.map_err(failed(path))?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
            block: vec![0; BLOCK],
        })
    }

    /// The next bytes; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, ScoreError> {
        loop {
            match self.bytes.read(&mut self.block) {
                Ok(0) => return Ok(None),
                Ok(read) => return Ok(Some(&self.block[..read])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(&self.path)(error)),
            }
        }
    }
}

/// A data set that is read from its end: a file, or what standard input holds, in a temporary one.
pub(super) fn whole(path: &Path) -> Result<File, ScoreError> {
    let file = if path == Path::new(STANDARD) {
        tempfile::tempfile().and_then(|mut file| {
            io::copy(&mut io::stdin().lock(), &mut file)?;
            file.rewind()?;
            Ok(file)
        })
    } else {
        File::open(path)
    };
    file.map_err(failed(path))
}

/// Answers that are written.
pub(super) struct Output {
    path: PathBuf,
    bytes: Bytes,
}

enum Bytes {
    Standard(io::Stdout),
    /// Beside the file it will be.
    File(NamedTempFile),
}

impl Output {
    pub(super) fn create(path: &Path) -> Result<Self, ScoreError> {
        let bytes = if path == Path::new(STANDARD) {
            Bytes::Standard(io::stdout())
        } else {
            // Answers are not compressed, and a file says what it is.
            if path.extension().is_some_and(|it| it == "gz" || it == "zst") {
                let why = "answers are not compressed; leave the ending out";
                return Err(failed(path)(io::Error::other(why)));
            }
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            // The mask of the process decides who may read it, as of any file it makes.
            let file = tempfile::Builder::new()
                .permissions(Permissions::from_mode(0o666))
                .tempfile_in(folder);
            Bytes::File(file.map_err(failed(path))?)
        };
        Ok(Self {
            path: path.to_owned(),
            bytes,
        })
    }

    /// Writes `out` and empties it.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) -> Result<(), ScoreError> {
        let written = match &mut self.bytes {
            Bytes::Standard(stream) => stream.write_all(out),
            Bytes::File(file) => file.write_all(out),
        };
        out.clear();
        written.map_err(failed(&self.path))
    }

    /// The answers are whole: a file gets its name.
    pub(super) fn keep(self) -> Result<(), ScoreError> {
        let kept = match self.bytes {
            Bytes::Standard(mut stream) => stream.flush(),
            Bytes::File(file) => file
                .as_file()
                .sync_all()
                .and_then(|()| file.persist(&self.path).map(drop).map_err(Into::into)),
        };
        kept.map_err(failed(&self.path))
    }
}
