//! Streams: rows are answered while others are still to come, and whatever ends early says so.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::Method,
    response::Response,
};
use http_body::Frame;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::sleep,
};

use crate::{
    score::{CSV, path},
    support::{
        Caller, TestApp,
        loans::{GERMAN, Model},
    },
};

/// A body that a test sends piece by piece; it ends when the sender is dropped.
struct Pieces(UnboundedReceiver<io::Result<Bytes>>);

type Sender = UnboundedSender<io::Result<Bytes>>;

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|it| it.map(Frame::data)))
    }
}

/// The bundled data in two halves, cut in the middle of a row.
fn halves() -> (Bytes, Bytes) {
    let at = GERMAN.len() / 2;
    let (first, second) = GERMAN.as_bytes().split_at(at);
    (Bytes::from_static(first), Bytes::from_static(second))
}

async fn send(client: &Caller, model: &Model, body: Pieces) -> Response {
    let path = path(model, "");
    client.open(Method::POST, &path, CSV, Body::new(body)).await
}

/// A stream whose first half has been sent and answered.
async fn half_way(client: &Caller, model: &Model) -> (Sender, Body, String) {
    let (sender, pieces) = unbounded_channel();
    sender.send(Ok(halves().0)).unwrap();
    let response = send(client, model, Pieces(pieces)).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    // Parts end anywhere, a block with a line.
    let mut text = String::new();
    while !text.ends_with('\n') {
        let part = body.frame().await.unwrap().unwrap().into_data().unwrap();
        text += std::str::from_utf8(&part).unwrap();
    }
    (sender, body, text)
}

/// The only line of this event, once it is there.
async fn recorded(app: &TestApp, name: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !app.events().contains(&name.to_owned()) && Instant::now() < deadline {
        sleep(Duration::from_millis(5)).await;
    }
    app.only(name)
}

#[tokio::test]
async fn rows_are_answered_before_the_last_has_come_and_counted_at_the_end() {
    let app = TestApp::start();
    let model = app.german().await;
    let (sender, body, first) = half_way(&app.admin(), model).await;
    assert!(first.lines().count() > 400, "{}", first.lines().count());
    assert!(!app.events().contains(&"batch_scoring_completed".to_owned()));
    sender.send(Ok(halves().1)).unwrap();
    drop(sender);
    let rest = body.collect().await.unwrap();
    let trailers = rest.trailers().unwrap().clone();
    assert_eq!(trailers["x-total-rows"], "1000");
    assert_eq!(trailers["x-error-rows"], "0");
    let rest = String::from_utf8(rest.to_bytes().to_vec()).unwrap();
    let whole = app.admin().post_text(&path(model, ""), CSV, GERMAN).await;
    assert_eq!(first + &rest, whole.text());
}

#[tokio::test]
async fn a_client_that_leaves_is_recorded_as_one_and_its_place_is_free() {
    let app = TestApp::with(&[("CREDIT_RISK_SCORING_STREAMS", "1")]);
    let model = app.german().await;
    let (sender, body, first) = half_way(&app.admin(), model).await;
    let busy = app.admin().post_text(&path(model, ""), CSV, GERMAN).await;
    busy.problem(503, "NOT_READY");
    drop(body);
    let failed = recorded(&app, "batch_scoring_failed").await;
    assert_eq!(failed["outcome"], "abandoned");
    assert_eq!(failed["n_samples"], first.lines().count() - 1);
    assert!(failed["error"].as_str().unwrap().starts_with("CANCELLED"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !sender.is_closed() && Instant::now() < deadline {
        sleep(Duration::from_millis(5)).await;
    }
    assert!(sender.is_closed(), "the body is still read");
    let reply = app.admin().post_text(&path(model, ""), CSV, GERMAN).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        app.events()
            .iter()
            .filter(|it| *it == "batch_scoring_failed")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_breaks_off_the_answer() {
    let app = TestApp::start();
    let model = app.german().await;
    let (sender, body, _) = half_way(&app.admin(), model).await;
    sender
        .send(Err(io::ErrorKind::ConnectionReset.into()))
        .unwrap();
    assert!(body.collect().await.is_err(), "the answer seems whole");
    let failed = recorded(&app, "batch_scoring_failed").await;
    assert_eq!(failed["outcome"], "failure");
    let error = failed["error"].as_str().unwrap();
    assert!(error.starts_with("BODY_BROKEN_OFF"), "{error}");
}

#[tokio::test]
async fn a_stream_that_stalls_ends_and_one_that_goes_on_does_not() {
    let app = TestApp::with(&[("CREDIT_RISK_REQUEST_TIMEOUT", "300ms")]);
    let model = app.german().await;
    let (sender, body, _) = half_way(&app.admin(), model).await;
    let answer = tokio::spawn(body.collect());
    // Longer than the bound in all, in pieces that each come within it.
    for piece in halves().1.chunks(halves().1.len() / 8) {
        sleep(Duration::from_millis(60)).await;
        sender.send(Ok(Bytes::copy_from_slice(piece))).unwrap();
    }
    drop(sender);
    assert!(answer.await.unwrap().is_ok());

    let (_sender, body, _) = half_way(&app.admin(), model).await;
    assert!(body.collect().await.is_err(), "the answer seems whole");
    let failed = recorded(&app, "batch_scoring_failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(error.starts_with("TIMED_OUT"), "{error}");

    let (_sender, pieces) = unbounded_channel();
    let response = send(&app.admin(), model, Pieces(pieces)).await;
    assert_eq!(response.status(), 408);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_row_does_not_leave_without_its_record() {
    let app = TestApp::start();
    let model = app.german().await;
    let client = app.admin();
    let (sender, body, _) = half_way(&client, model).await;
    // The trail is closed.
    let lines = tokio::task::block_in_place(|| app.stop());
    assert!(!lines.is_empty());
    sender.send(Ok(halves().1)).unwrap();
    drop(sender);
    assert!(body.collect().await.is_err(), "the answer seems whole");
}

#[tokio::test]
async fn what_nobody_takes_does_not_stay_when_the_work_gives_up() {
    let app = TestApp::with(&[("CREDIT_RISK_REQUEST_TIMEOUT", "200ms")]);
    let model = app.german().await;
    let (_sender, pieces) = {
        let (sender, pieces) = unbounded_channel();
        sender
            .send(Ok(Bytes::from_static(GERMAN.as_bytes())))
            .unwrap();
        (sender, pieces)
    };
    let mut body = send(&app.admin(), model, Pieces(pieces)).await.into_body();
    let failed = recorded(&app, "batch_scoring_failed").await;
    assert!(failed["error"].as_str().unwrap().contains("took nothing"));
    let first = body.frame().await.unwrap();
    assert!(first.is_err(), "a part has stayed");
}

#[tokio::test]
async fn parts_of_an_answer_are_small() {
    let app = TestApp::start();
    let model = app.german().await;
    let (sender, pieces) = unbounded_channel();
    sender
        .send(Ok(Bytes::from_static(GERMAN.as_bytes())))
        .unwrap();
    drop(sender);
    let mut body = send(&app.admin(), model, Pieces(pieces)).await.into_body();
    while let Some(frame) = body.frame().await {
        let length = frame.unwrap().into_data().map_or(0, |part| part.len());
        assert!(length <= 64 * 1024, "{length}");
    }
}
