//! What a card says of each sample.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    credit::{
        evidence::{
            Area, Brier, Decisions, GroupTest, KolmogorovSmirnov, LineFit, LogLoss, NormalTest,
            SampleEvidence,
        },
        training::ModelEvidence,
    },
    report::drawings::samples,
};

/// Measures of one sample; those that it leaves undefined are absent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardSample)]
pub struct SampleSection {
    /// `Training`, `Out-of-fold`, `Test` or `Out-of-time`.
    pub sample: String,
    /// Rows of the sample.
    pub rows: u64,
    /// Bads among them.
    pub events: u64,
    /// Share of bads.
    pub event_rate: f64,
    /// Level of the intervals.
    pub level: f64,
    /// Bootstrap samples behind the percentile intervals; 0 for none.
    pub replicates: u32,
    /// Area under the ROC curve.
    pub auc: Option<Area>,
    /// 2 AUC - 1.
    pub gini: Option<Area>,
    /// Kolmogorov-Smirnov distance.
    pub ks: Option<KolmogorovSmirnov>,
    /// Area under the precision-recall curve.
    pub average_precision: Option<f64>,
    /// Mean negative log-likelihood.
    pub log_loss: LogLoss,
    /// Mean squared error of the probabilities.
    pub brier: Brier,
    /// Whether the probabilities can be believed.
    pub calibration: CalibrationTests,
    /// What the cut-off for declining does.
    pub decisions: Decisions,
}

/// Tests of calibration, without the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CardCalibrationTests)]
pub struct CalibrationTests {
    /// Line of the true log-odds over the predicted ones.
    pub line: Option<LineFit>,
    /// What to add to the predicted log-odds to get the level right.
    pub in_the_large: Option<f64>,
    /// Bads observed per bad expected.
    pub observed_to_expected: Option<f64>,
    /// Expected calibration error.
    pub expected_error: f64,
    /// Maximum calibration error.
    pub maximum_error: f64,
    /// Hosmer-Lemeshow test.
    pub hosmer_lemeshow: Option<GroupTest>,
    /// Spiegelhalter's test of the Brier score.
    pub spiegelhalter: Option<NormalTest>,
}

/// Every sample that is measured.
pub(super) fn of(evidence: &ModelEvidence) -> Vec<SampleSection> {
    let samples = samples(evidence).into_iter();
    samples
        .map(|(name, it)| SampleSection::of(name, it))
        .collect()
}

impl SampleSection {
    fn of(name: &str, found: &SampleEvidence) -> Self {
        let SampleEvidence {
            discrimination,
            calibration,
            ..
        } = found;
        Self {
            sample: name.to_owned(),
            rows: found.rows,
            events: found.events,
            event_rate: found.event_rate,
            level: found.params.level,
            replicates: found.params.replicates,
            auc: discrimination.auc,
            gini: discrimination.gini,
            ks: discrimination.ks,
            average_precision: discrimination.average_precision,
            log_loss: found.log_loss,
            brier: found.brier,
            calibration: CalibrationTests {
                line: calibration.line,
                in_the_large: calibration.in_the_large,
                observed_to_expected: calibration.observed_to_expected,
                expected_error: calibration.expected_error,
                maximum_error: calibration.maximum_error,
                hosmer_lemeshow: calibration.hosmer_lemeshow,
                spiegelhalter: calibration.spiegelhalter,
            },
            decisions: found.decisions,
        }
    }
}
