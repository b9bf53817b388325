//! One background sample for many rows against the same sample walked for every row.

use credit_risk::stats::trees::{
    BackgroundExplainer, BoostingParams, ForestParams, GradientBoosting, RandomForest, TreeEnsemble,
};
use proptest::prelude::*;

use crate::support::{Numbers, Sample, never, plain};

fn assert_same(ensemble: &TreeEnsemble, background: &[Vec<f64>], rows: &[Vec<f64>]) {
    let explainer = BackgroundExplainer::new(ensemble, background);
    for row in rows {
        let theirs = ensemble.interventional_shap(row, background);
        let mut ours = vec![0.0; ensemble.width()];
        explainer.explain(row, &mut ours);
        assert!((explainer.expected() - theirs.expected).abs() < 1e-10);
        for (ours, theirs) in ours.iter().zip(&theirs.values) {
            assert!((ours - theirs).abs() < 1e-10, "{ours} {theirs}");
        }
        let total = explainer.expected() + ours.iter().sum::<f64>();
        if !background.is_empty() {
            assert!((total - ensemble.sum(row)).abs() < 1e-9);
        }
    }
}

/// Rows of a sample, some of their cells emptied, made unknown or left out.
fn rows(sample: &Sample, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = Numbers(seed);
    let mut row = |i| {
        let mut row = sample.row(i).to_vec();
        match random.below(8) {
            0 => row[random.below(4)] = f64::NAN,
            1 => row[3] = 1e9,
            2 => row.truncate(2),
            _ => {}
        }
        row
    };
    (0..count).map(&mut row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_boosted_model_is_explained_alike(
        seed in any::<u64>(),
        leaves in 2_u32..60,
        background in 0_usize..60,
    ) {
        let sample = Sample::new(250, seed);
        let params = BoostingParams { rounds: 4, max_leaves: leaves, min_leaf_rows: 1, ..plain() };
        let columns = sample.binned();
        let fit = GradientBoosting::fit(&columns, &sample.events, None, &params, &never).unwrap();
        let background = rows(&sample, background, seed ^ 1);
        assert_same(fit.model.ensemble(), &background, &rows(&sample, 30, seed ^ 2));
    }

    #[test]
    fn a_forest_is_explained_alike(seed in any::<u64>(), count in 2_usize..900) {
        let mut sample = Sample::new(count, seed);
        (sample.events[0], sample.events[1]) = (true, false);
        let params = ForestParams { trees: 3, min_leaf_rows: 1, ..ForestParams::default() };
        let fit = RandomForest::fit(&sample.binned(), &sample.events, None, &params, &never).unwrap();
        let background = rows(&sample, count.min(12), seed ^ 1);
        assert_same(fit.forest.ensemble(), &background, &rows(&sample, count.min(8), seed ^ 2));
    }
}

/// A tree of `depth` splits one below the other, each by the next of `width` columns, at 0.5; what
/// is above leaves with the number of the split.
fn chain(depth: usize, width: usize) -> TreeEnsemble {
    let nodes = 2 * depth + 1;
    let splits = |i: usize| i.is_multiple_of(2) && i + 2 < nodes;
    // Children come in pairs; the left one, which is odd, is a leaf of what is at most 0.5.
    let tree = serde_json::json!({
        "columns": (0..nodes).map(|i| if splits(i) { (i / 2) % width } else { 0 }).collect::<Vec<_>>(),
        "left": (0..nodes).map(|i| if splits(i) { i + 1 } else { 0 }).collect::<Vec<_>>(),
        "values": (0..nodes).map(|i| if splits(i) { 0.5 } else { i as f64 }).collect::<Vec<_>>(),
        "missing_left": vec![false; nodes],
        "covers": vec![1.0; nodes],
        "sets": [],
    });
    let ensemble = serde_json::json!({"readings": vec!["numeric"; width], "trees": [tree]});
    serde_json::from_value(ensemble).unwrap()
}

#[test]
fn long_ways_and_columns_asked_twice_are_explained_alike() {
    // Of 9 and 10 columns, at most 32 and more, and more than 64 on one way; more than 256 leaves.
    for (depth, width) in [
        (9, 9),
        (12, 5),
        (31, 10),
        (32, 32),
        (33, 33),
        (70, 70),
        (300, 6),
    ] {
        let ensemble = chain(depth, width);
        let mut random = Numbers(depth as u64);
        let mut draw = |high: f64| -> Vec<f64> {
            let cell = |_| if random.uniform() < high { 1.0 } else { 0.0 };
            (0..width).map(cell).collect()
        };
        let background: Vec<_> = (0..20).map(|i| draw(f64::from(i) / 19.0)).collect();
        let rows: Vec<_> = (0..20).map(|i| draw(f64::from(i) / 19.0)).collect();
        assert_same(&ensemble, &background, &rows);
    }
}

#[test]
fn values_are_added_to_those_that_are_there() {
    let ensemble = chain(2, 2);
    let explainer = BackgroundExplainer::new(&ensemble, &[[0.0, 0.0]]);
    let mut values = [10.0, 20.0];
    explainer.explain(&[1.0, 0.0], &mut values);
    // From the leaf of 1 to that of 3, by the first column alone.
    assert!((explainer.expected() - 1.0).abs() < 1e-15);
    assert!((values[0] - 12.0).abs() < 1e-12 && (values[1] - 20.0).abs() < 1e-12);
}
