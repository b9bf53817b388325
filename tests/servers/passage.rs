//! What passes the proxy unharmed, and what it notes.

use std::io;

use hyper::Method;

use crate::{
    s3::{
        Server, Vendor,
        client::client,
        proxy::{Fault, Proxy},
    },
    wire::{address, begin, finish, is_silent, send},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_noted_as_it_came() {
    let server = Server::shared(Vendor::Moto).await;
    let bucket = server.new_bucket().await;
    let proxy = Proxy::before(server).await;
    let target = format!("/{bucket}/a%20key?x-id=PutObject");
    send(&proxy, "PUT", &target, "four").await.unwrap();
    let [seen] = &proxy.seen()[..] else {
        panic!("{:?}", proxy.seen());
    };
    assert_eq!(seen.method, Method::PUT);
    assert_eq!(seen.path, format!("/{bucket}/a key"));
    assert_eq!(seen.query, "x-id=PutObject");
    assert_eq!(seen.headers["connection"], "close");
    assert_eq!(seen.body_length, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_answer_pass() {
    let server = Server::shared(Vendor::Moto).await;
    let bucket = server.new_bucket().await;
    let proxy = Proxy::before(server).await;
    let target = format!("/{bucket}/key");
    let put = send(&proxy, "PUT", &target, "a body").await.unwrap();
    let get = send(&proxy, "GET", &target, "").await.unwrap();
    assert_eq!(put.status, 200);
    assert_eq!(server.get(&bucket, "key").await.unwrap(), b"a body");
    assert_eq!((get.status, get.body.as_str()), (200, "a body"));
    assert!(get.head.contains("\r\netag: "), "{get:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_length_of_a_body_passes_without_the_body() {
    let server = Server::shared(Vendor::Moto).await;
    let bucket = server.new_bucket().await;
    server.put(&bucket, "key", b"twelve bytes").await;
    let proxy = Proxy::before(server).await;
    let target = format!("/{bucket}/key");
    let head = send(&proxy, "HEAD", &target, "").await.unwrap();
    assert!(head.head.contains("\r\ncontent-length: 12"), "{head:?}");
    assert_eq!(head.body, "");
}

/// The host is part of the signature, and is the proxy's.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_passes() {
    for vendor in [Vendor::SeaweedFs, Vendor::Rclone] {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        let proxy = Proxy::before(server).await;
        let owner = client(&proxy.endpoint(), Server::ACCESS_KEY, Server::SECRET_KEY);
        let put = owner.put_object().bucket(&bucket).key("ein schöner/key+1");
        put.body(vec![7; 1 << 20].into()).send().await.unwrap();
        let body = server.get(&bucket, "ein schöner/key+1").await;
        assert!(body == Some(vec![7; 1 << 20]), "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_what_they_are() {
    let proxy = Proxy::before(Server::shared(Vendor::Moto).await).await;
    for (method, target) in [("GET", "/b/1"), ("GET", "/b/2"), ("HEAD", "/b/1")] {
        send(&proxy, method, target, "").await.unwrap();
    }
    assert_eq!(proxy.count(|_| true), 3);
    assert_eq!(proxy.count(|seen| seen.method == Method::GET), 2);
    assert_eq!(proxy.count(|seen| seen.path.ends_with("/1")), 2);
    proxy.forget();
    assert_eq!(proxy.count(|_| true), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_its_server_resets_connections() {
    let server = Server::start(Vendor::Rclone).await;
    let proxy = Proxy::before(&server).await;
    server.kill();
    let error = send(&proxy, "GET", "/", "").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_ends_with_its_connections() {
    let proxy = Proxy::before(Server::shared(Vendor::Moto).await).await;
    proxy.inject(1, |_| true, Fault::Stall);
    let address = address(&proxy);
    let stalled = begin(address, "GET", "/", "").await.unwrap();
    assert!(is_silent(&stalled).await);
    drop(proxy);
    finish(stalled).await.unwrap_err();
    let error = begin(address, "GET", "/", "").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}
