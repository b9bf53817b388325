//! What a person can read about a stored model.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credit::{ModelType, TrainingResult};

/// One line about a model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ModelMetadata)]
pub struct ModelSummary {
    /// The model's id.
    pub model_id: String,
    /// Kind of model.
    pub model_type: ModelType,
    /// Probability from which the model declines.
    pub threshold: f64,
    /// Area under the ROC curve on the test rows.
    pub roc_auc: f64,
    /// Share of right decisions on the test rows.
    pub accuracy: f64,
    /// When the training ended, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// The contents of `{model_id}.json`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ModelMetadata {
    /// One line about the model.
    #[serde(flatten)]
    pub summary: ModelSummary,
    /// Version of the `.model` file's format.
    pub format: u32,
    /// Version of the program that wrote it.
    pub written_by: String,
    /// Hex SHA-256 of the model's data.
    pub model_sha256: String,
    /// The whole result of the training.
    pub results: TrainingResult,
}

impl ModelMetadata {
    /// Describes a model by the result of its training.
    pub fn new(results: TrainingResult, format: u32, model_sha256: String) -> Self {
        Self {
            summary: ModelSummary {
                model_id: results.model_id.clone(),
                model_type: results.model_type,
                threshold: results.optimal_threshold,
                roc_auc: results.metrics.roc_auc,
                accuracy: results.metrics.accuracy,
                created_at: results.created_at,
            },
            format,
            written_by: concat!("credit-risk ", env!("CARGO_PKG_VERSION")).to_owned(),
            model_sha256,
            results,
        }
    }
}
