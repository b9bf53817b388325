//! All settings in one place: gathered, checked and reported together.
//!
//! Each room owns its section; this room assembles them. Sources in rising
//! precedence: `config/default.toml`, the profile of the environment, a
//! settings file, `.env`, the process environment.

mod kind;
mod matrix;
mod report;
mod settings;
mod sources;

use std::fmt;

use ::config::Value;
use serde::{Deserialize, Serialize};

pub use self::{
    kind::Kind,
    report::{reference, render},
    settings::{SETTINGS, Setting},
    sources::{Origin, Sources},
};
use self::{
    matrix::Fault,
    sources::{Gathered, Layer},
};
use crate::{
    access::AccessConfig, audit::AuditConfig, compute::ComputeConfig, credit::DataConfig,
    http::HttpConfig, limits::LimitsConfig, model_store::StoreConfig, telemetry::TelemetryConfig,
};

/// Fewer characters than any API key has.
const SHORTEST_KEY: usize = 16;

/// Every setting of the service. Its `Debug` shows no secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The service as a whole.
    pub app: AppConfig,
    /// The listener, the bodies it accepts, and CORS.
    pub http: HttpConfig,
    /// API keys.
    pub access: AccessConfig,
    /// Rate limits.
    pub limits: LimitsConfig,
    /// Where models live.
    pub store: StoreConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// Logs and metrics.
    pub telemetry: TelemetryConfig,
    /// Threads for training and scoring.
    pub compute: ComputeConfig,
    /// Bounds of training data.
    pub data: DataConfig,
}

/// The service as a whole.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// Its name in documentation and health answers.
    pub name: String,
    /// Which rules apply at start-up.
    pub environment: Environment,
    /// Log in more detail.
    pub debug: bool,
}

/// How strict the rules at start-up are.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A developer's machine: nothing is demanded, much is warned about.
    #[default]
    Local,
    /// Like production, with a filesystem store.
    Staging,
    /// Real applicants.
    Production,
}

impl Environment {
    /// Every environment, from the least to the most strict.
    pub const ALL: [Self; 3] = [Self::Local, Self::Staging, Self::Production];

    /// The compiled-in settings in which it differs from the defaults.
    fn profile(self) -> &'static str {
        match self {
            Self::Local => include_str!("../../config/local.toml"),
            Self::Staging => include_str!("../../config/staging.toml"),
            Self::Production => include_str!("../../config/production.toml"),
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Staging => "staging",
            Self::Production => "production",
        })
    }
}

/// Why the settings do not hold.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Everything that is wrong, one sentence each, no secret in any of them.
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
}

/// Settings that hold, and where each came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Each setting as it was resolved, in the order of [`SETTINGS`].
    pub settings: Vec<Resolved>,
    /// What is allowed but should not last, one sentence each.
    pub warnings: Vec<String>,
}

/// One setting, its value and its source.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its key in a settings file.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// Its value as text; a secret shows only whether it is there.
    pub value: String,
    /// Where the value came from.
    pub source: Origin,
}

/// Reads all sources, resolves every setting and checks the whole.
///
/// # Errors
/// [`ConfigError::Faults`] with everything that is wrong: malformed files and
/// values, unknown keys in the settings file, and what [`Config::check`] finds.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut gathered = Gathered::from(sources);
    imply_log_level(&mut gathered.given);
    let mut faulty = Vec::new();
    let mut settled = Vec::new();
    for setting in SETTINGS {
        match settle(setting, &gathered) {
            Ok(value) => settled.push((setting, value)),
            Err(fault) => {
                faulty.push(setting.key);
                gathered.faults.push(fault);
                // With the default in its place the other rules can still be checked.
                settled.extend(default(setting, &gathered.defaults).map(|value| (setting, value)));
            }
        }
    }
    let config = match assemble(&settled) {
        Ok(config) => config,
        Err(fault) => {
            gathered.faults.push(fault);
            return Err(ConfigError::Faults(gathered.faults));
        }
    };
    let broken = config
        .faults()
        .into_iter()
        .filter(|Fault { key, .. }| !faulty.contains(key));
    gathered
        .faults
        .extend(broken.map(|fault| fault.to_string()));
    if !gathered.faults.is_empty() {
        return Err(ConfigError::Faults(gathered.faults));
    }
    gathered.warnings.extend(config.warnings());
    let settings = settled.iter().map(|(setting, value)| Resolved {
        name: setting.key,
        variable: setting.variable,
        value: setting.kind.show(value),
        source: gathered
            .given
            .get(setting.key)
            .map_or(Origin::Default, |it| it.origin.clone()),
    });
    Ok(Loaded {
        settings: settings.collect(),
        config,
        warnings: gathered.warnings,
    })
}

impl Config {
    /// Every rule that these settings break: the matrix of the environment and
    /// what no environment allows. Looks whether key files are there.
    pub fn check(&self) -> Vec<String> {
        self.faults().iter().map(Fault::to_string).collect()
    }
}

/// Debugging lowers the log level, unless somebody chose one.
fn imply_log_level(given: &mut Layer) {
    let debug = given
        .get("app.debug")
        .and_then(|it| Kind::Switch.read(it.value.clone()));
    let debug = debug.is_some_and(|value| value.into_bool().unwrap_or(false));
    if let Some(level) = given.get_mut("telemetry.log_level")
        && debug
        && !level.origin.is_explicit()
    {
        level.value = Value::new(None, "debug");
        level.origin = Origin::Implied("app.debug");
    }
}

fn settle(setting: &Setting, gathered: &Gathered) -> Result<Value, String> {
    let Some(given) = gathered.given.get(setting.key) else {
        return Err(format!("{} has no value", setting.key));
    };
    setting.kind.read(given.value.clone()).ok_or_else(|| {
        let name = given.origin.call(setting.key);
        let found = given.value.to_string();
        // A long value in the wrong place may be a key or a password.
        let harmless = !setting.kind.is_secret() && found.len() < SHORTEST_KEY;
        let found = if harmless {
            format!(", not `{}`", found.escape_debug())
        } else {
            String::new()
        };
        format!("{name}: expected {}{found}", setting.kind.form())
    })
}

fn default(setting: &Setting, defaults: &Layer) -> Option<Value> {
    setting.kind.read(defaults.get(setting.key)?.value.clone())
}

/// Every value was read in its own form before, so that this can only fail when
/// a room's section and the table of settings disagree.
fn assemble(settled: &[(&Setting, Value)]) -> Result<Config, String> {
    let mut builder = ::config::Config::builder();
    for (setting, value) in settled {
        builder = builder
            .set_override(setting.key, value.clone())
            .map_err(|_| format!("{} is not a path", setting.key))?;
    }
    let whole = builder.build().and_then(::config::Config::try_deserialize);
    whole.map_err(|error| format!("the settings do not fit together{}", key_of(&error)))
}

/// Only the key of an error: the rest may quote a secret.
fn key_of(error: &::config::ConfigError) -> String {
    match error {
        ::config::ConfigError::Type { key: Some(key), .. }
        | ::config::ConfigError::At { key: Some(key), .. }
        | ::config::ConfigError::NotFound(key) => format!(" at {key}"),
        _ => String::new(),
    }
}
