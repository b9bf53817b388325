//! Forests and boosted trees, served as every other model is.

use credit_risk::credit::{
    ModelType, TrainingPlan, Value,
    model::{ModelForm, Scratch},
    plan::{
        CalibrationPlan, CharacteristicPlan, ClassWeight, MissingHandling, Penalty, ShapleyPlan,
        SignConstraint,
    },
    reasons::Direction,
    scorecard::ReasonMethod,
};
use credit_risk::stats::{Solver, trees::Stopping};
use serde_json::json;

use crate::{
    loans::{loans, quick},
    path::{Refusal, Whole, whole},
    plans::pointers,
    support::{GERMAN, assess, limits, row},
};

const KINDS: [ModelType; 3] = [
    ModelType::GradientBoosting,
    ModelType::Xgboost,
    ModelType::RandomForest,
];

/// A plan of a kind, of few trees.
fn few(kind: ModelType) -> TrainingPlan {
    let mut plan = quick(kind);
    if kind == ModelType::RandomForest {
        plan.forest.trees = 20;
        plan.forest.min_leaf_rows = 5;
    } else {
        plan.boosting.rounds = Some(30);
        plan.boosting.learning_rate = Some(0.2);
        plan.boosting.stopping = Some(Stopping::Never);
    }
    plan
}

fn attempt(plan: TrainingPlan) -> Result<Whole, Refusal> {
    whole(&loans(600), plan, &limits())
}

/// A model of the loans that keeps every law.
fn trained(plan: TrainingPlan) -> Whole {
    let found = attempt(plan).unwrap_or_else(|refusal| panic!("{}", refusal.text()));
    found.check();
    found
}

fn log_odds(whole: &Whole) -> Vec<f64> {
    let (mut row, mut scratch) = (Vec::new(), Scratch::default());
    let rows = 0..whole.book.events().len();
    rows.map(|at| {
        whole.book.row(at, &mut row);
        whole.model.log_odds(&row, &mut scratch)
    })
    .collect()
}

fn mean_probability(whole: &Whole) -> f64 {
    let found = log_odds(whole);
    let sum: f64 = found.iter().map(|it| whole.model.probability(*it)).sum();
    sum / found.len() as f64
}

#[test]
fn each_kind_keeps_the_laws_and_tells_what_was_grown() {
    for kind in KINDS {
        let found = trained(few(kind));
        let result = found.result();
        assert_eq!(result.model_type, kind);
        assert!(result.coefficients.is_empty() && result.intercept.is_none());
        assert!(result.convergence.is_none() && result.statistics.is_none());
        assert!(result.metrics.roc_auc > 0.75, "{}", result.metrics.roc_auc);
        let shares: f64 = result.feature_importance.values().sum();
        assert!((shares - 1.0).abs() < 1e-12);
        let trees = result.trees.unwrap();
        let ModelForm::Trees(model) = &found.model.body().form else {
            panic!("no trees");
        };
        let grown = model.trees.ensemble().trees();
        assert_eq!(trees.trees, grown.len() as u64);
        let leaves: usize = grown.iter().map(|tree| tree.leaves()).sum();
        assert_eq!(trees.leaves, leaves as u64);
        assert!(trees.stopping.is_none());
        let forest = kind == ModelType::RandomForest;
        assert_eq!(trees.forest.is_some(), forest);
        assert_eq!(trees.out_of_bag.is_some(), forest);
        assert_eq!(
            trees.boosting.and_then(|it| it.max_leaves),
            (!forest).then_some(8)
        );
    }
}

#[test]
fn both_names_of_boosting_grow_the_same_trees() {
    let [one, other] = [ModelType::GradientBoosting, ModelType::Xgboost].map(|it| trained(few(it)));
    assert_eq!(one.model.body().form, other.model.body().form);
}

#[test]
fn a_seed_decides_everything() {
    for kind in KINDS {
        let by = |seed| {
            let mut plan = few(kind);
            plan.random_state = seed;
            let trained = attempt(plan).ok().unwrap().trained;
            postcard::to_stdvec(&trained.body).unwrap()
        };
        assert!(by(1) == by(1));
        assert!(by(1) != by(2));
    }
}

#[test]
fn the_number_of_trees_is_chosen_on_rows_held_out() {
    let mut plan = few(ModelType::GradientBoosting);
    plan.boosting.rounds = Some(60);
    plan.boosting.stopping = Some(Stopping::HoldOut {
        share: 0.25,
        patience: 5,
    });
    let found = trained(plan).result().trees.unwrap();
    let stopping = found.stopping.unwrap();
    assert!(stopping.best_rounds <= stopping.rounds_tried && stopping.rounds_tried < 60);
    assert!(stopping.log_loss < stopping.log_loss_without);
    assert_eq!(found.trees, stopping.best_rounds);
}

#[test]
fn the_reference_of_shapley_values_is_the_one_that_is_told() {
    for kind in [ModelType::GradientBoosting, ModelType::RandomForest] {
        let by = |method, shapley| {
            let mut plan = few(kind);
            plan.reasons.method = method;
            plan.reasons.shapley = shapley;
            trained(plan)
        };
        let near = by(
            ReasonMethod::BelowAverageNearCutoff,
            ShapleyPlan::Interventional,
        );
        let all = by(ReasonMethod::BelowAverageAll, ShapleyPlan::Interventional);
        let paths = by(
            ReasonMethod::BelowAverageNearCutoff,
            ShapleyPlan::PathDependent,
        );
        let told = |it: &Whole| it.result().reason_reference;
        assert_eq!(told(&near).method, ReasonMethod::BelowAverageNearCutoff);
        assert!((30..=100).contains(&told(&near).applicants));
        assert_eq!(told(&all).applicants, 100);
        assert_eq!(told(&paths).method, ReasonMethod::BelowAverageAll);
        assert_eq!(told(&paths).applicants, 480);
        let base = |it: &Whole| it.model.base_log_odds();
        let apart = |a: f64, b: f64| (a - b).abs() > 1e-6;
        assert!(apart(base(&near), base(&all)) && apart(base(&all), base(&paths)));
        assert_eq!(log_odds(&near), log_odds(&all));
        assert_eq!(log_odds(&near), log_odds(&paths));
    }
}

#[test]
fn the_base_is_the_mean_of_those_compared_with() {
    let mut plan = few(ModelType::GradientBoosting);
    plan.reasons.method = ReasonMethod::BelowAverageAll;
    let found = trained(plan);
    let background = &found.model.body().reference.background;
    let ModelForm::Trees(model) = &found.model.body().form else {
        panic!("no trees");
    };
    let positions: Vec<usize> = model.positions.iter().map(|at| *at as usize).collect();
    let mut scratch = Scratch::default();
    let known = &found.model.schema().characteristics;
    let sum: f64 = background
        .iter()
        .map(|numbers| {
            let mut values = vec![Value::Missing; known.len()];
            for (number, position) in numbers.iter().zip(&positions) {
                values[*position] = match (number, known[*position].name.as_str()) {
                    (None, _) => Value::Missing,
                    (Some(code), "grade") => Value::Level(*code as u32),
                    (Some(number), _) => Value::Number(*number),
                };
            }
            found.model.log_odds(&values, &mut scratch)
        })
        .sum();
    let mean = sum / background.len() as f64;
    assert!((mean - found.model.base_log_odds()).abs() < 1e-9);
}

#[test]
fn reasons_say_in_which_way_a_value_is_unfavourable() {
    for kind in KINDS {
        let mut plan = few(kind);
        if kind != ModelType::RandomForest {
            let harms = SignConstraint::NonNegative;
            plan.signs.insert("debt".to_owned(), harms);
        }
        let found = trained(plan);
        let poor = json!({ "income": 21, "debt": 45, "grade": "C", "years": null });
        let told = assess(&found.model, &poor);
        let direction = |name: &str| {
            let position = found.model.schema().position(name).unwrap();
            let mut reasons = told.reasons.iter();
            Some(reasons.find(|it| it.characteristic == position)?.direction)
        };
        assert_eq!(direction("income"), Some(Direction::Low), "{kind:?}");
        assert_eq!(direction("debt"), Some(Direction::High), "{kind:?}");
        assert_eq!(direction("years"), Some(Direction::Missing), "{kind:?}");
        assert_eq!(direction("grade"), Some(Direction::Level), "{kind:?}");
    }
}

#[test]
fn a_level_that_training_did_not_hold_is_scored_as_a_missing_one() {
    let mut plan = few(ModelType::GradientBoosting);
    plan.missing = MissingHandling::Accept;
    let found = trained(plan);
    let with = |grade: serde_json::Value| {
        let application = json!({ "income": 40, "debt": 20, "grade": grade, "years": 3 });
        assess(&found.model, &application)
    };
    let (new, none) = (with(json!("new")), with(json!(null)));
    assert_eq!(new.log_odds.to_bits(), none.log_odds.to_bits());
    assert_eq!(new.flags.len(), 1);
}

#[test]
fn the_risk_moves_with_a_signed_characteristic_as_the_plan_says() {
    let mut plan = few(ModelType::GradientBoosting);
    // Against the data: debt harms, and income helps.
    for name in ["debt", "income"] {
        let sign = if name == "debt" {
            SignConstraint::NonNegative
        } else {
            SignConstraint::NonPositive
        };
        plan.signs.insert(name.to_owned(), sign);
    }
    let free = trained(few(ModelType::GradientBoosting));
    let held = trained(plan);
    let breaks = |whole: &Whole| {
        let mut count = 0;
        for years in [0, 7, 20] {
            for grade in ["A", "C"] {
                let at = |income: u32, debt: u32| {
                    let application =
                        json!({ "income": income, "debt": debt, "grade": grade, "years": years });
                    let row = row(&whole.model, &application);
                    whole.model.log_odds(&row, &mut Scratch::default())
                };
                for income in 20..99 {
                    count += usize::from(at(income + 1, 10) > at(income, 10));
                }
                for debt in 0..49 {
                    count += usize::from(at(50, debt) > at(50, debt + 1));
                }
            }
        }
        count
    };
    assert_eq!(breaks(&held), 0);
    assert!(breaks(&free) > 0);
}

#[test]
fn characteristics_are_used_as_the_plan_selects_and_combines_them() {
    let mut plan = few(ModelType::GradientBoosting);
    plan.selected_features = Some(vec!["grade".to_owned(), "income".to_owned()]);
    plan.boosting.interactions = vec![vec!["grade".to_owned()], vec!["income".to_owned()]];
    let found = trained(plan);
    let names = ["income", "debt", "grade", "years"];
    let used = names.map(|name| {
        let position = found.model.schema().position(name).unwrap();
        found.model.uses(position)
    });
    assert_eq!(used, [true, false, true, false]);
    // Without a tree that uses both, what one adds does not depend on the other.
    let at = |income: u32, grade: &str| {
        let row = row(&found.model, &json!({ "income": income, "grade": grade }));
        found.model.log_odds(&row, &mut Scratch::default())
    };
    let effect = |grade| at(30, grade) - at(90, grade);
    assert!((effect("A") - effect("C")).abs() < 1e-12);
    assert!(effect("A") > 0.1);
}

#[test]
fn balanced_classes_leave_the_probabilities_those_of_the_population() {
    for kind in [ModelType::GradientBoosting, ModelType::RandomForest] {
        let plain = mean_probability(&trained(few(kind)));
        let mut plan = few(kind);
        plan.class_weight = Some(ClassWeight::Balanced);
        let weighted = mean_probability(&trained(plan));
        let mut plan = few(kind);
        plan.undersample = true;
        let sampled = mean_probability(&trained(plan));
        for found in [weighted, sampled] {
            assert!((found - plain).abs() < 0.06, "{kind:?} {found} {plain}");
        }
    }
}

#[test]
fn calibration_and_another_population_move_the_log_odds_and_their_reasons() {
    for kind in [ModelType::GradientBoosting, ModelType::RandomForest] {
        let plain = trained(few(kind));
        for method in [
            CalibrationPlan::Platt,
            CalibrationPlan::Logistic,
            CalibrationPlan::Isotonic,
        ] {
            let mut plan = few(kind);
            plan.calibration = method;
            if method != CalibrationPlan::Isotonic {
                plan.population_default_rate = Some(0.1);
            }
            let found = trained(plan);
            let summary = found.result().calibration;
            let line = |x: &f64| summary.intercept + summary.slope * x;
            for (before, after) in log_odds(&plain).iter().zip(log_odds(&found)) {
                assert!((line(before) - after).abs() < 1e-9, "{kind:?} {method:?}");
            }
            assert_eq!(summary.steps.is_some(), method == CalibrationPlan::Isotonic);
        }
    }
}

#[test]
fn a_characteristic_with_gaps_learns_where_they_belong() {
    for kind in KINDS {
        let found = trained(few(kind));
        let at = |years: serde_json::Value| {
            let application = json!({ "income": 50, "debt": 20, "grade": "B", "years": years });
            assess(&found.model, &application).log_odds
        };
        assert!(at(json!(null)) > at(json!(15)) + 0.3, "{kind:?}");
    }
}

#[test]
fn what_trees_do_not_know_is_refused_at_its_field() {
    type Change = fn(&mut TrainingPlan);
    let cases: [(&str, Change); 13] = [
        ("/penalty", |it| it.penalty = Penalty::L1),
        ("/C", |it| it.inverse_strength = 2.0),
        ("/solver", |it| it.solver = Solver::Lbfgs),
        ("/max_iterations", |it| it.max_iterations = 7),
        ("/tolerance", |it| it.tolerance = 1e-3),
        ("/l1_ratio", |it| it.l1_ratio = 0.1),
        ("/pairs", |it| it.pairs = Some(Default::default())),
        ("/missing", |it| it.missing = MissingHandling::Impute),
        ("/reasons/method", |it| {
            it.reasons.method = ReasonMethod::MaxPointsLost;
        }),
        ("/characteristics/debt", |it| {
            let own = CharacteristicPlan {
                max_bins: Some(4),
                ..CharacteristicPlan::default()
            };
            it.characteristics.insert("debt".to_owned(), own);
        }),
        ("/selected_features/0", |it| {
            it.selected_features = Some(vec!["grade_A".to_owned()]);
        }),
        ("/boosting/learning_rate", |it| {
            it.boosting.learning_rate = Some(0.0);
        }),
        ("/forest/trees", |it| it.forest.trees = 0),
    ];
    for (pointer, change) in cases {
        let kind = if pointer.starts_with("/forest") {
            ModelType::RandomForest
        } else {
            ModelType::GradientBoosting
        };
        let mut plan = few(kind);
        change(&mut plan);
        assert_eq!(pointers(attempt(plan)), [pointer]);
    }
}

#[test]
fn settings_of_the_other_kinds_are_refused() {
    let mut forest = few(ModelType::RandomForest);
    forest
        .signs
        .insert("debt".to_owned(), SignConstraint::NonNegative);
    forest.boosting.rounds = Some(3);
    assert_eq!(pointers(attempt(forest)), ["/boosting", "/signs"]);
    let mut boosting = few(ModelType::Xgboost);
    boosting.forest.trees = 3;
    assert_eq!(pointers(attempt(boosting)), ["/forest"]);
    for kind in [ModelType::LogisticRegression, ModelType::Scorecard] {
        let mut plan = quick(kind);
        plan.boosting.rounds = Some(3);
        plan.forest.trees = 3;
        plan.reasons.shapley = ShapleyPlan::PathDependent;
        let found = pointers(attempt(plan));
        assert_eq!(found, ["/boosting", "/forest", "/reasons/shapley"]);
    }
}

#[test]
fn names_that_trees_cannot_use_are_refused() {
    let mut plan = few(ModelType::GradientBoosting);
    plan.selected_features = Some(vec!["income".to_owned(), "grade".to_owned()]);
    let constraint = SignConstraint::NonNegative;
    for name in ["debt", "grade", "nobody"] {
        plan.signs.insert(name.to_owned(), constraint);
    }
    plan.boosting.interactions = vec![vec!["income".to_owned(), "debt".to_owned()]];
    assert_eq!(
        pointers(attempt(plan)),
        [
            "/signs/debt",
            "/signs/grade",
            "/signs/nobody",
            "/boosting/interactions/0/1"
        ]
    );
}

#[test]
fn defaults_do_not_learn_a_thousand_rows_by_heart() {
    let mut plan = TrainingPlan::new(ModelType::GradientBoosting);
    plan.cv_folds = 2;
    plan.evidence.replicates = 0;
    let found = whole(GERMAN, plan, &limits()).ok().unwrap();
    let evidence = &found.trained.evidence;
    let auc = |sample: &credit_risk::credit::evidence::SampleEvidence| {
        sample.discrimination.auc.unwrap().value
    };
    let (train, test) = (auc(&evidence.train), auc(&evidence.test));
    assert!(test > 0.74, "{test}");
    assert!(train - test < 0.17, "{train} {test}");
}
