//! Compares a champion with a challenger on one data set.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::json;

use super::{dataset::WithData, models};
use crate::{
    compute::Compute,
    credit::{
        DataConfig,
        comparison::{ComparisonPlan, ComparisonResult, Contender},
    },
    http::{doc::Doc, error::ApiError, extract::model_id, scope::RequestScope},
    model_store::ModelStore,
};

pub(super) async fn compare(
    State(store): State<ModelStore>,
    State(compute): State<Compute>,
    State(data): State<Arc<DataConfig>>,
    scope: RequestScope,
    request: WithData<ComparisonPlan>,
) -> Result<Json<ComparisonResult>, ApiError> {
    let WithData { config, source } = request;
    let ids = [model_id(&config.champion)?, model_id(&config.challenger)?];
    let place = compute.training.admit()?;
    let [champion, challenger] = &ids;
    let first = models::load_credit(&store, &scope, champion).await?;
    let second = models::load_credit(&store, &scope, challenger).await?;
    let results = (
        models::credit_results(&store, champion).await?,
        models::credit_results(&store, challenger).await?,
    );
    let compared = place.run_while_awaited(move |cancelled| {
        let known = [&first, &second].map(|model| model.schema().categorical_names());
        let texts: Vec<&str> = known.into_iter().flatten().collect();
        let table = source.read(config.missing_values(&results.0), &texts, &data)?;
        let champion = Contender {
            model: &first,
            result: &results.0,
        };
        let challenger = Contender {
            model: &second,
            result: &results.1,
        };
        let found = config.run(&table, champion, challenger, cancelled);
        found.map_err(ApiError::from)
    });
    Ok(Json(compared.await??))
}

pub(super) fn doc() -> Doc {
    Doc::new("models", "Compare a champion with a challenger")
        .describe(
            "Both models score the same loans with known outcomes: measures of each and their \
             differences, a paired test of the areas under the ROC curve (DeLong), and who changes \
             sides, at the models' own cut-offs and where both approve as many. The data set is \
             given as to `/train`; its rows are read as applications to each model are, and \
             columns that a model does not use are ignored. Nothing is kept.",
        )
        .request::<ComparisonPlan>(json!({
            "champion": "logistic_regression_test20_47f_a1b2c3",
            "challenger": "scorecard_test20_14f_d4e5f6",
            "sample": "test"
        }))
        .multipart()
        .answer::<ComparisonResult>(200, "Challenger less champion")
        .problem(404, "There is no such model")
        .problem(
            422,
            "The request or the data set is at fault; every fault names its place",
        )
}
