//! Scorecards against other tools, against their own laws, and against their exports at work.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod cards;
mod exports;
mod laws;
mod pair_laws;
mod pair_reasons;
mod pairs;
mod points;
mod reasons;
mod support;
