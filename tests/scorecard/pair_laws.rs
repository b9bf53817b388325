//! What holds for every card with pairs.

use credit_risk::credit::scorecard::{
    Allocation, Card, CardParams, Explainer, Pair, Reference, Scaling, Window,
};
use proptest::prelude::*;

use crate::{
    laws::{config, entries, params},
    support::cross,
};

/// Pairs of four characteristics that form a ring with a chord.
const RING: [[usize; 2]; 5] = [[0, 1], [1, 2], [2, 3], [0, 3], [1, 3]];

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let pair = (1_u32..7, 1_u32..7, -1.5..1.5);
    let taken = prop::sample::subsequence(RING.to_vec(), 0..=RING.len());
    (taken, prop::collection::vec(pair, RING.len())).prop_map(|(taken, shapes)| {
        let entries = entries(&[-1.0; 4]);
        let pairs = taken.into_iter().zip(shapes);
        let pair =
            |(at, (rows, columns, coefficient))| cross(&entries, at, [rows, columns], coefficient);
        pairs.map(pair).collect()
    })
}

/// A card of four ladders with pairs, and the bins of some applicants.
fn cards() -> impl Strategy<Value = (Card, Vec<Vec<u32>>)> {
    let coefficients = prop::collection::vec(-3.0..1.0, 4);
    let bins = prop::collection::vec(0_u32..6, 4);
    let rows = prop::collection::vec(bins, 1..20);
    (coefficients, pairs(), -4.0..4.0, params(), rows).prop_map(
        |(coefficients, pairs, intercept, params, rows)| {
            let entries = entries(&coefficients);
            let card = Card::with_pairs(entries, pairs, intercept, params).unwrap();
            (card, rows)
        },
    )
}

/// Every combination of the bins.
fn all() -> impl Iterator<Item = [u32; 4]> {
    (0..1296).map(|at| [at / 216, at / 36 % 6, at / 6 % 6, at % 6])
}

fn references(card: &Card, rows: &[Vec<u32>]) -> [Reference; 3] {
    let slices = || rows.iter().map(Vec::as_slice);
    let cutoff = card.score(&rows[0]).unwrap().raw;
    let window = Window {
        cutoff,
        width: 30.0,
    };
    [
        Reference::best(card),
        Reference::average_of_all(card, slices()).unwrap(),
        Reference::average_near_cutoff(card, slices(), window).unwrap(),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn points_add_up_to_the_score_of_the_log_odds((card, rows) in cards()) {
        for bins in &rows {
            let score = card.score(bins).unwrap();
            prop_assert!((score.raw - card.line().score(score.log_odds)).abs() < 1e-8);
        }
    }

    #[test]
    fn a_saved_card_scores_to_the_same_bits((card, rows) in cards()) {
        let bytes = postcard::to_stdvec(&card).unwrap();
        let read: Card = postcard::from_bytes(&bytes).unwrap();
        let json = serde_json::to_string(&card).unwrap();
        let from_json: Card = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(postcard::to_stdvec(&read).unwrap(), bytes);
        for bins in &rows {
            let bits = |card: &Card| {
                let score = card.score(bins).unwrap();
                (score.raw.to_bits(), score.rounded, score.log_odds.to_bits())
            };
            prop_assert_eq!(bits(&read), bits(&card));
            prop_assert_eq!(bits(&from_json), bits(&card));
        }
    }

    #[test]
    fn bounds_and_rounding_errors_are_reached_and_never_left((card, _) in cards()) {
        let scores: Vec<_> = all().map(|bins| card.score(&bins).unwrap()).collect();
        let least = |of: &dyn Fn(usize) -> f64| {
            (0..scores.len()).map(of).fold(f64::INFINITY, f64::min)
        };
        let error = |at: usize| scores[at].rounded as f64 - scores[at].raw;
        let report = card.rounding_error();
        prop_assert!((least(&|at| scores[at].raw) - card.bounds().0).abs() < 1e-8);
        prop_assert!((-least(&|at| -scores[at].raw) - card.bounds().1).abs() < 1e-8);
        prop_assert!((least(&error) - report.lowest).abs() < 1e-8);
        prop_assert!((-least(&|at| -error(at)) - report.highest).abs() < 1e-8);
        prop_assert!(report.largest() <= report.bound + 1e-9);
    }

    #[test]
    fn a_range_is_filled_from_end_to_end(
        pairs in pairs(), from in -1e3..1e3_f64, width in 1.0..2e3_f64, params in params(),
    ) {
        let scaling = Scaling::Range { from, to: from + width };
        let params = CardParams { scaling, ..params };
        let entries = entries(&[-1.0, -0.5, 0.7, 0.0]);
        let card = Card::with_pairs(entries, pairs, 0.3, params).unwrap();
        prop_assert!((card.bounds().0 - from).abs() < 1e-8);
        prop_assert!((card.bounds().1 - from - width).abs() < 1e-8);
    }

    #[test]
    fn the_lowest_points_of_a_zero_floor_are_zero((card, _) in cards()) {
        let params = CardParams { allocation: Allocation::ZeroFloor, ..*card.params() };
        let (entries, pairs) = (card.entries().to_vec(), card.pairs().to_vec());
        let card = Card::with_pairs(entries, pairs, card.intercept(), params).unwrap();
        for at in 0..card.pairs().len() {
            let least = card.pair_points(at).fold(f64::INFINITY, f64::min);
            prop_assert_eq!(least.to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn where_points_go_does_not_change_a_score((card, rows) in cards()) {
        let of = |allocation| {
            let params = CardParams { allocation, ..*card.params() };
            let (entries, pairs) = (card.entries().to_vec(), card.pairs().to_vec());
            Card::with_pairs(entries, pairs, card.intercept(), params).unwrap()
        };
        let all = [Allocation::Spread, Allocation::Base, Allocation::ZeroFloor].map(of);
        for bins in &rows {
            let raw = card.score(bins).unwrap().raw;
            for other in &all {
                prop_assert!((other.score(bins).unwrap().raw - raw).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn contributions_add_up_to_the_log_odds((card, rows) in cards()) {
        let mut contributions = Vec::new();
        for reference in references(&card, &rows) {
            let explainer = Explainer::new(&card, reference).unwrap();
            for bins in &rows {
                explainer.contributions(&card, bins, &mut contributions).unwrap();
                prop_assert_eq!(contributions.len(), 4);
                let sum = contributions.iter().fold(explainer.base_log_odds(), |a, b| a + b);
                prop_assert!((sum - card.score(bins).unwrap().log_odds).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn reasons_are_the_greatest_contributions_in_order((card, rows) in cards()) {
        let mut contributions = Vec::new();
        for reference in references(&card, &rows) {
            let explainer = Explainer::new(&card, reference).unwrap();
            for bins in &rows {
                explainer.contributions(&card, bins, &mut contributions).unwrap();
                let factor = card.line().factor.abs();
                let mut losses: Vec<f64> = contributions.iter().map(|c| factor * c).collect();
                losses.retain(|&loss| loss > 1e-9);
                losses.sort_by(|a, b| b.total_cmp(a));
                let reasons = explainer.reasons(&card, bins).unwrap();
                let found: Vec<_> = reasons.iter().collect();
                prop_assert_eq!(found.len(), losses.len());
                for (found, expected) in found.iter().zip(&losses) {
                    prop_assert!((found.points_lost - expected).abs() < 1e-7);
                    let own = contributions[found.characteristic];
                    prop_assert_eq!(found.contribution.to_bits(), own.to_bits());
                }
            }
        }
    }

    #[test]
    fn the_mean_contribution_of_those_averaged_is_that_of_chance((card, rows) in cards()) {
        let slices = || rows.iter().map(Vec::as_slice);
        let reference = Reference::average_of_all(&card, slices()).unwrap();
        let explainer = Explainer::new(&card, reference).unwrap();
        let mut sum = 0.0;
        let mut contributions = Vec::new();
        for bins in &rows {
            explainer.contributions(&card, bins, &mut contributions).unwrap();
            sum += contributions.iter().sum::<f64>();
        }
        prop_assert!(sum.abs() < 1e-9);
    }
}
