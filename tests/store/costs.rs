//! How many requests each thing costs. A model in memory or on disk costs none.

use std::sync::Arc;

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    line::{Line, open},
    s3::Vendor,
    support::{create, id},
};

const GET: &str = "GET models/one.model";
const LIST: &str = "GET ";

/// A line to a bucket with the model `one`, of which its stores have no copy.
async fn with_a_model() -> Line {
    let line = Line::to(Vendor::Moto).await;
    create(&line.bucket.store().await, "one").await.unwrap();
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_a_model_takes_two_puts() {
    let line = Line::to(Vendor::Moto).await;
    let store = line.store().await;
    line.asked();
    create(&store, "one").await.unwrap();
    assert_eq!(
        line.asked(),
        ["PUT models/one.model", "PUT models/one.json"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_a_model_that_is_there_takes_a_put_and_a_head() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    create(&store, "one").await.unwrap_err();
    assert_eq!(
        line.asked(),
        ["PUT models/one.model", "HEAD models/one.model"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_load_of_a_cold_model_is_one_get_and_the_second_is_nothing() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    assert!(store.load(&id("one")).await.unwrap().cold);
    assert_eq!(line.asked(), [GET]);
    assert!(!store.load(&id("one")).await.unwrap().cold);
    assert_eq!(line.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_on_disk_is_loaded_by_a_restarted_process_without_a_request() {
    let line = with_a_model().await;
    let process = line.config(&[]);
    open(&process).await.load(&id("one")).await.unwrap();
    let store = open(&process).await;
    line.asked();
    assert!(store.load(&id("one")).await.unwrap().cold);
    assert_eq!(line.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_has_created_it_never_reads_from_the_bucket() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&store, "one").await.unwrap();
    line.asked();
    store.load(&id("one")).await.unwrap();
    store.metadata(&id("one")).await.unwrap();
    drop(store);
    let store = open(&process).await;
    line.asked();
    store.load(&id("one")).await.unwrap();
    assert_eq!(line.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_who_load_a_cold_model_at_once_cost_one_get() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    let gate = Arc::new(Barrier::new(16));
    let mut loads = JoinSet::new();
    for _ in 0..16 {
        let (store, gate) = (store.clone(), Arc::clone(&gate));
        loads.spawn(async move {
            gate.wait().await;
            store.load(&id("one")).await.unwrap();
        });
    }
    loads.join_all().await;
    assert_eq!(line.asked(), [GET]);
}

#[tokio::test(flavor = "multi_thread")]
async fn describing_and_locating_a_loaded_model_is_nothing() {
    let line = with_a_model().await;
    let store = line.store().await;
    store.load(&id("one")).await.unwrap();
    line.asked();
    store.metadata(&id("one")).await.unwrap();
    store.locate(&id("one")).await.unwrap();
    assert_eq!(line.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_reads_each_model_once_and_is_one_list_from_then_on() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    store.list().await.unwrap();
    assert_eq!(line.asked(), [LIST, GET]);
    store.list().await.unwrap();
    assert_eq!(line.asked(), [LIST]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_model_is_one_get_each_time() {
    let line = Line::to(Vendor::Moto).await;
    let store = line.store().await;
    line.asked();
    for _ in 0..2 {
        store.load(&id("one")).await.unwrap_err();
        assert_eq!(line.asked(), [GET]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_a_head_and_two_deletes() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    store.delete(&id("one")).await.unwrap();
    assert_eq!(
        line.asked(),
        [
            "HEAD models/one.model",
            "DELETE models/one.model",
            "DELETE models/one.json"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_at_rest_asks_for_the_bucket_and_lists_it() {
    let line = with_a_model().await;
    let store = line.store().await;
    line.asked();
    store.upload_pending().await;
    assert_eq!(line.asked(), ["HEAD "]);
    store.refresh().await.unwrap();
    assert_eq!(line.asked(), [LIST]);
    store.health().await;
    assert_eq!(line.asked(), [""; 0]);
}
