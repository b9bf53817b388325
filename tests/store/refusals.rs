//! A bucket that cannot be used is refused when the store is opened, and the message says why.

use std::net::{Ipv4Addr, TcpListener};

use credit_risk::model_store::{ModelStore, ModelStoreError, StoreConfig};
use hyper::{HeaderMap, Method, StatusCode};

use crate::{
    bucket::Bucket,
    line::{Line, lists},
    s3::{
        Server, Vendor,
        proxy::{Fault, Seen},
    },
    support::create,
};

/// Why the store is not opened. No secret is in it.
async fn refusal(config: &StoreConfig) -> String {
    let error = ModelStore::open(config).await.unwrap_err();
    assert!(matches!(error, ModelStoreError::Remote { .. }), "{error:?}");
    let text = format!("{error} {error:?}");
    for secret in [
        Server::SECRET_KEY,
        Server::READ_ONLY_SECRET_KEY,
        "wrong-secret",
    ] {
        assert!(!text.contains(secret), "{text}");
    }
    error.to_string()
}

#[track_caller]
fn assert_says(text: &str, causes: &[&str]) {
    for cause in causes {
        assert!(text.contains(cause), "{text:?} does not say {cause:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_refused() {
    for vendor in [Vendor::SeaweedFs, Vendor::Moto] {
        let bucket = Bucket::on(vendor).await;
        let config = bucket.config(&[("CREDIT_RISK_S3_BUCKET", "no-such-bucket")]);
        assert_says(&refusal(&config).await, &["404", "NoSuchBucket"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused() {
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let config = bucket.config(&[("CREDIT_RISK_S3_SECRET_ACCESS_KEY", "wrong-secret")]);
    assert_says(&refusal(&config).await, &["403", "SignatureDoesNotMatch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_access_key_is_refused() {
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let config = bucket.config(&[("CREDIT_RISK_S3_ACCESS_KEY_ID", "FAKEUNKNOWNKEY")]);
    assert_says(&refusal(&config).await, &["403", "InvalidAccessKeyId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_only_read_is_refused() {
    let bucket = Bucket::on(Vendor::SeaweedFs).await;
    let config = bucket.config(&[
        ("CREDIT_RISK_S3_ACCESS_KEY_ID", Server::READ_ONLY_ACCESS_KEY),
        (
            "CREDIT_RISK_S3_SECRET_ACCESS_KEY",
            Server::READ_ONLY_SECRET_KEY,
        ),
    ]);
    let text = refusal(&config).await;
    assert_says(&text, &["could not write an object", "403 AccessDenied"]);
}

/// A right that is missing, and how the refusal calls what cannot be done.
async fn assert_needed(what: fn(&Seen) -> bool, called: &str) {
    let line = Line::to(Vendor::Moto).await;
    line.refuse(what);
    let text = refusal(&line.config(&[])).await;
    assert_says(&text, &[called, "403 AccessDenied"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_is_refused() {
    let reads = |seen: &Seen| seen.method == Method::GET && seen.path.contains("/.probe-");
    assert_needed(reads, "could not read an object").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_list_is_refused() {
    assert_needed(lists, "could not list the objects").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_delete_is_refused() {
    let deletes =
        |seen: &Seen| seen.method == Method::DELETE && seen.query.contains("DeleteObject");
    assert_needed(deletes, "could not delete an object").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_nothing_listens_is_refused() {
    let bucket = Bucket::on(Vendor::Moto).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = bucket.config(&[
        ("CREDIT_RISK_S3_ENDPOINT", &endpoint),
        ("CREDIT_RISK_S3_MAX_ATTEMPTS", "1"),
    ]);
    let text = refusal(&config).await;
    assert_says(&text, &["could not reach the bucket", "Connection refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_refused() {
    let line = Line::to(Vendor::Moto).await;
    line.proxy.inject(usize::MAX, |_| true, Fault::Stall);
    let config = line.config(&[
        ("CREDIT_RISK_S3_TIMEOUT", "200ms"),
        ("CREDIT_RISK_S3_MAX_ATTEMPTS", "1"),
    ]);
    let text = refusal(&config).await;
    assert_says(&text, &["could not reach the bucket", "no answer in time"]);
    assert_eq!(line.proxy.count(|_| true), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_no_s3_is_refused() {
    let line = Line::to(Vendor::Moto).await;
    let page = |_: &Seen| {
        let page = "<!doctype html><title>Welcome</title>";
        Some((StatusCode::OK, HeaderMap::new(), page.into()))
    };
    line.proxy
        .inject(usize::MAX, |_| true, Fault::AnswerWith(Box::new(page)));
    refusal(&line.config(&[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_folder_that_another_process_uses_is_refused() {
    let bucket = Bucket::on(Vendor::Moto).await;
    let process = bucket.config(&[]);
    let first = ModelStore::open(&process).await.unwrap();
    let error = ModelStore::open(&process).await.unwrap_err();
    assert!(
        matches!(error, ModelStoreError::LocalFolderTaken(_)),
        "{error:?}"
    );
    let folder = process.s3.local_path.to_str().unwrap();
    assert_says(&error.to_string(), &[folder, "another process"]);
    create(&first, "one").await.unwrap();
    drop(first);
    ModelStore::open(&process).await.unwrap();
}
