//! What an operator may set about where models live.

use std::path::PathBuf;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

/// Where models are kept and how many stay in memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// Which backend keeps the models.
    pub kind: StoreKind,
    /// Directory of the filesystem backend.
    pub path: PathBuf,
    /// Bucket of the S3 backend.
    pub s3_bucket: Option<String>,
    /// Memory for loaded models; the least used leave first.
    pub cache_size: ByteSize,
    /// Allow the filesystem backend in the production environment.
    pub allow_filesystem_in_production: bool,
}

/// The backends there are.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// A directory on a local or mounted filesystem.
    Filesystem,
    /// A bucket of an S3-compatible object store.
    S3,
}
