//! What a trained model promises.

use credit_risk::credit::{
    CreditModel, Value,
    model::FlagKind,
    plan::{ClassWeight, MissingHandling},
    reasons,
};
use credit_risk::stats::Solver;

use crate::support::{GERMAN, applications, book, german, plan, row, trained};

/// Income falls and default rises; one level and one gap carry risk.
const SMALL: &str = include_str!("small.csv");

#[test]
fn the_same_data_plan_and_seed_give_the_same_bytes() {
    let bytes = |seed| {
        let mut plan = plan();
        plan.random_state = seed;
        postcard::to_stdvec(&trained(&german(), plan).body).unwrap()
    };
    assert_eq!(bytes(42), bytes(42));
    assert_ne!(bytes(42), bytes(43));
}

#[test]
fn scoring_tables_agree_with_the_design_matrix() {
    let (book, all) = (german(), (0..1_000).collect::<Vec<_>>());
    let body = trained(&book, plan()).body;
    let design = body.features.design_matrix(&book, &all);
    let model = CreditModel::new(body.clone()).unwrap();
    let mut contributions = Vec::new();
    for (index, application) in applications(GERMAN, "credit_risk").iter().enumerate() {
        let terms = design.row(index).iter().zip(&body.weights);
        let expected: f64 = body.intercept + terms.map(|(x, w)| x * w).sum::<f64>();
        let assessment = model.assess(&row(&model, application), 0.5, &mut contributions);
        assert!(
            (assessment.log_odds - expected).abs() < 1e-12,
            "row {index}"
        );
    }
}

#[test]
fn gaps_and_levels_agree_with_the_design_matrix_too() {
    for missing in [MissingHandling::Learned, MissingHandling::Impute] {
        let mut plan = plan();
        plan.missing = missing;
        plan.cv_folds = 2;
        let book = book(SMALL, &plan);
        let body = trained(&book, plan).body;
        let rows = applications(SMALL, "target");
        let design = body
            .features
            .design_matrix(&book, &(0..rows.len()).collect::<Vec<_>>());
        let model = CreditModel::new(body.clone()).unwrap();
        for (index, application) in rows.iter().enumerate() {
            let terms = design.row(index).iter().zip(&body.weights);
            let expected: f64 = body.intercept + terms.map(|(x, w)| x * w).sum::<f64>();
            let found = model
                .assess(&row(&model, application), 0.5, &mut Vec::new())
                .log_odds;
            assert!((found - expected).abs() < 1e-12, "{missing:?} row {index}");
        }
    }
}

#[test]
fn bads_get_higher_probabilities_than_goods_whichever_value_means_default() {
    for (event, sign) in [("bad", 1.0), ("good", -1.0)] {
        let mut plan = plan();
        plan.event = Some(event.into());
        let book = book(GERMAN, &plan);
        let model = CreditModel::new(trained(&book, plan).body).unwrap();
        let strained = serde_json::json!({ "checking_status": "below_0", "duration_months": 60 });
        let mut rows = applications(GERMAN, "credit_risk");
        let before = assess(&model, &rows[0]);
        rows[0]
            .as_object_mut()
            .unwrap()
            .extend(strained.as_object().unwrap().clone());
        assert!(
            (assess(&model, &rows[0]) - before) * sign > 0.0,
            "event {event}"
        );
    }
}

#[test]
fn undersampling_and_class_weights_leave_the_mean_probability_at_the_default_rate() {
    let book = german();
    let mean = |model: &CreditModel| {
        let rows = applications(GERMAN, "credit_risk");
        rows.iter().map(|row| assess(model, row)).sum::<f64>() / 1_000.0
    };
    for corrected in [true, false] {
        let mut plan = plan();
        plan.undersample = corrected;
        plan.class_weight = (!corrected).then_some(ClassWeight::Balanced);
        let model = CreditModel::new(trained(&book, plan).body).unwrap();
        // Uncorrected, the mean would be that of a sample of as many bads as goods: 0.45.
        assert!((mean(&model) - 0.3).abs() < 0.05, "mean {}", mean(&model));
    }
}

#[test]
fn both_solvers_find_the_same_model() {
    let book = german();
    let by = |solver| {
        let mut plan = plan();
        plan.solver = solver;
        plan.tolerance = 1e-6;
        plan.max_iterations = 1_000;
        trained(&book, plan).body
    };
    let (newton, lbfgs) = (by(Solver::Newton), by(Solver::Lbfgs));
    for (a, b) in newton.weights.iter().zip(&lbfgs.weights) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    assert!((newton.intercept - lbfgs.intercept).abs() < 1e-5);
}

#[test]
fn a_selection_uses_the_named_characteristics_and_levels_alone() {
    let mut plan = plan();
    plan.selected_features = Some(vec![
        "duration_months".to_owned(),
        "checking_status_no_account".to_owned(),
    ]);
    let body = trained(&german(), plan).body;
    let names: Vec<_> = body
        .features
        .features
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(names, ["checking_status_no_account", "duration_months"]);
    let model = CreditModel::new(body).unwrap();
    let used = (0..model.schema().characteristics.len())
        .filter(|at| model.uses(*at))
        .count();
    assert_eq!(used, 2);
}

#[test]
fn reasons_are_the_four_largest_harmful_contributions_in_order() {
    let found: Vec<_> = reasons::principal(&[0.5, -2.0, 0.5, 3.0, 0.1, 0.0, 0.7, 0.2])
        .iter()
        .collect();
    assert_eq!(found, [(3, 3.0), (6, 0.7), (0, 0.5), (2, 0.5)]);
    assert_eq!(reasons::principal(&[-1.0, 0.0]).iter().count(), 0);
}

#[test]
fn what_is_unusual_is_flagged_and_an_unseen_level_adds_nothing() {
    let mut plan = plan();
    plan.cv_folds = 2;
    let model = CreditModel::new(trained(&book(SMALL, &plan), plan).body).unwrap();
    let unusual = serde_json::json!({ "income": 1e9, "grade": "never seen", "years": null });
    let mut contributions = Vec::new();
    let flags = model
        .assess(&row(&model, &unusual), 0.5, &mut contributions)
        .flags;
    let kinds: Vec<_> = flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(
        kinds,
        [FlagKind::OutOfRange, FlagKind::Unseen, FlagKind::Missing]
    );
    assert_eq!(contributions[1].to_bits(), 0.0_f64.to_bits());
    assert_eq!(row(&model, &unusual)[1], Value::Unseen);
}

fn assess(model: &CreditModel, application: &serde_json::Value) -> f64 {
    model
        .assess(&row(model, application), 0.5, &mut Vec::new())
        .probability_of_default
}
