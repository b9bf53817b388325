//! Importance of each feature in an ensemble of trees.

use super::{
    design::Candidates,
    error::SelectionError,
    params::{TreeModel, TreeParams},
    request::SelectionMethod,
    result::{Candidate, Facts, SelectionResult},
};
use crate::stats::trees::{
    BinnedColumns, BoostingParams, ForestParams, GradientBoosting, RandomForest, Stopping,
    TreeColumn,
};

/// Trees of the forest.
const FOREST_TREES: u32 = 200;
/// Splits from root to leaf at most: deeper ones mostly split noise.
const FOREST_DEPTH: u32 = 10;
/// Rows of a leaf at least; smaller ones favour columns of many values.
const FOREST_LEAF_ROWS: u32 = 5;
/// Rounds of boosting.
const ROUNDS: u32 = 100;
const LEARNING_RATE: f64 = 0.1;
/// Splits from root to leaf at most of a boosted tree.
const BOOSTING_DEPTH: u32 = 6;

/// Selects the `top_k`, else what reaches the `threshold`, else what has any importance.
pub(super) fn select(
    candidates: &Candidates<'_>,
    params: &TreeParams,
    seed: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let (importances, settings) = importances(candidates, params.model_type, seed, cancelled)?;
    let (selected, rule) = chosen(&importances, params);
    let scored = importances.iter().zip(selected).enumerate();
    let candidate = |(at, (importance, selected)): (usize, (&f64, bool))| Candidate {
        name: candidates.name(at),
        score: *importance,
        tie_breaker: 0.0,
        selected,
        facts: Facts::default().text("characteristic", candidates.characteristic(at)),
    };
    let mut findings = settings.text("model_type", params.model_type.as_str());
    findings.0.extend(rule.0);
    Ok(SelectionResult::of(
        SelectionMethod::TreeImportance,
        scored.map(candidate).collect(),
        findings,
    ))
}

/// The candidates cut for trees.
pub(super) fn binned(candidates: &Candidates<'_>) -> Result<BinnedColumns, SelectionError> {
    let columns: Vec<Vec<f64>> = (0..candidates.len())
        .map(|at| candidates.column(at))
        .collect();
    let columns: Vec<TreeColumn<'_>> = columns
        .iter()
        .map(|values| TreeColumn::Numeric(values))
        .collect();
    Ok(BinnedColumns::new(&columns)?)
}

/// Importances that add up to 1, and the settings behind them.
fn importances(
    candidates: &Candidates<'_>,
    model: TreeModel,
    seed: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Vec<f64>, Facts), SelectionError> {
    let columns = binned(candidates)?;
    let events = &candidates.events;
    match model {
        TreeModel::RandomForest => {
            let params = ForestParams {
                trees: FOREST_TREES,
                max_depth: Some(FOREST_DEPTH),
                min_leaf_rows: FOREST_LEAF_ROWS,
                seed,
                ..ForestParams::default()
            };
            let fit = RandomForest::fit(&columns, events, None, &params, cancelled)?;
            let settings = Facts::default()
                .text("importance", "mean decrease of Gini impurity")
                .count("n_trees", FOREST_TREES)
                .count("max_depth", FOREST_DEPTH)
                .count("min_leaf_rows", FOREST_LEAF_ROWS);
            Ok((fit.forest.importances().to_vec(), settings))
        }
        TreeModel::Xgboost => {
            let params = BoostingParams {
                rounds: ROUNDS,
                learning_rate: LEARNING_RATE,
                max_depth: Some(BOOSTING_DEPTH),
                stopping: Stopping::Never,
                seed,
                ..BoostingParams::default()
            };
            let fit = GradientBoosting::fit(&columns, events, None, &params, cancelled)?;
            let settings = Facts::default()
                .text("importance", "decrease of the logistic loss by splits")
                .count("n_trees", ROUNDS)
                .count("max_depth", BOOSTING_DEPTH)
                .number("learning_rate", LEARNING_RATE)
                .number("row_share", params.row_share)
                .number("column_share", params.column_share);
            Ok((fit.model.gain_importances(), settings))
        }
    }
}

/// Which importances suffice, and by which rule.
fn chosen(importances: &[f64], params: &TreeParams) -> (Vec<bool>, Facts) {
    match (params.top_k, params.threshold) {
        (Some(k), _) => {
            let mut order: Vec<usize> = (0..importances.len()).collect();
            order.sort_by(|a, b| importances[*b].total_cmp(&importances[*a]));
            let mut selected = vec![false; importances.len()];
            for at in order.into_iter().take(k as usize) {
                selected[at] = true;
            }
            let rule = Facts::default().text("selection_mode", "top_k");
            (selected, rule.count("k", k))
        }
        (None, Some(threshold)) => {
            let reached = importances
                .iter()
                .map(|importance| *importance >= threshold);
            let rule = Facts::default().text("selection_mode", "threshold");
            (reached.collect(), rule.number("threshold", threshold))
        }
        (None, None) => {
            let any = importances.iter().map(|importance| *importance > 0.0);
            let rule = Facts::default().text("selection_mode", "non_zero");
            (any.collect(), rule)
        }
    }
}
