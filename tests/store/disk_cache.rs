//! The copies on this machine's disk: bounded, checked, and gone with their models.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytesize::ByteSize;
use credit_risk::model_store::{ModelStore, ModelStoreError, S3Config, StoreConfig};

use crate::{
    line::{Line, gets_a_model, open},
    s3::Vendor,
    support::{create, files, id},
};

fn folder(process: &StoreConfig) -> PathBuf {
    process.s3.local_path.join("cache")
}

/// The models of which there are copies.
fn copies(process: &StoreConfig) -> Vec<String> {
    let files = files(&folder(process)).into_iter();
    files.map(|(name, _)| name.replace(".model", "")).collect()
}

/// The settings with room for so many of the models that the tests create.
async fn with_room_for(models: u64, line: &Line) -> StoreConfig {
    let mut process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "sample").await.unwrap();
    let length = files(&folder(&process))[0].1;
    store.delete(&id("sample")).await.unwrap();
    process.s3.disk_cache_size = ByteSize::kib(models * length.div_ceil(1024));
    process
}

async fn assert_not_found(store: &ModelStore, name: &str) {
    let error: Arc<ModelStoreError> = store.load(&id(name)).await.unwrap_err();
    assert!(matches!(*error, ModelStoreError::NotFound(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_recently_read_leave_and_their_files_with_them() {
    let line = Line::to(Vendor::Moto).await;
    let process = with_room_for(2, &line).await;
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    create(&store, "two").await.unwrap();
    store.metadata(&id("one")).await.unwrap();
    create(&store, "three").await.unwrap();
    assert_eq!(copies(&process), ["one", "three"]);
    line.proxy.forget();
    store.metadata(&id("two")).await.unwrap();
    assert_eq!(line.proxy.count(gets_a_model), 1);
    assert_eq!(copies(&process), ["three", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_holds_more_than_its_bound_shrinks_at_the_next_start() {
    let line = Line::to(Vendor::Moto).await;
    let bounded = with_room_for(2, &line).await;
    let generous = StoreConfig {
        s3: S3Config {
            disk_cache_size: ByteSize::gib(1),
            ..bounded.s3.clone()
        },
        ..bounded.clone()
    };
    let store = open(&generous).await;
    for name in ["a", "b", "c"] {
        create(&store, name).await.unwrap();
    }
    drop(store);
    for (age, name) in ["a", "b", "c"].iter().enumerate() {
        let copy = File::options()
            .write(true)
            .open(folder(&generous).join(format!("{name}.model")));
        let then = UNIX_EPOCH + Duration::from_secs(1_000_000 - age as u64);
        copy.unwrap().set_modified(then).unwrap();
    }
    open(&bounded).await;
    assert_eq!(copies(&bounded), ["a", "b"], "the oldest should have left");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_nothing_is_kept_and_models_are_read_all_the_same() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[("CREDIT_RISK_S3_DISK_CACHE_SIZE", "1 KiB")]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    store.metadata(&id("one")).await.unwrap();
    assert_eq!(copies(&process), [""; 0]);
    drop(store);
    open(&process).await.load(&id("one")).await.unwrap();
    assert_eq!(copies(&process), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_is_read_again() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    drop(store);
    let file = folder(&process).join("one.model");
    let sound = fs::read(&file).unwrap();
    for damaged in [&sound[..100], b"", b"no model"] {
        fs::write(&file, damaged).unwrap();
        let store = open(&process).await;
        line.proxy.forget();
        store.load(&id("one")).await.unwrap();
        assert_eq!(line.proxy.count(gets_a_model), 1);
        assert!(fs::read(&file).unwrap() == sound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_removed_is_read_again() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    fs::remove_file(folder(&process).join("one.model")).unwrap();
    line.proxy.forget();
    store.metadata(&id("one")).await.unwrap();
    assert_eq!(line.proxy.count(gets_a_model), 1);
    assert_eq!(copies(&process), ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_another_process_deleted_is_forgotten_by_a_refresh() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    for name in ["one", "two"] {
        create(&store, name).await.unwrap();
    }
    store.list().await.unwrap();
    let other = line.bucket.store().await;
    other.delete(&id("one")).await.unwrap();
    store.refresh().await.unwrap();
    assert_eq!(copies(&process), ["two"]);
    assert_not_found(&store, "one").await;
    assert!(!store.load(&id("two")).await.unwrap().cold);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_fails_forgets_nothing() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    line.refuse(|_| true);
    store.refresh().await.unwrap_err();
    assert_eq!(copies(&process), ["one"]);
    assert!(!store.load(&id("one")).await.unwrap().cold);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_was_deleted_meanwhile_is_forgotten_at_the_next_start() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    drop(store);
    line.bucket.store().await.delete(&id("one")).await.unwrap();
    let store = open(&process).await;
    assert_eq!(copies(&process), [""; 0]);
    assert_not_found(&store, "one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_the_copy_along() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    assert_eq!(copies(&process), ["one"]);
    store.delete(&id("one")).await.unwrap();
    assert_eq!(copies(&process), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_half_written_is_removed_at_the_next_start() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    open(&process).await;
    let pending = process.s3.local_path.join("pending");
    for folder in [&folder(&process), &pending] {
        fs::write(folder.join(".new-a1b2c3"), "half a model").unwrap();
    }
    let store = open(&process).await;
    assert_eq!(copies(&process), [""; 0]);
    assert!(files(&pending).is_empty());
    assert!(store.list().await.unwrap().is_empty());
}
