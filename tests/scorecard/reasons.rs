//! Reasons as a reference computation has them, and what they must never do.

use credit_risk::credit::scorecard::{
    BinKind, Card, CardParams, Explainer, MOST_REASONS, Reason, ReasonMethod, Reference,
    ScorecardError, Sense, Side, Window,
};
use serde_json::Value as Json;

use crate::support::{assert_close, fixture, german, ladder, numbers, odds};

fn recorded() -> Json {
    fixture(include_str!("../fixtures/reason_codes.json"))
}

fn slices(rows: &[Vec<u32>]) -> impl Iterator<Item = &[u32]> {
    rows.iter().map(Vec::as_slice)
}

/// The three references, by their names in the fixture.
fn references(card: &Card, rows: &[Vec<u32>]) -> [(&'static str, &'static str, Reference); 3] {
    let window = Window {
        cutoff: recorded()["cutoff"].as_f64().unwrap(),
        width: recorded()["near_window_points"].as_f64().unwrap(),
    };
    [
        ("max_points_lost", "reference_max", Reference::best(card)),
        (
            "below_average_all",
            "reference_mean_all",
            Reference::average_of_all(card, slices(rows)).unwrap(),
        ),
        (
            "below_average_near_cutoff",
            "reference_mean_near_cutoff",
            Reference::average_near_cutoff(card, slices(rows), window).unwrap(),
        ),
    ]
}

#[test]
fn reference_values_are_the_recorded_ones() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    let recorded = recorded();
    for (method, field, reference) in references(&card, &rows) {
        for (found, expected) in reference.points.iter().zip(numbers(&recorded[field])) {
            assert_close(*found, expected, 1e-9, method);
        }
        assert_eq!(serde_json::to_value(reference.method).unwrap(), method);
    }
    let [_, (.., all), (.., near)] = references(&card, &rows);
    assert_eq!(all.applicants, 1000);
    assert_eq!(near.applicants, recorded["n_near"].as_u64().unwrap());
}

#[test]
fn reasons_of_declined_applicants_are_the_recorded_ones_in_their_order() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    let recorded = recorded();
    let declined = recorded["declined"].as_array().unwrap();
    assert_eq!(declined.len(), 25);
    for (method, _, reference) in references(&card, &rows) {
        let explainer = Explainer::new(&card, reference).unwrap();
        for applicant in declined {
            let bins = &rows[applicant["row"].as_u64().unwrap() as usize];
            let score = card.score(bins).unwrap().raw;
            assert_close(score, applicant["score"].as_f64().unwrap(), 1e-9, "score");
            let reasons = explainer.reasons(&card, bins).unwrap();
            let expected = applicant[method].as_array().unwrap();
            let names: Vec<&str> = reasons
                .iter()
                .map(|r| card.entries()[r.characteristic].name.as_str())
                .collect();
            let expected_names: Vec<&str> = expected
                .iter()
                .map(|r| r["variable"].as_str().unwrap())
                .collect();
            assert_eq!(names, expected_names, "{method}");
            for (found, expected) in reasons.iter().zip(expected) {
                let lost = expected["points_lost"].as_f64().unwrap();
                assert_close(found.points_lost, lost, 1e-9, method);
            }
        }
    }
}

#[test]
fn contributions_and_the_base_add_up_to_the_log_odds() {
    let (card, rows) = german(odds(50.0, 600.0, 19.0));
    for (method, _, reference) in references(&card, &rows) {
        let explainer = Explainer::new(&card, reference).unwrap();
        let mut contributions = Vec::new();
        for bins in &rows {
            explainer
                .contributions(&card, bins, &mut contributions)
                .unwrap();
            let sum = explainer.base_log_odds() + contributions.iter().sum::<f64>();
            assert_close(sum, card.score(bins).unwrap().log_odds, 1e-12, method);
        }
    }
}

#[test]
fn points_lost_are_the_factor_times_the_contribution() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    for (method, _, reference) in references(&card, &rows) {
        let explainer = Explainer::new(&card, reference).unwrap();
        for bins in &rows {
            for reason in explainer.reasons(&card, bins).unwrap().iter() {
                let lost = card.line().factor * reason.contribution;
                assert_close(reason.points_lost, lost, 1e-9, method);
            }
        }
    }
}

/// Six times the same characteristic, the coefficients being those given.
fn ladders(coefficients: [f64; 6], sense: Sense) -> Card {
    let entries = coefficients.iter().enumerate();
    let entries = entries.map(|(at, &coefficient)| ladder(&format!("c{at}"), coefficient));
    let params = CardParams {
        sense,
        ..CardParams::default()
    };
    Card::new(entries.collect(), -1.0, params).unwrap()
}

fn against_the_best(card: &Card, bins: &[u32]) -> Vec<Reason> {
    let explainer = Explainer::new(card, Reference::best(card)).unwrap();
    explainer
        .reasons(card, bins)
        .unwrap()
        .iter()
        .copied()
        .collect()
}

fn positions(reasons: &[Reason]) -> Vec<usize> {
    reasons.iter().map(|reason| reason.characteristic).collect()
}

#[test]
fn equal_losses_go_in_the_order_of_the_characteristics() {
    let card = ladders([-1.0; 6], Sense::HigherIsBetter);
    assert_eq!(positions(&against_the_best(&card, &[0; 6])), [0, 1, 2, 3]);
    assert_eq!(
        positions(&against_the_best(&card, &[2, 2, 0, 2, 2, 0])),
        [2, 5, 0, 1]
    );
}

#[test]
fn there_are_never_more_than_four_reasons() {
    let card = ladders([-1.0, -2.0, -3.0, -4.0, -5.0, -6.0], Sense::HigherIsBetter);
    let reasons = against_the_best(&card, &[0; 6]);
    assert_eq!(positions(&reasons), [5, 4, 3, 2]);
    assert_eq!(reasons.len(), MOST_REASONS);
}

#[test]
fn what_does_no_harm_is_no_reason() {
    let card = ladders([-1.0; 6], Sense::HigherIsBetter);
    assert_eq!(
        positions(&against_the_best(&card, &[3, 3, 1, 3, 3, 3])),
        [2]
    );
    assert!(against_the_best(&card, &[3; 6]).is_empty());
}

#[test]
fn an_average_of_equal_applicants_gives_them_no_reasons() {
    let card = ladders([-0.7, -0.3, -0.9, -1.1, -0.1, -0.6], Sense::HigherIsBetter);
    let bins = [0, 1, 2, 3, 4, 5];
    // Of some numbers of them, the mean is not exact.
    for applicants in 1..100 {
        let rows = vec![bins.to_vec(); applicants];
        let reference = Reference::average_of_all(&card, slices(&rows)).unwrap();
        let explainer = Explainer::new(&card, reference).unwrap();
        let reasons = explainer.reasons(&card, &bins).unwrap();
        assert_eq!(reasons.iter().count(), 0, "{applicants}");
    }
}

#[test]
fn reasons_are_the_same_when_higher_scores_are_riskier() {
    let coefficients = [-1.0, -2.0, 1.0, -4.0, -0.5, -6.0];
    let better = ladders(coefficients, Sense::HigherIsBetter);
    let riskier = ladders(coefficients, Sense::HigherIsRiskier);
    for bins in [[0, 1, 2, 3, 4, 5], [3, 2, 1, 0, 5, 4], [0; 6]] {
        let expected = against_the_best(&better, &bins);
        let found = against_the_best(&riskier, &bins);
        assert_eq!(positions(&found), positions(&expected));
        assert!(!found.is_empty());
    }
}

#[test]
fn a_window_of_riskier_scores_lies_below_the_cutoff() {
    let window = Window {
        cutoff: 500.0,
        width: 10.0,
    };
    let scores = [489.0, 490.0, 490.5, 500.0, 500.5, 509.5, 510.0];
    let inside = |sense| scores.map(|score| window.contains(score, sense));
    let better = [false, false, false, true, true, true, false];
    let riskier = [false, false, true, true, false, false, false];
    assert_eq!(inside(Sense::HigherIsBetter), better);
    assert_eq!(inside(Sense::HigherIsRiskier), riskier);
}

#[test]
fn a_reason_tells_the_sort_of_bin_and_the_side_of_ordinary_values() {
    let card = ladders([-1.0, 1.0, -1.0, -1.0, -1.0, -1.0], Sense::HigherIsBetter);
    // Low where more is better, high where less is better, special, missing, best, best.
    let reasons = against_the_best(&card, &[0, 3, 4, 5, 3, 3]);
    let mut told: Vec<_> = reasons
        .iter()
        .map(|r| (r.characteristic, r.bin, r.kind, r.side))
        .collect();
    told.sort_by_key(|&(characteristic, ..)| characteristic);
    assert_eq!(
        told,
        [
            (0, 0, BinKind::Clean, Some(Side::Below)),
            (1, 3, BinKind::Clean, Some(Side::Above)),
            (2, 4, BinKind::Special, None),
            (3, 5, BinKind::Missing, None),
        ]
    );
}

#[test]
fn near_the_cutoff_is_the_default_method() {
    assert_eq!(
        ReasonMethod::default(),
        ReasonMethod::BelowAverageNearCutoff
    );
}

#[test]
fn a_window_without_applicants_is_refused() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    let window = Window {
        cutoff: 900.0,
        width: 10.0,
    };
    let found = Reference::average_near_cutoff(&card, slices(&rows), window);
    assert_eq!(found, Err(ScorecardError::NoApplicants));
}

#[test]
fn a_window_without_width_is_refused() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    for (cutoff, width) in [(500.0, 0.0), (500.0, f64::NAN), (f64::INFINITY, 1.0)] {
        let window = Window { cutoff, width };
        let found = Reference::average_near_cutoff(&card, slices(&rows), window);
        assert_eq!(found, Err(ScorecardError::Window));
    }
}

#[test]
fn reference_values_of_another_card_are_refused() {
    let (card, _) = german(odds(20.0, 600.0, 50.0));
    let other = Reference::best(&ladders([-1.0; 6], Sense::HigherIsBetter));
    assert_eq!(
        Explainer::new(&card, other).err(),
        Some(ScorecardError::Reference)
    );
}

#[test]
fn a_near_cutoff_reference_without_its_window_is_refused() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    let [.., (.., mut near)] = references(&card, &rows);
    near.window = None;
    assert_eq!(
        Explainer::new(&card, near).err(),
        Some(ScorecardError::Reference)
    );
}

#[test]
fn an_explainer_of_another_card_is_refused() {
    let (card, rows) = german(odds(20.0, 600.0, 50.0));
    let other = ladders([-1.0; 6], Sense::HigherIsBetter);
    let explainer = Explainer::new(&other, Reference::best(&other)).unwrap();
    let found = explainer.reasons(&card, &rows[0]);
    assert_eq!(found, Err(ScorecardError::Reference));
    let found = explainer.contributions(&card, &rows[0], &mut Vec::new());
    assert_eq!(found, Err(ScorecardError::Reference));
}
