//! The credit room against outside truth and its own laws.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod batch;
mod calibrations;
mod degenerate;
mod explanations;
mod folds;
mod laws;
mod loans;
mod model;
mod path;
mod penalties;
mod periods;
mod plans;
mod policies;
mod portfolio;
mod reading;
mod reading_columns;
mod refit;
mod regression;
mod scorecard_laws;
mod streaming;

mod support;
mod trees;
mod weights;
