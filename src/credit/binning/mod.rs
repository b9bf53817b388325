//! Optimal binning and weight of evidence of one characteristic at a time.
//!
//! # Conventions
//! * A *bad* is an event (`true`), a *good* a non-event. Weight of evidence is
//!   `ln(share of the goods / share of the bads)`: positive is better than the portfolio.
//! * Numeric bins are `[a, b)`, the first open below, the last open above.
//! * Shares are taken over every row, missing and special values included.
//! * Missing values and every special code keep a bin of their own, whatever their size; minimum
//!   sizes and trends are about the other bins only, which are called *clean*.
//! * The bins of a [`Binning`] are numbered: clean bins in order, special codes as they were
//!   listed, missing, and for levels one more for those never seen.
//!
//! # Method
//! A column is cut finely ([`Prebins`]), then exact dynamic programming finds, among all ways of
//! joining neighbouring prebins, the one with the greatest [`Objective`] that keeps to the trend
//! and the minimum sizes ([`optimum()`]). Levels are first put in the order of their smoothed bad
//! rate. When no two bins are possible the answer is [`BinningError::Infeasible`] with its reason.
//!
//! Every function is pure: the same input gives the same bytes, however columns are spread over
//! threads.

mod breaks;
mod category;
mod cells;
mod chain;
mod compare;
mod counts;
mod error;
mod fitted;
mod numeric;
mod optimum;
mod params;
mod prebin;
mod quantiles;
mod rules;
mod segments;
mod table;
mod target;
mod trend;
mod ways;
mod zero_cells;

pub(super) use cells::{SpecialIndex, sort_key, sorted_value};

pub use category::LevelColumn;
pub use compare::{Comparison, Quality, compare, population_stability_index};
pub use counts::{CountBinner, LevelCounts, NumericCounts};
pub use error::{BinningError, Infeasible, Minimums};
pub use fitted::{Binning, Scale};
pub use numeric::Binner;
pub use optimum::{Limits, Optimum, optimum};
pub use params::{
    BinningParams, CategoryParams, CheckedBinningParams, Objective, ParamFault, Prebins,
    RareLevels, SplitCriterion, UnseenLevel, UnseenValue,
};
pub use rules::{LevelRules, NumericRules, RuleFault, SpecialCodes, SpecialLevels, UserBreak};
pub use table::{BinRow, BinTable, BinTotals, Label};
pub use target::{Cell, Target};
pub use trend::{Shape, Trend};
pub use zero_cells::ZeroCells;
