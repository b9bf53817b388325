//! What the trail records: who did what, from where, and how it ended.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use serde::{Serialize, ser::SerializeMap};
use serde_json::Value;

/// What happened; the variant's name in `snake_case` is the `event` field.
#[derive(Clone, Debug)]
pub enum Event {
    /// A valid key was used.
    AuthSuccess {
        /// Keyed hash of the key, hexadecimal; never the key.
        api_key_hash: String,
    },
    /// A key was missing, malformed, unknown or no longer valid.
    AuthFailure {
        /// Why, as a fixed code such as `unknown_key`.
        reason: &'static str,
        /// The public prefix of the offered key, or `***` unless it has a known form.
        attempted_key_prefix: String,
    },
    /// A training was accepted and began.
    TrainingStarted {
        /// The plan as the caller sent it.
        config: Value,
        /// Digest of the loans, `sha256:…`.
        dataset_hash: String,
    },
    /// A training ended with a model.
    TrainingCompleted {
        /// The new model.
        model_id: String,
        /// Its evaluation.
        metrics: Value,
        /// Wall time in seconds; written as `duration` and `duration_seconds`.
        duration_seconds: f64,
    },
    /// A training ended without a model.
    TrainingFailed {
        /// Code and reason.
        error: String,
        /// The plan as the caller sent it.
        config: Value,
    },
    /// Applications were scored.
    PredictionMade {
        /// The model that scored them.
        model_id: String,
        /// Number of applications.
        n_samples: u64,
        /// Cut-off on the probability of default, 0 to 1; none of a model that decides nothing.
        threshold: Option<f64>,
        /// How many of them lie at or above the cut-off.
        predicted_defaults: Option<u64>,
        /// Version of the policy that decided.
        policy_version: Option<String>,
    },
    /// A data set was accepted and its answers begin.
    BatchScoringStarted {
        /// The model that scores it.
        model_id: String,
        /// Its file format, such as `CSV`.
        format: &'static str,
    },
    /// Every row of a data set was answered.
    BatchScoringCompleted {
        /// The model that scored it.
        model_id: String,
        /// Number of rows, those with an error included.
        n_samples: u64,
        /// How many of them could not be read or assessed.
        n_errors: u64,
        /// Cut-off on the probability of default, 0 to 1.
        threshold: f64,
        /// How many of them lie at or above the cut-off.
        predicted_defaults: u64,
        /// Version of the policy that decided.
        policy_version: String,
    },
    /// The answers to a data set broke off.
    BatchScoringFailed {
        /// The model that scored it.
        model_id: String,
        /// Code and reason.
        error: String,
        /// Number of rows whose answers had been handed over; the client may have fewer.
        n_samples: u64,
        /// How many of them could not be read or assessed.
        n_errors: u64,
        /// Cut-off on the probability of default, 0 to 1.
        threshold: f64,
        /// How many of them lie at or above the cut-off.
        predicted_defaults: u64,
        /// Version of the policy that decided.
        policy_version: String,
    },
    /// A model was written to the store.
    ModelPersisted {
        /// The model.
        model_id: String,
        /// Where it lies: a file path or an object address.
        path: String,
        /// Digest of the stored bytes, hexadecimal.
        sha256: String,
    },
    /// A model was read from the store.
    ModelLoaded {
        /// The model.
        model_id: String,
        /// The kind of store, such as `filesystem`.
        source: &'static str,
    },
    /// A known caller lacked a scope.
    AuthzDenied {
        /// The scope that was asked for.
        required_scope: String,
    },
    /// A caller was over a rate limit.
    RateLimited {
        /// Name of the policy.
        policy: String,
        /// The limit as configured, such as `10/hour`.
        limit: String,
    },
    /// A model was removed from the store.
    ModelDeleted {
        /// The model.
        model_id: String,
    },
    /// The set of keys was read anew.
    KeysReloaded {
        /// Number of keys now known.
        keys: u64,
    },
    /// The service began to answer.
    ServiceStarted {
        /// Version of the program.
        version: &'static str,
        /// The configured environment, such as `production`.
        environment: String,
    },
    /// The service stopped answering.
    ServiceStopped,
    /// The caller hung up before the answer.
    RequestAbandoned,
    /// A request without an event of its own was answered.
    RequestCompleted,
}

impl Event {
    /// The event's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AuthSuccess { .. } => "auth_success",
            Self::AuthFailure { .. } => "auth_failure",
            Self::TrainingStarted { .. } => "training_started",
            Self::TrainingCompleted { .. } => "training_completed",
            Self::TrainingFailed { .. } => "training_failed",
            Self::PredictionMade { .. } => "prediction_made",
            Self::BatchScoringStarted { .. } => "batch_scoring_started",
            Self::BatchScoringCompleted { .. } => "batch_scoring_completed",
            Self::BatchScoringFailed { .. } => "batch_scoring_failed",
            Self::ModelPersisted { .. } => "model_persisted",
            Self::ModelLoaded { .. } => "model_loaded",
            Self::AuthzDenied { .. } => "authz_denied",
            Self::RateLimited { .. } => "rate_limited",
            Self::ModelDeleted { .. } => "model_deleted",
            Self::KeysReloaded { .. } => "keys_reloaded",
            Self::ServiceStarted { .. } => "service_started",
            Self::ServiceStopped => "service_stopped",
            Self::RequestAbandoned => "request_abandoned",
            Self::RequestCompleted => "request_completed",
        }
    }

    /// Whether the line must name a `user` even when nobody is known.
    pub(super) fn always_names_user(&self) -> bool {
        matches!(
            self,
            Self::TrainingStarted { .. }
                | Self::TrainingCompleted { .. }
                | Self::TrainingFailed { .. }
                | Self::PredictionMade { .. }
                | Self::BatchScoringStarted { .. }
                | Self::BatchScoringCompleted { .. }
                | Self::BatchScoringFailed { .. }
        )
    }

    /// Writes the fields that only this event has, in the order of its declaration.
    pub(super) fn serialize_fields<M: SerializeMap>(&self, line: &mut M) -> Result<(), M::Error> {
        match self {
            Self::AuthSuccess { api_key_hash } => {
                line.serialize_entry("api_key_hash", api_key_hash)
            }
            Self::AuthFailure {
                reason,
                attempted_key_prefix,
            } => {
                line.serialize_entry("reason", reason)?;
                line.serialize_entry("attempted_key_prefix", attempted_key_prefix)
            }
            Self::TrainingStarted {
                config,
                dataset_hash,
            } => {
                line.serialize_entry("config", config)?;
                line.serialize_entry("dataset_hash", dataset_hash)
            }
            Self::TrainingCompleted {
                model_id,
                metrics,
                duration_seconds,
            } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("metrics", metrics)?;
                line.serialize_entry("duration", duration_seconds)?;
                line.serialize_entry("duration_seconds", duration_seconds)
            }
            Self::TrainingFailed { error, config } => {
                line.serialize_entry("error", error)?;
                line.serialize_entry("config", config)
            }
            Self::PredictionMade {
                model_id,
                n_samples,
                threshold,
                predicted_defaults,
                policy_version,
            } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("n_samples", n_samples)?;
                if let Some(threshold) = threshold {
                    line.serialize_entry("threshold", threshold)?;
                }
                if let Some(defaults) = predicted_defaults {
                    line.serialize_entry("predicted_defaults", defaults)?;
                }
                match policy_version {
                    Some(version) => line.serialize_entry("policy_version", version),
                    None => Ok(()),
                }
            }
            Self::BatchScoringStarted { model_id, format } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("format", format)
            }
            Self::BatchScoringCompleted {
                model_id,
                n_samples,
                n_errors,
                threshold,
                predicted_defaults,
                policy_version,
            } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("n_samples", n_samples)?;
                line.serialize_entry("n_errors", n_errors)?;
                line.serialize_entry("threshold", threshold)?;
                line.serialize_entry("predicted_defaults", predicted_defaults)?;
                line.serialize_entry("policy_version", policy_version)
            }
            Self::BatchScoringFailed {
                model_id,
                error,
                n_samples,
                n_errors,
                threshold,
                predicted_defaults,
                policy_version,
            } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("error", error)?;
                line.serialize_entry("n_samples", n_samples)?;
                line.serialize_entry("n_errors", n_errors)?;
                line.serialize_entry("threshold", threshold)?;
                line.serialize_entry("predicted_defaults", predicted_defaults)?;
                line.serialize_entry("policy_version", policy_version)
            }
            Self::ModelPersisted {
                model_id,
                path,
                sha256,
            } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("path", path)?;
                line.serialize_entry("sha256", sha256)
            }
            Self::ModelLoaded { model_id, source } => {
                line.serialize_entry("model_id", model_id)?;
                line.serialize_entry("source", source)
            }
            Self::AuthzDenied { required_scope } => {
                line.serialize_entry("required_scope", required_scope)
            }
            Self::RateLimited { policy, limit } => {
                line.serialize_entry("policy", policy)?;
                line.serialize_entry("limit", limit)
            }
            Self::ModelDeleted { model_id } => line.serialize_entry("model_id", model_id),
            Self::KeysReloaded { keys } => line.serialize_entry("keys", keys),
            Self::ServiceStarted {
                version,
                environment,
            } => {
                line.serialize_entry("version", version)?;
                line.serialize_entry("environment", environment)
            }
            Self::ServiceStopped | Self::RequestAbandoned | Self::RequestCompleted => Ok(()),
        }
    }
}

/// Who asked, and how; absent parts are left out of the line.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Identifier of the request, as echoed to the caller.
    pub request_id: Option<String>,
    /// Public identifier of the key.
    pub key_id: Option<String>,
    /// The key's owner; written as both `user` and `actor`.
    pub actor: Option<String>,
    /// The caller's address, after trusted proxies.
    pub ip: Option<IpAddr>,
    /// HTTP method.
    pub method: Option<String>,
    /// The route's pattern, never the raw path.
    pub route: Option<String>,
}

/// How it ended; lower case on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// What was asked was done.
    Success,
    /// It was refused, or failed.
    Failure,
    /// The caller left before the end.
    Abandoned,
}

/// One entry of the trail.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub event: Event,
    /// When, UTC; written with microseconds.
    pub timestamp: Timestamp,
    /// Who asked, shared by all records of one request.
    pub context: Arc<Context>,
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Time from request to answer, milliseconds.
    pub duration_ms: Option<f64>,
}
