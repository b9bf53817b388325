//! What holds for every card.

use credit_risk::credit::{
    binning::{Binner, NumericRules, Shape, Target, Trend},
    scorecard::{
        Allocation, Card, CardParams, Entry, Explainer, MOST_REASONS, Reference, Scaling, Sense,
    },
};
use proptest::prelude::*;

use crate::support::{Numbers, entry, ladder, odds, unlimited};

pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn scalings() -> impl Strategy<Value = Scaling> {
    prop_oneof![
        (1.0..200.0, -1e3..1e3, 0.01..1e3).prop_map(|(pdo, score, at)| odds(pdo, score, at)),
        (-1e3..1e3, 1.0..2e3).prop_map(|(from, width)| Scaling::Range {
            from,
            to: from + width,
        }),
    ]
}

pub fn params() -> impl Strategy<Value = CardParams> {
    let senses = prop::sample::select(vec![Sense::HigherIsBetter, Sense::HigherIsRiskier]);
    let all = vec![Allocation::Spread, Allocation::Base, Allocation::ZeroFloor];
    (scalings(), senses, prop::sample::select(all)).prop_map(|(scaling, sense, allocation)| {
        CardParams {
            scaling,
            sense,
            allocation,
        }
    })
}

pub fn entries(coefficients: &[f64]) -> Vec<Entry> {
    let named = coefficients.iter().enumerate();
    named
        .map(|(at, &coefficient)| ladder(&format!("c{at}"), coefficient))
        .collect()
}

/// A card of up to six ladders, and the bins of some applicants.
fn cards() -> impl Strategy<Value = (Card, Vec<Vec<u32>>)> {
    let model = (
        prop::collection::vec(-3.0..-0.05, 1..7),
        -4.0..4.0,
        params(),
    );
    model.prop_flat_map(|(coefficients, intercept, params)| {
        let card = Card::new(entries(&coefficients), intercept, params).unwrap();
        let bins = prop::collection::vec(0_u32..6, coefficients.len());
        (Just(card), prop::collection::vec(bins, 1..20))
    })
}

/// Every combination of the bins of a card of two ladders.
fn pairs() -> impl Iterator<Item = [u32; 2]> {
    (0..36).map(|at| [at / 6, at % 6])
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
    fn the_probability_of_a_score_is_that_of_its_log_odds((card, rows) in cards()) {
        for bins in &rows {
            let score = card.score(bins).unwrap();
            prop_assert!((score.pd() - card.line().pd(score.raw)).abs() < 1e-8);
        }
    }

    #[test]
    fn a_score_comes_back_from_its_probability((card, _) in cards(), pd in 1e-6..0.999_999) {
        let line = card.line();
        prop_assert!((line.pd(line.score_of_pd(pd)) - pd).abs() < 1e-9);
    }

    #[test]
    fn pdo_points_double_the_odds(pdo in 1.0..200.0, at in 0.01..1e3, good in 0.01..1e3_f64) {
        for sense in [Sense::HigherIsBetter, Sense::HigherIsRiskier] {
            let params = CardParams { scaling: odds(pdo, 500.0, at), sense, ..CardParams::default() };
            let line = Card::new(entries(&[-1.0]), 0.0, params).unwrap().line();
            let gained = line.score(-(2.0 * good).ln()) - line.score(-good.ln());
            prop_assert!((gained - sense.sign() * pdo).abs() < 1e-9);
            prop_assert!((line.score(-at.ln()) - 500.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_saved_card_scores_to_the_same_bits((card, rows) in cards()) {
        let bytes = postcard::to_stdvec(&card).unwrap();
        let read: Card = postcard::from_bytes(&bytes).unwrap();
        let from_json: Card =
            serde_json::from_str(&serde_json::to_string(&card).unwrap()).unwrap();
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
    fn no_score_leaves_its_bounds_or_the_bounds_of_rounding((card, rows) in cards()) {
        let (lowest, highest) = card.bounds();
        let error = card.rounding_error();
        prop_assert!(error.largest() <= error.bound + 1e-9);
        for bins in &rows {
            let score = card.score(bins).unwrap();
            prop_assert!(score.raw >= lowest - 1e-9 && score.raw <= highest + 1e-9);
            let off = score.rounded as f64 - score.raw;
            prop_assert!(off >= error.lowest - 1e-9 && off <= error.highest + 1e-9);
        }
    }

    #[test]
    fn bounds_and_rounding_errors_are_reached(params in params(), slope in -3.0..-0.1) {
        let card = Card::new(entries(&[slope, -0.5]), 0.3, params).unwrap();
        let scores: Vec<_> = pairs().map(|bins| card.score(&bins).unwrap()).collect();
        let least = |of: &dyn Fn(usize) -> f64| (0..36).map(of).fold(f64::INFINITY, f64::min);
        let error = |at: usize| scores[at].rounded as f64 - scores[at].raw;
        let report = card.rounding_error();
        prop_assert!((least(&|at| scores[at].raw) - card.bounds().0).abs() < 1e-9);
        prop_assert!((-least(&|at| -scores[at].raw) - card.bounds().1).abs() < 1e-9);
        prop_assert!((least(&error) - report.lowest).abs() < 1e-9);
        prop_assert!((-least(&|at| -error(at)) - report.highest).abs() < 1e-9);
    }

    #[test]
    fn a_range_is_filled_from_end_to_end(
        from in -1e3..1e3_f64, width in 1.0..2e3_f64, slope in -3.0..-0.1, params in params(),
    ) {
        let scaling = Scaling::Range { from, to: from + width };
        let params = CardParams { scaling, ..params };
        let card = Card::new(entries(&[slope, -0.5, -0.7]), 0.3, params).unwrap();
        prop_assert!((card.bounds().0 - from).abs() < 1e-8);
        prop_assert!((card.bounds().1 - from - width).abs() < 1e-8);
    }

    #[test]
    fn the_lowest_points_of_a_zero_floor_are_zero(params in params(), slope in -3.0..3.0) {
        let params = CardParams { allocation: Allocation::ZeroFloor, ..params };
        let card = Card::new(entries(&[slope, -0.5]), 0.3, params).unwrap();
        for at in 0..2 {
            let least = card.points(at).fold(f64::INFINITY, f64::min);
            prop_assert_eq!(least.to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn where_points_go_does_not_change_a_score(params in params(), slope in -3.0..-0.1) {
        let of = |allocation| {
            let params = CardParams { allocation, ..params };
            Card::new(entries(&[slope, -0.5]), 0.3, params).unwrap()
        };
        let spread = of(Allocation::Spread);
        for other in [of(Allocation::Base), of(Allocation::ZeroFloor)] {
            for bins in pairs() {
                let (a, b) = (spread.score(&bins).unwrap(), other.score(&bins).unwrap());
                prop_assert!((a.raw - b.raw).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn points_follow_the_trend_of_the_bins(seed in 0_u64..1_000, rising in any::<bool>()) {
        let mut numbers = Numbers(seed);
        let column: Vec<(f64, bool)> = (0..400).map(|_| {
            let value = (numbers.uniform() * 40.0).floor();
            let risk = if rising { value } else { 40.0 - value };
            (value, numbers.uniform() < 0.1 + 0.015 * risk)
        }).collect();
        let (values, events): (Vec<f64>, Vec<bool>) = column.into_iter().unzip();
        let mut settings = unlimited();
        settings.trend = if rising { Trend::Ascending } else { Trend::Descending };
        let target = Target::new(&events, None).unwrap();
        let mut binner = Binner::new(target, settings.check().unwrap());
        let binning = binner.numeric(&values, &NumericRules::default()).unwrap();
        let shape = if rising { Shape::Ascending } else { Shape::Descending };
        prop_assert_eq!(binning.shape(), shape);
        let clean = binning.clean_bins();
        let card = Card::new(vec![entry("x", binning, -0.8)], 0.1, CardParams::default()).unwrap();
        let points: Vec<f64> = card.points(0).take(clean).collect();
        let sorted = points.is_sorted_by(|a, b| if rising { a >= b } else { a <= b });
        prop_assert!(sorted);
    }

    #[test]
    fn reasons_are_the_worst_losses_in_order((card, rows) in cards()) {
        let slices = || rows.iter().map(Vec::as_slice);
        let all = Reference::average_of_all(&card, slices()).unwrap();
        let sign = card.params().sense.sign();
        for reference in [Reference::best(&card), all] {
            let explainer = Explainer::new(&card, reference).unwrap();
            for bins in slices() {
                let mut losses: Vec<(usize, f64)> = (0..bins.len()).map(|at| {
                    let points = card.points(at).nth(bins[at] as usize).unwrap();
                    (at, sign * (explainer.reference().points[at] - points))
                }).filter(|&(_, loss)| loss > 1e-9).collect();
                losses.sort_by(|a, b| b.1.total_cmp(&a.1));
                losses.truncate(MOST_REASONS);
                let reasons = explainer.reasons(&card, bins).unwrap();
                let found: Vec<f64> = reasons.iter().map(|reason| reason.points_lost).collect();
                prop_assert_eq!(found.len(), losses.len());
                for (found, (_, expected)) in found.iter().zip(&losses) {
                    prop_assert!((found - expected).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn contributions_add_up_to_the_log_odds((card, rows) in cards()) {
        let slices = || rows.iter().map(Vec::as_slice);
        let all = Reference::average_of_all(&card, slices()).unwrap();
        let mut contributions = Vec::new();
        for reference in [Reference::best(&card), all] {
            let explainer = Explainer::new(&card, reference).unwrap();
            for bins in slices() {
                explainer.contributions(&card, bins, &mut contributions).unwrap();
                let sum = contributions.iter().fold(explainer.base_log_odds(), |a, b| a + b);
                prop_assert!((sum - card.score(bins).unwrap().log_odds).abs() < 1e-12);
            }
        }
    }
}
