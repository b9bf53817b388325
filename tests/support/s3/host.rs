//! The one thread that lives as long as the process: servers are its children,
//! and what the tests ask of servers and proxies is done on it.
//!
//! A test's own threads would not do. The kernel kills a child when the thread
//! that started it ends, and a connection kept for the next request is dead once
//! the runtime it was opened on is gone.

use std::{future::pending, panic::resume_unwind, sync::LazyLock, thread};

use tokio::{
    runtime::{Builder, Handle},
    task::JoinHandle,
};

static HOST: LazyLock<Handle> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("s3-host".to_owned())
        .spawn(move || runtime.block_on(pending::<()>()))
        .unwrap();
    handle
});

/// Does the work on the host's thread and waits for its result; a panic there is a panic here.
pub(super) async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match spawn(work).await {
        Ok(result) => result,
        Err(failure) => resume_unwind(failure.into_panic()),
    }
}

/// Begins the work on the host's thread.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    HOST.spawn(work)
}
