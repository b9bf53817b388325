//! A machine whose clock is wrong can use the bucket all the same: the server says what time it is.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header::DATE},
    response::{IntoResponse, Response},
};
use credit_risk::{clock::Clock, model_store::ModelStore};
use hyper_util::rt::TokioIo;
use jiff::{
    SignedDuration, Timestamp, civil::DateTime, fmt::rfc2822::DateTimePrinter, tz::TimeZone,
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    bucket::Bucket,
    s3::Vendor,
    support::{create, id},
};

/// How far the server's clock is ahead of ours, and how much of that Amazon would forgive.
const AHEAD: Duration = Duration::from_secs(3600);
const FORGIVEN: SignedDuration = SignedDuration::from_mins(15);

const TOO_SKEWED: &str = "<?xml version=\"1.0\"?><Error><Code>RequestTimeTooSkewed</Code>\
    <Message>The difference between the request time and the server's time is too large.</Message>\
    </Error>";

/// The server as if its clock was ahead: it says so, and refuses what is signed by another clock.
async fn with_another_clock(server: SocketAddr) -> String {
    let pass = move |request: Request| async move {
        let theirs = Clock::system().now() + AHEAD;
        let mut answer = if is_forgiven(request.headers(), theirs) {
            forward(server, request).await
        } else {
            (StatusCode::FORBIDDEN, TOO_SKEWED).into_response()
        };
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&theirs);
        let date = HeaderValue::from_str(&date.unwrap()).unwrap();
        answer.headers_mut().insert(DATE, date);
        answer
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass);
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

fn is_forgiven(headers: &HeaderMap, theirs: Timestamp) -> bool {
    let signed = headers["x-amz-date"].to_str().unwrap();
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", signed).unwrap();
    let signed = signed.to_zoned(TimeZone::UTC).unwrap().timestamp();
    theirs.duration_since(signed).abs() <= FORGIVEN
}

async fn forward(server: SocketAddr, request: Request) -> Response {
    let stream = TcpStream::connect(server).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.unwrap();
    answer.map(Body::new)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_an_hour_slow_is_set_right_by_the_servers() {
    let bucket = Bucket::on(Vendor::Moto).await;
    let endpoint = with_another_clock(bucket.server().address()).await;
    let process = bucket.config(&[("CREDIT_RISK_S3_ENDPOINT", &endpoint)]);
    let store = ModelStore::open(&process).await.unwrap();
    create(&store, "one").await.unwrap();
    let elsewhere = bucket.config(&[("CREDIT_RISK_S3_ENDPOINT", &endpoint)]);
    let other = ModelStore::open(&elsewhere).await.unwrap();
    assert!(other.load(&id("one")).await.unwrap().cold);
    other.delete(&id("one")).await.unwrap();
    assert_eq!(bucket.keys().await, [""; 0]);
}
