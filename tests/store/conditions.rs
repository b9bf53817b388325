//! What the store does on servers that honour `If-None-Match`, ignore it or refuse it.

use std::sync::Mutex;

use credit_risk::model_store::{ModelStore, ModelStoreError};
use hyper::{HeaderMap, Method, StatusCode};
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

const ALLOW: (&str, &str) = ("CREDIT_RISK_S3_ALLOW_UNCONDITIONAL_WRITES", "true");

fn is_conditional(seen: &Seen) -> bool {
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

/// The server checks the condition for whole objects only.
#[tokio::test(flavor = "multi_thread")]
async fn large_models_are_sent_whole_where_parts_are_put_together_unconditionally() {
    let line = Line::to(Vendor::Moto).await;
    let completes = |seen: &Seen| seen.method == Method::POST && seen.query.contains("uploadId=");
    let done = |_: &Seen| {
        let done =
            "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";
        Some((StatusCode::OK, HeaderMap::new(), done.into()))
    };
    line.proxy.inject(
        1,
        move |seen| completes(seen) && is_probe(seen),
        Fault::AnswerWith(Box::new(done)),
    );
    let store = open(&line.config(&[])).await;
    line.proxy.forget();
    let one = id("one");
    store
        .create(one.clone(), body(), big_result(&one))
        .await
        .unwrap();
    let whole =
        |seen: &Seen| puts_a_model(seen) && is_conditional(seen) && seen.body_length > 8 << 20;
    assert_eq!(line.proxy.count(whole), 1);
    assert_eq!(line.proxy.count(|seen| seen.method == Method::POST), 0);
}
