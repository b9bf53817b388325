//! A store in a folder of its own, and a small trained model to put there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use credit_risk::{
    config::{Sources, load},
    credit::{
        CreditModel, DataConfig, LoanBook, ModelBody, Table, Trained, TrainingPlan, TrainingResult,
        train,
    },
    model_store::{ModelId, ModelStore, ModelStoreError, StoreConfig},
};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

const BUNDLED: &[u8] = include_bytes!("../../data/german_credit.csv");

/// A folder for stores.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("models")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A store on the folder; each has a cache of its own.
    pub(crate) fn store(&self) -> ModelStore {
        try_open(&self.path()).unwrap()
    }

    /// The names in the folder, without the lock file.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock")
            .collect();
        names.sort_unstable();
        names
    }
}

pub(crate) fn try_open(path: &Path) -> Result<ModelStore, ModelStoreError> {
    let defaults = load(&Sources::none()).unwrap().config.store;
    ModelStore::open(&StoreConfig {
        path: path.to_owned(),
        ..defaults
    })
}

pub(crate) fn id(text: &str) -> ModelId {
    text.parse().unwrap()
}

fn data() -> DataConfig {
    load(&Sources::none()).unwrap().config.data
}

/// The one training that all tests share, and its plan.
fn trained() -> &'static (TrainingPlan, Trained) {
    static TRAINED: OnceLock<(TrainingPlan, Trained)> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let plan = json!({
            "model_type": "logistic_regression",
            "selected_features": ["duration_months", "credit_amount"],
            "cv_folds": 2,
        });
        let plan: TrainingPlan = serde_json::from_value(plan).unwrap();
        let table = Table::from_csv(BUNDLED, &[], &data()).unwrap();
        let book = LoanBook::read(&table, &plan, &data()).unwrap();
        let checked = plan.clone().check().unwrap();
        (plan, train(&book, &checked, &|| false).unwrap())
    })
}

pub(crate) fn body() -> ModelBody {
    trained().1.body.clone()
}

/// The result of a training that ended so many seconds after a fixed moment.
pub(crate) fn result(id: &ModelId, seconds: i64) -> TrainingResult {
    let (plan, trained) = trained();
    let ended = Timestamp::from_second(1_770_000_000 + seconds).unwrap();
    TrainingResult::new(id.to_string(), plan, trained, ended, 0.5)
}

/// Saves the shared model under a name.
pub(crate) async fn create(store: &ModelStore, name: &str) -> Result<(), ModelStoreError> {
    let id = id(name);
    let result = result(&id, 0);
    store.create(id, body(), result).await.map(|_| ())
}

/// What a model is, as text that differs when any part of it does.
pub(crate) fn fingerprint(model: &CreditModel) -> String {
    format!("{:?}", model.body())
}
