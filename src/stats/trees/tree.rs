//! A grown tree: flat arrays, scored on raw values.

use serde::{Deserialize, Serialize};

use super::columns::{BinnedColumns, Cuts, MISSING_BIN};
use super::split::{BinSet, Rule, Split, contains};

/// A binary tree of numbers.
///
/// Nodes are numbered from the root, 0; a node's children come after it and beside each other. A row
/// follows the splits from the root to a leaf, whose value is the tree's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredTree", into = "StoredTree")]
pub struct Tree {
    nodes: Vec<Node>,
    sets: Vec<BinSet>,
    covers: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    /// Threshold of a numeric split, value of a leaf.
    value: f64,
    column: u32,
    /// The left child, before the right one; 0 for a leaf.
    left: u32,
    /// Index of the bins that go left, or [`NUMERIC`].
    set: u32,
    missing_left: bool,
}

const NUMERIC: u32 = u32::MAX;

/// One node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TreeNode {
    /// An end, with the tree's value there.
    Leaf(f64),
    /// A division.
    Split {
        /// Column that is asked.
        column: usize,
        /// What goes left.
        test: SplitTest,
        /// Whether missing cells go left.
        missing_left: bool,
        /// The left child; the right one is the next.
        left: usize,
    },
}

/// What goes left at a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SplitTest {
    /// Values not above this one.
    AtMost(f64),
    /// Categories whose bin's bit is set: bit `b % 32` of word `b / 32`.
    Among([u32; 8]),
}

/// How a column's raw values are read when scoring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnReading {
    /// As numbers; one that is not finite is missing.
    Numeric,
    /// As codes of categories, each with its bin; 255, and what is not a code, is missing.
    Categories(Vec<u8>),
}

impl ColumnReading {
    pub(super) fn of(columns: &BinnedColumns) -> Vec<Self> {
        let reading = |cuts: &Cuts| match cuts {
            Cuts::Numeric(_) => Self::Numeric,
            Cuts::Categories(bins) => Self::Categories(bins.clone()),
        };
        columns
            .columns()
            .map(|column| reading(&column.cuts))
            .collect()
    }

    fn bin(&self, value: f64) -> u8 {
        match self {
            Self::Categories(bins) if value >= 0.0 && value.fract() <= 0.0 => {
                let code = value as usize;
                bins.get(code).copied().unwrap_or(MISSING_BIN)
            }
            _ => MISSING_BIN,
        }
    }
}

impl Tree {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes; never so.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.left == 0).count()
    }

    /// Splits on the longest way from the root to a leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            if node.left != 0 {
                let left = node.left as usize;
                depths[left] = depths[i] + 1;
                depths[left + 1] = depths[i] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// One node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn node(&self, index: usize) -> TreeNode {
        let node = self.nodes[index];
        if node.left == 0 {
            return TreeNode::Leaf(node.value);
        }
        TreeNode::Split {
            column: node.column as usize,
            test: match node.set {
                NUMERIC => SplitTest::AtMost(node.value),
                set => SplitTest::Among(self.sets[set as usize]),
            },
            missing_left: node.missing_left,
            left: node.left as usize,
        }
    }

    /// Sum of the weights of the rows that the tree was grown on and that reach a node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn cover(&self, index: usize) -> f64 {
        self.covers[index]
    }

    /// The leaf that a row reaches; `readings` say how its values are read, and a value that is not
    /// there is missing.
    pub fn leaf(&self, row: &[f64], readings: &[ColumnReading]) -> usize {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.left == 0 {
                return at;
            }
            let column = node.column as usize;
            let value = row.get(column).copied().unwrap_or(f64::NAN);
            let left = if node.set == NUMERIC {
                if value.is_finite() {
                    value <= node.value
                } else {
                    node.missing_left
                }
            } else {
                let reading = readings.get(column);
                match reading.map_or(MISSING_BIN, |reading| reading.bin(value)) {
                    MISSING_BIN => node.missing_left,
                    bin => contains(&self.sets[node.set as usize], bin),
                }
            };
            at = node.left as usize + usize::from(!left);
        }
    }

    /// Value of the leaf that a row reaches, see [`Tree::leaf`].
    pub fn value(&self, row: &[f64], readings: &[ColumnReading]) -> f64 {
        self.nodes[self.leaf(row, readings)].value
    }
}

/// A tree being grown, with what it takes to send binned rows down.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    nodes: Vec<(Option<(Split, u32)>, f64)>,
}

impl Sketch {
    pub(super) fn with_root() -> Self {
        Self {
            nodes: vec![(None, 0.0)],
        }
    }

    /// Turns a leaf into a split; answers its left child.
    pub(super) fn split(&mut self, node: usize, split: Split) -> usize {
        let left = self.nodes.len();
        self.nodes[node].0 = Some((split, left as u32));
        self.nodes.extend([(None, 0.0), (None, 0.0)]);
        left
    }

    pub(super) fn set_value(&mut self, node: usize, value: f64) {
        self.nodes[node].1 = value;
    }

    /// The leaf that a binned row reaches.
    pub(super) fn leaf(&self, columns: &BinnedColumns, row: usize) -> usize {
        let mut at = 0;
        while let (Some((split, left)), _) = &self.nodes[at] {
            let bin = columns.column(split.column as usize).codes[row];
            at = *left as usize + usize::from(!split.goes_left(bin));
        }
        at
    }

    /// Value of the leaf that a binned row reaches.
    pub(super) fn value(&self, columns: &BinnedColumns, row: usize) -> f64 {
        self.nodes[self.leaf(columns, row)].1
    }

    /// Columns split by, with the gain of each split.
    pub(super) fn gains(&self) -> impl Iterator<Item = (usize, f64)> {
        let splits = self.nodes.iter().filter_map(|node| node.0.as_ref());
        splits.map(|(split, _)| (split.column as usize, split.gain))
    }

    /// The finished tree. `covers` has the weight of the rows in each leaf; that of the other nodes
    /// is added up here.
    pub(super) fn into_tree(self, columns: &BinnedColumns, mut covers: Vec<f64>) -> Tree {
        let mut sets = Vec::new();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (split, value) in &self.nodes {
            let Some((split, left)) = split else {
                nodes.push(Node {
                    value: *value,
                    column: 0,
                    left: 0,
                    set: NUMERIC,
                    missing_left: false,
                });
                continue;
            };
            let column = columns.column(split.column as usize);
            let (value, set) = match split.rule {
                Rule::AtMost(bin) => (column.threshold(bin), NUMERIC),
                Rule::Among(bins) => {
                    sets.push(bins);
                    (0.0, sets.len() as u32 - 1)
                }
            };
            nodes.push(Node {
                value,
                column: split.column,
                left: *left,
                set,
                missing_left: split.missing_left,
            });
        }
        for i in (0..nodes.len()).rev() {
            if nodes[i].left != 0 {
                let left = nodes[i].left as usize;
                covers[i] = covers[left] + covers[left + 1];
            }
        }
        Tree {
            nodes,
            sets,
            covers,
        }
    }
}

/// The stored form of a [`Tree`], as parallel arrays; one entry per node except for `sets`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredTree {
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
