//! Streams over real sockets: clients that do not read, and a service that stops.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::support::{BUNDLED, Home, KEY, Running, eventually, plan};

/// A stream that has been begun: its head, and the bundled data as its first rows.
fn begun(service: &Running) -> TcpStream {
    let model = service.client().post("/train", &plan()).ok().json();
    let mut stream = service.connect();
    let head = format!(
        "POST /models/{}/score HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n\
         content-type: text/csv\r\ncontent-length: 1000000000\r\n\r\n{BUNDLED}",
        model["model_id"].as_str().unwrap()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn a_client_that_sends_and_does_not_read_is_dropped_and_recorded() {
    let home = Home::new();
    let service = home.service();
    // The connection has a clock of its own; the later one must not decide what is recorded.
    let service = service.set("REQUEST_TIMEOUT", "1s");
    let service = service.set("HEADER_READ_TIMEOUT", "5s").start();
    let mut stream = begun(&service);
    let (_, rows) = BUNDLED.split_once('\n').unwrap();
    let error = loop {
        if let Err(error) = stream.write_all(rows.as_bytes()) {
            break error;
        }
    };
    // Neither for ever nor until the patience of this test is over.
    assert_ne!(error.kind(), ErrorKind::WouldBlock);
    eventually("it is recorded", || {
        !home.events("batch_scoring_failed").is_empty()
    });
    let failed = &home.events("batch_scoring_failed")[0];
    let error = failed["error"].as_str().unwrap();
    assert!(error.contains("took nothing"), "{error}");
}

#[test]
fn a_client_that_hangs_up_is_recorded_as_one() {
    let home = Home::new();
    let service = home.start();
    let mut stream = begun(&service);
    stream.read_exact(&mut [0; 20_000]).unwrap();
    drop(stream);
    eventually("it is recorded", || {
        !home.events("batch_scoring_failed").is_empty()
    });
    assert_eq!(home.events("batch_scoring_failed").len(), 1);
    assert_eq!(home.events("batch_scoring_completed").len(), 0);
}

#[test]
fn a_stream_that_outlasts_the_drain_is_recorded_before_the_end_of_the_trail() {
    let home = Home::new();
    let mut service = home.service().set("DRAIN_TIMEOUT", "1s").start();
    let mut stream = begun(&service);
    stream.read_exact(&mut [0; 20_000]).unwrap();
    service.signal("TERM");
    service.end_within(Duration::from_secs(20));
    let events = home.event_names();
    let [.., failed, stopped] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(failed, "batch_scoring_failed");
    assert_eq!(stopped, "service_stopped");
    assert_eq!(
        home.events("batch_scoring_failed")[0]["outcome"],
        "abandoned"
    );
}

#[test]
fn http_1_0_in_which_a_broken_answer_looks_whole_is_refused() {
    let home = Home::new();
    let service = home.start();
    let model = service.client().post("/train", &plan()).ok().json();
    let mut stream = service.connect();
    let request = format!(
        "POST /models/{}/score HTTP/1.0\r\nx-api-key: {KEY}\r\ncontent-type: text/csv\r\n\
         content-length: {}\r\n\r\n{BUNDLED}",
        model["model_id"].as_str().unwrap(),
        BUNDLED.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 505"), "{answer}");
}
