//! Trees as they are stored, and what is refused when they are read back.

use serde::{Deserialize, Serialize};

use super::split::BinSet;
use super::tree::{NUMERIC, Node, Tree};

/// The stored form of a [`Tree`], as parallel arrays; one entry per node except for `sets`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredTree {
    /// Column of a split, 0 for a leaf.
    columns: Vec<u32>,
    /// Left child, 0 for a leaf.
    left: Vec<u32>,
    /// Threshold or value; 0 for a split by categories.
    values: Vec<f64>,
    missing_left: Vec<bool>,
    covers: Vec<f64>,
    /// Nodes that split by categories, ascending, each with the bins that go left.
    sets: Vec<(u32, BinSet)>,
}

/// Why a stored tree is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredTreeError {
    /// There are no nodes, or the arrays differ in length.
    #[error("the arrays of a tree are empty or differ in length")]
    Lengths,
    /// A node is nobody's child, somebody's twice, or not behind its parent.
    #[error("the children of node {node} are not where they must be")]
    Children {
        /// The parent, or the node without one.
        node: usize,
    },
    /// A threshold, value or cover is not finite, or a cover is negative.
    #[error("a number of node {node} is not finite, or a negative cover")]
    Number {
        /// The node.
        node: usize,
    },
    /// A set of categories belongs to a leaf or to no node, or the sets are out of order.
    #[error("a set of categories is not that of a split, or out of order")]
    Sets,
    /// A split asks a column that is not there, or asks it for what it is not.
    #[error("node {node} of tree {tree} asks a column for what it is not")]
    Column {
        /// The tree.
        tree: usize,
        /// The node.
        node: usize,
    },
    /// A number of the ensemble is not in its range.
    #[error("a number of the model is not in its range")]
    Ensemble,
}

impl From<Tree> for StoredTree {
    fn from(tree: Tree) -> Self {
        let nodes = &tree.nodes;
        let with_sets = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.set != NUMERIC);
        Self {
            columns: nodes.iter().map(|node| node.column).collect(),
            left: nodes.iter().map(|node| node.left).collect(),
            values: nodes.iter().map(|node| node.value).collect(),
            missing_left: nodes.iter().map(|node| node.missing_left).collect(),
            sets: with_sets
                .map(|(i, node)| (i as u32, tree.sets[node.set as usize]))
                .collect(),
            covers: tree.covers,
        }
    }
}

impl TryFrom<StoredTree> for Tree {
    type Error = StoredTreeError;

    fn try_from(stored: StoredTree) -> Result<Self, StoredTreeError> {
        let count = stored.columns.len();
        let lengths = [
            stored.left.len(),
            stored.values.len(),
            stored.missing_left.len(),
            stored.covers.len(),
        ];
        if count == 0 || lengths.iter().any(|&length| length != count) {
            return Err(StoredTreeError::Lengths);
        }
        check_children(&stored.left)?;
        let sound = |i: &usize| {
            let cover = stored.covers[*i];
            stored.values[*i].is_finite() && cover.is_finite() && cover >= 0.0
        };
        if let Some(node) = (0..count).find(|i| !sound(i)) {
            return Err(StoredTreeError::Number { node });
        }
        let ascending = stored.sets.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let of_splits = |(node, _): &(u32, BinSet)| {
            stored
                .left
                .get(*node as usize)
                .is_some_and(|left| *left != 0)
        };
        if !(ascending && stored.sets.iter().all(of_splits)) {
            return Err(StoredTreeError::Sets);
        }
        let mut nodes: Vec<Node> = (0..count)
            .map(|i| Node {
                value: stored.values[i],
                column: stored.columns[i],
                left: stored.left[i],
                set: NUMERIC,
                missing_left: stored.missing_left[i],
            })
            .collect();
        for (set, (node, _)) in stored.sets.iter().enumerate() {
            nodes[*node as usize].set = set as u32;
        }
        Ok(Self {
            nodes,
            sets: stored.sets.into_iter().map(|(_, set)| set).collect(),
            covers: stored.covers,
        })
    }
}

/// Every node but the root is the child of exactly one node before it, so that every way down ends.
fn check_children(left: &[u32]) -> Result<(), StoredTreeError> {
    let mut has_parent = vec![false; left.len()];
    for (node, &child) in left.iter().enumerate() {
        if child == 0 {
            continue;
        }
        let child = child as usize;
        if child <= node || child + 1 >= left.len() || has_parent[child] || has_parent[child + 1] {
            return Err(StoredTreeError::Children { node });
        }
        has_parent[child] = true;
        has_parent[child + 1] = true;
    }
    match (1..left.len()).find(|&node| !has_parent[node]) {
        Some(node) => Err(StoredTreeError::Children { node }),
        None => Ok(()),
    }
}
