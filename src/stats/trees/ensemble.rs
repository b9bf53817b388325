//! Trees that are added up.

use serde::{Deserialize, Serialize};

use super::stored::StoredTreeError;
use super::tree::{ColumnReading, SplitTest, Tree, TreeNode};

/// Trees over the same columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredEnsemble", into = "StoredEnsemble")]
pub struct TreeEnsemble {
    readings: Vec<ColumnReading>,
    trees: Vec<Tree>,
}

impl TreeEnsemble {
    pub(super) fn new(readings: Vec<ColumnReading>, trees: Vec<Tree>) -> Self {
        Self { readings, trees }
    }

    /// Number of columns that the trees were grown on.
    pub fn width(&self) -> usize {
        self.readings.len()
    }

    /// The trees, in the order in which they were grown.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// How each column's raw values are read.
    pub fn readings(&self) -> &[ColumnReading] {
        &self.readings
    }

    /// Sum of the trees' values for a row, in the order of the trees.
    ///
    /// A row has a number per column: the value, or the category's code; one that is not finite, an
    /// unknown code and a value that is not there are missing.
    pub fn sum(&self, row: &[f64]) -> f64 {
        self.sum_from(0.0, row)
    }

    /// The same, added to a number.
    pub(super) fn sum_from(&self, start: f64, row: &[f64]) -> f64 {
        let values = self
            .trees
            .iter()
            .map(|tree| tree.value(row, &self.readings));
        values.fold(start, |sum, value| sum + value)
    }

    /// Whether every leaf's value is within these bounds.
    pub(super) fn values_within(&self, low: f64, high: f64) -> bool {
        self.trees.iter().all(|tree| {
            (0..tree.len()).all(|i| match tree.node(i) {
                TreeNode::Leaf(value) => (low..=high).contains(&value),
                TreeNode::Split { .. } => true,
            })
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredEnsemble {
    readings: Vec<ColumnReading>,
    trees: Vec<Tree>,
}

impl From<TreeEnsemble> for StoredEnsemble {
    fn from(ensemble: TreeEnsemble) -> Self {
        Self {
            readings: ensemble.readings,
            trees: ensemble.trees,
        }
    }
}

impl TryFrom<StoredEnsemble> for TreeEnsemble {
    type Error = StoredTreeError;

    fn try_from(stored: StoredEnsemble) -> Result<Self, StoredTreeError> {
        for (tree, grown) in stored.trees.iter().enumerate() {
            for node in 0..grown.len() {
                if let TreeNode::Split { column, test, .. } = grown.node(node) {
                    let fits = match stored.readings.get(column) {
                        None => false,
                        Some(ColumnReading::Numeric) => matches!(test, SplitTest::AtMost(_)),
                        Some(ColumnReading::Categories(_)) => matches!(test, SplitTest::Among(_)),
                    };
                    if !fits {
                        return Err(StoredTreeError::Column { tree, node });
                    }
                }
            }
        }
        Ok(Self {
            readings: stored.readings,
            trees: stored.trees,
        })
    }
}
