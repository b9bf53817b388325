//! `models copy`: from a folder to a bucket and back.

use std::{
    collections::BTreeSet,
    fs,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use crate::{
    s3::{Vendor, proxy::Fault},
    support::{Client, Home, Service, eventually, plan, run},
    survival::{listed, predicted, train},
};

use super::{Bucket, Kind, is_metadata, is_model, keys_of, wait};

const TO_S3: [&str; 6] = ["models", "copy", "--from", "filesystem", "--to", "s3"];
const FROM_S3: [&str; 6] = ["models", "copy", "--from", "s3", "--to", "filesystem"];

/// A home whose folder has so many models, trained there.
fn home_with_models(number: usize) -> (Home, BTreeSet<String>) {
    let home = Home::new();
    let service = home.start();
    let client = service.client();
    let ids = (0..number).map(|_| train(&client, &plan())).collect();
    (home, ids)
}

/// What a command printed on standard output as it ended with this exit code.
fn printed(command: Command, code: i32) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = run(command);
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{said}");
    String::from_utf8(stdout).unwrap()
}

/// A line for each model, in order, and the summary.
fn report<'a>(lines: impl IntoIterator<Item = (&'a String, &'a str)>, summary: &str) -> String {
    let lines = lines.into_iter().map(|(id, what)| format!("{id} {what}\n"));
    format!("{}{summary}\n", lines.collect::<String>())
}

fn all<'a>(ids: &'a BTreeSet<String>, what: &'a str, summary: &str) -> String {
    report(ids.iter().map(|id| (id, what)), summary)
}

fn predictions(client: &Client) -> Vec<String> {
    let ids = listed(client);
    ids.iter().map(|id| predicted(client, id)).collect()
}

#[test]
fn models_go_to_the_bucket_and_back_beside_running_services_bit_for_bit() {
    let (home, ids) = home_with_models(3);
    let bucket = Bucket::new();
    // The service that is to be migrated runs on, with the settings that the copy has.
    let mut on_folder = bucket.program(&home, &["serve"]);
    on_folder.env("CREDIT_RISK_MODEL_STORAGE_TYPE", "filesystem");
    let on_folder = Service::new(on_folder).start();
    let expected = predictions(&on_folder.client());
    let mut copy = bucket.program(&home, &TO_S3);
    copy.env("CREDIT_RISK_MODEL_STORAGE_TYPE", "filesystem");
    let summary = "3 copied, 0 there already, 0 not copied";
    assert_eq!(printed(copy, 0), all(&ids, "copied", summary));
    assert_eq!(bucket.keys(), keys_of(&ids));
    drop(on_folder);

    // Now it runs on the bucket, and has that local folder locked which the copy is told of.
    let on_bucket = bucket.service(&home).start();
    assert_eq!(predictions(&on_bucket.client()), expected);
    let summary = "0 copied, 3 there already, 0 not copied";
    let again = printed(bucket.program(&home, &TO_S3), 0);
    assert_eq!(again, all(&ids, "is there already", summary));

    let back = Home::new();
    let summary = "3 copied, 0 there already, 0 not copied";
    let copied = printed(bucket.program(&back, &FROM_S3), 0);
    assert_eq!(copied, all(&ids, "copied", summary));
    for file in home.model_files() {
        let [there, here] = [&home, &back].map(|it| it.path(&format!("artifacts/models/{file}")));
        assert_eq!(fs::read(here).unwrap(), fs::read(there).unwrap(), "{file}");
    }
    assert_eq!(predictions(&back.start().client()), expected);
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_copy_killed_at_any_point_is_completed_by_the_next() {
    // Where the second model's copy hangs, and how much of it is in the bucket then.
    let points: [(Kind, Fault, usize); 3] = [
        (is_model, Fault::Stall, 0),
        (is_model, Fault::StallAfter, 1),
        (is_metadata, Fault::Stall, 1),
    ];
    let (home, ids) = home_with_models(3);
    for (request, fault, objects) in points {
        let (bucket, proxy) = Bucket::proxied(Vendor::SeaweedFs);
        // The first model passes.
        proxy.inject(1, request, Fault::Delay(Duration::ZERO));
        proxy.inject(1, request, fault);
        let mut copy = bucket.program(&home, &TO_S3);
        let mut copy = Killed(copy.stdout(Stdio::null()).spawn().unwrap());
        eventually("the copy hangs", || {
            proxy.count(request) == 2 && bucket.keys().len() == 2 + objects
        });
        copy.0.kill().unwrap();
        copy.0.wait().unwrap();

        proxy.heal();
        let output = printed(bucket.program(&home, &TO_S3), 0);
        let there = 1 + objects;
        let summary = format!("{} copied, {there} there already, 0 not copied", 3 - there);
        assert_eq!(output.lines().last(), Some(summary.as_str()), "{output}");
        assert_eq!(bucket.keys(), keys_of(&ids));
    }
}

#[test]
fn what_cannot_be_copied_is_named_and_the_rest_is_copied() {
    let (home, ids) = home_with_models(3);
    let [damaged, taken, sound] = Vec::from_iter(&ids)[..] else {
        panic!("three models")
    };
    home.write(&format!("artifacts/models/{damaged}.model"), "no model");
    let bucket = Bucket::new();
    let other = wait(async {
        let key = format!("models/{taken}.model");
        bucket.server.put(&bucket.name, &key, b"another").await;
        key
    });

    let output = printed(bucket.program(&home, &TO_S3), 1);
    let why = format!("NOT COPIED: the stored model {damaged} is damaged: it is too short");
    let lines = [
        (damaged, why.as_str()),
        (taken, "NOT COPIED: another model of this id is there"),
        (sound, "copied"),
    ];
    assert_eq!(
        output,
        report(lines, "1 copied, 0 there already, 2 not copied")
    );
    let untouched = wait(bucket.server.get(&bucket.name, &other));
    assert_eq!(untouched.unwrap(), b"another");
}

#[test]
fn a_copy_to_where_it_comes_from_is_refused() {
    for backend in ["filesystem", "s3"] {
        let home = Home::new();
        let output = run(home.program(&["models", "copy", "--from", backend, "--to", backend]));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stderr, b"credit-risk: --from and --to must differ\n");
    }
}

#[test]
fn a_copy_without_a_bucket_is_refused() {
    let home = Home::new();
    let output = run(home.program(&TO_S3));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("CREDIT_RISK_S3_BUCKET"), "{said}");
}

#[test]
fn production_may_copy_from_the_folder_that_it_may_not_serve_from() {
    let (home, ids) = home_with_models(1);
    let bucket = Bucket::new();
    let production = |arguments: &[&str], backend: &str| {
        let mut command = bucket.program(&home, arguments);
        for (name, value) in [
            ("ENVIRONMENT", "production"),
            ("CORS_ORIGINS", "https://console.lender.example"),
            ("TRUSTED_PROXIES", "127.0.0.1/32"),
            ("MODEL_STORAGE_TYPE", backend),
        ] {
            command.env(format!("CREDIT_RISK_{name}"), value);
        }
        command
    };
    printed(production(&["config", "check"], "s3"), 0);
    printed(production(&["config", "check"], "filesystem"), 1);
    let summary = "1 copied, 0 there already, 0 not copied";
    for (backend, expected) in [
        ("s3", all(&ids, "copied", summary)),
        (
            "filesystem",
            all(
                &ids,
                "is there already",
                "0 copied, 1 there already, 0 not copied",
            ),
        ),
    ] {
        assert_eq!(printed(production(&TO_S3, backend), 0), expected);
    }
}
