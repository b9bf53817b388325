//! A characteristic by its distinct values: all that its bins depend on.
//!
//! Rows are counted wherever they are kept, in memory or not; from the counts on there is one way
//! to the bins.

use super::{
    error::BinningError,
    params::CheckedBinningParams,
    quantiles::{Quantiles, Run},
    rules::{NumericRules, UserBreak},
    target::Cell,
};

/// Bins characteristics by the counts of their values.
#[derive(Clone, Copy, Debug)]
pub struct CountBinner {
    pub(super) totals: Cell,
    pub(super) params: CheckedBinningParams,
}

/// Goods and bads of a numeric characteristic, its clean values given in ascending order.
#[derive(Debug)]
pub struct NumericCounts {
    /// Rows without a value.
    pub missing: Cell,
    /// Rows with a special code, by entry of the rules.
    pub special: Vec<Cell>,
    pub(super) clean: Clean,
}

/// Clean values, as fine as bins are made of.
#[derive(Debug)]
pub(super) enum Clean {
    /// Each its own run, or joined into quantiles.
    Runs(Quantiles),
    /// Counted between the breaks of a user; parts without rows are kept.
    Between {
        breaks: Vec<UserBreak>,
        cells: Vec<Cell>,
    },
}

/// Goods and bads of a characteristic with levels.
#[derive(Debug)]
pub struct LevelCounts<'l> {
    /// Rows without a value.
    pub missing: Cell,
    /// Every level that is known, once, with its rows.
    pub levels: Vec<(&'l str, Cell)>,
}

impl CountBinner {
    /// A binner of characteristics that all have `totals` rows.
    ///
    /// # Errors
    /// [`BinningError::OneClass`] without goods or without bads.
    pub fn new(totals: Cell, params: CheckedBinningParams) -> Result<Self, BinningError> {
        if totals.goods > 0.0 && totals.bads > 0.0 {
            Ok(Self { totals, params })
        } else {
            let Cell { goods, bads } = totals;
            Err(BinningError::OneClass { goods, bads })
        }
    }

    /// Counts yet to be made, by `rules`, of clean values that `rows` rows have.
    pub fn counts(&self, rules: &NumericRules, rows: f64) -> NumericCounts {
        let finest = self.params.params().prebins.finest();
        NumericCounts {
            missing: Cell::default(),
            special: vec![Cell::default(); rules.special.len()],
            clean: if rules.breaks.is_empty() {
                Clean::Runs(Quantiles::new(rows, finest))
            } else {
                Clean::Between {
                    breaks: rules.breaks.clone(),
                    cells: vec![Cell::default(); rules.breaks.len() + 1],
                }
            },
        }
    }
}

impl NumericCounts {
    /// Adds a clean value, greater than the one before; without rows it is as good as absent.
    pub fn push(&mut self, value: f64, cell: Cell) {
        match &mut self.clean {
            Clean::Runs(runs) if cell.count() > 0.0 => runs.push(Run::of_value(value, cell)),
            Clean::Runs(_) => {}
            Clean::Between { breaks, cells } => {
                cells[breaks.partition_point(|b| b.at <= value)] += cell;
            }
        }
    }
}
