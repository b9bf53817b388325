//! The best groups of two characteristics' bins.

use super::{grid::Grid, params::PairParams};

/// Bins of a characteristic that are together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub bins: Vec<usize>,
    /// Whether it has its place among the others: it holds ordinary values.
    pub placed: bool,
}

/// Groups of two characteristics, and what they are worth.
#[derive(Clone, Debug)]
pub(super) struct Grouping {
    pub groups: [Vec<Group>; 2],
    /// Gain of a step of Newton's method, less the cost.
    pub worth: f64,
    /// What such a table has to gain to be worth having.
    pub cost: f64,
}

/// The most worthy groups, if each characteristic has two bins with rows; `each` is the cost of a
/// degree of freedom.
///
/// Joining is greedy: the best grouping of all would take a search of all ways to cut both.
pub(super) fn best_grouping(
    mut grid: Grid,
    mut groups: [Vec<Group>; 2],
    each: f64,
    params: &PairParams,
) -> Option<Grouping> {
    let bins = [grid.rows, grid.columns];
    let mut best: Option<Grouping> = None;
    while grid.rows >= 2 && grid.columns >= 2 {
        if grid.rows.max(grid.columns) <= params.max_groups as usize {
            let freedom = (grid.rows - 1) * (grid.columns - 1);
            let ways = ln_ways(bins[0], grid.rows) + ln_ways(bins[1], grid.columns);
            let cost = each * freedom as f64 + ways;
            let worth = grid.gain(params.shrinkage) - cost;
            if best.as_ref().is_none_or(|best| worth > best.worth) {
                best = Some(Grouping {
                    groups: groups.clone(),
                    worth,
                    cost,
                });
            }
        }
        let turned = grid.transposed();
        let row = cheapest(&grid, &groups[0], each, params.shrinkage);
        let column = cheapest(&turned, &groups[1], each, params.shrinkage);
        match (row, column) {
            (Some((gain, a, b)), column) if column.is_none_or(|(other, ..)| gain >= other) => {
                grid.join(a, b);
                join(&mut groups[0], a, b);
            }
            (_, Some((_, a, b))) => {
                let mut turned = turned;
                turned.join(a, b);
                grid = turned.transposed();
                join(&mut groups[1], a, b);
            }
            (_, None) => break,
        }
    }
    best
}

/// The two rows that are joined with the greatest gain, the first of several; `None` if only two
/// are left.
fn cheapest(
    grid: &Grid,
    groups: &[Group],
    each: f64,
    shrinkage: f64,
) -> Option<(f64, usize, usize)> {
    if grid.rows <= 2 {
        return None;
    }
    let mut best: Option<(f64, usize, usize)> = None;
    for a in 0..grid.rows {
        for b in a + 1..grid.rows {
            let neighbours = b == a + 1 || !groups[a].placed || !groups[b].placed;
            if neighbours {
                let gain = each * (grid.columns - 1) as f64 - grid.loss(a, b, shrinkage);
                if best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, a, b));
                }
            }
        }
    }
    best
}

fn join(groups: &mut Vec<Group>, a: usize, b: usize) {
    let Group { bins, placed } = groups.remove(b);
    groups[a].bins.extend(bins);
    groups[a].placed |= placed;
}

/// Logarithm of the number of ways to cut so many bins into so many groups of neighbours.
fn ln_ways(bins: usize, groups: usize) -> f64 {
    let ln_factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
    ln_factorial(bins - 1) - ln_factorial(groups - 1) - ln_factorial(bins - groups)
}
