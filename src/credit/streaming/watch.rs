//! Progress of the passes over the rows, and the question whether to stop.

use std::cell::Cell;

use crate::credit::{
    TrainingError,
    progress::{Observer, Progress, Stage},
};

/// Tells an observer how far the stage at hand is.
pub(super) struct Watch<'a> {
    observer: &'a dyn Observer,
    at: Cell<Progress>,
    passes: Cell<u64>,
}

impl<'a> Watch<'a> {
    /// A watch that begins with reading.
    pub fn new(observer: &'a dyn Observer) -> Result<Self, TrainingError> {
        let at = Progress {
            stage: Stage::Reading,
            pass: 1,
            fraction: 0.0,
            rows: 0,
        };
        let watch = Self {
            observer,
            at: Cell::new(at),
            passes: Cell::new(1),
        };
        watch.tell(at)?;
        Ok(watch)
    }

    /// Begins a stage.
    pub fn begin(&self, stage: Stage) -> Result<(), TrainingError> {
        self.tell(Progress {
            stage,
            pass: 0,
            fraction: 0.0,
            rows: 0,
        })
    }

    /// Goes on in a stage that somebody else has begun.
    pub fn resume(&self, stage: Stage) {
        self.at.set(Progress {
            stage,
            pass: 0,
            fraction: 0.0,
            rows: 0,
        });
    }

    /// Begins a pass over the rows.
    pub fn pass(&self) {
        self.passes.set(self.passes.get() + 1);
        let at = self.at.get();
        self.at.set(Progress {
            pass: at.pass + 1,
            ..at
        });
    }

    /// So many more rows are done, and with them this share of the pass.
    pub fn rows(&self, rows: u64, fraction: f64) -> Result<(), TrainingError> {
        let at = self.at.get();
        self.tell(Progress {
            rows: at.rows + rows,
            fraction: fraction.clamp(0.0, 1.0),
            ..at
        })
    }

    /// How many passes were begun, in all stages.
    pub fn passes(&self) -> u64 {
        self.passes.get()
    }

    /// Whether the training is to stop.
    pub fn cancelled(&self) -> bool {
        self.observer.cancelled()
    }

    fn tell(&self, progress: Progress) -> Result<(), TrainingError> {
        self.at.set(progress);
        self.observer.progress(progress);
        if self.observer.cancelled() {
            return Err(TrainingError::Cancelled);
        }
        Ok(())
    }
}
