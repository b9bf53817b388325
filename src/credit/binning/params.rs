//! How characteristics are binned: settings, their defaults and their ranges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{trend::Trend, zero_cells::ZeroCells};

/// What a tree looks at when it splits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitCriterion {
    /// Decrease of Gini impurity, `1 − p² − (1 − p)²` at the bad rate `p`.
    #[default]
    Gini,
    /// Decrease of entropy, `−p ln p − (1 − p) ln(1 − p)`.
    Entropy,
}

/// The fine cut that bins are joined from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Prebins {
    /// About equally many rows in each; each distinct value by itself if they are few enough.
    Quantile {
        /// Prebins at most, 2..=256.
        bins: u32,
    },
    /// Leaves of a classification tree, grown best split first: the one that lowers rows times
    /// impurity most, of several the one of the lowest values.
    ///
    /// A column of more than 4,096 distinct values is cut into that many quantiles beforehand.
    Supervised {
        /// Prebins at most, 2..=256.
        bins: u32,
        /// Share of all rows that a leaf has at least, 0..=0.5.
        min_share: f64,
        /// What a split is judged by.
        criterion: SplitCriterion,
    },
}

/// What the best binning has most of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Objective {
    /// Information value `Σ (goods share − bads share) × WOE`.
    InformationValue,
    /// Binomial log-likelihood of the bad rates, less `penalty × ln(rows)` for every bin: the sum of
    /// `g ln(g / n) + b ln(b / n) − penalty × ln(all rows)` over bins of `n = g + b` rows.
    PenalisedLikelihood {
        /// Penalty per bin, 0..=100; ½ is Schwarz's criterion (BIC).
        penalty: f64,
    },
}

/// What becomes of levels with few rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RareLevels {
    /// Pooled, and the pool is treated as one level.
    #[default]
    Pool,
    /// Kept apart and ordered by smoothed rate like any other.
    Keep,
}

/// What a level never seen is scored as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnseenLevel {
    /// In a bin of its own with weight of evidence 0.
    #[default]
    Neutral,
    /// As the pool of rare levels is; neutral if there is none.
    Rare,
    /// As the worst bin: the least weight of evidence of any that has rows.
    Worst,
}

/// What a missing value or special code is scored as when training had none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnseenValue {
    /// Weight of evidence 0.
    #[default]
    Neutral,
    /// As the worst bin: the least weight of evidence of any that has rows.
    Worst,
}

/// How levels are put in order and grouped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct CategoryParams {
    /// Rows `s` at the overall rate that each level's bad rate is smoothed with, 0..=1e6:
    /// `(bads + s × overall rate) / (rows + s)`.
    pub smoothing: f64,
    /// Share of all rows below which a level is rare, 0..=0.5.
    pub rare_share: f64,
    /// What becomes of rare levels.
    pub rare: RareLevels,
    /// What a level never seen is scored as.
    pub unseen: UnseenLevel,
}

impl Default for CategoryParams {
    /// Smoothed with 20 rows; below 0.5 % pooled; unseen neutral.
    fn default() -> Self {
        Self {
            smoothing: 20.0,
            rare_share: 0.005,
            rare: RareLevels::default(),
            unseen: UnseenLevel::default(),
        }
    }
}

/// Settings of a binning, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BinningParams {
    /// The fine cut that bins are joined from.
    pub prebins: Prebins,
    /// What the best binning has most of.
    pub objective: Objective,
    /// The shape that bad rates must follow.
    pub trend: Trend,
    /// Clean bins at most, 2..=256.
    pub max_bins: u32,
    /// Share of all rows that a clean bin has at least, 0..=0.5.
    pub min_share: f64,
    /// Goods that a clean bin has at least, 0..=1e9.
    pub min_goods: u32,
    /// Bads that a clean bin has at least, 0..=1e9.
    pub min_bads: u32,
    /// Weight of evidence where a bin has no goods or no bads.
    pub zero_cells: ZeroCells,
    /// What a missing value or special code is scored as when training had none.
    pub unseen_value: UnseenValue,
    /// How levels are put in order and grouped.
    pub categories: CategoryParams,
}

impl Default for BinningParams {
    /// Leaves of 1 % of the rows, joined into at most 20 bins of 1.5 %, 5 goods and 5 bads or more,
    /// with the greatest information value under the trend `auto`.
    ///
    /// Minimums of 5 % are more common, but lose what rare tails tell; these are, in
    /// cross-validation on public loan data, among the best of several dozen settings on every set.
    /// Where a score need not be monotone, `penalised_likelihood` with the trend `none` tells more
    /// on large data sets (tens of thousands of rows) and less on small ones.
    fn default() -> Self {
        Self {
            prebins: Prebins::Supervised {
                bins: 64,
                min_share: 0.01,
                criterion: SplitCriterion::Gini,
            },
            objective: Objective::InformationValue,
            trend: Trend::Auto,
            max_bins: 20,
            min_share: 0.015,
            min_goods: 5,
            min_bads: 5,
            zero_cells: ZeroCells::default(),
            unseen_value: UnseenValue::default(),
            categories: CategoryParams::default(),
        }
    }
}

/// A setting out of range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{field} must be between {least} and {most}")]
pub struct ParamFault {
    /// Path of the field, its segments joined by dots.
    pub field: &'static str,
    /// Least value allowed.
    pub least: f64,
    /// Greatest value allowed.
    pub most: f64,
}

/// Settings known to be in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedBinningParams(BinningParams);

impl CheckedBinningParams {
    /// The settings.
    pub fn params(&self) -> &BinningParams {
        &self.0
    }
}

/// Most prebins or bins: the search looks at every pair of them.
const MOST_BINS: f64 = 256.0;

impl BinningParams {
    /// Settings that can be binned with.
    ///
    /// # Errors
    /// Every field out of range.
    pub fn check(self) -> Result<CheckedBinningParams, Vec<ParamFault>> {
        let mut faults = Vec::new();
        let mut within = |field, value: f64, least, most| {
            if !(least..=most).contains(&value) {
                faults.push(ParamFault { field, least, most });
            }
        };
        match self.prebins {
            Prebins::Quantile { bins } => {
                within("prebins.quantile.bins", bins.into(), 2.0, MOST_BINS);
            }
            Prebins::Supervised {
                bins, min_share, ..
            } => {
                within("prebins.supervised.bins", bins.into(), 2.0, MOST_BINS);
                within("prebins.supervised.min_share", min_share, 0.0, 0.5);
            }
        }
        if let Objective::PenalisedLikelihood { penalty } = self.objective {
            let field = "objective.penalised_likelihood.penalty";
            within(field, penalty, 0.0, 100.0);
        }
        within("max_bins", self.max_bins.into(), 2.0, MOST_BINS);
        within("min_share", self.min_share, 0.0, 0.5);
        within("min_goods", self.min_goods.into(), 0.0, 1e9);
        within("min_bads", self.min_bads.into(), 0.0, 1e9);
        within("categories.smoothing", self.categories.smoothing, 0.0, 1e6);
        within(
            "categories.rare_share",
            self.categories.rare_share,
            0.0,
            0.5,
        );
        if faults.is_empty() {
            Ok(CheckedBinningParams(self))
        } else {
            Err(faults)
        }
    }
}
