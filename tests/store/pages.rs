//! Which of a bucket's objects are the store's models, however many pages they fill.

use std::collections::BTreeSet;

use credit_risk::model_store::ModelStore;

use crate::{
    bucket::Bucket,
    line::{Line, lists, open},
    s3::{Vendor, proxy::Fault},
    support::{create, id},
};

async fn listed(store: &ModelStore) -> BTreeSet<String> {
    let listed = store.list().await.unwrap();
    let ids = listed.iter().map(|listed| listed.summary.model_id.clone());
    ids.collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn models_on_several_pages_are_all_listed() {
    let line = Line::to(Vendor::Moto).await;
    let store = line.bucket.store().await;
    let mut created = BTreeSet::new();
    for number in 0..12 {
        let name = format!("model{number}");
        create(&store, &name).await.unwrap();
        created.insert(name);
    }
    let small_pages = |target: &str| format!("{target}&max-keys=5");
    line.proxy
        .inject(usize::MAX, lists, Fault::Rewrite(small_pages));
    let store = line.store().await;
    line.proxy.forget();
    assert_eq!(listed(&store).await, created);
    assert_eq!(line.proxy.count(lists), 5);
}

/// A deletion by another process is noticed on whatever page the model was.
#[tokio::test(flavor = "multi_thread")]
async fn models_on_several_pages_are_all_refreshed() {
    let line = Line::to(Vendor::Moto).await;
    let small_pages = |target: &str| format!("{target}&max-keys=2");
    line.proxy
        .inject(usize::MAX, lists, Fault::Rewrite(small_pages));
    let store = line.store().await;
    for name in ["a", "b", "c"] {
        create(&store, name).await.unwrap();
    }
    line.bucket.store().await.delete(&id("b")).await.unwrap();
    store.refresh().await.unwrap();
    assert!(!store.load(&id("a")).await.unwrap().cold);
    store.load(&id("b")).await.unwrap_err();
    assert!(!store.load(&id("c")).await.unwrap().cold);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_stores_is_neither_listed_nor_touched() {
    let bucket = Bucket::on(Vendor::Moto).await;
    let foreign = [
        "elsewhere.model",
        "models.model",
        "models/.probe-of-a-dead-process",
        "models/README.md",
        "models/a/deeper.json",
        "models/a/deeper.model",
        "models/no id.json",
        "models/no id.model",
        "other/one.model",
    ];
    for key in foreign {
        bucket.put(key, b"not a model").await;
    }
    let store = bucket.store().await;
    assert_eq!(listed(&store).await, names(&[]));
    create(&store, "one").await.unwrap();
    assert_eq!(listed(&store).await, names(&["one"]));
    store.delete(&id("one")).await.unwrap();
    assert_eq!(bucket.keys().await, foreign);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_prefixes_of_one_bucket_are_two_stores() {
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let at = |prefix| bucket.config(&[("CREDIT_RISK_S3_PREFIX", prefix)]);
    let outer = open(&at("models/")).await;
    let inner = open(&at("models/eu/")).await;
    create(&outer, "one").await.unwrap();
    create(&inner, "one").await.unwrap();
    create(&inner, "two").await.unwrap();
    assert_eq!(listed(&outer).await, names(&["one"]));
    assert_eq!(listed(&inner).await, names(&["one", "two"]));

    let location = inner.locate(&id("one")).await.unwrap().location;
    assert!(location.ends_with("/models/eu/one.model"), "{location}");
    outer.delete(&id("one")).await.unwrap();
    open(&at("models/eu/"))
        .await
        .load(&id("one"))
        .await
        .unwrap();
}
