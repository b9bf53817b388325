//! What any backend must do. Each function takes a way to open a store on one
//! and the same place, so that another backend can run the same suite.

use std::{collections::BTreeSet, sync::Arc};

use credit_risk::model_store::{ModelStore, ModelStoreError, StoreHealth};
use tokio::task::JoinSet;

use crate::support::{Folder, body, create, fingerprint, id, result};
use crate::{bucket::Bucket, s3::Vendor};

/// Runs each function of the contract on a new place of a backend.
macro_rules! contract {
    ($place:expr; $($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let place = $place;
                super::$name(async || place.store().await).await;
            }
        )+
    };
}

/// The whole contract, on one kind of place.
macro_rules! whole_contract {
    ($place:expr) => {
        contract! {
            $place;
            what_was_created_is_loaded,
            what_was_created_is_loaded_by_a_store_opened_later,
            metadata_is_the_result_that_was_saved,
            the_list_has_the_newest_first,
            a_deleted_model_is_gone,
            a_deleted_name_may_be_used_again,
            a_missing_model_is_not_found,
            a_name_is_created_once,
            of_sixteen_creators_of_one_name_one_wins,
            of_sixteen_creators_in_two_stores_one_wins,
            two_stores_on_one_place_see_each_others_models,
            sixteen_who_load_a_cold_model_share_one_read,
            equal_models_have_equal_digests,
            an_open_store_is_healthy,
        }
    };
}

mod filesystem {
    use super::Folder;

    whole_contract!(Folder::new());
}

mod seaweedfs {
    use super::{Bucket, Vendor};

    whole_contract!(Bucket::on(Vendor::SeaweedFs).await);
}

mod moto {
    use super::{Bucket, Vendor};

    whole_contract!(Bucket::on(Vendor::Moto).await);
}

async fn what_was_created_is_loaded(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    create(&store, "one").await.unwrap();
    let loaded = store.load(&id("one")).await.unwrap();
    assert!(!loaded.cold, "it was read although it was just created");
    assert_eq!(fingerprint(&loaded.model), format!("{:?}", body()));
}

async fn what_was_created_is_loaded_by_a_store_opened_later(open: impl AsyncFn() -> ModelStore) {
    create(&open().await, "one").await.unwrap();
    let loaded = open().await.load(&id("one")).await.unwrap();
    assert!(loaded.cold, "it was not read");
    assert_eq!(fingerprint(&loaded.model), format!("{:?}", body()));
}

async fn metadata_is_the_result_that_was_saved(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    let one = id("one");
    let result = result(&one, 7);
    let saved = store
        .create(one.clone(), body(), result.clone())
        .await
        .unwrap();
    let metadata = store.metadata(&one).await.unwrap();
    assert_eq!(metadata.results, result.into());
    assert_eq!(metadata.model_sha256, saved.sha256);
    assert_eq!(metadata.summary.model_id, "one");
    let located = store.locate(&one).await.unwrap();
    assert_eq!(
        (located.location, located.sha256),
        (saved.location, saved.sha256)
    );
}

async fn the_list_has_the_newest_first(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    for (name, seconds) in [("b", 1), ("newest", 2), ("a", 1), ("oldest", 0)] {
        let result = result(&id(name), seconds);
        store.create(id(name), body(), result).await.unwrap();
    }
    let listed = store.list().await.unwrap();
    let ids: Vec<_> = listed
        .iter()
        .map(|listed| listed.summary.model_id.as_str())
        .collect();
    assert_eq!(ids, ["newest", "a", "b", "oldest"]);
}

async fn a_deleted_model_is_gone(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    create(&store, "one").await.unwrap();
    store.delete(&id("one")).await.unwrap();
    assert_not_found(&store, "one").await;
    assert!(store.list().await.unwrap().is_empty());
    assert_not_found(&open().await, "one").await;
}

async fn a_deleted_name_may_be_used_again(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    create(&store, "one").await.unwrap();
    store.delete(&id("one")).await.unwrap();
    create(&store, "one").await.unwrap();
    store.load(&id("one")).await.unwrap();
}

async fn a_missing_model_is_not_found(open: impl AsyncFn() -> ModelStore) {
    assert_not_found(&open().await, "none").await;
}

async fn assert_not_found(store: &ModelStore, name: &str) {
    let none = id(name);
    let found = [
        store.load(&none).await.err().map(|error| error.to_string()),
        store
            .metadata(&none)
            .await
            .err()
            .map(|error| error.to_string()),
        store
            .locate(&none)
            .await
            .err()
            .map(|error| error.to_string()),
        store
            .delete(&none)
            .await
            .err()
            .map(|error| error.to_string()),
    ];
    let expected = ModelStoreError::NotFound(none).to_string();
    assert_eq!(found, [(); 4].map(|()| Some(expected.clone())));
}

async fn a_name_is_created_once(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    create(&store, "one").await.unwrap();
    let before = store.metadata(&id("one")).await.unwrap();
    let again = store
        .create(id("one"), body(), result(&id("one"), 99))
        .await;
    assert!(
        matches!(again, Err(ModelStoreError::AlreadyExists(_))),
        "{again:?}"
    );
    assert_eq!(store.metadata(&id("one")).await.unwrap(), before);
}

/// How many of sixteen creators of one name, each with its own store, succeed.
async fn winners(stores: impl Fn() -> ModelStore) -> usize {
    let mut creators = JoinSet::new();
    for _ in 0..16 {
        let store = stores();
        creators.spawn(async move { create(&store, "one").await });
    }
    let outcomes = creators.join_all().await;
    let lost = |outcome: &Result<_, _>| matches!(outcome, Err(ModelStoreError::AlreadyExists(_)));
    assert!(
        outcomes.iter().all(|it| it.is_ok() || lost(it)),
        "{outcomes:?}"
    );
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

async fn of_sixteen_creators_of_one_name_one_wins(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    assert_eq!(winners(|| store.clone()).await, 1);
    open().await.metadata(&id("one")).await.unwrap();
}

async fn of_sixteen_creators_in_two_stores_one_wins(open: impl AsyncFn() -> ModelStore) {
    let stores = [open().await, open().await];
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let next = || turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2;
    assert_eq!(winners(|| stores[next()].clone()).await, 1);
    open().await.metadata(&id("one")).await.unwrap();
}

async fn two_stores_on_one_place_see_each_others_models(open: impl AsyncFn() -> ModelStore) {
    let (one, other) = (open().await, open().await);
    create(&one, "of_one").await.unwrap();
    create(&other, "of_other").await.unwrap();
    one.load(&id("of_other")).await.unwrap();
    other.load(&id("of_one")).await.unwrap();
    for store in [one, other] {
        let listed = store.list().await.unwrap();
        let ids: BTreeSet<_> = listed
            .iter()
            .map(|listed| listed.summary.model_id.as_str())
            .collect();
        assert_eq!(ids, BTreeSet::from(["of_one", "of_other"]));
    }
}

async fn sixteen_who_load_a_cold_model_share_one_read(open: impl AsyncFn() -> ModelStore) {
    create(&open().await, "one").await.unwrap();
    let store = open().await;
    let gate = Arc::new(tokio::sync::Barrier::new(16));
    let mut loads = JoinSet::new();
    for _ in 0..16 {
        let (store, gate) = (store.clone(), Arc::clone(&gate));
        loads.spawn(async move {
            gate.wait().await;
            store.load(&id("one")).await.unwrap()
        });
    }
    let loads = loads.join_all().await;
    assert_eq!(loads.iter().filter(|loaded| loaded.cold).count(), 1);
    let first = fingerprint(&loads[0].model);
    assert!(
        loads
            .iter()
            .all(|loaded| fingerprint(&loaded.model) == first)
    );
}

async fn equal_models_have_equal_digests(open: impl AsyncFn() -> ModelStore) {
    let store = open().await;
    let save = async |name| {
        let saved = store.create(id(name), body(), result(&id(name), 0)).await;
        saved.unwrap().sha256
    };
    assert_eq!(save("one").await, save("two").await);
}

async fn an_open_store_is_healthy(open: impl AsyncFn() -> ModelStore) {
    assert_eq!(open().await.health().await, StoreHealth::Healthy);
}
