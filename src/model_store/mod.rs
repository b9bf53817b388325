//! Models at rest: saved once, loaded through a cache, listed, deleted.
//!
//! A model is one file or object, `{model_id}.model`: an envelope with a digest
//! around the metadata and the model's data. It appears in one step, and a model
//! exists exactly when it does. `{model_id}.json` beside it is a copy of the
//! metadata that a person can read; the service never reads it.

mod backend;
mod config;
mod copy;
mod envelope;
mod error;
mod filesystem;
mod id;
mod local;
mod metadata;
mod objects;
mod pending;
mod probe;
mod remote;
mod s3;
mod store;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

pub use config::{Addressing, S3Config, StoreConfig, StoreKind};
pub use copy::{Copied, copy};
pub use error::ModelStoreError;
pub use id::ModelId;
pub use metadata::{ModelMetadata, ModelSummary};
pub use store::ModelStore;

use crate::credit::Model;

/// Where a saved model is.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Opaque location: a name relative to the store's folder, or `s3://bucket/key`.
    pub location: String,
    /// Hex SHA-256 of the model's data: same data, plan and seed, same digest.
    pub sha256: String,
    /// Whether it has arrived there.
    pub storage: Storage,
}

/// Whether a model has reached the place that keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// It is kept durably in the configured store.
    Stored,
    /// It is on the disk of the machine that trained it and will be uploaded as
    /// soon as the object store answers.
    PendingUpload,
}

/// One line about a model, and where it is.
#[derive(Clone, Debug)]
pub struct Listed {
    /// One line about it.
    pub summary: Arc<ModelSummary>,
    /// Whether it has reached the store.
    pub storage: Storage,
}

/// Whether the store can do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreHealth {
    /// All of it.
    Healthy,
    /// What is on this machine can be used; the rest is away, or behind.
    Degraded,
    /// None of it.
    Unhealthy,
}

impl StoreHealth {
    /// The word for it, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// A model that was asked for.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The model; cloning is shallow.
    pub model: Model,
    /// Whether it had to be read from the backend.
    pub cold: bool,
}
