//! What the targets share: the rooms under test, a reader that reads to the end, and a model.

#[path = "../../src/credit/mod.rs"]
pub mod credit;
#[path = "../../src/stats/mod.rs"]
pub mod stats;

use credit::{
    CreditModel, DataConfig, LoanBook, Table, TrainingPlan,
    reading::{Format, Source, open},
    train,
};

/// Most bytes that an input may decompress to.
const MOST_BYTES: u64 = 16 << 20;

/// Most rows that are read; a few bytes of a columnar file may promise billions.
const MOST_ROWS: usize = 200_000;

/// Reads `bytes` as `format` to the end; rows must be as wide as the header.
pub fn read(format: Format, bytes: &[u8]) {
    let source = Source::Bytes(bytes.to_vec().into());
    let Ok(mut reader) = open(format, source, MOST_BYTES) else {
        return;
    };
    let columns = reader.names().len();
    assert!(columns > 0);
    let (mut rows, mut last) = (0, 0);
    while rows < MOST_ROWS {
        let read = reader.read(1_000, &mut |place, row| {
            // Rows that a carriage return parts are on one line.
            assert!(place >= last, "the places ascend");
            last = place;
            if let Ok(cells) = row {
                assert_eq!(cells.len(), columns);
            }
        });
        match read {
            Ok(0) | Err(_) => return,
            Ok(count) => rows += count,
        }
    }
}

/// A model of a small book with the columns `amount`, `age` and `grade`.
pub fn small_model() -> CreditModel {
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
}
