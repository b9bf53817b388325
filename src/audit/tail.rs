//! The unfinished last line that a crash may leave in a log.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::directory;

const BLOCK: usize = 64 * 1024;

/// Moves an unfinished last line to a file of its own beside the log and
/// returns the length of what stays: whole lines only.
pub(super) fn cut_torn(file: &File, path: &Path, now: Timestamp) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let whole = end_of_last_line(file, length)?;
    if whole < length {
        let kept = keep(file, whole, path, now)?;
        directory::sync(path)?;
        file.set_len(whole)?;
        file.sync_data()?;
        tracing::warn!(
            path = %path.display(),
            kept_as = %kept.display(),
            bytes = length - whole,
            "audit log ended in an unfinished line; it was moved to its own file"
        );
    }
    Ok(whole)
}

/// Searches backwards, so that a long log costs no more than its last line.
fn end_of_last_line(file: &File, length: u64) -> io::Result<u64> {
    let mut block = [0; BLOCK];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let size = usize::try_from(end - start).unwrap_or(BLOCK);
        let bytes = &mut block[..size];
        file.read_exact_at(bytes, start)?;
        if let Some(newline) = bytes.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + newline as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn keep(mut file: &File, from: u64, path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let mut copies = 0;
    let (kept, mut side) = loop {
        let name = directory::torn(path, now, copies);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o640)
            .open(&name)
        {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => copies += 1,
            opened => break (name, opened?),
        }
    };
    file.seek(SeekFrom::Start(from))?;
    io::copy(&mut file, &mut side)?;
    side.sync_all()?;
    Ok(kept)
}
