//! A read that goes wrong is tried again, then told; it never delivers a wrong model,
//! and it never touches the models that are on this machine.

use std::sync::Arc;

use credit_risk::model_store::{ModelStore, ModelStoreError, StoreConfig};
use hyper::StatusCode;

use crate::{
    line::{Line, gets_a_model, open},
    s3::{Vendor, proxy::Fault},
    support::{create, files, fingerprint, id},
};

/// A process that has no copy of the model `one`, which is in the bucket.
async fn cold(vendor: Vendor, variables: &[(&str, &str)]) -> (Line, StoreConfig, ModelStore) {
    let line = Line::to(vendor).await;
    create(&line.bucket.store().await, "one").await.unwrap();
    let process = line.config(variables);
    let store = open(&process).await;
    (line, process, store)
}

async fn assert_delivered(vendor: Vendor, fault: Fault) {
    let (line, _, store) = cold(vendor, &[]).await;
    line.proxy.inject(1, gets_a_model, fault);
    let loaded = store.load(&id("one")).await.unwrap();
    let sound = line.bucket.store().await.load(&id("one")).await.unwrap();
    assert_eq!(fingerprint(&loaded.model), fingerprint(&sound.model));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_spoilt_on_the_way_once_is_delivered_all_the_same() {
    for vendor in [Vendor::Moto, Vendor::SeaweedFs] {
        assert_delivered(vendor, Fault::Corrupt).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_cut_off_once_is_delivered_all_the_same() {
    assert_delivered(Vendor::Moto, Fault::Truncate(1000)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_first_request_fails_is_delivered_all_the_same() {
    let failure = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    assert_delivered(Vendor::Moto, failure).await;
}

async fn failure(store: &ModelStore, name: &str) -> Arc<ModelStoreError> {
    store.load(&id(name)).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_spoilt_each_time_is_damaged_and_not_kept() {
    for vendor in [Vendor::Moto, Vendor::SeaweedFs] {
        let (line, process, store) = cold(vendor, &[]).await;
        line.proxy.inject(usize::MAX, gets_a_model, Fault::Corrupt);
        let error = failure(&store, "one").await;
        assert!(
            matches!(*error, ModelStoreError::Damaged { .. }),
            "{vendor:?}: {error:?}"
        );
        assert!(files(&process.s3.local_path.join("cache")).is_empty());
        line.proxy.heal();
        store.load(&id("one")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_damaged_in_the_bucket_is_damaged_and_not_kept() {
    let (line, process, store) = cold(Vendor::Moto, &[]).await;
    let mut bytes = line.bucket.get("models/one.model").await.unwrap();
    bytes[100] ^= 1;
    line.bucket.put("models/one.model", &bytes).await;
    let error = failure(&store, "one").await;
    assert!(
        matches!(*error, ModelStoreError::Damaged { .. }),
        "{error:?}"
    );
    assert!(files(&process.s3.local_path.join("cache")).is_empty());
    assert!(store.list().await.unwrap().is_empty());
}

/// Models in memory and on disk are loaded although nothing is answered.
async fn assert_told(fault: Fault, variables: &[(&str, &str)], cause: &str) {
    let (line, process, store) = cold(Vendor::Moto, variables).await;
    for name in ["in_memory", "on_disk"] {
        create(&store, name).await.unwrap();
    }
    drop(store);
    let store = open(&process).await;
    store.load(&id("in_memory")).await.unwrap();
    line.proxy.inject(usize::MAX, |_| true, fault);
    let error = failure(&store, "one").await;
    assert!(
        matches!(*error, ModelStoreError::Remote { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains(cause), "{error}");
    assert!(!store.load(&id("in_memory")).await.unwrap().cold);
    assert!(store.load(&id("on_disk")).await.unwrap().cold);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_read_is_told() {
    let refusal = Fault::Answer(StatusCode::FORBIDDEN, "AccessDenied");
    assert_told(refusal, &[], "403 AccessDenied").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_server_is_told() {
    let failure = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    let attempts = [("CREDIT_RISK_S3_MAX_ATTEMPTS", "2")];
    assert_told(failure, &attempts, "500 InternalError").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_read_is_told() {
    let patience = [
        ("CREDIT_RISK_S3_TIMEOUT", "2s"),
        ("CREDIT_RISK_S3_MAX_ATTEMPTS", "2"),
    ];
    assert_told(Fault::Stall, &patience, "no answer in time").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_always_breaks_off_is_told() {
    let (line, process, store) = cold(Vendor::Moto, &[]).await;
    line.proxy
        .inject(usize::MAX, gets_a_model, Fault::Truncate(1000));
    let error = failure(&store, "one").await;
    assert!(
        matches!(*error, ModelStoreError::Remote { .. }),
        "{error:?}"
    );
    assert!(files(&process.s3.local_path.join("cache")).is_empty());
}
