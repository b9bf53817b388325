//! The search for pairs: what it finds, what it leaves, and what it refuses.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod edges;
mod fits;
mod search;
mod support;
