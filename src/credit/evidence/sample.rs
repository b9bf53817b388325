//! All that is measured on one sample.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Brier, CalibrationEvidence, Decisions, Discrimination, EvidenceError, EvidenceParams,
    GainsBand, LogLoss, ScoreDistribution, StrategyStep, decisions::strategy, gains::gains,
    replicates::Replicates,
};
use crate::stats::{StrategyCurve, brier, calibration_curve, log_loss};

/// The evidence of one sample: what its rows say about a model's probabilities of default.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct SampleEvidence {
    /// Rows of the sample.
    pub rows: u64,
    /// Bads among them.
    pub events: u64,
    /// Share of bads.
    pub event_rate: f64,
    /// How the numbers below were computed.
    pub params: EvidenceParams,
    /// How well goods and bads are told apart.
    pub discrimination: Discrimination,
    /// Mean negative log-likelihood.
    pub log_loss: LogLoss,
    /// Mean squared error of the probabilities.
    pub brier: Brier,
    /// Predicted against observed default rates.
    pub calibration: CalibrationEvidence,
    /// The gains table, riskiest band first: as many bands of as equal size as ties allow. `None`
    /// for one class.
    pub gains: Option<Vec<GainsBand>>,
    /// What the threshold in use does.
    pub decisions: Decisions,
    /// What other thresholds would do: at most 101 points, ascending, from all declined to all
    /// approved.
    pub strategy: Vec<StrategyStep>,
    /// Cumulative distributions of goods and bads.
    pub distribution: ScoreDistribution,
}

impl SampleEvidence {
    /// Measures `probabilities` of default, 0..=1, against what happened.
    ///
    /// # Errors
    /// [`EvidenceError`] for no rows, unequal lengths, numbers that are not probabilities, a
    /// threshold that is not finite and parameters out of range. A statistic that these rows leave
    /// undefined is no error.
    pub fn measure(
        probabilities: &[f64],
        events: &[bool],
        threshold: f64,
        params: &EvidenceParams,
    ) -> Result<Self, EvidenceError> {
        Self::measure_unless(probabilities, events, threshold, params, &|| false)
    }

    /// As [`SampleEvidence::measure`]; `cancelled` is asked before every bootstrap sample.
    ///
    /// # Errors
    /// [`EvidenceError`] as there, and [`EvidenceError::Cancelled`].
    pub fn measure_unless(
        probabilities: &[f64],
        events: &[bool],
        threshold: f64,
        params: &EvidenceParams,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, EvidenceError> {
        params.check()?;
        if !threshold.is_finite() {
            return Err(EvidenceError::Threshold);
        }
        // The first metrics check the rows; what later ones refuse is undefined for them.
        let log_loss = log_loss(probabilities, events)?;
        let brier = brier(probabilities, events)?;
        let (probabilities, events) = &ascending(probabilities, events);
        let replicates = Replicates::draw(probabilities, events, params, cancelled)?;
        let bins = calibration_curve(probabilities, events, params.bands)?;
        let bads = events.iter().filter(|event| **event).count();
        let discrimination =
            Discrimination::measure(probabilities, events, params.level, &replicates);
        let ks_probability = discrimination.ks.and_then(|ks| ks.probability);
        let calibration =
            CalibrationEvidence::measure(probabilities, events, &bins, params.fitted)?;
        let gains = gains(probabilities, events, params.bands);
        let curve = StrategyCurve::new(probabilities, events)?;
        Ok(Self {
            rows: events.len() as u64,
            events: bads as u64,
            event_rate: bads as f64 / events.len() as f64,
            params: *params,
            discrimination,
            log_loss: LogLoss {
                value: log_loss,
                bootstrap: replicates.log_loss,
            },
            brier: Brier::new(brier, replicates.brier, &bins),
            calibration,
            gains,
            decisions: Decisions::at(threshold, &curve),
            strategy: strategy(&curve),
            distribution: ScoreDistribution::of(&curve, ks_probability),
        })
    }
}

/// The rows in ascending order of their probabilities, those of one probability in their own: whatever
/// looks for an order then finds it.
fn ascending(probabilities: &[f64], events: &[bool]) -> (Vec<f64>, Vec<bool>) {
    let rows = probabilities.iter().copied().zip(events.iter().copied());
    let mut rows: Vec<(f64, bool)> = rows.collect();
    rows.sort_by(|a, b| (a.0 + 0.0).total_cmp(&(b.0 + 0.0)));
    rows.into_iter().unzip()
}
