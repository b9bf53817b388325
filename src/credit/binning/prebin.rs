//! The fine cut of a numeric column that bins are joined from.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::{
    params::{Prebins, SplitCriterion},
    quantiles::Run,
    target::Cell,
};

impl Prebins {
    /// Runs that the cut is made from, at most.
    pub(super) fn finest(self) -> usize {
        match self {
            Self::Quantile { bins } => bins as usize,
            Self::Supervised { .. } => 4_096,
        }
    }

    /// Cuts `runs`, of which there are no more than the finest; `rows` counts all rows.
    pub(super) fn cut(self, runs: &[Run], rows: f64) -> Vec<Run> {
        match self {
            Self::Quantile { .. } => runs.to_vec(),
            Self::Supervised {
                bins,
                min_share,
                criterion,
            } => {
                let leaf = Leaf {
                    min_count: min_share * rows,
                    criterion,
                };
                leaf.grow(runs, bins as usize)
            }
        }
    }
}

/// How a tree splits a leaf.
struct Leaf {
    min_count: f64,
    criterion: SplitCriterion,
}

/// The best split of the runs `start..end`.
struct Split {
    gain: f64,
    start: usize,
    at: usize,
    end: usize,
}

impl Leaf {
    fn grow(&self, runs: &[Run], leaves: usize) -> Vec<Run> {
        if runs.is_empty() {
            return Vec::new();
        }
        let mut before = Vec::with_capacity(runs.len() + 1);
        before.push(Cell::default());
        let mut sum = Cell::default();
        for run in runs {
            sum += run.cell;
            before.push(sum);
        }
        let mut ends = vec![runs.len()];
        let mut splits: BinaryHeap<Split> =
            self.split(&before, 0, runs.len()).into_iter().collect();
        while ends.len() < leaves
            && let Some(Split { start, at, end, .. }) = splits.pop()
        {
            ends.push(at);
            splits.extend(self.split(&before, start, at));
            splits.extend(self.split(&before, at, end));
        }
        ends.sort_unstable();
        let mut start = 0;
        let join = |end: usize| {
            let joined = Run {
                first: runs[start].first,
                last: runs[end - 1].last,
                cell: Run::sum(&runs[start..end]),
            };
            start = end;
            joined
        };
        ends.into_iter().map(join).collect()
    }

    fn split(&self, before: &[Cell], start: usize, end: usize) -> Option<Split> {
        let whole = before[end].without(before[start]);
        let purity = self.purity(whole);
        let large = |part: Cell| part.count() > 0.0 && part.count() >= self.min_count;
        let mut best: Option<(f64, usize)> = None;
        for at in start + 1..end {
            let left = before[at].without(before[start]);
            let right = before[end].without(before[at]);
            if !large(left) {
                continue;
            }
            if !large(right) {
                break;
            }
            let gain = self.purity(left) + self.purity(right) - purity;
            // A gain within rounding of nothing is nothing.
            if gain > best.map_or(1e-12 * whole.count(), |(gain, _)| gain) {
                best = Some((gain, at));
            }
        }
        best.map(|(gain, at)| Split {
            gain,
            start,
            at,
            end,
        })
    }

    /// Rows times one minus impurity, up to a constant per row.
    fn purity(&self, cell: Cell) -> f64 {
        let count = cell.count();
        match self.criterion {
            SplitCriterion::Gini => (cell.goods * cell.goods + cell.bads * cell.bads) / count,
            SplitCriterion::Entropy => log_likelihood(cell),
        }
    }
}

/// Binomial log-likelihood of a cell at its own bad rate.
pub(super) fn log_likelihood(cell: Cell) -> f64 {
    let term = |part: f64| {
        if part > 0.0 {
            part * libm::log(part / cell.count())
        } else {
            0.0
        }
    };
    term(cell.goods) + term(cell.bads)
}

/// By gain, then the lower values first, so that the order is total.
impl Ord for Split {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_gain = self.gain.total_cmp(&other.gain);
        by_gain.then(other.start.cmp(&self.start))
    }
}

impl PartialOrd for Split {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Split {}

impl PartialEq for Split {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(cells: &[(f64, f64)]) -> Vec<Run> {
        let run = |(at, &(goods, bads)): (usize, &(f64, f64))| {
            Run::of_value(at as f64, Cell { goods, bads })
        };
        cells.iter().enumerate().map(run).collect()
    }

    #[test]
    fn a_tree_cuts_where_the_bad_rate_changes_most() {
        let runs = runs(&[(9.0, 1.0), (9.0, 1.0), (1.0, 9.0), (1.0, 9.0), (5.0, 5.0)]);
        for criterion in [SplitCriterion::Gini, SplitCriterion::Entropy] {
            let prebins = Prebins::Supervised {
                bins: 3,
                min_share: 0.0,
                criterion,
            };
            let ends: Vec<f64> = prebins.cut(&runs, 50.0).iter().map(|r| r.last).collect();
            assert_eq!(ends, [1.0, 3.0, 4.0]);
        }
    }

    #[test]
    fn a_leaf_keeps_its_minimum_share() {
        let runs = runs(&[(0.0, 1.0), (10.0, 0.0), (5.0, 5.0), (0.0, 10.0)]);
        let prebins = Prebins::Supervised {
            bins: 4,
            min_share: 0.3,
            criterion: SplitCriterion::Gini,
        };
        let cut = prebins.cut(&runs, 31.0);
        assert!(cut.len() > 1 && cut.iter().all(|run| run.cell.count() >= 9.3));
    }
}
