//! Which source overrules which.

use credit_risk::config::{Environment, Sources, load};

use crate::support::{config, faults, file, loaded, source, sources};

const KEY: &str = "http.max_applications";

#[test]
fn each_source_overrules_the_one_below_it() {
    let (_a, toml) = file("x.toml", "[http]\nmax_applications = 2\n");
    let (_b, dotenv) = file(".env", "CREDIT_RISK_MAX_APPLICATIONS=3\n");
    let mut sources = Sources::none();
    let mut seen = Vec::new();
    let mut look = |sources: &Sources| {
        let loaded = load(sources).unwrap();
        seen.push((loaded.config.http.max_applications, source(&loaded, KEY)));
    };
    look(&sources);
    sources.file = Some(toml.clone());
    look(&sources);
    sources.dotenv = Some(dotenv.clone());
    look(&sources);
    look(&sources.with("CREDIT_RISK_MAX_APPLICATIONS", "4"));

    let expected = [
        (1000, "default".to_owned()),
        (2, format!("file {}", toml.display())),
        (3, dotenv.display().to_string()),
        (4, "environment CREDIT_RISK_MAX_APPLICATIONS".to_owned()),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_profile_overrules_the_defaults_and_yields_to_a_file() {
    let local = loaded(&[]);
    assert!(!local.config.limits.enabled);
    assert_eq!(source(&local, "limits.enabled"), "profile local");

    let (_folder, path) = file("x.toml", "limits.enabled = true");
    let mut sources = Sources::none();
    sources.file = Some(path);
    assert!(load(&sources).unwrap().config.limits.enabled);
}

#[test]
fn the_environment_may_be_chosen_by_any_source() {
    let (_folder, dotenv) = file(".env", "CREDIT_RISK_ENVIRONMENT=staging\n");
    let mut sources = sources(&[
        ("API_KEYS", "a-key-of-an-operator"),
        ("CORS_ORIGINS", "https://a.example"),
    ]);
    sources.dotenv = Some(dotenv);
    let staging = load(&sources).unwrap();
    assert_eq!(staging.config.app.environment, Environment::Staging);
    assert!(
        staging.config.limits.enabled,
        "the local profile must not apply"
    );

    let local = load(&sources.with("CREDIT_RISK_ENVIRONMENT", "local")).unwrap();
    assert_eq!(local.config.app.environment, Environment::Local);
}

#[test]
fn our_own_name_overrules_an_alias() {
    let alias = Sources::none().with("PORT", "9000");
    let both = alias.clone().with("CREDIT_RISK_PORT", "9001");
    assert_eq!(load(&alias).unwrap().config.http.port, 9000);
    assert_eq!(load(&both).unwrap().config.http.port, 9001);
}

#[test]
fn an_alias_in_the_environment_overrules_the_dotenv_file() {
    let (_folder, dotenv) = file(".env", "CREDIT_RISK_PORT=1\n");
    let mut sources = Sources::none().with("PORT", "2");
    sources.dotenv = Some(dotenv);
    assert_eq!(load(&sources).unwrap().config.http.port, 2);
}

#[test]
fn names_of_sibling_services_are_understood() {
    for name in ["CHAPKIT_API_KEYS", "SERVICEKIT_API_KEYS"] {
        let loaded = load(&Sources::none().with(name, "one-operator-key,another-operator-key"));
        let keys = loaded.unwrap().config.access.api_keys;
        assert_eq!(keys.len(), 2, "{name}");
    }
    let named = Sources::none().with("CHAPKIT_API_KEY_FILE", "/x/keys");
    assert_eq!(
        load(&named).unwrap().config.access.api_keys_file,
        Some("/x/keys".into())
    );
    for name in ["MODEL_ARTIFACTS_PATH", "CREDIT_RISK_MODEL_ARTIFACTS_PATH"] {
        let named = load(&Sources::none().with(name, "elsewhere")).unwrap();
        assert_eq!(
            named.config.store.path,
            std::path::Path::new("elsewhere"),
            "{name}"
        );
    }
}

#[test]
fn a_settings_file_may_be_named_by_a_variable_and_the_flag_overrules_it() {
    let (_a, variable) = file("a.toml", "app.name = 'variable'");
    let (_b, flag) = file("b.toml", "app.name = 'flag'");
    let mut sources = Sources::none().with("CREDIT_RISK_CONFIG_FILE", &variable.to_string_lossy());
    let named = load(&sources).unwrap();
    assert_eq!(named.config.app.name, "variable");
    assert!(named.warnings.is_empty(), "{:?}", named.warnings);
    sources.file = Some(flag);
    assert_eq!(load(&sources).unwrap().config.app.name, "flag");
}

#[test]
fn a_named_file_that_is_missing_is_a_fault() {
    let mut sources = Sources::none();
    sources.file = Some("/nowhere/x.toml".into());
    sources.dotenv = Some("/nowhere/.env".into());
    let faults = faults(&sources);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().all(|fault| fault.contains("/nowhere/")));
}

#[test]
fn debugging_lowers_the_log_level_unless_one_was_chosen() {
    let debugging = loaded(&[("DEBUG", "true")]);
    assert_eq!(debugging.config.telemetry.log_level, "debug");
    assert_eq!(
        source(&debugging, "telemetry.log_level"),
        "implied by app.debug"
    );
    let chosen = config(&[("DEBUG", "true"), ("LOG_LEVEL", "WARNING")]);
    assert_eq!(chosen.telemetry.log_level, "WARNING");
    assert_eq!(config(&[]).telemetry.log_level, "INFO");
}

#[test]
fn the_process_environment_is_read_and_never_written() {
    let sources = Sources::of_process(None);
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    assert!(
        sources
            .environment_variables
            .contains(&("CARGO_MANIFEST_DIR".to_owned(), here))
    );

    let (_folder, dotenv) = file(".env", "CREDIT_RISK_MAX_LEVELS=7\n");
    let mut sources = Sources::none();
    sources.dotenv = Some(dotenv);
    assert_eq!(load(&sources).unwrap().config.data.max_levels, 7);
    assert_eq!(std::env::var_os("CREDIT_RISK_MAX_LEVELS"), None);
}
