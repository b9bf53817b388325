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

/// A node to visit, and what the split above it says.
struct Visit {
    node: usize,
    /// Where the path to the parent begins among all steps, and its length.
    start: usize,
    length: usize,
    column: usize,
    unknown: f64,
    known: f64,
}

const NO_COLUMN: usize = usize::MAX;

pub(super) fn add(tree: &Tree, row: &[f64], readings: &[ColumnReading], sum: &mut Contributions) {
    // A stack of its own: a stored tree may be deeper than the thread's.
    let mut open = vec![Visit {
        node: 0,
        start: 0,
        length: 0,
        column: NO_COLUMN,
        unknown: 1.0,
        known: 1.0,
    }];
    // Paths one behind the other: that of a node lies behind those of its parents, which its sibling
    // still needs.
    let mut steps: Vec<Step> = Vec::new();
    let root = tree.cover(0);
    while let Some(visit) = open.pop() {
        let start = visit.start + visit.length;
        steps.truncate(start);
        steps.extend_from_within(visit.start..start);
        extend(&mut steps, start, &visit);
        match tree.node(visit.node) {
            TreeNode::Leaf(value) => {
                let path = &steps[start..];
                for (place, step) in path.iter().enumerate().skip(1) {
                    let weight = without_sum(path, place) * (step.known - step.unknown);
                    sum.values[step.column] += weight * value;
                }
                sum.expected += share(tree.cover(visit.node), root) * value;
            }
            TreeNode::Split { column, left, .. } => {
                let (mut unknown, mut known) = (1.0, 1.0);
                let path = &steps[start..];
                if let Some(place) = path.iter().position(|step| step.column == column) {
                    (unknown, known) = (path[place].unknown, path[place].known);
                    remove(&mut steps[start..], place);
                    steps.pop();
                }
                let taken = tree.next(visit.node, row, readings);
                for child in [left + 1, left] {
                    let side = Visit {
                        node: child,
                        start,
                        length: steps.len() - start,
                        column,
                        unknown: unknown * share(tree.cover(child), tree.cover(visit.node)),
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

/// Adds a visit's column to the path that begins at `start`.
fn extend(steps: &mut Vec<Step>, start: usize, visit: &Visit) {
    let (unknown, known) = (visit.unknown, visit.known);
    let depth = steps.len() - start;
    steps.push(Step {
        column: visit.column,
        unknown,
        known,
        weight: if depth == 0 { 1.0 } else { 0.0 },
    });
    let path = &mut steps[start..];
    let length = path.len() as f64;
    for i in (0..depth).rev() {
        path[i + 1].weight += known * path[i].weight * (i + 1) as f64 / length;
        path[i].weight = unknown * path[i].weight * (depth - i) as f64 / length;
    }
}

/// Takes a column out of a path, the reverse of [`extend`]; the last step is left over.
fn remove(path: &mut [Step], place: usize) {
    let mut weights = vec![0.0; path.len() - 1];
    without(path, place, |i, weight| weights[i] = weight);
    path.copy_within(place + 1.., place);
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
