//! Comparisons of few rows, of one class, of models that agree, and of what cannot be compared.

use credit_risk::credit::comparison::{Comparison, ComparisonError, Scored, SwapCell};
use credit_risk::stats::MetricError;

use crate::support::through_json;

fn scored(probabilities: &[f64], threshold: f64) -> Scored<'_> {
    Scored {
        name: "model",
        probabilities,
        threshold,
    }
}

fn cell(rows: u64, bads: u64) -> SwapCell {
    SwapCell {
        rows,
        bads,
        bad_rate: (rows > 0).then(|| bads as f64 / rows as f64),
    }
}

#[test]
fn two_swaps_by_hand_at_own_thresholds_and_at_equal_approval() {
    let champion = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7];
    let challenger = [0.2, 0.5, 0.1, 0.3, 0.4, 0.9];
    let events = [false, true, false, false, false, true];
    let found =
        Comparison::of(&scored(&champion, 0.4), &scored(&challenger, 0.45), &events).unwrap();
    let own = found.swap_set;
    assert_eq!(own.approved_by_both, cell(2, 0));
    assert_eq!(own.swapped_in, cell(2, 0));
    assert_eq!(own.swapped_out, cell(1, 1));
    assert_eq!(own.declined_by_both, cell(1, 1));
    assert_eq!(own.champion_bad_rate, Some(1.0 / 3.0));
    assert_eq!(own.challenger_bad_rate, Some(0.0));
    // The champion approves three; the challenger does from 0.4 on.
    let equal = found.swap_set_at_equal_approval;
    assert_eq!(
        [equal.champion_threshold, equal.challenger_threshold],
        [0.4, 0.4]
    );
    assert_eq!(equal.approved_by_both, cell(2, 0));
    assert_eq!(
        (equal.swapped_in, equal.swapped_out),
        (cell(1, 0), cell(1, 1))
    );
    assert_eq!(equal.declined_by_both, cell(2, 1));
}

#[test]
fn ties_at_the_border_let_the_challenger_approve_more() {
    let champion = [0.1, 0.2, 0.3, 0.4];
    let challenger = [0.1, 0.2, 0.2, 0.2];
    let found = Comparison::of(
        &scored(&champion, 0.25),
        &scored(&challenger, 0.5),
        &[false, true, false, true],
    )
    .unwrap();
    let equal = found.swap_set_at_equal_approval;
    assert_eq!(equal.champion_approval_rate, 0.5);
    assert_eq!(equal.challenger_approval_rate, 1.0);
    assert_eq!(equal.challenger_threshold, 0.2_f64.next_up());
}

#[test]
fn a_champion_that_approves_nobody_or_everybody_is_met() {
    let events = [false, true, true];
    let (champion, challenger) = ([0.2, 0.3, 0.4], [0.3, 0.2, 0.1]);
    for (threshold, approved) in [(0.0, 0.0), (1.0, 1.0)] {
        let found = Comparison::of(
            &scored(&champion, threshold),
            &scored(&challenger, 0.25),
            &events,
        );
        let equal = found.unwrap().swap_set_at_equal_approval;
        let rates = [equal.champion_approval_rate, equal.challenger_approval_rate];
        assert_eq!(rates, [approved; 2]);
    }
}

#[test]
fn a_model_against_itself_differs_in_nothing() {
    let p = [0.1, 0.4, 0.35, 0.8];
    let model = scored(&p, 0.5);
    let found = Comparison::of(&model, &model, &[false, false, true, true]).unwrap();
    let difference = found.difference;
    assert_eq!(
        (difference.auc, difference.gini, difference.ks),
        (Some(0.0), Some(0.0), Some(0.0))
    );
    let test = found.auc_test.unwrap();
    assert_eq!((test.z, test.p_value), (None, None));
    assert_eq!(found.rank_correlation, Some(1.0));
    for swaps in [found.swap_set, found.swap_set_at_equal_approval] {
        assert_eq!(
            (swaps.swapped_in, swaps.swapped_out),
            (cell(0, 0), cell(0, 0))
        );
    }
}

#[test]
fn repaid_loans_alone_still_have_losses_and_a_swap_set() {
    let (champion, challenger) = ([0.1, 0.4], [0.3, 0.3]);
    let found = Comparison::of(
        &scored(&champion, 0.2),
        &scored(&challenger, 0.5),
        &[false, false],
    )
    .unwrap();
    assert_eq!((found.difference.auc, found.difference.ks), (None, None));
    assert_eq!((found.auc_test, found.rank_correlation), (None, None));
    assert!((found.difference.brier - 0.005).abs() < 1e-15);
    assert_eq!(found.swap_set.swapped_in, cell(1, 0));
    assert_eq!(through_json(&found), found);
}

#[test]
fn a_class_of_one_row_has_a_difference_and_no_test() {
    let (champion, challenger) = ([0.1, 0.4, 0.2], [0.5, 0.3, 0.2]);
    let found = Comparison::of(
        &scored(&champion, 0.2),
        &scored(&challenger, 0.5),
        &[false, true, false],
    )
    .unwrap();
    assert_eq!(found.difference.auc, Some(-0.5));
    assert_eq!(found.auc_test, None);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let good = [0.1, 0.2];
    let events = [true, false];
    let refused = |champion: &Scored<'_>, challenger: &Scored<'_>, events: &[bool]| {
        Comparison::of(champion, challenger, events).unwrap_err()
    };
    let fine = scored(&good, 0.5);
    for wrong in [f64::NAN, f64::INFINITY] {
        let odd = scored(&good, wrong);
        assert_eq!(refused(&odd, &fine, &events), ComparisonError::Threshold);
        assert_eq!(refused(&fine, &odd, &events), ComparisonError::Threshold);
    }
    let cases: [(&[f64], MetricError); 3] = [
        (&[0.1], MetricError::LengthMismatch),
        (&[0.1, 1.1], MetricError::NotAProbability),
        (&[0.1, f64::NAN], MetricError::NonFinite),
    ];
    for (p, error) in cases {
        let odd = scored(p, 0.5);
        assert_eq!(refused(&odd, &fine, &events), error.into());
        assert_eq!(refused(&fine, &odd, &events), error.into());
    }
    let none = scored(&[], 0.5);
    assert_eq!(refused(&none, &none, &[]), MetricError::Empty.into());
}
