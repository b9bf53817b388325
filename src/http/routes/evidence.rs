//! How a model fares on each sample of its data set.

use axum::{Json, extract::State};

use super::models::credit_results;
use crate::{
    credit::{TrainingResult, training::ModelEvidence},
    http::{doc::Doc, error::ApiError, extract::ModelPath, query::Parameters},
    model_store::ModelStore,
};

pub(super) async fn show(
    State(models): State<ModelStore>,
    ModelPath(id): ModelPath,
    parameters: Parameters,
) -> Result<Json<ModelEvidence>, ApiError> {
    parameters.only([])?;
    let result = credit_results(&models, &id).await?;
    evidence_of(&result).cloned().map(Json)
}

pub(super) fn doc() -> Doc {
    Doc::new("models", "How a model fares on each sample of its data set")
        .describe(
            "Discrimination, calibration, gains, decisions and stability with their intervals, \
             on training, out-of-fold, test and out-of-time rows.",
        )
        .path_parameter("model_id", "Id of the model")
        .answer::<ModelEvidence>(200, "The evidence")
        .problem(
            404,
            "There is no such model, or it was stored without evidence",
        )
        .problem(422, "There are no query parameters here")
}

/// The evidence that is stored with a model.
pub(super) fn evidence_of(result: &TrainingResult) -> Result<&ModelEvidence, ApiError> {
    result.evidence.as_deref().ok_or_else(|| {
        let detail = "The model was stored without evidence; train it again to have it";
        ApiError::NoSuchPart(detail.to_owned())
    })
}
