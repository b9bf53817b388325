//! The numbers: metrics, logistic regression and sampling, against outside truth and their own laws.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod laws;
mod logistic;
mod metrics;
mod sampling;
mod support;
