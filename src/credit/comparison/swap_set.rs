//! Who would change sides if the challenger decided.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Scored;

/// The rows by the decisions of both models.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ComparisonSwapSet)]
pub struct SwapSet {
    /// Probability from which the champion declines here.
    pub champion_threshold: f64,
    /// Probability from which the challenger declines here.
    pub challenger_threshold: f64,
    /// Share of the rows that the champion approves.
    pub champion_approval_rate: f64,
    /// Share of the rows that the challenger approves.
    pub challenger_approval_rate: f64,
    /// Share of bads among the champion's approved; `None` when it approves nobody.
    pub champion_bad_rate: Option<f64>,
    /// Share of bads among the challenger's approved; `None` when it approves nobody.
    pub challenger_bad_rate: Option<f64>,
    /// Approved by both.
    pub approved_by_both: SwapCell,
    /// Approved by the challenger only.
    pub swapped_in: SwapCell,
    /// Approved by the champion only.
    pub swapped_out: SwapCell,
    /// Declined by both.
    pub declined_by_both: SwapCell,
}

/// Rows that two models decide upon in one way.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = ComparisonSwapCell)]
pub struct SwapCell {
    /// Rows.
    pub rows: u64,
    /// Bads among them.
    pub bads: u64,
    /// Share of bads; `None` without rows.
    pub bad_rate: Option<f64>,
}

impl SwapSet {
    /// At the `thresholds` of champion and challenger, for rows of checked and equal lengths.
    pub(super) fn new(
        champion: &Scored<'_>,
        challenger: &Scored<'_>,
        thresholds: [f64; 2],
        events: &[bool],
    ) -> Self {
        let probabilities = champion.probabilities.iter().zip(challenger.probabilities);
        let mut counts = [[(0, 0); 2]; 2];
        for ((first, second), event) in probabilities.zip(events) {
            let declines = [*first >= thresholds[0], *second >= thresholds[1]];
            let count = &mut counts[usize::from(declines[0])][usize::from(declines[1])];
            count.0 += 1;
            count.1 += u64::from(*event);
        }
        let [[both, swapped_out], [swapped_in, neither]] =
            counts.map(|row| row.map(|(rows, bads)| SwapCell::new(rows, bads)));
        let all = events.len() as f64;
        let (by_champion, by_challenger) = (both.and(&swapped_out), both.and(&swapped_in));
        Self {
            champion_threshold: thresholds[0],
            challenger_threshold: thresholds[1],
            champion_approval_rate: by_champion.rows as f64 / all,
            challenger_approval_rate: by_challenger.rows as f64 / all,
            champion_bad_rate: by_champion.bad_rate,
            challenger_bad_rate: by_challenger.bad_rate,
            approved_by_both: both,
            swapped_in,
            swapped_out,
            declined_by_both: neither,
        }
    }
}

impl SwapCell {
    fn new(rows: u64, bads: u64) -> Self {
        Self {
            rows,
            bads,
            bad_rate: (rows > 0).then(|| bads as f64 / rows as f64),
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self::new(self.rows + other.rows, self.bads + other.bads)
    }
}
