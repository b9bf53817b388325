//! How evidence is computed, and why it cannot be.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{BootstrapError, MetricError};

/// Fewest and most bands of the tables.
const BANDS: std::ops::RangeInclusive<usize> = 2..=100;

/// Most replicates of the bootstrap.
const MOST_REPLICATES: u32 = 10_000;

/// How the evidence of a sample is computed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct EvidenceParams {
    /// Seed of the bootstrap.
    pub seed: u64,
    /// Bootstrap samples, 2 to 10,000; 0 for no bootstrap.
    #[schema(maximum = 10000)]
    pub replicates: u32,
    /// Bands of the gains table, bins of the calibration curves and groups of the Hosmer-Lemeshow
    /// test, 2 to 100; the test takes 3.
    #[schema(minimum = 2, maximum = 100)]
    pub bands: usize,
    /// Confidence level of all intervals, between 0 and 1, both excluded.
    pub level: f64,
    /// Whether the probabilities were fitted on the rows of the sample: the Hosmer-Lemeshow test has
    /// two degrees of freedom fewer then.
    pub fitted: bool,
}

impl Default for EvidenceParams {
    /// 200 replicates, deciles, intervals of 95 %, rows that nothing was fitted on.
    fn default() -> Self {
        Self {
            seed: 0,
            replicates: 200,
            bands: 10,
            level: 0.95,
            fitted: false,
        }
    }
}

impl EvidenceParams {
    /// Refuses what is out of range.
    ///
    /// # Errors
    /// [`EvidenceError`] for the first setting that is.
    pub fn check(&self) -> Result<(), EvidenceError> {
        if self.replicates == 1 || self.replicates > MOST_REPLICATES {
            Err(EvidenceError::Replicates(self.replicates))
        } else if !BANDS.contains(&self.bands) {
            Err(EvidenceError::Bands(self.bands))
        } else if self.level > 0.0 && self.level < 1.0 {
            Ok(())
        } else {
            Err(MetricError::Level.into())
        }
    }
}

/// Why there is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum EvidenceError {
    /// The probabilities or the confidence level cannot be used.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The number of bands is out of range.
    #[error("the number of bands must be between 2 and 100, got {0}")]
    Bands(usize),
    /// The number of replicates is out of range.
    #[error("the number of replicates must be 0 or between 2 and 10000, got {0}")]
    Replicates(u32),
    /// The threshold is not finite.
    #[error("the threshold must be finite")]
    Threshold,
    /// The caller withdrew.
    #[error("the computation was cancelled")]
    Cancelled,
}

impl From<BootstrapError> for EvidenceError {
    fn from(error: BootstrapError) -> Self {
        match error {
            BootstrapError::OneClass => MetricError::OneClass.into(),
            BootstrapError::Replicates(replicates) => Self::Replicates(replicates),
            BootstrapError::Level => MetricError::Level.into(),
            BootstrapError::Cancelled => Self::Cancelled,
        }
    }
}
