//! That each documented spelling arrives, and that each promised variable reaches its field.

use std::{path::Path, time::Duration};

use bytesize::ByteSize;
use credit_risk::{
    access::{Scope, Tier},
    audit::Fsync,
    config::Environment,
    model_store::StoreKind,
    telemetry::LogFormat,
};

use crate::support::{config, faults_of, file, loaded, sources};

#[test]
fn lists_are_comma_lists_or_json_arrays() {
    for (text, expected) in [
        (
            "https://a.example,https://b.example",
            vec!["https://a.example", "https://b.example"],
        ),
        (
            " https://a.example , https://b.example ",
            vec!["https://a.example", "https://b.example"],
        ),
        (
            r#"["https://a.example","https://b.example"]"#,
            vec!["https://a.example", "https://b.example"],
        ),
        ("https://a.example", vec!["https://a.example"]),
        ("", vec![]),
        ("[]", vec![]),
    ] {
        assert_eq!(
            config(&[("CORS_ORIGINS", text)]).http.cors.origins,
            expected,
            "{text}"
        );
    }
    let faults = faults_of(&[("CORS_ORIGINS", r#"["https://a.example""#)]);
    assert!(
        faults[0].starts_with("CREDIT_RISK_CORS_ORIGINS: expected a list"),
        "{faults:?}"
    );
}

#[test]
fn keys_keep_their_attributes_and_their_leading_zeros() {
    let text = "0070070070070070;name=batch;scopes=model:read model:predict,second-operator-key";
    let keys = config(&[("API_KEYS", text)]).access.api_keys;
    let keys: Vec<_> = keys.iter().map(|key| key.expose().to_owned()).collect();
    let first = "0070070070070070;name=batch;scopes=model:read model:predict";
    assert_eq!(keys, [first, "second-operator-key"]);
}

#[test]
fn an_empty_variable_leaves_an_optional_setting_out() {
    let (_folder, path) = file("x.toml", "store.s3.bucket = 'loans'");
    let mut sources = sources(&[("S3_BUCKET", "")]);
    sources.file = Some(path);
    let config = credit_risk::config::load(&sources).unwrap().config;
    assert_eq!(config.store.s3.bucket, None);
    assert_eq!(config.data.default_dataset_path, None);
}

#[test]
fn every_promised_variable_reaches_its_field() {
    let config = config(&[
        ("APP_NAME", "Loans"),
        ("DEBUG", "yes"),
        ("API_KEYS", "a-key-of-an-operator"),
        ("REQUIRE_AUTH", "false"),
        ("CORS_ORIGINS", "https://a.example"),
        ("RATE_LIMIT_ENABLED", "1"),
        ("TRAIN_RATE_LIMIT", "3/day"),
        ("PREDICT_RATE_LIMIT", "7/second"),
        ("MODEL_STORAGE_TYPE", "FILESYSTEM"),
        ("MODEL_STORAGE_PATH", "/srv/models"),
        ("S3_BUCKET", "loans"),
        ("LOG_LEVEL", "error"),
        ("AUDIT_LOG_PATH", "/srv/audit.jsonl"),
    ]);
    assert_eq!(config.app.name, "Loans");
    assert!(config.app.debug);
    assert_eq!(config.access.api_keys.len(), 1);
    assert!(!config.access.require_auth);
    assert_eq!(config.http.cors.origins, ["https://a.example"]);
    assert!(config.limits.enabled);
    assert_eq!(config.limits.train.to_string(), "3/day");
    assert_eq!(config.limits.predict.to_string(), "7/second");
    assert_eq!(config.store.kind, StoreKind::Filesystem);
    assert_eq!(config.store.path, Path::new("/srv/models"));
    assert_eq!(config.store.s3.bucket.as_deref(), Some("loans"));
    assert_eq!(config.telemetry.log_level, "error");
    assert_eq!(config.audit.path, Path::new("/srv/audit.jsonl"));
}

#[test]
fn the_promised_defaults_hold() {
    let config = config(&[("RATE_LIMIT_ENABLED", "true")]);
    assert_eq!(config.app.name, "Credit Risk API");
    assert_eq!(config.app.environment, Environment::Local);
    assert!(!config.app.debug);
    assert!(config.access.api_keys.is_empty());
    assert!(config.access.require_auth);
    assert_eq!(
        config.access.default_scopes,
        [Scope::ModelRead, Scope::ModelWrite, Scope::ModelPredict]
    );
    assert_eq!(config.access.default_tier, Tier::Unlimited);
    assert_eq!(config.http.cors.origins, ["*"]);
    assert_eq!(config.http.body_limit, ByteSize::mib(8));
    assert_eq!(config.http.training_timeout, Duration::from_secs(600));
    assert_eq!(config.limits.train.to_string(), "10/hour");
    assert_eq!(config.limits.predict.to_string(), "100/minute");
    assert_eq!(config.store.kind, StoreKind::Filesystem);
    assert_eq!(config.store.path, Path::new("artifacts/models"));
    assert_eq!(config.store.s3.bucket, None);
    assert_eq!(config.audit.path, Path::new("logs/audit.jsonl"));
    assert_eq!(config.audit.fsync, Fsync::Always);
    assert_eq!(
        config.telemetry.log_format,
        LogFormat::Console,
        "the local profile"
    );
}

#[test]
fn sizes_durations_networks_and_scopes_are_read_from_variables() {
    let config = config(&[
        ("BODY_LIMIT", "2 MiB"),
        ("REQUEST_TIMEOUT", "1m 30s"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::1/128"),
        ("DEFAULT_SCOPES", r#"["model:read"]"#),
        ("DEFAULT_TIER", "Standard"),
        ("AUDIT_FSYNC", "interval"),
    ]);
    assert_eq!(config.http.body_limit, ByteSize::mib(2));
    assert_eq!(config.http.request_timeout, Duration::from_secs(90));
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.access.default_scopes, [Scope::ModelRead]);
    assert_eq!(config.access.default_tier, Tier::Standard);
    assert_eq!(config.audit.fsync, Fsync::Interval);
}

#[test]
fn a_count_is_digits_only() {
    for text in ["yes", "2.7", "-1", "", "1e3"] {
        let faults = faults_of(&[("MAX_LEVELS", text)]);
        let expected =
            format!("CREDIT_RISK_MAX_LEVELS: expected a whole number, 0 or more, not `{text}`");
        assert_eq!(faults, [expected]);
    }
}

#[test]
fn a_misspelt_variable_is_warned_about_with_the_nearest_name() {
    let warnings = loaded(&[("TRAIN_RATELIMIT", "1/hour"), ("ZZZZZZ", "")]).warnings;
    assert_eq!(
        warnings,
        [
            "CREDIT_RISK_TRAIN_RATELIMIT is not a setting and has no effect; did you mean \
         `CREDIT_RISK_TRAIN_RATE_LIMIT`?",
            "CREDIT_RISK_ZZZZZZ is not a setting and has no effect",
        ]
    );
}

#[test]
fn a_misspelt_name_in_the_dotenv_file_is_warned_about_too() {
    let (_folder, dotenv) = file(".env", "CREDIT_RISK_PRT=1\nOTHER=2\n");
    let mut sources = sources(&[]);
    sources.dotenv = Some(dotenv);
    let warnings = credit_risk::config::load(&sources).unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("CREDIT_RISK_PRT in "),
        "{warnings:?}"
    );
}
