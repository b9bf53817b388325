//! A characteristic's bins with their counts, weight of evidence and information value.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use super::{
    params::{BinningParams, UnseenLevel, UnseenValue},
    target::Cell,
};

/// What a bin holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Numbers of `[from, to)`.
    Interval {
        /// Least number; `None` for no bound.
        from: Option<f64>,
        /// First number above; `None` for no bound.
        to: Option<f64>,
    },
    /// Levels of a characteristic that has them.
    Levels {
        /// Their names, sorted.
        levels: Vec<String>,
        /// Whether the pool of rare levels is among them.
        rare: bool,
    },
    /// Special codes or levels.
    Special {
        /// Name of the bin.
        name: String,
    },
    /// No value.
    Missing,
    /// Levels that training did not see.
    Unseen,
}

impl Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval { from, to } => {
                match from {
                    Some(from) => write!(f, "[{from}, ")?,
                    None => f.write_str("(-inf, ")?,
                }
                match to {
                    Some(to) => write!(f, "{to})"),
                    None => f.write_str("inf)"),
                }
            }
            Self::Levels { levels, .. } => f.write_str(&levels.join(", ")),
            Self::Special { name } => f.write_str(name),
            Self::Missing => f.write_str("missing"),
            Self::Unseen => f.write_str("unseen"),
        }
    }
}

/// One bin of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinRow {
    /// What it holds.
    pub label: Label,
    /// Rows, or their weight.
    pub count: f64,
    /// Share of all rows, 0..=1.
    pub share: f64,
    /// Non-events.
    pub goods: f64,
    /// Events.
    pub bads: f64,
    /// Share of events, 0..=1; `None` without rows.
    pub bad_rate: Option<f64>,
    /// Weight of evidence, positive where goods prevail; without rows, what the policy for the
    /// unseen says.
    pub woe: f64,
    /// Contribution to the information value, 0 or more.
    pub iv: f64,
}

impl BinRow {
    /// Goods and bads.
    pub fn cell(&self) -> Cell {
        Cell {
            goods: self.goods,
            bads: self.bads,
        }
    }
}

/// All bins together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinTotals {
    /// Rows, or their weight.
    pub count: f64,
    /// Non-events.
    pub goods: f64,
    /// Events.
    pub bads: f64,
    /// Share of events, 0..=1; `None` without rows.
    pub bad_rate: Option<f64>,
    /// Information value, the sum over the bins.
    pub iv: f64,
}

/// Every bin of a characteristic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinTable {
    /// One row for each bin, in the order of their numbers.
    pub rows: Vec<BinRow>,
    /// All rows together.
    pub totals: BinTotals,
}

impl BinTable {
    /// The table of `bins`, which are all there are, under the conventions that `params` name.
    ///
    /// A bin without rows has information value 0 and the weight of evidence that [`UnseenLevel`] or
    /// [`UnseenValue`] gives it.
    pub fn new(bins: Vec<(Label, Cell)>, params: &BinningParams) -> Self {
        let cells: Vec<Cell> = bins.iter().map(|&(_, cell)| cell).collect();
        let evidence = params.zero_cells.evidence(&cells);
        let whole = Cell::sum(&cells);
        let used = cells.iter().zip(&evidence);
        let worst = used
            .filter(|(cell, _)| cell.count() > 0.0)
            .map(|(_, &(woe, _))| woe)
            .fold(0.0, f64::min);
        let unseen = |label: &Label| {
            let is_worst = match label {
                Label::Unseen => params.categories.unseen == UnseenLevel::Worst,
                Label::Missing | Label::Special { .. } => params.unseen_value == UnseenValue::Worst,
                Label::Interval { .. } | Label::Levels { .. } => false,
            };
            if is_worst { worst } else { 0.0 }
        };
        let row = |((label, cell), (woe, iv)): ((Label, Cell), (f64, f64))| BinRow {
            count: cell.count(),
            share: share(cell.count(), whole.count()),
            goods: cell.goods,
            bads: cell.bads,
            bad_rate: cell.bad_rate(),
            woe: if cell.count() > 0.0 {
                woe
            } else {
                unseen(&label)
            },
            iv,
            label,
        };
        let rows: Vec<BinRow> = bins.into_iter().zip(evidence).map(row).collect();
        let totals = BinTotals {
            count: whole.count(),
            goods: whole.goods,
            bads: whole.bads,
            bad_rate: whole.bad_rate(),
            iv: rows.iter().map(|row| row.iv).sum(),
        };
        Self { rows, totals }
    }

    /// Gini of weight of evidence as a score for good, `2 AUC − 1`, −1..=1; 0 without goods or bads.
    ///
    /// The scores of a bin are tied, as are bins of equal weight of evidence.
    pub fn gini(&self) -> f64 {
        let mut rows: Vec<&BinRow> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.woe.total_cmp(&b.woe));
        let (mut bads_below, mut ordered) = (0.0, 0.0);
        for ties in rows.chunk_by(|a, b| a.woe.total_cmp(&b.woe).is_eq()) {
            let goods: f64 = ties.iter().map(|row| row.goods).sum();
            let bads: f64 = ties.iter().map(|row| row.bads).sum();
            ordered += goods * (bads_below + bads / 2.0);
            bads_below += bads;
        }
        let pairs = self.totals.goods * self.totals.bads;
        if pairs > 0.0 {
            2.0 * ordered / pairs - 1.0
        } else {
            0.0
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
