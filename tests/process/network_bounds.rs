//! How much at once.

use std::{io::Write, net::TcpStream};

use crate::support::{Home, KEY, Running, in_progress, read_answer};

/// A service with room for one request, and the one that takes it.
fn full_service(home: &Home) -> (Running, TcpStream) {
    let service = home.service().set("MAX_IN_FLIGHT", "1").start();
    let first = in_progress(&service, "/predict");
    (service, first)
}

#[test]
fn a_request_beyond_the_bound_is_503_not_ready_with_retry_after() {
    let home = Home::new();
    let (service, _first) = full_service(&home);
    let answer = service.client().get("/models");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.problem(), "NOT_READY");
    assert!(answer.head.contains("retry-after"), "{}", answer.head);
}

#[test]
fn health_is_not_bounded() {
    let home = Home::new();
    let (service, _first) = full_service(&home);
    service.client().get("/health").ok();
}

#[test]
fn there_is_room_again_when_the_first_request_is_answered() {
    let home = Home::new();
    let (service, mut first) = full_service(&home);
    first.write_all(b"}\n").unwrap();
    assert_eq!(read_answer(&first).expect("an answer").status, 422);
    service.client().get("/models").ok();
}

#[test]
fn a_head_over_the_limit_is_431() {
    let home = Home::new();
    let service = home.service().set("HEADER_LIMIT", "8 KiB").start();
    let mut stream = service.connect();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "x".repeat(9000)
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_answer(&stream).expect("an answer").status, 431);
}

#[test]
fn a_head_within_the_limit_is_read() {
    let home = Home::new();
    let service = home.service().set("HEADER_LIMIT", "16 KiB").start();
    let mut stream = service.connect();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "x".repeat(9000)
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_answer(&stream).expect("an answer").status, 200);
}

#[test]
fn one_connection_carries_many_requests() {
    let home = Home::new();
    let service = home.start();
    let mut stream = service.connect();
    for _ in 0..10 {
        let head = format!("GET /models HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        assert_eq!(read_answer(&stream).expect("an answer").status, 200);
    }
}

#[test]
fn three_hundred_hanging_connections_leave_room_for_a_request() {
    let home = Home::new();
    let service = home.service().set("MAX_IN_FLIGHT", "1").start();
    let hanging = |n: usize| {
        let mut stream = service.connect();
        let bytes: &[u8] = if n.is_multiple_of(2) {
            b""
        } else {
            b"POST /train HTTP/1.1\r\nhost"
        };
        stream.write_all(bytes).unwrap();
        stream
    };
    let streams: Vec<_> = (0..300).map(hanging).collect();
    service.client().get("/models").ok();
    drop(streams);
}
