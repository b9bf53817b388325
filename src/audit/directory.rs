//! The folder of the log: the names beside it, and what must be done to it.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date};

/// Enough to need a block of its own on any common file system.
const PROBE: [u8; 4096] = [0; 4096];

/// The first unused name for a full log of `day`: `<stem>-YYYY-MM-DD.NNNN.jsonl`.
///
/// Numbers only grow, and a number stays taken when its file has been
/// compressed to `….jsonl.gz` or the like.
pub(super) fn next_rotated(path: &Path, day: Date) -> io::Result<PathBuf> {
    let series = format!("{}-{day}.", text(path.file_stem()));
    let mut last = 0;
    for entry in fs::read_dir(folder(path))? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let number = name
            .strip_prefix(&series)
            .and_then(|rest| rest.split('.').next());
        if let Some(number) = number.and_then(|digits| digits.parse::<u32>().ok()) {
            last = last.max(number);
        }
    }
    Ok(path.with_file_name(format!("{series}{:04}.jsonl", last + 1)))
}

/// The name for an unfinished line found at `now`: `<name>.torn-<timestamp>`,
/// the second and later ones of that moment numbered.
pub(super) fn torn(path: &Path, now: Timestamp, copies: u32) -> PathBuf {
    let name = text(path.file_name());
    let moment = now.strftime("%Y%m%dT%H%M%SZ");
    path.with_file_name(match copies {
        0 => format!("{name}.torn-{moment}"),
        more => format!("{name}.torn-{moment}.{more}"),
    })
}

/// Makes new and changed names in the log's folder survive a power cut.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Whether the log's folder takes new files and new bytes.
pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    let probe = path.with_file_name(format!("{}.probe", text(path.file_name())));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o640);
    let written = options.open(&probe).and_then(|mut file| {
        file.write_all(&PROBE)?;
        file.sync_data()
    });
    match fs::remove_file(&probe) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => written.and(Err(error)),
        _ => written,
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn text(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
