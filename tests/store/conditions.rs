//! What the store does on servers that honour `If-None-Match`, ignore it or refuse it.

use std::{sync::Mutex, time::Duration};

use credit_risk::model_store::{ModelStore, ModelStoreError, Storage};
use hyper::{Method, StatusCode};
use tokio::task::JoinSet;

use crate::{
    bucket::Bucket,
    line::{Line, open, puts_a_model},
    parts::big_result,
    s3::{
        Vendor,
        proxy::{Fault, Seen},
    },
    support::{body, create, id},
};

pub(crate) const ALLOW: (&str, &str) = ("CREDIT_RISK_S3_ALLOW_UNCONDITIONAL_WRITES", "true");

pub(crate) fn is_conditional(seen: &Seen) -> bool {
    seen.headers.contains_key("if-none-match")
}

fn is_probe(seen: &Seen) -> bool {
    seen.path.contains("/.probe-")
}

/// A server that knows the header and says that it does not support it.
async fn with_a_server_that_refuses_conditions() -> Line {
    let line = Line::to(Vendor::Moto).await;
    let refusal = Fault::Answer(StatusCode::NOT_IMPLEMENTED, "NotImplemented");
    line.proxy.inject(usize::MAX, is_conditional, refusal);
    line
}

fn assert_unconditional(opened: Result<ModelStore, ModelStoreError>) {
    let error = opened.unwrap_err();
    assert!(
        matches!(error, ModelStoreError::Unconditional(_)),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.contains("CREDIT_RISK_S3_ALLOW_UNCONDITIONAL_WRITES=true"),
        "{text}"
    );
    assert!(text.contains("s3://bucket-"), "{text}");
}

/// Of sixteen creators in this process one wins, and what it saved is what is there.
async fn assert_one_of_sixteen_wins(store: &ModelStore, bucket: &Bucket) {
    let mut creators = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        creators.spawn(async move { create(&store, "one").await });
    }
    let outcomes = creators.join_all().await;
    let lost = |outcome: &&Result<_, _>| matches!(outcome, Err(ModelStoreError::AlreadyExists(_)));
    assert_eq!(outcomes.iter().filter(lost).count(), 15, "{outcomes:?}");
    let again = create(store, "one").await;
    assert!(
        matches!(again, Err(ModelStoreError::AlreadyExists(_))),
        "{again:?}"
    );
    assert_eq!(bucket.keys().await, ["models/one.json", "models/one.model"]);
    store.load(&id("one")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_conditions_is_refused() {
    let bucket = Bucket::on(Vendor::Rclone).await;
    assert_unconditional(bucket.try_open(&[]).await);
    assert_eq!(bucket.keys().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_conditions_is_safe_for_one_process() {
    let bucket = Bucket::on(Vendor::Rclone).await;
    let store = bucket.try_open(&[ALLOW]).await.unwrap();
    assert_one_of_sixteen_wins(&store, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_conditions_is_refused() {
    let line = with_a_server_that_refuses_conditions().await;
    assert_unconditional(ModelStore::open(&line.config(&[])).await);
    assert_eq!(line.bucket.keys().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_conditions_is_safe_for_one_process() {
    let line = with_a_server_that_refuses_conditions().await;
    let store = open(&line.config(&[ALLOW])).await;
    assert_one_of_sixteen_wins(&store, &line.bucket).await;
    assert_eq!(
        line.proxy
            .count(|seen| is_conditional(seen) && !is_probe(seen)),
        0
    );
}

/// A model that is there already is not replaced, although the server would do it.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_an_earlier_process_is_not_replaced_without_conditions() {
    let bucket = Bucket::on(Vendor::Rclone).await;
    create(&bucket.try_open(&[ALLOW]).await.unwrap(), "one")
        .await
        .unwrap();
    let before = bucket.get("models/one.model").await;
    let store = bucket.try_open(&[ALLOW]).await.unwrap();
    let again = create(&store, "one").await;
    assert!(
        matches!(again, Err(ModelStoreError::AlreadyExists(_))),
        "{again:?}"
    );
    assert!(bucket.get("models/one.model").await == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permission_changes_nothing_where_conditions_are_honoured() {
    let line = Line::to(Vendor::Moto).await;
    let store = open(&line.config(&[ALLOW])).await;
    line.proxy.forget();
    create(&store, "one").await.unwrap();
    let conditional = |seen: &Seen| puts_a_model(seen) && is_conditional(seen);
    assert_eq!(line.proxy.count(conditional), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_leaves_nothing_in_the_bucket() {
    for vendor in [Vendor::Moto, Vendor::SeaweedFs] {
        let bucket = Bucket::on(vendor).await;
        bucket.store().await;
        assert_eq!(bucket.keys().await, [""; 0], "{vendor:?}");
        assert_eq!(bucket.unfinished_uploads().await, [""; 0], "{vendor:?}");
    }
}

/// Each first attempt is done by the server, and its reply is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_outlasts_the_loss_of_any_one_reply() {
    let line = Line::to(Vendor::Moto).await;
    let undisturbed = line.config(&[]);
    open(&undisturbed).await;
    let requests = line.proxy.count(|_| true);
    assert!(requests > 5);
    for lost in 0..requests {
        line.proxy.forget();
        let turn = Mutex::new(0);
        let is_the_one = move |_: &Seen| {
            let mut turn = turn.lock().unwrap();
            *turn += 1;
            *turn == lost + 1
        };
        line.proxy.inject(usize::MAX, is_the_one, Fault::ResetAfter);
        let opened = ModelStore::open(&line.config(&[])).await;
        let seen = line.asked();
        assert!(
            opened.is_ok(),
            "{opened:?} without the reply to {seen:?}[{lost}]"
        );
        line.proxy.heal();
        assert_eq!(line.bucket.keys().await, [""; 0]);
    }
}

/// Two who put parts together at once may both succeed there.
#[tokio::test(flavor = "multi_thread")]
async fn large_models_are_sent_whole_to_any_server_but_amazons() {
    for vendor in [Vendor::Moto, Vendor::SeaweedFs] {
        let line = Line::to(vendor).await;
        let store = line.store().await;
        let one = id("one");
        let created = store.create(one.clone(), body(), big_result(&one)).await;
        assert_eq!(created.unwrap().storage, Storage::Stored);
        let whole =
            |seen: &Seen| puts_a_model(seen) && is_conditional(seen) && seen.body_length > 8 << 20;
        assert_eq!(line.proxy.count(whole), 1);
        assert_eq!(line.proxy.count(|seen| seen.method == Method::POST), 0);
        let metadata = line.bucket.store().await.metadata(&one).await;
        assert_eq!(metadata.unwrap().results, big_result(&one).into());
    }
}

/// It may take as long as the parts that it is not sent in.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_model_that_is_sent_whole_has_more_time() {
    let line = Line::to(Vendor::Moto).await;
    let store = open(&line.config(&[("CREDIT_RISK_S3_TIMEOUT", "3s")])).await;
    let later = Fault::Delay(Duration::from_millis(3500));
    line.proxy.inject(usize::MAX, puts_a_model, later);
    let one = id("one");
    let created = store.create(one.clone(), body(), big_result(&one)).await;
    assert_eq!(created.unwrap().storage, Storage::Stored);
    assert_eq!(line.proxy.count(puts_a_model), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_creators_of_a_large_model_in_four_processes_one_wins() {
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let mut creators = JoinSet::new();
    for _ in 0..4 {
        let store = bucket.store().await;
        for _ in 0..4 {
            let store = store.clone();
            let one = id("one");
            creators.spawn(async move {
                let result = big_result(&one);
                store.create(one, body(), result).await
            });
        }
    }
    let outcomes = creators.join_all().await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = |it: &&Result<_, _>| matches!(it, Err(ModelStoreError::AlreadyExists(_)));
    let lost = outcomes.iter().filter(lost).count();
    assert_eq!((won, lost), (1, 15), "{outcomes:?}");
    assert_eq!(bucket.keys().await, ["models/one.json", "models/one.model"]);
}
