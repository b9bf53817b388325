//! The log's file: opened, noticed when moved by others, rotated.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{
    AuditConfig, directory,
    segment::{Handle, Segment},
    tail,
};

/// The current file and its rules of rotation.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    max_size: u64,
    rotate_daily: bool,
    /// Absent between closing one file and opening the next.
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    segment: Segment<Handle>,
    identity: Identity,
    /// A pipe or device is neither rotated nor compared by length.
    regular: bool,
    /// UTC day of the first line; none while the file is empty.
    day: Option<Date>,
}

/// Device and inode.
type Identity = (u64, u64);

impl LogFile {
    /// Opens or creates the file, cuts an unfinished last line and locks it
    /// against other processes.
    pub(super) fn open(config: &AuditConfig, now: Timestamp) -> io::Result<Self> {
        let mut log = Self {
            path: config.path.clone(),
            max_size: config.max_size.as_u64(),
            rotate_daily: config.rotate_daily,
            current: None,
        };
        if log.current(now)?.regular {
            directory::check_writable(&log.path)?;
        }
        Ok(log)
    }

    /// Adds a batch of lines, whole or not at all; forced to disk if `durable`.
    pub(super) fn append(&mut self, lines: &[u8], now: Timestamp, durable: bool) -> io::Result<()> {
        let today = utc_date(now);
        if self.rotation_due(lines.len() as u64, now)? {
            self.rotate(today)?;
        }
        let current = self.current(now)?;
        current.segment.append(lines, durable)?;
        current.day.get_or_insert(today);
        Ok(())
    }

    /// Whether lines wait to be forced to disk.
    pub(super) fn unsynced(&self) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.segment.unsynced())
    }

    /// Forces lines to disk that are not there yet.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.current
            .as_mut()
            .map_or(Ok(()), |current| current.segment.sync())
    }

    /// After a failure: whether the file and the disk would take a batch again.
    ///
    /// Of a pipe or device only a batch can tell; it gives `false`.
    pub(super) fn recover(&mut self, now: Timestamp) -> io::Result<bool> {
        self.leave_if_moved()?;
        let current = self.current(now)?;
        current.segment.sync()?;
        if current.regular {
            directory::check_writable(&self.path)?;
        }
        Ok(self.current(now)?.regular)
    }

    fn current(&mut self, now: Timestamp) -> io::Result<&mut Current> {
        match &mut self.current {
            Some(current) => Ok(current),
            none => Ok(none.insert(Current::open(&self.path, now)?)),
        }
    }

    /// Closes the file when its name no longer leads to it, or when its length
    /// is not what was written: someone else renamed, removed or changed it.
    fn leave_if_moved(&mut self) -> io::Result<()> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        let repaired = current.segment.repair();
        let seen = identity_and_length(&self.path)?;
        if let Some((identity, length)) = seen
            && identity == current.identity
        {
            repaired?;
            if !current.regular || length == current.segment.length() {
                return Ok(());
            }
        }
        if let Err(error) = current
            .segment
            .repair()
            .and_then(|()| current.segment.sync())
        {
            tracing::error!(%error, "the audit log that was moved may miss its last lines");
        }
        tracing::warn!(
            path = %self.path.display(),
            "audit log was moved, removed or changed from outside; it is opened anew"
        );
        self.current = None;
        Ok(())
    }

    fn rotation_due(&mut self, growth: u64, now: Timestamp) -> io::Result<bool> {
        self.leave_if_moved()?;
        let (max_size, rotate_daily) = (self.max_size, self.rotate_daily);
        let current = self.current(now)?;
        let length = current.segment.length();
        let full = length.saturating_add(growth) > max_size;
        let outdated = rotate_daily && current.day != Some(utc_date(now));
        Ok(current.regular && length > 0 && (full || outdated))
    }

    fn rotate(&mut self, today: Date) -> io::Result<()> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        current.segment.sync()?;
        let full = directory::next_rotated(&self.path, current.day.unwrap_or(today))?;
        fs::rename(&self.path, &full)?;
        self.current = None;
        directory::sync(&self.path)?;
        tracing::info!(rotated_to = %full.display(), "audit log rotated");
        Ok(())
    }
}

impl Current {
    fn open(path: &Path, now: Timestamp) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o640)
            .open(path)?;
        let metadata = file.metadata()?;
        let identity = (metadata.dev(), metadata.ino());
        if !metadata.is_file() {
            let segment = Segment::new(Handle::Stream(file), 0);
            return Ok(Self {
                segment,
                identity,
                regular: false,
                day: None,
            });
        }
        lock(&file)?;
        let length = tail::cut_torn(&file, path, now)?;
        // The name of a new file must outlive a power cut, as its lines do.
        directory::sync(path)?;
        let day = if length > 0 {
            Some(last_change(&metadata)?)
        } else {
            None
        };
        let segment = Segment::new(Handle::Regular(file), length);
        Ok(Self {
            segment,
            identity,
            regular: true,
            day,
        })
    }
}

/// Two writers would rotate and cut each other's lines.
fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another process writes to it",
        )),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!("the file system knows no locks; let only one process write this log");
            Ok(())
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn identity_and_length(path: &Path) -> io::Result<Option<(Identity, u64)>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(((found.dev(), found.ino()), found.len()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn last_change(metadata: &fs::Metadata) -> io::Result<Date> {
    let modified = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
    Ok(utc_date(modified))
}

fn utc_date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}
