//! Refits a scorecard with bins that somebody edited.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    dataset::WithData,
    models,
    train::{Editing, Finished, Job, TrainAnswer, Trainer, Work},
};
use crate::{
    credit::refit::{RefitChanges, RefitPlan},
    http::{doc::Doc, error::ApiError, extract::ModelPath, scope::RequestScope},
    model_store::ModelStore,
};

/// The result of the training, and what the edits changed.
#[derive(Serialize, ToSchema)]
pub(super) struct RefitAnswer {
    #[serde(flatten)]
    answer: TrainAnswer,
    /// What the edits changed.
    changes: Option<RefitChanges>,
}

pub(super) async fn refit(
    State(store): State<ModelStore>,
    trainer: Trainer,
    scope: RequestScope,
    ModelPath(id): ModelPath,
    request: WithData<RefitPlan>,
) -> Result<Json<RefitAnswer>, ApiError> {
    let WithData {
        config: edits,
        source,
    } = request;
    let base = models::load_credit(&store, &scope, &id).await?;
    let result = models::credit_results(&store, &id).await?;
    let plan = edits.edit(&result).map_err(ApiError::Invalid)?;
    let work = Work::Refit(Box::new(Editing {
        edits,
        plan,
        base,
        result,
    }));
    let Finished { answer, changes } = trainer.run(&scope, Job { work, source }, None).await?;
    Ok(Json(RefitAnswer { answer, changes }))
}

pub(super) fn doc() -> Doc {
    Doc::new("training", "Edit the bins of a scorecard and fit it again")
        .describe(
            "Only the characteristics that are named get new bins, and of those only what is given \
             is changed: members that are absent stay as the model's plan has them, and where there \
             are no breaks or groups they are searched for. All others keep their bins; plan, \
             split and seed are those of the model, and the data set must be the one it was \
             trained on, byte for byte, given as to `/train`. The new model has an id of its own \
             and names its base in `base_model_id`; its `training_config` is a plan that trains it \
             from the start. Without edits the same model comes out.",
        )
        .path_parameter("model_id", "Id of the scorecard to edit")
        .request::<RefitPlan>(json!({
            "characteristics": {
                "duration_months": {
                    "trend": "none",
                    "breaks": [{ "at": 12, "fixed": true }, { "at": 24, "fixed": true }]
                }
            }
        }))
        .multipart()
        .answer::<RefitAnswer>(200, "The new model is trained and kept")
        .problem(400, "The edited scorecard cannot be fitted")
        .problem(404, "There is no such model")
        .problem(
            422,
            "The edits or the data set are at fault, or the model is no scorecard",
        )
}
