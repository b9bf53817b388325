//! The handle that the service holds: one backend behind caches in memory.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use moka::future::Cache;
use tokio::task::JoinSet;

use super::{
    Listed, Loaded, ModelId, ModelMetadata, ModelStoreError, ModelSummary, Saved, Storage,
    StoreConfig, StoreHealth, backend::Backend, envelope,
};
use crate::{
    compute::{ComputeError, blocking_io},
    credit::{Model, ModelData, Results},
};

/// The models. Cloning is shallow: all clones share the backend and the cache.
#[derive(Clone, Debug)]
pub struct ModelStore {
    backend: Arc<Backend>,
    models: Cache<ModelId, Model>,
    summaries: Cache<ModelId, Arc<ModelSummary>>,
    /// Counts the deletions, so that a read can tell whether one came in between.
    deletions: Arc<AtomicU64>,
}

/// How many model summaries stay in memory; one is a few hundred bytes.
const CACHED_SUMMARIES: u64 = 100_000;

/// How many models are read at once for a list.
const READERS: usize = 16;

impl ModelStore {
    /// Opens the configured backend, proves that it can be used, and sweeps up
    /// what a crash may have left half-done.
    ///
    /// # Errors
    /// [`ModelStoreError`] when the folder cannot be made or written, or the
    /// bucket cannot be reached, written or relied on.
    pub async fn open(config: &StoreConfig) -> Result<Self, ModelStoreError> {
        let models = Cache::builder()
            .max_capacity(config.cache_size.as_u64())
            .weigher(|_, model: &Model| weight(model))
            .build();
        let summaries = Cache::builder().max_capacity(CACHED_SUMMARIES).build();
        Ok(Self {
            backend: Arc::new(Backend::open(config).await?),
            models,
            summaries,
            deletions: Arc::default(),
        })
    }

    /// Saves a new model. When this returns it is durable: in the store, or on
    /// this machine's disk and to be uploaded by [`Self::upload_pending`].
    ///
    /// # Errors
    /// [`ModelStoreError::AlreadyExists`], or the backend's failure; the model
    /// does not exist then.
    pub async fn create(
        &self,
        id: ModelId,
        data: impl Into<ModelData>,
        results: impl Into<Results>,
    ) -> Result<Saved, ModelStoreError> {
        let (name, data, results) = (id.clone(), data.into(), results.into());
        let (sealed, model) = blocking_io(move || {
            let sealed = envelope::seal(&name, &data, results)?;
            Ok::<_, ModelStoreError>((sealed, assemble(&name, data)?))
        })
        .await??;
        let sha256 = sealed.sha256.clone();
        let storage = self.backend.create(&id, sealed).await?;
        let location = self.backend.location(&id);
        self.models.insert(id, model).await;
        Ok(Saved {
            location,
            sha256,
            storage,
        })
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
        let deletions = self.deletions.load(Ordering::SeqCst);
        let entry = self.models.entry_by_ref(id);
        let entry = entry.or_try_insert_with(self.assembled(id)).await?;
        let cold = entry.is_fresh();
        if cold && self.deletions.load(Ordering::SeqCst) != deletions && !self.exists(id).await {
            // Deleted after it was read and before it was kept: nobody else would drop it.
            self.models.invalidate(id).await;
            return Err(Arc::new(ModelStoreError::NotFound(id.clone())));
        }
        let model = entry.into_value();
        Ok(Loaded { model, cold })
    }

    async fn exists(&self, id: &ModelId) -> bool {
        self.backend.exists(id).await.unwrap_or(false)
    }

    async fn assembled(&self, id: &ModelId) -> Result<Model, ModelStoreError> {
        let bytes = self.backend.read(id).await?;
        let id = id.clone();
        blocking_io(move || {
            let payload = envelope::open(&id, &bytes)?;
            assemble(&id, payload.data)
        })
        .await?
    }

    /// Everything known about a model, with its digest checked.
    ///
    /// # Errors
    /// As [`ModelStore::load`].
    pub async fn metadata(&self, id: &ModelId) -> Result<ModelMetadata, ModelStoreError> {
        let bytes = self.backend.read(id).await?;
        let id = id.clone();
        blocking_io(move || envelope::open(&id, &bytes)?.metadata(&id)).await?
    }

    /// Every model, the newest first. Damaged ones are left out and logged.
    ///
    /// # Errors
    /// The backend's failure.
    pub async fn list(&self) -> Result<Vec<Listed>, ModelStoreError> {
        let mut ids = self.backend.list().await?.into_iter();
        let mut readers = JoinSet::new();
        let mut found = Vec::with_capacity(ids.len());
        loop {
            while readers.len() < READERS
                && let Some(id) = ids.next()
            {
                let store = self.clone();
                readers.spawn(async move { (store.summary(&id).await, id) });
            }
            let Some(read) = readers.join_next().await else {
                break;
            };
            match read {
                Ok((Ok(summary), id)) => found.push(Listed {
                    summary,
                    storage: self.backend.storage(&id),
                }),
                Ok((Err(ModelStoreError::NotFound(_)), _)) => {}
                Ok((Err(error @ ModelStoreError::Damaged { .. }), id)) => {
                    tracing::error!(model.id = %id, %error, "model left out of the list");
                }
                Ok((Err(error), _)) => return Err(error),
                Err(_) => return Err(ComputeError::Panicked.into()),
            }
        }
        found.sort_by(|a, b| {
            let (a, b) = (&a.summary, &b.summary);
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
            location: self.backend.location(id),
            sha256,
            storage: self.backend.storage(id),
        })
    }

    /// Deletes a model for good.
    ///
    /// # Errors
    /// [`ModelStoreError::NotFound`] or the backend's failure.
    pub async fn delete(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        self.backend.delete(id).await?;
        self.deletions.fetch_add(1, Ordering::SeqCst);
        self.forget(id).await;
        Ok(())
    }

    async fn forget(&self, id: &ModelId) {
        self.models.invalidate(id).await;
        self.summaries.invalidate(id).await;
    }

    /// Whether a model that exists has reached the store.
    pub fn storage(&self, id: &ModelId) -> Storage {
        self.backend.storage(id)
    }

    /// The name of the backend, for the audit trail.
    pub fn backend(&self) -> &'static str {
        self.backend.name()
    }

    /// Whether the backend can do its work, as far as is known.
    pub async fn health(&self) -> StoreHealth {
        self.backend.health().await
    }

    /// Forgets the models that others have deleted.
    ///
    /// # Errors
    /// The backend's failure; nothing is forgotten then.
    pub async fn refresh(&self) -> Result<(), ModelStoreError> {
        let known = self.backend.refresh().await?;
        let gone = |id: &ModelId| known.binary_search(id).is_err();
        let models: Vec<_> = self.models.iter().map(|(id, _)| id).collect();
        let summaries: Vec<_> = self.summaries.iter().map(|(id, _)| id).collect();
        for id in models.iter().chain(&summaries).filter(|id| gone(id)) {
            self.forget(id).await;
        }
        Ok(())
    }

    /// Asks whether the object store answers, and uploads what is pending.
    /// Returns what has arrived and was not confirmed by [`Self::confirm`].
    pub async fn upload_pending(&self) -> Vec<(ModelId, Saved)> {
        let uploads = self.backend.upload_pending().await;
        for id in &uploads.refused {
            self.forget(id).await;
        }
        let mut arrived = Vec::new();
        for id in uploads.arrived {
            match self.locate(&id).await {
                Ok(saved) => arrived.push((id, saved)),
                Err(error) => tracing::error!(model.id = %id, %error, "an upload is not readable"),
            }
        }
        arrived
    }

    /// Takes note that somebody has recorded the arrival of a model. Until then
    /// the arrival is reported again, also after a restart.
    ///
    /// # Errors
    /// The backend's failure.
    pub async fn confirm(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        self.backend.confirm(id).await
    }

    /// What is behind the caches.
    pub(super) fn behind(&self) -> &Backend {
        &self.backend
    }
}

fn assemble(id: &ModelId, data: ModelData) -> Result<Model, ModelStoreError> {
    Model::new(data).map_err(|_| ModelStoreError::Damaged {
        id: id.clone(),
        reason: "its parts do not fit together",
    })
}

/// Roughly the bytes a loaded model takes.
fn weight(model: &Model) -> u32 {
    let (bytes, characteristics) = match model {
        Model::Credit(model) => (model.body().form.weight(), &model.schema().characteristics),
        Model::Regression(model) => {
            let body = model.body();
            (body.spread.factor.len() * 8, &body.characteristics)
        }
    };
    let texts: usize = characteristics.iter().map(|c| c.name.len() + 256).sum();
    u32::try_from(bytes + texts).unwrap_or(u32::MAX)
}
