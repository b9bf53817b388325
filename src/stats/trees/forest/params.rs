//! Settings of a random forest.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::error::{TreeError, require};
use super::super::target::ClassWeight;

/// What makes a split of a forest's tree good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitCriterion {
    /// Gini impurity (Breiman et al. 1984).
    #[default]
    Gini,
    /// Logistic loss, that is entropy.
    LogLoss,
}

/// Settings of a random forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForestParams {
    /// Trees, 1 to 10,000.
    pub trees: u32,
    /// Columns drawn for each split; `null` for the rounded square root of their number.
    pub columns_per_split: Option<u32>,
    /// Splits from the root to a leaf at most; `null` for no limit.
    pub max_depth: Option<u32>,
    /// Distinct rows that a leaf has at least.
    pub min_leaf_rows: u32,
    /// Weight of the rows that a leaf has at least, 0 or more.
    pub min_leaf_weight: f64,
    /// What makes a split good.
    pub criterion: SplitCriterion,
    /// Whether each tree learns from as many rows, drawn with replacement; otherwise from all.
    pub bootstrap: bool,
    /// Weight `m` of the event rate `r` of all rows in a leaf's own, `(S + m r) / (W + m)` with `S`
    /// the weight of its events among rows of weight `W`; 0 or more.
    pub leaf_smoothing: f64,
    /// How much the classes count.
    pub class_weight: ClassWeight,
    /// Seed of every draw.
    pub seed: u64,
}

impl Default for ForestParams {
    /// 200 deep trees of at least 2 rows a leaf, Gini impurity, bootstrap, smoothing 1.
    fn default() -> Self {
        Self {
            trees: 200,
            columns_per_split: None,
            max_depth: None,
            min_leaf_rows: 2,
            min_leaf_weight: 0.0,
            criterion: SplitCriterion::Gini,
            bootstrap: true,
            leaf_smoothing: 1.0,
            class_weight: ClassWeight::None,
            seed: 42,
        }
    }
}

impl ForestParams {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`TreeError::Setting`] for the first that is not.
    pub fn check(&self) -> Result<(), TreeError> {
        let whole = |value: u32, setting, range, most| {
            require(
                (1..=most).contains(&value),
                setting,
                range,
                f64::from(value),
            )
        };
        whole(self.trees, "trees", "1 to 10000", 10_000)?;
        whole(self.min_leaf_rows, "min_leaf_rows", "1 or more", u32::MAX)?;
        if let Some(columns) = self.columns_per_split {
            whole(columns, "columns_per_split", "1 or more", u32::MAX)?;
        }
        if let Some(depth) = self.max_depth {
            whole(depth, "max_depth", "1 or more", u32::MAX)?;
        }
        let amounts = [
            ("min_leaf_weight", self.min_leaf_weight),
            ("leaf_smoothing", self.leaf_smoothing),
        ];
        for (setting, value) in amounts {
            require((0.0..=1e100).contains(&value), setting, "0 to 1e100", value)?;
        }
        Ok(())
    }
}
