//! The boundary between approve and decline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is done with an application.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The probability of default is below the threshold.
    Approve,
    /// The probability of default reaches the threshold.
    Decline,
}

/// How a threshold was chosen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// Largest sensitivity + specificity - 1 on out-of-fold probabilities.
    YoudenJ,
}

/// A threshold and where it comes from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cutoff {
    /// Probability of default, 0..=1, from which an application is declined.
    pub threshold: f64,
    /// How it was chosen.
    pub rule: CutoffRule,
}

/// Declines when `probability` reaches `threshold`.
pub fn decide(probability: f64, threshold: f64) -> Decision {
    if probability >= threshold {
        Decision::Decline
    } else {
        Decision::Approve
    }
}

/// How far a probability lies from the threshold, 0..=1:
/// |p - t| / max(t, 1 - t).
pub fn confidence(probability: f64, threshold: f64) -> f64 {
    (probability - threshold).abs() / threshold.max(1.0 - threshold)
}
