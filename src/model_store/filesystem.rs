//! Models in a directory.
//!
//! `{id}.json` is written first, then `{id}.model` by a rename that never
//! replaces: that rename is the moment the model exists. Both files and the
//! directory are synced. A lock file serialises creators and deleters of one
//! directory, in this process and in others.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{ModelId, ModelStoreError, envelope};

const LOCK: &str = ".lock";
const TEMPORARY: &str = ".new-";

/// A directory of models.
#[derive(Debug)]
pub(super) struct Filesystem {
    directory: PathBuf,
}

impl Filesystem {
    /// Its name in the audit trail.
    pub(super) const NAME: &str = "filesystem";

    /// Makes the directory, proves that it can be written, restores what is
    /// missing and removes what a crash left: temporary files and metadata without
    /// a model.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let store = Self {
            directory: directory.to_owned(),
        };
        let _lock = store.lock()?;
        let mut proof = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(directory)?;
        proof.write_all(b"writable")?;
        drop(proof);
        store.restore_metadata()?;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if store.is_left_over(&path) {
                tracing::warn!(file = ?path.file_name(), "removing what a crash left behind");
                fs::remove_file(&path)?;
            }
        }
        Ok(store)
    }

    /// Writes the metadata again of models that have lost theirs.
    fn restore_metadata(&self) -> io::Result<()> {
        for id in self.list()? {
            if self.metadata_path(&id).exists() {
                continue;
            }
            let sealed = fs::read(self.model_path(&id))?;
            // Of a damaged model nothing can be said.
            if let Ok(payload) = envelope::open(&id, &sealed) {
                tracing::warn!(model.id = %id, "writing the metadata file again");
                let metadata = self.stage(&payload.into_json())?;
                metadata.persist(self.metadata_path(&id))?;
            }
        }
        Ok(())
    }

    fn is_left_over(&self, path: &Path) -> bool {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with(TEMPORARY) {
            return true;
        }
        let id = name
            .strip_suffix(".json")
            .and_then(|stem| stem.parse::<ModelId>().ok());
        id.is_some_and(|id| !self.model_path(&id).exists())
    }

    /// The name of the model's file, relative to the store.
    pub(super) fn location(id: &ModelId) -> String {
        format!("{id}.model")
    }

    fn model_path(&self, id: &ModelId) -> PathBuf {
        self.directory.join(Self::location(id))
    }

    fn metadata_path(&self, id: &ModelId) -> PathBuf {
        self.directory.join(format!("{id}.json"))
    }

    /// Held while the set of models changes; released when the file closes.
    fn lock(&self) -> io::Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.directory.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }

    /// Writes both files; the model exists when this returns, or not at all.
    pub(super) fn create(
        &self,
        id: &ModelId,
        metadata: &[u8],
        model: &[u8],
    ) -> Result<(), ModelStoreError> {
        // Before anything is written: whoever opens the directory sweeps it.
        let _lock = self.lock()?;
        let metadata = self.stage(metadata)?;
        let model = self.stage(model)?;
        let path = self.model_path(id);
        if path.exists() {
            return Err(ModelStoreError::AlreadyExists(id.clone()));
        }
        metadata
            .persist(self.metadata_path(id))
            .map_err(io::Error::from)?;
        self.sync()?;
        model
            .persist_noclobber(&path)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => ModelStoreError::AlreadyExists(id.clone()),
                _ => ModelStoreError::Backend(error.error),
            })?;
        self.sync()?;
        Ok(())
    }

    /// Writes `bytes` to a temporary file in the same directory, on disk.
    fn stage(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Makes the directory's entries durable.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }

    pub(super) fn exists(&self, id: &ModelId) -> bool {
        self.model_path(id).exists()
    }

    /// The bytes of a model.
    pub(super) fn read(&self, id: &ModelId) -> Result<Vec<u8>, ModelStoreError> {
        fs::read(self.model_path(id)).map_err(|error| not_found_or(id, error))
    }

    /// The ids of all models, in byte-wise order.
    pub(super) fn list(&self) -> io::Result<Vec<ModelId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".model"));
            ids.extend(stem.and_then(|stem| stem.parse::<ModelId>().ok()));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Removes the model, then its metadata.
    pub(super) fn delete(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        let _lock = self.lock()?;
        fs::remove_file(self.model_path(id)).map_err(|error| not_found_or(id, error))?;
        self.sync()?;
        match fs::remove_file(self.metadata_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether the directory can be listed.
    pub(super) fn healthy(&self) -> bool {
        fs::read_dir(&self.directory).is_ok()
    }
}

fn not_found_or(id: &ModelId, error: io::Error) -> ModelStoreError {
    match error.kind() {
        io::ErrorKind::NotFound => ModelStoreError::NotFound(id.clone()),
        _ => ModelStoreError::Backend(error),
    }
}
