use std::{fs, path::Path, time::Duration};

use credit_risk::access::{
    AccessConfig, AccessError, Caller, Denial, KeyRegistry, Scope, Scopes, Secret, Tier,
};
use tempfile::TempDir;

pub const GENERATED: &str =
    "crk_live_0123456789AB_00000000000000000000000000000000000000000003hdTxj";
pub const ALPHA: &str = "operator-key-alpha-0001";
pub const BETA: &str = "operator-key-beta-00002";

/// A folder of secrets, and settings that look nowhere else.
pub fn settings() -> (TempDir, AccessConfig) {
    let folder = tempfile::tempdir().unwrap();
    let config = AccessConfig {
        require_auth: true,
        api_keys: Vec::new(),
        api_keys_file: None,
        api_key_file: None,
        secrets_dir: folder.path().join("run-secrets"),
        forbid_env_keys: false,
        default_scopes: vec![Scope::ModelRead, Scope::ModelPredict],
        default_tier: Tier::Standard,
        key_pepper: Secret::default(),
        reload_interval: Duration::from_secs(30),
    };
    (folder, config)
}

/// Settings with one file of keys.
pub fn keys_file(text: &str) -> (TempDir, AccessConfig) {
    let (folder, mut config) = settings();
    let path = folder.path().join("keys");
    fs::write(&path, text).unwrap();
    config.api_keys_file = Some(path);
    (folder, config)
}

fn faults(config: &AccessConfig) -> Vec<String> {
    let Err(AccessError::Faults(faults)) = KeyRegistry::load(config) else {
        panic!("the keys were loaded");
    };
    faults
}

fn name(path: &Path) -> String {
    format!("file {}", path.display())
}

#[test]
fn a_file_holds_keys_comments_and_attributes() {
    let text = format!(
        "\u{feff}# keys of the branch offices\r\n\r\n  {GENERATED}  \r\n\
         {ALPHA}; name = night batch ;scopes=model:read+model:write|audit:read, keys:manage; tier=premium\r\n\
         {BETA};scopes=model:predict unlimited_tier;rate_limit_per_hour=500;"
    );
    let (_folder, config) = keys_file(&text);
    let registry = KeyRegistry::load(&config).unwrap();
    assert_eq!(registry.len(), 3);

    let bare = registry.resolve(GENERATED).unwrap();
    assert_eq!(
        (bare.key_id.as_str(), bare.actor()),
        ("key_0123456789AB", "key_0123456789AB")
    );
    assert_eq!(bare.scopes.to_string(), "model:read model:predict");
    assert_eq!(
        (bare.tier, bare.hourly_limit()),
        (Tier::Standard, Some(1_000))
    );

    let alpha = registry.resolve(ALPHA).unwrap();
    assert_eq!(alpha.actor(), "night batch");
    assert_eq!(
        alpha.scopes.to_string(),
        "model:read model:write audit:read keys:manage"
    );
    assert_eq!(alpha.hourly_limit(), Some(10_000));

    let beta = registry.resolve(BETA).unwrap();
    assert_eq!(beta.scopes.to_string(), "model:predict");
    assert_eq!(
        (beta.tier, beta.hourly_limit()),
        (Tier::Unlimited, Some(500))
    );
}

#[test]
fn only_the_exact_key_resolves() {
    let (_folder, config) = keys_file(ALPHA);
    let registry = KeyRegistry::load(&config).unwrap();
    assert!(registry.resolve(ALPHA).is_some());
    let wrong = [
        "",
        "short",
        "operator-key-alpha-0002",
        "Operator-key-alpha-0001",
        "operator-key-alpha-00011",
        " operator-key-alpha-0001",
    ];
    for presented in wrong {
        assert_eq!(registry.resolve(presented), None, "{presented}");
    }
}

#[test]
fn the_hash_is_the_hmac_under_the_pepper() {
    let (_folder, mut config) = keys_file("operator-key-0123456789");
    config.key_pepper = "pepper".into();
    let registry = KeyRegistry::load(&config).unwrap();
    let record = registry.resolve("operator-key-0123456789").unwrap();
    // Python: hmac.new(b"pepper", b"operator-key-0123456789", "sha256").hexdigest()
    assert_eq!(record.api_key_hash, "b87aff78ceabb48d");
    assert_eq!(record.key_id, "key_b87aff78ceab");
}

#[test]
fn sources_are_united_in_order() {
    let (folder, mut config) = keys_file(GENERATED);
    let single = folder.path().join("single");
    fs::write(&single, ALPHA).unwrap();
    config.api_key_file = Some(single.clone());
    fs::create_dir(&config.secrets_dir).unwrap();
    let mounted = config.secrets_dir.join("credit_risk_api_keys");
    fs::write(&mounted, format!("{BETA}\n{ALPHA}")).unwrap();
    config.api_keys = vec!["environment-key-0001".into(), " ".into()];

    let registry = KeyRegistry::load(&config).unwrap();
    assert_eq!(
        registry.len(),
        4,
        "a key repeated with the same attributes counts once"
    );
    let keys = config.api_keys_file.as_ref().unwrap();
    assert_eq!(
        registry.sources(),
        [
            name(keys),
            name(&single),
            name(&mounted),
            "environment".to_owned()
        ]
    );
}

#[test]
fn without_any_source_the_registry_is_empty() {
    let (_folder, config) = settings();
    let registry = KeyRegistry::load(&config).unwrap();
    assert!(registry.is_empty() && registry.sources().is_empty());
}

#[test]
fn all_faults_are_reported_together_and_none_shows_a_key() {
    let text = format!(
        "{ALPHA};tier=gold;colour={BETA}\n\
         tooshort\n\
         {BETA};scopes=model:raed;rate_limit_per_hour=100001;name\n\
         {GENERATED}x;scopes=\n\
         split;operator-key-gamma\n\
         {BETA};tier=free;scopes=premium_tier;name=a;name=b"
    );
    let (folder, mut config) = keys_file(&text);
    let missing = folder.path().join("missing");
    config.api_key_file = Some(missing.clone());
    fs::create_dir(&config.secrets_dir).unwrap();
    let empty = config.secrets_dir.join("credit_risk_api_key");
    fs::write(&empty, "# nothing yet\n\n").unwrap();
    config.api_keys = vec!["mode:read".into()];
    config.forbid_env_keys = true;

    let found = faults(&config);
    let keys = name(config.api_keys_file.as_ref().unwrap());
    let expected = [
        format!("{keys} line 1: unknown tier"),
        format!("{keys} line 1: unknown attribute"),
        format!("{keys} line 2: a key has 16"),
        format!("{keys} line 3: unknown scope"),
        format!("{keys} line 3: rate_limit_per_hour is"),
        format!("{keys} line 3: attributes are written"),
        format!("{keys} line 4: a key that begins with crk_"),
        format!("{keys} line 4: scopes is empty"),
        format!("{keys} line 5: a key has 16"),
        format!("{keys} line 5: attributes are written"),
        format!("{keys} line 6: two different tiers"),
        format!("{keys} line 6: name is given twice"),
        format!("{} cannot be read", name(&missing)),
        format!("{} holds no key", name(&empty)),
        "the environment holds keys".to_owned(),
        "environment entry 1: a key has 16".to_owned(),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(&expected) {
        assert!(found.starts_with(expected), "{found} is not {expected}");
        for part in [
            "operator-key",
            "0123456789AB",
            "tooshort",
            "raed",
            "split",
            "mode:read",
        ] {
            assert!(!found.contains(part), "{found} shows {part}");
        }
    }
}

#[test]
fn contradicting_definitions_are_faults() {
    let same_id = "crk_test_0123456789AB_11111111111111111111111111111111111111111110UjnwL";
    let (_folder, mut config) = keys_file(&format!("{ALPHA};tier=premium\n{GENERATED}"));
    config.api_keys = vec![ALPHA.into(), same_id.into(), GENERATED.into()];
    let keys = name(config.api_keys_file.as_ref().unwrap());
    let expected = [
        format!("environment entry 1: the key of {keys} line 1 again, with other attributes"),
        format!(
            "environment entry 2: another key than that of {keys} line 2, with the same public id"
        ),
    ];
    assert_eq!(faults(&config), expected);
}

#[test]
fn the_free_tier_only_reads() {
    let (_folder, config) = keys_file(&format!(
        "{ALPHA};tier=free_tier;scopes=admin\n{BETA};tier=free"
    ));
    let registry = KeyRegistry::load(&config).unwrap();
    for key in [ALPHA, BETA] {
        assert_eq!(
            registry.resolve(key).unwrap().scopes.to_string(),
            "model:read"
        );
    }
    let (_folder, config) = keys_file(&format!("{ALPHA};tier=free;scopes=model:write"));
    assert!(faults(&config)[0].ends_with("the free tier leaves the key without any scope"));
}

#[test]
fn nothing_prints_a_key() {
    let (_folder, mut config) = keys_file(GENERATED);
    config.api_keys = vec![ALPHA.into()];
    config.key_pepper = "some pepper".into();
    let registry = KeyRegistry::load(&config).unwrap();
    let record = registry.resolve(ALPHA).unwrap();
    let caller = Caller::Key(record.clone());
    let settings = serde_json::to_string(&config).unwrap();
    let printed = format!("{config:?} {registry:?} {record:?} {caller:?} {settings}");
    for secret in [&GENERATED[22..], ALPHA, "some pepper"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(settings.contains(r#""api_keys":["[redacted]"]"#));
}

#[test]
fn settings_survive_toml() {
    let text = r#"
        require_auth = true
        api_keys = ["operator-key-alpha-0001;tier=premium"]
        secrets_dir = "/run/secrets"
        forbid_env_keys = false
        default_scopes = ["model:read", "admin"]
        default_tier = "standard_tier"
        key_pepper = ""
        reload_interval = "30s"
    "#;
    let config: AccessConfig = toml::from_str(text).unwrap();
    assert_eq!(
        config.api_keys[0].expose(),
        "operator-key-alpha-0001;tier=premium"
    );
    assert_eq!(config.default_scopes, [Scope::ModelRead, Scope::Admin]);
    assert_eq!(config.default_tier, Tier::Standard);
    assert!(toml::from_str::<AccessConfig>(&format!("{text}\ncolour = 1")).is_err());
}

#[test]
fn a_caller_passes_with_the_scope_only() {
    let (_folder, config) = keys_file(&format!("{ALPHA}\n{BETA};scopes=admin"));
    let registry = KeyRegistry::load(&config).unwrap();
    let alpha = Caller::Key(registry.resolve(ALPHA).unwrap());
    assert_eq!(alpha.require(Scope::ModelPredict, false), Ok(()));
    let current: Scopes = alpha.scopes();
    let required = Scope::ModelWrite;
    // even an open service does not widen a key
    for open in [false, true] {
        let denial = alpha.require(required, open);
        assert_eq!(denial, Err(Denial::MissingScope { required, current }));
    }
    let admin = Caller::Key(registry.resolve(BETA).unwrap());
    assert!(
        Scope::ALL
            .iter()
            .all(|scope| admin.require(*scope, false).is_ok())
    );

    assert_eq!(Caller::Anonymous.require(Scope::ModelRead, true), Ok(()));
    let refused = Caller::Anonymous.require(Scope::ModelRead, false);
    assert_eq!(refused, Err(Denial::Unauthenticated));
    let prefix = "***".to_owned();
    let unknown = Caller::Unknown {
        prefix,
        reason: "not registered",
    };
    assert_eq!(
        unknown.require(Scope::ModelRead, true),
        Err(Denial::Invalid)
    );
    assert_eq!((unknown.actor(), unknown.key_id()), ("unknown", None));
}
