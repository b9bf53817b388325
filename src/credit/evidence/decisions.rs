//! What cut-offs do to the sample: the one in use, all others, and the two distributions they cut.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::{StrategyCurve, StrategyPoint};

/// Most points of a strategy curve.
const STRATEGY_POINTS: usize = 101;

/// Steps between the probabilities of a score distribution.
const DISTRIBUTION_STEPS: u32 = 100;

/// What the threshold in use does to the sample; a positive is a predicted default.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceDecisions)]
pub struct Decisions {
    /// Probability from which rows are declined.
    pub threshold: f64,
    /// Goods approved.
    pub true_negatives: u64,
    /// Goods declined.
    pub false_positives: u64,
    /// Bads approved.
    pub false_negatives: u64,
    /// Bads declined.
    pub true_positives: u64,
    /// Share of the rows that is approved.
    pub approval_rate: f64,
    /// Share of bads among the approved; `None` when nobody is approved.
    pub bad_rate_approved: Option<f64>,
    /// Share of bads among the declined; `None` when nobody is declined.
    pub bad_rate_declined: Option<f64>,
}

/// What another threshold would do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceStrategyStep)]
pub struct StrategyStep {
    /// Probability from which rows would be declined; just above the highest one to approve all.
    pub threshold: f64,
    /// Share of the rows that would be approved.
    pub approval_rate: f64,
    /// Share of bads among the approved; `None` when nobody is approved.
    pub bad_rate_approved: Option<f64>,
}

/// Cumulative distributions of the probabilities of goods and bads.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceScoreDistribution)]
pub struct ScoreDistribution {
    /// The shares below 0, 0.01, ... 1: 101 points.
    pub points: Vec<DistributionPoint>,
    /// Where the two shares differ most; `None` for one class, or when they never differ.
    pub ks_point: Option<DistributionPoint>,
}

/// Shares of goods and bads below a probability, which a cut-off there would approve.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceDistributionPoint)]
pub struct DistributionPoint {
    /// The probability.
    pub probability: f64,
    /// Share of the goods below it; `None` without goods.
    pub cumulative_goods: Option<f64>,
    /// Share of the bads below it; `None` without bads.
    pub cumulative_bads: Option<f64>,
}

impl Decisions {
    /// At a finite threshold.
    pub(super) fn at(threshold: f64, curve: &StrategyCurve) -> Self {
        let point = curve.at(threshold);
        Self {
            threshold,
            true_negatives: point.approved_non_events,
            false_positives: point.declined_non_events,
            false_negatives: point.approved_events,
            true_positives: point.declined_events,
            approval_rate: point.approval_rate(),
            bad_rate_approved: point.bad_rate_approved(),
            bad_rate_declined: point.bad_rate_declined(),
        }
    }
}

impl From<&StrategyPoint> for StrategyStep {
    fn from(point: &StrategyPoint) -> Self {
        Self {
            threshold: point.threshold,
            approval_rate: point.approval_rate(),
            bad_rate_approved: point.bad_rate_approved(),
        }
    }
}

/// The curve at 101 points at most, both ends kept.
pub(super) fn strategy(curve: &StrategyCurve) -> Vec<StrategyStep> {
    let thinned = curve.thinned(STRATEGY_POINTS);
    thinned.iter().map(StrategyStep::from).collect()
}

impl ScoreDistribution {
    /// With the probability of the Kolmogorov-Smirnov distance, if there is one.
    pub(super) fn of(curve: &StrategyCurve, ks_probability: Option<f64>) -> Self {
        let steps = (0..=DISTRIBUTION_STEPS).map(|i| f64::from(i) / f64::from(DISTRIBUTION_STEPS));
        let point = |probability| DistributionPoint::of(&curve.at(probability));
        Self {
            points: steps.map(point).collect(),
            ks_point: ks_probability.map(point),
        }
    }
}

impl DistributionPoint {
    fn of(point: &StrategyPoint) -> Self {
        let share = |below: u64, above: u64| {
            let all = below + above;
            (all > 0).then(|| below as f64 / all as f64)
        };
        Self {
            probability: point.threshold,
            cumulative_goods: share(point.approved_non_events, point.declined_non_events),
            cumulative_bads: share(point.approved_events, point.declined_events),
        }
    }
}
