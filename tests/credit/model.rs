//! What a trained model promises.

use credit_risk::credit::{
    CreditModel, Value,
    model::{FlagKind, Scratch},
    plan::{ClassWeight, MissingHandling, ReasonPlan},
    scorecard::ReasonMethod,
};
use credit_risk::stats::Solver;

use crate::support::{GERMAN, applications, assess, book, german, linear, plan, row, trained};

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
    let trained = trained(&book, plan());
    let fitted = linear(&trained);
    let design = fitted.features.design_matrix(book.inputs(), &all);
    let model = CreditModel::new(trained.body.clone()).unwrap();
    for (index, application) in applications(GERMAN, "credit_risk").iter().enumerate() {
        let terms = design.row(index).iter().zip(&fitted.weights);
        let expected: f64 = fitted.intercept + terms.map(|(x, w)| x * w).sum::<f64>();
        let found = assess(&model, application).log_odds;
        assert!((found - expected).abs() < 1e-12, "row {index}");
    }
}

#[test]
fn gaps_and_levels_agree_with_the_design_matrix_too() {
    for missing in [MissingHandling::Learned, MissingHandling::Impute] {
        let mut plan = plan();
        plan.missing = missing;
        plan.cv_folds = 2;
        let book = book(SMALL, &plan);
        let trained = trained(&book, plan);
        let fitted = linear(&trained);
        let rows = applications(SMALL, "target");
        let all: Vec<usize> = (0..rows.len()).collect();
        let design = fitted.features.design_matrix(book.inputs(), &all);
        let model = CreditModel::new(trained.body.clone()).unwrap();
        for (index, application) in rows.iter().enumerate() {
            let terms = design.row(index).iter().zip(&fitted.weights);
            let expected: f64 = fitted.intercept + terms.map(|(x, w)| x * w).sum::<f64>();
            let found = assess(&model, application).log_odds;
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
        let before = assess(&model, &rows[0]).log_odds;
        rows[0]
            .as_object_mut()
            .unwrap()
            .extend(strained.as_object().unwrap().clone());
        assert!(
            (assess(&model, &rows[0]).log_odds - before) * sign > 0.0,
            "event {event}"
        );
    }
}

#[test]
fn undersampling_and_class_weights_leave_the_mean_probability_at_the_default_rate() {
    let book = german();
    let mean = |model: &CreditModel| {
        let rows = applications(GERMAN, "credit_risk");
        rows.iter()
            .map(|row| assess(model, row).probability_of_default)
            .sum::<f64>()
            / 1_000.0
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
        linear(&trained(&book, plan)).clone()
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
    let trained = trained(&german(), plan);
    let names: Vec<_> = linear(&trained)
        .features
        .features
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(names, ["checking_status_no_account", "duration_months"]);
    let model = CreditModel::new(trained.body).unwrap();
    let used = (0..model.schema().characteristics.len())
        .filter(|at| model.uses(*at))
        .count();
    assert_eq!(used, 2);
}

#[test]
fn reasons_are_the_four_largest_harmful_contributions_in_order() {
    let model = CreditModel::new(trained(&german(), plan()).body).unwrap();
    for application in applications(GERMAN, "credit_risk").iter().take(100) {
        let row = row(&model, application);
        let mut scratch = Scratch::default();
        let mut harmful: Vec<(usize, f64)> = model
            .contributions(&row, &mut scratch)
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, contribution)| *contribution > 0.0)
            .collect();
        // A stable sort: of equal ones the earlier characteristic stays first.
        harmful.sort_by(|a, b| b.1.total_cmp(&a.1));
        harmful.truncate(4);
        let found = assess(&model, application).reasons;
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.characteristic, it.contribution))
            .collect();
        assert_eq!(found, harmful);
    }
}

#[test]
fn reasons_compare_with_whom_the_plan_names() {
    let book = german();
    let by = |method| {
        let mut plan = plan();
        plan.reasons = ReasonPlan {
            method,
            ..ReasonPlan::default()
        };
        trained(&book, plan).body
    };
    let all = by(ReasonMethod::BelowAverageAll);
    let near = by(ReasonMethod::BelowAverageNearCutoff);
    let best = by(ReasonMethod::MaxPointsLost);
    assert_eq!(all.reference.summary.applicants, 800);
    assert_eq!(near.reference.summary.odds_window, Some(2.0));
    assert!(near.reference.summary.applicants >= 30);
    let base = |body| CreditModel::new(body).unwrap().base_log_odds();
    let threshold = near.policy.decline.threshold;
    let cutoff = (threshold / (1.0 - threshold)).ln();
    let found = base(near.clone());
    assert!(
        found < cutoff && found > cutoff - 2.0_f64.ln(),
        "the average of those within the window is within it: {found} at {cutoff}"
    );
    // The average applicant of the training rows is where every feature is 0.
    assert!((base(all.clone()) - all.form.intercept().unwrap()).abs() < 1e-9);
    assert!(base(best) < base(near));
}

#[test]
fn what_is_unusual_is_flagged_and_an_unseen_level_is_the_average_applicant() {
    let mut plan = plan();
    plan.cv_folds = 2;
    plan.reasons.method = ReasonMethod::BelowAverageAll;
    let model = CreditModel::new(trained(&book(SMALL, &plan), plan).body).unwrap();
    let unusual = serde_json::json!({ "income": 1e9, "grade": "never seen", "years": null });
    let flags = assess(&model, &unusual).flags;
    let kinds: Vec<_> = flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(
        kinds,
        [FlagKind::OutOfRange, FlagKind::Unseen, FlagKind::Missing]
    );
    let read = row(&model, &unusual);
    let mut scratch = Scratch::default();
    assert!(model.contributions(&read, &mut scratch)[1].abs() < 1e-12);
    assert_eq!(read[1], Value::Unseen);
}
