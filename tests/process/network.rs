//! Slow, greedy and vanishing clients.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
};

use crate::support::{Home, KEY, eventually, in_progress, plan, read_answer, training_form};

/// Waits until the service has closed the connection without a word.
fn assert_closed(mut stream: &TcpStream) {
    let mut rest = Vec::new();
    // A reset is a close as well; a timeout is not.
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "left open");
    }
    assert_eq!(String::from_utf8_lossy(&rest), "");
}

fn assert_not_waited_for(first_bytes: &[u8]) {
    let home = Home::new();
    let service = home.service().set("HEADER_READ_TIMEOUT", "1s").start();
    let mut stream = service.connect();
    stream.write_all(first_bytes).unwrap();
    assert_closed(&stream);
}

#[test]
fn a_half_sent_request_head_is_closed() {
    assert_not_waited_for(b"GET / HTTP/1.1\r\nhost: x\r\n");
}

#[test]
fn a_connection_without_a_byte_is_closed() {
    assert_not_waited_for(b"");
}

#[test]
fn a_half_sent_http2_preface_is_closed() {
    assert_not_waited_for(b"PRI * HTTP/2.0\r\n");
}

#[test]
fn a_first_letter_that_may_be_either_protocol_is_closed() {
    assert_not_waited_for(b"P");
}

#[test]
fn an_idle_connection_is_closed_after_its_answer() {
    let home = Home::new();
    let service = home.service().set("HEADER_READ_TIMEOUT", "1s").start();
    let mut stream = service.connect();
    stream
        .write_all(b"GET /live HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    assert_eq!(read_answer(&stream).expect("an answer").status, 200);
    assert_closed(&stream);
}

#[test]
fn a_request_shorter_than_the_http2_preface_is_answered_however_long_it_takes() {
    let home = Home::new();
    let service = home.service().set("HEADER_READ_TIMEOUT", "1s").start();
    let mut stream = service.connect();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(read_answer(&stream).expect("an answer").status, 200);
}

#[test]
fn a_slow_body_is_408() {
    let home = Home::new();
    let service = home.service().set("REQUEST_TIMEOUT", "1s").start();
    let answer = read_answer(&in_progress(&service, "/predict")).expect("an answer");
    assert_eq!(answer.status, 408, "{answer:?}");
    assert_eq!(answer.problem(), "REQUEST_TIMEOUT");
    assert!(answer.head.contains("application/problem+json"));
}

#[test]
fn a_slow_training_body_is_408_at_its_own_time() {
    let home = Home::new();
    let service = home.service().set("TRAINING_TIMEOUT", "1s").start();
    let answer = read_answer(&in_progress(&service, "/train")).expect("an answer");
    assert_eq!(answer.status, 408, "{answer:?}");
}

#[test]
fn a_training_that_takes_too_long_is_408_and_recorded() {
    let home = Home::new();
    let service = home.service().set("TRAINING_TIMEOUT", "1s").start();
    let answer = service.client().try_train_long(100).expect("an answer");
    assert_eq!(answer.status, 408, "{answer:?}");
    let failed = home.events("training_failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["status"], 408);
}

#[test]
fn health_answers_before_a_training_that_began_earlier() {
    let home = Home::new();
    let service = home.start();
    let client = service.client();
    let training = thread::spawn(move || client.try_train_long(30));
    eventually("the training has begun", || {
        !home.events("training_started").is_empty()
    });
    service.client().get("/health").ok();
    assert!(
        !training.is_finished(),
        "the training was too short for this test"
    );
    training.join().unwrap().expect("an answer").ok();
}

#[test]
fn a_client_that_hangs_up_during_its_training_is_recorded_and_leaves_no_model() {
    let home = Home::new();
    let service = home.start();
    let mut stream = service.connect();
    let (kind, body) = training_form(100);
    let head = format!(
        "POST /train HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    eventually("the training has begun", || {
        !home.events("training_started").is_empty()
    });
    drop(stream);

    eventually("it is recorded", || {
        !home.events("request_abandoned").is_empty()
    });
    let failed = home.events("training_failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["outcome"], "abandoned");
    let error = failed[0]["error"].as_str().unwrap();
    assert!(error.starts_with("CANCELLED"), "{error}");
    assert_eq!(home.model_files(), Vec::<String>::new());
}

#[test]
fn a_client_that_hangs_up_makes_room_for_the_next_training() {
    let home = Home::new();
    let service = home.service().set("MAX_IN_FLIGHT", "1").start();
    drop(in_progress(&service, "/train"));
    let client = service.client();
    eventually("there is room", || {
        client.post("/train", &plan()).status == 200
    });
}
