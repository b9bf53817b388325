//! The credit room against outside truth and its own laws.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod laws;
mod model;
mod penalties;
mod support;
