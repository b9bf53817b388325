//! The forms a setting can have, and how each is read and shown.

use std::{net::IpAddr, time::Duration};

use ::config::{Value, ValueKind};
use bytesize::ByteSize;
use ipnet::IpNet;
use serde::{Deserialize, de::DeserializeOwned};

use super::Environment;
use crate::{
    access::{Scope, Tier},
    audit::Fsync,
    limits::Quota,
    model_store::{Addressing, StoreKind},
    telemetry::LogFormat,
};

/// The form of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`form` describes each of them")]
pub enum Kind {
    Text,
    OptionalText,
    Texts,
    Secret,
    Secrets,
    Switch,
    Count,
    Port,
    Size,
    Duration,
    Quota,
    Address,
    Networks,
    Scopes,
    Tier,
    Environment,
    StoreKind,
    Addressing,
    Fsync,
    LogFormat,
}

impl Kind {
    /// What a value must look like, in words that fit after "expected".
    pub fn form(self) -> &'static str {
        match self {
            Self::Text => "a text that is not empty",
            Self::OptionalText => "a text, or nothing",
            Self::Texts => "a list: `a,b` or `[\"a\",\"b\"]`",
            Self::Secret => "a secret text, or nothing",
            Self::Secrets => "a list of secrets: `a,b` or `[\"a\",\"b\"]`",
            Self::Switch => "true or false",
            Self::Count => "a whole number, 0 or more",
            Self::Port => "a port, 0 to 65535",
            Self::Size => "a size such as `8 MiB`",
            Self::Duration => "a duration such as `30s` or `10m`",
            Self::Quota => "a rate such as `10/hour` or `100 per 15 minutes`",
            Self::Address => "an IP address such as `127.0.0.1`",
            Self::Networks => "a list of networks such as `10.0.0.0/8,::1/128`",
            Self::Scopes => "a list of scopes such as `model:read,model:predict`",
            Self::Tier => "free, standard, premium or unlimited",
            Self::Environment => "local, staging or production",
            Self::StoreKind => "filesystem or s3",
            Self::Addressing => "auto, path or virtual",
            Self::Fsync => "always, interval or never",
            Self::LogFormat => "json or console",
        }
    }

    /// Whether the value must never be shown.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Secrets)
    }

    /// Brings a value into its one spelling; `None` when it has not this form.
    ///
    /// The check reads the very type that the room will read, so a value that
    /// passes here cannot fail there.
    pub(super) fn read(self, value: Value) -> Option<Value> {
        let value = self.spell(value)?;
        let fits = match self {
            Self::Text => reads::<String>(&value),
            Self::OptionalText | Self::Secret => reads::<Option<String>>(&value),
            Self::Texts | Self::Secrets => reads::<Vec<String>>(&value),
            Self::Switch => reads::<bool>(&value),
            Self::Count => reads::<usize>(&value),
            Self::Port => reads::<u16>(&value),
            Self::Size => reads::<ByteSize>(&value),
            Self::Duration => reads::<Elapsed>(&value),
            Self::Quota => reads::<Quota>(&value),
            Self::Address => reads::<IpAddr>(&value),
            Self::Networks => reads::<Vec<IpNet>>(&value),
            Self::Scopes => reads::<Vec<Scope>>(&value),
            Self::Tier => reads::<Tier>(&value),
            Self::Environment => reads::<Environment>(&value),
            Self::StoreKind => reads::<StoreKind>(&value),
            Self::Addressing => reads::<Addressing>(&value),
            Self::Fsync => reads::<Fsync>(&value),
            Self::LogFormat => reads::<LogFormat>(&value),
        };
        fits.then_some(value)
    }

    fn spell(self, value: Value) -> Option<Value> {
        match self {
            Self::Texts | Self::Secrets | Self::Networks | Self::Scopes => list(value),
            Self::Switch => Some(from(value.into_bool().ok()?)),
            Self::Count | Self::Port => Some(from(count(&value)?)),
            Self::Size => Some(value),
            Self::Text => text(value).filter(|value| !is_empty(value)),
            Self::OptionalText => text(value).map(or_nothing),
            Self::Secret | Self::Duration | Self::Quota | Self::Address => text(value),
            Self::Tier
            | Self::Environment
            | Self::StoreKind
            | Self::Addressing
            | Self::Fsync
            | Self::LogFormat => {
                let word = text(value)?.into_string().ok()?;
                Some(from(word.to_ascii_lowercase()))
            }
        }
    }

    /// How a value of this form is shown; secrets only by their number.
    pub(super) fn show(self, value: &Value) -> String {
        match &value.kind {
            ValueKind::Nil => "(none)".to_owned(),
            ValueKind::String(text) if text.is_empty() => "(none)".to_owned(),
            ValueKind::Array(items) if items.is_empty() => "(none)".to_owned(),
            ValueKind::Array(items) if self.is_secret() => format!("(redacted, {})", items.len()),
            _ if self.is_secret() => "(redacted)".to_owned(),
            ValueKind::Array(items) => items
                .iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(","),
            other => other.to_string(),
        }
    }
}

/// Durations are read through `humantime`, as the rooms read them.
#[derive(Deserialize)]
struct Elapsed(
    #[serde(with = "humantime_serde")]
    #[expect(dead_code, reason = "only whether it reads matters")]
    Duration,
);

fn reads<T: DeserializeOwned>(value: &Value) -> bool {
    value.clone().try_deserialize::<T>().is_ok()
}

fn from(kind: impl Into<ValueKind>) -> Value {
    Value::new(None, kind)
}

fn text(value: Value) -> Option<Value> {
    match value.kind {
        ValueKind::String(text) => Some(from(text.trim())),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    matches!(&value.kind, ValueKind::String(text) if text.is_empty())
}

fn or_nothing(value: Value) -> Value {
    if is_empty(&value) {
        from(ValueKind::Nil)
    } else {
        value
    }
}

/// Digits only: the `config` crate would also take `yes` for 1 and round 2.7.
fn count(value: &Value) -> Option<u64> {
    match &value.kind {
        ValueKind::I64(number) => u64::try_from(*number).ok(),
        ValueKind::U64(number) => Some(*number),
        ValueKind::String(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

/// `a,b`, `["a","b"]`, a single entry or nothing. A `;` stays: key entries
/// carry their attributes behind it.
fn list(value: Value) -> Option<Value> {
    let entries: Vec<String> = match value.kind {
        ValueKind::Array(items) => items
            .into_iter()
            .map(|item| text(item)?.into_string().ok())
            .collect::<Option<_>>()?,
        ValueKind::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(&text).ok()?
        }
        ValueKind::String(text) => text
            .split(',')
            .map(|entry| entry.trim().to_owned())
            .collect(),
        _ => return None,
    };
    let entries: Vec<String> = entries
        .into_iter()
        .filter(|entry| !entry.is_empty())
        .collect();
    Some(from(entries))
}
