//! Models in an object store, with a folder of this machine beside it.
//!
//! A new model is first put on this machine's disk, complete and synced, and
//! then uploaded. When the object store is away the model stays pending here
//! and is uploaded later; it can be used on this machine meanwhile. The `.model`
//! object is the model; `.json` is a copy of its metadata for people.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::time::timeout;

use super::{
    ModelId, ModelStoreError, S3Config, Storage, StoreHealth,
    envelope::{self, Sealed},
    local::LocalFolder,
    objects::{Attempt, Created, Refusal},
    pending::{Pending, Stage},
    probe::probe,
    s3::Bucket,
};
use crate::compute::blocking_io;

/// A bucket of models.
#[derive(Debug)]
pub(super) struct Remote {
    bucket: Bucket,
    local: Arc<LocalFolder>,
    pending: Arc<Pending>,
    /// Held while a pending model is uploaded later, or a model is deleted.
    changing: tokio::sync::Mutex<()>,
    upload_wait: Duration,
    answers: AtomicBool,
}

/// What became of the pending models.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// They are in the bucket and await [`Remote::confirm`].
    pub(super) arrived: Vec<ModelId>,
    /// They have just been set aside: what is in memory under their ids is not in the bucket.
    pub(super) refused: Vec<ModelId>,
}

impl Remote {
    /// Its name in the audit trail.
    pub(super) const NAME: &str = "s3";

    /// Locks the local folder, tries the bucket out and tidies up.
    pub(super) async fn open(config: &S3Config) -> Result<Self, ModelStoreError> {
        let settings = config.clone();
        let (local, found) = blocking_io(move || LocalFolder::open(&settings)).await??;
        let bucket = Bucket::connect(config).await?;
        let support = probe(&bucket).await?;
        if !support.conditional_put {
            if !config.allow_unconditional_writes {
                return Err(ModelStoreError::Unconditional(bucket.location("")));
            }
            tracing::warn!(
                bucket = bucket.location(""),
                "the object store ignores If-None-Match; creations are serialised in this \
                 process, which must be the only one that writes there"
            );
        }
        let remote = Self {
            bucket: bucket.supporting(support),
            local: Arc::new(local),
            pending: Arc::new(Pending::found(found)),
            changing: tokio::sync::Mutex::default(),
            upload_wait: config.upload_wait,
            answers: AtomicBool::new(true),
        };
        metrics::gauge!("creditrisk_model_store_up").set(1.0);
        remote.repair().await?;
        remote.refresh().await?;
        Ok(remote)
    }

    /// The address of a model.
    pub(super) fn location(&self, id: &ModelId) -> String {
        self.bucket.location(&model_key(id))
    }

    /// Takes note of whether the object store did what it was asked.
    fn heard<T>(&self, answer: Result<T, Refusal>) -> Result<T, ModelStoreError> {
        let answers = answer.is_ok();
        if self.answers.swap(answers, Ordering::Relaxed) != answers {
            metrics::gauge!("creditrisk_model_store_up").set(f64::from(u8::from(answers)));
            match &answer {
                Ok(_) => tracing::info!("the object store answers again"),
                Err(Refusal {
                    operation, reason, ..
                }) => tracing::error!(operation, reason, "the object store fails"),
            }
        }
        answer.map_err(ModelStoreError::from)
    }

    /// Puts a model on disk and into the bucket. When the bucket does not answer
    /// in time the model is pending; it is never lost.
    pub(super) async fn create(
        &self,
        id: &ModelId,
        sealed: &Sealed,
    ) -> Result<Storage, ModelStoreError> {
        let mut hand = self.pending.take_in_hand(id)?;
        let attempt = hand.attempt().clone();
        let (local, name, token) = (Arc::clone(&self.local), id.clone(), attempt.clone());
        let model = sealed.model.clone();
        let staged = blocking_io(move || {
            local.stage(&name, &token, &model)?;
            hand.is_staged();
            Ok::<_, ModelStoreError>(hand)
        });
        // It is on disk even if nobody waits for that any more, and pending then.
        let _hand = staged.await??;
        let upload = self.upload(id, &attempt, &sealed.model, &sealed.metadata);
        match timeout(self.upload_wait, upload).await {
            Ok(Ok(Created::Now)) => {
                if let Err(error) = self.settle(id, &attempt).await {
                    // It stays among the pending ones, and is found in the bucket later.
                    tracing::warn!(model.id = %id, %error, "the local copy cannot be moved");
                }
                Ok(Storage::Stored)
            }
            Ok(Ok(Created::Taken)) => {
                self.drop_pending(id, &attempt).await?;
                Err(ModelStoreError::AlreadyExists(id.clone()))
            }
            Ok(Err(error)) => {
                tracing::warn!(model.id = %id, %error, "the upload is pending");
                Ok(Storage::PendingUpload)
            }
            Err(_) => {
                let late = self.heard::<()>(Err(Refusal {
                    operation: "write an object",
                    status: None,
                    reason: "no answer in time".to_owned(),
                }));
                tracing::warn!(model.id = %id, error = ?late, "the upload is pending");
                Ok(Storage::PendingUpload)
            }
        }
    }

    /// Creates both objects. Asking again with the same token changes nothing.
    async fn upload(
        &self,
        id: &ModelId,
        attempt: &Attempt,
        model: &Bytes,
        metadata: &Bytes,
    ) -> Result<Created, ModelStoreError> {
        let created = self.bucket.create(&model_key(id), model, attempt).await;
        let created = self.heard(created)?;
        if created == Created::Now {
            self.describe(id, metadata, attempt).await;
        }
        Ok(created)
    }

    /// Writes the copy for people; [`Self::repair`] does it at the next start if it fails.
    async fn describe(&self, id: &ModelId, metadata: &Bytes, attempt: &Attempt) {
        let key = metadata_key(id);
        let written = self
            .bucket
            .write_whole(&key, metadata, attempt, false)
            .await;
        if let Err(error) = self.heard(written) {
            tracing::warn!(model.id = %id, %error, "the metadata object will be written later");
        }
    }

    /// The model is in the bucket: what is on disk is a copy.
    async fn settle(&self, id: &ModelId, attempt: &Attempt) -> Result<(), ModelStoreError> {
        let (local, name, token) = (Arc::clone(&self.local), id.clone(), attempt.clone());
        blocking_io(move || local.settle(&name, &token)).await??;
        self.pending.remove(id);
        Ok(())
    }

    async fn drop_pending(&self, id: &ModelId, attempt: &Attempt) -> Result<(), ModelStoreError> {
        let (local, name, token) = (Arc::clone(&self.local), id.clone(), attempt.clone());
        blocking_io(move || local.discard(&name, &token)).await??;
        self.pending.remove(id);
        Ok(())
    }

    /// Creates a model that is complete already, without a pending copy.
    pub(super) async fn import(
        &self,
        id: &ModelId,
        model: &Bytes,
        metadata: &Bytes,
    ) -> Result<(), ModelStoreError> {
        let attempt = Attempt::random()?;
        match self.upload(id, &attempt, model, metadata).await? {
            Created::Now => Ok(()),
            Created::Taken => Err(ModelStoreError::AlreadyExists(id.clone())),
        }
    }

    /// Whether the model is on its way.
    pub(super) fn storage(&self, id: &ModelId) -> Storage {
        match self.pending.stage(id) {
            Some(Stage::InHand | Stage::Waiting) => Storage::PendingUpload,
            Some(Stage::Uploaded) | None => Storage::Stored,
        }
    }

    pub(super) async fn exists(&self, id: &ModelId) -> Result<bool, ModelStoreError> {
        if self.pending.stage(id).is_some() {
            return Ok(true);
        }
        let creator = self.bucket.creator(&model_key(id)).await;
        Ok(self.heard(creator)?.is_some())
    }

    /// The bytes of a model: from this machine, or from the bucket by one GET.
    pub(super) async fn read(&self, id: &ModelId) -> Result<Bytes, ModelStoreError> {
        let pending = self.pending.attempt(id);
        let (local, name) = (Arc::clone(&self.local), id.clone());
        let here = blocking_io(move || match pending {
            Some(attempt) => local.staged(&name, &attempt).ok(),
            None => local.copy(&name),
        });
        if let Some(bytes) = here.await? {
            return Ok(bytes.into());
        }
        let bytes = self.fetch(id).await?;
        if envelope::verify(id, &bytes).is_err() {
            // It may have been spoilt on the way.
            return self.fetch(id).await;
        }
        let (local, name, copy) = (Arc::clone(&self.local), id.clone(), bytes.clone());
        let kept = blocking_io(move || local.keep(&name, &copy)).await?;
        if let Err(error) = kept {
            tracing::warn!(model.id = %id, %error, "the model cannot be cached on disk");
        }
        Ok(bytes)
    }

    /// The bytes of a model as they are in the bucket.
    pub(super) async fn fetch(&self, id: &ModelId) -> Result<Bytes, ModelStoreError> {
        let found = self.bucket.get(&model_key(id)).await;
        self.heard(found)?
            .ok_or_else(|| ModelStoreError::NotFound(id.clone()))
    }

    /// The ids of all models, pending ones included, in byte-wise order.
    pub(super) async fn list(&self) -> Result<Vec<ModelId>, ModelStoreError> {
        // What arrives while the bucket is listed is not in its answer, nor pending afterwards.
        let before = self.pending.ids();
        let keys = self.heard(self.bucket.list().await)?;
        let mut ids: BTreeSet<_> = keys.iter().filter_map(|key| id_of(key, MODEL)).collect();
        ids.extend(before.into_iter().chain(self.pending.ids()));
        Ok(ids.into_iter().collect())
    }

    /// Removes the model, then its metadata. Nothing is removed unless the
    /// object store answers, because an upload without a reply may have arrived.
    pub(super) async fn delete(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        let _turn = self.changing.lock().await;
        let creator = self.heard(self.bucket.creator(&model_key(id)).await)?;
        let pending = self.pending.attempt(id);
        if creator.is_none() && pending.is_none() {
            return Err(ModelStoreError::NotFound(id.clone()));
        }
        // A name that somebody else took while ours was pending: what is theirs stays.
        let taken = creator.as_ref().zip(pending.as_ref());
        let theirs = taken.is_some_and(|(creator, attempt)| {
            matches!(attempt.made(creator.as_deref()), Created::Taken)
        });
        if !theirs {
            self.heard(self.bucket.delete(&model_key(id)).await)?;
            self.heard(self.bucket.delete(&metadata_key(id)).await)?;
        }
        if let Some(attempt) = pending {
            self.drop_pending(id, &attempt).await?;
        }
        let (local, name) = (Arc::clone(&self.local), id.clone());
        blocking_io(move || local.forget(&name)).await?;
        Ok(())
    }

    /// How the last requests went; nothing is asked.
    pub(super) fn health(&self) -> StoreHealth {
        if self.answers.load(Ordering::Relaxed) && self.pending.is_empty() {
            StoreHealth::Healthy
        } else {
            StoreHealth::Degraded
        }
    }

    /// Asks whether the bucket answers and uploads what is pending.
    pub(super) async fn upload_pending(&self) -> Uploads {
        let mut refused = Vec::new();
        if self.heard(self.bucket.answers().await).is_ok() {
            for (id, attempt) in self.pending.at(Stage::Waiting) {
                let _turn = self.changing.lock().await;
                if self.pending.stage(&id) != Some(Stage::Waiting) {
                    continue;
                }
                match self.upload_later(&id, &attempt).await {
                    Ok(Created::Now) => {}
                    Ok(Created::Taken) => refused.push(id),
                    Err(error) => {
                        tracing::warn!(model.id = %id, %error, "the upload is still pending");
                        // One that is refused must not keep the others back.
                        if self.heard(self.bucket.answers().await).is_err() {
                            break;
                        }
                    }
                }
            }
        }
        let arrived = self.pending.at(Stage::Uploaded).into_iter();
        Uploads {
            arrived: arrived.map(|(id, _)| id).collect(),
            refused,
        }
    }

    async fn upload_later(
        &self,
        id: &ModelId,
        attempt: &Attempt,
    ) -> Result<Created, ModelStoreError> {
        let (local, name, token) = (Arc::clone(&self.local), id.clone(), attempt.clone());
        let staged = blocking_io(move || {
            let bytes = local.staged(&name, &token)?;
            let metadata = envelope::open(&name, &bytes)?.into_json();
            Ok::<_, ModelStoreError>((Bytes::from(bytes), metadata))
        });
        let created = match staged.await? {
            Ok((model, metadata)) => self.upload(id, attempt, &model, &metadata).await?,
            Err(ModelStoreError::Damaged { .. }) => Created::Taken,
            Err(error) => return Err(error),
        };
        if created == Created::Now {
            self.pending.is_uploaded(id);
            return Ok(created);
        }
        let (local, name, token) = (Arc::clone(&self.local), id.clone(), attempt.clone());
        let path = blocking_io(move || local.set_aside(&name, &token)).await??;
        self.pending.remove(id);
        tracing::error!(
            model.id = %id, path = %path.display(),
            "a pending model was set aside: its id is taken in the bucket, or its file is damaged"
        );
        Ok(created)
    }

    /// Somebody has taken note that the model is in the bucket.
    pub(super) async fn confirm(&self, id: &ModelId) -> Result<(), ModelStoreError> {
        match (self.pending.stage(id), self.pending.attempt(id)) {
            (Some(Stage::Uploaded), Some(attempt)) => self.settle(id, &attempt).await,
            _ => Ok(()),
        }
    }

    /// Forgets the copies of models that are gone. Returns the ids of all models.
    pub(super) async fn refresh(&self) -> Result<Vec<ModelId>, ModelStoreError> {
        let ids = self.list().await?;
        let (local, known) = (Arc::clone(&self.local), ids.clone());
        blocking_io(move || {
            let gone = local
                .copied()
                .into_iter()
                .filter(|id| known.binary_search(id).is_err());
            gone.for_each(|id| local.forget(&id));
        })
        .await?;
        Ok(ids)
    }

    /// Repairs what an interruption left: metadata without a model, or a model
    /// without metadata.
    async fn repair(&self) -> Result<(), ModelStoreError> {
        let keys = self.heard(self.bucket.list().await)?;
        let with = |suffix| {
            keys.iter()
                .filter_map(move |key| id_of(key, suffix))
                .collect()
        };
        let (models, described): (BTreeSet<_>, BTreeSet<_>) = (with(MODEL), with(METADATA));
        for id in described.difference(&models) {
            self.heard(self.bucket.delete(&metadata_key(id)).await)?;
        }
        for id in models.difference(&described) {
            // A damaged or deleted model is no reason not to start.
            if let Ok(bytes) = self.read(id).await
                && let Ok(payload) = envelope::open(id, &bytes)
            {
                let metadata = payload.into_json();
                self.describe(id, &metadata, &Attempt::random()?).await;
            }
        }
        Ok(())
    }
}

const MODEL: &str = ".model";
const METADATA: &str = ".json";

fn model_key(id: &ModelId) -> String {
    format!("{id}{MODEL}")
}

fn metadata_key(id: &ModelId) -> String {
    format!("{id}{METADATA}")
}

/// The model whose object this is, if it is one of ours.
fn id_of(key: &str, suffix: &str) -> Option<ModelId> {
    key.strip_suffix(suffix)?.parse().ok()
}
