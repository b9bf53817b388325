//! The S3 servers that other tests rely on, and the proxy that does them harm:
//! that they are what those tests take them for.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

mod faults;
mod life;
mod passage;
#[path = "../support/s3/mod.rs"]
mod s3;
mod vendors;
mod wire;
