//! The numbers: metrics, calibration, cut-offs, logistic regression and sampling, against outside
//! truth and their own laws.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod blocks;
mod bootstrap;
mod calibration;
mod calibrators;
mod cases;
mod cutoffs;
mod deciles;
mod delong;
mod diagnostics;
mod evaluation_laws;
mod laws;
mod least_squares;
mod logistic;
mod many_rows;
mod metrics;
mod paths;
mod penalties;
mod penalty_laws;
mod reference;
mod sampling;
mod support;
mod vicinity;
