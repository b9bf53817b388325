//! A grown tree: flat arrays, scored on raw values.

use serde::{Deserialize, Serialize};

use super::columns::{BinnedColumns, Cuts, MISSING_BIN};
use super::split::{BinSet, contains};
use super::stored::StoredTree;

/// A binary tree of numbers.
///
/// Nodes are numbered from the root, 0; a node's children come after it and beside each other. A row
/// follows the splits from the root to a leaf, whose value is the tree's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredTree", into = "StoredTree")]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Bins that go left at the splits by categories.
    pub(super) sets: Vec<BinSet>,
    pub(super) covers: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// Threshold of a numeric split, value of a leaf.
    pub value: f64,
    pub column: u32,
    /// The left child, before the right one; 0 for a leaf.
    pub left: u32,
    /// Index of the bins that go left, or [`NUMERIC`].
    pub set: u32,
    pub missing_left: bool,
}

pub(super) const NUMERIC: u32 = u32::MAX;

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
        while let Some(child) = self.next(at, row, readings) {
            at = child;
        }
        at
    }

    /// The child to which a node sends a row; `None` at a leaf. See [`Tree::leaf`].
    ///
    /// # Panics
    /// When there is no such node.
    #[inline]
    pub fn next(&self, index: usize, row: &[f64], readings: &[ColumnReading]) -> Option<usize> {
        let node = &self.nodes[index];
        if node.left == 0 {
            return None;
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
        Some(node.left as usize + usize::from(!left))
    }

    /// Value of the leaf that a row reaches, see [`Tree::leaf`].
    pub fn value(&self, row: &[f64], readings: &[ColumnReading]) -> f64 {
        self.nodes[self.leaf(row, readings)].value
    }
}
