//! The life of a pending model: until it has arrived and somebody has taken note,
//! also across restarts, and whatever happens to its id or its file meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use credit_risk::model_store::{ModelStore, ModelStoreError, Storage, StoreConfig, StoreHealth};

use crate::{
    line::{Line, open, puts_a_model},
    s3::{Vendor, proxy::Fault},
    support::{body, create, files, id, logged, result},
};

/// A process whose model `one` is pending, because nobody may write models.
async fn with_a_pending_model() -> (Line, StoreConfig, ModelStore) {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    line.refuse(puts_a_model);
    let saved = create(&store, "one").await.unwrap();
    assert_eq!(saved.storage, Storage::PendingUpload);
    (line, process, store)
}

fn folder(process: &StoreConfig, name: &str) -> PathBuf {
    process.s3.local_path.join(name)
}

fn only_file(folder: &Path) -> PathBuf {
    let files = files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    folder.join(&files[0].0)
}

/// The ids of what has arrived and was not confirmed.
async fn arrived(store: &ModelStore) -> Vec<String> {
    let arrived = store.upload_pending().await;
    arrived.iter().map(|(id, _)| id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_reported_before_it_has_arrived() {
    let (_line, _, store) = with_a_pending_model().await;
    assert_eq!(arrived(&store).await, [""; 0]);
    assert_eq!(store.storage(&id("one")), Storage::PendingUpload);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_name_is_taken_here() {
    let (_line, _, store) = with_a_pending_model().await;
    let again = create(&store, "one").await;
    assert!(
        matches!(again, Err(ModelStoreError::AlreadyExists(_))),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn its_arrival_is_reported_until_it_is_confirmed() {
    let (line, process, store) = with_a_pending_model().await;
    line.proxy.heal();
    for _ in 0..2 {
        assert_eq!(arrived(&store).await, ["one"]);
    }
    drop(store);
    let store = open(&process).await;
    assert_eq!(arrived(&store).await, ["one"]);
    store.confirm(&id("one")).await.unwrap();
    assert_eq!(arrived(&store).await, [""; 0]);
    drop(store);
    let store = open(&process).await;
    assert_eq!(arrived(&store).await, [""; 0]);
    assert_eq!(store.health().await, StoreHealth::Healthy);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_arrival_cannot_be_confirmed_before_it_has_arrived() {
    let (line, _, store) = with_a_pending_model().await;
    store.confirm(&id("one")).await.unwrap();
    line.proxy.heal();
    assert_eq!(arrived(&store).await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_survives_a_restart_and_can_be_used_again_at_once() {
    let (line, process, store) = with_a_pending_model().await;
    let sha256 = store.metadata(&id("one")).await.unwrap().model_sha256;
    drop(store);
    let store = open(&process).await;
    assert_eq!(store.health().await, StoreHealth::Degraded);
    let listed = store.list().await.unwrap();
    assert_eq!(listed[0].storage, Storage::PendingUpload);
    store.load(&id("one")).await.unwrap();
    line.proxy.heal();
    assert_eq!(arrived(&store).await, ["one"]);
    let elsewhere = line.bucket.store().await.metadata(&id("one")).await;
    assert_eq!(elsewhere.unwrap().model_sha256, sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_forgotten_by_a_refresh() {
    let (_line, _, store) = with_a_pending_model().await;
    store.refresh().await.unwrap();
    store.load(&id("one")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_set_aside_when_somebody_else_has_taken_its_name() {
    let (line, process, store) = with_a_pending_model().await;
    let staged = fs::read(only_file(&folder(&process, "pending"))).unwrap();
    let other = line.bucket.store().await;
    let theirs = other
        .create(id("one"), body(), result(&id("one"), 99))
        .await
        .unwrap();
    let object = line.bucket.get("models/one.model").await;
    line.proxy.heal();

    let (arrived, log) = logged(arrived(&store)).await;
    assert_eq!(arrived, [""; 0]);
    let refused = only_file(&folder(&process, "refused"));
    assert!(
        fs::read(&refused).unwrap() == staged,
        "not what was pending"
    );
    assert!(line.bucket.get("models/one.model").await == object);
    assert!(
        log.contains("ERROR") && log.contains(refused.to_str().unwrap()),
        "{log}"
    );
    assert_eq!(store.health().await, StoreHealth::Healthy);
    assert_eq!(
        store.locate(&id("one")).await.unwrap().sha256,
        theirs.sha256
    );
    let ended = store
        .metadata(&id("one"))
        .await
        .unwrap()
        .results
        .created_at();
    assert_eq!(ended, result(&id("one"), 99).created_at);
}

/// A deletion is of the model that one can see.
#[tokio::test(flavor = "multi_thread")]
async fn deleting_it_leaves_the_model_that_somebody_else_gave_its_name() {
    let (line, process, store) = with_a_pending_model().await;
    let other = line.bucket.store().await;
    let created = other
        .create(id("one"), body(), result(&id("one"), 99))
        .await;
    created.unwrap();
    let object = line.bucket.get("models/one.model").await;
    line.proxy.heal();
    store.delete(&id("one")).await.unwrap();
    assert!(line.bucket.get("models/one.model").await == object);
    assert_eq!(
        fs::read_dir(folder(&process, "pending")).unwrap().count(),
        0
    );
    assert_eq!(arrived(&store).await, [""; 0]);
    store.delete(&id("one")).await.unwrap();
    assert!(line.bucket.keys().await.is_empty());
}

/// What was in memory was the model that lost.
#[tokio::test(flavor = "multi_thread")]
async fn after_it_was_set_aside_the_name_means_the_others_model() {
    let (line, _, store) = with_a_pending_model().await;
    store.list().await.unwrap();
    let other = line.bucket.store().await;
    let theirs = result(&id("one"), 99);
    let created = other.create(id("one"), body(), theirs.clone()).await;
    created.unwrap();
    line.proxy.heal();
    store.upload_pending().await;
    assert!(store.load(&id("one")).await.unwrap().cold);
    let listed = store.list().await.unwrap();
    assert_eq!(listed[0].summary.created_at, theirs.created_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_set_aside_and_never_uploaded_when_its_file_is_damaged() {
    let (line, process, store) = with_a_pending_model().await;
    let file = only_file(&folder(&process, "pending"));
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] ^= 1;
    fs::write(&file, &bytes).unwrap();
    line.proxy.heal();
    line.proxy.forget();
    let (arrived, log) = logged(arrived(&store)).await;
    assert_eq!(arrived, [""; 0]);
    assert_eq!(line.proxy.count(puts_a_model), 0);
    let refused = only_file(&folder(&process, "refused"));
    assert!(fs::read(&refused).unwrap() == bytes);
    assert!(
        log.contains("ERROR") && log.contains(refused.to_str().unwrap()),
        "{log}"
    );
    assert_eq!(line.bucket.keys().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_uploaded_does_not_keep_the_others_back() {
    let (line, process, store) = with_a_pending_model().await;
    create(&store, "two").await.unwrap();
    line.proxy.heal();
    line.refuse(|seen| seen.path.ends_with("one.model"));
    assert_eq!(arrived(&store).await, ["two"]);
    line.proxy.heal();
    assert_eq!(arrived(&store).await, ["one", "two"]);
    assert!(files(&folder(&process, "refused")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_file_was_removed_does_not_keep_the_others_back() {
    let (line, process, store) = with_a_pending_model().await;
    fs::remove_file(only_file(&folder(&process, "pending"))).unwrap();
    create(&store, "two").await.unwrap();
    line.proxy.heal();
    assert_eq!(arrived(&store).await, ["two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_when_it_is_deleted_while_the_bucket_is_away() {
    let (line, _, store) = with_a_pending_model().await;
    line.refuse(|_| true);
    let refused = store.delete(&id("one")).await;
    assert!(
        matches!(refused, Err(ModelStoreError::Remote { .. })),
        "{refused:?}"
    );
    store.load(&id("one")).await.unwrap();
    line.proxy.heal();
    assert_eq!(arrived(&store).await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_gone_everywhere_when_it_is_deleted() {
    let (line, process, store) = with_a_pending_model().await;
    store.delete(&id("one")).await.unwrap();
    line.proxy.heal();
    assert_eq!(arrived(&store).await, [""; 0]);
    assert!(files(&folder(&process, "pending")).is_empty());
    let gone = store.load(&id("one")).await.unwrap_err();
    assert!(matches!(*gone, ModelStoreError::NotFound(_)), "{gone}");
    drop(store);
    assert!(open(&process).await.list().await.unwrap().is_empty());
    assert_eq!(line.bucket.keys().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_gone_everywhere_when_it_had_arrived_unnoticed() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[("CREDIT_RISK_S3_MAX_ATTEMPTS", "1")]);
    let store = open(&process).await;
    line.proxy
        .inject(usize::MAX, puts_a_model, Fault::ResetAfter);
    let saved = create(&store, "one").await.unwrap();
    assert_eq!(saved.storage, Storage::PendingUpload);
    assert_eq!(line.bucket.keys().await, ["models/one.model"]);
    line.proxy.heal();
    store.delete(&id("one")).await.unwrap();
    assert_eq!(line.bucket.keys().await, [""; 0]);
    assert!(files(&folder(&process, "pending")).is_empty());
    assert_eq!(arrived(&store).await, [""; 0]);
}
