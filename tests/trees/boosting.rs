//! Gradient boosting against the formulas and its own laws.

use credit_risk::stats::logit;
use credit_risk::stats::trees::{
    BinnedColumns, BoostingFit, BoostingParams, GradientBoosting, SplitTest, Stopping, TreeColumn,
    TreeNode,
};

use crate::support::{Sample, never, plain, single};

fn fit(sample: &Sample, params: &BoostingParams) -> BoostingFit {
    GradientBoosting::fit(&sample.binned(), &sample.events, None, params, &never).unwrap()
}

#[test]
fn a_stump_by_hand() {
    let values = [1.0, 2.0, 3.0, 4.0];
    let events = [false, false, true, false];
    let params = BoostingParams {
        rounds: 1,
        max_leaves: 2,
        learning_rate: 0.5,
        l2: 1.0,
        min_leaf_rows: 1,
        min_leaf_hessian: 0.0,
        ..plain()
    };
    let model = GradientBoosting::fit(&single(&values), &events, None, &params, &never);
    let model = model.unwrap().model;
    // p = 1/4: gradients ¼, ¼, -¾, ¼ and Hessians 3/16 each. The sums left of the three cuts are
    // ¼, ½ and -¼, and G²/(H + 1) of both sides is largest for the second.
    let cut = SplitTest::AtMost(2.5);
    let tree = &model.ensemble().trees()[0];
    assert!(matches!(tree.node(0), TreeNode::Split { test, .. } if test == cut));
    let value = 0.5 * 0.5 / (0.375 + 1.0);
    let base = logit(0.25);
    assert!((model.base() - base).abs() < 1e-15);
    assert!((model.log_odds(&[2.0]) - (base - value)).abs() < 1e-15);
    assert!((model.log_odds(&[3.0]) - (base + value)).abs() < 1e-15);
    assert_eq!(model.split_counts(), [1]);
    assert_eq!(
        [0, 1, 2].map(|node| tree.cover(node).to_bits()),
        [4.0, 2.0, 2.0].map(f64::to_bits)
    );
}

#[test]
fn a_gain_below_the_least_is_left_alone() {
    let values = [1.0, 2.0, 3.0, 4.0];
    let events = [false, false, true, false];
    // The stump's gain is ½ · 2 · 0.5² / 1.375 = 0.1818…
    for (min_gain, trees) in [(0.181, 1), (0.182, 0)] {
        let params = BoostingParams {
            rounds: 1,
            max_leaves: 2,
            l2: 1.0,
            min_leaf_rows: 1,
            min_leaf_hessian: 0.0,
            min_gain,
            ..plain()
        };
        let fit = GradientBoosting::fit(&single(&values), &events, None, &params, &never);
        assert_eq!(fit.unwrap().model.ensemble().trees().len(), trees);
    }
}

#[test]
fn the_best_division_of_categories_is_found() {
    // Against every division into two sets, by the loss of a stump without penalty.
    for seed in 0..20 {
        let sample = Sample::new(120, seed);
        let codes: Vec<u32> = sample
            .codes
            .iter()
            .map(|code| code.min(&6).to_owned())
            .collect();
        let columns = [TreeColumn::Categories {
            codes: &codes,
            levels: 7,
        }];
        let params = BoostingParams {
            rounds: 1,
            max_leaves: 2,
            learning_rate: 1.0,
            l2: 0.0,
            min_leaf_rows: 1,
            min_leaf_hessian: 0.0,
            category_smoothing: 0.0,
            ..plain()
        };
        let columns = BinnedColumns::new(&columns).unwrap();
        let fit = GradientBoosting::fit(&columns, &sample.events, None, &params, &never).unwrap();
        let rate = sample.events.iter().filter(|event| **event).count() as f64 / 120.0;
        let gain = |set: u32| {
            let mut sums = [[0.0; 2]; 2];
            for (code, event) in codes.iter().zip(&sample.events) {
                let side = &mut sums[usize::from(set >> code & 1 == 1)];
                side[0] += rate - f64::from(u8::from(*event));
                side[1] += rate * (1.0 - rate);
            }
            sums.iter()
                .map(|[g, h]| if *h > 0.0 { g * g / h } else { 0.0 })
                .sum::<f64>()
        };
        let best = (0..128).map(gain).fold(0.0, f64::max);
        let TreeNode::Split { test, .. } = fit.model.ensemble().trees()[0].node(0) else {
            panic!("no split");
        };
        let SplitTest::Among(bins) = test else {
            panic!("not by categories");
        };
        assert!(
            (gain(bins[0] & 127) - best).abs() < 1e-9 * best,
            "seed {seed}"
        );
    }
}

#[test]
fn interactions_stay_within_their_sets() {
    let params = BoostingParams {
        rounds: 40,
        max_leaves: 12,
        interactions: vec![vec![0, 1], vec![1, 2]],
        ..plain()
    };
    let sample = Sample::new(800, 3);
    let free = fit(
        &sample,
        &BoostingParams {
            interactions: Vec::new(),
            ..params.clone()
        },
    );
    let limited = fit(&sample, &params);
    let allowed = |used: &[usize]| {
        let sets: [&[usize]; 3] = [&[0, 1], &[1, 2], &[3]];
        sets.iter()
            .any(|set| used.iter().all(|column| set.contains(column)))
    };
    assert!(ways(&limited).iter().all(|way| allowed(way)));
    assert!(!ways(&free).iter().all(|way| allowed(way)));
    assert!(limited.model.split_counts().iter().all(|count| *count > 0));
}

/// Columns used on every way from a root to a leaf.
fn ways(fit: &BoostingFit) -> Vec<Vec<usize>> {
    let mut ways = Vec::new();
    for tree in fit.model.ensemble().trees() {
        let mut open = vec![(0, Vec::new())];
        while let Some((node, mut way)) = open.pop() {
            match tree.node(node) {
                TreeNode::Leaf(_) => ways.push(way),
                TreeNode::Split { column, left, .. } => {
                    way.push(column);
                    open.extend([(left, way.clone()), (left + 1, way)]);
                }
            }
        }
    }
    ways
}

#[test]
fn growth_keeps_to_its_limits() {
    let sample = Sample::new(1000, 4);
    let params = BoostingParams {
        max_leaves: 9,
        max_depth: Some(4),
        min_leaf_rows: 40,
        ..plain()
    };
    for tree in fit(&sample, &params).model.ensemble().trees() {
        assert!(tree.leaves() <= 9 && tree.depth() <= 4);
        let leaf = |i: &usize| matches!(tree.node(*i), TreeNode::Leaf(_));
        let fewest = (0..tree.len())
            .filter(leaf)
            .map(|i| tree.cover(i))
            .fold(1e9, f64::min);
        assert!(fewest >= 40.0, "{fewest}");
        assert!((tree.cover(0) - 1000.0).abs() < 1e-9);
    }
}

#[test]
fn stopping_finds_the_least_loss_and_learns_from_all_rows() {
    let sample = Sample::new(600, 5);
    for stopping in [
        Stopping::HoldOut {
            share: 0.25,
            patience: 10,
        },
        Stopping::Folds {
            folds: 4,
            patience: 10,
        },
    ] {
        let params = BoostingParams {
            rounds: 500,
            learning_rate: 0.3,
            stopping,
            ..plain()
        };
        let fit = fit(&sample, &params);
        let least = fit
            .validation_losses
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        let best = fit.best_rounds as usize;
        assert_eq!(fit.validation_losses[best].to_bits(), least.to_bits());
        assert_eq!(fit.validation_losses.len(), best + 11);
        assert!(best > 0 && fit.model.ensemble().trees().len() == best);
        assert!((fit.model.ensemble().trees()[0].cover(0) - 600.0).abs() < 1e-9);
        let fixed = BoostingParams {
            rounds: fit.best_rounds,
            stopping: Stopping::Never,
            ..params
        };
        assert_eq!(self::fit(&sample, &fixed).model, fit.model);
    }
}

#[test]
fn noise_is_not_learnt() {
    let sample = Sample::new(400, 6);
    let mut random = crate::support::Numbers(9);
    let events: Vec<bool> = (0..400).map(|_| random.uniform() < 0.3).collect();
    let columns = sample.binned();
    let params = BoostingParams::default();
    let fit = GradientBoosting::fit(&columns, &events, None, &params, &never).unwrap();
    let spread = |row| (fit.model.log_odds(&sample.row(row)) - fit.model.base()).abs();
    let widest = (0..400).map(spread).fold(0.0, f64::max);
    assert!(widest < 0.5, "{widest}");
}

#[test]
fn a_weight_counts_like_so_many_rows() {
    // Fewer values than bins: these do not know of weights.
    let sample = Sample::new(200, 7);
    let weights: Vec<f64> = (0..200).map(|i| f64::from(i % 3)).collect();
    let repeated: Vec<usize> = (0..200).flat_map(|i| vec![i; i % 3]).collect();
    let columns: Vec<Vec<f64>> = sample
        .numbers
        .iter()
        .map(|c| repeated.iter().map(|&i| c[i]).collect())
        .collect();
    let events: Vec<bool> = repeated.iter().map(|&i| sample.events[i]).collect();
    let view = |columns: &[Vec<f64>]| {
        let raw: Vec<_> = columns
            .iter()
            .map(|column| TreeColumn::Numeric(column))
            .collect();
        BinnedColumns::new(&raw).unwrap()
    };
    let params = BoostingParams {
        min_leaf_rows: 1,
        ..plain()
    };
    let short = view(&sample.numbers);
    let short = GradientBoosting::fit(&short, &sample.events, Some(&weights), &params, &never);
    let long = GradientBoosting::fit(&view(&columns), &events, None, &params, &never);
    let (short, long) = (short.unwrap().model, long.unwrap().model);
    for i in repeated {
        let row = &sample.row(i)[..3];
        assert!((short.log_odds(row) - long.log_odds(row)).abs() < 1e-9);
    }
}

#[test]
fn the_same_seed_gives_the_same_model_and_another_another() {
    let sample = Sample::new(300, 8);
    let params = BoostingParams {
        rounds: 30,
        ..BoostingParams::default()
    };
    let other = BoostingParams {
        seed: 43,
        ..params.clone()
    };
    assert_eq!(fit(&sample, &params), fit(&sample, &params));
    assert_ne!(fit(&sample, &params).model, fit(&sample, &other).model);
}

#[test]
fn many_rows_are_given_more_leaves() {
    let leaves = |rows| BoostingParams::for_rows(rows).max_leaves;
    assert_eq!([leaves(1), leaves(4_999), leaves(5_000)], [8, 8, 31]);
    assert_eq!(BoostingParams::for_rows(usize::MAX).check(), Ok(()));
}

#[test]
fn every_tree_draws_its_own_rows_and_columns() {
    let sample = Sample::new(1000, 9);
    let params = BoostingParams {
        rounds: 30,
        row_share: 0.5,
        column_share: 0.25,
        ..plain()
    };
    let fit = fit(&sample, &params);
    let mut covers: Vec<f64> = Vec::new();
    for tree in fit.model.ensemble().trees() {
        covers.push(tree.cover(0));
        let columns = (0..tree.len()).filter_map(|i| match tree.node(i) {
            TreeNode::Split { column, .. } => Some(column),
            TreeNode::Leaf(_) => None,
        });
        let columns: std::collections::BTreeSet<usize> = columns.collect();
        assert_eq!(columns.len(), 1);
    }
    assert!(covers.iter().all(|cover| (400.0..600.0).contains(cover)));
    covers.sort_by(f64::total_cmp);
    covers.dedup();
    assert!(covers.len() > 15, "{covers:?}");
    assert!(fit.model.split_counts().iter().all(|count| *count > 0));
}
