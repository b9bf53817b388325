//! Data and settings at the edge of what can be.

use credit_risk::stats::trees::{
    BinnedColumns, BoostingParams, ForestParams, GradientBoosting, MISSING_CATEGORY, Monotone,
    RandomForest, SplitTest, TreeColumn, TreeError, TreeNode,
};

use crate::support::{Sample, never, one_tree, plain, single};

#[test]
fn the_widest_numbers_are_divided_like_any() {
    let values = [-1.7e308, -1e308, -5e-324, 0.0, 5e-324, 1e308, 1.7e308];
    let events = [false, false, false, false, true, true, true];
    let fit = RandomForest::fit(&single(&values), &events, None, &one_tree(), &never).unwrap();
    for (value, event) in values.iter().zip(events) {
        let certain = if event { 1.0_f64 } else { 0.0 };
        assert_eq!(
            fit.forest.probability(&[*value]).to_bits(),
            certain.to_bits()
        );
    }
}

#[test]
fn nothing_to_divide_by_leaves_the_base() {
    let constant = [1.0; 40];
    let missing = [f64::NAN; 40];
    let codes = [MISSING_CATEGORY; 40];
    let events: Vec<bool> = (0..40).map(|i| i % 4 == 0).collect();
    let columns = [
        TreeColumn::Numeric(&constant),
        TreeColumn::Numeric(&missing),
        TreeColumn::Categories {
            codes: &codes,
            levels: 0,
        },
    ];
    let columns = BinnedColumns::new(&columns).unwrap();
    for params in [plain(), BoostingParams::default()] {
        let fit = GradientBoosting::fit(&columns, &events, None, &params, &never).unwrap();
        assert!(fit.model.ensemble().trees().is_empty());
        assert!((fit.model.probability(&[1.0, 2.0, 3.0]) - 0.25).abs() < 1e-15);
        assert!(
            fit.model
                .gain_importances()
                .iter()
                .all(|share| *share <= 0.0)
        );
    }
}

#[test]
fn two_rows_are_enough_and_one_is_not() {
    let params = BoostingParams::default();
    let fit = |values: &[f64], events: &[bool]| {
        GradientBoosting::fit(&single(values), events, None, &params, &never)
    };
    let two = fit(&[1.0, 2.0], &[true, false]).unwrap();
    assert!((two.model.probability(&[1.0]) - 0.5).abs() < 1e-15);
    assert_eq!(fit(&[1.0], &[true]).unwrap_err(), TreeError::OneClass);
}

#[test]
fn huge_and_tiny_weights_leave_finite_log_odds() {
    let sample = Sample::new(200, 3);
    let columns = sample.binned();
    for scale in [1e-300, 1e-20, 1e20, 1e100] {
        let weights: Vec<f64> = (0..200)
            .map(|i| scale * f64::from(1 + i % 5) / 5.0)
            .collect();
        let params = BoostingParams {
            l2: 0.0,
            min_leaf_hessian: 0.0,
            ..plain()
        };
        let events = &sample.events;
        let fit = GradientBoosting::fit(&columns, events, Some(&weights), &params, &never);
        let model = fit.unwrap().model;
        for row in 0..200 {
            assert!(model.log_odds(&sample.row(row)).is_finite());
        }
        assert!(!model.ensemble().trees().is_empty(), "{scale}");
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let columns = Sample::new(50, 4);
    let refused = |params: BoostingParams| match GradientBoosting::fit(
        &columns.binned(),
        &columns.events,
        None,
        &params,
        &never,
    ) {
        Err(TreeError::Setting { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    let base = BoostingParams::default;
    assert_eq!(
        refused(BoostingParams {
            rounds: 0,
            ..base()
        }),
        "rounds"
    );
    let nan = BoostingParams {
        learning_rate: f64::NAN,
        ..base()
    };
    assert_eq!(refused(nan), "learning_rate");
    assert_eq!(
        refused(BoostingParams {
            row_share: 0.0,
            ..base()
        }),
        "row_share"
    );
    assert_eq!(refused(BoostingParams { l2: -1.0, ..base() }), "l2");
    let short = BoostingParams {
        monotone: vec![Monotone::Rising],
        ..base()
    };
    assert_eq!(refused(short), "monotone");
    let category = vec![
        Monotone::Free,
        Monotone::Free,
        Monotone::Free,
        Monotone::Rising,
    ];
    assert_eq!(
        refused(BoostingParams {
            monotone: category,
            ..base()
        }),
        "monotone"
    );
    let absent = BoostingParams {
        interactions: vec![vec![4]],
        ..base()
    };
    assert_eq!(refused(absent), "interactions");
}

#[test]
fn a_withdrawn_fit_ends_at_the_next_tree() {
    let sample = Sample::new(100, 5);
    let asked = std::cell::Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let fit = GradientBoosting::fit(&sample.binned(), &sample.events, None, &plain(), &cancelled);
    assert_eq!(fit.unwrap_err(), TreeError::Cancelled);
    assert_eq!(asked.get(), 4);
}

#[test]
fn floors_beyond_the_data_leave_the_base() {
    let sample = Sample::new(60, 6);
    let params = BoostingParams {
        min_leaf_rows: u32::MAX,
        ..plain()
    };
    let forest = ForestParams {
        min_leaf_rows: u32::MAX,
        ..one_tree()
    };
    let (columns, events) = (sample.binned(), &sample.events);
    let boosted = GradientBoosting::fit(&columns, events, None, &params, &never).unwrap();
    let grown = RandomForest::fit(&columns, events, None, &forest, &never).unwrap();
    assert!(boosted.model.ensemble().trees().is_empty());
    assert_eq!(grown.forest.ensemble().trees()[0].len(), 1);
}

#[test]
fn a_cut_lies_in_the_middle_of_what_the_rows_leave_open() {
    // The two rows between the others have no weight, but bins.
    let values = [1.0, 2.0, 3.0, 4.0];
    let weights = [1.0, 0.0, 0.0, 1.0];
    let events = [false, false, true, true];
    let fit = RandomForest::fit(
        &single(&values),
        &events,
        Some(&weights),
        &one_tree(),
        &never,
    );
    let tree = &fit.unwrap().forest.ensemble().trees()[0].clone();
    let middle = SplitTest::AtMost(2.5);
    assert!(matches!(tree.node(0), TreeNode::Split { test, .. } if test == middle));
}

#[test]
fn classes_of_weights_200_digits_apart_have_finite_log_odds() {
    let sample = Sample::new(200, 7);
    let weight = |event: &bool| if *event { 1e100 } else { 1e-100 };
    let weights: Vec<f64> = sample.events.iter().map(weight).collect();
    let columns = sample.binned();
    let fit = GradientBoosting::fit(&columns, &sample.events, Some(&weights), &plain(), &never);
    let model = fit.unwrap().model;
    assert!((model.base() - 460.0).abs() < 2.0, "{}", model.base());
    assert!((0..200).all(|row| model.log_odds(&sample.row(row)).is_finite()));
    let bytes = postcard::to_stdvec(&model).unwrap();
    assert_eq!(postcard::from_bytes::<GradientBoosting>(&bytes), Ok(model));
}
