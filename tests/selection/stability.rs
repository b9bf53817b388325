//! Stability selection.

use credit_risk::credit::selection::{SelectionError, SelectionMethod, SelectionRequest, select};
use serde_json::json;

use crate::support::{
    GERMAN, book, fact, finding, noise_selected, request, score, selected, signal, tried,
};

#[test]
fn the_signal_is_found_in_nearly_every_half() {
    let json = json!({
        "method": "stability",
        "stability_params": {"n_subsamples": 40, "max_false_selections": 2}
    });
    let result = selected(&signal(1_500, 20, 1), json);
    for name in ["income", "debt"] {
        assert!(score(&result, name).score > 0.95, "{name}");
    }
    assert!(
        noise_selected(&result).is_empty(),
        "{:?}",
        result.selected_features
    );
}

#[test]
fn noise_alone_selects_no_more_than_the_bound() {
    // The outcome is noise too: its column is replaced by the parity of the row.
    let mut falsely = 0;
    for seed in 0..5 {
        let csv = signal(400, 20, seed);
        let rows = csv.lines().enumerate().map(|(row, line)| {
            let (values, _) = line.rsplit_once(',').unwrap();
            let outcome = if row == 0 {
                "target".to_owned()
            } else {
                (row % 2).to_string()
            };
            format!("{values},{outcome}\n")
        });
        let json = json!({"method": "stability", "stability_params": {"n_subsamples": 20}});
        falsely += selected(&rows.collect::<String>(), json).n_selected;
    }
    assert!(falsely <= 5, "{falsely}");
}

/// The factors of both bounds for twenty half-samples, ten pairs of them.
fn factors(threshold: f64) -> (f64, f64) {
    let unimodal = if threshold <= 0.75 {
        1.0 / (2.0 * (2.0 * threshold - 1.0 - 0.05))
    } else {
        4.0 * (1.0 - threshold + 0.05) / 1.1
    };
    (unimodal, 1.0 / (2.0 * threshold - 1.0))
}

#[test]
fn the_bounds_are_those_of_the_mean_found() {
    for threshold in [0.6, 0.75, 0.9] {
        let params = json!({"n_subsamples": 20, "threshold": threshold});
        let json = json!({"method": "stability", "stability_params": params});
        let result = selected(GERMAN, json);
        let p = result.n_total as f64;
        let (unimodal, worst) = factors(threshold);
        let most = finding(&result, "most_per_subsample");
        assert!(
            (most - (p / unimodal).sqrt().floor()).abs() < 1e-12,
            "{most}"
        );
        let mean = finding(&result, "mean_per_subsample");
        let shares: f64 = result.feature_scores.iter().map(|score| score.score).sum();
        assert!((mean - shares).abs() < 1e-9 && mean <= most);
        let bound = finding(&result, "false_selections_bound");
        assert!(
            (bound - unimodal * mean * mean / p).abs() < 1e-12,
            "{bound}"
        );
        assert!(bound <= 1.0, "{bound}");
        let bound = finding(&result, "false_selections_worst_case");
        assert!((bound - worst * mean * mean / p).abs() < 1e-12, "{bound}");
    }
}

#[test]
fn a_probability_is_a_count_over_the_halves() {
    let json = json!({"method": "stability", "stability_params": {"n_subsamples": 25}});
    let result = selected(GERMAN, json);
    for score in &result.feature_scores {
        let count = fact(&result, &score.feature_name, "n_entered");
        assert!((score.score - count / 25.0).abs() < 1e-15, "{score:?}");
        assert_eq!(score.selected, score.score >= 0.9);
    }
}

#[test]
fn whoever_bears_more_false_selections_looks_for_more() {
    let at = |most: f64| {
        let params = json!({"n_subsamples": 20, "max_false_selections": most});
        selected(
            GERMAN,
            json!({"method": "stability", "stability_params": params}),
        )
    };
    let (few, many) = (at(0.05), at(10.0));
    assert!((finding(&few, "most_per_subsample") - 2.0).abs() < 1e-12);
    let most = (10.0 * 48.0 / factors(0.9).0).sqrt().floor();
    assert!((finding(&many, "most_per_subsample") - most).abs() < 1e-12);
    assert!(few.n_selected < many.n_selected);
    assert!(finding(&many, "false_selections_bound") <= 10.0);
}

#[test]
fn the_seed_decides_the_halves() {
    let at = |seed: i64| {
        let json = json!({
            "method": "stability", "random_state": seed, "stability_params": {"n_subsamples": 21}
        });
        selected(GERMAN, json)
    };
    assert_eq!(at(1), at(1));
    assert_ne!(at(1), at(2));
}

#[test]
fn a_class_of_three_rows_is_too_small_to_be_halved_and_fitted() {
    let rows = (0..60).map(|row| format!("{},{}\n", row % 7, u8::from(row == 3)));
    let csv = format!("x,target\n{}", rows.collect::<String>());
    let refused = tried(&csv, request(json!({"method": "stability"})));
    assert!(
        matches!(refused, Err(SelectionError::Sampling(_))),
        "{refused:?}"
    );
}

#[test]
fn it_can_be_cancelled_half_way() {
    let request = SelectionRequest::new(SelectionMethod::Stability);
    let book = book(GERMAN, &request);
    let asked = std::cell::Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 50
    };
    let refused = select(&book, &request.check().unwrap(), &cancelled);
    assert!(matches!(refused, Err(SelectionError::Cancelled)));
    assert_eq!(asked.get(), 51);
}
