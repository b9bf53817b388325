//! Quotas: how many requests in how long, written `10/hour`.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most requests a quota may allow.
pub const MOST_REQUESTS: u32 = 1_000_000;
/// The longest period: a leap year.
pub(super) const LONGEST_PERIOD: Duration = Duration::from_secs(366 * 86_400);
/// Seconds of each unit, the longest first.
const UNITS: [(&str, u64); 4] = [
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
];

/// A number of requests in a period, such as `10/hour` or `100 per 15 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Quota {
    /// Requests in one period, 1 to 1 000 000; as many may come at once.
    pub limit: u32,
    /// Whole seconds, one at least and 366 days at most.
    pub period: Duration,
}

/// `n` requests an hour, brought into 1 to 1 000 000.
pub fn hourly(n: u32) -> Quota {
    Quota {
        limit: n.clamp(1, MOST_REQUESTS),
        period: Duration::from_secs(3_600),
    }
}

/// A text that is no quota, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no quota: {fault}")]
pub struct QuotaError {
    /// What was read.
    pub text: String,
    /// What is wrong with it.
    pub fault: QuotaFault,
}

/// What is wrong with the text of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuotaFault {
    /// Neither `N/unit` nor `N per M units`.
    #[error("write it as \"10/hour\" or \"10 per 15 minutes\"")]
    Shape,
    /// The number of requests.
    #[error("the number of requests is a whole number from 1 to {MOST_REQUESTS}")]
    Limit,
    /// The unit of time.
    #[error("the unit is second, minute, hour or day")]
    Unit,
    /// The number of units.
    #[error("the period is a whole number of units, from one second to 366 days")]
    Period,
}

impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        parse(&text.to_ascii_lowercase()).map_err(|fault| QuotaError {
            text: text.to_owned(),
            fault,
        })
    }
}

fn parse(text: &str) -> Result<Quota, QuotaFault> {
    let (limit, period) = text
        .split_once('/')
        .or_else(|| text.split_once(" per "))
        .ok_or(QuotaFault::Shape)?;
    let limit = whole_number(limit.trim())
        .and_then(|limit| u32::try_from(limit).ok())
        .filter(|limit| (1..=MOST_REQUESTS).contains(limit))
        .ok_or(QuotaFault::Limit)?;
    let period = period.trim();
    let unit_at = period
        .find(|at: char| at.is_ascii_alphabetic())
        .ok_or(QuotaFault::Unit)?;
    let (count, unit) = period.split_at(unit_at);
    let count = match count.trim() {
        "" => 1,
        count => whole_number(count).ok_or(QuotaFault::Period)?,
    };
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let (_, seconds) = UNITS
        .into_iter()
        .find(|(name, _)| *name == singular)
        .ok_or(QuotaFault::Unit)?;
    let seconds = count
        .checked_mul(seconds)
        .filter(|seconds| (1..=LONGEST_PERIOD.as_secs()).contains(seconds))
        .ok_or(QuotaFault::Period)?;
    let period = Duration::from_secs(seconds);
    Ok(Quota { limit, period })
}

/// Digits only: `u64::from_str` would also take a plus sign.
fn whole_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl Display for Quota {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs().max(1);
        let unit = UNITS
            .into_iter()
            .find(|(_, unit)| seconds.is_multiple_of(*unit));
        let (name, unit) = unit.unwrap_or(("second", 1));
        match seconds / unit {
            1 => write!(f, "{}/{name}", self.limit),
            count => write!(f, "{}/{count} {name}s", self.limit),
        }
    }
}

impl From<Quota> for String {
    fn from(quota: Quota) -> Self {
        quota.to_string()
    }
}

impl TryFrom<String> for Quota {
    type Error = QuotaError;

    fn try_from(text: String) -> Result<Self, QuotaError> {
        text.parse()
    }
}
