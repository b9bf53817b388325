//! The penalties and constraints that a plan may ask for, as they reach the model.

use std::collections::BTreeMap;

use credit_risk::credit::{
    Fault, TrainingError, TrainingPlan,
    plan::{Penalty, SignConstraint},
    train,
};
use credit_risk::stats::Solver;

use crate::support::{book, german, linear, plan, trained};

fn penalised(penalty: Penalty) -> TrainingPlan {
    TrainingPlan {
        penalty,
        cv_folds: 2,
        ..plan()
    }
}

/// How many weights are exactly 0, of either sign.
fn zeros(weights: &[f64]) -> usize {
    let zero = |weight: &&f64| weight.to_bits() << 1 == 0;
    weights.iter().filter(zero).count()
}

fn pointers(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| fault.pointer.clone()).collect()
}

#[test]
fn a_strong_l1_penalty_leaves_features_out_without_standard_errors() {
    let plan = TrainingPlan {
        inverse_strength: 0.02,
        ..penalised(Penalty::L1)
    };
    let trained = trained(&german(), plan);
    let left_out = zeros(&linear(&trained).weights);
    assert!(
        (10..trained.coefficients.len()).contains(&left_out),
        "{left_out} left out"
    );
    assert!(trained.coefficients.iter().all(|c| c.std_error.is_none()));
    assert!(trained.metrics.roc_auc > 0.7);
}

#[test]
fn the_elastic_net_lies_between_its_ends() {
    let left_out = |l1_ratio| {
        let plan = TrainingPlan {
            inverse_strength: 0.02,
            l1_ratio,
            ..penalised(Penalty::ElasticNet)
        };
        let trained = trained(&german(), plan);
        zeros(&linear(&trained).weights)
    };
    let counts = [0.0, 0.5, 1.0].map(left_out);
    assert_eq!(counts[0], 0, "{counts:?}");
    assert!(counts[0] < counts[1] && counts[1] < counts[2], "{counts:?}");
}

#[test]
fn a_sign_is_kept_where_the_data_says_otherwise() {
    let sign = |signs: &[(&str, SignConstraint)]| {
        let signs = signs.iter().map(|(name, sign)| ((*name).to_owned(), *sign));
        let plan = TrainingPlan {
            signs: signs.collect(),
            ..penalised(Penalty::L2)
        };
        let trained = trained(&german(), plan);
        let found = trained
            .coefficients
            .iter()
            .find(|c| c.feature == "duration_months");
        found.unwrap().coefficient
    };
    assert!(sign(&[]) > 0.1, "longer loans default more often");
    let held = sign(&[("duration_months", SignConstraint::NonPositive)]);
    assert!(held.abs() < 1e-300, "{held}");
    let free = sign(&[("duration_months", SignConstraint::NonNegative)]);
    assert!((free - sign(&[])).abs() < 1e-9, "{free}");
}

#[test]
fn firth_gives_a_model_where_the_maximum_likelihood_has_none() {
    // Everybody above 50 defaults, nobody below.
    let rows = (0..100).map(|i| format!("{i},{}\n", u8::from(i > 50)));
    let csv = format!("age,target\n{}", rows.collect::<String>());
    let fit = |penalty| {
        let plan = penalised(penalty);
        train(&book(&csv, &plan), &plan.check().unwrap(), &|| false)
    };
    assert!(matches!(fit(Penalty::None), Err(TrainingError::Fit(_))));
    let firth = fit(Penalty::Firth).unwrap();
    let weight = linear(&firth).weights[0];
    assert!((1.0..100.0).contains(&weight), "{weight}");
    assert!(firth.coefficients[0].std_error.is_some());
}

#[test]
fn the_result_has_criteria_and_inflation() {
    let names = ["duration_months", "credit_amount", "age_years", "housing"];
    let plan = TrainingPlan {
        selected_features: Some(names.map(str::to_owned).to_vec()),
        ..penalised(Penalty::None)
    };
    let trained = trained(&german(), plan);
    let statistics = trained.statistics.unwrap();
    let test = statistics.likelihood_ratio.unwrap();
    assert_eq!(test.degrees_of_freedom as usize, trained.coefficients.len());
    assert!(test.p_value < 1e-6 && statistics.aic < statistics.bic);
    let inflation: Vec<f64> = trained.coefficients.iter().filter_map(|c| c.vif).collect();
    assert_eq!(inflation.len(), trained.coefficients.len());
    assert!(inflation.iter().all(|factor| *factor >= 1.0));
}

#[test]
fn contradictions_are_named() {
    let signs = BTreeMap::from([("age_years".to_owned(), SignConstraint::NonNegative)]);
    let cases = [
        (
            TrainingPlan {
                l1_ratio: 1.5,
                ..penalised(Penalty::ElasticNet)
            },
            "/l1_ratio",
        ),
        (
            TrainingPlan {
                solver: Solver::Lbfgs,
                ..penalised(Penalty::L1)
            },
            "/solver",
        ),
        (
            TrainingPlan {
                solver: Solver::Lbfgs,
                signs: signs.clone(),
                ..penalised(Penalty::L2)
            },
            "/solver",
        ),
        (
            TrainingPlan {
                signs,
                ..penalised(Penalty::Firth)
            },
            "/signs",
        ),
    ];
    for (plan, pointer) in cases {
        let faults = plan.check().unwrap_err();
        assert_eq!(pointers(&faults), [pointer]);
    }
}

#[test]
fn a_sign_of_what_is_no_number_is_a_fault() {
    for name in ["purpose", "shoe_size"] {
        let plan = TrainingPlan {
            signs: BTreeMap::from([(name.to_owned(), SignConstraint::NonNegative)]),
            ..penalised(Penalty::L2)
        };
        let error = train(&german(), &plan.check().unwrap(), &|| false).unwrap_err();
        let TrainingError::Faults(faults) = error else {
            panic!("{error}");
        };
        assert_eq!(pointers(&faults), [format!("/signs/{name}")]);
    }
}

/// Among correlated features a coefficient may point the other way than the feature alone does.
#[test]
fn signs_are_compared_with_each_features_own_association() {
    use credit_risk::stats::SignVerdict;
    let mut rows = String::from("x,shadow,target\n");
    for row in 0..400_u32 {
        // The shadow rises with x, and lowers the risk that x raises.
        let (x, other) = (f64::from(row % 20), f64::from(row / 20 % 20));
        let risk = 0.5 * x - 0.3 * (x + 0.4 * other);
        let bad = risk > f64::from(row * 7919 % 40) / 10.0 - 1.0;
        rows += &format!("{x},{},{}\n", x + 0.4 * other, u8::from(bad));
    }
    let book = book(&rows, &plan());
    let found = trained(&book, plan()).coefficients;
    let signs: Vec<_> = found.iter().map(|it| it.sign.unwrap()).collect();
    assert_eq!(signs, [SignVerdict::AsExpected, SignVerdict::Opposite]);
    assert!(trained(&book, plan()).intercept.unwrap().sign.is_none());
}
