//! Nobody reads the service's log any more: it serves and stops all the same.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Client, Home, KEY, eventually, plan};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_service_whose_log_nobody_reads_answers_and_stops() {
    let home = Home::new();
    let mut serve = home.program(&["serve"]);
    serve.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut service = Killed(serve.spawn().unwrap());
    let log = BufReader::new(service.0.stderr.take().unwrap());
    let address = log.lines().find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        line["address"].as_str().map(|it| it.parse().unwrap())
    });
    // The reader of its standard error is gone here.
    let client = Client::new(address.unwrap(), Some(KEY));
    client.post("/train", &plan()).ok();
    kill_process(Pid::from_child(&service.0), Signal::TERM).unwrap();
    eventually("it stops", || service.0.try_wait().unwrap().is_some());
    assert!(service.0.wait().unwrap().success());
    assert_eq!(home.events("service_stopped").len(), 1);
}
