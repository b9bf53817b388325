//! Shapley values against their definition, and against `LightGBM`'s.

use credit_risk::stats::trees::{
    BoostingParams, Contributions, ForestParams, GradientBoosting, RandomForest, Tree,
    TreeEnsemble, TreeNode,
};

use crate::support::{Sample, never, plain};

const WIDTH: usize = 4;

fn boosted(seed: u64) -> (Sample, GradientBoosting) {
    let sample = Sample::new(200, seed);
    let params = BoostingParams {
        rounds: 6,
        max_leaves: 12,
        min_leaf_rows: 3,
        ..plain()
    };
    let fit = GradientBoosting::fit(&sample.binned(), &sample.events, None, &params, &never);
    (sample, fit.unwrap().model)
}

/// Shapley values by their definition: the mean, over all orders, of what a column adds to those
/// before it. `worth` is the value of a set of known columns.
fn by_definition(worth: &dyn Fn(usize) -> f64) -> Contributions {
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let share = |set: usize| {
        let size = set.count_ones() as usize;
        factorial(size) * factorial(WIDTH - 1 - size) / factorial(WIDTH)
    };
    let value = |column: usize| {
        let sets = (0..1 << WIDTH).filter(|set| set >> column & 1 == 0);
        sets.map(|set| share(set) * (worth(set | 1 << column) - worth(set)))
            .sum()
    };
    Contributions {
        expected: worth(0),
        values: (0..WIDTH).map(value).collect(),
    }
}

/// Value of a row of which only some columns are known, the others averaged by cover.
fn averaged(tree: &Tree, ensemble: &TreeEnsemble, row: &[f64], known: usize, node: usize) -> f64 {
    let below = |child| averaged(tree, ensemble, row, known, child);
    match tree.node(node) {
        TreeNode::Leaf(value) => value,
        TreeNode::Split { column, .. } if known >> column & 1 == 1 => {
            below(tree.next(node, row, ensemble.readings()).unwrap())
        }
        TreeNode::Split { left, .. } => {
            let parts = [left, left + 1].map(|child| tree.cover(child) * below(child));
            (parts[0] + parts[1]) / tree.cover(node)
        }
    }
}

fn assert_close(ours: &Contributions, theirs: &Contributions) {
    assert!((ours.expected - theirs.expected).abs() < 1e-12);
    for (ours, theirs) in ours.values.iter().zip(&theirs.values) {
        assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
    }
}

#[test]
fn path_dependent_values_are_those_of_the_definition() {
    for seed in 0..4 {
        let (sample, model) = boosted(seed);
        let ensemble = model.ensemble();
        for i in 0..50 {
            let row = sample.row(i);
            let worth = |known| {
                let trees = ensemble.trees().iter();
                trees
                    .map(|tree| averaged(tree, ensemble, &row, known, 0))
                    .sum()
            };
            assert_close(&ensemble.path_dependent_shap(&row), &by_definition(&worth));
        }
    }
}

#[test]
fn interventional_values_are_those_of_the_definition() {
    for seed in 0..4 {
        let (sample, model) = boosted(seed);
        let ensemble = model.ensemble();
        let background: Vec<[f64; WIDTH]> = (100..110).map(|i| sample.row(i)).collect();
        for i in 0..50 {
            let row = sample.row(i);
            let worth = |known: usize| {
                let mixed = background.iter().map(|other| {
                    let own = |column: usize| known >> column & 1 == 1;
                    let pick = |c: usize| if own(c) { row[c] } else { other[c] };
                    ensemble.sum(&std::array::from_fn::<f64, WIDTH, _>(pick))
                });
                mixed.sum::<f64>() / background.len() as f64
            };
            let ours = ensemble.interventional_shap(&row, &background);
            assert_close(&ours, &by_definition(&worth));
        }
    }
}

#[test]
fn contributions_add_up_to_the_models_value() {
    let (sample, model) = boosted(9);
    let columns = sample.binned();
    let params = ForestParams {
        trees: 10,
        ..ForestParams::default()
    };
    let forest = RandomForest::fit(&columns, &sample.events, None, &params, &never);
    let forest = forest.unwrap().forest;
    let background = [sample.row(0), sample.row(1), sample.row(2)];
    for i in 0..200 {
        let row = sample.row(i);
        for background in [None, Some(&background[..])] {
            let total = |parts: Contributions| parts.expected + parts.values.iter().sum::<f64>();
            let log_odds = total(model.contributions(&row, background));
            assert!((log_odds - model.log_odds(&row)).abs() < 1e-12);
            let probability = total(forest.contributions(&row, background));
            assert!((probability - forest.probability(&row)).abs() < 1e-12);
        }
    }
}

#[derive(serde::Deserialize)]
struct Reference {
    model: GradientBoosting,
    rows: Vec<Vec<Option<f64>>>,
    log_odds: Vec<f64>,
    contributions: Vec<Vec<f64>>,
}

#[test]
fn path_dependent_values_are_those_of_lightgbm() {
    let text = include_str!("../fixtures/tree_shap.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    for (i, row) in reference.rows.iter().enumerate() {
        let row: Vec<f64> = row.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        assert!((reference.model.log_odds(&row) - reference.log_odds[i]).abs() < 1e-12);
        let ours = reference.model.contributions::<[f64; 0]>(&row, None);
        let (expected, values) = reference.contributions[i].split_last().unwrap();
        let theirs = Contributions {
            expected: *expected,
            values: values.to_vec(),
        };
        assert_close(&ours, &theirs);
    }
}

#[test]
fn a_chain_of_splits_does_not_end_the_thread() {
    // 20,000 splits one below the other, by the same two columns.
    let depth = 20_000;
    let nodes = 2 * depth + 1;
    let stored = serde_json::json!({
        "columns": (0..nodes).map(|i| (i / 2) % 2).collect::<Vec<_>>(),
        "left": (0..nodes).map(|i| if i % 2 == 0 && i + 2 < nodes { i + 1 } else { 0 }).collect::<Vec<_>>(),
        "values": vec![0.0; nodes],
        "missing_left": vec![false; nodes],
        "covers": vec![0.0; nodes],
        "sets": [],
    });
    let ensemble = serde_json::json!({"readings": ["numeric", "numeric"], "trees": [stored]});
    let ensemble: TreeEnsemble = serde_json::from_value(ensemble).unwrap();
    assert_eq!(ensemble.trees()[0].depth(), depth);
    let row = [1.0, 1.0];
    let other = [[-1.0, 1.0]];
    assert_eq!(ensemble.sum(&row).to_bits(), 0.0_f64.to_bits());
    assert!(
        ensemble
            .path_dependent_shap(&row)
            .values
            .iter()
            .all(|value| value.is_finite())
    );
    assert!(
        ensemble
            .interventional_shap(&row, &other)
            .values
            .iter()
            .all(|v| v.is_finite())
    );
}
