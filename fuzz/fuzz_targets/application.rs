//! The reader of applications, against a model of a small book.
#![no_main]

use std::sync::LazyLock;

use credit_risk::credit::{
    CreditModel, DataConfig, LoanBook, Table, TrainingPlan, application::Reader, fault::Faults,
    train,
};

static MODEL: LazyLock<CreditModel> = LazyLock::new(|| {
    let limits = DataConfig {
        default_dataset_path: None,
        max_rows: 1_000,
        max_columns: 10,
        max_levels: 50,
    };
    let mut csv = "amount,age,grade,default\n".to_owned();
    for row in 0..200_usize {
        let (amount, age) = (1_000 + row * 7_919 % 4_001, 20 + row * 31 % 47);
        let grade = ["A", "B", "é"][row * 5 % 3];
        let default = usize::from((amount + row * 977 % 2_000) % 5_000 > 3_300);
        csv += &format!("{amount},{age},{grade},{default}\n");
    }
    let plan = r#"{"model_type": "logistic_regression"}"#;
    let plan: TrainingPlan = serde_json::from_str(plan).expect("the plan is well-formed");
    let plan = plan.check().expect("the plan is sound");
    let table = Table::from_csv(csv.as_bytes(), &[], &limits).expect("the book is sound");
    let book = LoanBook::read(&table, plan.plan(), &limits).expect("the book is sound");
    let trained = train(&book, &plan, &|| false).expect("a model comes of it");
    CreditModel::new(trained.body).expect("the model is consistent")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut faults = Faults::default();
    let mut reader = Reader::new(&MODEL);
    // Twice: the second reading follows the member order of the first.
    for index in 0..2 {
        let row = reader.read(text, index, &mut faults);
        assert_eq!(row.len(), MODEL.schema().characteristics.len());
    }
});
