//! Trainings on more rows than the memory holds.
//!
//! A data set is read once, counted column by column, and put aside in a temporary file as codes of
//! its distinct values. All further passes read that file. Bins come from counts, coefficients from
//! designs that are made block by block, so that both are those of a training in memory on the same
//! rows. What needs rows at random (cross-validation, calibration, reference applicants, evidence)
//! works on a stratified sample of as many rows as the memory holds; where it holds all, everything
//! is as in memory.

mod budget;
mod columns;
mod counts;
mod data;
mod design;
mod dictionary;
mod error;
mod fit_rows;
mod learning;
mod linear;
mod ordered;
mod recorded;
mod recording;
mod row_set;
mod sample;
mod scorecard;
mod scoring;
mod source;
mod spill;
mod summary;
mod understanding;
mod watch;

use std::path::Path;

pub use self::{
    budget::MemoryBudget,
    error::StreamingError,
    source::{DataSource, StreamSource},
};
use self::{data::Data, recording::Recording, watch::Watch};
use super::{CheckedPlan, DataConfig, Trained, progress::Observer};

/// Trains a model on `source` as `plan` says, with no more than `budget` of memory for its data;
/// rows are put aside in a file without a name in `directory`.
///
/// `observer` is told how far it is, and asked whether to stop, at least at every block of rows. The
/// same data set, plan and budget give the same model; the budget bears on nothing but what is said
/// in [the module](self) to be of a sample.
///
/// # Errors
/// [`StreamingError`]: the faults that a [`LoanBook`](super::LoanBook) finds, options that only a
/// training in memory has (pairs, the L-BFGS solver), a budget that is too small, a reader or a
/// file that fails, and everything that a training may fail of.
pub fn train(
    source: &mut dyn DataSource,
    plan: &CheckedPlan,
    limits: &DataConfig,
    budget: MemoryBudget,
    directory: &Path,
    observer: &dyn Observer,
) -> Result<Trained, StreamingError> {
    learning::check(plan)?;
    let watch = Watch::new(observer)?;
    let recording = Recording::read(source, plan.plan(), limits, budget, directory, &watch)?;
    let digest = source.digest()?;
    let data = Data::understand(recording, plan, limits, budget, &watch)?;
    learning::learn(data, plan, budget, digest, observer, &watch)
}
