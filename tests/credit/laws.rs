//! Laws that hold for any data.

use credit_risk::credit::{
    CreditModel, LoanBook, Table, TrainingError, TrainingPlan, model::Scratch, policy::Thresholds,
    reasons::MOST_REASONS, train,
};
use proptest::prelude::*;

use crate::support::{applications, limits, plan, row};

/// A small data set: numbers from dull to extreme, levels, gaps, any outcome.
fn csv() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        4 => (-50_i32..50).prop_map(|n| n.to_string()),
        1 => Just(String::new()),
        1 => prop_oneof![Just("1e308"), Just("-1e308"), Just("1e-308"), Just("0")]
            .prop_map(str::to_owned),
    ];
    let level = prop_oneof![Just(""), Just("a"), Just("b"), Just("c d"), Just("é")];
    let line = (number, level, any::<bool>())
        .prop_map(|(number, level, bad)| format!("{number},{level},{}", u8::from(bad)));
    prop::collection::vec(line, 1..80)
        .prop_map(|lines| format!("x,g,target\n{}\n", lines.join("\n")))
}

fn model(csv: &str, plan: TrainingPlan) -> Option<CreditModel> {
    let table = Table::from_csv(csv.as_bytes(), &[], &limits()).ok()?;
    let book = LoanBook::read(&table, &plan, &limits()).ok()?;
    let plan = plan.check().unwrap();
    match train(&book, &plan, &|| false) {
        Ok(trained) => Some(CreditModel::new(trained.body).unwrap()),
        Err(TrainingError::Cancelled | TrainingError::Inconsistent(_)) => panic!("cannot be"),
        Err(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_data_gives_a_model_or_a_reason_and_every_score_is_a_probability(csv in csv()) {
        let mut plan = plan();
        plan.cv_folds = 2;
        if let Some(model) = model(&csv, plan) {
            let mut scratch = Scratch::default();
            for application in applications(&csv, "target") {
                let row = row(&model, &application);
                let found = model.assess(&row, Thresholds::single(0.5), &mut scratch);
                prop_assert!((0.0..=1.0).contains(&found.probability_of_default));
                prop_assert!((0.0..=1.0).contains(&found.confidence));
                let terms = model.contributions(&row, &mut scratch);
                let sum = terms.iter().fold(model.base_log_odds(), |sum, c| sum + c);
                let size = terms.iter().fold(1.0, |size: f64, c| size.max(c.abs()));
                prop_assert!((sum - found.log_odds).abs() <= 1e-12 * size);
                prop_assert!(found.reasons.iter().count() <= MOST_REASONS);
                prop_assert!(found.reasons.iter().all(|it| it.contribution > 0.0));
            }
        }
    }

    #[test]
    fn a_table_is_read_or_refused_whatever_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(table) = Table::from_csv(&bytes, &[], &limits()) {
            prop_assert!(table.rows() > 0);
            for column in table.columns() {
                prop_assert_eq!(column.len(), table.rows());
            }
        }
    }
}

#[test]
fn a_cancelled_training_stops() {
    let book = crate::support::german();
    let outcome = train(&book, &plan().check().unwrap(), &|| true);
    assert!(matches!(outcome, Err(TrainingError::Cancelled)));
}
