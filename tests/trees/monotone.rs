//! Monotone columns: the law must hold at every depth, on any data.

use credit_risk::stats::trees::{BoostingParams, GradientBoosting, Monotone};
use proptest::prelude::*;

use crate::support::{Numbers, Sample, never, plain};

/// Log-odds along one column, everything else as in `row`; `NaN` is left out.
fn along(model: &GradientBoosting, row: &[f64; 4], column: usize) -> Vec<f64> {
    let point = |step: i32| {
        let mut row = *row;
        row[column] = f64::from(step) / 40.0;
        model.log_odds(&row)
    };
    (-2..=42).map(point).collect()
}

fn params(directions: [Monotone; 3], depth: u32, leaves: u32, column_share: f64) -> BoostingParams {
    BoostingParams {
        rounds: 15,
        learning_rate: 0.3,
        max_depth: Some(depth),
        max_leaves: leaves,
        min_leaf_rows: 1,
        min_leaf_hessian: 0.0,
        l2: 0.1,
        column_share,
        monotone: [&directions[..], &[Monotone::Free]].concat(),
        ..plain()
    }
}

fn direction() -> impl Strategy<Value = Monotone> {
    prop_oneof![
        Just(Monotone::Free),
        Just(Monotone::Rising),
        Just(Monotone::Falling)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_monotone_column_never_turns(
        seed in any::<u64>(),
        rows in 20_usize..300,
        directions in [direction(), direction(), direction()],
        depth in 1_u32..12,
        leaves in 2_u32..64,
        column_share in 0.3..=1.0,
        against in any::<bool>(),
    ) {
        let mut sample = Sample::new(rows, seed);
        let mut random = Numbers(seed ^ 1);
        for event in &mut sample.events {
            // Half of the cases have the data fight every constraint.
            *event ^= against && random.uniform() < 0.5;
        }
        sample.events[0] = true;
        sample.events[1] = false;
        let params = params(directions, depth, leaves, column_share);
        let columns = sample.binned();
        let fit = GradientBoosting::fit(&columns, &sample.events, None, &params, &never).unwrap();
        for i in 0..rows.min(40) {
            let row = sample.row(i);
            for (column, direction) in directions.iter().enumerate() {
                let values = along(&fit.model, &row, column);
                let steps = values.windows(2).map(|pair| pair[1] - pair[0]);
                for step in steps {
                    let turns = match direction {
                        Monotone::Free => false,
                        Monotone::Rising => step < 0.0,
                        Monotone::Falling => step > 0.0,
                    };
                    prop_assert!(!turns, "column {} row {}: {:?}", column, i, values);
                }
            }
        }
    }
}

#[test]
fn without_the_constraint_the_same_data_turn() {
    let sample = Sample::new(300, 1);
    let free = params([Monotone::Free; 3], 6, 32, 1.0);
    let fit = GradientBoosting::fit(&sample.binned(), &sample.events, None, &free, &never).unwrap();
    let values = along(&fit.model, &sample.row(0), 0);
    assert!(values.windows(2).any(|pair| pair[1] < pair[0]));
}

#[test]
fn a_constraint_that_the_data_fulfil_costs_little() {
    let sample = Sample::new(2000, 2);
    let loss = |direction| {
        let params = BoostingParams {
            monotone: vec![direction, Monotone::Free, Monotone::Free, Monotone::Free],
            ..BoostingParams::default()
        };
        let columns = sample.binned();
        let fit = GradientBoosting::fit(&columns, &sample.events, None, &params, &never).unwrap();
        fit.validation_losses
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min)
    };
    let free = loss(Monotone::Free);
    assert!(loss(Monotone::Rising) < free + 0.003);
    // The first column matters most, and may now not be used at all.
    assert!(loss(Monotone::Falling) > free + 0.03);
}
