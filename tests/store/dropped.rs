//! A creation that nobody waits for any more has either happened or not.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use credit_risk::model_store::{ModelStore, ModelStoreError, Storage, StoreConfig};
use tokio::time::sleep;

use crate::{
    line::Line,
    s3::Vendor,
    support::{create, id},
};

/// Longest wait for work that goes on although nobody waits for its result.
const PATIENCE: Duration = Duration::from_secs(20);

/// Polls the work so often and drops it, unless it ends before.
async fn polled<T>(work: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut work = pin!(work);
    let mut left = times;
    let polling = poll_fn(|context| {
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    });
    polling.await
}

/// Opens the folder as soon as the last work of the process before is done.
async fn reopen(process: &StoreConfig) -> ModelStore {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ModelStore::open(process).await {
            Err(ModelStoreError::LocalFolderTaken(_)) if Instant::now() < deadline => {
                sleep(Duration::from_millis(1)).await;
            }
            opened => return opened.unwrap(),
        }
    }
}

async fn lists(store: &ModelStore, name: &str) -> bool {
    let listed = store.list().await.unwrap();
    listed.iter().any(|it| it.summary.model_id == name)
}

/// Whether there is such a model, once what is still being written to disk is there.
async fn says(store: &ModelStore, name: &str) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = lists(store, name).await;
        if found || store.storage(&id(name)) == Storage::Stored {
            return found;
        }
        assert!(Instant::now() < deadline, "{name} is neither here nor gone");
        sleep(Duration::from_millis(1)).await;
    }
}

/// At whatever point it is dropped: what this process says of the model, the next one says too.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_same_before_and_after_a_restart() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let mut store = reopen(&process).await;
    let mut found = Vec::new();
    for times in 1.. {
        let name = format!("dropped_after_{times}");
        let created = polled(create(&store, &name), times).await;
        let before = says(&store, &name).await;
        drop(store);
        store = reopen(&process).await;
        assert_eq!(lists(&store, &name).await, before, "{name}");
        for (arrived, _) in store.upload_pending().await {
            store.confirm(&arrived).await.unwrap();
        }
        let other = line.bucket.store().await;
        assert_eq!(other.load(&id(&name)).await.is_ok(), before, "{name}");
        found.push(before);
        if let Some(created) = created {
            created.unwrap();
            break;
        }
    }
    assert!(found.len() > 2, "it was hardly ever dropped: {found:?}");
}
