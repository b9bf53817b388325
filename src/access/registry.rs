//! The registry of keys: loaded from files and settings, reloaded while running.

use std::{
    collections::HashMap,
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

use arc_swap::ArcSwap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    AccessConfig, AccessError,
    entry::{self, Defaults, KeyEntry},
    key::{ApiKey, KeyDigest},
    scope::Scopes,
    source::{self, SecretFile, Stamp},
    tier::Tier,
};

/// What is kept of a registered key: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// `key_` and the public id; for a key that an operator made up, `key_` and
    /// the first 12 digits of its hash.
    pub key_id: String,
    /// The name its entry gives it.
    pub name: Option<String>,
    /// What the key may do; narrowed by the tier already.
    pub scopes: Scopes,
    /// The service level.
    pub tier: Tier,
    /// The first 16 hexadecimal digits of HMAC-SHA256 of the key under the pepper.
    pub api_key_hash: String,
    /// Requests an hour instead of the tier's, from 1 to 100 000.
    pub requests_per_hour: Option<u32>,
}

impl KeyRecord {
    /// The name for the audit trail: the key's name, or else its id.
    pub fn actor(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.key_id)
    }

    /// Requests an hour, the key's own or its tier's; `None` is without limit.
    pub fn hourly_limit(&self) -> Option<u32> {
        self.requests_per_hour.or(self.tier.requests_per_hour())
    }
}

/// The registered keys. Cloning is shallow: every clone sees a reload.
#[derive(Clone)]
pub struct KeyRegistry(Arc<Shared>);

struct Shared {
    config: AccessConfig,
    loaded: ArcSwap<Loaded>,
}

struct Loaded {
    keys: HashMap<KeyDigest, Arc<KeyRecord>>,
    sources: Vec<String>,
    stamps: Vec<Option<Stamp>>,
}

impl KeyRegistry {
    /// Reads every key: the named files, the mounted secrets, then the settings.
    ///
    /// A file holds one entry a line, with `#` comments; an entry is a key with
    /// optional attributes:
    /// `KEY;name=batch;scopes=model:read model:predict;tier=standard;rate_limit_per_hour=500`.
    /// A key may be repeated with the same attributes. No key at all is no
    /// fault here.
    ///
    /// # Errors
    /// Every fault together: a named file that is missing, a file without a
    /// key, a malformed entry, contradicting entries, keys in the environment
    /// where they are forbidden.
    pub fn load(config: &AccessConfig) -> Result<KeyRegistry, AccessError> {
        let loaded = ArcSwap::from_pointee(Loaded::read(config)?);
        let config = config.clone();
        Ok(KeyRegistry(Arc::new(Shared { config, loaded })))
    }

    /// The record of a presented key; `None` when it is malformed or not registered.
    ///
    /// The lookup runs over digests, which compare in constant time, so that
    /// its duration tells nothing about a registered key.
    pub fn resolve(&self, presented: &str) -> Option<Arc<KeyRecord>> {
        let digest = ApiKey::parse(presented).ok()?.digest();
        self.0.loaded.load().keys.get(&digest).cloned()
    }

    /// How many keys are registered.
    pub fn len(&self) -> usize {
        self.0.loaded.load().keys.len()
    }

    /// Whether no key is registered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the keys came from, such as `file config/keys` or `environment`.
    pub fn sources(&self) -> Vec<String> {
        self.0.loaded.load().sources.clone()
    }

    /// Reads the keys again if a key file was changed, replaced, added or removed.
    ///
    /// `true` when they were read.
    ///
    /// # Errors
    /// As [`KeyRegistry::load`]. The old keys stay, and the next call tries again.
    pub fn reload_if_changed(&self) -> Result<bool, AccessError> {
        let seen: Vec<_> = stamps(&source::secret_files(&self.0.config));
        if seen == self.0.loaded.load().stamps {
            return Ok(false);
        }
        self.reload().map(|_| true)
    }

    /// Reads the keys again and answers how many there are.
    ///
    /// # Errors
    /// As [`KeyRegistry::load`]. The old keys stay.
    pub fn reload(&self) -> Result<usize, AccessError> {
        let loaded = Loaded::read(&self.0.config)?;
        let keys = loaded.keys.len();
        self.0.loaded.store(Arc::new(loaded));
        Ok(keys)
    }
}

impl Debug for KeyRegistry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRegistry")
            .field("keys", &self.len())
            .field("sources", &self.sources())
            .finish_non_exhaustive()
    }
}

fn stamps(files: &[SecretFile]) -> Vec<Option<Stamp>> {
    files.iter().map(SecretFile::stamp).collect()
}

impl Loaded {
    fn read(config: &AccessConfig) -> Result<Loaded, AccessError> {
        let pepper = Hmac::new_from_slice(config.key_pepper.expose().as_bytes())
            .map_err(|_| AccessError::Faults(vec!["the key pepper cannot be used".to_owned()]))?;
        let mut reading = Reading {
            pepper,
            defaults: Defaults {
                scopes: config.default_scopes.iter().copied().collect(),
                tier: config.default_tier,
            },
            keys: HashMap::new(),
            ids: HashMap::new(),
            sources: Vec::new(),
            faults: Vec::new(),
        };
        let files = source::secret_files(config);
        // before the text, so that a change in between shows as a change
        let stamps = stamps(&files);
        for file in &files {
            reading.file(file);
        }
        reading.environment(config);
        if !reading.faults.is_empty() {
            return Err(AccessError::Faults(reading.faults));
        }
        let keys = reading.keys.into_iter();
        Ok(Loaded {
            keys: keys.map(|(digest, (record, _))| (digest, record)).collect(),
            sources: reading.sources,
            stamps,
        })
    }
}

/// Keys read so far, each with the place of its first definition.
struct Reading {
    pepper: Hmac<Sha256>,
    defaults: Defaults,
    keys: HashMap<KeyDigest, (Arc<KeyRecord>, String)>,
    /// Key id to place.
    ids: HashMap<String, String>,
    sources: Vec<String>,
    faults: Vec<String>,
}

impl Reading {
    fn file(&mut self, file: &SecretFile) {
        let name = format!("file {}", file.path.display());
        let text = match file.text() {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(error) => return self.faults.push(format!("{name} cannot be read: {error}")),
        };
        let mut entries = source::entries(&text).peekable();
        if entries.peek().is_none() {
            return self.faults.push(format!("{name} holds no key"));
        }
        for (line, text) in entries {
            self.entry(text, format!("{name} line {line}"));
        }
        self.sources.push(name);
    }

    fn environment(&mut self, config: &AccessConfig) {
        let entries = config.api_keys.iter().enumerate();
        let mut entries = entries
            .map(|(position, entry)| (position + 1, entry.expose().trim()))
            .filter(|(_, entry)| !entry.is_empty())
            .peekable();
        if entries.peek().is_none() {
            return;
        }
        if config.forbid_env_keys {
            let fault = "the environment holds keys, which forbid_env_keys forbids";
            self.faults.push(fault.to_owned());
        }
        for (position, text) in entries {
            self.entry(text, format!("environment entry {position}"));
        }
        self.sources.push("environment".to_owned());
    }

    fn entry(&mut self, text: &str, place: String) {
        let entry = match entry::parse(text, self.defaults) {
            Ok(entry) => entry,
            Err(faults) => {
                let faults = faults.into_iter().map(|fault| format!("{place}: {fault}"));
                return self.faults.extend(faults);
            }
        };
        let digest = entry.key.digest();
        let record = self.record(entry);
        if let Some((first, first_place)) = self.keys.get(&digest) {
            if **first != record {
                self.faults.push(format!(
                    "{place}: the key of {first_place} again, with other attributes"
                ));
            }
            return;
        }
        // two keys under one id would share limits and blur the trail
        if let Some(other) = self.ids.insert(record.key_id.clone(), place.clone()) {
            self.faults.push(format!(
                "{place}: another key than that of {other}, with the same public id"
            ));
        }
        self.keys.insert(digest, (Arc::new(record), place));
    }

    fn record(&self, entry: KeyEntry) -> KeyRecord {
        let mac = self.pepper.clone().chain_update(entry.key.expose());
        let hash = hex::encode(mac.finalize().into_bytes());
        KeyRecord {
            key_id: format!("key_{}", entry.key.public_id().unwrap_or(&hash[..12])),
            name: entry.name,
            scopes: entry.scopes,
            tier: entry.tier,
            api_key_hash: hash[..16].to_owned(),
            requests_per_hour: entry.requests_per_hour,
        }
    }
}
