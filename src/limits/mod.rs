//! Limits: how many requests a caller may send, by route class, tier and address.

mod bucket;
pub mod limiter;
pub mod quota;
mod ticks;

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    limiter::Limiter,
    quota::{Quota, QuotaError, QuotaFault, hourly},
};

/// Settings of this room: the quotas, each for one key or one address.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Whether anything is limited.
    pub enabled: bool,
    /// Trainings.
    pub train: Quota,
    /// Predictions.
    pub predict: Quota,
    /// Feature selections.
    pub feature_selection: Quota,
    /// All requests without a credential from one address.
    pub anonymous: Quota,
    /// Requests with a wrong credential from one address.
    pub failed_auth: Quota,
    /// Checks of a key.
    pub verify: Quota,
}

/// Routes that share a quota, whatever their dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Trains a model, or works on a data set as large.
    Train,
    /// Scores applications.
    Predict,
    /// Selects features.
    FeatureSelection,
    /// Checks a key.
    Verify,
    /// Everything else; has no quota of its own.
    Other,
}

/// Who a request is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A registered key.
    Key {
        /// The public id of the key.
        key_id: &'a str,
        /// Requests an hour of the key or its tier; `None` is without limit.
        /// A key whose limit changes starts with a full bucket.
        per_hour: Option<u32>,
    },
    /// A caller without a credential.
    Address(IpAddr),
    /// A caller with a wrong credential; never charged to the key it resembles,
    /// which would let strangers lock out its holder.
    FailedCredential(IpAddr),
}

/// How one policy stands towards a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether this policy lets the request pass.
    pub allowed: bool,
    /// The name of the policy: a route class, `tier`, `anonymous` or `failed-auth`.
    pub policy: &'static str,
    /// What the policy allows.
    pub quota: Quota,
    /// Requests that would still pass at once after this one.
    pub remaining: u32,
    /// If denied, the time until the next request would pass; else the time until the
    /// bucket is full again, at most one request's interval too long.
    pub reset: Duration,
    /// If denied, the same as `reset`; else zero.
    pub retry_after: Duration,
}
