//! Scopes: what a key may do.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One right that a key may carry, written on the wire as in `model:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Scope {
    /// See models, jobs and their results.
    ModelRead,
    /// Train, persist and delete models.
    ModelWrite,
    /// Score applications.
    ModelPredict,
    /// See and export usage.
    BillingManage,
    /// Read and verify the audit trail.
    AuditRead,
    /// Issue, rotate and revoke keys.
    KeysManage,
    /// Act in the name of another identity, as a trusted proxy does.
    IdentityAssert,
    /// Scrape the metrics.
    MetricsRead,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope, in order.
    pub const ALL: [Scope; 9] = [
        Scope::ModelRead,
        Scope::ModelWrite,
        Scope::ModelPredict,
        Scope::BillingManage,
        Scope::AuditRead,
        Scope::KeysManage,
        Scope::IdentityAssert,
        Scope::MetricsRead,
        Scope::Admin,
    ];

    /// The wire form, such as `model:read`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::ModelRead => "model:read",
            Scope::ModelWrite => "model:write",
            Scope::ModelPredict => "model:predict",
            Scope::BillingManage => "billing:manage",
            Scope::AuditRead => "audit:read",
            Scope::KeysManage => "keys:manage",
            Scope::IdentityAssert => "identity:assert",
            Scope::MetricsRead => "metrics:read",
            Scope::Admin => "admin",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Display for Scope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

/// A word that names no scope; the word is not repeated, since it may be a misplaced key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unknown scope; the scopes are {}", Scopes::from_iter(Scope::ALL))]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Scope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(UnknownScope)
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

/// A set of scopes; copying costs two bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u16);

impl Scopes {
    /// Whether the set grants `scope`; [`Scope::Admin`] grants every scope.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// Whether nothing is granted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes as they were given, in order; `admin` is not spelled out.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

impl Display for Scopes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}
