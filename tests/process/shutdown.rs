//! Stopping: what is under way is finished, what hangs is not waited for.

use std::{net::TcpStream, thread, time::Duration};

use crate::support::{Home, PATIENCE, Running, eventually, in_progress, plan};

/// So many times the bundled loans take a second or more to train on.
const LONG: usize = 30;

fn wait_for_training(home: &Home) {
    eventually("the training has begun", || {
        !home.events("training_started").is_empty()
    });
}

fn refuses_connections(service: &Running) -> bool {
    TcpStream::connect(service.address).is_err()
}

fn assert_finishes_a_training(signal: &str) {
    let home = Home::new();
    let mut service = home.start();
    let client = service.client();
    let training = thread::spawn(move || client.try_train_long(LONG));
    wait_for_training(&home);
    service.signal(signal);
    eventually("connections are refused", || refuses_connections(&service));
    assert!(
        !training.is_finished(),
        "the training was too short for this test"
    );

    let answer = training.join().unwrap().expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(service.end_within(PATIENCE).success());
    assert_eq!(
        home.event_names(),
        [
            "service_started",
            "training_started",
            "auth_success",
            "training_completed",
            "model_persisted",
            "service_stopped",
        ]
    );
}

#[test]
fn sigterm_lets_a_training_finish() {
    assert_finishes_a_training("TERM");
}

#[test]
fn sigint_lets_a_training_finish() {
    assert_finishes_a_training("INT");
}

#[test]
fn an_idle_service_ends_at_once_with_exit_code_0() {
    let home = Home::new();
    let mut service = home.start();
    service.client().post("/train", &plan()).ok();
    service.signal("TERM");
    assert_eq!(service.end_within(Duration::from_secs(10)).code(), Some(0));
    assert_eq!(home.events("service_stopped").len(), 1);
}

#[test]
fn a_half_sent_request_is_not_waited_for_beyond_the_drain_timeout() {
    let home = Home::new();
    let mut service = home.service().set("DRAIN_TIMEOUT", "1s").start();
    let _hanging = in_progress(&service, "/train");
    service.signal("TERM");
    assert!(service.end_within(Duration::from_secs(10)).success());
}

#[test]
fn a_training_beyond_the_drain_timeout_is_cancelled_and_recorded() {
    let home = Home::new();
    let mut service = home.service().set("DRAIN_TIMEOUT", "100ms").start();
    let client = service.client();
    let training = thread::spawn(move || client.try_train_long(4 * LONG));
    wait_for_training(&home);
    service.signal("TERM");
    assert!(service.end_within(Duration::from_secs(10)).success());

    assert!(
        training.join().unwrap().is_none(),
        "it was answered after all"
    );
    assert_eq!(home.model_files(), Vec::<String>::new());
    assert_eq!(
        home.event_names(),
        [
            "service_started",
            "training_started",
            "auth_success",
            "training_failed",
            "request_abandoned",
            "service_stopped",
        ]
    );
}
