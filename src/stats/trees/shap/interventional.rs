//! A row against one other: the leaves that a mixture of the two can reach (Lundberg et al. 2020,
//! section "interventional").

use super::super::tree::{ColumnReading, Tree, TreeNode};
use super::Contributions;

/// A node to visit, with the columns on which the two rows have parted.
struct Visit {
    node: usize,
    /// Columns that must come from the row itself.
    own: Vec<usize>,
    /// Columns that must come from the other.
    other: Vec<usize>,
}

pub(super) fn add(
    tree: &Tree,
    row: &[f64],
    other: &[f64],
    readings: &[ColumnReading],
    sum: &mut Contributions,
) {
    sum.expected += tree.value(other, readings);
    let mut open = vec![Visit {
        node: 0,
        own: Vec::new(),
        other: Vec::new(),
    }];
    while let Some(mut visit) = open.pop() {
        let (column, mine, theirs) = match tree.node(visit.node) {
            TreeNode::Leaf(value) => {
                credit(&visit, value, sum);
                continue;
            }
            TreeNode::Split { column, left, .. } => {
                let side = |row| tree.next(visit.node, row, readings).unwrap_or(left);
                (column, side(row), side(other))
            }
        };
        if mine == theirs || visit.own.contains(&column) {
            visit.node = mine;
            open.push(visit);
        } else if visit.other.contains(&column) {
            visit.node = theirs;
            open.push(visit);
        } else {
            let mut own = visit.own.clone();
            own.push(column);
            open.push(Visit {
                node: mine,
                own,
                other: visit.other.clone(),
            });
            visit.node = theirs;
            visit.other.push(column);
            open.push(visit);
        }
    }
}

/// Divides a leaf's value: it is reached when all of `own` and none of `other` come from the row.
fn credit(visit: &Visit, value: f64, sum: &mut Contributions) {
    let (own, other) = (visit.own.len(), visit.other.len());
    for &column in &visit.own {
        sum.values[column] += value * order_share(own, other);
    }
    for &column in &visit.other {
        sum.values[column] -= value * order_share(other, own);
    }
}

/// Share of the orders of `with + without` columns in which one certain of the first is the last of
/// them and comes before all of the others: `(with - 1)! without! / (with + without)!`.
pub(super) fn order_share(with: usize, without: usize) -> f64 {
    let mut share = 1.0 / with as f64;
    for i in 1..=without {
        share *= i as f64 / (with + i) as f64;
    }
    share
}
