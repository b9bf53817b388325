//! The boundaries between approve, refer and decline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is done with an application.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The probability of default is below every cut-off.
    Approve,
    /// It reaches the first cut-off, not the second: a person decides.
    Refer,
    /// It reaches the threshold.
    Decline,
}

/// How a threshold was chosen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// Largest sensitivity + specificity - 1 on out-of-fold probabilities.
    YoudenJ,
    /// Least total cost.
    LeastCost,
    /// Least expected cost.
    BayesCost,
    /// A share of approvals.
    ApprovalRate,
    /// A share of defaults among the approved.
    BadRate,
    /// Most profit.
    MostProfit,
    /// No expected loss.
    BreakEven,
    /// Laid down.
    Fixed,
}

/// A threshold and where it comes from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Cutoff {
    /// Probability of default, 0..=1.
    pub threshold: f64,
    /// How it was chosen.
    pub rule: CutoffRule,
}

/// What a model decides by.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Policy {
    /// The lender's name for it, given with every decision.
    pub version: String,
    /// From here an application is declined.
    pub decline: Cutoff,
    /// From here to the other cut-off it is referred to a person; nobody is when absent.
    pub refer: Option<Cutoff>,
}

/// The cut-offs that one request is decided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Probability of default from which an application is declined.
    pub decline: f64,
    /// Probability from which it is referred, at most `decline`.
    pub refer: f64,
}

impl Policy {
    /// Its cut-offs.
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            decline: self.decline.threshold,
            refer: self.refer.map_or(self.decline.threshold, |it| it.threshold),
        }
    }

    /// Whether every cut-off is a probability, and referring begins no later than declining.
    pub fn is_sound(&self) -> bool {
        let Thresholds { decline, refer } = self.thresholds();
        (0.0..=1.0).contains(&decline) && (0.0..=decline).contains(&refer)
    }
}

impl Thresholds {
    /// One cut-off: nobody is referred.
    pub fn single(threshold: f64) -> Self {
        Self {
            decline: threshold,
            refer: threshold,
        }
    }

    /// Declines when `probability` reaches the threshold.
    pub fn decide(self, probability: f64) -> Decision {
        if probability >= self.decline {
            Decision::Decline
        } else if probability >= self.refer {
            Decision::Refer
        } else {
            Decision::Approve
        }
    }

    /// How far a probability lies from the threshold, 0..=1: |p - t| / max(t, 1 - t).
    pub fn confidence(self, probability: f64) -> f64 {
        (probability - self.decline).abs() / self.decline.max(1.0 - self.decline)
    }
}
