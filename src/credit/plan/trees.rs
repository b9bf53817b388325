//! How forests and boosted trees are grown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{
    Fault,
    fault::{Faults, pointer_token},
    schema::{Kind, Schema},
};
use crate::stats::trees::{
    BoostingParams, ForestParams, Monotone, SplitCriterion, Stopping, TreeError,
};

/// How boosted trees are grown; what is absent follows from the number of rows.
///
/// | | below 5,000 rows | from 5,000 rows on |
/// |---|---|---|
/// | `max_leaves` | 8 | 31 |
/// | `l2` | 5 | 1 |
/// | `row_share`, `column_share` | 0.7, 0.5 | 0.8, 0.7 |
/// | `stopping` | 5 folds | a fifth held out |
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BoostingPlan {
    /// Trees at most, 1..=20000; 2,000 when absent.
    pub rounds: Option<u32>,
    /// Factor of every tree's values, above 0 and at most 1; 0.05 when absent.
    pub learning_rate: Option<f64>,
    /// Leaves of a tree at most, 2..=4096.
    pub max_leaves: Option<u32>,
    /// Splits from the root to a leaf at most; no limit when absent.
    pub max_depth: Option<u32>,
    /// Rows that a leaf has at least; 10 when absent.
    pub min_leaf_rows: Option<u32>,
    /// Sum of `p (1 - p)` over its rows that a leaf has at least; 1 when absent.
    pub min_leaf_hessian: Option<f64>,
    /// Gain that a split has at least; 0 when absent.
    pub min_gain: Option<f64>,
    /// Penalty `l2 / 2 v²` of a leaf's value `v`, 0 or more.
    pub l2: Option<f64>,
    /// Share of the rows that each tree learns from, above 0 and at most 1.
    pub row_share: Option<f64>,
    /// Share of the characteristics that each tree may use, above 0 and at most 1.
    pub column_share: Option<f64>,
    /// How the number of trees is chosen.
    pub stopping: Option<Stopping>,
    /// Sets of characteristics that may be used together on one way from the root to a leaf; all
    /// together when empty. A characteristic in no set is only used alone.
    pub interactions: Vec<Vec<String>>,
}

/// How a random forest is grown.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForestPlan {
    /// Trees, 1..=10000.
    pub trees: u32,
    /// Characteristics drawn for each split; the rounded square root of their number when absent.
    pub columns_per_split: Option<u32>,
    /// Splits from the root to a leaf at most; no limit when absent.
    pub max_depth: Option<u32>,
    /// Distinct rows that a leaf has at least.
    pub min_leaf_rows: u32,
    /// What makes a split good.
    pub criterion: SplitCriterion,
    /// Whether each tree learns from as many rows, drawn with replacement; otherwise from all.
    pub bootstrap: bool,
    /// Weight of the overall default rate in a leaf's own, in rows, 0 or more.
    pub leaf_smoothing: f64,
}

impl Default for ForestPlan {
    fn default() -> Self {
        let ForestParams {
            trees,
            columns_per_split,
            max_depth,
            min_leaf_rows,
            criterion,
            bootstrap,
            leaf_smoothing,
            ..
        } = ForestParams::default();
        Self {
            trees,
            columns_per_split,
            max_depth,
            min_leaf_rows,
            criterion,
            bootstrap,
            leaf_smoothing,
        }
    }
}

impl BoostingPlan {
    /// The same with nothing absent that is not a limit, for a fit of so many `rows`.
    pub fn filled(&self, rows: usize) -> Self {
        let usual = BoostingParams::for_rows(rows);
        Self {
            rounds: self.rounds.or(Some(usual.rounds)),
            learning_rate: self.learning_rate.or(Some(usual.learning_rate)),
            max_leaves: self.max_leaves.or(Some(usual.max_leaves)),
            max_depth: self.max_depth,
            min_leaf_rows: self.min_leaf_rows.or(Some(usual.min_leaf_rows)),
            min_leaf_hessian: self.min_leaf_hessian.or(Some(usual.min_leaf_hessian)),
            min_gain: self.min_gain.or(Some(usual.min_gain)),
            l2: self.l2.or(Some(usual.l2)),
            row_share: self.row_share.or(Some(usual.row_share)),
            column_share: self.column_share.or(Some(usual.column_share)),
            stopping: self.stopping.or(Some(usual.stopping)),
            interactions: self.interactions.clone(),
        }
    }

    /// The parameters for a fit of so many `rows`, what goes by column left out.
    pub fn params(&self, rows: usize, seed: u64) -> BoostingParams {
        let usual = BoostingParams::for_rows(rows);
        BoostingParams {
            rounds: self.rounds.unwrap_or(usual.rounds),
            learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
            max_leaves: self.max_leaves.unwrap_or(usual.max_leaves),
            max_depth: self.max_depth,
            min_leaf_rows: self.min_leaf_rows.unwrap_or(usual.min_leaf_rows),
            min_leaf_hessian: self.min_leaf_hessian.unwrap_or(usual.min_leaf_hessian),
            min_gain: self.min_gain.unwrap_or(usual.min_gain),
            l2: self.l2.unwrap_or(usual.l2),
            row_share: self.row_share.unwrap_or(usual.row_share),
            column_share: self.column_share.unwrap_or(usual.column_share),
            stopping: self.stopping.unwrap_or(usual.stopping),
            seed,
            ..usual
        }
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        out_of_range("/boosting", self.params(0, 0).check(), faults);
        for (index, set) in self.interactions.iter().enumerate() {
            if set.is_empty() {
                let pointer = format!("/boosting/interactions/{index}");
                faults.push(Fault::at(pointer, "expected at least one characteristic"));
            }
        }
    }

    /// The sets of characteristics by their places among `positions` of the schema.
    pub(in crate::credit) fn interactions(
        &self,
        schema: &Schema,
        positions: &[usize],
        faults: &mut Faults,
    ) -> Vec<Vec<u32>> {
        let mut sets = Vec::with_capacity(self.interactions.len());
        for (index, names) in self.interactions.iter().enumerate() {
            let mut set = Vec::with_capacity(names.len());
            for (place, name) in names.iter().enumerate() {
                let found = schema.position(name);
                let found = found.and_then(|at| positions.iter().position(|it| *it == at));
                match found {
                    Some(column) => set.push(column as u32),
                    None => faults.push(Fault::at(
                        format!("/boosting/interactions/{index}/{place}"),
                        "no characteristic that the model may use",
                    )),
                }
            }
            sets.push(set);
        }
        sets
    }
}

impl ForestPlan {
    /// The parameters.
    pub fn params(&self, seed: u64) -> ForestParams {
        ForestParams {
            trees: self.trees,
            columns_per_split: self.columns_per_split,
            max_depth: self.max_depth,
            min_leaf_rows: self.min_leaf_rows,
            criterion: self.criterion,
            bootstrap: self.bootstrap,
            leaf_smoothing: self.leaf_smoothing,
            seed,
            ..ForestParams::default()
        }
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        out_of_range("/forest", self.params(0).check(), faults);
    }
}

impl super::TrainingPlan {
    /// How the risk may move with each of `positions` of the schema, as `signs` says; empty when it
    /// says nothing.
    pub(in crate::credit) fn monotone(
        &self,
        schema: &Schema,
        positions: &[usize],
        faults: &mut Faults,
    ) -> Vec<Monotone> {
        let mut directions = vec![Monotone::Free; positions.len()];
        for (name, sign) in &self.signs {
            let pointer = format!("/signs/{}", pointer_token(name));
            let place = schema.position(name);
            let numeric = place
                .is_some_and(|at| matches!(schema.characteristics[at].kind, Kind::Numeric { .. }));
            match place.and_then(|at| positions.iter().position(|it| *it == at)) {
                Some(column) if numeric => {
                    directions[column] = match sign {
                        super::SignConstraint::NonNegative => Monotone::Rising,
                        super::SignConstraint::NonPositive => Monotone::Falling,
                    };
                }
                Some(_) => faults.push(Fault::at(pointer, "levels have no order")),
                None => faults.push(Fault::at(
                    pointer,
                    "no characteristic that the model may use",
                )),
            }
        }
        if self.signs.is_empty() {
            directions.clear();
        }
        directions
    }
}

/// Adds the setting that is out of its range, if any.
fn out_of_range(pointer: &str, checked: Result<(), TreeError>, faults: &mut Faults) {
    let Err(error) = checked else {
        return;
    };
    let fault = match error {
        TreeError::Setting { setting, range, .. } => {
            let place = match setting {
                "share" => "stopping/hold_out/share",
                "folds" => "stopping/folds/folds",
                "patience" => "stopping",
                setting => setting,
            };
            Fault::at(format!("{pointer}/{place}"), format!("expected {range}"))
        }
        error => Fault::at(pointer, error.to_string()),
    };
    faults.push(fault);
}
