//! Trainings on rows that are read once and kept outside of the memory.

mod faults;
mod order;
mod portfolio;
mod same_model;
mod stages;

use std::{cell::RefCell, io::Cursor, path::Path};

use credit_risk::credit::{
    DataConfig, Trained, TrainingPlan,
    progress::{Observer, Progress, Stage, Unwatched},
    reading::Format,
    streaming::{MemoryBudget, StreamSource, StreamingError, train},
};

/// A CSV file in memory.
pub fn source(csv: &str) -> StreamSource {
    let bytes = Cursor::new(csv.as_bytes().to_vec());
    StreamSource::open(Format::Csv, bytes, Some(csv.len() as u64), u64::MAX).unwrap()
}

/// Bounds wide enough for every test.
pub fn limits() -> DataConfig {
    DataConfig {
        default_dataset_path: None,
        max_rows: 10_000_000,
        max_columns: 100,
        max_levels: 50,
    }
}

pub fn budget(mebibytes: u64) -> MemoryBudget {
    MemoryBudget::new(mebibytes << 20).unwrap()
}

/// A training on rows that are not in memory.
pub fn streamed(
    csv: &str,
    plan: TrainingPlan,
    budget: MemoryBudget,
) -> Result<Trained, StreamingError> {
    watched(csv, plan, budget, &Unwatched(&|| false))
}

/// The same before an observer.
pub fn watched(
    csv: &str,
    plan: TrainingPlan,
    budget: MemoryBudget,
    observer: &dyn Observer,
) -> Result<Trained, StreamingError> {
    let directory = std::env::temp_dir();
    within(csv, plan, budget, &directory, observer)
}

/// The same with its file in `directory`.
pub fn within(
    csv: &str,
    plan: TrainingPlan,
    budget: MemoryBudget,
    directory: &Path,
    observer: &dyn Observer,
) -> Result<Trained, StreamingError> {
    let plan = plan.check().unwrap();
    train(
        &mut source(csv),
        &plan,
        &limits(),
        budget,
        directory,
        observer,
    )
}

/// Writes down what it is told, and stops in a stage after so many reports of it.
#[derive(Default)]
pub struct Notes {
    pub told: RefCell<Vec<Progress>>,
    pub stop: Option<(Stage, usize)>,
}

impl Observer for Notes {
    fn cancelled(&self) -> bool {
        self.stop.is_some_and(|(stage, after)| {
            let told = self.told.borrow();
            told.iter().filter(|it| it.stage == stage).count() > after
        })
    }

    fn progress(&self, progress: Progress) {
        self.told.borrow_mut().push(progress);
    }
}
