//! What can be said for a model on one sample of loans: the numbers and tables that a credit
//! committee asks for, and the curves its charts are drawn from.
//!
//! [`SampleEvidence`] holds it all for one sample (training rows, test rows, out-of-fold or
//! out-of-time predictions); [`stability()`] compares the scores of two samples.
//!
//! # Conventions
//! * A row is declined when its probability of default reaches the threshold, `p >= t`.
//! * What a sample leaves undefined is `None`, and everything else is still there: a sample of
//!   repaid loans alone has no area under the curve, but it has a log-loss.
//! * Every number is finite, and every list has a bounded length, however many rows there were.

mod calibration;
mod decisions;
mod discrimination;
mod gains;
mod losses;
mod params;
mod replicates;
mod sample;
mod stability;

pub use calibration::{CalibrationBin, CalibrationEvidence, GroupTest, LineFit, NormalTest};
pub use decisions::{Decisions, DistributionPoint, ScoreDistribution, StrategyStep};
pub use discrimination::{Area, Discrimination, KolmogorovSmirnov, RocPoint};
pub use gains::GainsBand;
pub use losses::{Brier, LogLoss};
pub use params::{EvidenceError, EvidenceParams};
pub use replicates::Spread;
pub use sample::SampleEvidence;
pub use stability::{Shift, Stability, StabilityBin, stability};
