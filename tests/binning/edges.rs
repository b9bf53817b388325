//! Columns that break binning programmes: a binning or a reason, and never anything else.

use std::f64;

use credit_risk::credit::binning::{
    Binner, Binning, BinningError, BinningParams, Infeasible, NumericRules, Objective, Prebins,
    SpecialCodes, SplitCriterion, Target, Trend, UnseenValue,
};

use crate::support::{Numbers, assert_close, bin, column, unlimited};

fn reason(result: Result<Binning, BinningError>) -> Infeasible {
    match result {
        Err(BinningError::Infeasible(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn default_bin(values: &[f64], events: &[bool]) -> Result<Binning, BinningError> {
    bin(
        values,
        events,
        &NumericRules::default(),
        BinningParams::default(),
    )
}

/// Every third row of `rows` is bad.
fn thirds(rows: usize) -> Vec<bool> {
    (0..rows).map(|row| row % 3 == 0).collect()
}

#[test]
fn a_constant_column_is_infeasible() {
    let found = default_bin(&[7.0; 300], &thirds(300));
    assert_eq!(reason(found), Infeasible::SingleValue);
}

#[test]
fn a_column_without_values_is_infeasible() {
    let found = default_bin(&[f64::NAN; 300], &thirds(300));
    assert_eq!(reason(found), Infeasible::NoValues);
}

#[test]
fn too_few_bads_for_two_bins_are_infeasible() {
    let values: Vec<f64> = (0..1_000).map(f64::from).collect();
    let events: Vec<bool> = (0..1_000).map(|row| row % 112 == 0).collect();
    let Infeasible::Minimums { needed, found } = reason(default_bin(&values, &events)) else {
        panic!("another reason");
    };
    assert_eq!((needed.bads, found.bads, found.count), (5.0, 9.0, 1_000.0));
}

#[test]
fn a_rare_value_too_small_for_a_bin_is_infeasible_not_constant() {
    let values: Vec<f64> = (0..1_000)
        .map(|row| if row < 5 { 1.0 } else { 0.0 })
        .collect();
    let found = default_bin(&values, &thirds(1_000));
    assert!(matches!(reason(found), Infeasible::Minimums { .. }));
}

#[test]
fn a_column_that_tells_nothing_is_infeasible() {
    let values: Vec<f64> = (0..300).map(|row| f64::from(row % 2)).collect();
    let events: Vec<bool> = (0..300).map(|row| row % 10 < 2).collect();
    let found = default_bin(&values, &events);
    assert_eq!(reason(found), Infeasible::NothingGained);
}

#[test]
fn a_trend_against_the_data_is_infeasible() {
    let values: Vec<f64> = (0..1_000).map(f64::from).collect();
    let events: Vec<bool> = (0..1_000)
        .map(|row| row % 1_000 < 500 && row % 2 == 0)
        .collect();
    let params = BinningParams {
        trend: Trend::Ascending,
        min_bads: 0,
        ..BinningParams::default()
    };
    let found = bin(&values, &events, &NumericRules::default(), params);
    let trend = Trend::Ascending;
    assert_eq!(reason(found), Infeasible::Trend { trend });
}

#[test]
fn a_constant_beside_many_missing_keeps_one_bin_and_says_so() {
    let rows = 0..600_u32;
    let values: Vec<f64> = rows
        .clone()
        .map(|row| if row < 300 { 1.0 } else { f64::NAN })
        .collect();
    let events: Vec<bool> = rows
        .map(|row| row % if row < 300 { 3 } else { 10 } == 0)
        .collect();
    let found = default_bin(&values, &events).unwrap();
    assert_eq!(found.single(), Some(Infeasible::SingleValue));
    assert_eq!(
        (
            found.clean_bins(),
            found.bin_of(5.0),
            found.bin_of(f64::NAN)
        ),
        (1, 0, 1)
    );
    assert!(found.woe(0) < 0.0 && found.woe(1) > 0.0);
}

#[test]
fn a_constant_beside_a_few_missing_is_infeasible() {
    let mut values = [1.0; 600];
    values[..3].fill(f64::NAN);
    let mut events = thirds(600);
    events[..3].fill(true);
    assert_eq!(
        reason(default_bin(&values, &events)),
        Infeasible::SingleValue
    );
}

#[test]
fn what_a_user_asked_for_is_never_replaced_by_one_bin() {
    let rows = 0..900_u32;
    let values: Vec<f64> = rows
        .clone()
        .map(|row| if row < 600 { f64::from(row) } else { f64::NAN })
        .collect();
    let events: Vec<bool> = rows
        .map(|row| row < 300 && row % 2 == 0 || row % 10 == 0)
        .collect();
    let params = BinningParams {
        trend: Trend::Ascending,
        prebins: Prebins::Quantile { bins: 2 },
        ..BinningParams::default()
    };
    let found = bin(&values, &events, &NumericRules::default(), params);
    assert!(matches!(reason(found), Infeasible::Trend { .. }));
}

#[test]
fn the_largest_numbers_are_told_apart() {
    let scale = [-f64::MAX, -1e308, -1e-320, 0.0, 1e-320, 1e308, f64::MAX];
    let rows = 0..7_000;
    let values: Vec<f64> = rows.clone().map(|row| scale[row % 7]).collect();
    let events: Vec<bool> = rows.map(|row| row / 7 % (2 + row % 7) == 0).collect();
    let found = default_bin(&values, &events).unwrap();
    assert_eq!(found.clean_bins(), 7);
    assert!(found.breaks().iter().all(|at| at.is_finite()));
    let bins: Vec<usize> = scale.iter().map(|&value| found.bin_of(value)).collect();
    assert_eq!(bins, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(
        (found.bin_of(f64::NEG_INFINITY), found.bin_of(f64::INFINITY)),
        (0, 6)
    );
}

#[test]
fn both_zeros_are_the_same_number() {
    let rows = 0..400;
    let values: Vec<f64> = rows
        .clone()
        .map(|row| [-0.0, 0.0, 1.0, 1.0][row % 4])
        .collect();
    let events: Vec<bool> = rows.map(|row| row % 4 == 3 || row % 5 == 0).collect();
    let found = default_bin(&values, &events).unwrap();
    assert_eq!(
        (found.bin_of(-0.0), found.bin_of(0.0), found.clean_bins()),
        (0, 0, 2)
    );
    let rules = NumericRules {
        special: SpecialCodes::one_each(&[-0.0]),
        ..NumericRules::default()
    };
    let found = bin(&values, &events, &rules, BinningParams::default()).unwrap();
    assert_eq!((found.bin_of(-0.0), found.bin_of(0.0)), (1, 1));
}

#[test]
fn infinite_values_and_odd_lengths_are_refused() {
    let mut values = [1.0, 2.0, f64::INFINITY];
    let events = [true, false, true];
    assert_eq!(
        default_bin(&values, &events),
        Err(BinningError::Infinite { row: 2 })
    );
    values[2] = 3.0;
    let found = default_bin(&values[..2], &events);
    assert!(matches!(
        found,
        Err(BinningError::Length {
            found: 2,
            rows: 3,
            ..
        })
    ));
}

#[test]
fn an_outcome_of_one_class_or_without_rows_is_refused() {
    let of_one = |events: &[bool]| Target::new(events, None).unwrap_err();
    assert_eq!(of_one(&[]), BinningError::NoRows);
    assert!(matches!(
        of_one(&[true, true]),
        BinningError::OneClass { .. }
    ));
    assert!(matches!(of_one(&[false]), BinningError::OneClass { .. }));
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e101, 1e-101] {
        let error = Target::new(&[true, false], Some(&[1.0, weight])).unwrap_err();
        assert_eq!(error, BinningError::Weight { row: 1 });
    }
    let weightless = Target::new(&[true, false], Some(&[1.0, 0.0])).unwrap_err();
    assert!(matches!(weightless, BinningError::OneClass { .. }));
}

#[test]
fn a_row_of_weight_two_counts_as_two_rows() {
    let (values, events) = column(3_000, 5);
    let weights: Vec<f64> = (0..3_000).map(|row| f64::from(row % 3)).collect();
    let repeated = |row: usize| std::iter::repeat_n(row, row % 3);
    let rows: Vec<usize> = (0..3_000).flat_map(repeated).collect();
    let values_twice: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
    let events_twice: Vec<bool> = rows.iter().map(|&row| events[row]).collect();
    let params = BinningParams::default().check().unwrap();
    let weighted = Binner::new(Target::new(&events, Some(&weights)).unwrap(), params)
        .numeric(&values, &NumericRules::default());
    let repeated = bin(
        &values_twice,
        &events_twice,
        &NumericRules::default(),
        *params.params(),
    );
    assert_eq!(weighted, repeated);
}

#[test]
fn every_special_code_has_its_own_bin_and_missing_too() {
    let codes = [-9.0, -8.0, -7.0];
    let mut numbers = Numbers(3);
    let rows: Vec<(f64, bool)> = (0..4_000)
        .map(|row| match row % 8 {
            0 => (codes[row / 8 % 3], row % 16 == 0),
            1 => (f64::NAN, row % 3 == 0),
            _ => {
                let value = numbers.uniform();
                (100.0 * value, numbers.uniform() < value)
            }
        })
        .collect();
    let (values, events): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
    let mut special = SpecialCodes::one_each(&codes[..1]);
    special.push(SpecialCodes {
        name: "no record".into(),
        values: vec![-7.0, -8.0],
    });
    special.extend(SpecialCodes::one_each(&[-6.0]));
    let rules = NumericRules {
        special,
        ..NumericRules::default()
    };
    let params = BinningParams {
        unseen_value: UnseenValue::Worst,
        ..BinningParams::default()
    };
    let found = bin(&values, &events, &rules, params).unwrap();
    let clean = found.clean_bins();
    let bins = [-9.0, -8.0, -7.0, -6.0, f64::NAN, -10.0, -6.5].map(|v| found.bin_of(v));
    assert_eq!(
        bins,
        [clean, clean + 1, clean + 1, clean + 2, clean + 3, 0, 0]
    );
    let rows = &found.table().rows;
    assert_eq!(rows[clean].label.to_string(), "-9");
    assert_eq!(rows[clean + 1].label.to_string(), "no record");
    let coded = rows[clean].count + rows[clean + 1].count;
    assert_close(coded, 500.0, 0.0, "coded");
    assert_eq!((rows[clean + 2].count, rows[clean + 3].count), (0.0, 500.0));
    // Code -6 was not seen, and the settings score it as the worst bin.
    let worst = rows.iter().map(|row| row.woe).fold(f64::MAX, f64::min);
    assert_eq!(rows[clean + 2].woe.to_bits(), worst.to_bits());
    assert_eq!(
        found.counts_of(&values),
        rows.iter().map(|row| row.count).collect::<Vec<_>>()
    );
}

#[test]
fn fifty_rows_have_a_binning_or_a_reason_under_every_setting() {
    let mut some = 0;
    for seed in 0..60 {
        let (values, events) = column(50, seed);
        for trend in [Trend::Auto, Trend::None, Trend::Descending, Trend::Valley] {
            for objective in [
                Objective::InformationValue,
                Objective::PenalisedLikelihood { penalty: 0.5 },
            ] {
                for prebins in [
                    Prebins::Quantile { bins: 256 },
                    Prebins::Supervised {
                        bins: 64,
                        min_share: 0.0,
                        criterion: SplitCriterion::Entropy,
                    },
                ] {
                    let params = BinningParams {
                        trend,
                        objective,
                        prebins,
                        min_bads: seed as u32 % 4,
                        ..unlimited()
                    };
                    match bin(&values, &events, &NumericRules::default(), params) {
                        Ok(found) => {
                            let rows = &found.table().rows;
                            assert!(found.shape().follows(trend));
                            assert!(rows.iter().all(|row| row.woe.is_finite() && row.iv >= 0.0));
                            some += 1;
                        }
                        Err(error) => {
                            assert!(matches!(error, BinningError::Infeasible(_)), "{error}")
                        }
                    }
                }
            }
        }
    }
    assert!(some > 500, "{some}");
}
