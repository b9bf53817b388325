//! The answers' JSON, member by member.

use credit_risk::credit::selection::{SelectionRequest, SelectionResult};
use serde_json::Value;

use crate::support::{GERMAN, METHODS, tried};

fn members(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn answer(method: credit_risk::credit::selection::SelectionMethod) -> SelectionResult {
    tried(GERMAN, SelectionRequest::new(method)).unwrap()
}

/// Facts are flat: texts, numbers, truth values, and nothing that is unknown.
fn is_flat(facts: &Value) {
    for (name, fact) in facts.as_object().unwrap() {
        assert!(
            fact.is_string() || fact.is_number() || fact.is_boolean(),
            "{name}: {fact}"
        );
    }
}

#[test]
fn every_method_answers_in_one_shape() {
    for method in METHODS {
        let json = serde_json::to_value(answer(method)).unwrap();
        let mut expected = [
            "method",
            "selected_features",
            "feature_scores",
            "n_selected",
            "n_total",
            "method_metadata",
        ];
        expected.sort_unstable();
        let mut found = members(&json);
        found.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(json["method"], method.as_str());
        is_flat(&json["method_metadata"]);
        let scores = json["feature_scores"].as_array().unwrap();
        for score in scores {
            let mut found = members(score);
            found.sort_unstable();
            assert_eq!(
                found,
                ["feature_name", "metadata", "rank", "score", "selected"]
            );
            assert!(score["score"].is_f64() && score["rank"].is_u64());
            is_flat(&score["metadata"]);
        }
        let chosen = scores.iter().filter(|score| score["selected"] == true);
        assert_eq!(json["n_selected"], chosen.count());
        assert_eq!(json["n_total"], scores.len());
    }
}

#[test]
fn an_answer_survives_being_written_and_read() {
    for method in METHODS {
        let result = answer(method);
        let text = serde_json::to_string(&result).unwrap();
        assert_eq!(
            serde_json::from_str::<SelectionResult>(&text).unwrap(),
            result
        );
        assert!(!text.contains(":null"), "{text}");
    }
}

#[test]
fn the_selected_stand_in_the_order_of_the_data_set() {
    for method in METHODS {
        let result = answer(method);
        let header = GERMAN.lines().next().unwrap();
        let columns: Vec<&str> = header.split(',').collect();
        let place = |name: &String| {
            let own = columns
                .iter()
                .position(|column| name == column || name.starts_with(&format!("{column}_")));
            own.unwrap()
        };
        let places: Vec<usize> = result.selected_features.iter().map(place).collect();
        assert!(places.is_sorted(), "{:?}", result.selected_features);
    }
}

#[test]
fn the_facts_that_clients_know_keep_their_names() {
    let known: [(&str, &[&str], &[&str]); 6] = [
        (
            "tree_importance",
            &["selection_mode", "model_type"],
            &["characteristic"],
        ),
        (
            "boruta",
            &[
                "n_iterations",
                "confidence_level",
                "include_tentative",
                "n_confirmed",
                "n_tentative",
                "n_rejected",
            ],
            &["status", "hit_rate"],
        ),
        (
            "lasso",
            &["C", "converged", "n_iterations"],
            &["coefficient"],
        ),
        (
            "woe_iv",
            &["iv_threshold", "n_bins", "mean_iv", "max_iv"],
            &["iv_category"],
        ),
        ("correlation", &["max_correlation", "max_vif"], &["status"]),
        (
            "stability",
            &["n_subsamples", "threshold", "false_selections_bound"],
            &["selection_probability"],
        ),
    ];
    for (name, method_facts, facts) in known {
        let method = METHODS
            .into_iter()
            .find(|method| method.as_str() == name)
            .unwrap();
        let result = answer(method);
        for fact in method_facts {
            assert!(
                result.method_metadata.0.contains_key(*fact),
                "{name} {fact}"
            );
        }
        for score in &result.feature_scores {
            for fact in facts {
                assert!(score.metadata.0.contains_key(*fact), "{name} {fact}");
            }
        }
    }
}

#[test]
fn the_schemas_bear_the_names_of_the_contract() {
    use utoipa::ToSchema;
    assert_eq!(SelectionRequest::name(), "FeatureSelectionRequest");
    assert_eq!(SelectionResult::name(), "FeatureSelectionResult");
    let mut schemas = Vec::new();
    SelectionResult::schemas(&mut schemas);
    let facts = schemas.iter().find(|(name, _)| name == "Facts").unwrap();
    let facts = serde_json::to_value(&facts.1).unwrap();
    assert_eq!(facts["type"], "object", "{facts}");
}
