//! Scores applications.

mod answer;
mod number;
mod request;

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use self::{
    answer::{Answer, PredictionResponse},
    number::NumberResponse,
    request::{PredictRequest, PredictionRequest},
};
use super::models::load;
use crate::{
    audit::Event,
    compute::{Compute, Door},
    credit::Model,
    http::{HttpSettings, doc::Doc, error::ApiError, extract::JsonBytes, scope::RequestScope},
    model_store::ModelStore,
};

/// The answer of a model of either sort.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum AnyResponse<'a> {
    Credit(PredictionResponse<'a>),
    Number(NumberResponse<'a>),
}

/// Bodies up to this size are read and scored where they are; that takes less
/// time than handing them over. Larger ones pass through the scoring door.
const INLINE_BYTES: usize = 64 * 1024;

pub(super) async fn predict(
    State(models): State<ModelStore>,
    State(compute): State<Compute>,
    State(settings): State<Arc<HttpSettings>>,
    scope: RequestScope,
    JsonBytes(body): JsonBytes,
) -> Result<Response, ApiError> {
    let (inline, most) = (body.len() <= INLINE_BYTES, settings.http.max_applications);
    let request = at(&compute.scoring, inline, move || {
        PredictRequest::parse(&body, most)
    })
    .await?;
    let model = load(&models, &scope, &request.model_id).await?;
    let model_id = request.model_id.to_string();
    let now = scope.now();
    let answer = at(&compute.scoring, inline, move || match &model {
        Model::Credit(model) => Answer::to(&request, model, now),
        Model::Regression(model) => number::answer(&request, model, now),
    });
    let Answer {
        body,
        n_samples,
        decided,
    } = answer.await?;
    metrics::counter!("creditrisk_predictions_total").increment(n_samples);
    scope.note(Event::PredictionMade {
        model_id,
        n_samples,
        threshold: decided.as_ref().map(|it| it.threshold),
        predicted_defaults: decided.as_ref().map(|it| it.predicted_defaults),
        policy_version: decided.map(|it| it.policy_version),
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Runs `work` here, or through the door.
async fn at<T: Send + 'static>(
    door: &Door,
    inline: bool,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    if inline {
        work()
    } else {
        door.run(work).await?
    }
}

pub(super) fn doc() -> Doc {
    Doc::new("scoring", "Score applications")
        .describe(
            "Every application is read against the model's own schema; all faults are listed at \
             once, each with its pointer. The log-odds of default are `base_log_odds` plus every \
             contribution: the reasons' and `other_contributions`. A linear regression answers with \
             a number, the standard error of its mean, and intervals; `base` plus every \
             contribution is the number.",
        )
        .request::<PredictionRequest>(json!({
            "model_id": "logistic_regression_test20_47f_a1b2c3",
            "applications": [{ "age_years": 35, "credit_amount": 5000, "housing": "own" }],
            "threshold": null,
            "include_probabilities": true
        }))
        .answer::<AnyResponse<'_>>(
            200,
            "One answer per application, in the same order: default of most models, a number of a \
             linear regression",
        )
        .problem(404, "There is no such model")
        .problem(
            422,
            "Applications the model cannot read, or too many of them",
        )
}
