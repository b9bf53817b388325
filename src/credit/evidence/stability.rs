//! Population stability: whether another sample is scored like the one of development.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{credit::binning::population_stability_index, stats::quantile_edges};

/// Bands of the development sample: deciles.
const BANDS: usize = 10;

/// Share that an empty bin is given.
const EMPTY_SHARE: f64 = 1e-4;

/// From here on a shift is more than little.
const MODERATE: f64 = 0.10;

/// From here on it is large.
const LARGE: f64 = 0.25;

/// Population stability index of a score between two samples, over deciles of the first.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceStability)]
pub struct Stability {
    /// `Σ (other - development) ln(other / development)` over the shares of the bins, 0 or more.
    pub index: f64,
    /// What the trade calls such an index.
    pub shift: Shift,
    /// Share that stands in for that of an empty bin, in the index only.
    pub empty_share: f64,
    /// The bins, lowest scores first.
    pub bins: Vec<StabilityBin>,
}

/// Size of a population shift, by the usual rule of thumb.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceShift)]
pub enum Shift {
    /// Index below 0.10.
    Little,
    /// Index from 0.10, below 0.25.
    Moderate,
    /// Index from 0.25.
    Large,
}

/// A bin `[low, high)` of scores.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = EvidenceStabilityBin)]
pub struct StabilityBin {
    /// Lower end; `None` for the first bin, which is open below.
    pub low: Option<f64>,
    /// Upper end; `None` for the last bin, which is open above.
    pub high: Option<f64>,
    /// Rows of the development sample.
    pub development_rows: u64,
    /// Rows of the other sample.
    pub other_rows: u64,
    /// Share of the development sample.
    pub development_share: f64,
    /// Share of the other sample.
    pub other_share: f64,
}

impl Shift {
    /// The size of an index.
    pub fn of(index: f64) -> Self {
        if index < MODERATE {
            Self::Little
        } else if index < LARGE {
            Self::Moderate
        } else {
            Self::Large
        }
    }
}

/// Population stability index of a score (or a probability) between two samples.
///
/// The bins are the deciles of `development`, by linear interpolation; deciles that ties make equal
/// are joined. An empty bin takes part with a share of 0.0001. `None` if either sample has no rows,
/// a score is not finite, or the deciles leave a single bin, as they do for equal scores.
pub fn stability(development: &[f64], other: &[f64]) -> Option<Stability> {
    let finite = |scores: &[f64]| scores.iter().all(|score| score.is_finite());
    if other.is_empty() || !finite(development) || !finite(other) {
        return None;
    }
    let mut edges = quantile_edges(development, BANDS);
    edges.dedup_by(|a, b| *a <= *b);
    if edges.len() < 3 {
        return None;
    }
    let inner = &edges[1..edges.len() - 1];
    let (from_development, from_other) = (counted(development, inner), counted(other, inner));
    let index = population_stability_index(
        &from_development
            .iter()
            .map(|rows| *rows as f64)
            .collect::<Vec<_>>(),
        &from_other
            .iter()
            .map(|rows| *rows as f64)
            .collect::<Vec<_>>(),
        EMPTY_SHARE,
    )?;
    let bins = (0..=inner.len())
        .map(|bin| StabilityBin {
            low: bin.checked_sub(1).map(|below| inner[below]),
            high: inner.get(bin).copied(),
            development_rows: from_development[bin],
            other_rows: from_other[bin],
            development_share: from_development[bin] as f64 / development.len() as f64,
            other_share: from_other[bin] as f64 / other.len() as f64,
        })
        .collect();
    Some(Stability {
        index,
        shift: Shift::of(index),
        empty_share: EMPTY_SHARE,
        bins,
    })
}

/// Scores in each bin between ascending `inner` edges.
fn counted(scores: &[f64], inner: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; inner.len() + 1];
    for score in scores {
        counts[inner.partition_point(|edge| edge <= score)] += 1;
    }
    counts
}
