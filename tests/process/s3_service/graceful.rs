//! SIGTERM while a model is on its way to the bucket.

use std::{thread, time::Duration};

use crate::{
    s3::{Vendor, proxy::Fault},
    support::{Home, PATIENCE, eventually, plan},
    survival::{listed, predicted},
};

use super::{Bucket, arrivals, end, eventually_healthy, is_model, keys_of};

/// Longer than an idle service needs, shorter than any wait for the object store.
const SOON: Duration = Duration::from_secs(10);

/// The next start finds the one model and brings it to the bucket.
fn assert_arrives_at_the_next_start(bucket: &Bucket, home: &Home) -> String {
    let service = bucket.service(home).start();
    let client = service.client();
    eventually_healthy(&client);
    let ids = listed(&client);
    assert_eq!(ids.len(), 1);
    assert_eq!(bucket.keys(), keys_of(&ids));
    let id = ids.first().unwrap();
    predicted(&client, id);
    end(service);
    assert_eq!(arrivals(home, id).len(), 1);
    id.clone()
}

#[test]
fn sigterm_does_not_wait_for_a_pending_upload_and_keeps_it() {
    let (bucket, proxy) = Bucket::proxied(Vendor::SeaweedFs);
    let home = Home::new();
    proxy.inject(usize::MAX, is_model, Fault::Stall);
    let service = bucket.service(&home).set("S3_UPLOAD_WAIT", "200ms");
    let mut service = service.start();
    let answer = service.client().post("/train", &plan()).ok().json();
    assert_eq!(answer["storage"], "pending_upload");
    eventually("it is tried again", || proxy.count(is_model) == 2);

    service.signal("TERM");
    assert_eq!(service.end_within(SOON).code(), Some(0));
    assert_eq!(
        home.event_names(),
        [
            "service_started",
            "training_started",
            "auth_success",
            "training_completed",
            "service_stopped",
        ]
    );
    proxy.heal();
    let id = assert_arrives_at_the_next_start(&bucket, &home);
    assert_eq!(answer["model_id"], id);
}

#[test]
fn sigterm_lets_a_training_end_with_its_upload_pending() {
    let (bucket, proxy) = Bucket::proxied(Vendor::SeaweedFs);
    let home = Home::new();
    proxy.inject(usize::MAX, is_model, Fault::Stall);
    let service = bucket.service(&home).set("S3_UPLOAD_WAIT", "2s");
    let mut service = service.start();
    let client = service.client();
    let training = thread::spawn(move || client.try_post("/train", &plan()));
    eventually("the upload hangs", || proxy.count(is_model) == 1);
    service.signal("TERM");

    let answer = training.join().unwrap().expect("an answer").ok().json();
    assert_eq!(answer["storage"], "pending_upload");
    assert_eq!(service.end_within(PATIENCE).code(), Some(0));
    proxy.heal();
    let id = assert_arrives_at_the_next_start(&bucket, &home);
    assert_eq!(answer["model_id"], id);
}

#[test]
fn an_upload_beyond_the_drain_time_is_pending_at_the_next_start() {
    let (bucket, proxy) = Bucket::proxied(Vendor::SeaweedFs);
    let home = Home::new();
    proxy.inject(usize::MAX, is_model, Fault::Stall);
    let service = bucket.service(&home).set("DRAIN_TIMEOUT", "100ms");
    let mut service = service.start();
    let client = service.client();
    let training = thread::spawn(move || client.try_post("/train", &plan()));
    eventually("the upload hangs", || proxy.count(is_model) == 1);
    service.signal("TERM");
    assert_eq!(service.end_within(SOON).code(), Some(0));
    assert!(training.join().unwrap().is_none(), "it was answered");
    proxy.heal();
    assert_arrives_at_the_next_start(&bucket, &home);
}
