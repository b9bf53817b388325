//! Decision trees for an event or a non-event, and forests of them.
//!
//! Columns are cut once into at most 255 bins ([`BinnedColumns`]); trees are grown on the bins and
//! scored on raw values. Missing cells go to the side of a split on which they fit better, learnt
//! for each split; where a node had none to learn from, to the side of more weight. Categories are
//! divided into two sets.
//!
//! Sources: Breiman, Friedman, Olshen and Stone 1984 (CART); Breiman 2001 (random forest).

mod columns;
mod cuts;
mod deep;
mod ensemble;
mod error;
mod forest;
mod forest_params;
mod importance;
mod node_rows;
mod split;
mod sums;
mod target;
mod tree;

pub use columns::{BinnedColumns, MISSING_CATEGORY, TreeColumn};
pub use ensemble::TreeEnsemble;
pub use error::TreeError;
pub use forest::{ForestFit, RandomForest};
pub use forest_params::{ForestParams, SplitCriterion};
pub use target::ClassWeight;
pub use tree::{ColumnReading, SplitTest, StoredTreeError, Tree, TreeNode};
