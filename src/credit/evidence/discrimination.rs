//! How well the probabilities tell goods from bads, whatever their level.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::replicates::{Replicates, Spread};
use crate::stats::{Interval, Roc, average_precision, delong, gini};

/// Most points of a ROC curve.
const ROC_POINTS: usize = 201;

/// How well the probabilities tell goods from bads.
///
/// All of it takes both classes, except that average precision does without goods.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceDiscrimination)]
pub struct Discrimination {
    /// Area under the ROC curve, 0..=1, ties half.
    pub auc: Option<Area>,
    /// 2 AUC - 1, with its intervals.
    pub gini: Option<Area>,
    /// Kolmogorov-Smirnov distance.
    pub ks: Option<KolmogorovSmirnov>,
    /// Area under the precision-recall curve as a step function, 0..=1.
    pub average_precision: Option<f64>,
    /// The ROC curve at 201 points at most, both ends kept.
    pub roc: Option<Vec<RocPoint>>,
}

/// An area under the ROC curve, or the Gini coefficient made of it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceArea)]
pub struct Area {
    /// The number on this sample.
    pub value: f64,
    /// Normal interval by the variance of Biometrics 44 (1988), 837-845, cut to the possible values; `None`
    /// unless each class has two rows. Its width is 0 when the classes do not overlap.
    pub delong: Option<Spread>,
    /// Percentile interval of the bootstrap; `None` without one.
    pub bootstrap: Option<Spread>,
}

/// Largest distance between the cumulative score distributions of goods and bads.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceKolmogorovSmirnov)]
pub struct KolmogorovSmirnov {
    /// The distance on this sample, 0..=1.
    pub value: f64,
    /// Probability below which the cumulative shares differ by that much, the highest of several;
    /// `None` when the distance is 0.
    pub probability: Option<f64>,
    /// Percentile interval of the bootstrap; `None` without one. Resampling enlarges the distance,
    /// so that the value may lie below the interval.
    pub bootstrap: Option<Spread>,
}

/// One point of a ROC curve.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceRocPoint)]
pub struct RocPoint {
    /// Probability from which rows are declined; `None` for the point that declines nobody.
    pub threshold: Option<f64>,
    /// Share of the goods that are declined.
    pub false_positive_rate: f64,
    /// Share of the bads that are declined.
    pub true_positive_rate: f64,
}

impl Discrimination {
    /// Of checked probabilities, at a checked confidence level.
    pub(super) fn measure(p: &[f64], events: &[bool], level: f64, replicates: &Replicates) -> Self {
        let roc = Roc::new(p, events).ok();
        let spread = delong(p, events).ok().and_then(|found| {
            let interval = found.interval(level).ok()?;
            Some(Spread::new(interval, found.std_error()))
        });
        let auc = roc.as_ref().map(Roc::auc);
        Self {
            auc: auc.map(|value| Area {
                value,
                delong: spread,
                bootstrap: replicates.auc,
            }),
            gini: auc.map(|auc| Area {
                value: gini(auc),
                delong: spread.map(spread_of_gini),
                bootstrap: replicates.gini,
            }),
            ks: roc.as_ref().map(|roc| KolmogorovSmirnov {
                value: roc.kolmogorov_smirnov(),
                probability: roc.kolmogorov_smirnov_threshold(),
                bootstrap: replicates.ks,
            }),
            average_precision: average_precision(p, events).ok(),
            roc: roc.map(|roc| points_of(&roc.thinned(ROC_POINTS))),
        }
    }
}

/// The interval of `2 AUC - 1` from that of the area.
fn spread_of_gini(auc: Spread) -> Spread {
    let interval = Interval {
        low: gini(auc.low),
        high: gini(auc.high),
    };
    Spread::new(interval, 2.0 * auc.std_error)
}

fn points_of(roc: &Roc) -> Vec<RocPoint> {
    let rates = roc.false_positive_rate.iter().zip(&roc.true_positive_rate);
    rates
        .zip(&roc.thresholds)
        .map(
            |((&false_positive_rate, &true_positive_rate), threshold)| RocPoint {
                threshold: threshold.is_finite().then_some(*threshold),
                false_positive_rate,
                true_positive_rate,
            },
        )
        .collect()
}
