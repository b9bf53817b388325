//! Credit Risk API: trains credit-default models on a lender's own loans and
//! answers applications with a probability of default, a decision and exact
//! reasons, behind its own gate.
//!
//! The rooms, in import order: a room names only rooms above it, as
//! `tests/architecture.rs` holds. `docs/ARCHITECTURE.md` tells the journeys.

pub mod clock;
pub mod compute;
pub mod stats;
pub mod telemetry;

pub mod access;
pub mod credit;

pub mod audit;
pub mod limits;
pub mod model_store;
pub mod report;

pub mod http;

pub mod config;

pub mod app;
pub mod cli;
