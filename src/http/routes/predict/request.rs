//! What a client sends to be scored.

use std::{borrow::Cow, ops::Range};

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    credit::{Fault, fault::Faults},
    http::{
        error::ApiError,
        extract::{harmless, parse_json},
    },
    model_store::ModelId,
};

/// Applications and the model to score them with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictionRequest<'a> {
    /// Id of the model.
    #[serde(borrow)]
    #[schema(value_type = String)]
    model_id: Cow<'a, str>,
    /// One object per application, one member per characteristic of the model;
    /// null and absent members are missing values.
    #[serde(borrow)]
    #[schema(value_type = Vec<Object>, min_items = 1)]
    applications: Vec<&'a RawValue>,
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
}

fn yes() -> bool {
    true
}

/// A request whose envelope has been read and whose applications still lie in
/// the body, so that it can pass through a door without a copy.
pub(super) struct PredictRequest {
    body: Bytes,
    applications: Vec<Range<usize>>,
    pub model_id: ModelId,
    pub threshold: Option<f64>,
    pub include_probabilities: bool,
    pub include_contributions: bool,
}

impl PredictRequest {
    /// Reads the envelope of a body of at most `most` applications.
    pub(super) fn parse(body: Bytes, most: usize) -> Result<Self, ApiError> {
        let request: PredictionRequest<'_> = parse_json(&body)?;
        let mut faults = Faults::default();
        let count = request.applications.len();
        if count == 0 {
            faults.push(Fault::at(
                "/applications",
                "expected at least one application",
            ));
        } else if count > most {
            faults.push(Fault::at(
                "/applications",
                format!("expected at most {most} applications"),
            ));
        }
        if request
            .threshold
            .is_some_and(|threshold| !(0.0..=1.0).contains(&threshold))
        {
            faults.push(Fault::at(
                "/threshold",
                "expected 0 to 1, or null for the model's own",
            ));
        }
        faults.into_result().map_err(ApiError::Invalid)?;
        let start = body.as_ptr() as usize;
        let range = |raw: &&RawValue| {
            let at = raw.get().as_ptr() as usize - start;
            at..at + raw.get().len()
        };
        Ok(Self {
            applications: request.applications.iter().map(range).collect(),
            model_id: request
                .model_id
                .parse()
                .map_err(|_| ApiError::ModelNotFound(harmless(&request.model_id)))?,
            threshold: request.threshold,
            include_probabilities: request.include_probabilities,
            include_contributions: request.include_contributions,
            body: body.clone(),
        })
    }

    /// The JSON texts of the applications, in the order of the request.
    pub(super) fn applications(&self) -> impl ExactSizeIterator<Item = &str> {
        // The ranges are those of texts that were read out of this body.
        self.applications
            .iter()
            .map(|at| std::str::from_utf8(&self.body[at.clone()]).unwrap_or(""))
    }
}
