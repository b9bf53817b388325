//! Points and scores as a reference computation and optbinning have them.

use credit_risk::credit::scorecard::{Card, Score};
use serde_json::Value as Json;

use crate::support::{NAMES, assert_close, german, numbers, odds, points_fixture};

const TOLERANCE: f64 = 1e-9;

struct Case {
    recorded: Json,
    card: Card,
    scores: Vec<Score>,
}

fn cases() -> Vec<Case> {
    let fixture = points_fixture();
    let case = |recorded: &Json| {
        let field = |name: &str| recorded[name].as_f64().unwrap();
        let scaling = odds(field("pdo"), field("points"), field("odds_good_to_bad"));
        let (card, rows) = german(scaling);
        Case {
            recorded: recorded.clone(),
            scores: rows.iter().map(|bins| card.score(bins).unwrap()).collect(),
            card,
        }
    };
    let cases: Vec<Case> = fixture["scalings"]
        .as_array()
        .unwrap()
        .iter()
        .map(case)
        .collect();
    assert_eq!(cases.len(), 3);
    cases
}

#[test]
fn weight_of_evidence_is_the_recorded_one_with_the_opposite_sign() {
    let fixture = points_fixture();
    let (card, _) = german(odds(20.0, 600.0, 50.0));
    for entry in card.entries() {
        let bins = fixture["woe_bins"][&entry.name].as_array().unwrap();
        for (bin, recorded) in bins.iter().enumerate() {
            let expected = -recorded["woe"].as_f64().unwrap();
            assert_close(entry.binning.woe(bin), expected, 1e-12, (&entry.name, bin));
        }
    }
}

#[test]
fn factor_and_offset_are_the_recorded_ones() {
    for Case { recorded, card, .. } in cases() {
        let field = |name: &str| recorded[name].as_f64().unwrap();
        assert_close(card.line().factor, field("factor"), TOLERANCE, "factor");
        assert_close(card.line().offset, field("offset"), TOLERANCE, "offset");
    }
}

#[test]
fn raw_points_of_every_bin_are_the_recorded_ones() {
    for Case { recorded, card, .. } in cases() {
        for (at, (name, _)) in NAMES.iter().enumerate() {
            let expected = numbers(&recorded["points_table"][name]);
            assert_eq!(
                card.points(at).len(),
                expected.len() + 1,
                "and a missing one"
            );
            for (bin, (found, expected)) in card.points(at).zip(expected).enumerate() {
                assert_close(found, expected, TOLERANCE, (name, bin));
            }
        }
    }
}

#[test]
fn rounded_points_of_every_bin_are_exactly_the_recorded_ones() {
    for Case { recorded, card, .. } in cases() {
        for (at, (name, _)) in NAMES.iter().enumerate() {
            let expected = numbers(&recorded["points_rounded"][name]);
            let found: Vec<i32> = card.rounded_points(at).take(expected.len()).collect();
            let expected: Vec<i32> = expected.iter().map(|&points| points as i32).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn scores_of_applicants_are_the_recorded_ones() {
    for Case {
        recorded, scores, ..
    } in cases()
    {
        let raw = numbers(&recorded["score_raw_first_20"]);
        let rounded = numbers(&recorded["score_rounded_first_20"]);
        assert_eq!((raw.len(), rounded.len()), (20, 20));
        for (row, score) in scores.iter().take(20).enumerate() {
            assert_close(score.raw, raw[row], TOLERANCE, row);
            assert_eq!(score.rounded, rounded[row] as i64, "{row}");
        }
    }
}

#[test]
fn scores_have_the_recorded_range_mean_and_rounding_error() {
    for Case {
        recorded,
        card,
        scores,
    } in cases()
    {
        let field = |name: &str| recorded[name].as_f64().unwrap();
        let raw = scores.iter().map(|score| score.raw);
        let least = raw.clone().fold(f64::INFINITY, f64::min);
        let most = raw.clone().fold(f64::NEG_INFINITY, f64::max);
        let mean = raw.sum::<f64>() / scores.len() as f64;
        let errors = scores
            .iter()
            .map(|score| (score.rounded as f64 - score.raw).abs());
        let error = errors.fold(0.0, f64::max);
        assert_close(least, field("min"), TOLERANCE, "min");
        assert_close(most, field("max"), TOLERANCE, "max");
        assert_close(mean, field("mean"), TOLERANCE, "mean");
        assert_close(error, field("max_abs_rounding_error"), TOLERANCE, "error");
        let report = card.rounding_error();
        assert!(error <= report.largest() && report.largest() <= report.bound);
        assert!(card.bounds().0 <= least && most <= card.bounds().1);
    }
}

#[test]
fn scores_are_those_of_optbinning() {
    let fixture = points_fixture();
    let expected = numbers(&fixture["optbinning_cross_check"]["score_first_20"]);
    let Case { scores, .. } = cases().remove(0);
    assert_eq!(expected.len(), 20);
    for (row, expected) in expected.into_iter().enumerate() {
        assert_close(scores[row].raw, expected, TOLERANCE, row);
    }
}
