//! What an interruption left in the bucket is put right when the store is opened.

use crate::{
    bucket::Bucket,
    line::{Line, gets_a_model, open},
    s3::Vendor,
    support::{create, id},
};

/// A bucket with these models.
async fn with(names: &[&str]) -> Bucket {
    let bucket = Bucket::on(Vendor::Moto).await;
    let store = bucket.store().await;
    for name in names {
        create(&store, name).await.unwrap();
    }
    bucket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_gets_its_metadata_back() {
    let bucket = with(&["one"]).await;
    let before = bucket.get("models/one.json").await;
    bucket.delete("models/one.json").await;
    bucket.store().await;
    assert!(before.is_some() && bucket.get("models/one.json").await == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_without_a_model_is_removed() {
    let bucket = with(&["one", "two"]).await;
    bucket.delete("models/one.model").await;
    bucket.store().await;
    assert_eq!(bucket.keys().await, ["models/two.json", "models/two.model"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_does_not_stop_the_start_nor_the_repair_of_others() {
    let bucket = with(&["one", "two"]).await;
    bucket.put("models/one.model", b"no model").await;
    for name in ["one", "two"] {
        bucket.delete(&format!("models/{name}.json")).await;
    }
    let store = bucket.store().await;
    assert_eq!(
        bucket.keys().await,
        ["models/one.model", "models/two.json", "models/two.model"]
    );
    store.load(&id("one")).await.unwrap_err();
    store.load(&id("two")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_cannot_be_read_does_not_stop_the_start() {
    let line = Line::to(Vendor::Moto).await;
    create(&line.bucket.store().await, "one").await.unwrap();
    line.bucket.delete("models/one.json").await;
    line.refuse(gets_a_model);
    open(&line.config(&[])).await;
    assert_eq!(line.bucket.keys().await, ["models/one.model"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_bucket_is_read_by_nobody() {
    let line = Line::to(Vendor::Moto).await;
    let store = line.bucket.store().await;
    for name in ["one", "two"] {
        create(&store, name).await.unwrap();
    }
    line.store().await;
    assert_eq!(line.proxy.count(gets_a_model), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_can_be_deleted() {
    let bucket = with(&["one"]).await;
    bucket.put("models/one.model", b"no model").await;
    bucket.store().await.delete(&id("one")).await.unwrap();
    assert_eq!(bucket.keys().await, [""; 0]);
}
