//! That the table in the code, the defaults, `.env.example` and the manual agree.

use std::collections::BTreeSet;

use credit_risk::config::{SETTINGS, load, reference};

use crate::support::{project, read, sources};

/// What the service was promised to understand from the beginning.
const PROMISED: [&str; 13] = [
    "APP_NAME",
    "DEBUG",
    "API_KEYS",
    "REQUIRE_AUTH",
    "CORS_ORIGINS",
    "RATE_LIMIT_ENABLED",
    "TRAIN_RATE_LIMIT",
    "PREDICT_RATE_LIMIT",
    "MODEL_STORAGE_TYPE",
    "MODEL_STORAGE_PATH",
    "S3_BUCKET",
    "LOG_LEVEL",
    "AUDIT_LOG_PATH",
];

fn leaves(path: &str, table: &toml::Table, keys: &mut BTreeSet<String>) {
    for (name, value) in table {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            toml::Value::Table(inner) => leaves(&path, inner, keys),
            _ => assert!(keys.insert(path)),
        }
    }
}

#[test]
fn the_defaults_name_every_setting_and_nothing_else() {
    let mut keys = BTreeSet::new();
    leaves("", &read("config/default.toml").parse().unwrap(), &mut keys);
    let table: BTreeSet<String> = SETTINGS.iter().map(|it| it.key.to_owned()).collect();
    assert_eq!(keys, table);
}

#[test]
fn no_name_is_used_twice() {
    let names: Vec<_> = SETTINGS
        .iter()
        .flat_map(|setting| setting.names())
        .collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn every_default_is_explained_above_it() {
    let text = read("config/default.toml");
    let mut section = String::new();
    let mut comment = String::new();
    let mut explained = 0;
    for line in text.lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push_str(words);
            comment.push('\n');
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            comment.clear();
        } else if let Some((name, _)) = line.split_once(" = ") {
            let key = format!("{section}.{name}");
            let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
            assert!(
                comment.contains(setting.about),
                "{key} lacks: {}",
                setting.about
            );
            assert!(
                comment.ends_with(&format!("Variable: {}\n", setting.variable)),
                "{key}"
            );
            comment.clear();
            explained += 1;
        }
    }
    assert_eq!(explained, SETTINGS.len());
}

#[test]
fn profiles_hold_only_what_differs_from_the_defaults() {
    let defaults: toml::Table = read("config/default.toml").parse().unwrap();
    for profile in ["local", "staging", "production"] {
        let table: toml::Table = read(&format!("config/{profile}.toml")).parse().unwrap();
        for (section, settings) in &table {
            for (name, value) in settings.as_table().unwrap() {
                assert_ne!(
                    &defaults[section][name], value,
                    "{profile}: {section}.{name}"
                );
            }
        }
    }
}

/// The names and values of `.env.example`, with those that are commented out.
fn example() -> dotenvy::Result<Vec<(String, String)>> {
    let text = read(".env.example");
    let lines = text
        .lines()
        .map(|line| line.strip_prefix('#').unwrap_or(line));
    let settings: Vec<&str> = lines
        .filter(|line| line.starts_with("CREDIT_RISK_"))
        .collect();
    let settings = settings.join("\n");
    dotenvy::from_read_iter(settings.as_bytes()).collect()
}

#[test]
fn the_example_names_only_settings_and_every_promised_one() {
    let names: BTreeSet<String> = example()
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in &names {
        assert!(
            SETTINGS.iter().any(|setting| setting.variable == name),
            "{name}"
        );
    }
    for name in PROMISED {
        assert!(names.contains(&format!("CREDIT_RISK_{name}")), "{name}");
    }
}

#[test]
fn the_example_as_it_stands_changes_nothing_but_the_limiter_of_local() {
    let mut copied = sources(&[]);
    copied.dotenv = Some(project(".env.example"));
    let copied = load(&copied).unwrap();
    let bare = load(&sources(&[])).unwrap();
    let pairs = copied.settings.iter().zip(&bare.settings);
    let changed: Vec<_> = pairs
        .filter(|(a, b)| a.value != b.value)
        .map(|(a, _)| a.name)
        .collect();
    assert_eq!(changed, ["limits.enabled"]);
    assert!(copied.warnings.is_empty());
}

#[test]
fn the_example_with_every_line_in_force_is_read() {
    let variables = example().unwrap();
    let pairs: Vec<_> = variables
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("CREDIT_RISK_")?, value.as_str())))
        .collect();
    load(&sources(&pairs)).unwrap();
}

#[test]
fn the_manual_holds_the_table_of_settings() {
    let manual = read("docs/CONFIGURATION.md");
    let begin = manual.find("<!-- begin of the generated table").unwrap();
    let begin = begin + manual[begin..].find('\n').unwrap() + 1;
    let end = manual.find("<!-- end of the generated table").unwrap();
    let expected = format!("{}{}{}", &manual[..begin], reference(), &manual[end..]);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(project("docs/CONFIGURATION.md"), expected).unwrap();
    } else {
        assert!(
            manual == expected,
            "docs/CONFIGURATION.md is stale: run with BLESS=1"
        );
    }
}
