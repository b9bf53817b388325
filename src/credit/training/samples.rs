//! The evidence of a training, sample by sample.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TrainingError;
use crate::credit::{
    evidence::{EvidenceError, SampleEvidence, Stability, stability},
    learner::Task,
    plan::CalibrationPlan,
};

/// How a model fares on each sample of its data set.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ModelEvidence {
    /// The rows it was fitted on.
    pub train: SampleEvidence,
    /// The same rows, each scored by a model that has not seen it; the cut-offs and the
    /// calibration were learnt from these scores.
    pub out_of_fold: SampleEvidence,
    /// The rows held back.
    pub test: SampleEvidence,
    /// The rows too new to learn from, if the plan names any.
    pub out_of_time: Option<SampleEvidence>,
    /// How the test rows' probabilities differ from the training rows'.
    pub test_stability: Option<Stability>,
    /// How the out-of-time rows' probabilities differ from the training rows'.
    pub out_of_time_stability: Option<Stability>,
}

/// A sample: probabilities of default and what happened.
pub(in crate::credit) struct Sample {
    pub probabilities: Vec<f64>,
    pub events: Vec<bool>,
}

/// The samples of a training.
pub(super) struct Samples {
    pub train: Sample,
    pub out_of_fold: Sample,
    pub test: Sample,
    pub out_of_time: Sample,
}

impl Samples {
    /// Measures each sample at `threshold`.
    pub(super) fn measure(
        &self,
        task: &Task<'_>,
        threshold: f64,
    ) -> Result<ModelEvidence, TrainingError> {
        let plan = task.plan;
        let measure = |sample: &Sample, fitted| {
            let rows = sample.events.len();
            let params = plan.plan().evidence.params(rows, plan.seed(), fitted);
            let Sample {
                probabilities,
                events,
            } = sample;
            let found = SampleEvidence::measure_unless(
                probabilities,
                events,
                threshold,
                &params,
                task.cancelled,
            );
            found.map_err(|error| match error {
                EvidenceError::Cancelled => TrainingError::Cancelled,
                error => TrainingError::Evidence(error),
            })
        };
        let shift = |sample: &Sample| stability(&self.train.probabilities, &sample.probabilities);
        // No fold has fitted the row that it scores, but a calibration has.
        let calibrated = plan.plan().calibration != CalibrationPlan::None;
        let newer = Some(&self.out_of_time).filter(|sample| !sample.events.is_empty());
        Ok(ModelEvidence {
            train: measure(&self.train, true)?,
            out_of_fold: measure(&self.out_of_fold, calibrated)?,
            test: measure(&self.test, false)?,
            out_of_time: newer.map(|newer| measure(newer, false)).transpose()?,
            test_stability: shift(&self.test),
            out_of_time_stability: newer.and_then(shift),
        })
    }
}
