//! The answer to one application.

use serde::Serialize;
use utoipa::ToSchema;

use super::Points;
use crate::credit::{policy::Decision, reasons::Reasons};

/// The answer to one application.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Log-odds of default: the base plus every contribution.
    pub log_odds: f64,
    /// 1 / (1 + exp(-log-odds)), or what isotonic calibration makes of it; 0..=1.
    pub probability_of_default: f64,
    /// Points, of a scorecard.
    pub points: Option<Points>,
    /// Approve, refer or decline at the cut-offs that were asked for.
    pub decision: Decision,
    /// Distance from the threshold, 0..=1.
    pub confidence: f64,
    /// The characteristics that raised the risk most, largest first.
    pub reasons: Reasons,
    /// What is unusual about the application.
    pub flags: Vec<Flag>,
}

/// Something unusual about one characteristic of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Position of the characteristic in the schema.
    pub characteristic: usize,
    /// What is unusual.
    pub kind: FlagKind,
}

/// What can be unusual about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// There is no value.
    Missing,
    /// It is a special code or level.
    Special,
    /// The training data did not hold this level.
    Unseen,
    /// The number lies outside the range of the training data.
    OutOfRange,
}
