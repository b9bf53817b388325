//! Why there is no binning.

use serde::{Deserialize, Serialize};

use super::{rules::RuleFault, trend::Trend};

/// Sizes that a bin has, or must have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minimums {
    /// Rows.
    pub count: f64,
    /// Non-events.
    pub goods: f64,
    /// Events.
    pub bads: f64,
}

/// Why the clean values of a characteristic cannot be cut into two or more bins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Infeasible {
    /// Every row is missing or special.
    #[error("no row has a value that is neither missing nor special")]
    NoValues,
    /// All values fall together, being equal or on one side of every break.
    #[error("all values are equal or fall between the same breaks")]
    SingleValue,
    /// Prebins cannot be joined into two bins of the minimum size.
    #[error(
        "no cut between prebins leaves two bins of at least {:.0} rows, {:.0} goods and {:.0} bads; all values together have {:.0}, {:.0} and {:.0}",
        .needed.count.ceil(), .needed.goods.ceil(), .needed.bads.ceil(), .found.count, .found.goods, .found.bads
    )]
    Minimums {
        /// What one bin needs.
        needed: Minimums,
        /// What all clean values have together.
        found: Minimums,
    },
    /// What lies between two fixed breaks (or groups) is smaller than the minimum size.
    #[error("bin {bin} between fixed breaks is smaller than the minimum size")]
    FixedBin {
        /// Which, counted from 0 over the fixed breaks alone.
        bin: u32,
    },
    /// Two bins of the minimum size exist, but none that follow the trend.
    #[error("no two bins of the minimum size follow the trend {trend}")]
    Trend {
        /// The trend that was asked for.
        trend: Trend,
    },
    /// More breaks are fixed than the maximum number of bins allows.
    #[error("the fixed breaks make {fixed} bins, more than max_bins ({max_bins})")]
    MaxBins {
        /// Bins that the fixed breaks make.
        fixed: u32,
        /// The maximum.
        max_bins: u32,
    },
    /// No cut is worth making: bad rates do not differ, or by less than the objective's penalty.
    #[error("no cut improves the objective")]
    NothingGained,
}

/// There is no binning of a characteristic, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BinningError {
    /// There are no rows.
    #[error("there are no rows")]
    NoRows,
    /// A column's length is not the number of outcomes.
    #[error("{what} has {found} rows, the outcome {rows}")]
    Length {
        /// Which column.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The number of outcomes.
        rows: usize,
    },
    /// All rows are good, or all are bad.
    #[error("weight of evidence needs goods and bads; there are {goods} and {bads}")]
    OneClass {
        /// Non-events.
        goods: f64,
        /// Events.
        bads: f64,
    },
    /// A weight is neither 0 nor in `1e-100..=1e100`.
    #[error("the weight of row {row} is neither 0 nor between 1e-100 and 1e100")]
    Weight {
        /// Row, counted from 0.
        row: usize,
    },
    /// A value is infinite; a missing value is `NaN`.
    #[error("the value of row {row} is infinite")]
    Infinite {
        /// Row, counted from 0.
        row: usize,
    },
    /// A level code has no name.
    #[error("the level of row {row} is not in the dictionary")]
    UnknownLevel {
        /// Row, counted from 0.
        row: usize,
    },
    /// Two codes have the same name.
    #[error("level {level:?} stands twice in the dictionary")]
    DuplicateLevel {
        /// The name.
        level: String,
    },
    /// What the user laid down contradicts itself.
    #[error(transparent)]
    Rules(#[from] RuleFault),
    /// Nothing satisfies what was asked.
    #[error("infeasible: {0}")]
    Infeasible(#[from] Infeasible),
}
