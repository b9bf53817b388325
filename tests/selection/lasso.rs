//! LASSO on the standardised design.

use credit_risk::credit::{
    ModelType, TrainingPlan,
    plan::Penalty,
    selection::{SelectionError, SelectionMethod, SelectionRequest, select},
    train,
};
use serde_json::json;

use crate::support::{
    GERMAN, book, fact, finding, noise_selected, request, score, selected, signal, tried,
};

#[test]
fn a_strong_penalty_finds_the_signal_and_no_noise() {
    let csv = signal(2_000, 20, 1);
    let result = selected(
        &csv,
        json!({"method": "lasso", "lasso_params": {"C": 0.01}}),
    );
    for name in ["income", "debt"] {
        assert!(score(&result, name).selected, "{name}");
    }
    assert!(
        result
            .selected_features
            .iter()
            .any(|n| n.starts_with("grade_"))
    );
    assert!(noise_selected(&result).is_empty(), "{result:?}");
    assert_eq!(result.feature_scores[0].feature_name, "income");
    assert!(fact(&result, "income", "coefficient") < 0.0);
    assert!(fact(&result, "debt", "coefficient") > 0.0);
}

#[test]
fn the_coefficients_are_those_of_a_training_with_the_same_penalty() {
    let plan = TrainingPlan {
        penalty: Penalty::L1,
        inverse_strength: 0.05,
        cv_folds: 2,
        ..TrainingPlan::new(ModelType::LogisticRegression)
    };
    let json = json!({"method": "lasso", "test_size": 0.2, "lasso_params": {"C": 0.05}});
    let book = book(GERMAN, &request(json.clone()));
    let trained = train(&book, &plan.check().unwrap(), &|| false).unwrap();
    let result = selected(GERMAN, json);
    assert_eq!(result.feature_scores.len(), trained.coefficients.len());
    for coefficient in &trained.coefficients {
        let found = fact(&result, &coefficient.feature, "coefficient");
        let expected = coefficient.coefficient;
        assert!((found - expected).abs() < 1e-6, "{}", coefficient.feature);
        let per_unit = fact(&result, &coefficient.feature, "coefficient_per_unit");
        assert!((per_unit - coefficient.coefficient_per_unit).abs() < 1e-6);
    }
}

#[test]
fn units_do_not_matter() {
    let csv = signal(500, 5, 3);
    let mut lines = csv.lines();
    let mut scaled = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let (income, rest) = line.split_once(',').unwrap();
        let income: f64 = income.parse().unwrap();
        scaled.push_str(&format!("{},{rest}\n", 1e6 * income));
    }
    let json = json!({"method": "lasso", "lasso_params": {"C": 0.05}});
    let (a, b) = (selected(&csv, json.clone()), selected(&scaled, json));
    assert_eq!(a.selected_features, b.selected_features);
    let difference = score(&a, "income").score - score(&b, "income").score;
    assert!(difference.abs() < 1e-6, "{difference}");
}

#[test]
fn below_the_entry_strength_nothing_is_selected() {
    let csv = signal(300, 3, 4);
    let entry = finding(&selected(&csv, json!({"method": "lasso"})), "entry_C");
    let at = |factor: f64| {
        let json = json!({"method": "lasso", "lasso_params": {"C": entry * factor}});
        selected(&csv, json).n_selected
    };
    assert_eq!((at(0.99), at(1.05)), (0, 1));
    assert_eq!(at(1e-300), 0);
}

#[test]
fn features_enter_in_the_order_of_the_path() {
    let result = selected(
        GERMAN,
        json!({"method": "lasso", "lasso_params": {"C": 0.1}}),
    );
    let entry = finding(&result, "entry_C");
    for score in result.feature_scores.iter().filter(|score| score.selected) {
        let enters = fact(&result, &score.feature_name, "enters_at_C");
        assert!((entry..=0.1).contains(&enters), "{score:?}");
    }
    assert!(
        (5..40).contains(&result.n_selected),
        "{}",
        result.n_selected
    );
}

#[test]
fn the_certificate_is_quoted() {
    let result = selected(GERMAN, json!({"method": "lasso"}));
    let metadata = &result.method_metadata.0;
    assert_eq!(metadata["converged"], true);
    assert!((finding(&result, "C") - 1.0).abs() < 1e-15);
    let gradient = finding(&result, "gradient_sup_norm");
    assert!(gradient <= finding(&result, "tolerance"), "{gradient}");
    assert!(finding(&result, "n_iterations") < finding(&result, "max_iter"));
    assert!(finding(&result, "log_likelihood") > finding(&result, "null_log_likelihood"));
}

#[test]
fn a_cancelled_selection_ends() {
    let request = SelectionRequest::new(SelectionMethod::Lasso);
    let book = book(GERMAN, &request);
    let refused = select(&book, &request.check().unwrap(), &|| true);
    assert!(matches!(refused, Err(SelectionError::Cancelled)));
}

#[test]
fn one_of_two_equal_columns_is_enough() {
    let csv = signal(500, 2, 5);
    let mut lines = csv.lines();
    let mut doubled = format!("copy,{}\n", lines.next().unwrap());
    for line in lines {
        let income = line.split(',').next().unwrap();
        doubled.push_str(&format!("{income},{line}\n"));
    }
    let request = request(json!({"method": "lasso", "lasso_params": {"C": 0.05}}));
    let result = tried(&doubled, request).unwrap();
    let single = selected(
        &csv,
        json!({"method": "lasso", "lasso_params": {"C": 0.05}}),
    );
    let both = fact(&result, "copy", "coefficient") + fact(&result, "income", "coefficient");
    assert!((both - fact(&single, "income", "coefficient")).abs() < 1e-5);
}
