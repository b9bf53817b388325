//! What a person can read about a stored model.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credit::{ModelType, Results};

/// One line about a model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ModelMetadata)]
pub struct ModelSummary {
    /// The model's id.
    pub model_id: String,
    /// Kind of model.
    pub model_type: ModelType,
    /// Probability from which the model declines; of models of default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Area under the ROC curve on the test rows; of models of default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// Share of right decisions on the test rows; of models of default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Root of the mean squared error in cross-validation; of regressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
    /// R² in cross-validation; of regressions whose target varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r2: Option<f64>,
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
    pub results: Results,
}

impl ModelSummary {
    fn of(results: &Results) -> Self {
        let summary = Self {
            model_id: results.model_id().to_owned(),
            model_type: results.model_type(),
            threshold: None,
            roc_auc: None,
            accuracy: None,
            rmse: None,
            r2: None,
            created_at: results.created_at(),
        };
        match results {
            Results::Credit(result) => Self {
                threshold: Some(result.optimal_threshold),
                roc_auc: Some(result.metrics.roc_auc),
                accuracy: Some(result.metrics.accuracy),
                ..summary
            },
            Results::Regression(result) => {
                let found = &result.metrics.cross_validation.pooled;
                Self {
                    rmse: Some(found.rmse),
                    r2: found.r2,
                    ..summary
                }
            }
        }
    }
}

impl ModelMetadata {
    /// Describes a model by the result of its training.
    pub fn new(results: Results, format: u32, model_sha256: String) -> Self {
        Self {
            summary: ModelSummary::of(&results),
            format,
            written_by: concat!("credit-risk ", env!("CARGO_PKG_VERSION")).to_owned(),
            model_sha256,
            results,
        }
    }
}
