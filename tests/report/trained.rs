//! Results of small trainings.

use std::sync::OnceLock;

use credit_risk::{
    credit::{
        DataConfig, LoanBook, ModelType, Table, TrainingPlan, TrainingResult, plan::SignConstraint,
        train,
    },
    report::card::{CardSource, ModelCard},
};

/// Names that a card must not take for its own.
pub const AMOUNT: &str = "<b>amount|`x`*y*</b>";

/// Three hundred loans; risk rises with the amount and differs by grade.
fn csv() -> String {
    let mut text = format!("{AMOUNT},age,grade,default\n");
    for index in 0..300_usize {
        let amount = 1_000 + index * 7_919 % 4_001;
        let age = 20 + index * 31 % 47;
        let grade = ["A", "B", "C"][index * 5 % 3];
        let risk = amount + index * 977 % 3_000 + if grade == "C" { 900 } else { 0 };
        let default = usize::from(risk > 5_400);
        text += &format!("{amount},{age},{grade},{default}\n");
    }
    text
}

fn result(plan: &TrainingPlan) -> TrainingResult {
    let limits = DataConfig {
        default_dataset_path: None,
        max_rows: 1_000,
        max_columns: 10,
        max_levels: 10,
    };
    let table = Table::from_csv(csv().as_bytes(), &plan.missing_values, &limits).unwrap();
    let book = LoanBook::read(&table, plan, &limits).unwrap();
    let trained = train(&book, &plan.clone().check().unwrap(), &|| false).unwrap();
    let created_at = "2026-02-02T10:00:00Z".parse().unwrap();
    TrainingResult::new("card_test".to_owned(), plan, &trained, created_at, 1.0)
}

/// A scorecard's result.
pub fn scorecard() -> TrainingResult {
    static RESULT: OnceLock<TrainingResult> = OnceLock::new();
    let train = || result(&TrainingPlan::new(ModelType::Scorecard));
    RESULT.get_or_init(train).clone()
}

/// A logistic regression's result, with a sign laid down for the amount.
pub fn regression() -> TrainingResult {
    static RESULT: OnceLock<TrainingResult> = OnceLock::new();
    let train = || {
        let mut plan = TrainingPlan::new(ModelType::LogisticRegression);
        let sign = SignConstraint::NonNegative;
        plan.signs.insert(AMOUNT.to_owned(), sign);
        result(&plan)
    };
    RESULT.get_or_init(train).clone()
}

/// The card of a result.
pub fn card(result: &TrainingResult) -> ModelCard {
    ModelCard::new(&CardSource {
        result,
        written_by: "credit-risk 0.0.0",
        model_sha256: "77aa",
    })
}
