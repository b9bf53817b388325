//! Trains a model and answers with the result.

mod events;
mod journey;
mod work;

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) use self::{
    journey::{Finished, Trainer},
    work::{Editing, Job, Work},
};
use super::dataset::WithData;
use crate::{
    credit::{Results, TrainingPlan},
    http::{AppState, doc::Doc, error::ApiError, scope::RequestScope},
    model_store::Storage,
};

pub(super) async fn train(
    State(state): State<AppState>,
    trainer: Trainer,
    scope: RequestScope,
    headers: HeaderMap,
    request: WithData<TrainingPlan>,
) -> Result<Response, ApiError> {
    let WithData { config, source } = request;
    let plan = config.check().map_err(ApiError::Invalid)?;
    let work = Work::Train(Box::new(plan));
    let job = Job { work, source };
    if events::are_wanted(&headers) {
        return events::tell(&state, trainer, scope, job).await;
    }
    let Finished { answer, .. } = trainer.run(&scope, job, None).await?;
    Ok(Json(answer).into_response())
}

/// The result of a training, and whether the model has reached the store.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainAnswer {
    #[serde(flatten)]
    pub(super) results: Results,
    pub(super) storage: Storage,
}

impl TrainAnswer {
    /// The evidence stays with the model: it is long, and has an address of its own.
    pub(super) fn new(mut results: Results, storage: Storage) -> Self {
        if let Results::Credit(result) = &mut results {
            result.evidence = None;
        }
        Self { results, storage }
    }
}

pub(super) fn doc() -> Doc {
    Doc::new("training", "Train a model and wait for the result")
        .describe(
            "The data set is a file (`multipart/form-data` with a part `config`, which holds \
             this JSON document, and a part `file`; or the file alone, with this document in the \
             query parameter `config`), or inline in the JSON document (`records`: \
             an array of objects; or `columns` and `data`: an array of rows), or, when none of \
             these is given, the operator's default data set. A file is CSV, NDJSON, Parquet or \
             Arrow IPC, as its media type says, or else the extension of its name; what neither \
             tells is CSV. Bodies and files may be compressed by gzip or zstd. The model is stored before the \
             answer leaves; when the object store is away it is kept on the machine that \
             trained it, `storage` says `pending_upload`, and it is uploaded later. With `Accept: text/event-stream` the answer is a stream of events: \
             `progress` with stage, fraction and rows per second while the training runs, and at \
             last `result` or `problem`; closing the connection stops the training.",
        )
        .request::<TrainingPlan>(json!({
            "model_type": "logistic_regression",
            "target": "credit_risk",
            "event": "bad",
            "cv_folds": 5
        }))
        .multipart()
        .answer::<TrainAnswer>(200, "The model is trained and kept")
        .problem(
            400,
            "The data gives no model: too few defaults, no convergence, …",
        )
        .problem(
            422,
            "The plan or the data set is at fault; every fault names its place",
        )
}
