//! Machines come and go, and two of them share a bucket.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::{
    support::{Client, Home, eventually, plan},
    survival::{listed, predicted, prediction, train},
};

use super::{Bucket, end, keys_of};

#[test]
fn a_model_predicts_the_same_bytes_on_another_machine() {
    let bucket = Bucket::new();
    let home = Home::new();
    let service = bucket.service(&home).start();
    let id = train(&service.client(), &plan());
    let results = format!("/models/{id}/results");
    let before = (
        predicted(&service.client(), &id),
        service.client().get(&results).ok().body,
    );
    end(service);
    drop(home);

    let elsewhere = Home::new();
    let service = bucket.service(&elsewhere).start();
    let client = service.client();
    assert_eq!(listed(&client), BTreeSet::from([id.clone()]));
    let after = (predicted(&client, &id), client.get(&results).ok().body);
    assert_eq!(after, before);
    assert_eq!(bucket.keys(), keys_of([&id]));
}

/// How long it takes the other service to show, list and use a model that has
/// just been answered; what is asked is asked once.
fn time_until_seen(trainer: &Client, other: &Client) -> Duration {
    let id = train(trainer, &plan());
    let answered = Instant::now();
    let shown = other.get(&format!("/models/{id}")).ok().json();
    assert_eq!(shown["storage"], "stored");
    let there = predicted(other, &id);
    assert!(listed(other).contains(&id));
    let time = answered.elapsed();
    assert_eq!(there, predicted(trainer, &id));
    time
}

#[test]
fn two_services_see_each_others_models_within_a_second() {
    let bucket = Bucket::new();
    let homes = [Home::new(), Home::new()];
    let services = homes.each_ref().map(|home| bucket.service(home).start());
    let [one, two] = services.each_ref().map(|service| service.client());
    // They are asked only once, so that a slow moment of the machine is all that can take long.
    let times = [(&one, &two), (&two, &one), (&one, &two)];
    let times = times.map(|(trainer, other)| time_until_seen(trainer, other));
    assert!(
        times.iter().min().unwrap() < &Duration::from_secs(1),
        "{times:?}"
    );
}

#[test]
fn a_model_deleted_by_one_service_is_soon_forgotten_by_the_other() {
    let bucket = Bucket::new();
    let homes = [Home::new(), Home::new()];
    let services = homes.each_ref().map(|home| {
        let service = bucket.service(home);
        service.set("MODEL_REFRESH_INTERVAL", "200ms").start()
    });
    let [one, two] = services.each_ref().map(|service| service.client());
    let id = train(&one, &plan());
    predicted(&two, &id);
    let copy = homes[1].path(&format!("artifacts/s3/cache/{id}.model"));
    assert!(copy.exists());

    let deleted = one.try_send("DELETE", &format!("/models/{id}"), &[], "");
    assert_eq!(deleted.unwrap().status, 204);
    let begun = Instant::now();
    eventually("the other has forgotten it", || {
        two.post("/predict", &prediction(&id)).status == 404 && !copy.exists()
    });
    // Not by the default interval of half a minute.
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(two.get(&format!("/models/{id}")).status, 404);
    assert!(listed(&two).is_empty());
    assert_eq!(bucket.keys(), Vec::<String>::new());
}
