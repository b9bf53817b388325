//! Shorthands for loading settings from given variables and files.
#![expect(
    clippy::unwrap_used,
    reason = "a test support module; a failure here is the test's failure"
)]

use std::path::{Path, PathBuf};

use credit_risk::config::{Config, ConfigError, Loaded, Sources, load};
use tempfile::TempDir;

/// Sources with these variables, named without their prefix.
pub fn sources(variables: &[(&str, &str)]) -> Sources {
    variables
        .iter()
        .fold(Sources::none(), |sources, (name, value)| {
            sources.with(&format!("CREDIT_RISK_{name}"), value)
        })
}

pub fn loaded(variables: &[(&str, &str)]) -> Loaded {
    load(&sources(variables)).unwrap()
}

pub fn config(variables: &[(&str, &str)]) -> Config {
    loaded(variables).config
}

pub fn faults(sources: &Sources) -> Vec<String> {
    let ConfigError::Faults(faults) = load(sources).unwrap_err();
    faults
}

pub fn faults_of(variables: &[(&str, &str)]) -> Vec<String> {
    faults(&sources(variables))
}

/// The source of a setting, as a report shows it.
pub fn source(loaded: &Loaded, name: &str) -> String {
    let setting = loaded.settings.iter().find(|setting| setting.name == name);
    setting.unwrap().source.to_string()
}

/// A folder with one file in it, and the path of the file.
pub fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(project(path)).unwrap()
}
