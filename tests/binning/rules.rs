//! Breaks laid down by hand, and what a change of bins does.

use credit_risk::credit::binning::{
    BinningError, BinningParams, Infeasible, NumericRules, Trend, UserBreak, compare,
    population_stability_index,
};

use crate::support::{assert_close, bin, column, unlimited};

fn rules(breaks: &[(f64, bool)]) -> NumericRules {
    let one = |&(at, fixed): &(f64, bool)| UserBreak { at, fixed };
    NumericRules {
        breaks: breaks.iter().map(one).collect(),
        ..NumericRules::default()
    }
}

#[test]
fn fixed_breaks_stay_and_others_may_go() {
    let (values, events) = column(4_000, 1);
    let offered = [
        (20.0, false),
        (60.0, false),
        (100.0, true),
        (140.0, false),
        (220.0, false),
    ];
    let params = BinningParams {
        max_bins: 3,
        ..unlimited()
    };
    let found = bin(&values, &events, &rules(&offered), params).unwrap();
    let kept: Vec<bool> = offered
        .iter()
        .map(|(at, _)| found.breaks().contains(at))
        .collect();
    assert!(kept[2] && kept.iter().filter(|&&kept| kept).count() == 2);
    assert_eq!(found.breaks().len(), 2);
    // A break belongs to the bin above.
    let [below, at] = [100.0_f64.next_down(), 100.0].map(|value| found.bin_of(value));
    assert_eq!(at, below + 1);
}

#[test]
fn fixed_breaks_that_break_the_trend_are_infeasible() {
    let (values, events) = column(4_000, 1);
    let offered = [(20.0, true), (60.0, true), (140.0, true), (220.0, true)];
    let params = BinningParams {
        trend: Trend::Ascending,
        ..unlimited()
    };
    let refused = bin(&values, &events, &rules(&offered), params).unwrap_err();
    let trend = Trend::Ascending;
    assert_eq!(
        refused,
        BinningError::Infeasible(Infeasible::Trend { trend })
    );
    assert!(bin(&values, &events, &rules(&offered), unlimited()).is_ok());
}

#[test]
fn a_fixed_bin_that_is_too_small_is_named() {
    let (values, events) = column(4_000, 1);
    let offered = [(100.0, true), (100.1, true), (200.0, false)];
    let refused = bin(&values, &events, &rules(&offered), BinningParams::default());
    let expected = BinningError::Infeasible(Infeasible::FixedBin { bin: 1 });
    assert_eq!(refused, Err(expected));
}

#[test]
fn more_fixed_breaks_than_bins_are_infeasible() {
    let (values, events) = column(4_000, 1);
    let params = BinningParams {
        max_bins: 2,
        ..unlimited()
    };
    let offered = [(50.0, true), (100.0, true)];
    let refused = bin(&values, &events, &rules(&offered), params).unwrap_err();
    let expected = Infeasible::MaxBins {
        fixed: 3,
        max_bins: 2,
    };
    assert_eq!(refused, BinningError::Infeasible(expected));
}

#[test]
fn breaks_beyond_all_values_are_infeasible() {
    let (values, events) = column(400, 1);
    let refused = bin(&values, &events, &rules(&[(1e6, false)]), unlimited()).unwrap_err();
    assert_eq!(refused, BinningError::Infeasible(Infeasible::SingleValue));
}

#[test]
fn a_change_of_bins_is_told_in_value_gini_and_stability() {
    let (values, events) = column(4_000, 1);
    let before = bin(
        &values,
        &events,
        &NumericRules::default(),
        BinningParams::default(),
    )
    .unwrap();
    let after = bin(&values, &events, &rules(&[(100.0, true)]), unlimited()).unwrap();
    let shifted: Vec<f64> = values.iter().map(|value| value * 0.8).collect();
    let others = (before.counts_of(&shifted), after.counts_of(&shifted));
    let told = compare(&before, &after, Some((&others.0, &others.1)));
    assert!(told.difference.iv < 0.0 && told.difference.gini < 0.0);
    assert_close(
        told.difference.iv,
        told.after.iv - told.before.iv,
        0.0,
        "iv",
    );
    let (stable_before, stable_after) = (told.before.psi.unwrap(), told.after.psi.unwrap());
    assert!(stable_before > stable_after && stable_after > 0.0);
    assert_close(
        told.difference.psi.unwrap(),
        stable_after - stable_before,
        0.0,
        "psi",
    );
    let same = compare(&before, &before, None);
    assert_eq!(
        (
            same.difference.iv,
            same.difference.gini,
            same.difference.psi
        ),
        (0.0, 0.0, None)
    );
}

#[test]
fn the_gini_of_a_table_is_that_of_its_scores() {
    let (values, events) = column(500, 9);
    let found = bin(&values, &events, &NumericRules::default(), unlimited()).unwrap();
    let scores = found.woe_of(&values);
    let (mut pairs, mut ordered) = (0.0, 0.0);
    for (bad_score, _) in scores.iter().zip(&events).filter(|(_, e)| **e) {
        for (good_score, _) in scores.iter().zip(&events).filter(|(_, e)| !**e) {
            pairs += 1.0;
            ordered += f64::from((good_score > bad_score) as u8)
                - f64::from((good_score < bad_score) as u8);
        }
    }
    assert_close(found.table().gini(), ordered / pairs, 1e-12, "gini");
}

#[test]
fn the_stability_index_follows_its_formula_and_floors_empty_bins() {
    let psi = |expected: &[f64], actual: &[f64]| population_stability_index(expected, actual, 1e-4);
    // Recorded: plain shares, and one empty bin at a floor of 0.0001.
    let plain = psi(
        &[100.0, 200.0, 300.0, 250.0, 150.0],
        &[90.0, 180.0, 330.0, 260.0, 140.0],
    );
    assert_close(plain.unwrap(), 0.007_102_256_710_266_872, 1e-15, "plain");
    let empty = psi(&[50.0, 30.0, 20.0], &[60.0, 40.0, 0.0]);
    assert_close(empty.unwrap(), 1.566_420_764_587_036, 1e-14, "empty");
    assert_eq!(psi(&[5.0, 0.0, 5.0], &[50.0, 0.0, 50.0]), Some(0.0));
    assert_eq!(population_stability_index(&[5.0], &[5.0], 0.0), None);
    assert_eq!(psi(&[1.0], &[1.0, 2.0]), None);
    assert_eq!(psi(&[0.0], &[1.0]), None);
    assert_eq!(psi(&[f64::NAN], &[1.0]), None);
}
