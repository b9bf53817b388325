//! Bins of a characteristic: their sort, their worth, and whether a value may fall into them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::parts::Entry;
use crate::credit::binning::{Label, Scale};

/// What sort of bin a value fell into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardBinKind)]
pub enum BinKind {
    /// Ordinary values.
    Clean,
    /// Special codes or levels.
    Special,
    /// No value.
    Missing,
    /// A level that training did not see.
    Unseen,
}

/// What a bin is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BinPoints {
    pub raw: f64,
    pub log_odds: f64,
    pub rounded: i32,
}

impl BinPoints {
    /// What rounding adds.
    pub fn deviation(&self) -> f64 {
        f64::from(self.rounded) - self.raw
    }
}

/// Coefficient times weight of evidence of each bin.
pub(super) fn log_odds_of(entry: &Entry) -> Vec<f64> {
    let rows = entry.binning.table().rows.iter();
    rows.map(|row| entry.coefficient * row.woe).collect()
}

/// Whether a value may fall into a bin: that of unseen levels is empty if these are taken for rare
/// ones.
pub(super) fn is_reachable(entry: &Entry, bin: usize) -> bool {
    let row = entry.binning.table().rows.get(bin);
    match (row.map(|row| &row.label), entry.binning.scale()) {
        (Some(Label::Unseen), Scale::Levels { unseen, .. }) => *unseen as usize == bin,
        (row, _) => row.is_some(),
    }
}

/// Those of a characteristic's bins that a value may fall into.
pub(super) fn reachable<T: Copy>(entry: &Entry, bins: &[T]) -> impl Iterator<Item = T> {
    let taken = bins.iter().copied().enumerate();
    taken.filter_map(|(bin, of)| is_reachable(entry, bin).then_some(of))
}

/// Least and greatest of `values`.
pub(super) fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    )
}

pub(super) fn kind(label: &Label) -> BinKind {
    match label {
        Label::Interval { .. } | Label::Levels { .. } => BinKind::Clean,
        Label::Special { .. } => BinKind::Special,
        Label::Missing => BinKind::Missing,
        Label::Unseen => BinKind::Unseen,
    }
}
