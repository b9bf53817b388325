//! That everything wrong is reported at once, by the name the operator used.

use crate::support::{faults, faults_of, file, sources};

#[test]
fn all_faults_are_reported_together() {
    let (_a, toml) = file("x.toml", "[http]\nprot = 1\nmax_in_flight = 'many'\n");
    let (_b, dotenv) = file(".env", "CREDIT_RISK_BODY_LIMIT=huge\nthis is not a line\n");
    let mut sources = sources(&[
        ("TRAIN_RATE_LIMIT", "often"),
        ("PORT", "70000"),
        ("ENVIRONMENT", "moon"),
        ("LOG_LEVEL", "a=b=c"),
        ("HEADER_LIMIT", "1 KiB"),
    ]);
    sources.file = Some(toml);
    sources.dotenv = Some(dotenv);
    let faults = faults(&sources);
    for part in [
        "`http.prot` is not a setting; did you mean `http.port`?",
        "http.max_in_flight in ",
        "CREDIT_RISK_BODY_LIMIT in ",
        ".env, line 2: expected NAME=value",
        "CREDIT_RISK_TRAIN_RATE_LIMIT: expected a rate such as `10/hour`",
        "CREDIT_RISK_PORT: expected a port, 0 to 65535, not `70000`",
        "CREDIT_RISK_ENVIRONMENT: expected local, staging or production, not `moon`",
        "CREDIT_RISK_LOG_LEVEL (telemetry.log_level): expected",
        "CREDIT_RISK_HEADER_LIMIT (http.header_limit): must be at least 8",
    ] {
        assert!(
            faults.iter().any(|fault| fault.contains(part)),
            "{part}\nnot in {faults:#?}"
        );
    }
    assert_eq!(faults.len(), 9, "{faults:#?}");
}

#[test]
fn a_setting_that_does_not_read_is_not_blamed_twice() {
    // With its default `*` in place, the list of origins would break a rule of staging.
    let faults = faults_of(&[
        ("ENVIRONMENT", "staging"),
        ("API_KEYS", "a-key-of-an-operator"),
        ("CORS_ORIGINS", "[1"),
    ]);
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn every_fault_is_on_a_line_of_its_own() {
    let error = credit_risk::config::load(&sources(&[("PORT", "x"), ("DEBUG", "x")])).unwrap_err();
    assert_eq!(error.to_string().lines().count(), 2);
}

#[test]
fn a_malformed_settings_file_names_the_line() {
    let (_folder, toml) = file("x.toml", "[http]\nport = \n");
    let mut sources = sources(&[]);
    sources.file = Some(toml);
    let faults = faults(&sources);
    assert!(
        faults[0].contains("x.toml: TOML parse error at line 2"),
        "{faults:?}"
    );
}

#[test]
fn a_section_where_a_value_belongs_is_a_fault() {
    for text in [
        "http = 3",
        "[http.port]\na = 1",
        "app.name = 5",
        "limits.train = ['1/hour']",
    ] {
        let (_folder, toml) = file("x.toml", text);
        let mut sources = sources(&[]);
        sources.file = Some(toml);
        assert_eq!(faults(&sources).len(), 1, "{text}");
    }
}
