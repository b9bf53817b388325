//! Streams over HTTP/2, where a client may leave a stream and keep its connection.

use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use h2::{
    Reason, RecvStream,
    client::{SendRequest, handshake},
};

use crate::support::{BUNDLED, Home, KEY, Running, eventually, plan};

async fn connection(service: &Running) -> SendRequest<Bytes> {
    let stream = service.connect();
    stream.set_nonblocking(true).unwrap();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    let (sender, connection) = handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender.ready().await.unwrap()
}

fn request(service: &Running) -> Request<()> {
    let address = service.connect().peer_addr().unwrap();
    let model = service.client().post("/train", &plan()).ok().json();
    let id = model["model_id"].as_str().unwrap();
    let request = Request::post(format!("http://{address}/models/{id}/score"));
    let request = request.header("x-api-key", KEY);
    request.header("content-type", "text/csv").body(()).unwrap()
}

fn rows() -> Bytes {
    Bytes::from_static(BUNDLED.as_bytes())
}

/// The answer, and what is said at its end.
async fn read(mut answer: RecvStream) -> (String, HeaderMap) {
    let mut text = Vec::new();
    while let Some(part) = answer.data().await {
        let part = part.unwrap();
        answer.flow_control().release_capacity(part.len()).unwrap();
        text.extend_from_slice(&part);
    }
    let trailers = answer.trailers().await.unwrap().unwrap();
    (String::from_utf8(text).unwrap(), trailers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_left_is_recorded_and_its_connection_goes_on() {
    let home = Home::new();
    let service = home.start();
    let request = request(&service);
    let mut sender = connection(&service).await;
    let (answer, mut stream) = sender.send_request(request.clone(), false).unwrap();
    stream.send_data(rows(), false).unwrap();
    let mut answer = answer.await.unwrap().into_body();
    // Rows have come, and more would follow.
    assert!(!answer.data().await.unwrap().unwrap().is_empty());
    stream.send_reset(Reason::CANCEL);
    eventually("it is recorded", || {
        !home.events("batch_scoring_failed").is_empty()
    });
    let failed = &home.events("batch_scoring_failed")[0];
    // Whichever is noticed first: that nobody takes the answer, or that the data set breaks off.
    let error = failed["error"].as_str().unwrap();
    let is_broken_off = failed["outcome"] == "failure" && error.contains("ended too early");
    assert!(
        failed["outcome"] == "abandoned" || is_broken_off,
        "{failed}"
    );
    // A whole data set over the same connection, with its counts at the end.
    let (answer, mut stream) = sender.send_request(request, false).unwrap();
    stream.send_data(rows(), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    let (text, counts) = read(answer.into_body()).await;
    assert_eq!(counts["x-total-rows"], "1000");
    assert_eq!(counts["x-error-rows"], "0");
    assert_eq!(text.lines().count(), 1_001);
    eventually("it is recorded", || {
        !home.events("batch_scoring_completed").is_empty()
    });
    assert_eq!(home.events("batch_scoring_completed").len(), 1);
    assert_eq!(home.events("batch_scoring_failed").len(), 1);
}
