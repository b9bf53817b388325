//! Whom the points of a pair are charged to.

use credit_risk::credit::scorecard::{
    BinKind, Card, CardParams, Entry, Explainer, Pair, PairReference, Reference, ScorecardError,
    Side,
};

use crate::support::{assert_close, cross, ladder};

/// Ladders of these coefficients.
fn entries(coefficients: &[f64]) -> Vec<Entry> {
    let named = coefficients.iter().enumerate();
    named
        .map(|(at, &coefficient)| ladder(&format!("c{at}"), coefficient))
        .collect()
}

/// A pair that harms who is in bin 0 of both its characteristics, and nobody else.
fn corner(first: u32, second: u32) -> Pair {
    let groups = vec![1, 0, 0, 0, 0, 0];
    Pair {
        first,
        second,
        groups_first: groups.clone(),
        groups_second: groups,
        log_odds: vec![0.0, 0.0, 0.0, 2.0],
        coefficient: 1.0,
    }
}

fn card(coefficients: &[f64], pairs: Vec<Pair>) -> Card {
    Card::with_pairs(entries(coefficients), pairs, -1.0, CardParams::default()).unwrap()
}

fn average(card: &Card, rows: &[[u32; 2]]) -> Reference {
    let rows = rows.iter().map(|bins| bins.as_slice());
    Reference::average_of_all(card, rows).unwrap()
}

/// Ten applicants: five in bin 0 of the first characteristic, two in that of the second, one in
/// both.
const APPLICANTS: [[u32; 2]; 10] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 3],
    [1, 0],
    [1, 3],
    [2, 3],
    [3, 3],
    [3, 3],
];

#[test]
fn averages_of_a_pair_are_those_of_the_applicants() {
    let card = card(&[0.0, 0.0], vec![corner(0, 1)]);
    let reference = average(&card, &APPLICANTS);
    let expected = PairReference {
        log_odds: 0.2,
        first: vec![0.0, 0.4],
        second: vec![0.0, 1.0],
    };
    assert_eq!(reference.pairs, [expected]);
}

#[test]
fn the_rarer_value_of_a_bad_cell_bears_more_of_it() {
    let card = card(&[0.0, 0.0], vec![corner(0, 1)]);
    let explainer = Explainer::new(&card, average(&card, &APPLICANTS)).unwrap();
    let mut shares = Vec::new();
    explainer
        .contributions(&card, &[0, 0], &mut shares)
        .unwrap();
    // ½ (2 − 1) + ½ (0.4 − 0.2), and ½ (2 − 0.4) + ½ (1 − 0.2).
    assert_close(shares[0], 0.6, 1e-12, "common");
    assert_close(shares[1], 1.2, 1e-12, "rare");
    let reasons = explainer.reasons(&card, &[0, 0]).unwrap();
    let order: Vec<usize> = reasons.iter().map(|reason| reason.characteristic).collect();
    assert_eq!(order, [1, 0]);
}

#[test]
fn who_is_in_no_bad_cell_is_given_no_reason_for_it() {
    let card = card(&[0.0, 0.0], vec![corner(0, 1)]);
    let explainer = Explainer::new(&card, average(&card, &APPLICANTS)).unwrap();
    let reasons = explainer.reasons(&card, &[3, 3]).unwrap();
    assert_eq!(reasons.iter().count(), 0);
}

#[test]
fn the_best_cell_is_what_the_best_bins_are_compared_with() {
    let card = card(&[0.0, 0.0], vec![corner(0, 1)]);
    let reference = Reference::best(&card);
    let expected = PairReference {
        log_odds: 0.0,
        first: vec![0.0, 0.0],
        second: vec![0.0, 0.0],
    };
    assert_eq!(reference.pairs, [expected]);
    let explainer = Explainer::new(&card, reference).unwrap();
    let mut shares = Vec::new();
    explainer
        .contributions(&card, &[0, 0], &mut shares)
        .unwrap();
    assert_eq!(shares, [1.0, 1.0]);
}

#[test]
fn beside_the_best_cell_are_those_of_its_row_and_its_column() {
    let mut pair = corner(0, 1);
    pair.log_odds = vec![0.1, 0.2, 0.3, -2.0];
    let reference = Reference::best(&card(&[0.0, 0.0], vec![pair]));
    let expected = PairReference {
        log_odds: -2.0,
        first: vec![0.2, -2.0],
        second: vec![0.3, -2.0],
    };
    assert_eq!(reference.pairs, [expected]);
}

#[test]
fn shares_are_added_to_what_the_characteristic_loses_itself() {
    let card = card(&[-1.0, 0.0], vec![corner(0, 1)]);
    let explainer = Explainer::new(&card, Reference::best(&card)).unwrap();
    let loss = |bins: [u32; 2]| {
        let reasons = explainer.reasons(&card, &bins).unwrap();
        let of = reasons.iter().find(|reason| reason.characteristic == 0);
        of.unwrap().points_lost
    };
    let share = card.line().factor;
    assert_close(loss([0, 0]), loss([0, 3]) + share, 1e-9, "share");
}

#[test]
fn an_average_of_equal_applicants_gives_them_no_reasons() {
    let pairs = vec![
        corner(0, 1),
        cross(&entries(&[0.0; 3]), [1, 2], [3, 2], 0.7),
    ];
    let card = card(&[-0.7, -0.3, 0.4], pairs);
    // Of some numbers of them, the mean is not exact.
    for applicants in 1..100 {
        let rows = vec![[0, 0, 5]; applicants];
        let rows = rows.iter().map(|bins| bins.as_slice());
        let reference = Reference::average_of_all(&card, rows).unwrap();
        let explainer = Explainer::new(&card, reference).unwrap();
        let reasons = explainer.reasons(&card, &[0, 0, 5]).unwrap();
        assert_eq!(reasons.iter().count(), 0, "{applicants}");
    }
}

#[test]
fn the_side_of_a_value_is_told_with_the_other_value_as_it_is() {
    // By itself a high value of the first is bad, so that no ordinary value is below a better one.
    let card = card(&[0.2, 0.0], vec![corner(0, 1)]);
    let explainer = Explainer::new(&card, Reference::best(&card)).unwrap();
    let told = |bins: [u32; 2]| {
        let reasons = explainer.reasons(&card, &bins).unwrap();
        let of = reasons.iter().find(|reason| reason.characteristic == 0);
        of.map(|reason| (reason.kind, reason.side))
    };
    assert_eq!(told([0, 3]), None);
    assert_eq!(told([2, 3]), Some((BinKind::Clean, Some(Side::Above))));
    // Beside a bad second value, the lowest is worse than the next.
    assert_eq!(told([0, 0]), Some((BinKind::Clean, Some(Side::Below))));
}

#[test]
fn pairs_of_a_reference_must_be_those_of_the_card() {
    let card = card(&[-1.0, -1.0], vec![corner(0, 1)]);
    let changes: [fn(&mut Reference); 5] = [
        |reference| reference.pairs.clear(),
        |reference| reference.pairs[0].first.push(0.0),
        |reference| reference.pairs[0].second.truncate(1),
        |reference| reference.pairs[0].log_odds = f64::NAN,
        |reference| reference.pairs[0].second[0] = f64::INFINITY,
    ];
    for change in changes {
        let mut reference = Reference::best(&card);
        change(&mut reference);
        let found = Explainer::new(&card, reference).err();
        assert_eq!(found, Some(ScorecardError::Reference));
    }
}

#[test]
fn an_explainer_of_a_card_with_other_pairs_is_refused() {
    let of = |first, second| card(&[-1.0; 3], vec![corner(first, second)]);
    let other = of(0, 1);
    let explainer = Explainer::new(&other, Reference::best(&other)).unwrap();
    for card in [of(0, 2), of(1, 2), card(&[-1.0; 3], vec![])] {
        let found = explainer.reasons(&card, &[0; 3]);
        assert_eq!(found, Err(ScorecardError::Reference));
    }
}

#[test]
fn a_bin_that_does_not_exist_is_refused_before_any_pair_is_looked_up() {
    let card = card(&[-1.0; 2], vec![corner(0, 1)]);
    let explainer = Explainer::new(&card, Reference::best(&card)).unwrap();
    let expected = ScorecardError::NoBin {
        characteristic: 1,
        bin: 6,
    };
    assert_eq!(card.score(&[0, 6]), Err(expected.clone()));
    assert_eq!(explainer.reasons(&card, &[0, 6]), Err(expected.clone()));
    let found = explainer.contributions(&card, &[0, 6], &mut Vec::new());
    assert_eq!(found, Err(expected));
}

#[test]
fn a_saved_reference_is_read_back_with_its_pairs() {
    let card = card(&[-1.0, 0.5], vec![corner(0, 1)]);
    let reference = average(&card, &APPLICANTS);
    let bytes = postcard::to_stdvec(&reference).unwrap();
    assert_eq!(
        postcard::from_bytes::<Reference>(&bytes).unwrap(),
        reference
    );
    let text = serde_json::to_string(&reference).unwrap();
    assert_eq!(serde_json::from_str::<Reference>(&text).unwrap(), reference);
}
