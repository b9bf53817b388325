//! What the tables of pairs hold.

use credit_risk::{
    credit::{
        pairs::{FoundPair, PairParams},
        scorecard::{Card, CardParams, Entry},
    },
    stats::{Matrix, sigmoid},
};

use crate::support::{Book, fit, log_odds, members};

fn corner(row: &[u32]) -> f64 {
    let corner = row[0] >= 3 && row[2] >= 3;
    -1.0 + 0.2 * f64::from(row[0]) + if corner { 1.5 } else { 0.0 }
}

fn column(book: &Book, found: &FoundPair) -> Vec<f64> {
    let pair = &found.pair;
    let [first, second] = [pair.first, pair.second].map(|at| &book.bins[at as usize]);
    let bins = first.iter().zip(second);
    bins.map(|(&a, &b)| pair.value(a, b)).collect()
}

#[test]
fn the_column_holds_the_log_odds_of_each_rows_cell() {
    let book = Book::drawn(11, 3_000, 4, corner);
    let found = book.find(PairParams::default());
    assert_eq!(found[0].column, column(&book, &found[0]));
}

#[test]
fn log_odds_of_a_cell_balance_its_events_and_its_prior() {
    let book = Book::drawn(12, 3_000, 4, corner);
    for shrinkage in [0.5, 1.0, 20.0] {
        let params = PairParams {
            most: 1,
            shrinkage,
            ..PairParams::default()
        };
        let found = book.find(params);
        let cells: Vec<f64> = found[0].pair.log_odds.clone();
        for &cell in cells.iter().filter(|&&cell| cell.abs() > 0.0) {
            let rows =
                (0..book.events.len()).filter(|&row| (found[0].column[row] - cell).abs() < 1e-15);
            let surplus: f64 = rows
                .map(|row| {
                    let p = sigmoid(book.log_odds[row] + cell);
                    f64::from(u8::from(book.events[row])) - p
                })
                .sum();
            assert!(
                (surplus - shrinkage * cell).abs() < 1e-6,
                "{surplus} {cell}"
            );
        }
    }
}

#[test]
fn a_weight_counts_a_row_as_often() {
    let mut weighted = Book::drawn(13, 3_000, 3, corner);
    let weights: Vec<f64> = (0..3_000).map(|row| f64::from(row % 4)).collect();
    let repeat = |row: usize| vec![row; row % 4];
    let rows: Vec<usize> = (0..3_000).flat_map(repeat).collect();
    let mut repeated = Book::drawn(13, 3_000, 3, corner);
    repeated.events = rows.iter().map(|&row| weighted.events[row]).collect();
    repeated.log_odds = rows.iter().map(|&row| weighted.log_odds[row]).collect();
    for (to, from) in repeated.bins.iter_mut().zip(&weighted.bins) {
        *to = rows.iter().map(|&row| from[row]).collect();
    }
    weighted.weights = Some(weights);
    let params = PairParams {
        most: 1,
        ..PairParams::default()
    };
    let [a, b] = [weighted, repeated].map(|book| book.find(params));
    assert_eq!(members(&a), [(0, 2)]);
    assert_eq!(a[0].pair.groups_first, b[0].pair.groups_first);
    assert!((a[0].gain - b[0].gain).abs() < 1e-6);
    for (a, b) in a[0].pair.log_odds.iter().zip(&b[0].pair.log_odds) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn a_bin_whose_rows_have_no_weight_adds_nothing() {
    let mut book = Book::drawn(14, 4_000, 3, corner);
    let weight = |&bin: &u32| if bin == 5 { 0.0 } else { 1.0 };
    book.weights = Some(book.bins[0].iter().map(weight).collect());
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(0, 2)]);
    let values: Vec<f64> = (0..6).map(|bin| found[0].pair.value(5, bin)).collect();
    assert_eq!(values, [0.0; 6]);
    assert!(found[0].pair.value(4, 4) > 0.2, "{:?}", found[0].pair);
}

#[test]
fn the_log_odds_of_a_cell_without_goods_are_finite() {
    let book = Book::drawn(15, 4_000, 3, |row| {
        if row[0] >= 4 && row[2] >= 4 {
            60.0
        } else {
            -1.0
        }
    });
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(0, 2)]);
    let cell = found[0].pair.value(5, 5);
    assert!(cell > 3.0 && cell < 20.0, "{cell}");
}

#[test]
fn a_card_with_the_pairs_scores_as_the_model_does() {
    let book = Book::drawn(16, 3_000, 4, corner);
    let found = book.find(PairParams::default());
    let n = book.binnings.len();
    let cell = |row: usize, at: usize| match at.checked_sub(n) {
        None => book.binnings[at].woe(book.bins[at][row] as usize),
        Some(pair) => found[pair].column[row],
    };
    let columns = n + found.len();
    let cells = (0..book.events.len()).flat_map(|row| (0..columns).map(move |at| cell(row, at)));
    let design = Matrix::from_vec(book.events.len(), columns, cells.collect()).unwrap();
    let fit = fit(&design, &book.events);
    let model = log_odds(&fit, &design);
    let entries = book.binnings.iter().zip(&fit.weights).enumerate();
    let entries = entries.map(|(at, (binning, &coefficient))| Entry {
        name: format!("c{at}"),
        binning: binning.clone(),
        coefficient,
    });
    let mut pairs: Vec<_> = found.into_iter().map(|found| found.pair).collect();
    for (pair, &coefficient) in pairs.iter_mut().zip(&fit.weights[n..]) {
        pair.coefficient = coefficient;
    }
    let params = CardParams::default();
    let card = Card::with_pairs(entries.collect(), pairs, fit.intercept, params).unwrap();
    for (row, expected) in model.iter().enumerate() {
        let bins: Vec<u32> = book.bins.iter().map(|column| column[row]).collect();
        let score = card.score(&bins).unwrap();
        assert!((score.log_odds - expected).abs() < 1e-9);
    }
}

#[test]
fn a_pair_tells_more_of_applicants_that_it_has_not_seen() {
    let book = Book::drawn(17, 4_000, 4, corner);
    let fresh = Book::drawn(18, 4_000, 4, corner);
    let found = book.find(PairParams::default());
    let surprise = |log_odds: &[f64]| -> f64 {
        let rows = log_odds.iter().zip(&fresh.events);
        rows.map(|(&all, &bad)| (1.0 + (if bad { -all } else { all }).exp()).ln())
            .sum()
    };
    let with: Vec<f64> = fresh
        .log_odds
        .iter()
        .zip(column(&fresh, &found[0]))
        .map(|(main, pair)| main + pair)
        .collect();
    assert!(surprise(&with) + 20.0 < surprise(&fresh.log_odds));
}
