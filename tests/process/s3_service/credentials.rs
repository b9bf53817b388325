//! Every way to give the key to the bucket, and settings that contradict each other.

use std::process::Command;

use crate::{
    s3::Server,
    support::{Home, Service, plan, run},
};

use super::Bucket;

/// A file of credentials in Amazon's format, with the key under this profile.
fn write_credentials(home: &Home, profile: &str) {
    let (key, secret) = (Server::ACCESS_KEY, Server::SECRET_KEY);
    home.write(
        "credentials",
        &format!("[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"),
    );
}

/// On a server that refuses every other key.
fn assert_trains(serve: Command) {
    let service = Service::new(serve).start();
    let answer = service.client().post("/train", &plan()).ok().json();
    assert_eq!(answer["storage"], "stored");
}

#[test]
fn a_key_among_the_settings_opens_the_bucket() {
    let home = Home::new();
    assert_trains(Bucket::new().program(&home, &["serve"]));
}

#[test]
fn a_file_of_credentials_opens_the_bucket() {
    let home = Home::new();
    write_credentials(&home, "default");
    let mut serve = Bucket::new().program_without_key(&home, &["serve"]);
    serve.env("CREDIT_RISK_S3_CREDENTIALS_FILE", "credentials");
    assert_trains(serve);
}

#[test]
fn a_shared_file_and_a_profile_open_the_bucket() {
    let home = Home::new();
    write_credentials(&home, "lender");
    let mut serve = Bucket::new().program_without_key(&home, &["serve"]);
    serve.env("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    serve.env("AWS_PROFILE", "lender");
    assert_trains(serve);
}

#[test]
fn the_variables_of_amazons_tools_open_the_bucket() {
    let bucket = Bucket::new();
    let home = Home::new();
    let mut serve = home.program(&["serve"]);
    serve
        .env("CREDIT_RISK_MODEL_STORAGE_TYPE", "s3")
        .env("CREDIT_RISK_S3_BUCKET", &bucket.name)
        .env("AWS_ENDPOINT_URL_S3", bucket.server.endpoint())
        .env("AWS_REGION", Server::REGION)
        .env("AWS_ACCESS_KEY_ID", Server::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", Server::SECRET_KEY);
    assert_trains(serve);
}

#[test]
fn a_setting_wins_over_the_variables_of_amazons_tools() {
    let home = Home::new();
    let mut serve = Bucket::new().program(&home, &["serve"]);
    serve
        .env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        .env("AWS_REGION", "elsewhere-1")
        .env("AWS_ACCESS_KEY_ID", "FAKEOTHERKEYFORTESTS")
        .env("AWS_SECRET_ACCESS_KEY", "another-fake-secret-for-tests");
    assert_trains(serve);
}

/// What contradicts what, and the variable that a refusal must name.
const CONTRADICTIONS: [(&[(&str, &str)], &str); 12] = [
    (&[("S3_BUCKET", "")], "S3_BUCKET"),
    (&[("S3_BUCKET", "s3://loans/models")], "S3_BUCKET"),
    (&[("S3_BUCKET", "lo")], "S3_BUCKET"),
    (&[("S3_PREFIX", "models")], "S3_PREFIX"),
    (&[("S3_PREFIX", "/")], "S3_PREFIX"),
    (&[("S3_ENDPOINT", "s3.lender.example")], "S3_ENDPOINT"),
    (&[("S3_ENDPOINT", "ftp://s3.lender.example")], "S3_ENDPOINT"),
    (&[("S3_ADDRESSING", "dns")], "S3_ADDRESSING"),
    (&[("S3_ACCESS_KEY_ID", "key")], "S3_ACCESS_KEY_ID"),
    (&[("S3_SECRET_ACCESS_KEY", "secret")], "S3_ACCESS_KEY_ID"),
    (&[("S3_SESSION_TOKEN", "token")], "S3_SESSION_TOKEN"),
    (
        &[
            ("S3_ACCESS_KEY_ID", "key"),
            ("S3_SECRET_ACCESS_KEY", "secret"),
            ("S3_CREDENTIALS_FILE", "credentials"),
        ],
        "S3_CREDENTIALS_FILE",
    ),
];

/// What a command says on standard error as it fails; it prints nothing else.
fn refusal(home: &Home, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let mut command = home.program(arguments);
    command.env("CREDIT_RISK_MODEL_STORAGE_TYPE", "s3");
    command.env("CREDIT_RISK_S3_BUCKET", "loans");
    for (name, value) in settings {
        command.env(format!("CREDIT_RISK_{name}"), value);
    }
    let output = run(command);
    assert_eq!(output.status.code(), Some(1), "{settings:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn contradictions_are_refused_by_check_and_serve_alike() {
    let home = Home::new();
    for (settings, variable) in CONTRADICTIONS {
        let checked = refusal(&home, &["config", "check"], settings);
        assert!(
            checked.contains(&format!("CREDIT_RISK_{variable}")),
            "{checked}"
        );
        assert_eq!(refusal(&home, &["serve"], settings), checked);
    }
}
