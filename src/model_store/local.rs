//! The folder beside an object store: models whose upload is pending, and
//! copies of models that were read.
//!
//! ```text
//! .lock                     held while a process uses the folder
//! pending/{model_id}.{attempt}   complete and synced; removed when uploaded
//! cache/{model_id}.model    may be removed at any time
//! refused/{model_id}.{attempt}   pending once, but the id was taken meanwhile
//! ```

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use moka::{
    notification::RemovalCause,
    policy::EvictionPolicy,
    sync::{Cache, CacheBuilder},
};

use super::{ModelId, ModelStoreError, S3Config, envelope, objects::Attempt};

const TEMPORARY: &str = ".new-";
const KIBI: u64 = 1024;

/// The folder; only one process at a time has it.
#[derive(Debug)]
pub(super) struct LocalFolder {
    pending: PathBuf,
    refused: PathBuf,
    cache: PathBuf,
    /// The copies in `cache` and their sizes in KiB; evicting one removes its file.
    copies: Cache<ModelId, u32>,
    _lock: File,
}

impl LocalFolder {
    /// Makes the folder, locks it and finds what is in it: itself and the
    /// pending uploads.
    pub(super) fn open(
        config: &S3Config,
    ) -> Result<(Self, Vec<(ModelId, Attempt)>), ModelStoreError> {
        let path = &config.local_path;
        let [pending, refused, cache] = ["pending", "refused", "cache"].map(|name| path.join(name));
        for folder in [&pending, &refused, &cache] {
            fs::create_dir_all(folder)?;
        }
        let lock = File::create(path.join(".lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ModelStoreError::LocalFolderTaken(path.clone()));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let folder = Self {
            copies: copies(&cache, config.disk_cache_size.as_u64()),
            pending,
            refused,
            cache,
            _lock: lock,
        };
        folder.find_copies()?;
        let found = folder.find_pending()?;
        Ok((folder, found))
    }

    fn find_copies(&self) -> io::Result<()> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.cache)? {
            let entry = entry?;
            let name = entry.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".model"));
            match stem.and_then(|stem| stem.parse::<ModelId>().ok()) {
                Some(id) => {
                    let about = entry.metadata()?;
                    found.push((about.modified()?, id, about.len()));
                }
                None => fs::remove_file(entry.path())?,
            }
        }
        // The oldest first, so that they are the first to leave.
        found.sort_unstable();
        for (_, id, length) in found {
            self.copies.insert(id, kibibytes(length));
        }
        self.copies.run_pending_tasks();
        Ok(())
    }

    fn find_pending(&self) -> io::Result<Vec<(ModelId, Attempt)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.pending)? {
            let entry = entry?;
            let name = entry.file_name();
            let parts = name.to_str().and_then(|name| name.split_once('.'));
            match parts.map(|(id, attempt)| (id.parse::<ModelId>(), attempt)) {
                Some((Ok(id), attempt)) => found.push((id, Attempt::recalled(attempt))),
                // Never complete, so never announced.
                _ => fs::remove_file(entry.path())?,
            }
        }
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }

    fn pending_path(&self, id: &ModelId, attempt: &Attempt) -> PathBuf {
        self.pending.join(format!("{id}.{}", attempt.as_str()))
    }

    fn copy_path(&self, id: &ModelId) -> PathBuf {
        copy_path(&self.cache, id)
    }

    /// Puts a model on disk before its upload is tried.
    pub(super) fn stage(&self, id: &ModelId, attempt: &Attempt, bytes: &[u8]) -> io::Result<()> {
        write(&self.pending, &self.pending_path(id, attempt), bytes, true)?;
        File::open(&self.pending)?.sync_all()
    }

    /// The bytes of a pending model.
    pub(super) fn staged(&self, id: &ModelId, attempt: &Attempt) -> io::Result<Vec<u8>> {
        fs::read(self.pending_path(id, attempt))
    }

    /// A pending model has been uploaded: what is here is a copy now.
    pub(super) fn settle(&self, id: &ModelId, attempt: &Attempt) -> io::Result<()> {
        let path = self.copy_path(id);
        fs::rename(self.pending_path(id, attempt), &path)?;
        self.count(id, fs::metadata(path)?.len());
        Ok(())
    }

    /// A pending model is not wanted any more.
    pub(super) fn discard(&self, id: &ModelId, attempt: &Attempt) -> io::Result<()> {
        fs::remove_file(self.pending_path(id, attempt))
    }

    /// A pending model cannot be uploaded: an operator has to look at it.
    pub(super) fn set_aside(&self, id: &ModelId, attempt: &Attempt) -> io::Result<PathBuf> {
        let path = self.refused.join(format!("{id}.{}", attempt.as_str()));
        fs::rename(self.pending_path(id, attempt), &path)?;
        Ok(path)
    }

    /// Keeps a copy of a model that was read.
    pub(super) fn keep(&self, id: &ModelId, bytes: &[u8]) -> io::Result<()> {
        write(&self.cache, &self.copy_path(id), bytes, false)?;
        self.count(id, bytes.len() as u64);
        Ok(())
    }

    fn count(&self, id: &ModelId, length: u64) {
        self.copies.insert(id.clone(), kibibytes(length));
        self.copies.run_pending_tasks();
    }

    /// The copy of a model, if there is a sound one.
    pub(super) fn copy(&self, id: &ModelId) -> Option<Vec<u8>> {
        self.copies.get(id)?;
        let sound = fs::read(self.copy_path(id))
            .ok()
            .filter(|bytes| envelope::verify(id, bytes).is_ok());
        if sound.is_none() {
            tracing::warn!(model.id = %id, "a cached model was damaged or gone; it is read again");
            self.forget(id);
        }
        sound
    }

    /// Removes the copy of a model.
    pub(super) fn forget(&self, id: &ModelId) {
        self.copies.invalidate(id);
        self.copies.run_pending_tasks();
    }

    /// The models of which there are copies.
    pub(super) fn copied(&self) -> Vec<ModelId> {
        self.copies
            .iter()
            .map(|(id, _)| id.as_ref().clone())
            .collect()
    }
}

/// Counts the copies; whatever leaves takes its file along.
fn copies(folder: &Path, size: u64) -> Cache<ModelId, u32> {
    let folder = folder.to_owned();
    CacheBuilder::new(size / KIBI)
        .eviction_policy(EvictionPolicy::lru())
        .weigher(|_, size| *size)
        .eviction_listener(move |id, _, cause| {
            if cause != RemovalCause::Replaced {
                let _ = fs::remove_file(copy_path(&folder, &id));
            }
        })
        .build()
}

fn copy_path(folder: &Path, id: &ModelId) -> PathBuf {
    folder.join(format!("{id}.model"))
}

fn kibibytes(length: u64) -> u32 {
    u32::try_from(length.div_ceil(KIBI)).unwrap_or(u32::MAX)
}

/// Writes a whole file or none.
fn write(folder: &Path, path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    if sync {
        file.as_file().sync_all()?;
    }
    file.persist(path)?;
    Ok(())
}
