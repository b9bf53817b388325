//! The model card: what a model is, what it was made of and how far it can be trusted (after Mitchell
//! et al., "Model Cards for Model Reporting", 2019), for its owner, validator and auditor.
//!
//! It tells what is stored with the model and nothing else: no clock, nothing computed anew. What is
//! not known is said not to be. One [`ModelCard`] is written as JSON (it serialises), as
//! [`markdown()`] and as [`html()`].

mod blocks;
mod content;
mod figures;
mod fit;
mod html;
mod limitations;
mod markdown;
mod policies;
mod samples;
mod story;
mod tables;
mod trees;

pub use content::{
    CardCoefficient, DataSection, Identity, Lacking, ModelCard, Purpose, SignCheck,
    StabilitySection, ValuePolicy,
};
pub use fit::{Certificate, FitSummary, ModelTest};
pub use html::html;
pub use markdown::markdown;
pub use samples::{CalibrationTests, SampleSection};

use crate::credit::TrainingResult;

/// What a card is made of.
#[derive(Clone, Copy, Debug)]
pub struct CardSource<'a> {
    /// What the training answered, with its evidence if it is stored.
    pub result: &'a TrainingResult,
    /// Version of the program that trained the model.
    pub written_by: &'a str,
    /// Hex SHA-256 of the model's data.
    pub model_sha256: &'a str,
}
