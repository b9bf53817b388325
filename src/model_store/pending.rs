//! The models that are on this machine and not yet known to be in the bucket.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{ModelId, ModelStoreError, objects::Attempt};

/// The pending models. Their files are in [`super::local::LocalFolder`].
#[derive(Debug)]
pub(super) struct Pending(Mutex<BTreeMap<ModelId, Upload>>);

#[derive(Debug)]
struct Upload {
    attempt: Attempt,
    stage: Stage,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its creator is waiting for it.
    InHand,
    /// It will be tried again.
    Waiting,
    /// It is in the bucket; nobody has taken note of it yet.
    Uploaded,
}

impl Pending {
    /// What an earlier process left.
    pub(super) fn found(found: Vec<(ModelId, Attempt)>) -> Self {
        let waiting = |(id, attempt)| {
            let stage = Stage::Waiting;
            (id, Upload { attempt, stage })
        };
        let pending = Self(Mutex::new(found.into_iter().map(waiting).collect()));
        count(&pending.lock());
        pending
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ModelId, Upload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a creation.
    ///
    /// # Errors
    /// [`ModelStoreError::AlreadyExists`] while another of this id is pending.
    pub(super) fn take_in_hand(self: &Arc<Self>, id: &ModelId) -> Result<Hand, ModelStoreError> {
        let attempt = Attempt::random()?;
        let mut pending = self.lock();
        if pending.contains_key(id) {
            return Err(ModelStoreError::AlreadyExists(id.clone()));
        }
        let upload = Upload {
            attempt: attempt.clone(),
            stage: Stage::InHand,
        };
        pending.insert(id.clone(), upload);
        count(&pending);
        Ok(Hand {
            pending: Arc::clone(self),
            id: id.clone(),
            attempt,
            staged: false,
        })
    }

    /// The model is in the bucket, or is not wanted there any more.
    pub(super) fn remove(&self, id: &ModelId) {
        let mut pending = self.lock();
        pending.remove(id);
        count(&pending);
    }

    /// The model has arrived in the bucket.
    pub(super) fn is_uploaded(&self, id: &ModelId) {
        if let Some(upload) = self.lock().get_mut(id) {
            upload.stage = Stage::Uploaded;
        }
    }

    pub(super) fn stage(&self, id: &ModelId) -> Option<Stage> {
        self.lock().get(id).map(|upload| upload.stage)
    }

    pub(super) fn attempt(&self, id: &ModelId) -> Option<Attempt> {
        self.lock().get(id).map(|upload| upload.attempt.clone())
    }

    /// The models at this stage, in byte-wise order of their ids.
    pub(super) fn at(&self, stage: Stage) -> Vec<(ModelId, Attempt)> {
        let pending = self.lock();
        let there = pending.iter().filter(|(_, upload)| upload.stage == stage);
        there
            .map(|(id, it)| (id.clone(), it.attempt.clone()))
            .collect()
    }

    pub(super) fn ids(&self) -> Vec<ModelId> {
        self.lock().keys().cloned().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

fn count(pending: &BTreeMap<ModelId, Upload>) {
    metrics::gauge!("creditrisk_pending_uploads").set(pending.len() as f64);
}

/// A creation under way. When it ends without a verdict, a model that is on disk
/// waits for another try.
pub(super) struct Hand {
    pending: Arc<Pending>,
    id: ModelId,
    attempt: Attempt,
    staged: bool,
}

impl Hand {
    pub(super) fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The model is complete on disk.
    pub(super) fn is_staged(&mut self) {
        self.staged = true;
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut pending = self.pending.lock();
        match pending.get_mut(&self.id) {
            Some(upload) if upload.attempt == self.attempt && self.staged => {
                upload.stage = Stage::Waiting;
            }
            Some(upload) if upload.attempt == self.attempt => {
                pending.remove(&self.id);
            }
            _ => {}
        }
        count(&pending);
    }
}
