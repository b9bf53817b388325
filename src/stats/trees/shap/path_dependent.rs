//! All orders of the columns at once, down every path of a tree (Lundberg et al. 2020, algorithm 2).

use super::super::tree::{ColumnReading, Tree, TreeNode};
use super::Contributions;

/// One column of a path, the first entry standing for none.
#[derive(Clone, Copy, Debug)]
struct Step {
    column: usize,
    /// Share of the rows that go this way when the column is unknown.
    unknown: f64,
    /// 1 if the row itself goes this way, else 0.
    known: f64,
    /// Sum, over the sets of as many known columns as the entry's place, of their weights.
    weight: f64,
}

/// A node to visit, with the path to its parent and what the split there says.
struct Visit {
    node: usize,
    path: Vec<Step>,
    column: usize,
    unknown: f64,
    known: f64,
}

const NO_COLUMN: usize = usize::MAX;

pub(super) fn add(tree: &Tree, row: &[f64], readings: &[ColumnReading], sum: &mut Contributions) {
    // A stack of its own: a stored tree may be deeper than the thread's.
    let mut open = vec![Visit {
        node: 0,
        path: Vec::new(),
        column: NO_COLUMN,
        unknown: 1.0,
        known: 1.0,
    }];
    let root = tree.cover(0);
    while let Some(visit) = open.pop() {
        let Visit { node, mut path, .. } = visit;
        extend(&mut path, visit.column, visit.unknown, visit.known);
        match tree.node(node) {
            TreeNode::Leaf(value) => {
                for place in 1..path.len() {
                    let Step {
                        column,
                        unknown,
                        known,
                        ..
                    } = path[place];
                    sum.values[column] += without_sum(&path, place) * (known - unknown) * value;
                }
                sum.expected += share(tree.cover(node), root) * value;
            }
            TreeNode::Split { column, left, .. } => {
                let (mut unknown, mut known) = (1.0, 1.0);
                if let Some(place) = path.iter().skip(1).position(|step| step.column == column) {
                    (unknown, known) = (path[place + 1].unknown, path[place + 1].known);
                    remove(&mut path, place + 1);
                }
                let taken = tree.next(node, row, readings);
                for child in [left + 1, left] {
                    let side = Visit {
                        node: child,
                        path: path.clone(),
                        column,
                        unknown: unknown * share(tree.cover(child), tree.cover(node)),
                        known: if taken == Some(child) { known } else { 0.0 },
                    };
                    // A way that neither the row nor any other takes counts for nothing.
                    if side.unknown > 0.0 || side.known > 0.0 {
                        open.push(side);
                    }
                }
            }
        }
    }
}

/// Share of a node's rows; half where it has none.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.5 }
}

/// Adds a column to a path.
fn extend(path: &mut Vec<Step>, column: usize, unknown: f64, known: f64) {
    let depth = path.len();
    path.push(Step {
        column,
        unknown,
        known,
        weight: if depth == 0 { 1.0 } else { 0.0 },
    });
    let length = (depth + 1) as f64;
    for i in (0..depth).rev() {
        path[i + 1].weight += known * path[i].weight * (i + 1) as f64 / length;
        path[i].weight = unknown * path[i].weight * (depth - i) as f64 / length;
    }
}

/// Takes a column out of a path: the reverse of [`extend`].
fn remove(path: &mut Vec<Step>, place: usize) {
    let mut weights = vec![0.0; path.len() - 1];
    without(path, place, |i, weight| weights[i] = weight);
    for i in place..path.len() - 1 {
        let Step {
            column,
            unknown,
            known,
            ..
        } = path[i + 1];
        path[i] = Step {
            column,
            unknown,
            known,
            weight: 0.0,
        };
    }
    path.pop();
    for (step, weight) in path.iter_mut().zip(weights) {
        step.weight = weight;
    }
}

fn without_sum(path: &[Step], place: usize) -> f64 {
    let mut sum = 0.0;
    without(path, place, |_, weight| sum += weight);
    sum
}

/// Weights of a path without the column at a place, each with its own place, last first.
fn without(path: &[Step], place: usize, mut each: impl FnMut(usize, f64)) {
    let depth = path.len() - 1;
    let length = path.len() as f64;
    let Step { unknown, known, .. } = path[place];
    let mut next = path[depth].weight;
    for i in (0..depth).rev() {
        let weight;
        if known > 0.0 {
            weight = next * length / ((i + 1) as f64 * known);
            next = path[i].weight - weight * unknown * (depth - i) as f64 / length;
        } else {
            weight = path[i].weight * length / (unknown * (depth - i) as f64);
        }
        each(i, weight);
    }
}
