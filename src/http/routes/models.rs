//! The stored models: list, show, results, persist, delete.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::train::TrainAnswer;
use crate::{
    audit::Event,
    credit::{
        CreditModel, Model, Results, TrainingPlan, TrainingResult, regression::NumberData,
        training::DataSummary,
    },
    http::{
        doc::Doc,
        error::ApiError,
        extract::{ModelPath, Page, Paging},
        scope::RequestScope,
    },
    model_store::{Listed, Loaded, ModelId, ModelMetadata, ModelStore, ModelSummary, Storage},
};

/// The model itself, ready to score; a note is left when it had to be read.
pub(super) async fn load(
    models: &ModelStore,
    scope: &RequestScope,
    id: &ModelId,
) -> Result<Model, ApiError> {
    let Loaded { model, cold } = models.load(id).await?;
    if cold {
        scope.note(Event::ModelLoaded {
            model_id: id.to_string(),
            source: models.backend(),
        });
    }
    Ok(model)
}

/// As [`load`], of a model of default; 404 for another, which will never become one.
pub(super) async fn load_credit(
    models: &ModelStore,
    scope: &RequestScope,
    id: &ModelId,
) -> Result<Arc<CreditModel>, ApiError> {
    match load(models, scope, id).await? {
        Model::Credit(model) => Ok(model),
        Model::Regression(_) => Err(predicts_number()),
    }
}

/// What the training of a model of default found; 404 for another model.
pub(super) async fn credit_results(
    models: &ModelStore,
    id: &ModelId,
) -> Result<TrainingResult, ApiError> {
    match models.metadata(id).await?.results {
        Results::Credit(result) => Ok(*result),
        Results::Regression(_) => Err(predicts_number()),
    }
}

/// What is said of a regression where only a model of default will do.
pub(super) fn predicts_number() -> ApiError {
    let reason = "The model is a linear_regression: it predicts a number, not default, and has no \
                  scorecard, chart, card, evidence or decision; /predict answers with it";
    ApiError::NoSuchPart(reason.to_owned())
}

/// A model in the list.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct ModelEntry {
    #[serde(flatten)]
    #[schema(value_type = ModelSummary)]
    summary: Arc<ModelSummary>,
    storage: Storage,
}

pub(super) async fn list(
    State(models): State<ModelStore>,
    paging: Paging,
) -> Result<Response, ApiError> {
    let found = models.list().await?;
    let found: Vec<_> = found
        .into_iter()
        .map(|Listed { summary, storage }| ModelEntry { summary, storage })
        .collect();
    Ok(match paging {
        Paging::Off => Json(found).into_response(),
        Paging::On { .. } => Json(Page::of(&found, paging)).into_response(),
    })
}

pub(super) fn list_doc() -> Doc {
    Doc::new("models", "List the models, the newest first")
        .describe(
            "A bare array of everything; with `page` and `size`, one page as \
             `{items, total, page, size, pages}`.",
        )
        .query_parameter("page", "Number of the page, from 1")
        .query_parameter("size", "Models a page, 1 to 100")
        .answer::<Vec<ModelEntry>>(200, "The models")
        .problem(422, "A parameter is out of its range")
}

/// A model and what it was trained on.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelDetail {
    #[serde(flatten)]
    summary: ModelSummary,
    /// Hex SHA-256 of the model's data: same data, plan and seed, same digest.
    model_sha256: String,
    storage: Storage,
    /// Version of the program that trained it.
    written_by: String,
    /// The plan, defaults filled in.
    training_config: TrainingPlan,
    /// What the model was trained on; `characteristics` is what an application looks like.
    data: TrainedOn,
}

/// What a model of either sort was trained on.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum TrainedOn {
    /// A model of default.
    Credit(DataSummary),
    /// A regression.
    Regression(NumberData),
}

pub(super) async fn show(
    State(models): State<ModelStore>,
    ModelPath(id): ModelPath,
) -> Result<Json<ModelDetail>, ApiError> {
    let ModelMetadata {
        summary,
        model_sha256,
        written_by,
        results,
        ..
    } = models.metadata(&id).await?;
    let (training_config, data) = match results {
        Results::Credit(result) => (result.training_config, TrainedOn::Credit(result.data)),
        Results::Regression(result) => (result.training_config, TrainedOn::Regression(result.data)),
    };
    Ok(Json(ModelDetail {
        summary,
        model_sha256,
        storage: models.storage(&id),
        written_by,
        training_config,
        data,
    }))
}

pub(super) fn show_doc() -> Doc {
    Doc::new(
        "models",
        "Show a model and what it expects of an application",
    )
    .path_parameter("model_id", "Id of the model")
    .answer::<ModelDetail>(200, "The model")
    .problem(404, "There is no such model")
}

pub(super) async fn results(
    State(models): State<ModelStore>,
    ModelPath(id): ModelPath,
) -> Result<Json<TrainAnswer>, ApiError> {
    let result = models.metadata(&id).await?.results;
    let storage = models.storage(&id);
    Ok(Json(TrainAnswer::new(result, storage)))
}

pub(super) fn results_doc() -> Doc {
    Doc::new(
        "models",
        "The result of a model's training, as /train gave it",
    )
    .path_parameter("model_id", "Id of the model")
    .answer::<TrainAnswer>(200, "The result")
    .problem(404, "There is no such model")
}

/// Where a model is kept.
#[derive(Serialize, ToSchema)]
pub(super) struct Persisted {
    model_id: String,
    /// Opaque location: a name in the store's folder, or `s3://bucket/key`.
    path: String,
    /// Hex SHA-256 of the model's data.
    model_sha256: String,
    storage: Storage,
    instructions: &'static str,
}

/// Training has saved the model already; asking again changes nothing. Only what
/// is in the store is recorded as persisted.
pub(super) async fn persist(
    State(models): State<ModelStore>,
    scope: RequestScope,
    ModelPath(id): ModelPath,
) -> Result<(StatusCode, Json<Persisted>), ApiError> {
    let saved = models.locate(&id).await?;
    let (status, instructions) = match saved.storage {
        Storage::Stored => {
            scope.note(Event::ModelPersisted {
                model_id: id.to_string(),
                path: saved.location.clone(),
                sha256: saved.sha256.clone(),
            });
            let text = "The model is stored durably and is loaded when it is needed; \
                        pass its model_id to /predict";
            (StatusCode::OK, text)
        }
        Storage::PendingUpload => {
            let text = "The model is on the disk of the machine that trained it and will be \
                        uploaded as soon as the object store answers; only that machine can \
                        use it until then";
            (StatusCode::ACCEPTED, text)
        }
    };
    let persisted = Persisted {
        model_id: id.to_string(),
        path: saved.location,
        model_sha256: saved.sha256,
        storage: saved.storage,
        instructions,
    };
    Ok((status, Json(persisted)))
}

pub(super) fn persist_doc() -> Doc {
    Doc::new("models", "Make sure a model is stored, and learn where")
        .describe("Training stores every model already, so this may be repeated at will.")
        .path_parameter("model_id", "Id of the model")
        .answer::<Persisted>(200, "The model is stored")
        .answer::<Persisted>(
            202,
            "The model is on its way to an object store that is away",
        )
        .problem(404, "There is no such model")
}

pub(super) async fn remove(
    State(models): State<ModelStore>,
    scope: RequestScope,
    ModelPath(id): ModelPath,
) -> Result<StatusCode, ApiError> {
    models.delete(&id).await?;
    scope.note(Event::ModelDeleted {
        model_id: id.to_string(),
    });
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn remove_doc() -> Doc {
    Doc::new("models", "Delete a model for good")
        .path_parameter("model_id", "Id of the model")
        .no_content("The model is gone")
        .problem(404, "There is no such model")
}
