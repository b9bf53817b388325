//! The matrix: what each environment refuses, one deviation at a time.

use credit_risk::config::{Environment, load};

use crate::support::{faults, faults_of, loaded, sources};

type Variables<'a> = Vec<(&'a str, &'a str)>;

/// Settings with which an environment starts.
fn sound(environment: &str) -> Variables<'_> {
    vec![
        ("ENVIRONMENT", environment),
        ("API_KEYS_FILE", "/run/keys"),
        ("CORS_ORIGINS", "https://a.example"),
        ("ALLOW_FS_IN_PROD", "true"),
        ("TRUSTED_PROXIES", "10.0.0.0/8"),
    ]
}

fn with<'a>(mut variables: Variables<'a>, name: &'a str, value: &'a str) -> Variables<'a> {
    variables.retain(|(given, _)| *given != name);
    variables.push((name, value));
    variables
}

#[test]
fn sound_settings_start_everywhere_without_a_warning() {
    for environment in Environment::ALL {
        let loaded = loaded(&sound(&environment.to_string()));
        assert_eq!(loaded.config.app.environment, environment);
        assert_eq!(loaded.config.check(), Vec::<String>::new());
        assert_eq!(loaded.warnings, Vec::<String>::new());
    }
}

#[test]
fn one_unsafe_setting_is_refused_where_the_matrix_says_so() {
    // setting, unsafe value, refused in local, staging, production
    let matrix = [
        ("REQUIRE_AUTH", "false", [false, true, true]),
        ("CORS_ORIGINS", "*", [false, true, true]),
        ("CORS_ORIGINS", "", [false, true, true]),
        ("RATE_LIMIT_ENABLED", "false", [false, true, true]),
        ("DEBUG", "true", [false, false, true]),
        ("REQUIRE_HTTPS", "false", [false, false, true]),
        ("ALLOW_FS_IN_PROD", "false", [false, false, true]),
        // Without a bucket.
        ("MODEL_STORAGE_TYPE", "s3", [true, true, true]),
    ];
    for (name, value, refused) in matrix {
        for (environment, refused) in Environment::ALL.into_iter().zip(refused) {
            let environment = environment.to_string();
            let outcome = load(&sources(&with(sound(&environment), name, value)));
            assert_eq!(outcome.is_err(), refused, "{name}={value} in {environment}");
        }
    }
}

#[test]
fn a_refusal_names_the_setting_and_the_environment() {
    let variables = with(sound("production"), "REQUIRE_AUTH", "false");
    let faults = faults_of(&variables);
    assert_eq!(
        faults,
        ["CREDIT_RISK_REQUIRE_AUTH (access.require_auth): must be true in production"]
    );
}

#[test]
fn bare_production_is_refused_for_every_reason_at_once() {
    let faults = faults_of(&[("ENVIRONMENT", "production"), ("SECRETS_DIR", "/nowhere")]);
    assert_eq!(faults.len(), 3, "{faults:#?}");
    for part in [
        "CORS_ORIGINS",
        "ALLOW_FS_IN_PROD=true",
        "no API keys are configured",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(part)), "{part}");
    }
}

#[test]
fn without_any_source_of_keys_only_local_starts() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().to_string_lossy().into_owned();
    for (environment, refused) in Environment::ALL.into_iter().zip([false, true, true]) {
        let environment = environment.to_string();
        let bare = with(sound(&environment), "API_KEYS_FILE", "");
        let bare = sources(&with(bare, "SECRETS_DIR", &secrets));
        assert_eq!(load(&bare).is_err(), refused, "{environment}");
    }
    std::fs::write(
        folder.path().join("credit_risk_api_keys"),
        "a-key-of-an-operator",
    )
    .unwrap();
    let bare = with(sound("staging"), "API_KEYS_FILE", "");
    assert!(load(&sources(&with(bare, "SECRETS_DIR", &secrets))).is_ok());
}

#[test]
fn keys_in_the_environment_are_warned_about_outside_local_and_refused_on_demand() {
    let key = ("API_KEYS", "a-key-of-an-operator");
    for (environment, warned) in Environment::ALL.into_iter().zip([0, 1, 1]) {
        let environment = environment.to_string();
        let variables = with(sound(&environment), key.0, key.1);
        assert_eq!(loaded(&variables).warnings.len(), warned, "{environment}");
        let faults = faults(&sources(&with(variables, "FORBID_ENV_KEYS", "true")));
        assert!(
            faults[0].contains("CREDIT_RISK_FORBID_ENV_KEYS"),
            "{faults:?}"
        );
    }
}

#[test]
fn unwise_settings_are_warned_about() {
    let open = loaded(&[("REQUIRE_AUTH", "false")]).warnings;
    assert!(open[0].contains("authentication is off"), "{open:?}");
    let lossy = loaded(&with(sound("staging"), "AUDIT_FSYNC", "never")).warnings;
    assert!(lossy[0].contains("CREDIT_RISK_AUDIT_FSYNC"), "{lossy:?}");
    assert!(loaded(&[("AUDIT_FSYNC", "never")]).warnings.is_empty());
    let bucket = [("MODEL_STORAGE_TYPE", "s3"), ("S3_BUCKET", "models")];
    let patient = loaded(&[bucket[0], bucket[1], ("S3_TIMEOUT", "10s")]).warnings;
    assert!(patient[0].contains("S3_TIMEOUT"), "{patient:?}");
    assert!(loaded(&bucket).warnings.is_empty());
    let unreachable = loaded(&with(sound("production"), "TRUSTED_PROXIES", "")).warnings;
    assert!(
        unreachable[0].contains("CREDIT_RISK_TRUSTED_PROXIES"),
        "{unreachable:?}"
    );
}
