//! Tiers: how much a key may ask for in an hour.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::scope::{Scope, Scopes};

/// The service level of a key, written `standard` or `standard_tier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Tier {
    /// 100 requests an hour, and only `model:read`.
    Free,
    /// 1 000 requests an hour.
    Standard,
    /// 10 000 requests an hour.
    Premium,
    /// No hourly limit; the limits of the routes still hold.
    Unlimited,
}

impl Tier {
    const ALL: [Tier; 4] = [Tier::Free, Tier::Standard, Tier::Premium, Tier::Unlimited];

    /// The wire form, such as `standard`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tier::Free => "free",
            Tier::Standard => "standard",
            Tier::Premium => "premium",
            Tier::Unlimited => "unlimited",
        }
    }

    /// Requests an hour; `None` is without limit.
    pub const fn requests_per_hour(self) -> Option<u32> {
        match self {
            Tier::Free => Some(100),
            Tier::Standard => Some(1_000),
            Tier::Premium => Some(10_000),
            Tier::Unlimited => None,
        }
    }

    /// What is left of `scopes` on this tier: the free tier only reads models.
    pub fn narrow(self, scopes: Scopes) -> Scopes {
        match self {
            Tier::Free => [Scope::ModelRead]
                .into_iter()
                .filter(|scope| scopes.contains(*scope))
                .collect(),
            Tier::Standard | Tier::Premium | Tier::Unlimited => scopes,
        }
    }
}

impl Display for Tier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Tier> for &'static str {
    fn from(tier: Tier) -> Self {
        tier.as_str()
    }
}

/// A word that names no tier; the word is not repeated, since it may be a misplaced key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unknown tier; the tiers are free, standard, premium and unlimited")]
pub struct UnknownTier;

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, UnknownTier> {
        let name = text.strip_suffix("_tier").unwrap_or(text);
        Tier::ALL
            .into_iter()
            .find(|tier| tier.as_str() == name)
            .ok_or(UnknownTier)
    }
}

impl TryFrom<String> for Tier {
    type Error = UnknownTier;

    fn try_from(text: String) -> Result<Self, UnknownTier> {
        text.parse()
    }
}
