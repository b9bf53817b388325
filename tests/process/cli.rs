//! The command line.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, process::Output};

use credit_risk::access::ApiKey;
use serde_json::Value;

use crate::support::{Home, KEY, run};

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    text(&output.stdout) + &text(&output.stderr)
}

/// The standard output of a command that must succeed.
fn printed(home: &Home, arguments: &[&str]) -> String {
    let output = run(home.program(arguments));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_generated_key_has_a_valid_checksum() {
    let line = printed(&Home::new(), &["keys", "generate", "--environment", "test"]);
    let key = ApiKey::parse(line.trim_end()).unwrap();
    assert!(key.public_id().is_some());
    assert!(line.starts_with("crk_test_"), "not a test key");
}

#[test]
fn two_generated_keys_differ() {
    let home = Home::new();
    let key = || printed(&home, &["keys", "generate"]);
    assert_ne!(key(), key());
}

#[test]
fn a_generated_key_file_is_readable_by_its_owner_only() {
    let home = Home::new();
    let printed = printed(&home, &["keys", "generate", "--out", "secrets/made"]);
    let mode = fs::metadata(home.path("secrets/made"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(printed, "");
}

#[test]
fn a_second_generated_key_is_appended() {
    let home = Home::new();
    for name in ["one", "two"] {
        printed(
            &home,
            &["keys", "generate", "--name", name, "--out", "made"],
        );
    }
    let text = fs::read_to_string(home.path("made")).unwrap();
    let names: Vec<_> = text
        .lines()
        .map(|line| line.split(";name=").nth(1))
        .collect();
    assert_eq!(names, [Some("one"), Some("two")]);
}

#[test]
fn a_generated_entry_serves_with_its_name_its_scopes_and_its_tier() {
    let home = Home::new();
    let options = [
        "--name",
        "batch",
        "--scopes",
        "model:read,model:predict",
        "--tier",
        "standard",
    ];
    let generate = ["keys", "generate", "--out", "keys"];
    printed(&home, &[&generate[..], &options[..]].concat());
    let text = fs::read_to_string(home.path("keys")).unwrap();
    let key = text.lines().last().unwrap().split(';').next().unwrap();

    let service = home.start();
    let client = service.client_with(Some(key));
    client.get("/models").ok();
    let verified = client
        .post("/auth/verify", &serde_json::json!({}))
        .ok()
        .json();
    assert!(verified.to_string().contains("standard"), "{verified}");
    let train = serde_json::json!({"model_type": "logistic_regression"});
    assert_eq!(client.post("/train", &train).status, 403);
    let denied = home.events("authz_denied");
    assert_eq!(denied[0]["user"], "batch");
}

#[test]
fn config_check_prints_every_setting_and_its_source() {
    let table = printed(&Home::new(), &["config", "check"]);
    let row = |setting| {
        table
            .lines()
            .find(|line| line.starts_with(setting))
            .unwrap()
    };
    assert!(row("http.port").contains("CREDIT_RISK_PORT"), "{table}");
    assert!(row("limits.train").contains("10/hour"), "{table}");
}

#[test]
fn config_check_masks_secrets() {
    let home = Home::new();
    let mut command = home.program(&["config", "check"]);
    command.env("CREDIT_RISK_API_KEYS", KEY);
    command.env("CREDIT_RISK_KEY_PEPPER", "a-pepper-nobody-may-see");
    let output = run(command);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("operator-key"));
    assert!(!said(&output).contains("a-pepper"));
}

#[test]
fn config_check_reports_all_faults_together_and_fails() {
    let home = Home::new();
    let mut command = home.program(&["config", "check"]);
    command.env("CREDIT_RISK_PORT", "many");
    command.env("CREDIT_RISK_DRAIN_TIMEOUT", "soon");
    command.env("CREDIT_RISK_LOG_FORMAT", "xml");
    let output = run(command);
    assert_eq!(output.status.code(), Some(1));
    for variable in [
        "CREDIT_RISK_PORT",
        "CREDIT_RISK_DRAIN_TIMEOUT",
        "CREDIT_RISK_LOG_FORMAT",
    ] {
        assert!(said(&output).contains(variable), "{}", said(&output));
    }
}

#[test]
fn serve_refuses_what_config_check_refuses() {
    let home = Home::new();
    let output = home.service().set("DRAIN_TIMEOUT", "soon").run();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("CREDIT_RISK_DRAIN_TIMEOUT"),
        "{}",
        said(&output)
    );
}

#[test]
fn serve_fails_on_a_port_in_use_and_names_the_address() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let holder = TcpListener::bind(taken).unwrap();
    let output = home.service().set("PORT", &taken.port().to_string()).run();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains(&taken.to_string()),
        "{}",
        said(&output)
    );
    drop(holder);
}

/// The exit code of `healthcheck` against a port.
fn healthcheck(home: &Home, host: &str, port: u16) -> Option<i32> {
    let mut command = home.program(&["healthcheck"]);
    command.env("CREDIT_RISK_HOST", host);
    command.env("CREDIT_RISK_PORT", port.to_string());
    run(command).status.code()
}

#[test]
fn healthcheck_succeeds_when_the_service_is_healthy() {
    let home = Home::new();
    let service = home.start();
    assert_eq!(
        healthcheck(&home, "127.0.0.1", service.address.port()),
        Some(0)
    );
}

#[test]
fn healthcheck_reaches_a_service_on_every_address() {
    let home = Home::new();
    let service = home.service().set("HOST", "0.0.0.0").start();
    assert_eq!(
        healthcheck(&home, "0.0.0.0", service.address.port()),
        Some(0)
    );
}

#[test]
fn healthcheck_fails_when_the_service_is_unhealthy() {
    let home = Home::new();
    let service = home.start();
    fs::remove_dir_all(home.path("artifacts/models")).unwrap();
    assert_eq!(
        healthcheck(&home, "127.0.0.1", service.address.port()),
        Some(1)
    );
}

#[test]
fn healthcheck_fails_when_nothing_listens() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(healthcheck(&Home::new(), "127.0.0.1", free.port()), Some(1));
}

#[test]
fn the_bare_variable_port_is_honoured() {
    let home = Home::new();
    let mut command = home.program(&["config", "check"]);
    command.env_remove("CREDIT_RISK_PORT").env("PORT", "12345");
    let table = said(&run(command));
    let row = table
        .lines()
        .find(|line| line.starts_with("http.port"))
        .unwrap();
    assert!(row.contains("12345"), "{row}");
}

#[test]
fn openapi_prints_the_document_that_is_served() {
    let home = Home::new();
    let printed: Value = serde_json::from_str(&printed(&home, &["openapi"])).unwrap();
    let service = home.start();
    assert_eq!(service.client().get("/openapi.json").ok().json(), printed);
}

#[test]
fn version_is_printed() {
    let line = printed(&Home::new(), &["--version"]);
    assert_eq!(
        line,
        concat!("credit-risk ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
