//! A tree being grown, on binned rows.

use super::columns::BinnedColumns;
use super::split::{Rule, Split};
use super::tree::{NUMERIC, Node, Tree};

/// A tree and the weight of the rows in each of its leaves.
pub(super) struct Grown {
    pub sketch: Sketch,
    pub covers: Vec<f64>,
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

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
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
