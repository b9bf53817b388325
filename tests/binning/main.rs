//! Binning against other tools, against every partition there is, and against its own laws.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod edges;
mod exhaustive;
mod german;
mod laws;
mod levels;
mod optbinning;
mod params;
mod rules;
mod scorecardpy;
mod support;
