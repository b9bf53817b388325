//! A bucket that cannot be used is no reason to start and fail later: exit code 1
//! and one sentence.

use std::{net::TcpListener, process::Command};

use crate::{
    s3::{Server, Vendor},
    support::{Home, plan, run},
};

use super::{Bucket, end};

/// The one line that a refused start leaves.
fn refusal(serve: Command) -> String {
    let output = run(serve);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = said.strip_prefix("credit-risk: ").unwrap_or_default();
    assert_eq!(line.trim_end().lines().count(), 1, "{said}");
    // What Rust's `Debug` makes of an error is no sentence.
    assert!(!said.contains(['{', '}']), "{said}");
    said
}

fn assert_refused(serve: Command, words: &[&str]) {
    let said = refusal(serve);
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

#[test]
fn a_missing_bucket_is_refused_by_name() {
    for vendor in [Vendor::SeaweedFs, Vendor::Moto, Vendor::Rclone] {
        let home = Home::new();
        let bucket = Bucket::of(vendor);
        let mut serve = bucket.program(&home, &["serve"]);
        serve.env("CREDIT_RISK_S3_BUCKET", "no-such-bucket");
        assert_refused(serve, &["s3://no-such-bucket", "404 NoSuchBucket"]);
    }
}

#[test]
fn a_wrong_secret_is_refused() {
    for vendor in [Vendor::SeaweedFs, Vendor::Rclone] {
        let home = Home::new();
        let bucket = Bucket::of(vendor);
        let mut serve = bucket.program(&home, &["serve"]);
        serve.env("CREDIT_RISK_S3_SECRET_ACCESS_KEY", "a-wrong-fake-secret");
        assert_refused(serve, &[&bucket.name, "403 SignatureDoesNotMatch"]);
    }
}

#[test]
fn a_key_that_may_only_read_is_refused() {
    let home = Home::new();
    let mut serve = Bucket::new().program(&home, &["serve"]);
    serve
        .env("CREDIT_RISK_S3_ACCESS_KEY_ID", Server::READ_ONLY_ACCESS_KEY)
        .env(
            "CREDIT_RISK_S3_SECRET_ACCESS_KEY",
            Server::READ_ONLY_SECRET_KEY,
        );
    assert_refused(serve, &["could not write an object", "403 AccessDenied"]);
}

#[test]
fn an_endpoint_where_nothing_listens_is_refused_by_name() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let home = Home::new();
    let mut serve = Bucket::new().program(&home, &["serve"]);
    serve.env("CREDIT_RISK_S3_ENDPOINT", &endpoint);
    assert_refused(serve, &[&endpoint, "Connection refused"]);
}

#[test]
fn a_server_that_ignores_if_none_match_is_refused_and_can_be_allowed() {
    let bucket = Bucket::of(Vendor::Rclone);
    let home = Home::new();
    let switch = "S3_ALLOW_UNCONDITIONAL_WRITES";
    let place = format!("s3://{}/models/", bucket.name);
    assert_refused(
        bucket.program(&home, &["serve"]),
        &[
            &place,
            "ignores If-None-Match",
            &format!("CREDIT_RISK_{switch}=true"),
        ],
    );

    let service = bucket.service(&home).set(switch, "true").start();
    let answer = service.client().post("/train", &plan()).ok().json();
    assert_eq!(answer["storage"], "stored");
    let log = end(service).log();
    let warned = |line: &str| line.contains("\"WARN\"") && line.contains("ignores If-None-Match");
    assert_eq!(log.lines().filter(|line| warned(line)).count(), 1, "{log}");
}

#[test]
fn a_second_process_in_the_same_local_folder_is_refused() {
    let bucket = Bucket::new();
    let (home, second) = (Home::new(), Home::new());
    let _service = bucket.service(&home).start();
    let folder = home.path("artifacts/s3");
    let mut serve = bucket.program(&second, &["serve"]);
    serve.env("CREDIT_RISK_S3_LOCAL_PATH", &folder);
    assert_refused(serve, &[folder.to_str().unwrap(), "give each its own"]);
}
