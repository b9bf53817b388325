//! The bundled data set, read and trained the short way.

use credit_risk::credit::{
    Assessment, CreditModel, DataConfig, LoanBook, ModelType, Table, Trained, TrainingPlan, Value,
    application::Reader,
    fault::Faults,
    model::{LinearModel, ModelForm, Scratch},
    policy::Thresholds,
    train,
};

/// UCI Statlog German Credit, as bundled.
pub const GERMAN: &str = include_str!("../../data/german_credit.csv");

/// Bounds as wide as the service's own.
pub fn limits() -> DataConfig {
    DataConfig {
        default_dataset_path: None,
        max_rows: 100_000,
        max_columns: 500,
        max_levels: 200,
    }
}

/// The default plan.
pub fn plan() -> TrainingPlan {
    TrainingPlan::new(ModelType::LogisticRegression)
}

/// The bundled data as a loan book.
pub fn german() -> LoanBook {
    book(GERMAN, &plan())
}

/// Any CSV as a loan book.
pub fn book(csv: &str, plan: &TrainingPlan) -> LoanBook {
    let table = Table::from_csv(csv.as_bytes(), &plan.missing_values, &limits()).unwrap();
    LoanBook::read(&table, plan, &limits()).unwrap()
}

/// A model of `book`, trained as `plan` says.
pub fn trained(book: &LoanBook, plan: TrainingPlan) -> Trained {
    train(book, &plan.check().unwrap(), &|| false).unwrap()
}

/// The linear model in `trained`.
pub fn linear(trained: &Trained) -> &LinearModel {
    match &trained.body.form {
        ModelForm::Linear(model) => model,
        ModelForm::Scorecard(_) | ModelForm::Trees(_) => panic!("not a linear model"),
    }
}

/// What `model` makes of one application at the cut-off 0.5.
pub fn assess(model: &CreditModel, application: &serde_json::Value) -> Assessment {
    let row = row(model, application);
    model.assess(&row, Thresholds::single(0.5), &mut Scratch::default())
}

/// One application, read against `model`.
pub fn row(model: &CreditModel, application: &serde_json::Value) -> Vec<Value> {
    let mut faults = Faults::default();
    let row = Reader::new(model.expected())
        .read(&application.to_string(), 0, &mut faults)
        .to_vec();
    faults.into_result().unwrap();
    row
}

/// The rows of a CSV as JSON objects, the target left out; empty cells are null.
pub fn applications(csv: &str, target: &str) -> Vec<serde_json::Value> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header
                .iter()
                .zip(&record)
                .filter(|(name, _)| *name != target);
            cells
                .map(|(name, text)| {
                    let cell = match text.parse::<f64>() {
                        _ if text.is_empty() => serde_json::Value::Null,
                        Ok(number) => number.into(),
                        Err(_) => text.into(),
                    };
                    (name.to_owned(), cell)
                })
                .collect()
        })
        .collect()
}
