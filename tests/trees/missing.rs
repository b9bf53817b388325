//! Missing cells and categories, known and unknown.

use credit_risk::stats::trees::{
    BinnedColumns, BoostingParams, GradientBoosting, MISSING_CATEGORY, Monotone, RandomForest,
    TreeColumn,
};

use crate::support::{Sample, never, one_tree, plain, single};

fn eager() -> BoostingParams {
    BoostingParams {
        rounds: 1,
        learning_rate: 1.0,
        min_leaf_rows: 1,
        min_leaf_hessian: 0.0,
        ..plain()
    }
}

fn boosted(columns: &[TreeColumn<'_>], events: &[bool]) -> GradientBoosting {
    let columns = BinnedColumns::new(columns).unwrap();
    let fit = GradientBoosting::fit(&columns, events, None, &eager(), &never);
    fit.unwrap().model
}

#[test]
fn missing_cells_go_where_they_fit() {
    let nan = f64::NAN;
    let values = [1.0, 1.0, 2.0, 2.0, nan, nan];
    for (like_high, events) in [
        (true, [false, false, true, true, true, true]),
        (false, [false, false, true, true, false, false]),
    ] {
        let model = boosted(&[TreeColumn::Numeric(&values)], &events);
        let like = if like_high { 2.0 } else { 1.0 };
        assert_eq!(
            model.log_odds(&[nan]).to_bits(),
            model.log_odds(&[like]).to_bits()
        );
        assert!(model.log_odds(&[1.0]) < model.log_odds(&[2.0]));
    }
}

#[test]
fn being_missing_can_be_all_that_matters() {
    let nan = f64::NAN;
    let model = boosted(
        &[TreeColumn::Numeric(&[1.0, 2.0, 3.0, nan, nan, nan])],
        &[false, false, false, true, true, true],
    );
    assert!(model.log_odds(&[nan]) > model.log_odds(&[3.0]));
    assert_eq!(
        model.log_odds(&[1.0]).to_bits(),
        model.log_odds(&[1e308]).to_bits()
    );
}

#[test]
fn a_monotone_column_may_still_be_missing_at_either_end() {
    let nan = f64::NAN;
    for (events, sign) in [
        ([false, false, false, true, true, true], 1.0),
        ([true, true, true, false, false, false], -1.0),
    ] {
        for direction in [Monotone::Rising, Monotone::Falling] {
            let params = BoostingParams {
                monotone: vec![direction],
                ..eager()
            };
            let columns = single(&[1.0, 2.0, 3.0, nan, nan, nan]);
            let fit = GradientBoosting::fit(&columns, &events, None, &params, &never).unwrap();
            let (missing, known) = (fit.model.log_odds(&[nan]), fit.model.log_odds(&[2.0]));
            assert!(sign * (missing - known) > 0.0);
        }
    }
}

#[test]
fn what_is_not_finite_is_missing_and_so_is_what_is_not_there() {
    let sample = Sample::new(300, 1);
    let columns = sample.binned();
    let fit = GradientBoosting::fit(&columns, &sample.events, None, &plain(), &never).unwrap();
    let missing = fit
        .model
        .log_odds(&[0.3, f64::NAN, f64::NAN, f64::NAN])
        .to_bits();
    let infinite = [0.3, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY];
    assert_eq!(fit.model.log_odds(&infinite).to_bits(), missing);
    assert_eq!(fit.model.log_odds(&[0.3]).to_bits(), missing);
    for code in [7.0, 1e300, -1.0, 1.5, f64::from(MISSING_CATEGORY)] {
        let row = [0.3, f64::NAN, f64::NAN, code];
        assert_eq!(fit.model.log_odds(&row).to_bits(), missing);
    }
}

#[test]
fn training_and_scoring_send_every_row_the_same_way() {
    // Out-of-bag values come from bins, probabilities from raw values.
    let sample = Sample::new(2000, 2);
    let weights: Vec<f64> = (0..2000).map(|i| f64::from(i % 2)).collect();
    let columns = sample.binned();
    let params = credit_risk::stats::trees::ForestParams {
        trees: 15,
        ..Default::default()
    };
    let fit = RandomForest::fit(&columns, &sample.events, Some(&weights), &params, &never);
    let fit = fit.unwrap();
    for row in (0..2000).step_by(2) {
        let raw = fit.forest.probability(&sample.row(row));
        assert_eq!(fit.out_of_bag[row].map(f64::to_bits), Some(raw.to_bits()));
    }
}

#[test]
fn categories_beyond_255_are_scored_as_they_were_learnt() {
    // Category c has c / 8 + 1 rows, so that the first ones are the rarest and share a fate.
    let codes: Vec<u32> = (0..400_u32)
        .flat_map(|c| vec![c; c as usize / 8 + 1])
        .collect();
    let events: Vec<bool> = codes.iter().map(|code| code.is_multiple_of(2)).collect();
    let column = TreeColumn::Categories {
        codes: &codes,
        levels: 400,
    };
    let columns = BinnedColumns::new(&[column]).unwrap();
    assert_eq!(columns.bins(0), 255);
    let fit = RandomForest::fit(&columns, &events, None, &one_tree(), &never).unwrap();
    for code in 152..400_u32 {
        let certain = if code.is_multiple_of(2) { 1.0_f64 } else { 0.0 };
        let p = fit.forest.probability(&[f64::from(code)]);
        assert_eq!(p.to_bits(), certain.to_bits(), "{code}");
    }
    let rare = fit.forest.probability(&[f64::NAN]);
    assert!((rare - 0.5).abs() < 0.05, "{rare}");
    for code in 0..100_u32 {
        assert_eq!(
            fit.forest.probability(&[f64::from(code)]).to_bits(),
            rare.to_bits()
        );
    }
}

#[test]
fn a_rare_category_follows_the_missing_ones() {
    let codes = [
        0,
        0,
        0,
        0,
        1,
        1,
        1,
        1,
        2,
        MISSING_CATEGORY,
        MISSING_CATEGORY,
    ];
    for missing_event in [true, false] {
        let events: Vec<bool> = [false; 4]
            .into_iter()
            .chain([true; 4])
            .chain([missing_event; 3])
            .collect();
        let params = BoostingParams {
            min_category_rows: 2,
            ..eager()
        };
        let columns = BinnedColumns::new(&[TreeColumn::Categories {
            codes: &codes,
            levels: 4,
        }]);
        let fit = GradientBoosting::fit(&columns.unwrap(), &events, None, &params, &never);
        let model = fit.unwrap().model;
        let at = |code: f64| model.log_odds(&[code]).to_bits();
        let like = if missing_event { at(1.0) } else { at(0.0) };
        // Rare, missing, and never seen.
        assert_eq!([at(2.0), at(f64::NAN), at(3.0)], [like; 3]);
        assert_ne!(at(0.0), at(1.0));
    }
}

#[test]
fn what_a_node_never_saw_goes_with_most_of_the_weight() {
    for heavy_high in [true, false] {
        let values = if heavy_high {
            [1.0, 2.0, 2.0, 2.0]
        } else {
            [1.0, 1.0, 1.0, 2.0]
        };
        let events = values.map(|value| value > 1.5);
        let model = boosted(&[TreeColumn::Numeric(&values)], &events);
        let heavy = if heavy_high { 2.0 } else { 1.0 };
        assert_eq!(
            model.log_odds(&[f64::NAN]).to_bits(),
            model.log_odds(&[heavy]).to_bits()
        );
    }
}

#[test]
fn a_single_named_category_may_be_the_best_or_the_worst() {
    let codes: Vec<u32> = (0..60).map(|i| i % 6).collect();
    for odd_one in [true, false] {
        let events: Vec<bool> = codes.iter().map(|code| (*code == 4) == odd_one).collect();
        let params = BoostingParams {
            max_categories: 1,
            max_leaves: 2,
            ..eager()
        };
        let columns = BinnedColumns::new(&[TreeColumn::Categories {
            codes: &codes,
            levels: 6,
        }]);
        let fit = GradientBoosting::fit(&columns.unwrap(), &events, None, &params, &never);
        let model = fit.unwrap().model;
        let others = [0.0, 1.0, 2.0, 3.0, 5.0].map(|code| model.log_odds(&[code]).to_bits());
        assert_eq!(others, [others[0]; 5]);
        let difference = model.log_odds(&[4.0]) - model.log_odds(&[0.0]);
        assert!(if odd_one {
            difference > 0.1
        } else {
            difference < -0.1
        });
    }
}
