//! A creation whose upload goes wrong ends with the model in the bucket or with
//! the model on this machine; it is never lost, and never there twice.

use std::{fs, time::Duration};

use credit_risk::model_store::{
    ModelStore, ModelStoreError, Saved, Storage, StoreConfig, StoreHealth,
};
use hyper::StatusCode;

use crate::{
    line::{Line, open, puts_a_model},
    s3::{
        Vendor,
        proxy::{Fault, Seen},
    },
    support::{create, id},
};

const OBJECTS: [&str; 2] = ["models/one.json", "models/one.model"];

/// The model `one` was created on a line on which this happened to its PUTs.
struct Creation {
    line: Line,
    process: StoreConfig,
    store: ModelStore,
    saved: Result<Saved, ModelStoreError>,
}

impl Creation {
    async fn with(times: usize, fault: Fault, variables: &[(&str, &str)]) -> Self {
        let line = Line::to(Vendor::Moto).await;
        let process = line.config(variables);
        let store = open(&process).await;
        line.proxy.inject(times, puts_a_model, fault);
        let saved = create(&store, "one").await;
        Self {
            line,
            process,
            store,
            saved,
        }
    }

    fn storage(&self) -> Storage {
        self.saved.as_ref().unwrap().storage
    }

    /// The model's file on this machine.
    fn file(&self, kind: &str) -> Vec<u8> {
        let entries = fs::read_dir(self.process.s3.local_path.join(kind)).unwrap();
        let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        fs::read(&files[0]).unwrap()
    }

    async fn assert_stored(&self) {
        assert_eq!(self.storage(), Storage::Stored);
        assert_eq!(self.line.bucket.keys().await, OBJECTS);
        let object = self.line.bucket.get("models/one.model").await;
        assert!(object.unwrap() == self.file("cache"), "not what was saved");
        let other = self.line.bucket.store().await;
        other.load(&id("one")).await.unwrap();
        assert_eq!(self.store.health().await, StoreHealth::Healthy);
    }

    /// The model can be used here and is nowhere else.
    async fn assert_pending(&self) {
        let one = id("one");
        let saved = self.saved.as_ref().unwrap();
        assert_eq!(saved.storage, Storage::PendingUpload);
        self.store.load(&one).await.unwrap();
        let metadata = self.store.metadata(&one).await.unwrap();
        assert_eq!(metadata.model_sha256, saved.sha256);
        let located = self.store.locate(&one).await.unwrap();
        assert_eq!(located.storage, Storage::PendingUpload);
        assert_eq!(located.location, saved.location);
        let listed = self.store.list().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].storage, Storage::PendingUpload);
        assert_eq!(self.store.health().await, StoreHealth::Degraded);
    }

    async fn assert_unknown_elsewhere(&self) {
        let other = self.line.bucket.store().await;
        let load = other.load(&id("one")).await.unwrap_err();
        assert!(matches!(*load, ModelStoreError::NotFound(_)), "{load}");
        assert!(other.list().await.unwrap().is_empty());
    }

    /// The bucket is back, and the model arrives there.
    async fn assert_arrives(&self) {
        let staged = self.file("pending");
        self.line.proxy.heal();
        let arrived = self.store.upload_pending().await;
        let saved = self.saved.as_ref().unwrap();
        assert_eq!(arrived.len(), 1);
        let (one, located) = &arrived[0];
        assert_eq!(*one, id("one"));
        assert_eq!(located.storage, Storage::Stored);
        assert_eq!(located.location, saved.location);
        assert_eq!(located.sha256, saved.sha256);

        assert_eq!(self.line.bucket.keys().await, OBJECTS);
        let object = self.line.bucket.get("models/one.model").await;
        assert!(object.unwrap() == staged, "not what was saved");
        let other = self.line.bucket.store().await;
        other.load(one).await.unwrap();
        self.store.confirm(one).await.unwrap();
        assert_eq!(self.store.health().await, StoreHealth::Healthy);
    }
}

fn error(status: u16, code: &'static str) -> Fault {
    Fault::Answer(StatusCode::from_u16(status).unwrap(), code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creator_whose_reply_is_lost_knows_its_own_model() {
    let creation = Creation::with(1, Fault::ResetAfter, &[]).await;
    assert_eq!(creation.line.proxy.count(puts_a_model), 2);
    creation.assert_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loser_whose_reply_is_lost_has_lost() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    create(&line.bucket.store().await, "one").await.unwrap();
    let theirs = line.bucket.get("models/one.model").await;
    line.proxy.inject(1, puts_a_model, Fault::ResetAfter);
    let lost = create(&store, "one").await;
    assert!(
        matches!(lost, Err(ModelStoreError::AlreadyExists(_))),
        "{lost:?}"
    );
    assert!(line.bucket.get("models/one.model").await == theirs);
    let staged = fs::read_dir(process.s3.local_path.join("pending")).unwrap();
    assert_eq!(staged.count(), 0);
    assert!(store.upload_pending().await.is_empty());
}

async fn assert_outlasted(fault: Fault) {
    let attempts = [("CREDIT_RISK_S3_MAX_ATTEMPTS", "3")];
    let creation = Creation::with(2, fault, &attempts).await;
    assert_eq!(creation.line.proxy.count(puts_a_model), 3);
    creation.assert_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_errors_of_the_server_are_outlasted_by_three_attempts() {
    assert_outlasted(error(500, "InternalError")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_to_slow_down_are_outlasted_by_three_attempts() {
    assert_outlasted(error(503, "SlowDown")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_broken_connections_are_outlasted_by_three_attempts() {
    assert_outlasted(Fault::ResetBefore).await;
}

async fn assert_survived(fault: Fault, variables: &[(&str, &str)]) {
    let creation = Creation::with(usize::MAX, fault, variables).await;
    creation.assert_pending().await;
    creation.assert_unknown_elsewhere().await;
    creation.assert_arrives().await;
}

const TWO_ATTEMPTS: &[(&str, &str)] = &[("CREDIT_RISK_S3_MAX_ATTEMPTS", "2")];
const SHORT_WAIT: &[(&str, &str)] = &[("CREDIT_RISK_S3_UPLOAD_WAIT", "300ms")];

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_a_refusal() {
    assert_survived(error(403, "AccessDenied"), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_a_server_that_fails_for_ever() {
    assert_survived(error(500, "InternalError"), TWO_ATTEMPTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_a_line_that_breaks_for_ever() {
    assert_survived(Fault::ResetBefore, TWO_ATTEMPTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_a_server_that_stalls() {
    assert_survived(Fault::Stall, SHORT_WAIT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_a_server_that_is_slower_than_the_wait() {
    assert_survived(Fault::Delay(Duration::from_secs(3600)), SHORT_WAIT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_survives_when_its_description_stalls() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[("CREDIT_RISK_S3_UPLOAD_WAIT", "3s")]);
    let store = open(&process).await;
    let describes = |seen: &Seen| seen.path.ends_with("one.json");
    line.proxy.inject(usize::MAX, describes, Fault::Stall);
    let saved = create(&store, "one").await;
    assert_eq!(line.bucket.keys().await, ["models/one.model"]);
    let creation = Creation {
        line,
        process,
        store,
        saved,
    };
    creation.assert_pending().await;
    creation.assert_arrives().await;
}

/// Nobody was told that it arrived, and nobody else may take its name for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_had_arrived_unnoticed_is_known_as_our_own() {
    let wait = [("CREDIT_RISK_S3_UPLOAD_WAIT", "3s")];
    let creation = Creation::with(usize::MAX, Fault::StallAfter, &wait).await;
    assert_eq!(creation.line.bucket.keys().await, ["models/one.model"]);
    creation.assert_pending().await;
    creation.assert_arrives().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_every_reply_was_lost_is_known_as_our_own() {
    let creation = Creation::with(usize::MAX, Fault::ResetAfter, TWO_ATTEMPTS).await;
    assert_eq!(creation.line.bucket.keys().await, ["models/one.model"]);
    creation.assert_pending().await;
    creation.assert_arrives().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_its_description_is_stored_and_is_described_at_the_next_start() {
    let line = Line::to(Vendor::Moto).await;
    let process = line.config(&[]);
    let store = open(&process).await;
    line.refuse(|seen| seen.path.ends_with("one.json"));
    let saved = create(&store, "one").await.unwrap();
    assert_eq!(saved.storage, Storage::Stored);
    assert_eq!(line.bucket.keys().await, ["models/one.model"]);
    line.proxy.heal();
    drop(store);
    open(&process).await;
    assert_eq!(line.bucket.keys().await, OBJECTS);
}
