//! How good a model is: the numbers of the test rows and of cross-validation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{
    CalibrationCurve, Confusion, MetricError, Roc, average_precision, brier, calibration_curve,
    gini, log_loss,
};

/// Bins of the calibration curve.
const CALIBRATION_BINS: usize = 10;

/// Most points of a ROC curve on the wire.
const ROC_POINTS: usize = 1_000;

/// Test metrics of a model; class metrics are at its threshold, `p >= t`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ModelMetrics {
    /// Share of right decisions.
    pub accuracy: f64,
    /// Share of defaults among the declined.
    pub precision: f64,
    /// Share of the defaults that were declined (sensitivity).
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1_score: f64,
    /// Area under the ROC curve; ties count half.
    pub roc_auc: f64,
    /// 2 AUC - 1.
    pub gini: f64,
    /// Largest distance between the score distributions of goods and bads.
    pub ks: f64,
    /// Mean squared error of the probabilities.
    pub brier_score: f64,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: f64,
    /// Area under the precision-recall curve, as a step function.
    pub average_precision: f64,
    /// The same numbers in the words of a threshold search.
    pub threshold_analysis: ThresholdAnalysis,
    /// Points of the ROC curve, thinned to at most 1,000.
    pub roc_curve: RocCurve,
    /// Counts at the threshold.
    pub confusion_matrix: ConfusionMatrix,
    /// Observed against predicted rates in ten equal bins of probability.
    pub calibration_curve: Option<Calibration>,
    /// Out-of-fold metrics over all rows.
    pub cross_validation: CrossValidation,
}

/// Metrics at one threshold.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ThresholdAnalysis {
    /// Probability from which an application is declined.
    pub threshold: f64,
    /// Share of the defaults that were declined.
    pub sensitivity: f64,
    /// Share of the repaid that were approved.
    pub specificity: f64,
    /// Sensitivity + specificity - 1.
    pub youden_j: f64,
    /// Share of defaults among the declined.
    pub precision: f64,
    /// Harmonic mean of precision and sensitivity.
    pub f1_score: f64,
}

/// Points of a ROC curve, thresholds descending; the first threshold, which is
/// infinite, is written as 1.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct RocCurve {
    /// False positive rates.
    pub fpr: Vec<f64>,
    /// True positive rates.
    pub tpr: Vec<f64>,
    /// Thresholds.
    pub thresholds: Vec<f64>,
}

/// Counts at a threshold; a positive is a predicted default.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ConfusionMatrix {
    /// `[[TN, FP], [FN, TP]]`.
    pub matrix: [[u64; 2]; 2],
    /// Repaid and approved.
    pub true_negatives: u64,
    /// Repaid but declined.
    pub false_positives: u64,
    /// Defaulted but approved.
    pub false_negatives: u64,
    /// Defaulted and declined.
    pub true_positives: u64,
}

/// A calibration curve; empty bins are left out.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Calibration {
    /// Observed default rate per bin.
    pub prob_true: Vec<f64>,
    /// Mean predicted probability per bin.
    pub prob_pred: Vec<f64>,
    /// Rows per bin.
    pub count: Vec<u64>,
    /// Number of bins, the empty ones counted.
    pub n_bins: usize,
}

/// Cross-validation: every row scored by a model that has not seen it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CrossValidation {
    /// Number of folds.
    pub n_folds: u32,
    /// Mean over the folds.
    pub mean: FoldMetrics,
    /// Sample standard deviation over the folds.
    pub spread: FoldMetrics,
    /// Each fold.
    pub folds: Vec<Fold>,
}

/// One fold of a cross-validation.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Fold {
    /// Number of the fold, from 1.
    pub fold: u32,
    /// Rows held out.
    pub rows: u64,
    /// Defaults among them.
    pub events: u64,
    /// Metrics on the rows held out.
    #[serde(flatten)]
    pub metrics: FoldMetrics,
}

/// The metrics that need no threshold.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct FoldMetrics {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// 2 AUC - 1.
    pub gini: f64,
    /// Kolmogorov-Smirnov distance.
    pub ks: f64,
    /// Mean squared error of the probabilities.
    pub brier_score: f64,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: f64,
}

impl FoldMetrics {
    /// Measures probabilities of default against what happened.
    ///
    /// # Errors
    /// [`MetricError`] when there is one class only or a number is not finite.
    pub fn measure(probabilities: &[f64], events: &[bool]) -> Result<Self, MetricError> {
        let roc = Roc::new(probabilities, events)?;
        Ok(Self {
            roc_auc: roc.auc(),
            gini: gini(roc.auc()),
            ks: roc.kolmogorov_smirnov(),
            brier_score: brier(probabilities, events)?,
            log_loss: log_loss(probabilities, events)?,
        })
    }

    fn numbers(self) -> [f64; 5] {
        [
            self.roc_auc,
            self.gini,
            self.ks,
            self.brier_score,
            self.log_loss,
        ]
    }

    fn of(number: impl Fn(usize) -> f64) -> Self {
        Self {
            roc_auc: number(0),
            gini: number(1),
            ks: number(2),
            brier_score: number(3),
            log_loss: number(4),
        }
    }
}

impl CrossValidation {
    /// Summarises the folds.
    #[expect(clippy::cast_precision_loss, reason = "folds are few")]
    pub fn of(folds: Vec<Fold>) -> Self {
        let count = folds.len() as f64;
        let over = |index: usize| folds.iter().map(move |fold| fold.metrics.numbers()[index]);
        let mean = FoldMetrics::of(|index| over(index).sum::<f64>() / count);
        let spread = FoldMetrics::of(|index| {
            let centre = mean.numbers()[index];
            let squares: f64 = over(index).map(|number| (number - centre).powi(2)).sum();
            (squares / (count - 1.0)).sqrt()
        });
        let n_folds = u32::try_from(folds.len()).unwrap_or(u32::MAX);
        Self {
            n_folds,
            mean,
            spread,
            folds,
        }
    }
}

impl ModelMetrics {
    /// Measures the test rows at `threshold`.
    ///
    /// # Errors
    /// [`MetricError`] when there is one class only or a number is not finite.
    pub fn measure(
        probabilities: &[f64],
        events: &[bool],
        threshold: f64,
        cross_validation: CrossValidation,
    ) -> Result<Self, MetricError> {
        let roc = Roc::new(probabilities, events)?;
        let FoldMetrics {
            roc_auc,
            gini,
            ks,
            brier_score,
            log_loss,
        } = FoldMetrics::measure(probabilities, events)?;
        let at = Confusion::at(probabilities, events, threshold)?;
        let calibration = calibration_curve(probabilities, events, CALIBRATION_BINS)?;
        Ok(Self {
            accuracy: at.accuracy(),
            precision: at.precision(),
            recall: at.recall(),
            f1_score: at.f1(),
            roc_auc,
            gini,
            ks,
            brier_score,
            log_loss,
            average_precision: average_precision(probabilities, events)?,
            threshold_analysis: ThresholdAnalysis {
                threshold,
                sensitivity: at.recall(),
                specificity: at.specificity(),
                youden_j: at.youden_j(),
                precision: at.precision(),
                f1_score: at.f1(),
            },
            roc_curve: RocCurve::from(roc.thinned(ROC_POINTS)),
            confusion_matrix: ConfusionMatrix::from(at),
            calibration_curve: Some(Calibration::from(calibration)),
            cross_validation,
        })
    }
}

impl From<Roc> for RocCurve {
    fn from(roc: Roc) -> Self {
        Self {
            fpr: roc.false_positive_rate,
            tpr: roc.true_positive_rate,
            thresholds: roc
                .thresholds
                .into_iter()
                .map(|threshold| threshold.min(1.0))
                .collect(),
        }
    }
}

impl From<Confusion> for ConfusionMatrix {
    fn from(at: Confusion) -> Self {
        Self {
            matrix: [
                [at.true_negatives, at.false_positives],
                [at.false_negatives, at.true_positives],
            ],
            true_negatives: at.true_negatives,
            false_positives: at.false_positives,
            false_negatives: at.false_negatives,
            true_positives: at.true_positives,
        }
    }
}

impl From<CalibrationCurve> for Calibration {
    fn from(curve: CalibrationCurve) -> Self {
        Self {
            prob_true: curve.prob_true,
            prob_pred: curve.prob_pred,
            count: curve.count,
            n_bins: curve.n_bins,
        }
    }
}
