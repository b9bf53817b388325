//! Access: who is calling, with which key, and what that key may do.

mod base62;
pub mod caller;
mod entry;
pub mod key;
pub mod registry;
pub mod scope;
pub mod secret;
mod source;
pub mod tier;

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::{
    caller::{Caller, Denial},
    key::{ApiKey, KeyDigest, KeyEnvironment, KeyError, SECRET_SCANNING_REGEX, displayed_prefix},
    registry::{KeyRecord, KeyRegistry},
    scope::{Scope, Scopes, UnknownScope},
    secret::Secret,
    tier::{Tier, UnknownTier},
};

/// Settings of this room: where keys come from and what a bare key may do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessConfig {
    /// Whether callers need a key; without, anonymous callers pass every scope.
    pub require_auth: bool,
    /// Keys from the environment or the settings, one entry each, see [`KeyRegistry::load`].
    pub api_keys: Vec<Secret>,
    /// A file of keys, one a line; once named it must exist and hold a key.
    pub api_keys_file: Option<PathBuf>,
    /// The same for a single key, as secret stores mount it.
    pub api_key_file: Option<PathBuf>,
    /// The folder of mounted secrets, `/run/secrets`: `credit_risk_api_keys` and
    /// `credit_risk_api_key` are read there if they exist.
    pub secrets_dir: PathBuf,
    /// Refuse keys from the environment, where other processes may read them.
    pub forbid_env_keys: bool,
    /// The scopes of a key whose entry names none.
    pub default_scopes: Vec<Scope>,
    /// The tier of a key whose entry names none.
    pub default_tier: Tier,
    /// The secret under which key hashes are written to the trail; may be empty.
    pub key_pepper: Secret,
    /// How often the key files are looked at for changes.
    #[serde(with = "humantime_serde")]
    pub reload_interval: Duration,
}

/// Why keys could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccessError {
    /// Every fault found, each naming its place and none repeating any text of a key.
    #[error("the API keys cannot be loaded: {}", .0.join("; "))]
    Faults(Vec<String>),
}
