//! Planted interactions are found, and nothing where there are none.

use credit_risk::credit::{pairs::PairParams, scorecard::Pair};

use crate::support::{Book, Numbers, VALUES, members};

/// 1 if exactly one of the two values is high, else −1: neither tells anything alone.
fn either(a: u32, b: u32) -> f64 {
    if (a >= 3) == (b >= 3) { -1.0 } else { 1.0 }
}

fn most(most: u32) -> PairParams {
    PairParams {
        most,
        ..PairParams::default()
    }
}

#[test]
fn a_planted_interaction_is_found_with_its_groups() {
    let book = Book::drawn(1, 4_000, 5, |row| {
        -0.5 + 0.2 * f64::from(row[0]) + either(row[1], row[3])
    });
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(1, 3)]);
    let Pair {
        groups_first,
        groups_second,
        log_odds,
        coefficient,
        ..
    } = &found[0].pair;
    // The last bin is that of missing values, which nobody has.
    assert_eq!(*groups_first, [0, 0, 0, 1, 1, 1, 2]);
    assert_eq!(*groups_second, [0, 0, 0, 1, 1, 1, 2]);
    let expected = [-1.0, 1.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0];
    for (found, expected) in log_odds.iter().zip(expected) {
        assert!((found - expected).abs() < 0.2, "{log_odds:?}");
    }
    assert_eq!(coefficient.to_string(), "1");
}

#[test]
fn main_effects_alone_make_no_pair_however_bent_they_are() {
    for seed in 0..20 {
        let book = Book::drawn(seed, 3_000, 8, |row| {
            let bent = [1.5, -0.5, -1.0, 0.8, -1.2, 0.4][row[2] as usize];
            -1.0 + 0.4 * f64::from(row[0]) - 0.3 * f64::from(row[1]) + bent
        });
        assert_eq!(members(&book.find(most(1))), [], "seed {seed}");
    }
}

#[test]
fn characteristics_that_go_together_make_no_pair() {
    for seed in 0..20 {
        let mut numbers = Numbers(seed);
        let mut values = vec![Vec::new(); 4];
        let mut events = Vec::new();
        for _ in 0..3_000 {
            let first = numbers.below(VALUES);
            let near = (first + numbers.below(3)).min(VALUES - 1);
            let nearer = if numbers.uniform() < 0.9 { first } else { near };
            let free = numbers.below(VALUES);
            let bent = [1.5, -0.5, -1.0, 0.8, -1.2, 0.4][near];
            let risk = -1.0 + 0.3 * first as f64 + bent;
            events.push(numbers.uniform() < 1.0 / (1.0 + (-risk).exp()));
            for (column, value) in values.iter_mut().zip([first, near, nearer, free]) {
                column.push(value as u32);
            }
        }
        let book = Book::new(&values, events);
        assert_eq!(members(&book.find(most(1))), [], "seed {seed}");
    }
}

#[test]
fn chance_makes_no_pair_among_many_characteristics_of_few_applicants() {
    for seed in 0..20 {
        let mut book = Book::drawn(100 + seed, 500, 40, |_| -1.0);
        // A model of that many main effects would have used up what chance has to offer.
        book.log_odds.fill(-1.0);
        assert_eq!(members(&book.find(most(1))), [], "seed {seed}");
    }
}

#[test]
fn several_interactions_are_found_the_strongest_first() {
    let book = Book::drawn(2, 12_000, 6, |row| {
        0.5 * either(row[0], row[5]) + 1.2 * either(row[2], row[4]) + 0.8 * either(row[1], row[4])
    });
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(2, 4), (1, 4), (0, 5)]);
    let falling = found.is_sorted_by(|a, b| a.gain >= b.gain);
    assert!(falling && found[2].gain > 0.0);
}

#[test]
fn no_more_pairs_are_found_than_asked_for() {
    let book = Book::drawn(3, 6_000, 4, |row| {
        1.2 * either(row[0], row[1]) + 0.8 * either(row[2], row[3])
    });
    assert_eq!(members(&book.find(most(1))), [(0, 1)]);
    assert_eq!(members(&book.find(most(0))), []);
}

#[test]
fn one_high_corner_is_cut_where_it_begins() {
    let book = Book::drawn(4, 6_000, 3, |row| {
        let corner = row[0] >= 4 && row[2] < 2;
        -1.5 + if corner { 2.5 } else { 0.0 }
    });
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(0, 2)]);
    assert_eq!(found[0].pair.groups_first, [0, 0, 0, 0, 1, 1, 2]);
    assert_eq!(found[0].pair.groups_second, [0, 0, 1, 1, 1, 1, 2]);
}

#[test]
fn groups_do_not_exceed_their_number() {
    let wave = |row: &[u32]| {
        if (row[0] + row[1]).is_multiple_of(2) {
            1.5
        } else {
            -1.5
        }
    };
    let book = Book::drawn(5, 12_000, 2, wave);
    let wide = book.find(PairParams::default());
    assert_eq!(wide[0].pair.groups(), (VALUES + 1, VALUES + 1));
    for max_groups in [3, 4] {
        let found = book.find(PairParams {
            max_groups,
            ..PairParams::default()
        });
        for pair in found {
            let (first, second) = pair.pair.groups();
            // One more for the missing values that nobody has.
            assert!(
                first.max(second) <= max_groups as usize + 1,
                "{first} {second}"
            );
        }
    }
}

#[test]
fn missing_values_join_the_group_that_they_are_like() {
    let mut book = Book::drawn(6, 6_000, 2, |row| 1.2 * either(row[0], row[1]));
    // Every other applicant of the lowest bin has no value instead.
    let missing = book.binnings[0].bin_of_missing() as u32;
    for bin in book.bins[0].iter_mut().filter(|bin| **bin == 0).step_by(2) {
        *bin = missing;
    }
    let found = book.find(PairParams::default());
    assert_eq!(members(&found), [(0, 1)]);
    assert_eq!(found[0].pair.groups_first, [0, 0, 0, 1, 1, 1, 0]);
}

#[test]
fn the_same_rows_give_the_same_bits() {
    let book = || {
        Book::drawn(7, 5_000, 6, |row| {
            either(row[0], row[5]) + 0.7 * either(row[1], row[2])
        })
    };
    let bits = || {
        let found = book().find(PairParams::default());
        let pairs = found
            .iter()
            .map(|of| (postcard::to_stdvec(&of.pair).unwrap(), of.gain.to_bits()));
        pairs.collect::<Vec<_>>()
    };
    assert_eq!(bits().len(), 2);
    assert_eq!(bits(), bits());
}
