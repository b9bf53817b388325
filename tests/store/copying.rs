//! Models are copied from one store to the other byte for byte, and nothing is replaced.

use std::fs;

use credit_risk::model_store::{Copied, ModelStore, ModelStoreError, Storage, copy};

use crate::{
    bucket::Bucket,
    line::{Line, gets_a_model, puts_a_model},
    s3::{
        Vendor,
        proxy::{Fault, Seen},
    },
    support::{Folder, body, create, id, result},
};

/// What a run told of each model, in order.
async fn run(from: &ModelStore, to: &ModelStore) -> Vec<String> {
    let mut told = Vec::new();
    let note = |id: &_, copied: &Copied| {
        let word = match copied {
            Copied::Now => "now",
            Copied::Already => "already",
            Copied::Different => "different",
            Copied::Failed(ModelStoreError::Remote { .. }) => "refused",
            Copied::Failed(ModelStoreError::Damaged { .. }) => "damaged",
            Copied::Failed(ModelStoreError::NotFound(_)) => "not found",
            Copied::Failed(error) => panic!("{error}"),
        };
        told.push(format!("{id} {word}"));
    };
    copy(from, to, note).await.unwrap();
    told
}

/// A folder with the models `a`, `b` and `c`.
async fn full_folder() -> Folder {
    let folder = Folder::new();
    let store = folder.store().await;
    for name in ["a", "b", "c"] {
        create(&store, name).await.unwrap();
    }
    folder
}

async fn assert_equal(folder: &Folder, bucket: &Bucket) {
    let names = folder.names();
    let keys: Vec<_> = names.iter().map(|name| format!("models/{name}")).collect();
    assert_eq!(bucket.keys().await, keys);
    for (name, key) in names.iter().zip(&keys) {
        let file = fs::read(folder.file(name)).unwrap();
        assert!(bucket.get(key).await.unwrap() == file, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_copied_to_a_bucket_and_a_bucket_to_a_folder() {
    let folder = full_folder().await;
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let told = run(&folder.store().await, &bucket.store().await).await;
    assert_eq!(told, ["a now", "b now", "c now"]);
    assert_equal(&folder, &bucket).await;

    let back = Folder::new();
    let told = run(&bucket.store().await, &back.store().await).await;
    assert_eq!(told, ["a now", "b now", "c now"]);
    assert_equal(&back, &bucket).await;
    back.store().await.load(&id("b")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_copies_nothing() {
    let folder = full_folder().await;
    let bucket = Bucket::on(Vendor::Moto).await;
    let (from, to) = (folder.store().await, bucket.store().await);
    run(&from, &to).await;
    let again = run(&from, &to).await;
    assert_eq!(again, ["a already", "b already", "c already"]);
    let back = run(&to, &from).await;
    assert_eq!(back, ["a already", "b already", "c already"]);
    assert_equal(&folder, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_bucket_interrupted_can_be_started_again() {
    let folder = full_folder().await;
    let line = Line::to(Vendor::Moto).await;
    let (from, to) = (folder.store().await, line.store().await);
    line.refuse(|seen| !seen.path.contains("/a."));
    assert_eq!(run(&from, &to).await, ["a now", "b refused", "c refused"]);
    line.proxy.heal();
    assert_eq!(run(&from, &to).await, ["a already", "b now", "c now"]);
    assert_equal(&folder, &line.bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_reply_is_lost_is_a_copy() {
    let folder = full_folder().await;
    let line = Line::to(Vendor::Moto).await;
    let (from, to) = (folder.store().await, line.store().await);
    line.proxy.inject(1, puts_a_model, Fault::ResetAfter);
    assert_eq!(run(&from, &to).await, ["a now", "b now", "c now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_of_the_same_id_is_told_and_not_touched() {
    let folder = full_folder().await;
    let bucket = Bucket::on(Vendor::Moto).await;
    let (from, to) = (folder.store().await, bucket.store().await);
    let theirs = result(&id("b"), 99);
    to.create(id("b"), body(), theirs).await.unwrap();
    let before = bucket.get("models/b.model").await;
    assert_eq!(run(&from, &to).await, ["a now", "b different", "c now"]);
    assert!(bucket.get("models/b.model").await == before);

    let file = fs::read(folder.file("b.model")).unwrap();
    assert_eq!(
        run(&to, &from).await,
        ["a already", "b different", "c already"]
    );
    assert!(fs::read(folder.file("b.model")).unwrap() == file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_is_told_and_the_others_are_copied() {
    let folder = full_folder().await;
    fs::write(folder.file("b.model"), "no model").unwrap();
    let bucket = Bucket::on(Vendor::Moto).await;
    let told = run(&folder.store().await, &bucket.store().await).await;
    assert_eq!(told, ["a now", "b damaged", "c now"]);
    assert!(bucket.get("models/b.model").await.is_none());

    bucket.put("models/a.model", b"no model").await;
    let back = Folder::new();
    let told = run(&bucket.store().await, &back.store().await).await;
    assert_eq!(told, ["a damaged", "c now"]);
    assert_eq!(back.names(), ["c.json", "c.model"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_spoilt_on_the_way_back_is_not_called_copied() {
    let folder = full_folder().await;
    let line = Line::to(Vendor::Moto).await;
    let (from, to) = (folder.store().await, line.store().await);
    let reads_b = |seen: &Seen| gets_a_model(seen) && seen.path.ends_with("/b.model");
    line.proxy.inject(usize::MAX, reads_b, Fault::Corrupt);
    assert_eq!(run(&from, &to).await, ["a now", "b damaged", "c now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_model_is_not_copied_and_told() {
    let line = Line::to(Vendor::Moto).await;
    let from = line.store().await;
    line.refuse(puts_a_model);
    let saved = create(&from, "a").await.unwrap();
    assert_eq!(saved.storage, Storage::PendingUpload);
    let to = Folder::new();
    assert_eq!(run(&from, &to.store().await).await, ["a not found"]);
}
