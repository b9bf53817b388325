//! What an operator may set about the data that trainings accept.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The default data set and the bounds of any data set.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// CSV used when a training names no data; none means the bundled set.
    pub default_dataset_path: Option<PathBuf>,
    /// Most rows of a training set.
    pub max_rows: usize,
    /// Most columns of a training set.
    pub max_columns: usize,
    /// Most distinct levels of a categorical characteristic; more look like an
    /// identifier and are refused.
    pub max_levels: usize,
}
