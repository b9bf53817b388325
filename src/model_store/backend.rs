//! The backends there are, behind one face.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    ModelId, ModelStoreError, Storage, StoreConfig, StoreHealth, StoreKind,
    envelope::Sealed,
    filesystem::Filesystem,
    remote::{Remote, Uploads},
};
use crate::compute::blocking_io;

/// Where models are.
#[derive(Debug)]
pub(super) enum Backend {
    /// A directory.
    Filesystem(Arc<Filesystem>),
    /// A bucket.
    Remote(Box<Remote>),
}

impl Backend {
    pub(super) async fn open(config: &StoreConfig) -> Result<Self, ModelStoreError> {
        match config.kind {
            StoreKind::Filesystem => {
                let path = config.path.clone();
                let opened = blocking_io(move || Filesystem::open(&path)).await??;
                Ok(Self::Filesystem(Arc::new(opened)))
            }
            StoreKind::S3 => {
                let opened = Box::pin(Remote::open(&config.s3)).await?;
                Ok(Self::Remote(Box::new(opened)))
            }
        }
    }

    /// Its name in the audit trail.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Filesystem(_) => Filesystem::NAME,
            Self::Remote(_) => Remote::NAME,
        }
    }

    /// Opaque address of a model.
    pub(super) fn location(&self, id: &ModelId) -> String {
        match self {
            Self::Filesystem(_) => Filesystem::location(id),
            Self::Remote(remote) => remote.location(id),
        }
    }

    /// Writes a model that must not exist yet.
    pub(super) async fn create(
        &self,
        id: &ModelId,
        sealed: Sealed,
    ) -> Result<Storage, ModelStoreError> {
        match self {
            Self::Filesystem(_) => {
                self.import(id, sealed.model, sealed.metadata).await?;
                Ok(Storage::Stored)
            }
            Self::Remote(remote) => remote.create(id, &sealed).await,
        }
    }

    /// The same for a model that is safe elsewhere: an error, not a pending upload.
    pub(super) async fn import(
        &self,
        id: &ModelId,
        model: Bytes,
        metadata: Bytes,
    ) -> Result<(), ModelStoreError> {
        match self {
            Self::Filesystem(folder) => {
                let (folder, id) = (Arc::clone(folder), id.clone());
                blocking_io(move || folder.create(&id, &metadata, &model)).await?
            }
            Self::Remote(remote) => remote.import(id, &model, &metadata).await,
        }
    }

    pub(super) fn storage(&self, id: &ModelId) -> Storage {
        match self {
            Self::Filesystem(_) => Storage::Stored,
            Self::Remote(remote) => remote.storage(id),
        }
    }

    pub(super) async fn exists(&self, id: &ModelId) -> Result<bool, ModelStoreError> {
        match self {
            Self::Filesystem(folder) => {
                let (folder, id) = (Arc::clone(folder), id.clone());
                Ok(blocking_io(move || folder.exists(&id)).await?)
            }
            Self::Remote(remote) => remote.exists(id).await,
        }
    }

    /// The bytes of a model; a cached copy will do.
    pub(super) async fn read(&self, id: &ModelId) -> Result<Bytes, ModelStoreError> {
        match self {
            Self::Filesystem(_) => self.fetch(id).await,
            Self::Remote(remote) => remote.read(id).await,
        }
    }

    /// The bytes of a model as they are stored, past every cache.
    pub(super) async fn fetch(&self, id: &ModelId) -> Result<Bytes, ModelStoreError> {
        match self {
            Self::Filesystem(folder) => {
                let (folder, id) = (Arc::clone(folder), id.clone());
                blocking_io(move || folder.read(&id).map(Bytes::from)).await?
            }
            Self::Remote(remote) => remote.fetch(id).await,
        }
    }

    /// The ids of all models, in byte-wise order.
    pub(super) async fn list(&self) -> Result<Vec<ModelId>, ModelStoreError> {
        match self {
            Self::Filesystem(folder) => {
                let folder = Arc::clone(folder);
                Ok(blocking_io(move || folder.list()).await??)
            }
            Self::Remote(remote) => remote.list().await,
        }
    }

    /// The same, after forgetting what this machine keeps of models that are gone.
    pub(super) async fn refresh(&self) -> Result<Vec<ModelId>, ModelStoreError> {
        match self {
            Self::Filesystem(_) => self.list().await,
            Self::Remote(remote) => remote.refresh().await,
        }
    }

    pub(super) async fn delete(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        match self {
            Self::Filesystem(folder) => {
                let (folder, id) = (Arc::clone(folder), id.clone());
                blocking_io(move || folder.delete(&id)).await?
            }
            Self::Remote(remote) => remote.delete(id).await,
        }
    }

    pub(super) async fn health(&self) -> StoreHealth {
        match self {
            Self::Filesystem(folder) => {
                let folder = Arc::clone(folder);
                match blocking_io(move || folder.healthy()).await {
                    Ok(true) => StoreHealth::Healthy,
                    _ => StoreHealth::Unhealthy,
                }
            }
            Self::Remote(remote) => remote.health(),
        }
    }

    pub(super) async fn upload_pending(&self) -> Uploads {
        match self {
            Self::Filesystem(_) => Uploads::default(),
            Self::Remote(remote) => remote.upload_pending().await,
        }
    }

    pub(super) async fn confirm(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        match self {
            Self::Filesystem(_) => Ok(()),
            Self::Remote(remote) => remote.confirm(id).await,
        }
    }
}
