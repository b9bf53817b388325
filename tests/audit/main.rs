//! The audit trail: what a line says, and that no line is lost, torn or doubled.

mod append;
mod config;
mod lines;
mod metrics;
mod recovery;
mod rotation;
mod support;
