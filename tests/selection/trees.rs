//! Importance in ensembles of trees.

use credit_risk::credit::selection::{
    SelectionError, SelectionMethod, SelectionRequest, SelectionResult, select,
};
use serde_json::{Value, json};

use crate::support::{GERMAN, book, score, selected, signal};

/// Each ensemble, with settings.
fn both(csv: &str, params: Value) -> [SelectionResult; 2] {
    ["random_forest", "xgboost"].map(|model| {
        let mut params = params.clone();
        params["model_type"] = model.into();
        selected(
            csv,
            json!({"method": "tree_importance", "tree_params": params}),
        )
    })
}

#[test]
fn the_signal_comes_before_the_noise() {
    for result in both(&signal(2_000, 10, 1), json!({"top_k": 3})) {
        assert_eq!(result.n_selected, 3);
        let mut names = result.selected_features.clone();
        names.retain(|name| !name.starts_with("grade_"));
        assert_eq!(names, ["income", "debt"], "{result:?}");
        assert_eq!(result.feature_scores[0].feature_name, "income");
    }
}

#[test]
fn importances_are_shares() {
    for result in both(GERMAN, json!({})) {
        let sum: f64 = result.feature_scores.iter().map(|score| score.score).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
}

#[test]
fn top_k_goes_before_the_threshold_and_the_threshold_before_nothing() {
    for result in both(GERMAN, json!({"top_k": 3, "threshold": 1})) {
        assert_eq!(result.n_selected, 3);
        assert_eq!(result.method_metadata.0["selection_mode"], "top_k");
        assert_eq!(result.method_metadata.0["k"], 3);
        assert!(
            result.feature_scores[..3]
                .iter()
                .all(|score| score.selected)
        );
    }
    for result in both(GERMAN, json!({"threshold": 0.05})) {
        assert_eq!(result.method_metadata.0["selection_mode"], "threshold");
        assert!(
            (1..20).contains(&result.n_selected),
            "{}",
            result.n_selected
        );
        for score in &result.feature_scores {
            assert_eq!(score.selected, score.score >= 0.05, "{score:?}");
        }
    }
    for result in both(GERMAN, json!({})) {
        assert_eq!(result.method_metadata.0["selection_mode"], "non_zero");
        for score in &result.feature_scores {
            assert_eq!(score.selected, score.score > 0.0, "{score:?}");
        }
    }
}

#[test]
fn more_than_there_are_means_all() {
    for result in both(GERMAN, json!({"top_k": 500})) {
        assert_eq!(result.n_selected, result.n_total);
    }
}

#[test]
fn the_two_ensembles_differ_and_the_seed_matters() {
    let [forest, boosting] = both(GERMAN, json!({}));
    assert_ne!(forest.feature_scores, boosting.feature_scores);
    for model in ["random_forest", "xgboost"] {
        let at = |seed: i64| {
            let params = json!({"model_type": model});
            let json = json!({
                "method": "tree_importance", "random_state": seed, "tree_params": params
            });
            score(&selected(GERMAN, json), "age_years").score
        };
        assert!((at(1) - at(1)).abs() < 1e-300);
        assert!((at(1) - at(2)).abs() > 1e-9, "{model}");
    }
}

#[test]
fn it_can_be_cancelled_half_way() {
    for method in [SelectionMethod::TreeImportance, SelectionMethod::Boruta] {
        let request = SelectionRequest::new(method);
        let book = book(GERMAN, &request);
        let asked = std::cell::Cell::new(0);
        let cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > 20
        };
        let refused = select(&book, &request.check().unwrap(), &cancelled);
        assert!(matches!(refused, Err(SelectionError::Cancelled)));
        assert_eq!(asked.get(), 21);
    }
}
