//! The program with its models in a bucket, on real servers: they outlive the
//! machine, the outage and the kill.

mod canary;
mod credentials;
mod graceful;
mod instances;
mod kill;
mod migration;
mod outage;
mod refusals;

use std::process::Command;

use hyper::Method;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::{
    s3::{
        Server, Vendor,
        proxy::{Proxy, Seen},
    },
    support::{Client, Home, PATIENCE, Running, Service, eventually},
};

/// A bucket of the test's own, and the way to it.
struct Bucket {
    server: Server,
    name: String,
    endpoint: String,
}

impl Bucket {
    /// On the server that the tests share and that checks signatures.
    fn new() -> Self {
        Self::of(Vendor::SeaweedFs)
    }

    /// On the vendor's server that the tests share.
    fn of(vendor: Vendor) -> Self {
        Self::on(wait(Server::shared(vendor)))
    }

    fn on(server: &Server) -> Self {
        Self {
            name: wait(server.new_bucket()),
            endpoint: server.endpoint().to_owned(),
            server: server.clone(),
        }
    }

    /// On the vendor's server that the tests share, and a proxy on the way to it.
    fn proxied(vendor: Vendor) -> (Self, Proxy) {
        let bucket = Self::of(vendor);
        let proxy = wait(Proxy::before(&bucket.server));
        let endpoint = proxy.endpoint();
        (Self { endpoint, ..bucket }, proxy)
    }

    /// The program in this folder, told of the bucket and not of a key to it.
    fn program_without_key(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = home.program(arguments);
        for (name, value) in [
            ("MODEL_STORAGE_TYPE", "s3"),
            ("S3_BUCKET", &self.name),
            ("S3_REGION", Server::REGION),
            ("S3_ENDPOINT", &self.endpoint),
            // A busy machine is no dead server.
            ("S3_TIMEOUT", "20s"),
            ("REQUEST_TIMEOUT", "90s"),
            ("S3_UPLOAD_WAIT", "20s"),
            ("S3_CHECK_INTERVAL", "100ms"),
        ] {
            command.env(format!("CREDIT_RISK_{name}"), value);
        }
        command
    }

    /// The program in this folder, with the bucket and the key to it.
    fn program(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = self.program_without_key(home, arguments);
        command
            .env("CREDIT_RISK_S3_ACCESS_KEY_ID", Server::ACCESS_KEY)
            .env("CREDIT_RISK_S3_SECRET_ACCESS_KEY", Server::SECRET_KEY);
        command
    }

    /// `serve`, not yet started.
    fn service(&self, home: &Home) -> Service {
        Service::new(self.program(home, &["serve"]))
    }

    /// Every key in it, sorted.
    fn keys(&self) -> Vec<String> {
        wait(self.server.keys(&self.name))
    }

    /// Where a model of it is, in the words of the audit trail.
    fn location(&self, id: &str) -> String {
        format!("s3://{}/models/{id}.model", self.name)
    }
}

/// What a bucket that keeps just these models has in it.
fn keys_of<'a>(ids: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let both = |id| ["json", "model"].map(|kind| format!("models/{id}.{kind}"));
    let mut keys: Vec<_> = ids.into_iter().flat_map(both).collect();
    keys.sort_unstable();
    keys
}

/// Which requests are meant.
type Kind = fn(&Seen) -> bool;

/// The creation of a model.
fn is_model(seen: &Seen) -> bool {
    seen.method == Method::PUT && seen.path.ends_with(".model")
}

/// The writing of what people may read of it.
fn is_metadata(seen: &Seen) -> bool {
    seen.method == Method::PUT && seen.path.ends_with(".json")
}

/// Waits for what is asked of servers and proxies, in a test that has no runtime.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work)
}

/// Ends a service as its operator would; its audit trail is complete then.
fn end(mut service: Running) -> Running {
    service.signal("TERM");
    assert!(service.end_within(PATIENCE).success());
    service
}

/// Waits until nothing is pending and the object store answers.
fn eventually_healthy(client: &Client) {
    eventually("the service is healthy", || {
        client.get("/ready").json()["status"] == "healthy"
    });
}

/// The records of a model's arrival in the bucket.
fn arrivals(home: &Home, id: &str) -> Vec<Value> {
    let mut records = home.events("model_persisted");
    records.retain(|record| record["model_id"] == id);
    records
}

/// The value of a gauge without labels, if it is on the page.
fn gauge(client: &Client, name: &str) -> Option<f64> {
    let page = client.get("/metrics").ok().body;
    let line = page.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().parse().unwrap())
}
