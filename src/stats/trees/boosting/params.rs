//! Settings of gradient boosting.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::error::{TreeError, require};
use super::super::target::ClassWeight;

/// How a model's value may move with a column, everything else being equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Monotone {
    /// Either way.
    #[default]
    Free,
    /// The probability never falls as the column rises.
    Rising,
    /// The probability never rises as the column rises.
    Falling,
}

/// How the number of trees is chosen, up to [`BoostingParams::rounds`].
///
/// Models are first grown without some of the rows, and judged by the logistic loss on these after
/// every tree. The final model learns from all rows, with the number of trees at which the loss was
/// least.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// As many trees as allowed.
    Never,
    /// By one random part of the rows, of either class the same share.
    HoldOut {
        /// Share of the rows that is held out, above 0 and at most 0.5.
        share: f64,
        /// Trees to go on for without a new least loss, 1 or more.
        patience: u32,
    },
    /// By cross-validation: as many models side by side, judged together.
    Folds {
        /// Number of folds, 2 to 20; fewer if a class has fewer rows.
        folds: u32,
        /// Trees to go on for without a new least loss, 1 or more.
        patience: u32,
    },
}

/// Settings of gradient boosting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BoostingParams {
    /// Trees at most, 1 to 20,000.
    pub rounds: u32,
    /// Factor of every tree's values, above 0 and at most 1.
    pub learning_rate: f64,
    /// Leaves of a tree at most, 2 to 4,096.
    pub max_leaves: u32,
    /// Splits from the root to a leaf at most; `null` for no limit.
    pub max_depth: Option<u32>,
    /// Rows that a leaf has at least.
    pub min_leaf_rows: u32,
    /// Sum of the second derivatives `w p (1 - p)` that a leaf has at least, 0 or more.
    pub min_leaf_hessian: f64,
    /// Gain that a split has at least, 0 or more.
    pub min_gain: f64,
    /// Penalty `λ/2 v²` of a leaf's value `v`, 0 or more.
    pub l2: f64,
    /// Share of the rows that each tree learns from, above 0 and at most 1.
    pub row_share: f64,
    /// Share of the columns that each tree may use, above 0 and at most 1.
    pub column_share: f64,
    /// Second derivatives added to a category's own when categories are ordered by their rates.
    pub category_smoothing: f64,
    /// Rows below which a category goes where missing cells go.
    pub min_category_rows: u32,
    /// Categories that a split may name at most, 1 to 255.
    pub max_categories: u32,
    /// How the value may move with each column, in the columns' order; empty for freely.
    pub monotone: Vec<Monotone>,
    /// Sets of columns that may be used together on one way from the root to a leaf; empty for all
    /// together. A column that is in no set is only used alone.
    pub interactions: Vec<Vec<u32>>,
    /// How the number of trees is chosen.
    pub stopping: Stopping,
    /// How much the classes count.
    pub class_weight: ClassWeight,
    /// Seed of every draw.
    pub seed: u64,
}

/// Rows from which on the settings for large data are taken.
const MANY_ROWS: usize = 5_000;

impl Default for BoostingParams {
    /// The settings for few rows, see [`BoostingParams::for_rows`].
    fn default() -> Self {
        Self {
            rounds: 2000,
            learning_rate: 0.05,
            max_leaves: 8,
            max_depth: None,
            min_leaf_rows: 10,
            min_leaf_hessian: 1.0,
            min_gain: 0.0,
            l2: 5.0,
            row_share: 0.7,
            column_share: 0.5,
            category_smoothing: 5.0,
            min_category_rows: 10,
            max_categories: 32,
            monotone: Vec::new(),
            interactions: Vec::new(),
            stopping: Stopping::Folds {
                folds: 5,
                patience: 50,
            },
            class_weight: ClassWeight::None,
            seed: 42,
        }
    }
}

impl BoostingParams {
    /// Settings for a data set of so many rows.
    ///
    /// Always at most 2,000 trees with a learning rate of 0.05, at least 10 rows and a Hessian of 1 a
    /// leaf, and 50 trees of patience. Few rows are protected from being learnt by heart; many carry
    /// more detail, and one part of them is enough to judge by:
    ///
    /// | | below 5,000 rows | from 5,000 rows on |
    /// |---|---|---|
    /// | leaves | 8 | 31 |
    /// | L2 | 5 | 1 |
    /// | rows, columns of a tree | 0.7, 0.5 | 0.8, 0.7 |
    /// | stopping | 5 folds | a fifth held out |
    pub fn for_rows(rows: usize) -> Self {
        if rows < MANY_ROWS {
            return Self::default();
        }
        Self {
            max_leaves: 31,
            l2: 1.0,
            row_share: 0.8,
            column_share: 0.7,
            stopping: Stopping::HoldOut {
                share: 0.2,
                patience: 50,
            },
            ..Self::default()
        }
    }

    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`TreeError::Setting`] for the first that is not.
    pub fn check(&self) -> Result<(), TreeError> {
        self.check_counts()?;
        self.check_amounts()?;
        match self.stopping {
            Stopping::Never => Ok(()),
            Stopping::HoldOut { share, patience } => {
                require(
                    share > 0.0 && share <= 0.5,
                    "share",
                    "above 0 and at most 0.5",
                    share,
                )?;
                whole(patience, "patience", "1 or more", 1..=u32::MAX)
            }
            Stopping::Folds { folds, patience } => {
                whole(folds, "folds", "2 to 20", 2..=20)?;
                whole(patience, "patience", "1 or more", 1..=u32::MAX)
            }
        }
    }

    fn check_counts(&self) -> Result<(), TreeError> {
        whole(self.rounds, "rounds", "1 to 20000", 1..=20_000)?;
        whole(self.max_leaves, "max_leaves", "2 to 4096", 2..=4096)?;
        whole(self.max_categories, "max_categories", "1 to 255", 1..=255)?;
        let positive = [
            ("max_depth", self.max_depth.unwrap_or(1)),
            ("min_leaf_rows", self.min_leaf_rows),
            ("min_category_rows", self.min_category_rows),
        ];
        for (setting, value) in positive {
            whole(value, setting, "1 or more", 1..=u32::MAX)?;
        }
        Ok(())
    }

    fn check_amounts(&self) -> Result<(), TreeError> {
        let shares = [
            ("learning_rate", self.learning_rate),
            ("row_share", self.row_share),
            ("column_share", self.column_share),
        ];
        for (setting, value) in shares {
            let holds = value > 0.0 && value <= 1.0;
            require(holds, setting, "above 0 and at most 1", value)?;
        }
        let amounts = [
            ("min_leaf_hessian", self.min_leaf_hessian),
            ("min_gain", self.min_gain),
            ("l2", self.l2),
            ("category_smoothing", self.category_smoothing),
        ];
        for (setting, value) in amounts {
            require((0.0..=1e100).contains(&value), setting, "0 to 1e100", value)?;
        }
        Ok(())
    }

    /// Whether the lists by column suit this many columns, of which some are categorical.
    pub(super) fn check_columns(&self, categorical: &[bool]) -> Result<(), TreeError> {
        let width = categorical.len();
        let given = self.monotone.len();
        require(
            given == 0 || given == width,
            "monotone",
            "empty or one entry per column",
            given as f64,
        )?;
        for (column, direction) in self.monotone.iter().enumerate() {
            require(
                *direction == Monotone::Free || !categorical[column],
                "monotone",
                "free for columns of categories",
                column as f64,
            )?;
        }
        for &column in self.interactions.iter().flatten() {
            require(
                (column as usize) < width,
                "interactions",
                "columns that exist",
                f64::from(column),
            )?;
        }
        Ok(())
    }
}

fn whole(
    value: u32,
    setting: &'static str,
    range: &'static str,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<(), TreeError> {
    require(allowed.contains(&value), setting, range, f64::from(value))
}
