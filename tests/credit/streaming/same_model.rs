//! A streamed training gives the model of a training in memory.

use std::collections::BTreeMap;

use credit_risk::credit::{
    LoanBook, ModelType, Table, Trained, TrainingPlan,
    binning::{Prebins, SpecialCodes, UserBreak},
    plan::{CharacteristicPlan, ClassWeight, OutOfTimePlan, Penalty, SignConstraint},
    train,
};

use super::{budget, limits, portfolio::loans, streamed};

/// A plan for the portfolio: no identifier, no column that has another meaning.
fn plan(model_type: ModelType) -> TrainingPlan {
    TrainingPlan {
        exclude: ["id", "weight", "month"].map(str::to_owned).to_vec(),
        cv_folds: 2,
        ..TrainingPlan::new(model_type)
    }
}

fn in_memory(csv: &str, plan: TrainingPlan) -> Trained {
    let table = Table::from_csv(csv.as_bytes(), &plan.missing_values, &limits()).unwrap();
    let plan = plan.check().unwrap();
    let book = LoanBook::read(&table, plan.plan(), &limits()).unwrap();
    train(&book, &plan, &|| false).unwrap()
}

/// Everything that was trained, but for how.
fn all_of(trained: &Trained) -> String {
    let Trained {
        body,
        metrics,
        evidence,
        coefficients,
        intercept,
        feature_importance,
        trees,
        convergence,
        statistics,
        excluded,
        calibration,
        data,
        streaming: _,
    } = trained;
    let model = serde_json::json!([body, metrics, evidence, coefficients, intercept]);
    let rest = serde_json::json!([
        convergence,
        statistics,
        excluded,
        calibration,
        data,
        feature_importance,
        trees
    ]);
    format!("{model:#}\n{rest:#}")
}

#[track_caller]
fn assert_same(csv: &str, plan: &TrainingPlan, mebibytes: u64) {
    let expected = in_memory(csv, plan.clone());
    let found = streamed(csv, plan.clone(), budget(mebibytes)).unwrap();
    let summary = found.streaming.unwrap();
    assert_eq!(summary.sampled_rows, summary.rows);
    let (expected, found) = (all_of(&expected), all_of(&found));
    let differs = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None);
    assert_eq!(expected.len(), found.len());
}

fn with_specials(plan: TrainingPlan) -> TrainingPlan {
    let months = CharacteristicPlan {
        special: SpecialCodes::one_each(&[-1.0, -2.0]),
        ..CharacteristicPlan::default()
    };
    TrainingPlan {
        characteristics: BTreeMap::from([("months".to_owned(), months)]),
        ..plan
    }
}

#[test]
fn a_scorecard_is_the_same_to_the_last_bit() {
    let plan = with_specials(plan(ModelType::Scorecard));
    assert_same(&loans(6_000), &plan, 64);
}

#[test]
fn a_scorecard_of_quantiles_and_given_breaks_is_the_same() {
    let mut plan = with_specials(plan(ModelType::Scorecard));
    plan.binning.prebins = Prebins::Quantile { bins: 50 };
    let income = CharacteristicPlan {
        breaks: UserBreak::all_fixed(&[2_000.0, 4_500.0, 8_500.0]),
        ..CharacteristicPlan::default()
    };
    plan.characteristics.insert("income".to_owned(), income);
    assert_same(&loans(6_000), &plan, 64);
}

#[test]
fn a_weighted_scorecard_is_the_same() {
    let plan = TrainingPlan {
        sample_weight: Some("weight".to_owned()),
        exclude: ["id", "month"].map(str::to_owned).to_vec(),
        ..with_specials(plan(ModelType::Scorecard))
    };
    assert_same(&loans(6_000), &plan, 64);
}

#[test]
fn a_balanced_scorecard_with_newer_rows_is_the_same() {
    let plan = TrainingPlan {
        class_weight: Some(ClassWeight::Balanced),
        out_of_time: Some(OutOfTimePlan {
            column: "month".to_owned(),
            from: "2024-11".to_owned(),
        }),
        exclude: ["id", "weight"].map(str::to_owned).to_vec(),
        ..plan(ModelType::Scorecard)
    };
    assert_same(&loans(6_000), &plan, 64);
}

#[test]
fn characteristics_of_the_wrong_sign_are_left_out_alike() {
    // The same amount twice, once as noise on top: beside each other one gets the wrong sign.
    let csv: String = loans(6_000)
        .lines()
        .enumerate()
        .map(|(row, line)| {
            let (rest, default) = line.rsplit_once(',').unwrap();
            if row == 0 {
                return format!("{rest},twin,opposite,{default}\n");
            }
            let amount: f64 = rest.split(',').nth(1).unwrap().parse().unwrap();
            let income: f64 = rest.split(',').nth(2).unwrap().parse().unwrap_or(3_000.0);
            let twin = (amount / 900.0 + income / 2_500.0).round();
            let opposite = (income / 700.0 + amount / 40_000.0).round();
            format!("{rest},{twin},{opposite},{default}\n")
        })
        .collect();
    let plan = plan(ModelType::Scorecard);
    let expected = in_memory(&csv, plan.clone());
    assert!(!expected.excluded.is_empty());
    assert_same(&csv, &plan, 64);
}

#[test]
fn a_logistic_regression_is_the_same_to_the_last_bit() {
    assert_same(&loans(6_000), &plan(ModelType::LogisticRegression), 64);
}

#[test]
fn a_logistic_regression_with_signs_and_fewer_goods_is_the_same() {
    let plan = TrainingPlan {
        undersample: true,
        penalty: Penalty::ElasticNet,
        signs: BTreeMap::from([("amount".to_owned(), SignConstraint::NonNegative)]),
        ..plan(ModelType::LogisticRegression)
    };
    assert_same(&loans(6_000), &plan, 64);
}

#[test]
fn a_logistic_regression_that_imputes_and_weighs_is_the_same() {
    let plan = TrainingPlan {
        missing: credit_risk::credit::plan::MissingHandling::Impute,
        sample_weight: Some("weight".to_owned()),
        exclude: ["id", "month"].map(str::to_owned).to_vec(),
        ..plan(ModelType::LogisticRegression)
    };
    assert_same(&loans(6_000), &plan, 64);
}
