//! Champion against challenger: two models on the same rows.
//!
//! # Conventions
//! * Every difference is challenger less champion: a positive difference of AUC, Gini or
//!   Kolmogorov-Smirnov distance speaks for the challenger, one of Brier score or log-loss against
//!   it.
//! * A row is declined when its probability of default reaches the model's threshold, `p >= t`.
//! * What the rows leave undefined is `None`, and everything else is still there.
//!
//! The outcomes are those of loans that were granted: whom the challenger would let in although
//! nobody was ever granted such a loan, no comparison on these rows can tell.

mod models;
mod paired_test;
mod swap_set;
mod trial;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use models::{Measures, ModelMeasures, Scored};
pub use paired_test::PairedTest;
pub use swap_set::{SwapCell, SwapSet};
pub use trial::{
    ComparisonPlan, ComparisonResult, ComparisonSample, ComparisonWarning, Contender, TrialError,
    WarningCode,
};

use crate::stats::{MetricError, StrategyCurve, rank_correlation};

/// Why two models cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ComparisonError {
    /// The probabilities cannot be used.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A threshold is not finite.
    #[error("the thresholds must be finite")]
    Threshold,
}

/// A champion and a challenger on the same rows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ModelComparison)]
pub struct Comparison {
    /// Rows compared.
    pub rows: u64,
    /// Bads among them.
    pub events: u64,
    /// The model in use.
    pub champion: ModelMeasures,
    /// The model that may replace it.
    pub challenger: ModelMeasures,
    /// Challenger less champion.
    pub difference: Measures,
    /// Paired test of the two areas under the ROC curve; `None` unless each class has two rows.
    pub auc_test: Option<PairedTest>,
    /// Spearman's rank correlation of the two probabilities, -1..=1; `None` when either model gives
    /// every row the same.
    pub rank_correlation: Option<f64>,
    /// Who changes sides at the models' own thresholds.
    pub swap_set: SwapSet,
    /// Who changes sides when the challenger approves as many as the champion.
    ///
    /// The challenger's threshold is then the lowest at which it approves at least as many rows;
    /// rows of one probability are never divided, so that ties may make it approve more.
    pub swap_set_at_equal_approval: SwapSet,
}

impl Comparison {
    /// Compares two models by the outcomes of the rows they both scored.
    ///
    /// # Errors
    /// [`ComparisonError`] for no rows, unequal lengths, numbers that are not probabilities and a
    /// threshold that is not finite.
    pub fn of(
        champion: &Scored<'_>,
        challenger: &Scored<'_>,
        events: &[bool],
    ) -> Result<Self, ComparisonError> {
        if !champion.threshold.is_finite() || !challenger.threshold.is_finite() {
            return Err(ComparisonError::Threshold);
        }
        let [first, second] = [champion, challenger].map(|model| model.measure(events));
        let (first, second) = (first?, second?);
        let own = [champion.threshold, challenger.threshold];
        let equal = [own[0], equal_threshold(champion, challenger, events)?];
        let swap_set = |thresholds| SwapSet::new(champion, challenger, thresholds, events);
        let correlation = rank_correlation(champion.probabilities, challenger.probabilities);
        Ok(Self {
            rows: events.len() as u64,
            events: events.iter().filter(|event| **event).count() as u64,
            difference: second.measures.less(&first.measures),
            champion: first,
            challenger: second,
            auc_test: PairedTest::of(champion, challenger, events),
            rank_correlation: correlation.ok(),
            swap_set: swap_set(own),
            swap_set_at_equal_approval: swap_set(equal),
        })
    }
}

/// The lowest threshold of the challenger that approves as many rows as the champion does.
fn equal_threshold(
    champion: &Scored<'_>,
    challenger: &Scored<'_>,
    events: &[bool],
) -> Result<f64, MetricError> {
    let wanted = StrategyCurve::new(champion.probabilities, events)?
        .at(champion.threshold)
        .approved();
    let curve = StrategyCurve::new(challenger.probabilities, events)?;
    // The last point approves everybody, which is never too few.
    Ok(curve.approving_rows(wanted).threshold)
}
