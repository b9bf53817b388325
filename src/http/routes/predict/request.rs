//! What a client sends to be scored.

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    credit::{Fault, fault::Faults},
    http::{
        error::ApiError,
        extract::{model_id, parse_json},
    },
    model_store::ModelId,
};

/// Applications and the model to score them with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictionRequest {
    /// Id of the model.
    model_id: String,
    /// One object per application, one member per characteristic of the model;
    /// null and absent members are missing values.
    #[schema(value_type = Vec<Object>, min_items = 1)]
    applications: Vec<Box<RawValue>>,
    /// Probability from which to decline, 0..=1; the model's own when null.
    #[serde(default)]
    threshold: Option<f64>,
    /// Whether to answer with probabilities, or with decisions and reasons alone.
    #[serde(default = "yes")]
    #[schema(default = true)]
    include_probabilities: bool,
    /// Whether to answer with the contribution of every characteristic.
    #[serde(default)]
    #[schema(default = false)]
    include_contributions: bool,
    /// Share of cases that the intervals of a linear regression hold, 0.5..=0.999; 0.95 when null.
    #[serde(default)]
    interval_level: Option<f64>,
}

fn yes() -> bool {
    true
}

/// A checked request. The applications are still JSON texts: only the model
/// knows how to read them.
pub(super) struct PredictRequest {
    pub applications: Vec<Box<RawValue>>,
    pub model_id: ModelId,
    pub threshold: Option<f64>,
    pub include_probabilities: bool,
    pub include_contributions: bool,
    pub interval_level: Option<f64>,
}

impl PredictRequest {
    /// Reads and checks everything but the applications, of which there may be
    /// `most`.
    pub(super) fn parse(body: &[u8], most: usize) -> Result<Self, ApiError> {
        let request: PredictionRequest = parse_json(body)?;
        let mut faults = Faults::default();
        let mut rule = |holds: bool, pointer: &str, detail: String| {
            if !holds {
                faults.push(Fault::at(pointer, detail));
            }
        };
        let count = request.applications.len();
        rule(
            (1..=most).contains(&count),
            "/applications",
            format!("expected 1 to {most} applications"),
        );
        let probability = request
            .threshold
            .is_none_or(|threshold| (0.0..=1.0).contains(&threshold));
        rule(
            probability,
            "/threshold",
            "expected 0 to 1, or null for the model's own".to_owned(),
        );
        let level = request.interval_level;
        rule(
            level.is_none_or(|level| (0.5..=0.999).contains(&level)),
            "/interval_level",
            "expected 0.5 to 0.999, or null for 0.95".to_owned(),
        );
        faults.into_result().map_err(ApiError::Invalid)?;
        Ok(Self {
            model_id: model_id(&request.model_id)?,
            applications: request.applications,
            threshold: request.threshold,
            include_probabilities: request.include_probabilities,
            include_contributions: request.include_contributions,
            interval_level: request.interval_level,
        })
    }
}
