//! Trains a model and answers with the result.

mod journey;
mod request;

use axum::Json;
use serde_json::json;

use self::{journey::Trainer, request::TrainRequest};
use crate::{
    credit::{TrainingPlan, TrainingResult},
    http::{doc::Doc, error::ApiError, scope::RequestScope},
};

pub(super) async fn train(
    trainer: Trainer,
    scope: RequestScope,
    request: TrainRequest,
) -> Result<Json<TrainingResult>, ApiError> {
    let TrainRequest { plan, source } = request;
    let plan = plan.check().map_err(ApiError::Invalid)?;
    trainer.run(&scope, plan, source).await.map(Json)
}

pub(super) fn doc() -> Doc {
    Doc::new("training", "Train a model and wait for the result")
        .describe(
            "The data set is a CSV file (`multipart/form-data` with a part `config`, which holds \
             this JSON document, and a part `file`), or inline in the JSON document (`records`: \
             an array of objects; or `columns` and `data`: an array of rows), or, when none of \
             these is given, the operator's default data set. The model is stored before the \
             answer leaves.",
        )
        .request::<TrainingPlan>(json!({
            "model_type": "logistic_regression",
            "target": "credit_risk",
            "event": "bad",
            "cv_folds": 5
        }))
        .multipart()
        .answer::<TrainingResult>(200, "The model is trained and stored")
        .problem(
            400,
            "The data gives no model: too few defaults, no convergence, …",
        )
        .problem(
            422,
            "The plan or the data set is at fault; every fault names its place",
        )
}
