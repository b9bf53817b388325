//! Terms of two characteristics: what they are worth, what is refused, and how they are read back.

use credit_risk::credit::scorecard::{
    Allocation, Card, CardParams, Entry, Pair, PairFault, Scaling, ScorecardError,
};
use serde_json::Value as Json;

use crate::support::{Numbers, assert_close, cross, ladder};

fn entries(number: usize) -> Vec<Entry> {
    (0..number)
        .map(|at| ladder(&format!("c{at}"), -1.0))
        .collect()
}

fn pairs() -> Vec<Pair> {
    let entries = entries(3);
    vec![
        cross(&entries, [0, 1], [2, 3], 0.5),
        cross(&entries, [1, 2], [6, 2], -1.5),
    ]
}

fn card_of(pairs: Vec<Pair>) -> Result<Card, ScorecardError> {
    Card::with_pairs(entries(3), pairs, -1.0, CardParams::default())
}

/// Why a card with this change to its second pair is refused.
fn fault(change: impl Fn(&mut Pair)) -> PairFault {
    let mut pairs = pairs();
    change(&mut pairs[1]);
    match card_of(pairs).unwrap_err() {
        ScorecardError::Pair { position: 1, fault } => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pair_adds_its_coefficient_times_the_log_odds_of_the_cell() {
    let plain = card_of(vec![]).unwrap();
    let card = card_of(pairs()).unwrap();
    let line = card.line();
    assert_eq!(line, plain.line());
    for bins in [[0, 0, 0], [1, 5, 4], [3, 2, 1]] {
        let own: f64 = pairs()
            .iter()
            .map(|pair| {
                let [a, b] = [pair.first, pair.second].map(|at| bins[at as usize]);
                let (a, b) = (
                    pair.groups_first[a as usize],
                    pair.groups_second[b as usize],
                );
                let width = if pair.first == 0 { 3 } else { 2 };
                pair.coefficient * pair.log_odds[a as usize * width + b as usize]
            })
            .sum();
        let (found, without) = (card.score(&bins).unwrap(), plain.score(&bins).unwrap());
        assert_close(found.log_odds, without.log_odds + own, 1e-12, bins);
        assert_close(found.raw, without.raw - line.factor * own, 1e-9, bins);
    }
}

#[test]
fn a_pair_tells_its_groups_and_values() {
    let pair = cross(&entries(2), [0, 1], [2, 3], 0.5);
    assert_eq!(pair.groups(), (2, 3));
    assert_eq!(pair.value(3, 5).to_string(), pair.log_odds[5].to_string());
    assert_eq!(vec![pair.value(6, 0), pair.value(0, 6)], [0.0; 2]);
}

#[test]
fn a_characteristic_may_count_in_pairs_only() {
    let mut entries = entries(2);
    entries[0].coefficient = 0.0;
    let pair = cross(&entries, [0, 1], [2, 2], 1.0);
    let difference = pair.log_odds[2] - pair.log_odds[0];
    let card = Card::with_pairs(entries, vec![pair], 0.0, CardParams::default()).unwrap();
    let log_odds = |bins: [u32; 2]| card.score(&bins).unwrap().log_odds;
    assert_close(
        log_odds([1, 0]) - log_odds([0, 0]),
        difference,
        1e-12,
        "bins",
    );
}

#[test]
fn points_are_spread_over_characteristics_only() {
    let [plain, card] = [vec![], pairs()].map(|pairs| card_of(pairs).unwrap());
    for at in 0..3 {
        let points = |card: &Card| card.points(at).collect::<Vec<_>>();
        assert_eq!(points(&plain), points(&card));
    }
    let own = card.pair_points(1).zip(card.pair_log_odds(1));
    for (points, log_odds) in own {
        assert_close(points, -card.line().factor * log_odds, 1e-9, log_odds);
    }
    assert_eq!((card.points(3).len(), card.pair_points(2).len()), (0, 0));
}

#[test]
fn each_pair_is_one_more_rounded_number() {
    let bound = |allocation, pairs| {
        let params = CardParams {
            allocation,
            ..CardParams::default()
        };
        let card = Card::with_pairs(entries(3), pairs, -1.0, params).unwrap();
        card.rounding_error().bound.to_string()
    };
    assert_eq!(bound(Allocation::Spread, vec![]), "1.5");
    assert_eq!(bound(Allocation::Spread, pairs()), "2.5");
    assert_eq!(bound(Allocation::Base, pairs()), "3");
}

#[test]
fn a_pair_alone_can_be_spread_over_a_range() {
    let mut entries = entries(2);
    entries.iter_mut().for_each(|entry| entry.coefficient = 0.0);
    let params = CardParams {
        scaling: Scaling::Range {
            from: 300.0,
            to: 850.0,
        },
        ..CardParams::default()
    };
    let pair = cross(&entries, [0, 1], [2, 2], 1.0);
    let of = |pairs| Card::with_pairs(entries.clone(), pairs, 0.0, params);
    assert_eq!(of(vec![]), Err(ScorecardError::Flat));
    let (lowest, highest) = of(vec![pair]).unwrap().bounds();
    assert_close(lowest, 300.0, 1e-9, "lowest");
    assert_close(highest, 850.0, 1e-9, "highest");
}

#[test]
fn a_pair_needs_two_characteristics_in_order() {
    for (first, second) in [(1, 3), (3, 1), (2, 1), (1, 1), (u32::MAX, 1)] {
        let found = fault(|pair| (pair.first, pair.second) = (first, second));
        assert_eq!(found, PairFault::Members, "{first} {second}");
    }
}

#[test]
fn a_pair_of_the_same_characteristics_is_refused() {
    let same = fault(|pair| *pair = pairs().swap_remove(0));
    assert_eq!(same, PairFault::Repeated);
}

#[test]
fn groups_must_be_one_for_each_bin_and_without_gaps() {
    let changes: [fn(&mut Pair); 6] = [
        |pair| pair.groups_first.push(0),
        |pair| pair.groups_second.truncate(5),
        |pair| pair.groups_first.clear(),
        |pair| pair.groups_second[0] = 3,
        |pair| pair.groups_second[0] = u32::MAX,
        |pair| pair.groups_first.fill(1),
    ];
    for change in changes {
        assert_eq!(fault(change), PairFault::Groups);
    }
}

#[test]
fn every_cell_needs_its_log_odds() {
    let changes: [fn(&mut Pair); 3] = [
        |pair| pair.log_odds.push(0.0),
        |pair| pair.log_odds.clear(),
        |pair| pair.groups_second.fill(0),
    ];
    for change in changes {
        assert_eq!(fault(change), PairFault::Cells);
    }
}

#[test]
fn numbers_of_a_pair_must_be_finite() {
    let changes: [fn(&mut Pair); 2] = [
        |pair| pair.log_odds[3] = f64::NAN,
        |pair| pair.coefficient = f64::INFINITY,
    ];
    for change in changes {
        assert_eq!(fault(change), PairFault::NotFinite);
    }
}

#[test]
fn points_of_a_pair_out_of_range_are_refused_by_both_names() {
    let mut pairs = pairs();
    pairs[0].coefficient = 1e300;
    let name = "c0 × c1".to_owned();
    assert_eq!(card_of(pairs), Err(ScorecardError::TooLarge { name }));
}

#[test]
fn more_than_a_hundred_pairs_are_refused() {
    let entries = entries(15);
    let all = (0..15).flat_map(|a| (a + 1..15).map(move |b| [a, b]));
    let pairs: Vec<Pair> = all.map(|at| cross(&entries, at, [2, 2], 0.1)).collect();
    let card = |number: usize| {
        let pairs = pairs[..number].to_vec();
        Card::with_pairs(entries.clone(), pairs, 0.0, CardParams::default())
    };
    assert_eq!(card(101), Err(ScorecardError::Pairs { found: 101 }));
    assert_eq!(card(100).unwrap().pairs().len(), 100);
}

#[test]
fn bounds_of_very_many_pairs_are_never_left() {
    let entries = entries(14);
    let all = (0..14).flat_map(|a| (a + 1..14).map(move |b| [a, b]));
    let pairs: Vec<Pair> = all.map(|at| cross(&entries, at, [6, 6], 0.3)).collect();
    let card = Card::with_pairs(entries, pairs, 0.0, CardParams::default()).unwrap();
    let (lowest, highest) = card.bounds();
    let error = card.rounding_error();
    let mut numbers = Numbers(5);
    for _ in 0..5_000 {
        let bins: Vec<u32> = (0..14).map(|_| numbers.below(6) as u32).collect();
        let score = card.score(&bins).unwrap();
        assert!(score.raw >= lowest && score.raw <= highest);
        let off = score.rounded as f64 - score.raw;
        assert!(off >= error.lowest && off <= error.highest);
    }
}

fn stored(change: impl Fn(&mut Json)) -> Result<Card, String> {
    let mut json = serde_json::to_value(card_of(pairs()).unwrap()).unwrap();
    change(&mut json);
    serde_json::from_value(json).map_err(|error| error.to_string())
}

#[test]
fn a_stored_card_is_read_back_with_its_pairs() {
    assert_eq!(stored(|_| ()), Ok(card_of(pairs()).unwrap()));
}

#[test]
fn a_stored_card_whose_pairs_contradict_it_is_refused() {
    let message = |change: fn(&mut Json)| stored(change).unwrap_err();
    assert_eq!(
        message(|json| json["pairs"][0]["second"] = 9.into()),
        "pair 0: it needs two characteristics, the first before the second"
    );
    assert_eq!(
        message(|json| json["pairs"][1]["groups_first"][0] = 9.into()),
        "pair 1: every bin needs a group, and groups count from 0 without gaps"
    );
    assert!(message(|json| json["pairs"][0]["bins"] = 9.into()).contains("unknown field"));
    let without = |json: &mut Json| drop(json.as_object_mut().unwrap().remove("pairs"));
    assert!(stored(without).unwrap_err().contains("missing field"));
}
