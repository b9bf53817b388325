//! Loans to train on and applications to score.

use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::{Caller, TestApp};

/// The bundled data set.
pub const GERMAN: &str = include_str!("../../../data/german_credit.csv");

/// A model of the bundled data, trained once for the whole binary.
pub struct Model {
    /// What `/train` answered.
    pub result: Value,
    /// Its two files, by name.
    files: Vec<(String, Vec<u8>)>,
}

impl Model {
    pub fn id(&self) -> &str {
        self.result["model_id"].as_str().unwrap()
    }
}

impl TestApp {
    /// Puts the model of the bundled data into the store.
    pub async fn german(&self) -> &'static Model {
        static MODEL: OnceCell<Model> = OnceCell::const_new();
        self.keep(MODEL.get_or_init(|| trained(plan())).await)
    }

    /// Puts a scorecard of the bundled data into the store.
    pub async fn card(&self) -> &'static Model {
        static MODEL: OnceCell<Model> = OnceCell::const_new();
        self.keep(MODEL.get_or_init(|| trained(card_plan())).await)
    }

    /// Puts a scorecard of the bundled data into the store, with two cut-offs.
    pub async fn german_card(&self) -> &'static Model {
        static MODEL: OnceCell<Model> = OnceCell::const_new();
        let plan = json!({
            "model_type": "scorecard",
            "decision": {
                "cutoff": { "rule": "fixed", "threshold": 0.4 },
                "refer": { "rule": "fixed", "threshold": 0.25 }
            }
        });
        self.keep(MODEL.get_or_init(|| trained(plan)).await)
    }

    fn keep(&self, model: &'static Model) -> &'static Model {
        for (name, bytes) in &model.files {
            std::fs::write(self.stored(name), bytes).unwrap();
        }
        model
    }
}

/// A small plan of a scorecard, without intervals, which take the longest.
pub fn card_plan() -> Value {
    json!({ "model_type": "scorecard", "cv_folds": 2, "evidence": { "replicates": 0 } })
}

async fn trained(plan: Value) -> Model {
    let app = TestApp::start();
    let result = app.admin().post_json("/train", &plan).await.ok();
    let id = result["model_id"].as_str().unwrap();
    let files = ["json", "model"].map(|extension| {
        let name = format!("{id}.{extension}");
        let bytes = std::fs::read(app.stored(&name)).unwrap();
        (name, bytes)
    });
    Model {
        files: files.to_vec(),
        result,
    }
}

/// The smallest plan there is.
pub fn plan() -> Value {
    json!({ "model_type": "logistic_regression" })
}

/// The smallest plan with these members as well.
pub fn plan_with(members: Value) -> Value {
    let (mut plan, Value::Object(members)) = (plan(), members) else {
        panic!("members are an object");
    };
    plan.as_object_mut().unwrap().extend(members);
    plan
}

/// The bundled data as applications, without the outcome.
pub fn german_applications() -> Vec<Map<String, Value>> {
    let mut rows = german_records();
    for row in &mut rows {
        row.remove("credit_risk").unwrap();
    }
    rows
}

/// The bundled data as JSON objects.
pub fn german_records() -> Vec<Map<String, Value>> {
    let mut reader = csv::Reader::from_reader(GERMAN.as_bytes());
    let names = reader.headers().unwrap().clone();
    let cell = |text: &str| {
        text.parse::<i64>()
            .map_or(json!(text), |number| json!(number))
    };
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = names.iter().zip(record.iter());
            cells
                .map(|(name, text)| (name.to_owned(), cell(text)))
                .collect()
        })
        .collect()
}

/// A small synthetic book, to be spoilt in one place at a time.
#[derive(Clone)]
pub struct Book {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Book {
    /// Sixty loans that train a model: `amount`, `age`, `grade` and `default`.
    pub fn sound() -> Self {
        let header = ["amount", "age", "grade", "default"].map(str::to_owned);
        let row = |index: usize| {
            let amount = 1_000 + index * 7_919 % 4_001;
            let age = 20 + index * 31 % 47;
            let grade = ["A", "B", "C"][index * 5 % 3];
            let default = usize::from((amount + index * 977 % 2_000) % 5_000 > 3_300);
            vec![
                amount.to_string(),
                age.to_string(),
                grade.to_owned(),
                default.to_string(),
            ]
        };
        Self {
            header: header.to_vec(),
            rows: (0..60).map(row).collect(),
        }
    }

    pub fn column(&self, name: &str) -> usize {
        self.header.iter().position(|own| own == name).unwrap()
    }

    /// The same book with one cell changed; `row` counts from 0, its line is `row + 2`.
    pub fn cell(mut self, row: usize, column: &str, text: &str) -> Self {
        let column = self.column(column);
        text.clone_into(&mut self.rows[row][column]);
        self
    }

    /// The same book with one column written anew.
    pub fn fill(mut self, column: &str, text: impl Fn(usize) -> String) -> Self {
        let column = self.column(column);
        for (index, row) in self.rows.iter_mut().enumerate() {
            row[column] = text(index);
        }
        self
    }

    /// The same book with one header changed.
    pub fn rename(mut self, column: &str, name: &str) -> Self {
        let column = self.column(column);
        name.clone_into(&mut self.header[column]);
        self
    }

    pub fn csv(&self) -> String {
        let lines = std::iter::once(&self.header).chain(&self.rows);
        lines.map(|cells| cells.join(",") + "\n").collect()
    }

    /// The rows as JSON objects, every cell a text.
    pub fn records(&self) -> Value {
        let object = |row: &Vec<String>| {
            let cells = self
                .header
                .iter()
                .cloned()
                .zip(row.iter().map(|c| json!(c)));
            Value::Object(cells.collect())
        };
        self.rows.iter().map(object).collect()
    }

    /// Trains on the book as a CSV file.
    pub async fn train(&self, caller: &Caller) -> super::Reply {
        self.train_as(caller, json!({})).await
    }

    /// The same with more members of the plan.
    pub async fn train_as(&self, caller: &Caller, members: Value) -> super::Reply {
        let plan = plan_with(members);
        caller
            .post_form("/train", &plan, self.csv().as_bytes())
            .await
    }
}

impl Book {
    /// A sound book with gaps in `amount` and `grade`. The median of `amount` is
    /// 5 in every large enough part of it, the most frequent grade is `B`.
    pub fn with_gaps() -> Self {
        let mut book = Self::sound();
        book.rows = (0..4).flat_map(|_| book.rows.clone()).collect();
        let book = book.fill("amount", |row| match row % 5 {
            0 => String::new(),
            4 => (row % 9 * 3).to_string(),
            _ => "5".to_owned(),
        });
        let book = book.fill("grade", |row| {
            ["", "A", "B", "B", "B", "C", "B"][row % 7].to_owned()
        });
        book.fill("age", |row| (20 + row * 31 % 47).to_string())
            .fill("default", |row| {
                usize::from(row % 5 == 0 || row % 7 == 1 || row % 11 == 3).to_string()
            })
    }
}
