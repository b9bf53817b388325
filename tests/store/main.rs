//! The model store: a contract that any backend must keep; what the filesystem
//! backend does with damaged files and crash leftovers; what the S3 backend does
//! when the bucket, the line to it or the local folder fails.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]
#![expect(clippy::large_futures, reason = "a test has a stack of its own")]

mod bucket;
mod clock;
mod conditions;
mod contract;
mod copying;
mod costs;
mod crash;
mod damage;
mod disk_cache;
mod dropped;
mod faults;
mod ids;
mod line;
mod pages;
mod parts;
mod pending;
mod reads;
mod refusals;
mod repair;
#[path = "../support/s3/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part of the servers")]
mod s3;
mod stress;
mod support;
