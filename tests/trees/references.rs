//! Boosted models against those of `LightGBM` and `XGBoost`.

use credit_risk::stats::trees::{
    BinnedColumns, BoostingParams, GradientBoosting, Monotone, TreeColumn,
};

use crate::support::{never, plain};

#[derive(serde::Deserialize)]
struct Reference {
    columns: Vec<Vec<Option<f64>>>,
    events: Vec<bool>,
    weights: Vec<f64>,
    models: Vec<ReferenceModel>,
}

#[derive(serde::Deserialize)]
struct ReferenceModel {
    name: String,
    rounds: u32,
    learning_rate: f64,
    max_leaves: u32,
    max_depth: Option<u32>,
    min_leaf_rows: u32,
    min_leaf_hessian: f64,
    l2: f64,
    monotone: Vec<Monotone>,
    log_odds: Vec<f64>,
}

#[test]
fn other_implementations_give_the_same_log_odds() {
    let text = include_str!("../fixtures/boosted_trees.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    let columns: Vec<Vec<f64>> = reference
        .columns
        .iter()
        .map(|column| {
            column
                .iter()
                .map(|value| value.unwrap_or(f64::NAN))
                .collect()
        })
        .collect();
    let raw: Vec<_> = columns
        .iter()
        .map(|column| TreeColumn::Numeric(column))
        .collect();
    let binned = BinnedColumns::new(&raw).unwrap();
    for model in &reference.models {
        let params = BoostingParams {
            rounds: model.rounds,
            learning_rate: model.learning_rate,
            max_leaves: model.max_leaves,
            max_depth: model.max_depth,
            min_leaf_rows: model.min_leaf_rows,
            min_leaf_hessian: model.min_leaf_hessian,
            l2: model.l2,
            monotone: model.monotone.clone(),
            ..plain()
        };
        let weights = Some(&reference.weights[..]);
        let fit = GradientBoosting::fit(&binned, &reference.events, weights, &params, &never);
        let fit = fit.unwrap();
        let mut worst: f64 = 0.0;
        for (i, theirs) in model.log_odds.iter().enumerate() {
            let row: Vec<f64> = columns.iter().map(|column| column[i]).collect();
            worst = worst.max((fit.model.log_odds(&row) - theirs).abs());
        }
        assert!(worst < 3e-6, "{} {worst}", model.name);
    }
}
