//! The secrets of the bucket are in nothing the service writes.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    thread,
};

use hyper::{Method, StatusCode};

use crate::{
    canary::{Canary, assert_unsaid, written},
    s3::{
        Server, Vendor,
        proxy::{Fault, Proxy},
    },
    support::{Client, Home, Running, Service, plan, run},
    survival::prediction,
};

use super::{Bucket, end};

const KEY: &str = "FAKECANARYKEYFORTESTS";
const SECRET: &str = "canarySecretQ7mZx2TwLd4KvB8nYhJp3sR1";
const TOKEN: &str = "canaryTokenFwoGZXIvYXdzEBYaDHqa0AP1S9dE5tQeKbW7xYzUvLm";

/// Asks every part of the S3 client for all it has to say.
const LOUDEST: &str = "trace,aws_config=trace,aws_runtime=trace,aws_sdk_s3=trace,aws_sigv4=trace,\
                       aws_smithy_http_client=trace,aws_smithy_runtime=trace,\
                       aws_smithy_runtime_api=trace";

/// What an operator may set at most, and more than that.
const LEVELS: [&str; 2] = ["trace", LOUDEST];

/// A service at this level behind a proxy, with credentials that the command is given.
fn start(
    vendor: Vendor,
    level: &str,
    home: &Home,
    credentials: impl Fn(&mut Command),
) -> (Running, Proxy) {
    let (bucket, proxy) = Bucket::proxied(vendor);
    let mut serve = bucket.program_without_key(home, &["serve"]);
    credentials(&mut serve);
    let service = Service::new(serve).set("LOG_LEVEL", level);
    (service.set("S3_MAX_ATTEMPTS", "1").start(), proxy)
}

/// Requests that use the object store in every way, while it works and while it fails. No answer
/// shows a secret.
fn use_the_store(client: &Client, proxy: &Proxy, canaries: &[Canary]) {
    let ask = |method: &str, path: &str, body: &str| {
        let json = ("content-type", "application/json");
        let answer = client.try_send(method, path, &[json], body).unwrap();
        for canary in canaries {
            canary.assert_answer(path, &answer);
        }
        answer
    };
    let train = plan().to_string();
    let unknown = prediction("unknown").to_string();
    let trained = ask("POST", "/train", &train).ok().json();
    let path = format!("/models/{}", trained["model_id"].as_str().unwrap());
    let everything = || {
        ask("POST", &format!("{path}/persist"), "{}").ok();
        let list = ask("GET", "/models", "").status;
        (list, ask("POST", "/predict", &unknown).status)
    };
    assert_eq!(everything(), (200, 404));

    let says = Fault::Answer;
    for fault in [
        says(StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        says(StatusCode::BAD_REQUEST, "ExpiredToken"),
        says(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        Fault::ResetBefore,
    ] {
        proxy.inject(usize::MAX, |_| true, fault);
        assert_eq!(everything(), (503, 503));
        assert_eq!(ask("DELETE", &path, "").status, 503);
        proxy.heal();
    }
    proxy.inject(
        1,
        |seen| seen.method == Method::PUT,
        says(StatusCode::FORBIDDEN, "AccessDenied"),
    );
    let trained = ask("POST", "/train", &train).ok().json();
    assert_eq!(trained["storage"], "pending_upload");
    assert_eq!(ask("DELETE", &path, "").status, 204);
}

#[test]
fn the_secret_and_the_token_among_the_settings_are_written_nowhere() {
    let canaries = [SECRET, TOKEN].map(Canary::of);
    for level in LEVELS {
        let home = Home::new();
        let (service, proxy) = start(Vendor::Moto, level, &home, |serve| {
            serve
                .env("CREDIT_RISK_S3_ACCESS_KEY_ID", KEY)
                .env("CREDIT_RISK_S3_SECRET_ACCESS_KEY", SECRET)
                .env("CREDIT_RISK_S3_SESSION_TOKEN", TOKEN);
        });
        use_the_store(&service.client(), &proxy, &canaries);
        assert!(proxy.count(|seen| seen.headers["x-amz-security-token"] == TOKEN) > 10);
        for (place, text) in written(&home, service) {
            canaries
                .iter()
                .for_each(|it| it.assert_not_in(place, &text));
            // It is no secret, and yet nobody's business unless the signing itself is to be watched.
            if level == "trace" {
                Canary::of(KEY).assert_not_in(place, &text);
            }
        }
    }
}

#[test]
fn the_secret_of_a_server_that_checks_it_is_written_nowhere() {
    let canary = Canary::of(Server::SECRET_KEY);
    for level in LEVELS {
        let home = Home::new();
        let (service, proxy) = start(Vendor::SeaweedFs, level, &home, |serve| {
            serve
                .env("CREDIT_RISK_S3_ACCESS_KEY_ID", Server::ACCESS_KEY)
                .env("CREDIT_RISK_S3_SECRET_ACCESS_KEY", Server::SECRET_KEY);
        });
        use_the_store(&service.client(), &proxy, &[Canary::of(Server::SECRET_KEY)]);
        canary.assert_unwritten(&home, service);
    }
}

/// The address of a platform's agent that hands this document to everybody.
fn agent(document: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = document.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {length}\r\n\r\n{document}"
            );
        }
    });
    format!("http://{address}/credentials")
}

/// Credentials as a container's agent gives them, which end at this time.
fn document(expiration: &str) -> String {
    format!(
        r#"{{"AccessKeyId": "{KEY}", "SecretAccessKey": "{SECRET}", "Token": "{TOKEN}", "Expiration": {expiration}}}"#
    )
}

#[test]
fn temporary_credentials_of_a_container_are_used_and_written_nowhere() {
    let canaries = [SECRET, TOKEN].map(Canary::of);
    let agent = agent(document("\"2099-01-01T00:00:00Z\""));
    for level in LEVELS {
        let home = Home::new();
        let (service, proxy) = start(Vendor::Moto, level, &home, |serve| {
            serve.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent);
        });
        service.client().post("/train", &plan()).ok();
        assert!(proxy.count(|seen| seen.headers["x-amz-security-token"] == TOKEN) > 0);
        let log = end(service).log();
        canaries
            .iter()
            .for_each(|it| it.assert_not_in("the log", &log));
    }
}

/// Commands that fail, or succeed, with the secrets in places right and wrong.
fn commands(home: &Home) -> Vec<Command> {
    let bucket = Bucket::of(Vendor::SeaweedFs);
    let with = |arguments: &[&str], settings: &[(&str, &str)]| {
        let mut command = bucket.program(home, arguments);
        command.env("CREDIT_RISK_S3_SECRET_ACCESS_KEY", SECRET);
        for (name, value) in settings {
            command.env(name, value);
        }
        command
    };
    let without = |settings: &[(&str, &str)]| {
        let mut command = bucket.program_without_key(home, &["serve"]);
        command.envs(settings.iter().copied());
        command
    };
    home.write(
        "wrong",
        &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    home.write(
        "spoilt",
        &format!("[default]\naws_access_key_id = {KEY}\naws_secret_access_key {SECRET}\n{TOKEN}"),
    );
    let in_address = format!("http://{KEY}:{SECRET}@s3.lender.example");
    let cut = document("\"2099-01-01T00:00:00Z\"").replace('}', "");
    let [cut, soon] = [cut, document("\"soon\"")].map(agent);
    let file = "CREDIT_RISK_S3_CREDENTIALS_FILE";
    let container = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    vec![
        with(
            &["config", "check"],
            &[("CREDIT_RISK_S3_SESSION_TOKEN", TOKEN)],
        ),
        with(
            &["config", "check"],
            &[("CREDIT_RISK_S3_ACCESS_KEY_ID", "")],
        ),
        with(
            &["config", "check"],
            &[("CREDIT_RISK_S3_ENDPOINT", &in_address)],
        ),
        with(&["config", "check"], &[(file, "wrong")]),
        // Signed with a secret that the server does not know.
        with(&["serve"], &[]),
        with(&["serve"], &[("CREDIT_RISK_S3_SESSION_TOKEN", TOKEN)]),
        with(
            &["models", "copy", "--from", "s3", "--to", "filesystem"],
            &[],
        ),
        without(&[("CREDIT_RISK_S3_SESSION_TOKEN", TOKEN)]),
        without(&[(file, "wrong")]),
        without(&[(file, "spoilt")]),
        without(&[("AWS_SHARED_CREDENTIALS_FILE", "spoilt")]),
        without(&[(container, &cut)]),
        without(&[(container, &soon)]),
    ]
}

#[test]
fn neither_config_check_nor_a_failing_start_shows_a_secret() {
    let home = Home::new();
    for mut command in commands(&home) {
        command.env("CREDIT_RISK_LOG_LEVEL", LOUDEST);
        command.env("CREDIT_RISK_S3_MAX_ATTEMPTS", "1");
        // No other machine is asked.
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        let output = run(command);
        for canary in [SECRET, TOKEN].map(Canary::of) {
            assert_unsaid(&canary, &output);
        }
    }
}
