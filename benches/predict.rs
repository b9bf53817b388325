//! One row and a thousand rows through the whole service, everything switched
//! on (key, limits, CORS, audit synced to disk before each answer), beside a
//! bare axum handler that sends the same request bytes back. Both are served by
//! the same server over loopback and called over one kept-alive connection.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::{
    hint::black_box,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
};

use axum::{Router, body::Bytes, routing::post};
use credit_risk::{
    app::App,
    clock::Clock,
    config::{self, Sources},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

const KEY: &str = "benchmark-key-0123456789abcdef";
const ROWS: [usize; 2] = [1, 1_000];

fn predict(criterion: &mut Criterion) {
    let mut service = Client::new(start(service(Path::new(env!("CARGO_TARGET_TMPDIR")))));
    let mut echo = Client::new(start(
        Router::new().route("/predict", post(async |body: Bytes| body)),
    ));
    let plan = json!({ "model_type": "logistic_regression" }).to_string();
    let trained: Value = serde_json::from_slice(service.post("/train", &plan)).unwrap();

    for rows in ROWS {
        let request = json!({
            "model_id": trained["model_id"],
            "applications": applications(rows),
        })
        .to_string();
        let mut group = criterion.benchmark_group(format!("predict/{rows}"));
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function("service", |bencher| {
            bencher.iter(|| black_box(service.post("/predict", &request).len()));
        });
        group.bench_function("bare axum echo", |bencher| {
            bencher.iter(|| black_box(echo.post("/predict", &request).len()));
        });
        group.finish();
    }
}

/// The whole service with its limits on and wide, its audit trail on this disk.
fn service(directory: &Path) -> Router {
    let directory = tempfile::Builder::new()
        .tempdir_in(directory)
        .unwrap()
        .keep();
    let at = |name: &str| directory.join(name).display().to_string();
    let sources = Sources::none()
        .with("CREDIT_RISK_API_KEYS", KEY)
        .with("CREDIT_RISK_MODEL_STORAGE_PATH", &at("models"))
        .with("CREDIT_RISK_AUDIT_LOG_PATH", &at("audit.jsonl"))
        .with("CREDIT_RISK_AUDIT_FSYNC", "always")
        .with("CREDIT_RISK_CORS_ORIGINS", "https://bank.example")
        .with("CREDIT_RISK_RATE_LIMIT_ENABLED", "true")
        .with("CREDIT_RISK_PREDICT_RATE_LIMIT", "1000000/second")
        .with("CREDIT_RISK_LOG_LEVEL", "warn");
    let config = config::load(&sources).unwrap().config;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime
        .block_on(App::build(config, Clock::system()))
        .unwrap();
    let router = app.router();
    // The audit trail is open as long as the app is there: as long as the benchmark runs.
    std::mem::forget(app);
    router
}

/// Serves `router` on a free port of its own thread.
fn start(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let router = router.into_make_service_with_connect_info::<SocketAddr>();
            axum_server::from_tcp(listener)
                .unwrap()
                .serve(router)
                .await
                .unwrap();
        });
    });
    address
}

/// The first rows of the bundled data, over and over, as applications.
fn applications(rows: usize) -> Vec<Value> {
    let mut reader = csv::Reader::from_path("data/german_credit.csv").unwrap();
    let header = reader.headers().unwrap().clone();
    let records: Vec<Value> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header
                .iter()
                .zip(&record)
                .filter(|(name, _)| *name != "credit_risk");
            let cell = |text: &str| {
                text.parse::<i64>()
                    .map_or_else(|_| text.into(), Value::from)
            };
            cells
                .map(|(name, text)| (name.to_owned(), cell(text)))
                .collect()
        })
        .collect();
    records.into_iter().cycle().take(rows).collect()
}

/// A client of one connection, as thin as can be, so that the servers are measured.
struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            received: Vec::new(),
        }
    }

    /// Posts a JSON document and returns the body of a 200 answer.
    fn post(&mut self, path: &str, body: &str) -> &[u8] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).unwrap();
        self.received.clear();
        let mut buffer = [0; 64 * 1024];
        loop {
            let count = self.stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the server closed the connection");
            self.received.extend_from_slice(&buffer[..count]);
            if let Some((start, length)) = body_of(&self.received)
                && self.received.len() >= start + length
            {
                assert!(
                    self.received.starts_with(b"HTTP/1.1 200"),
                    "not answered 200"
                );
                return &self.received[start..start + length];
            }
        }
    }
}

/// Where the body starts and how long it is, once the head is complete.
fn body_of(received: &[u8]) -> Option<(usize, usize)> {
    let end = received
        .windows(4)
        .position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&received[..end]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    Some((end + 4, length))
}

criterion_group!(benches, predict);
criterion_main!(benches);
