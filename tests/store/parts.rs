//! A model of more than 8 MiB is sent in parts where that is safe, and is otherwise a
//! model like any other. It is safe at Amazon's, and here: for the only writer.

use std::fs;

use credit_risk::{
    credit::TrainingResult,
    model_store::{ModelId, ModelStore, ModelStoreError, Saved, Storage, StoreConfig},
};
use hyper::{Method, StatusCode};
use tokio::task::JoinSet;

use crate::{
    bucket::Bucket,
    conditions::{ALLOW, is_conditional},
    line::{Line, open},
    s3::{
        Vendor,
        proxy::{Fault, Seen},
    },
    support::{body, id, result},
};

const OBJECTS: [&str; 2] = ["models/one.json", "models/one.model"];

/// A result that does not fit into one part.
pub(crate) fn big_result(id: &ModelId) -> TrainingResult {
    let mut result = result(id, 0);
    result.data.target = "a target".repeat(9 << 17);
    result
}

async fn create_big(store: &ModelStore) -> Result<Saved, ModelStoreError> {
    let one = id("one");
    let result = big_result(&one);
    store.create(one, body(), result).await
}

fn sends_a_part(seen: &Seen) -> bool {
    seen.method == Method::PUT && seen.query.contains("partNumber=")
}

fn completes(seen: &Seen) -> bool {
    seen.method == Method::POST && seen.query.contains("uploadId=")
}

/// What is in the bucket is what this process keeps a copy of, and a model.
async fn assert_stored(bucket: &Bucket, process: &StoreConfig) {
    assert_eq!(bucket.keys().await, OBJECTS);
    assert_eq!(bucket.unfinished_uploads().await, [""; 0]);
    let copy = fs::read(process.s3.local_path.join("cache/one.model")).unwrap();
    assert!(copy.len() > 8 << 20);
    let object = bucket.get("models/one.model").await;
    assert!(object.unwrap() == copy, "not what was saved");
    let metadata = bucket.store().await.metadata(&id("one")).await.unwrap();
    assert_eq!(metadata.results, big_result(&id("one")).into());
}

/// A process on a line to this vendor's server on which this goes wrong.
async fn with(
    vendor: Vendor,
    times: usize,
    what: fn(&Seen) -> bool,
    fault: Fault,
) -> (Line, StoreConfig, ModelStore) {
    let line = Line::to(vendor).await;
    let unsupported = Fault::Answer(StatusCode::NOT_IMPLEMENTED, "NotImplemented");
    line.proxy.inject(usize::MAX, is_conditional, unsupported);
    let process = line.config(&[ALLOW]);
    let store = open(&process).await;
    line.proxy.forget();
    line.proxy.inject(times, what, fault);
    (line, process, store)
}

async fn assert_comes_back_as_it_was(vendor: Vendor) {
    let nothing = Fault::ResetBefore;
    let (line, process, store) = with(vendor, 0, |_| false, nothing).await;
    let saved = create_big(&store).await.unwrap();
    assert_eq!(saved.storage, Storage::Stored);
    assert_eq!(line.proxy.count(sends_a_part), 2);
    assert!(
        line.proxy
            .seen()
            .iter()
            .all(|seen| seen.body_length <= 10 << 20)
    );
    assert_stored(&line.bucket, &process).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_as_it_was_from_seaweedfs() {
    assert_comes_back_as_it_was(Vendor::SeaweedFs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_as_it_was_from_moto() {
    assert_comes_back_as_it_was(Vendor::Moto).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_fails_once_is_sent_again() {
    let failure = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    let (line, process, store) = with(Vendor::Moto, 1, sends_a_part, failure).await;
    assert_eq!(create_big(&store).await.unwrap().storage, Storage::Stored);
    assert_eq!(line.proxy.count(sends_a_part), 3);
    assert_stored(&line.bucket, &process).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_pending_and_its_parts_are_taken_back_when_one_cannot_be_sent() {
    let refusal = Fault::Answer(StatusCode::FORBIDDEN, "AccessDenied");
    let second = |seen: &Seen| seen.query.contains("partNumber=2");
    let (line, process, store) = with(Vendor::Moto, usize::MAX, second, refusal).await;
    let saved = create_big(&store).await.unwrap();
    assert_eq!(saved.storage, Storage::PendingUpload);
    assert_eq!(line.proxy.count(sends_a_part), 2);
    assert_eq!(line.bucket.unfinished_uploads().await, [""; 0]);
    assert_eq!(line.bucket.keys().await, [""; 0]);
    line.proxy.heal();
    let arrived = store.upload_pending().await;
    assert_eq!(arrived.len(), 1);
    store.confirm(&id("one")).await.unwrap();
    assert_stored(&line.bucket, &process).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_creator_knows_it_when_the_reply_to_the_completion_is_lost() {
    for vendor in [Vendor::Moto, Vendor::SeaweedFs] {
        let (line, process, store) = with(vendor, 1, completes, Fault::ResetAfter).await;
        let saved = create_big(&store).await.unwrap();
        assert_eq!(saved.storage, Storage::Stored, "{vendor:?}");
        assert_stored(&line.bucket, &process).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_creators_one_wins() {
    let nothing = Fault::ResetBefore;
    let (line, process, store) = with(Vendor::SeaweedFs, 0, |_| false, nothing).await;
    let mut creators = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        creators.spawn(async move { create_big(&store).await });
    }
    let outcomes = creators.join_all().await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = |it: &&Result<_, _>| matches!(it, Err(ModelStoreError::AlreadyExists(_)));
    let lost = outcomes.iter().filter(lost).count();
    assert_eq!((won, lost), (1, 15), "{outcomes:?}");
    assert_stored(&line.bucket, &process).await;
}
