//! Data sets as a trained model reads them.

use credit_risk::credit::{
    CreditModel, ModelType, Table, TrainingPlan, model::Scratch, plan::MissingHandling,
    portfolio::Portfolio,
};

use crate::support::{GERMAN, applications, book, limits, plan, row, trained};

const SMALL: &str = include_str!("small.csv");

/// Every row of a CSV means to a model what the same application does.
fn agrees(csv: &str, target: &str, plan: TrainingPlan) {
    let model = CreditModel::new(trained(&book(csv, &plan), plan).body).unwrap();
    let table = Table::from_csv(csv.as_bytes(), &[], &limits()).unwrap();
    let all: Vec<usize> = (0..table.rows()).collect();
    let portfolio = Portfolio::read(&table, &all, &model).unwrap();
    let found = portfolio.probabilities(&all, &|| false).unwrap();
    let (mut values, mut scratch) = (Vec::new(), Scratch::default());
    for (index, application) in applications(csv, target).iter().enumerate() {
        let expected = row(&model, application);
        portfolio.row(index, &mut values);
        assert_eq!(values, expected, "row {index}");
        let probability = model.probability(model.log_odds(&expected, &mut scratch));
        assert_eq!(found[index].to_bits(), probability.to_bits(), "row {index}");
    }
}

#[test]
fn a_row_means_what_the_same_application_does() {
    agrees(GERMAN, "credit_risk", plan());
    let mut card = TrainingPlan::new(ModelType::Scorecard);
    card.evidence.replicates = 0;
    card.cv_folds = 2;
    agrees(GERMAN, "credit_risk", card);
    for missing in [MissingHandling::Learned, MissingHandling::Impute] {
        let mut gaps = plan();
        gaps.missing = missing;
        gaps.cv_folds = 2;
        agrees(SMALL, "target", gaps);
    }
}

#[test]
fn only_the_rows_asked_for_are_checked() {
    let model = CreditModel::new(trained(&book(GERMAN, &plan()), plan()).body).unwrap();
    let spoilt = GERMAN.replacen(",6,", ",six,", 1);
    assert_ne!(spoilt, GERMAN);
    let table = Table::from_csv(spoilt.as_bytes(), &[], &limits()).unwrap();
    let faults = Portfolio::read(&table, &[0, 1], &model).unwrap_err();
    assert_eq!((faults.len(), faults[0].line), (1, Some(2)));
    assert!(Portfolio::read(&table, &[1, 2], &model).is_ok());
}

#[test]
fn scoring_stops_when_it_is_told_to() {
    let model = CreditModel::new(trained(&book(GERMAN, &plan()), plan()).body).unwrap();
    let table = Table::from_csv(GERMAN.as_bytes(), &[], &limits()).unwrap();
    let portfolio = Portfolio::read(&table, &[0], &model).unwrap();
    assert_eq!(portfolio.probabilities(&[0], &|| true), None);
}
