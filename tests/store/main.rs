//! The model store: a contract that any backend must keep, and what the
//! filesystem backend does with damaged files and crash leftovers.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

mod contract;
mod crash;
mod damage;
mod ids;
mod support;
