//! How a server hangs and ends.

use std::{
    env, fs, io,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    s3::{Server, Vendor},
    wire::{PATIENCE, begin, finish, is_silent},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_answers_when_it_goes_on() {
    for vendor in [Vendor::SeaweedFs, Vendor::Moto, Vendor::Rclone] {
        let server = Server::start(vendor).await;
        server.stop();
        let stream = begin(server.address(), "GET", "/", "").await.unwrap();
        assert!(is_silent(&stream).await, "{vendor:?}");
        server.resume();
        finish(stream).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_be_stopped_twice() {
    let server = Server::start(Vendor::Rclone).await;
    server.stop();
    server.stop();
    server.resume();
    server.new_bucket().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_refuses_connections() {
    let server = Server::start(Vendor::Rclone).await;
    server.kill();
    let error = begin(server.address(), "GET", "/", "").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_ends_with_its_last_clone() {
    let server = Server::start(Vendor::Rclone).await;
    let (address, clone) = (server.address(), server.clone());
    drop(server);
    clone.new_bucket().await;
    clone.stop();
    drop(clone);
    let error = begin(address, "GET", "/", "").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

/// A test of this binary, run again and killed while its server starts.
#[test]
fn no_server_outlives_a_killed_run() {
    let mut run = Command::new(env::current_exe().unwrap())
        .arg("vendors::a_reader_may_read")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut server = None;
    eventually(|| {
        let mut children = children(run.id()).into_iter();
        server = children.find(|(_, name)| name == "weed");
        server.is_some()
    });
    run.kill().unwrap();
    run.wait().unwrap();
    let (number, name) = server.unwrap();
    eventually(|| !runs(number, &name));
}

/// Number and name of a process's children.
fn children(parent: u32) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let child = |number| {
        let (name, fields) = stat(number)?;
        let is_child = fields.split(' ').nth(1) == Some(&parent.to_string());
        is_child.then_some((number, name))
    };
    numbers.filter_map(child).collect()
}

fn runs(number: u32, name: &str) -> bool {
    stat(number).is_some_and(|(its, fields)| its == name && !fields.starts_with('Z'))
}

/// A process's name and its fields from the state on.
fn stat(number: u32) -> Option<(String, String)> {
    let line = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (name, fields) = line.split_once(" (")?.1.rsplit_once(") ")?;
    Some((name.to_owned(), fields.to_owned()))
}

fn eventually(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain");
        thread::sleep(Duration::from_millis(5));
    }
}
