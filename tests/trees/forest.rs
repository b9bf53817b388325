//! Random forests against scikit-learn's trees and their own laws.

use credit_risk::stats::trees::{
    BinnedColumns, ClassWeight, ForestFit, ForestParams, RandomForest, SplitCriterion, TreeColumn,
    TreeError, TreeNode,
};

use crate::support::{Sample, never, one_tree, single};

#[derive(serde::Deserialize)]
struct Reference {
    columns: Vec<Vec<f64>>,
    events: Vec<bool>,
    weights: Vec<f64>,
    trees: Vec<ReferenceTree>,
}

#[derive(serde::Deserialize)]
struct ReferenceTree {
    criterion: SplitCriterion,
    max_depth: Option<u32>,
    min_leaf_rows: u32,
    probability: Vec<f64>,
    importances: Vec<f64>,
}

fn fit(sample: &Sample, params: &ForestParams) -> ForestFit {
    RandomForest::fit(&sample.binned(), &sample.events, None, params, &never).unwrap()
}

fn small() -> ForestParams {
    ForestParams {
        trees: 20,
        ..ForestParams::default()
    }
}

#[test]
fn a_single_tree_is_that_of_scikit_learn() {
    let text = include_str!("../fixtures/decision_trees.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    let columns: Vec<_> = reference
        .columns
        .iter()
        .map(|c| TreeColumn::Numeric(c))
        .collect();
    let columns = BinnedColumns::new(&columns).unwrap();
    assert!(reference.trees.len() >= 5);
    for tree in &reference.trees {
        let params = ForestParams {
            criterion: tree.criterion,
            max_depth: tree.max_depth,
            min_leaf_rows: tree.min_leaf_rows,
            ..one_tree()
        };
        let weights = Some(&reference.weights[..]);
        let fit = RandomForest::fit(&columns, &reference.events, weights, &params, &never);
        let forest = fit.unwrap().forest;
        for (ours, theirs) in forest.importances().iter().zip(&tree.importances) {
            assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
        }
        for (i, theirs) in tree.probability.iter().enumerate() {
            let row: Vec<f64> = reference.columns.iter().map(|column| column[i]).collect();
            assert!((forest.probability(&row) - theirs).abs() < 1e-12, "row {i}");
        }
    }
}

#[test]
fn importances_by_hand() {
    // Root: 3 of 6 events. The first column isolates two of them; the second divides the rest by
    // 1 to 3 without error.
    let first = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let second = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    let events = [true, true, true, false, false, false];
    let columns = [TreeColumn::Numeric(&first), TreeColumn::Numeric(&second)];
    let columns = BinnedColumns::new(&columns).unwrap();
    let fit = RandomForest::fit(&columns, &events, None, &one_tree(), &never).unwrap();
    // Σ S²/W rises from 1.5 to 2 + 1/4, and then to 2 + 1.
    let gains = [0.75, 0.75];
    assert_eq!(fit.forest.importances(), gains.map(|gain| gain / 1.5));
    assert_eq!(fit.forest.ensemble().trees()[0].leaves(), 3);
}

#[test]
fn the_same_seed_gives_the_same_forest_and_another_another() {
    let sample = Sample::new(300, 1);
    let other = ForestParams { seed: 7, ..small() };
    assert_eq!(fit(&sample, &small()), fit(&sample, &small()));
    assert_ne!(fit(&sample, &small()), fit(&sample, &other));
}

#[test]
fn a_tree_does_not_depend_on_how_many_follow() {
    let sample = Sample::new(300, 1);
    let few = fit(
        &sample,
        &ForestParams {
            trees: 3,
            ..small()
        },
    );
    let many = fit(&sample, &small());
    let trees = many.forest.ensemble().trees();
    assert_eq!(few.forest.ensemble().trees(), &trees[..3]);
}

#[test]
fn out_of_bag_rows_are_judged_by_trees_that_did_not_see_them() {
    // With a single tree, what is out of its bag is judged exactly as a new row would be.
    let sample = Sample::new(300, 2);
    let fit = fit(
        &sample,
        &ForestParams {
            trees: 1,
            ..small()
        },
    );
    let judged: Vec<usize> = (0..300).filter(|i| fit.out_of_bag[*i].is_some()).collect();
    // A row is out with probability 1/e.
    assert!(judged.len().abs_diff(110) < 25, "{}", judged.len());
    for i in judged {
        assert_eq!(
            fit.out_of_bag[i],
            Some(fit.forest.probability(&sample.row(i)))
        );
    }
}

#[test]
fn without_bootstrap_nothing_is_out_of_bag_but_rows_of_no_weight() {
    let sample = Sample::new(100, 3);
    let mut weights = [1.0; 100];
    weights[17] = 0.0;
    let columns = sample.binned();
    let fit = RandomForest::fit(
        &columns,
        &sample.events,
        Some(&weights),
        &one_tree(),
        &never,
    );
    let fit = fit.unwrap();
    let out: Vec<usize> = (0..100).filter(|i| fit.out_of_bag[*i].is_some()).collect();
    assert_eq!(out, [17]);
    assert_eq!(
        fit.out_of_bag[17],
        Some(fit.forest.probability(&sample.row(17)))
    );
}

#[test]
fn a_weight_counts_like_so_many_rows() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    let events = [false, true, false, true, true];
    let weights = [3.0, 1.0, 2.0, 1.0, 2.0];
    let params = ForestParams {
        max_depth: Some(1),
        ..one_tree()
    };
    let repeated: Vec<usize> = vec![0, 0, 0, 1, 2, 2, 3, 4, 4];
    let long_values: Vec<f64> = repeated.iter().map(|&i| values[i]).collect();
    let long_events: Vec<bool> = repeated.iter().map(|&i| events[i]).collect();
    let short = RandomForest::fit(&single(&values), &events, Some(&weights), &params, &never);
    let long = RandomForest::fit(&single(&long_values), &long_events, None, &params, &never);
    assert_eq!(short.unwrap().forest, long.unwrap().forest);
}

#[test]
fn balanced_classes_count_alike() {
    // Nothing to split by: the leaf's rate is that of all rows.
    let events = [true, false, false, false];
    let params = ForestParams {
        class_weight: ClassWeight::Balanced,
        ..one_tree()
    };
    let fit = RandomForest::fit(&single(&[1.0; 4]), &events, None, &params, &never).unwrap();
    assert!((fit.forest.probability(&[1.0]) - 0.5).abs() < 1e-15);
    let given = ForestParams {
        class_weight: ClassWeight::Given {
            event: 9.0,
            non_event: 1.0,
        },
        ..one_tree()
    };
    let fit = RandomForest::fit(&single(&[1.0; 4]), &events, None, &given, &never).unwrap();
    assert!((fit.forest.probability(&[1.0]) - 0.75).abs() < 1e-15);
}

#[test]
fn a_pure_leaf_keeps_away_from_certainty_by_the_smoothing() {
    let params = ForestParams {
        leaf_smoothing: 2.0,
        ..one_tree()
    };
    let events = [false, false, true, true];
    let values = [1.0, 2.0, 3.0, 4.0];
    let fit = RandomForest::fit(&single(&values), &events, None, &params, &never).unwrap();
    // (2 + 2 · ½) / (2 + 2)
    let probabilities = [4.0, 1.0].map(|value| fit.forest.probability(&[value]).to_bits());
    assert_eq!(probabilities, [0.75, 0.25].map(f64::to_bits));
}

#[test]
fn columns_that_say_nothing_have_no_importance() {
    let sample = Sample::new(200, 4);
    let (constant, missing) = ([5.0; 200], [f64::NAN; 200]);
    let mut columns = sample.columns();
    columns.extend([
        TreeColumn::Numeric(&constant),
        TreeColumn::Numeric(&missing),
    ]);
    let columns = BinnedColumns::new(&columns).unwrap();
    let fit = RandomForest::fit(&columns, &sample.events, None, &small(), &never).unwrap();
    let importances = fit.forest.importances();
    assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(importances[..4].iter().all(|share| *share > 0.0));
    assert_eq!(importances[4..], [0.0, 0.0]);
}

#[test]
fn shadows_share_the_values_and_lose_the_relation() {
    let sample = Sample::new(500, 5);
    let columns = sample.binned().with_shadows(3);
    assert_eq!(columns.width(), 8);
    let fit = RandomForest::fit(&columns, &sample.events, None, &small(), &never).unwrap();
    let (real, shadow) = fit.forest.importances().split_at(4);
    assert!(real[0] > 2.0 * shadow[0], "{real:?} {shadow:?}");
}

#[test]
fn what_cannot_be_learnt_from_is_refused() {
    let columns = single(&[1.0, 2.0]);
    let fit = |events: &[bool], weights: Option<&[f64]>, params: &ForestParams| {
        RandomForest::fit(&columns, events, weights, params, &never).unwrap_err()
    };
    let both = [true, false];
    assert_eq!(fit(&[true, true], None, &small()), TreeError::OneClass);
    assert_eq!(fit(&both, Some(&[1.0, 0.0]), &small()), TreeError::OneClass);
    assert_eq!(fit(&both, Some(&[0.0, 0.0]), &small()), TreeError::NoRows);
    let bad = TreeError::WeightOutOfRange { row: 1 };
    assert_eq!(fit(&both, Some(&[1.0, f64::NAN]), &small()), bad);
    assert_eq!(fit(&both, Some(&[1.0, -1.0]), &small()), bad);
    assert!(matches!(
        fit(&[true], None, &small()),
        TreeError::ShapeMismatch { .. }
    ));
    let no_trees = ForestParams {
        trees: 0,
        ..small()
    };
    assert!(matches!(
        fit(&both, None, &no_trees),
        TreeError::Setting {
            setting: "trees",
            ..
        }
    ));
    assert_eq!(
        RandomForest::fit(&columns, &both, None, &small(), &|| true),
        Err(TreeError::Cancelled)
    );
    assert_eq!(BinnedColumns::new(&[]).unwrap_err(), TreeError::NoColumns);
    let ragged = [TreeColumn::Numeric(&[1.0]), TreeColumn::Numeric(&[])];
    assert!(matches!(
        BinnedColumns::new(&ragged),
        Err(TreeError::ColumnLength { column: 1, .. })
    ));
    let unknown = [TreeColumn::Categories {
        codes: &[0, 2],
        levels: 2,
    }];
    assert!(matches!(
        BinnedColumns::new(&unknown),
        Err(TreeError::UnknownCode { row: 1, .. })
    ));
}

#[test]
fn a_stored_forest_is_the_same_to_the_last_bit() {
    let forest = fit(&Sample::new(300, 6), &small()).forest;
    let bytes = postcard::to_stdvec(&forest).unwrap();
    let text = serde_json::to_string(&forest).unwrap();
    assert_eq!(
        postcard::from_bytes::<RandomForest>(&bytes).unwrap(),
        forest
    );
    assert_eq!(serde_json::from_str::<RandomForest>(&text).unwrap(), forest);
}

#[test]
fn every_tree_draws_its_own_rows() {
    let sample = Sample::new(300, 7);
    let params = ForestParams {
        columns_per_split: Some(4),
        ..small()
    };
    let fit = fit(&sample, &params);
    let trees = fit.forest.ensemble().trees();
    assert!(trees.windows(2).all(|pair| pair[0] != pair[1]));
    // As many rows as there are, some of them more than once.
    assert!(
        trees
            .iter()
            .all(|tree| (tree.cover(0) - 300.0).abs() < 1e-9)
    );
}

#[test]
fn a_split_sees_only_the_columns_drawn_for_it() {
    let sample = Sample::new(300, 8);
    let roots = |columns_per_split| {
        let params = ForestParams {
            columns_per_split: Some(columns_per_split),
            trees: 40,
            ..small()
        };
        let fit = fit(&sample, &params);
        let mut count = [0; 4];
        for tree in fit.forest.ensemble().trees() {
            if let TreeNode::Split { column, .. } = tree.node(0) {
                count[column] += 1;
            }
        }
        count
    };
    assert!(roots(1).iter().all(|count| *count >= 4), "{:?}", roots(1));
    assert!(roots(4)[0] >= 35, "{:?}", roots(4));
}
