//! The object store hangs for a while and answers again.

use std::{
    thread,
    time::{Duration, Instant},
};

use credit_risk::clock::Clock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    s3::{Server, Vendor},
    support::{Answer, Client, Home, Running, eventually, plan, run},
    survival::{listed, predicted, prediction, train},
};

use super::{Bucket, arrivals, end, eventually_healthy, gauge, keys_of, wait};

/// How long the object store answers nothing.
const OUTAGE: Duration = Duration::from_secs(20);

/// How long a training waits for it.
const UPLOAD_WAIT: Duration = Duration::from_secs(2);

/// What a client does between two requests.
const THINKING: Duration = Duration::from_millis(5);

/// Two services on one bucket, of a server that no other test uses.
struct Scene {
    server: Server,
    bucket: Bucket,
    homes: [Home; 2],
}

impl Scene {
    fn new() -> Self {
        let server = wait(Server::start(Vendor::SeaweedFs));
        Self {
            bucket: Bucket::on(&server),
            homes: [Home::new(), Home::new()],
            server,
        }
    }

    /// The first keeps models in memory, the second on disk alone.
    fn start(&self, number: usize, memory: &str) -> Running {
        let service = self.bucket.service(&self.homes[number]);
        let service = service.set("S3_TIMEOUT", "3s").set("S3_MAX_ATTEMPTS", "2");
        let service = service.set("S3_UPLOAD_WAIT", &format!("{}s", UPLOAD_WAIT.as_secs()));
        service.set("MODEL_CACHE_SIZE", memory).start()
    }
}

/// How long each prediction took. All of them say what the first said.
fn predict_until(end: Instant, client: &Client, model_id: &str) -> Vec<Duration> {
    let expected = predicted(client, model_id);
    let mut times = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        assert_eq!(predicted(client, model_id), expected);
        times.push(begun.elapsed());
        thread::sleep(THINKING);
    }
    times
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.problem(), "STORE_UNAVAILABLE");
    assert!(answer.head.contains("\"retry-after\": \"5\""), "{answer:?}");
}

fn storage(answer: &Answer) -> Value {
    answer.json()["storage"].clone()
}

/// Trains while the object store hangs; the id of the model and the digest of its data.
fn train_meanwhile(client: &Client) -> (String, Value) {
    let begun = Instant::now();
    let trained = client.post("/train", &plan()).ok();
    let time = begun.elapsed();
    assert_eq!(storage(&trained), "pending_upload");
    assert!(time >= UPLOAD_WAIT, "answered after {time:?}");
    assert!(time < UPLOAD_WAIT + Duration::from_secs(8), "{time:?}");

    let id = trained.json()["model_id"].as_str().unwrap().to_owned();
    let path = format!("/models/{id}");
    assert_eq!(storage(&client.get(&path).ok()), "pending_upload");
    let persisted = client.post(&format!("{path}/persist"), &json!({}));
    assert_eq!(persisted.status, 202, "{persisted:?}");
    assert_eq!(storage(&persisted), "pending_upload");
    (id, persisted.json()["model_sha256"].clone())
}

fn assert_degraded(home: &Home, service: &Running) {
    let client = service.client();
    for path in ["/ready", "/health"] {
        let health = client.get(path).ok().json();
        assert_eq!(health["status"], "degraded");
        assert_eq!(
            health["checks"],
            json!({"audit_log": "healthy", "model_store": "degraded"})
        );
    }
    let mut check = home.program(&["healthcheck"]);
    check.env("CREDIT_RISK_PORT", service.address.port().to_string());
    assert!(run(check).status.success());
}

/// What needs the object store says so, each after its last attempt.
fn assert_the_rest_unavailable(client: &Client, model_id: &str) {
    let unknown = prediction("unknown");
    let path = format!("/models/{model_id}");
    thread::scope(|scope| {
        let asked = [
            scope.spawn(|| client.get("/models")),
            scope.spawn(|| client.get("/models/unknown")),
            scope.spawn(|| client.post("/predict", &unknown)),
            scope.spawn(|| client.try_send("DELETE", &path, &[], "").unwrap()),
        ];
        for answer in asked {
            assert_unavailable(&answer.join().unwrap());
        }
    });
}

#[test]
fn twenty_seconds_without_the_object_store_lose_nothing_and_double_nothing() {
    let scene = Scene::new();
    let [home, _] = &scene.homes;
    let (service, other) = (scene.start(0, "64 MiB"), scene.start(1, "1 B"));
    let (client, elsewhere) = (service.client(), other.client());
    let cached = train(&client, &plan());
    predicted(&elsewhere, &cached);
    assert_eq!(gauge(&client, "creditrisk_model_store_up"), Some(1.0));

    scene.server.stop();
    let over = Instant::now() + OUTAGE;
    let load: Vec<_> = [&client, &client, &elsewhere]
        .map(|client| {
            let (client, cached) = (client.clone(), cached.clone());
            thread::spawn(move || predict_until(over, &client, &cached))
        })
        .into();
    let (pending, sha256) = train_meanwhile(&client);
    let said = predicted(&client, &pending);
    assert_degraded(home, &service);
    assert_eq!(gauge(&client, "creditrisk_pending_uploads"), Some(1.0));
    assert_eq!(gauge(&client, "creditrisk_model_store_up"), Some(0.0));
    assert_the_rest_unavailable(&client, &pending);
    eventually("the other notices", || {
        elsewhere.get("/ready").ok().json()["status"] == "degraded"
    });
    let times: Vec<_> = load.into_iter().flat_map(|it| it.join().unwrap()).collect();
    let slowest = times.iter().max().unwrap();
    assert!(times.len() > 100, "{} requests are no load", times.len());
    // None has waited for the object store.
    assert!(slowest < &UPLOAD_WAIT, "{slowest:?}");
    assert_eq!(arrivals(home, &pending), Vec::<Value>::new());

    let resumed = Clock::system().now();
    scene.server.resume();
    for client in [&client, &elsewhere] {
        eventually_healthy(client);
        let shown = client.get(&format!("/models/{pending}"));
        assert_eq!(storage(&shown.ok()), "stored");
        assert_eq!(predicted(client, &pending), said);
        assert_eq!(listed(client).len(), 2);
        assert_eq!(gauge(client, "creditrisk_pending_uploads"), Some(0.0));
        assert_eq!(gauge(client, "creditrisk_model_store_up"), Some(1.0));
    }
    assert_eq!(scene.bucket.keys(), keys_of([&cached, &pending]));

    // Nothing comes to light, or again, at the next start.
    end(service);
    let service = scene.start(0, "64 MiB");
    eventually_healthy(&service.client());
    end(service);
    let [arrival] = &arrivals(home, &pending)[..] else {
        panic!("not one arrival: {:?}", home.audit());
    };
    assert_eq!(arrival["path"], scene.bucket.location(&pending));
    assert_eq!(arrival["sha256"], sha256);
    let at: Timestamp = arrival["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(at >= resumed, "arrived at {at}, resumed at {resumed}");
    let mut completed = home.events("training_completed");
    completed.retain(|record| record["model_id"] == *pending);
    assert_eq!(completed.len(), 1);
    assert_eq!(scene.bucket.keys(), keys_of([&cached, &pending]));
}
