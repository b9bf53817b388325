//! What a request may say, and how faults are named.

use credit_risk::credit::{
    plan::MissingHandling,
    selection::{SelectionMethod, SelectionRequest},
};
use serde_json::{Value, json};

use crate::support::request;

/// The pointers of a request's faults.
fn pointers(json: Value) -> Vec<String> {
    match request(json).check() {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
    }
}

#[test]
fn every_parameter_has_its_range() {
    // Method, object, field, values within, values outside.
    let cases = [
        (
            "tree_importance",
            "tree_params",
            "top_k",
            json!([1, 26, 500, null]),
            json!([0, 501]),
        ),
        (
            "tree_importance",
            "tree_params",
            "threshold",
            json!([0, 1, null]),
            json!([-0.01, 1.01]),
        ),
        (
            "lasso",
            "lasso_params",
            "C",
            json!([1e-9, 10]),
            json!([0, -1, 10.01]),
        ),
        (
            "lasso",
            "lasso_params",
            "max_iter",
            json!([100, 5000]),
            json!([99, 5001]),
        ),
        (
            "woe_iv",
            "woe_iv_params",
            "n_bins",
            json!([5, 20]),
            json!([4, 21]),
        ),
        (
            "woe_iv",
            "woe_iv_params",
            "iv_threshold",
            json!([0, 1]),
            json!([-0.01, 1.01]),
        ),
        (
            "boruta",
            "boruta_params",
            "n_iterations",
            json!([20, 500]),
            json!([19, 501]),
        ),
        (
            "boruta",
            "boruta_params",
            "confidence_level",
            json!([0.8, 0.99]),
            json!([0.79, 0.995]),
        ),
        (
            "correlation",
            "correlation_params",
            "max_correlation",
            json!([0.1, 1]),
            json!([0, 1.1]),
        ),
        (
            "correlation",
            "correlation_params",
            "max_vif",
            json!([1.5, 1000]),
            json!([1, 1001]),
        ),
        (
            "stability",
            "stability_params",
            "n_subsamples",
            json!([20, 500]),
            json!([19, 501]),
        ),
        (
            "stability",
            "stability_params",
            "threshold",
            json!([0.6, 0.99]),
            json!([0.5, 1]),
        ),
        (
            "stability",
            "stability_params",
            "max_false_selections",
            json!([0.05, 50]),
            json!([0, 51]),
        ),
        (
            "stability",
            "stability_params",
            "n_strengths",
            json!([10, 200]),
            json!([9, 201]),
        ),
    ];
    for (method, object, field, inside, outside) in cases {
        let with = |value: &Value| pointers(json!({"method": method, object: {field: value}}));
        for value in inside.as_array().unwrap() {
            assert!(with(value).is_empty(), "{field} {value}");
        }
        for value in outside.as_array().unwrap() {
            assert_eq!(with(value), [format!("/{object}/{field}")], "{value}");
        }
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let json = json!({
        "method": "woe_iv",
        "woe_iv_params": {"n_bins": 2, "iv_threshold": 2},
        "lasso_params": {},
        "test_size": 0.9,
        "event": [1],
        "target": "y",
        "exclude": ["y"]
    });
    let expected = [
        "/lasso_params",
        "/woe_iv_params/n_bins",
        "/woe_iv_params/iv_threshold",
        "/test_size",
        "/event",
        "/exclude",
    ];
    assert_eq!(pointers(json), expected);
}

#[test]
fn settings_of_another_method_are_refused() {
    let objects = [
        ("tree_importance", "tree_params"),
        ("lasso", "lasso_params"),
        ("woe_iv", "woe_iv_params"),
        ("boruta", "boruta_params"),
        ("correlation", "correlation_params"),
        ("stability", "stability_params"),
    ];
    for (method, own) in objects {
        for (_, object) in objects {
            let found = pointers(json!({"method": method, object: {}}));
            if object == own {
                assert!(found.is_empty(), "{method} {object}");
            } else {
                assert_eq!(found, [format!("/{object}")], "{method}");
            }
        }
        assert!(pointers(json!({"method": method, own: null})).is_empty());
    }
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let parse = |text: &str| serde_json::from_str::<SelectionRequest>(text).unwrap();
    let bare = parse(r#"{"method": "boruta"}"#);
    assert_eq!(bare, SelectionRequest::new(SelectionMethod::Boruta));
    assert_eq!(bare.random_state, 42);
    let with = parse(
        r#"{"method": "boruta", "tree_params": {}, "lasso_params": {}, "woe_iv_params": {},
            "boruta_params": {}, "correlation_params": {}, "stability_params": {}}"#,
    );
    let filled = serde_json::to_value(&with).unwrap();
    assert_eq!(
        filled["tree_params"],
        json!({"model_type": "random_forest", "top_k": null, "threshold": null})
    );
    assert_eq!(filled["lasso_params"], json!({"C": 1.0, "max_iter": 1000}));
    assert_eq!(
        filled["woe_iv_params"],
        json!({"n_bins": 10, "iv_threshold": 0.1, "zero_cells": "overall_rate"})
    );
    assert_eq!(
        filled["boruta_params"],
        json!({"n_iterations": 100, "confidence_level": 0.95, "include_tentative": false})
    );
    assert_eq!(
        filled["correlation_params"],
        json!({"max_correlation": 0.7, "max_vif": 5.0})
    );
}

#[test]
fn unknown_fields_and_methods_are_refused() {
    let refused = [
        json!({}),
        json!({"method": "shap"}),
        json!({"method": "lasso", "C": 1}),
        json!({"method": "lasso", "lasso_params": {"c": 1}}),
        json!({"method": "tree_importance", "tree_params": {"model_type": "forest"}}),
        json!({"method": "woe_iv", "woe_iv_params": {"n_bins": 7.5}}),
    ];
    for json in refused {
        assert!(
            serde_json::from_value::<SelectionRequest>(json.clone()).is_err(),
            "{json}"
        );
    }
}

#[test]
fn the_reading_plan_says_of_the_data_what_the_request_does() {
    let request = request(json!({
        "method": "lasso", "random_state": 7, "target": "y", "event": "bad", "exclude": ["id"],
        "categorical": ["code"], "missing_values": ["NA"], "missing": "impute"
    }));
    let plan = request.reading_plan();
    assert_eq!(plan.random_state, 7);
    assert_eq!(plan.target.as_deref(), Some("y"));
    assert_eq!(plan.event, Some(json!("bad")));
    assert_eq!(
        (
            plan.exclude.clone(),
            plan.categorical.clone(),
            plan.missing_values.clone()
        ),
        (
            vec!["id".to_owned()],
            vec!["code".to_owned()],
            vec!["NA".to_owned()]
        )
    );
    assert_eq!(plan.missing, MissingHandling::Impute);
    assert!(plan.check().is_ok());
}
