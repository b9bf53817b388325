//! Boruta against shuffled copies.

use serde_json::json;

use crate::support::{GERMAN, fact, finding, noise_selected, score, selected, signal, text};

#[test]
fn the_signal_is_confirmed_and_the_noise_rejected() {
    let result = selected(&signal(1_500, 10, 1), json!({"method": "boruta"}));
    for name in ["income", "debt"] {
        assert_eq!(text(&result, name, "status"), "confirmed", "{name}");
        assert!(score(&result, name).selected);
    }
    assert!(noise_selected(&result).is_empty());
    let rejected = (0..10).filter(|at| {
        let name = format!("noise_{at}");
        text(&result, &name, "status") == "rejected"
    });
    assert!(rejected.count() >= 8, "{result:?}");
}

#[test]
fn an_outcome_that_nothing_explains_confirms_next_to_nothing() {
    let mut confirmed = 0;
    for seed in 0..3 {
        let csv = signal(300, 12, seed);
        let rows = csv.lines().enumerate().map(|(row, line)| {
            let (values, _) = line.rsplit_once(',').unwrap();
            let bad = row.is_multiple_of(3);
            let outcome = if row == 0 {
                "target".to_owned()
            } else {
                u8::from(bad).to_string()
            };
            format!("{values},{outcome}\n")
        });
        let result = selected(&rows.collect::<String>(), json!({"method": "boruta"}));
        confirmed += result.n_selected;
        assert!(finding(&result, "n_rejected") >= 9.0, "{result:?}");
    }
    assert!(confirmed <= 2, "{confirmed}");
}

#[test]
fn few_features_are_held_against_five_shadows() {
    // One column of noise would beat a single shadow every other time.
    let mut confirmed = 0;
    for seed in 0..6 {
        let csv = signal(200, 1, seed);
        let rows = csv.lines().enumerate().map(|(row, line)| {
            let noise = line.split(',').nth(3).unwrap();
            let outcome = if row == 0 {
                "target".to_owned()
            } else {
                (row % 2).to_string()
            };
            format!("{noise},{outcome}\n")
        });
        let result = selected(&rows.collect::<String>(), json!({"method": "boruta"}));
        confirmed += result.n_selected;
    }
    assert!(confirmed <= 1, "{confirmed}");
}

#[test]
fn scores_are_shares_of_the_forests_taken_part_in() {
    let result = selected(GERMAN, json!({"method": "boruta"}));
    let grown = finding(&result, "n_forests");
    let mut statuses = [0.0; 3];
    for score in &result.feature_scores {
        let name = &score.feature_name;
        let (hits, forests) = (
            fact(&result, name, "n_hits"),
            fact(&result, name, "n_forests"),
        );
        assert!((score.score - hits / forests).abs() < 1e-15);
        assert!((fact(&result, name, "hit_rate") - score.score).abs() < 1e-15);
        let status = text(&result, name, "status");
        assert_eq!(score.selected, status == "confirmed");
        assert!(
            status == "rejected" || (forests - grown).abs() < 1e-15,
            "{score:?}"
        );
        let names = ["confirmed", "tentative", "rejected"];
        statuses[names.iter().position(|name| *name == status).unwrap()] += 1.0;
    }
    let counts = ["n_confirmed", "n_tentative", "n_rejected"].map(|name| finding(&result, name));
    for (count, status) in counts.iter().zip(statuses) {
        assert!((count - status).abs() < 1e-12, "{counts:?}");
    }
    assert!(grown <= 100.0 && (grown >= 99.5 || counts[1] < 0.5));
    assert!(counts[0] >= 3.0, "{counts:?}");
}

#[test]
fn the_undecided_are_selected_if_asked_for() {
    // Twenty forests on few rows do not decide on everything.
    let mut undecided = 0.0;
    for seed in 0..6 {
        let with = |include: bool| {
            let params = json!({
                "n_iterations": 20, "confidence_level": 0.99, "include_tentative": include
            });
            let json = json!({"method": "boruta", "boruta_params": params});
            selected(&signal(120, 3, seed), json)
        };
        let (without, with) = (with(false), with(true));
        let tentative = finding(&with, "n_tentative");
        let more = (with.n_selected - without.n_selected) as f64;
        assert!((more - tentative).abs() < 1e-12, "{with:?}");
        undecided += tentative;
    }
    assert!(undecided >= 1.0, "{undecided}");
}

#[test]
fn a_single_toss_decides_nothing() {
    // With p features, a level of 0.05 / p takes at least log2(p / 0.05) hits in a row.
    let result = selected(GERMAN, json!({"method": "boruta"}));
    let least = (48.0_f64 / 0.05).log2().ceil();
    for score in &result.feature_scores {
        let forests = fact(&result, &score.feature_name, "n_forests");
        assert!(forests >= least, "{score:?}");
    }
    let first = result.feature_scores.last().unwrap();
    assert!((fact(&result, &first.feature_name, "n_forests") - least).abs() < 1e-12);
}
