//! How far a training has come, for whoever waits for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of a training, in the order in which they come.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Rows are read and checked, and put aside where they do not fit the memory.
    Reading,
    /// Rows are divided into those to learn from and those to judge by.
    Splitting,
    /// Values of characteristics are counted, and bins are made of the counts.
    Binning,
    /// Coefficients are estimated, and described.
    Fitting,
    /// Models are fitted that each leave some of the rows out.
    CrossValidation,
    /// Scores are calibrated, cut-offs chosen, reference applicants found.
    Calibration,
    /// Metrics and evidence are measured.
    Measuring,
}

/// How far a training is within one of its stages.
///
/// There is no clock here: rows per second are the rows of two reports of a stage, subtracted, by
/// the time between them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// How many times the stage has gone through its rows, this time included; from 1.
    pub pass: u32,
    /// Share of this pass that is done, 0..=1; of a stage that makes one pass, of the stage.
    pub fraction: f64,
    /// Rows that the stage has gone through, over all its passes.
    pub rows: u64,
}

/// Watches a training, and may stop it.
pub trait Observer {
    /// Whether the training is to stop.
    fn cancelled(&self) -> bool;

    /// Takes notice of how far it is.
    fn progress(&self, progress: Progress);
}

/// Stops a training, but does not watch it.
#[derive(Clone, Copy)]
pub struct Unwatched<'a>(
    /// Whether the training is to stop.
    pub &'a dyn Fn() -> bool,
);

impl Observer for Unwatched<'_> {
    fn cancelled(&self) -> bool {
        (self.0)()
    }

    fn progress(&self, _: Progress) {}
}
