//! What wrong probabilities cost, row by row.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::replicates::Spread;
use crate::stats::CalibrationCurve;

/// Mean negative log-likelihood.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceLogLoss)]
pub struct LogLoss {
    /// The loss on this sample, in nats per row; probabilities are clipped to 2^-52 from 0 and 1.
    pub value: f64,
    /// Percentile interval of the bootstrap; `None` without one, or in a sample of one class.
    pub bootstrap: Option<Spread>,
}

/// Mean squared distance of probability and outcome, and what it is made of (Murphy 1973).
///
/// `value = reliability - resolution + uncertainty + within_bins`, over the equal bins of the
/// calibration curve.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceBrier)]
pub struct Brier {
    /// The score on this sample, 0..=1.
    pub value: f64,
    /// Percentile interval of the bootstrap; `None` without one, or in a sample of one class.
    pub bootstrap: Option<Spread>,
    /// Mean squared distance of predicted and observed rate over the bins; 0 is best.
    pub reliability: f64,
    /// Mean squared distance of the bins' observed rates from the overall one; large is best.
    pub resolution: f64,
    /// Variance of the outcome, which no model can change.
    pub uncertainty: f64,
    /// What the three parts leave over, because predictions differ within a bin.
    pub within_bins: f64,
}

impl Brier {
    pub(super) fn new(value: f64, bootstrap: Option<Spread>, curve: &CalibrationCurve) -> Self {
        let parts = curve.brier_decomposition();
        Self {
            value,
            bootstrap,
            reliability: parts.reliability,
            resolution: parts.resolution,
            uncertainty: parts.uncertainty,
            within_bins: value - (parts.reliability - parts.resolution + parts.uncertainty),
        }
    }
}
