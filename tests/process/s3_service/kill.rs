//! SIGKILL while a model is on its way to the bucket: it arrives, whole and once.

use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::{
    s3::{
        Vendor,
        proxy::{Fault, Proxy, Seen},
    },
    support::{Client, Home, Running, eventually, plan},
    survival::{listed, predicted, train},
};

use super::{
    Bucket, Kind, arrivals, end, eventually_healthy, gauge, is_metadata, is_model, keys_of, wait,
};

const ROUNDS: u32 = 12;

/// The question whose a model is that is there already.
fn asks_for_creator(seen: &Seen) -> bool {
    seen.method == Method::HEAD && seen.path.ends_with(".model")
}

/// A service and its bucket, with a proxy between them.
struct Scene {
    bucket: Bucket,
    proxy: Proxy,
    home: Home,
}

impl Scene {
    fn new() -> Self {
        let (bucket, proxy) = Bucket::proxied(Vendor::SeaweedFs);
        let home = Home::new();
        Self {
            bucket,
            proxy,
            home,
        }
    }

    fn start(&self) -> Running {
        self.bucket.service(&self.home).start()
    }

    /// Kills the service while one request of a training hangs, before the server has seen it or
    /// after.
    fn kill_at(&self, request: Kind, fault: Fault, objects: usize) {
        let mut service = self.start();
        self.proxy.inject(1, request, fault);
        let client = service.client();
        let training = thread::spawn(move || client.try_post("/train", &plan()));
        self.wait_until_hanging(request, objects);
        service.kill();
        assert!(training.join().unwrap().is_none(), "it was answered");
        self.proxy.heal();
    }

    /// Waits until a request of this kind has come to the proxy and there are so many objects.
    fn wait_until_hanging(&self, request: Kind, objects: usize) {
        eventually("the upload hangs", || {
            self.proxy.count(request) > 0 && self.bucket.keys().len() == objects
        });
    }

    /// Starts it again and waits until nothing is pending. Every model is whole and all that was
    /// answered is among them.
    fn recover(&self, answered: &BTreeSet<String>) -> (Running, BTreeSet<String>) {
        let service = self.start();
        let client = service.client();
        eventually_healthy(&client);
        let ids = listed(&client);
        let lost: Vec<_> = answered.difference(&ids).collect();
        assert!(lost.is_empty(), "answered and gone: {lost:?}");
        assert_eq!(self.bucket.keys(), keys_of(&ids));
        assert_eq!(self.waiting(), 0);
        for id in &ids {
            predicted(&client, id);
            self.assert_described(&client, id);
        }
        (service, ids)
    }

    /// The object for people is the result of the training.
    fn assert_described(&self, client: &Client, id: &str) {
        let key = format!("models/{id}.json");
        let object = wait(self.bucket.server.get(&self.bucket.name, &key));
        let mut described: Value = serde_json::from_slice(&object.unwrap()).unwrap();
        let evidence = described["results"].as_object_mut().unwrap();
        let evidence = evidence.remove("evidence").unwrap();
        let found = client.get(&format!("/models/{id}/evidence")).ok().json();
        assert_eq!(evidence, found);
        let mut results = client.get(&format!("/models/{id}/results")).ok().json();
        let storage = results.as_object_mut().unwrap().remove("storage");
        assert_eq!(storage.unwrap(), "stored");
        assert_eq!(described["results"], results);
    }

    /// How many models wait on disk for their upload.
    fn waiting(&self) -> usize {
        fs::read_dir(self.home.path("artifacts/s3/pending"))
            .unwrap()
            .count()
    }

    fn assert_arrived_once(&self, id: &str) {
        let [arrival] = &arrivals(&self.home, id)[..] else {
            panic!("not one arrival of {id}: {:?}", self.home.audit());
        };
        assert_eq!(arrival["path"], self.bucket.location(id));
    }
}

#[test]
fn a_model_arrives_once_wherever_its_upload_was_killed() {
    let points: [(Kind, Fault, usize); 4] = [
        (is_model, Fault::Stall, 0),
        (is_model, Fault::StallAfter, 1),
        (is_metadata, Fault::Stall, 1),
        (is_metadata, Fault::StallAfter, 2),
    ];
    for (request, fault, objects) in points {
        let scene = Scene::new();
        scene.kill_at(request, fault, objects);
        let (service, ids) = scene.recover(&BTreeSet::new());
        end(service);
        assert_eq!(ids.len(), 1);
        ids.iter().for_each(|id| scene.assert_arrived_once(id));
    }
}

#[test]
fn a_pending_model_arrives_once_after_three_kills() {
    let scene = Scene::new();
    let unavailable = Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    scene.proxy.inject(usize::MAX, is_model, unavailable);
    let mut service = scene.start();
    let answer = service.client().post("/train", &plan()).ok().json();
    assert_eq!(answer["storage"], "pending_upload");
    let id = answer["model_id"].as_str().unwrap().to_owned();
    service.kill();

    for (request, fault, objects) in [
        (is_model as Kind, Fault::Stall, 0),
        (is_model, Fault::StallAfter, 1),
        (asks_for_creator, Fault::StallAfter, 2),
    ] {
        scene.proxy.heal();
        scene.proxy.forget();
        scene.proxy.inject(1, request, fault);
        let mut service = scene.start();
        scene.wait_until_hanging(request, objects);
        let pending = gauge(&service.client(), "creditrisk_pending_uploads");
        assert_eq!(pending, Some(1.0));
        service.kill();
        assert_eq!(scene.waiting(), 1);
    }
    scene.proxy.heal();
    let (service, ids) = scene.recover(&BTreeSet::from([id.clone()]));
    end(service);
    assert_eq!(ids.len(), 1);
    scene.assert_arrived_once(&id);
}

#[test]
fn kills_at_any_moment_of_a_training_leave_only_whole_models() {
    let scene = Scene::new();
    // Half of a training's time is its upload.
    let slow = || Fault::Delay(Duration::from_millis(100));
    scene.proxy.inject(usize::MAX, is_model, slow());
    scene.proxy.inject(usize::MAX, is_metadata, slow());
    let mut service = scene.start();
    let begun = Instant::now();
    let mut answered = BTreeSet::from([train(&service.client(), &plan())]);
    let training = begun.elapsed();

    let (mut ids, mut interrupted) = (BTreeSet::new(), 0);
    for round in 0..ROUNDS {
        // From at once to well after the answer, in a scattered order.
        let delay = training * (round * 7 % ROUNDS) * 2 / ROUNDS;
        let client = service.client();
        let sent = thread::spawn(move || client.try_post("/train", &plan()));
        // The kill is meant to come at a moment that nothing announces.
        thread::sleep(delay);
        service.kill();
        match sent.join().unwrap() {
            Some(answer) => {
                let result = answer.ok().json();
                answered.insert(result["model_id"].as_str().unwrap().to_owned());
            }
            None => interrupted += 1,
        }
        (service, ids) = scene.recover(&answered);
    }
    end(service);
    let of = format!("{interrupted} of {ROUNDS} trainings were interrupted");
    assert!((1..ROUNDS).contains(&interrupted), "{of}");
    answered.iter().for_each(|id| scene.assert_arrived_once(id));
    for id in ids.difference(&answered) {
        assert!(arrivals(&scene.home, id).len() <= 1);
    }
}
