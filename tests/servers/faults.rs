//! What each fault does to a client, and what the server has seen of it.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use hyper::{HeaderMap, Method, StatusCode, header::HeaderName};

use crate::{
    s3::{
        Server, Vendor,
        proxy::{Fault, Proxy},
    },
    wire::{address, begin, finish, is_silent, send},
};

/// A proxy before a server that everybody may use, and an object in a bucket of the test's own.
struct Scene {
    server: &'static Server,
    proxy: Proxy,
    bucket: String,
    /// The object's path.
    target: String,
}

const BODY: &str = "an object of 24 bytes...";

impl Scene {
    /// A new scene whose next request suffers the fault.
    async fn with(fault: Fault) -> Self {
        let scene = Self::new().await;
        scene.proxy.inject(1, |_| true, fault);
        scene
    }

    async fn new() -> Self {
        let server = Server::shared(Vendor::Moto).await;
        let bucket = server.new_bucket().await;
        server.put(&bucket, "object", BODY.as_bytes()).await;
        Self {
            server,
            proxy: Proxy::before(server).await,
            target: format!("/{bucket}/object"),
            bucket,
        }
    }

    /// Whether the object is as it was.
    async fn is_untouched(&self) -> bool {
        let body = self.server.get(&self.bucket, "object").await;
        body.unwrap() == BODY.as_bytes()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_answered_in_the_servers_place() {
    let fault = Fault::Answer(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    let scene = Scene::with(fault).await;
    let answer = send(&scene.proxy, "PUT", &scene.target, "new").await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("content-type: application/xml"));
    assert!(answer.body.contains("<Error><Code>SlowDown</Code>"));
    assert!(scene.is_untouched().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_be_made_up() {
    let fault = Fault::AnswerWith(Box::new(|seen| {
        let name = HeaderName::from_static("x-seen");
        let headers = HeaderMap::from_iter([(name, seen.path.parse().unwrap())]);
        Some((StatusCode::IM_A_TEAPOT, headers, b"tea".to_vec()))
    }));
    let scene = Scene::with(fault).await;
    let answer = send(&scene.proxy, "GET", &scene.target, "").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (418, "tea"));
    assert!(answer.head.contains(&format!("x-seen: {}", scene.target)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_made_up_passes() {
    let scene = Scene::with(Fault::AnswerWith(Box::new(|_| None))).await;
    let answer = send(&scene.proxy, "GET", &scene.target, "").await.unwrap();
    assert_eq!(answer.body, BODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_comes_before_the_server_has_seen_anything() {
    let scene = Scene::with(Fault::ResetBefore).await;
    let answer = send(&scene.proxy, "PUT", &scene.target, "new").await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(scene.is_untouched().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_comes_after_the_server_has_done_it() {
    let scene = Scene::with(Fault::ResetAfter).await;
    let answer = send(&scene.proxy, "PUT", &scene.target, "new").await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(!scene.is_untouched().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_stalls_until_the_proxy_is_healed() {
    let scene = Scene::with(Fault::Stall).await;
    let client = begin(address(&scene.proxy), "PUT", &scene.target, "new").await;
    let client = client.unwrap();
    assert!(is_silent(&client).await);
    assert!(scene.is_untouched().await);
    scene.proxy.heal();
    assert_eq!(finish(client).await.unwrap().status, 200);
    assert!(!scene.is_untouched().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_stalls_until_the_proxy_is_healed() {
    let scene = Scene::with(Fault::StallAfter).await;
    let client = begin(address(&scene.proxy), "PUT", &scene.target, "new").await;
    let client = client.unwrap();
    assert!(is_silent(&client).await);
    assert!(!scene.is_untouched().await);
    scene.proxy.heal();
    assert_eq!(finish(client).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_connection_ends_when_its_client_leaves() {
    use tokio::io::AsyncWriteExt;
    for fault in [Fault::Stall, Fault::StallAfter] {
        let scene = Scene::with(fault).await;
        let client = begin(address(&scene.proxy), "GET", &scene.target, "").await;
        let mut client = client.unwrap();
        assert!(is_silent(&client).await);
        client.shutdown().await.unwrap();
        finish(client).await.unwrap_err();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_passes_later() {
    let delay = Duration::from_millis(200);
    let scene = Scene::with(Fault::Delay(delay)).await;
    let begun = Instant::now();
    let answer = send(&scene.proxy, "GET", &scene.target, "").await.unwrap();
    assert!(begun.elapsed() >= delay);
    assert_eq!(answer.body, BODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_ends_before_its_end() {
    let scene = Scene::with(Fault::Truncate(9)).await;
    let answer = send(&scene.proxy, "GET", &scene.target, "").await.unwrap();
    assert!(answer.head.contains("content-length: 24"), "{answer:?}");
    assert_eq!(answer.body, "an object");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bit_of_an_answer_is_wrong() {
    let scene = Scene::with(Fault::Corrupt).await;
    let answer = send(&scene.proxy, "GET", &scene.target, "").await.unwrap();
    let pairs = answer.body.bytes().zip(BODY.bytes());
    let wrong: Vec<_> = pairs.map(|(a, b)| (a ^ b).count_ones()).collect();
    assert_eq!(wrong.iter().sum::<u32>(), 1);
    assert_eq!(wrong[12], 1);
    assert!(scene.is_untouched().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_sees_another_query() {
    let scene = Scene::with(Fault::Rewrite(|target| format!("{target}&max-keys=1"))).await;
    scene.server.put(&scene.bucket, "second", b"").await;
    let list = format!("/{}?list-type=2", scene.bucket);
    let answer = send(&scene.proxy, "GET", &list, "").await.unwrap();
    assert_eq!(answer.body.matches("<Key>").count(), 1);
    assert_eq!(scene.proxy.seen()[0].query, "list-type=2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_happens_so_many_times_and_to_what_it_is_meant_for() {
    let scene = Scene::new().await;
    let fault = Fault::Answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    let is_get = |seen: &crate::s3::proxy::Seen| seen.method == Method::GET;
    scene.proxy.inject(2, is_get, fault);
    let mut statuses = Vec::new();
    for method in ["GET", "HEAD", "GET", "GET"] {
        let answer = send(&scene.proxy, method, &scene.target, "").await;
        statuses.push(answer.unwrap().status);
    }
    assert_eq!(statuses, [500, 200, 500, 200]);
    assert_eq!(scene.proxy.count(|_| true), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_faults_the_older_happens_first() {
    let scene = Scene::with(Fault::Answer(StatusCode::CONFLICT, "Older")).await;
    let newer = Fault::Answer(StatusCode::GONE, "Newer");
    scene.proxy.inject(1, |_| true, newer);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = send(&scene.proxy, "GET", &scene.target, "").await;
        statuses.push(answer.unwrap().status);
    }
    assert_eq!(statuses, [409, 410, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_for_ever_ends_when_the_proxy_is_healed() {
    let scene = Scene::new().await;
    let fault = Fault::Answer(StatusCode::BAD_GATEWAY, "Down");
    scene.proxy.inject(usize::MAX, |_| true, fault);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = send(&scene.proxy, "GET", &scene.target, "").await;
        statuses.push(answer.unwrap().status);
    }
    scene.proxy.heal();
    let answer = send(&scene.proxy, "GET", &scene.target, "").await;
    statuses.push(answer.unwrap().status);
    assert_eq!(statuses, [502, 502, 502, 200]);
}
