//! The evidence of a sample, the stability of scores and the comparison of two models: against other
//! tools, at the edges of what is defined, and against their own laws.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]
#![expect(
    clippy::float_cmp,
    reason = "rates of few rows, and numbers handed through, are exact"
)]

mod comparison;
mod comparison_edges;
mod edges;
mod laws;
mod metrics;
mod replicates;
mod stability;
mod support;
mod tables;
