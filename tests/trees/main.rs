//! Trees: how they split, grow, score and are stored.
#![expect(
    clippy::unwrap_used,
    reason = "outside of test functions too, a failure here is a failed test"
)]

mod background;
mod boosting;
mod edges;
mod forest;
mod missing;
mod monotone;
mod references;
mod shap;
mod stored;
mod support;
