//! A store in a folder of its own, and a small trained model to put there.

use std::{
    fs,
    io::{Read, Seek},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use credit_risk::{
    config::{Sources, load},
    credit::{
        DataConfig, LoanBook, Model, ModelBody, Table, Trained, TrainingPlan, TrainingResult, train,
    },
    model_store::{ModelId, ModelStore, ModelStoreError, Saved, StoreConfig},
};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use tracing::instrument::WithSubscriber;

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
    pub(crate) async fn store(&self) -> ModelStore {
        try_open(&self.path()).await.unwrap()
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

pub(crate) async fn try_open(path: &Path) -> Result<ModelStore, ModelStoreError> {
    let defaults = load(&Sources::none()).unwrap().config.store;
    ModelStore::open(&StoreConfig {
        path: path.to_owned(),
        ..defaults
    })
    .await
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
pub(crate) async fn create(store: &ModelStore, name: &str) -> Result<Saved, ModelStoreError> {
    let id = id(name);
    let result = result(&id, 0);
    store.create(id, body(), result).await
}

/// The names and sizes of the files in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, entry.metadata().unwrap().len())
        })
        .collect();
    files.sort_unstable();
    files
}

/// What a model is, as text that differs when any part of it does.
pub(crate) fn fingerprint(model: &Model) -> String {
    format!("{:?}", model.credit().unwrap().body())
}

/// Does the work and returns its result and what it has logged on this thread.
pub(crate) async fn logged<T>(work: impl Future<Output = T>) -> (T, String) {
    let mut log = tempfile::tempfile().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(Arc::new(log.try_clone().unwrap()))
        .finish();
    let result = work.with_subscriber(subscriber).await;
    let mut text = String::new();
    log.rewind().unwrap();
    log.read_to_string(&mut text).unwrap();
    (result, text)
}
