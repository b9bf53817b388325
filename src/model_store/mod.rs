//! Models at rest: saved once, loaded through a cache, listed, deleted.
//!
//! A model is two files: `{model_id}.model`, an envelope with a digest around
//! the model's data, and `{model_id}.json`, which a person can read. A model
//! exists exactly when its `.model` does; that file appears in one step, after
//! everything else is on disk.

mod config;
mod envelope;
mod filesystem;
mod id;
mod metadata;

use std::{io, sync::Arc};

use moka::future::Cache;

pub use config::{StoreConfig, StoreKind};
pub use id::ModelId;
pub use metadata::{ModelMetadata, ModelSummary};

use crate::{
    compute::{ComputeError, blocking_io},
    credit::{CreditModel, ModelBody, TrainingResult},
};
use filesystem::Filesystem;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ModelStoreError {
    /// There is no model of this id.
    #[error("there is no model {0}")]
    NotFound(ModelId),
    /// There is a model of this id already; models are never replaced.
    #[error("there is a model {0} already")]
    AlreadyExists(ModelId),
    /// What is stored is not what was saved.
    #[error("the stored model {id} is damaged: {reason}")]
    Damaged {
        /// The model.
        id: ModelId,
        /// What does not hold.
        reason: &'static str,
    },
    /// The backend failed.
    #[error("the model store failed")]
    Backend(#[from] io::Error),
    /// The model could not be written down.
    #[error("the model cannot be encoded")]
    Encoding,
    /// The work on a blocking thread was lost.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// The configured backend is not part of this version.
    #[error("this version stores models on a filesystem only; set the storage type to filesystem")]
    NoSuchBackend,
}

/// Where a saved model is.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Opaque location, relative to the store.
    pub location: String,
    /// Hex SHA-256 of the model's data: same data, plan and seed, same digest.
    pub sha256: String,
}

/// A model that was asked for.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The model; cloning is shallow.
    pub model: Arc<CreditModel>,
    /// Whether it had to be read from the backend.
    pub cold: bool,
}

/// The models. Cloning is shallow: all clones share the backend and the cache.
#[derive(Clone, Debug)]
pub struct ModelStore {
    backend: Arc<Filesystem>,
    models: Cache<ModelId, Arc<CreditModel>>,
    summaries: Cache<ModelId, Arc<ModelSummary>>,
}

/// How many model summaries stay in memory; one is a few hundred bytes.
const CACHED_SUMMARIES: u64 = 100_000;

impl ModelStore {
    /// Opens the configured backend, makes its directory and sweeps up what a
    /// crash may have left half-done.
    ///
    /// # Errors
    /// [`ModelStoreError`] when the directory cannot be made or written.
    pub fn open(config: &StoreConfig) -> Result<Self, ModelStoreError> {
        let backend = match config.kind {
            StoreKind::Filesystem => Filesystem::open(&config.path)?,
            StoreKind::S3 => return Err(ModelStoreError::NoSuchBackend),
        };
        let models = Cache::builder()
            .max_capacity(config.cache_size.as_u64())
            .weigher(|_, model: &Arc<CreditModel>| weight(model))
            .build();
        let summaries = Cache::builder().max_capacity(CACHED_SUMMARIES).build();
        Ok(Self {
            backend: Arc::new(backend),
            models,
            summaries,
        })
    }

    /// Saves a new model; it is durable when this returns.
    ///
    /// # Errors
    /// [`ModelStoreError::AlreadyExists`], or the backend's failure; the model
    /// does not exist then.
    pub async fn create(
        &self,
        id: ModelId,
        body: ModelBody,
        result: TrainingResult,
    ) -> Result<Saved, ModelStoreError> {
        let backend = Arc::clone(&self.backend);
        let model_id = id.clone();
        let (saved, model) = blocking_io(move || {
            let sealed = envelope::seal(&model_id, &body, result)?;
            backend.create(&model_id, &sealed.metadata, &sealed.model)?;
            let location = Filesystem::location(&model_id);
            let reason = "its parts do not fit together";
            let model = CreditModel::new(body).map_err(|_| ModelStoreError::Damaged {
                id: model_id,
                reason,
            })?;
            Ok::<_, ModelStoreError>((
                Saved {
                    location,
                    sha256: sealed.sha256,
                },
                model,
            ))
        })
        .await??;
        self.models.insert(id, Arc::new(model)).await;
        Ok(saved)
    }

    /// The model, from memory or from the backend with its digest checked.
    /// Callers who ask for the same cold model at once share one read.
    ///
    /// # Errors
    /// [`ModelStoreError::NotFound`], [`ModelStoreError::Damaged`] or the
    /// backend's failure.
    pub async fn load(&self, id: &ModelId) -> Result<Loaded, Arc<ModelStoreError>> {
        if let Some(model) = self.models.get(id).await {
            return Ok(Loaded { model, cold: false });
        }
        let entry = self.models.entry_by_ref(id);
        let entry = entry.or_try_insert_with(self.read(id)).await?;
        let cold = entry.is_fresh();
        if cold && !self.exists(id).await {
            // Deleted after it was read and before it was kept: nobody else would drop it.
            self.models.invalidate(id).await;
            return Err(Arc::new(ModelStoreError::NotFound(id.clone())));
        }
        let model = entry.into_value();
        Ok(Loaded { model, cold })
    }

    async fn exists(&self, id: &ModelId) -> bool {
        let (backend, id) = (Arc::clone(&self.backend), id.clone());
        blocking_io(move || backend.exists(&id))
            .await
            .unwrap_or(false)
    }

    async fn read(&self, id: &ModelId) -> Result<Arc<CreditModel>, ModelStoreError> {
        let backend = Arc::clone(&self.backend);
        let id = id.clone();
        blocking_io(move || {
            let opened = envelope::open(&id, &backend.read_model(&id)?)?;
            let reason = "its parts do not fit together";
            CreditModel::new(opened.body)
                .map(Arc::new)
                .map_err(|_| ModelStoreError::Damaged { id, reason })
        })
        .await?
    }

    /// Everything known about a model, with its digest checked.
    ///
    /// # Errors
    /// As [`ModelStore::load`].
    pub async fn metadata(&self, id: &ModelId) -> Result<ModelMetadata, ModelStoreError> {
        let backend = Arc::clone(&self.backend);
        let id = id.clone();
        blocking_io(move || {
            let opened = envelope::open(&id, &backend.read_model(&id)?)?;
            envelope::metadata(&id, &opened, &backend.read_metadata(&id)?)
        })
        .await?
    }

    /// Every model, the newest first. Damaged ones are left out and logged.
    ///
    /// # Errors
    /// The backend's failure.
    pub async fn list(&self) -> Result<Vec<Arc<ModelSummary>>, ModelStoreError> {
        let backend = Arc::clone(&self.backend);
        let ids = blocking_io(move || backend.list()).await??;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            match self.summary(&id).await {
                Ok(summary) => found.push(summary),
                Err(ModelStoreError::NotFound(_)) => {}
                Err(error) => tracing::error!(model.id = %id, %error, "model left out of the list"),
            }
        }
        found.sort_by(|a, b| {
            b.created_at
                .cmp(&a.created_at)
                .then_with(|| a.model_id.cmp(&b.model_id))
        });
        Ok(found)
    }

    async fn summary(&self, id: &ModelId) -> Result<Arc<ModelSummary>, ModelStoreError> {
        if let Some(summary) = self.summaries.get(id).await {
            return Ok(summary);
        }
        let summary = Arc::new(self.metadata(id).await?.summary);
        self.summaries
            .insert(id.clone(), Arc::clone(&summary))
            .await;
        Ok(summary)
    }

    /// Where the model is and the digest of its data.
    ///
    /// # Errors
    /// As [`ModelStore::load`].
    pub async fn locate(&self, id: &ModelId) -> Result<Saved, ModelStoreError> {
        let sha256 = self.metadata(id).await?.model_sha256;
        Ok(Saved {
            location: Filesystem::location(id),
            sha256,
        })
    }

    /// Deletes a model for good.
    ///
    /// # Errors
    /// [`ModelStoreError::NotFound`] or the backend's failure.
    pub async fn delete(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        let backend = Arc::clone(&self.backend);
        let doomed = id.clone();
        blocking_io(move || backend.delete(&doomed)).await??;
        self.models.invalidate(id).await;
        self.summaries.invalidate(id).await;
        Ok(())
    }

    /// The name of the backend, for the audit trail.
    pub fn backend(&self) -> &'static str {
        Filesystem::NAME
    }

    /// Whether the backend answers.
    pub async fn healthy(&self) -> bool {
        let backend = Arc::clone(&self.backend);
        blocking_io(move || backend.healthy())
            .await
            .unwrap_or(false)
    }
}

/// Roughly the bytes a loaded model takes.
fn weight(model: &CreditModel) -> u32 {
    let features = model.body().features.features.len();
    let texts: usize = model
        .schema()
        .characteristics
        .iter()
        .map(|c| c.name.len() + 256)
        .sum();
    u32::try_from(features * 256 + texts).unwrap_or(u32::MAX)
}
