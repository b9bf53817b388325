//! Decision trees for an event or a non-event: random forests and gradient boosting.
//!
//! Columns are cut once into at most 255 bins ([`BinnedColumns`]). Trees are grown on the bins and
//! scored on raw values. Missing cells go to the side of a split on which they fit better, learnt for
//! each split; where a node had none to learn from, to the side of more weight. Categories are divided
//! into two sets, and nothing is encoded beforehand.
//!
//! A row to score has a number per column: the value, or the category's code. What is not finite, an
//! unknown code and a value that is not there are missing.
//!
//! # Memory and time
//! A column takes one byte a row. A tree's cost is that of adding up its nodes' rows by bin, for the
//! smaller side of every split; the sibling's sums follow by subtraction. Everything runs on the
//! calling thread.
//!
//! # Sources
//! Breiman, Friedman, Olshen and Stone 1984 (CART); Breiman 2001 (random forest); Friedman 2001
//! (gradient boosting) and 2002 (its stochastic form); Chen and Guestrin 2016 (second-order values and
//! gains); Ke et al. 2017 (bins, leaf-wise growth).

mod boosting;
mod columns;
mod cuts;
mod ensemble;
mod error;
mod forest;
mod importance;
mod node_rows;
mod shap;
mod sketch;
mod split;
mod stored;
mod sums;
mod target;
mod tree;

pub use boosting::{BoostingFit, BoostingParams, GradientBoosting, Monotone, Stopping};
pub use columns::{BinnedColumns, MISSING_CATEGORY, TreeColumn};
pub use ensemble::TreeEnsemble;
pub use error::TreeError;
pub use forest::{ForestFit, ForestParams, RandomForest, SplitCriterion};
pub use shap::{BackgroundExplainer, Contributions};
pub use stored::StoredTreeError;
pub use target::ClassWeight;
pub use tree::{ColumnReading, SplitTest, Tree, TreeNode};
