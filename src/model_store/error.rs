//! What can go wrong with stored models.

use std::{io, path::PathBuf};

use super::ModelId;
use crate::compute::ComputeError;

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
    /// The filesystem failed.
    #[error("the model store failed")]
    Backend(#[from] io::Error),
    /// The object store refused, failed or did not answer.
    #[error("the object store could not {operation}: {reason}")]
    Remote {
        /// What it was asked to do, as a verb phrase.
        operation: &'static str,
        /// What it or the network said; no secret is in it.
        reason: String,
    },
    /// The object store replaces objects although it was told not to.
    #[error(
        "{0} ignores If-None-Match, so that two processes could overwrite each other's models; if \
         this process is the only one that writes there, set \
         CREDIT_RISK_S3_ALLOW_UNCONDITIONAL_WRITES=true"
    )]
    Unconditional(String),
    /// Another process works in the folder for uploads and cached models.
    #[error("another process uses the local folder {}; give each its own", .0.display())]
    LocalFolderTaken(PathBuf),
    /// The model could not be written down.
    #[error("the model cannot be encoded")]
    Encoding,
    /// The work on a blocking thread was lost.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}
