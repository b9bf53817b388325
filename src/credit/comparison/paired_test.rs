//! Whether the challenger's area under the ROC curve differs from the champion's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Scored;
use crate::stats::delong_test;

/// Confidence level of the interval.
const LEVEL: f64 = 0.95;

/// Paired test of two areas under the ROC curve on the same rows (Biometrics 44, 1988, 837-845).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ComparisonAucTest)]
pub struct PairedTest {
    /// Challenger's area less the champion's.
    pub difference: f64,
    /// Standard error of the difference.
    pub std_error: f64,
    /// Difference over its standard error; `None` when that is 0, as for two models that rank the
    /// rows alike.
    pub z: Option<f64>,
    /// Two-sided normal p-value of `z`.
    pub p_value: Option<f64>,
    /// Confidence level of the interval.
    pub level: f64,
    /// Lower end of the normal interval of the difference.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
}

impl PairedTest {
    /// `None` unless each class has two rows.
    pub(super) fn of(
        champion: &Scored<'_>,
        challenger: &Scored<'_>,
        events: &[bool],
    ) -> Option<Self> {
        let test = delong_test(challenger.probabilities, champion.probabilities, events).ok()?;
        let interval = test.interval(LEVEL).ok()?;
        Some(Self {
            difference: test.difference,
            std_error: test.variance.sqrt(),
            z: test.z,
            p_value: test.p_value,
            level: LEVEL,
            low: interval.low,
            high: interval.high,
        })
    }
}
