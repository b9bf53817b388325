//! Rows that hold nothing to find, and rows and settings that are refused.

use std::cell::Cell;

use credit_risk::credit::{
    binning::Binning,
    pairs::{PairError, PairParams, find_pairs},
};

use crate::support::{Book, VALUES, members};

fn book() -> Book {
    Book::drawn(21, 600, 3, |row| {
        if (row[0] < 3) == (row[1] < 3) {
            1.0
        } else {
            -1.0
        }
    })
}

fn refusal(change: impl Fn(&mut Book)) -> PairError {
    let mut book = book();
    change(&mut book);
    let binnings: Vec<&Binning> = book.binnings.iter().collect();
    let params = PairParams::default().check().unwrap();
    find_pairs(&book.rows(&binnings), &params, &|| false).unwrap_err()
}

#[test]
fn one_characteristic_has_no_pair() {
    let mut book = book();
    book.binnings.truncate(1);
    book.bins.truncate(1);
    assert_eq!(book.find(PairParams::default()), []);
    book.binnings.clear();
    book.bins.clear();
    assert_eq!(book.find(PairParams::default()), []);
}

#[test]
fn no_rows_have_no_pair() {
    let mut book = book();
    book.bins.iter_mut().for_each(Vec::clear);
    book.events.clear();
    book.log_odds.clear();
    assert_eq!(book.find(PairParams::default()), []);
}

#[test]
fn rows_without_weight_have_no_pair() {
    let mut book = book();
    book.weights = Some(vec![0.0; 600]);
    assert_eq!(book.find(PairParams::default()), []);
}

#[test]
fn a_characteristic_with_rows_in_one_bin_only_has_no_pair() {
    let mut book = book();
    book.bins[1].fill(2);
    assert_eq!(book.find(PairParams::default()), []);
}

#[test]
fn a_copy_of_a_characteristic_is_no_pair_with_it() {
    let mut book = Book::drawn(22, 4_000, 2, |row| {
        [2.0, -2.0, 1.0, 0.0, -1.0, 2.0][row[0] as usize]
    });
    book.bins[1] = book.bins[0].clone();
    book.log_odds.fill(-0.3);
    assert_eq!(members(&book.find(PairParams::default())), []);
}

#[test]
fn log_odds_far_out_do_no_harm() {
    let mut book = book();
    for (all, event) in book.log_odds.iter_mut().zip(&book.events) {
        *all = if *event { 800.0 } else { -800.0 };
    }
    assert_eq!(book.find(PairParams::default()), []);
}

#[test]
fn two_events_that_nobody_expected_are_no_interaction() {
    let mut book = book();
    book.log_odds.fill(-8.0);
    book.events.fill(false);
    // A step of Newton's method would promise much of cells in which next to nothing is expected.
    let params = PairParams {
        most: 1,
        shrinkage: 0.01,
        ..PairParams::default()
    };
    for value in [0, 3] {
        let both = |row: &usize| book.bins[0][*row] == value && book.bins[1][*row] == value;
        let row = (0..600).find(both).unwrap();
        book.events[row] = true;
    }
    assert_eq!(members(&book.find(params)), []);
}

#[test]
fn columns_of_another_length_are_refused() {
    let rows = |what, found| PairError::Rows {
        what,
        found,
        expected: 600,
    };
    assert_eq!(
        refusal(|book| book.log_odds.truncate(599)),
        rows("log-odds", 599)
    );
    assert_eq!(
        refusal(|book| book.weights = Some(vec![1.0])),
        rows("weights", 1)
    );
    assert_eq!(refusal(|book| book.bins[2].push(0)), rows("bins", 601));
    let expected = PairError::Characteristics {
        bins: 2,
        binnings: 3,
    };
    assert_eq!(refusal(|book| book.bins.truncate(2)), expected);
}

#[test]
fn a_bin_that_does_not_exist_is_refused() {
    let bin = VALUES as u32 + 1;
    let expected = PairError::NoBin {
        characteristic: 2,
        bin,
        row: 7,
    };
    assert_eq!(refusal(|book| book.bins[2][7] = bin), expected);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let number = |what, row| PairError::Number { what, row };
    for wrong in [f64::NAN, f64::INFINITY] {
        let found = refusal(|book| book.log_odds[3] = wrong);
        assert_eq!(found, number("log-odds", 3));
    }
    for wrong in [f64::NAN, f64::INFINITY, -1.0] {
        let found = refusal(|book| {
            let mut weights = vec![1.0; 600];
            weights[5] = wrong;
            book.weights = Some(weights);
        });
        assert_eq!(found, number("weights", 5));
    }
}

#[test]
fn a_search_that_is_called_off_ends() {
    let book = book();
    let binnings: Vec<&Binning> = book.binnings.iter().collect();
    let params = PairParams::default().check().unwrap();
    for after in 0..4 {
        let asked = Cell::new(0);
        let cancelled = || asked.replace(asked.get() + 1) >= after;
        let found = find_pairs(&book.rows(&binnings), &params, &cancelled);
        assert_eq!(found, Err(PairError::Cancelled), "{after}");
        assert_eq!(asked.get(), after + 1);
    }
}

#[test]
fn every_setting_out_of_range_is_named() {
    let fields = |params: PairParams| -> Vec<&str> {
        let faults = params.check().unwrap_err();
        faults.iter().map(|fault| fault.field).collect()
    };
    let wrong = PairParams {
        most: 101,
        max_groups: 1,
        penalty: f64::NAN,
        shrinkage: 0.0,
    };
    assert_eq!(
        fields(wrong),
        ["most", "max_groups", "penalty", "shrinkage"]
    );
    let ends = PairParams {
        most: 100,
        max_groups: 32,
        penalty: 0.0,
        shrinkage: 0.01,
    };
    assert!(ends.check().is_ok());
}

#[test]
fn settings_left_out_are_the_usual_ones_and_others_are_refused() {
    let read = |text: &str| serde_json::from_str::<PairParams>(text).map_err(|e| e.to_string());
    assert_eq!(read("{}"), Ok(PairParams::default()));
    assert_eq!(read("{\"most\": 3}").unwrap().most, 3);
    assert!(read("{\"more\": 3}").unwrap_err().contains("unknown field"));
}
