//! The real program as a child process: what survives a kill, what a full disk
//! does, what is logged, how it stops, and its command line.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test helper may panic"
)]

mod audit_full;
mod canary;
mod canary_wire;
mod cli;
mod evaluate;
mod keys;
mod lost_log;
mod network;
mod network_bounds;
#[path = "../support/s3/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part of the servers")]
mod s3;
mod s3_service;
mod score;
mod score_http2;
mod score_network;
mod shutdown;
mod support;
mod survival;
