//! Says which columns of a data set are worth a model's while.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::json;

use super::dataset::WithData;
use crate::{
    compute::Compute,
    credit::{
        DataConfig,
        selection::{SelectionRequest, SelectionResult, select},
    },
    http::{doc::Doc, error::ApiError},
};

pub(super) async fn feature_selection(
    State(compute): State<Compute>,
    State(data): State<Arc<DataConfig>>,
    request: WithData<SelectionRequest>,
) -> Result<Json<SelectionResult>, ApiError> {
    let WithData { config, source } = request;
    let request = config.check().map_err(ApiError::Invalid)?;
    let place = compute.training.admit()?;
    let selected = place.run_while_awaited(move |cancelled| {
        let book = source.book(&request.request().reading_plan(), &data)?;
        select(&book, &request, cancelled).map_err(ApiError::from)
    });
    Ok(Json(selected.await??))
}

pub(super) fn doc() -> Doc {
    Doc::new("training", "Select the features of a data set")
        .describe(
            "Scores every candidate and says which the method would select; `selected_features` can \
             be handed to `/train` as it is. The data set is given as to `/train`. With `test_size` \
             and `random_state` of a later training its test rows take no part. Nothing is kept.",
        )
        .request::<SelectionRequest>(json!({
            "method": "woe_iv",
            "woe_iv_params": { "n_bins": 10, "iv_threshold": 0.1 },
            "test_size": 0.2
        }))
        .multipart()
        .answer::<SelectionResult>(200, "Every candidate, the best first")
        .problem(400, "The data gives no answer: too few defaults, no convergence, …")
        .problem(
            422,
            "The request or the data set is at fault; every fault names its place",
        )
}
