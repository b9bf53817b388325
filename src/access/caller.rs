//! Callers: who sent a request, and what they may not do.

use std::sync::Arc;

use super::{
    registry::KeyRecord,
    scope::{Scope, Scopes},
};

/// Who sent a request. Cloning is shallow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The holder of a registered key.
    Key(Arc<KeyRecord>),
    /// Nobody: no credential was sent.
    Anonymous,
    /// Somebody whose credential does not resolve, or who sent contradictory ones.
    Unknown {
        /// What may be shown of the credential, see [`super::displayed_prefix`].
        prefix: String,
        /// What was wrong, for the log and not for the caller.
        reason: &'static str,
    },
}

impl Caller {
    /// Lets the caller pass if they hold `scope`; `open` says that no key is required.
    ///
    /// A wrong credential is refused even when none would have been needed:
    /// its sender believes to be somebody.
    ///
    /// # Errors
    /// The reason of the refusal.
    pub fn require(&self, scope: Scope, open: bool) -> Result<(), Denial> {
        match self {
            Caller::Key(record) if record.scopes.contains(scope) => Ok(()),
            Caller::Key(record) => Err(Denial::MissingScope {
                required: scope,
                current: record.scopes,
            }),
            Caller::Anonymous if open => Ok(()),
            Caller::Anonymous => Err(Denial::Unauthenticated),
            Caller::Unknown { .. } => Err(Denial::Invalid),
        }
    }

    /// The name for the audit trail: the key's name or id, `anonymous` or `unknown`.
    pub fn actor(&self) -> &str {
        match self {
            Caller::Key(record) => record.actor(),
            Caller::Anonymous => "anonymous",
            Caller::Unknown { .. } => "unknown",
        }
    }

    /// The id of the caller's key.
    pub fn key_id(&self) -> Option<&str> {
        match self {
            Caller::Key(record) => Some(&record.key_id),
            Caller::Anonymous | Caller::Unknown { .. } => None,
        }
    }

    /// The scopes of the caller's key; none without a key.
    pub fn scopes(&self) -> Scopes {
        match self {
            Caller::Key(record) => record.scopes,
            Caller::Anonymous | Caller::Unknown { .. } => Scopes::default(),
        }
    }
}

/// Why a caller may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A key is needed and none was sent.
    Unauthenticated,
    /// The credential is wrong.
    Invalid,
    /// The key is right and lacks a scope.
    MissingScope {
        /// The scope that was needed.
        required: Scope,
        /// The scopes that the key has.
        current: Scopes,
    },
}
