//! Whether the probabilities can be believed as probabilities.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{
    CalibrationCurve, MetricError, calibration_curve_by_quantile, calibration_in_the_large,
    calibration_line, hosmer_lemeshow, observed_to_expected, spiegelhalter,
};

/// Predicted against observed default rates.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceCalibration)]
pub struct CalibrationEvidence {
    /// Line of the true log-odds over the predicted ones (Cox 1958); `None` for one class, equal
    /// predictions, or predictions that separate the classes.
    pub line: Option<LineFit>,
    /// What to add to the predicted log-odds so that as many bads are expected as were observed; 0
    /// is right, above 0 risk was underrated. `None` for one class.
    pub in_the_large: Option<f64>,
    /// Bads observed per bad expected; 1 is right. `None` when none was expected.
    pub observed_to_expected: Option<f64>,
    /// Expected calibration error: mean distance of predicted and observed rate over the equal
    /// bins, by their rows.
    pub expected_error: f64,
    /// Maximum calibration error: the largest such distance.
    pub maximum_error: f64,
    /// Hosmer-Lemeshow test; `None` for fewer rows than groups, fewer than 3 groups, or a group
    /// that was certain of what did not happen. Rows of one probability at the border of two groups
    /// are divided in their given order.
    pub hosmer_lemeshow: Option<GroupTest>,
    /// Spiegelhalter's test of the Brier score; `None` when every probability is 0, 1/2 or 1.
    pub spiegelhalter: Option<NormalTest>,
    /// Equal bins of 0..=1; empty ones are left out.
    pub bins: Vec<CalibrationBin>,
    /// Bins of as equal numbers of rows as ties allow; empty ones are left out.
    pub quantile_bins: Vec<CalibrationBin>,
}

/// Line of the true log-odds over the predicted ones, `logit(y) = a + b logit(p)`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceCalibrationLine)]
pub struct LineFit {
    /// `a`, true log-odds where even odds are predicted; 0 is right.
    pub intercept: f64,
    /// `b`; 1 is right, below 1 the predictions are too extreme.
    pub slope: f64,
}

/// A chi-square test over groups of rows.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceGroupTest)]
pub struct GroupTest {
    /// The statistic, 0 or more.
    pub statistic: f64,
    /// Groups less two on the rows that the probabilities were fitted on, else as many as groups.
    pub degrees_of_freedom: u32,
    /// Chance of so large a statistic when the probabilities are right.
    pub p_value: f64,
}

/// A test by a standard normal statistic.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceNormalTest)]
pub struct NormalTest {
    /// The statistic.
    pub z: f64,
    /// Two-sided p-value.
    pub p_value: f64,
}

/// A bin `(low, high]` of probabilities; the first takes its lower end too.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceCalibrationBin)]
pub struct CalibrationBin {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Rows in the bin.
    pub rows: u64,
    /// Mean predicted probability of default.
    pub mean_probability: f64,
    /// Share of bads.
    pub bad_rate: f64,
}

impl CalibrationEvidence {
    /// Of checked probabilities and their curve over equal bins; `fitted` tells whether they were
    /// fitted on these rows.
    pub(super) fn measure(
        p: &[f64],
        events: &[bool],
        curve: &CalibrationCurve,
        fitted: bool,
    ) -> Result<Self, MetricError> {
        let line = calibration_line(p, events).ok();
        let groups = hosmer_lemeshow(p, events, curve.n_bins, if fitted { 2 } else { 0 }).ok();
        let brier_test = spiegelhalter(p, events).ok();
        Ok(Self {
            line: line.map(|line| LineFit {
                intercept: line.intercept,
                slope: line.slope,
            }),
            in_the_large: calibration_in_the_large(p, events).ok(),
            observed_to_expected: observed_to_expected(p, events).ok(),
            expected_error: curve.expected_error(),
            maximum_error: curve.maximum_error(),
            hosmer_lemeshow: groups.map(|test| GroupTest {
                statistic: test.statistic,
                degrees_of_freedom: test.degrees_of_freedom,
                p_value: test.p_value,
            }),
            spiegelhalter: brier_test.map(|test| NormalTest {
                z: test.z,
                p_value: test.p_value,
            }),
            bins: bins_of(curve),
            quantile_bins: bins_of(&calibration_curve_by_quantile(p, events, curve.n_bins)?),
        })
    }
}

fn bins_of(curve: &CalibrationCurve) -> Vec<CalibrationBin> {
    (0..curve.count.len())
        .map(|bin| CalibrationBin {
            low: curve.low[bin],
            high: curve.high[bin],
            rows: curve.count[bin],
            mean_probability: curve.prob_pred[bin],
            bad_rate: curve.prob_true[bin],
        })
        .collect()
}
