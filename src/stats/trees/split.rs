//! The best way to divide a node's rows by one column.

use super::columns::BinnedColumn;
use super::sums::{Criterion, Sums};

/// Bins that go left, one bit each.
pub(super) type BinSet = [u32; 8];

/// What a row must fulfil to go left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// Its bin is not above this one.
    AtMost(u8),
    /// Its bin is one of these.
    Among(BinSet),
}

/// A way to divide a node's rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub column: u32,
    pub rule: Rule,
    pub missing_left: bool,
    /// Whether all that is not missing goes left.
    pub only_missing_right: bool,
    pub gain: f64,
    pub left: Sums,
    pub right: Sums,
}

/// What both sides of a split must have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Floor {
    pub rows: u32,
    pub hessian: f64,
    pub gain: f64,
}

/// How categories are ordered and how many of them a split may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct CategoryRule {
    /// Weight added to a category's own when they are ordered by rate.
    pub smoothing: f64,
    /// Rows below which a category goes where missing cells go.
    pub min_rows: u32,
    /// Categories that one side may have at least and at most.
    pub most: usize,
}

/// Rows of a node by bin of one column.
pub(super) struct Bins<'a> {
    pub column: &'a BinnedColumn,
    pub index: u32,
    pub cells: &'a [Sums],
    pub missing: Sums,
}

impl Bins<'_> {
    /// Whether every row is in the same bin.
    pub(super) fn is_constant(&self) -> bool {
        let present = self
            .cells
            .iter()
            .filter(|cell| cell.rows > 0)
            .take(2)
            .count();
        present + usize::from(self.missing.rows > 0) < 2
    }
}

/// Search for the best split of one node over any number of columns.
pub(super) struct Search<'a, C> {
    pub criterion: &'a C,
    pub floor: Floor,
    pub categories: CategoryRule,
    pub total: Sums,
    parent: f64,
    /// Gain that the next split must surpass.
    bar: f64,
    pub best: Option<Split>,
}

impl<'a, C: Criterion> Search<'a, C> {
    pub(super) fn new(
        criterion: &'a C,
        floor: Floor,
        categories: CategoryRule,
        total: Sums,
    ) -> Self {
        let parent = criterion.score(&total);
        // Rounding alone can make this much.
        let noise = 1e-12 * (parent.abs() + total.hessian);
        Self {
            criterion,
            floor,
            categories,
            total,
            parent,
            bar: floor.gain.max(noise),
            best: None,
        }
    }

    /// Considers every split by one column; `direction` is 1 where the value may only rise with the
    /// column, -1 where it may only fall, else 0.
    pub(super) fn consider(&mut self, bins: &Bins<'_>, direction: i8) {
        if bins.column.is_categorical() {
            self.categories(bins);
        } else {
            self.numbers(bins, direction);
            self.settle(bins.index, bins.missing.rows > 0, None);
        }
    }

    /// Completes the best split, if it is by this column: cells of which the node had none to learn
    /// from go where most of the weight goes, and categories outside `ordered` go where missing
    /// cells go.
    fn settle(&mut self, column: u32, others_seen: bool, ordered: Option<&BinSet>) {
        let Some(best) = self.best.as_mut().filter(|best| best.column == column) else {
            return;
        };
        if !others_seen {
            best.missing_left = best.left.hessian > best.right.hessian;
        }
        if let (Rule::Among(set), Some(ordered), true) =
            (&mut best.rule, ordered, best.missing_left)
        {
            for (word, known) in set.iter_mut().zip(ordered) {
                *word |= !known;
            }
        }
    }

    fn numbers(&mut self, bins: &Bins<'_>, direction: i8) {
        self.cuts(bins, direction, false);
        if bins.missing.rows > 0 {
            self.cuts(bins, direction, true);
            let known = self.total - bins.missing;
            let everything = Rule::AtMost((bins.column.bins.max(1) - 1) as u8);
            if self.offer(bins.index, everything, false, known, 0)
                && let Some(best) = &mut self.best
            {
                best.only_missing_right = true;
            }
        }
    }

    /// Every cut between two bins that have rows.
    fn cuts(&mut self, bins: &Bins<'_>, direction: i8, missing_left: bool) {
        let mut left = if missing_left {
            bins.missing
        } else {
            Sums::default()
        };
        let mut last = None;
        for (bin, cell) in bins.cells.iter().enumerate() {
            if cell.rows == 0 {
                continue;
            }
            if let Some(last) = last.replace(bin) {
                if self.total.rows - left.rows < self.floor.rows {
                    break;
                }
                // Any cut between the two divides the rows alike; the middle one is the least
                // partial.
                let cut = Rule::AtMost(((last + bin - 1) / 2) as u8);
                self.offer(bins.index, cut, missing_left, left, direction);
            }
            left += *cell;
        }
    }

    /// Categories in the order of their rates, where for a convex loss the best division is a
    /// division of the order (Breiman et al. 1984, section 4.2.2).
    fn categories(&mut self, bins: &Bins<'_>) {
        let rule = self.categories;
        let mut others = bins.missing;
        let mut ordered: Vec<(f64, u8, Sums)> = Vec::with_capacity(bins.cells.len());
        for (bin, sums) in bins.cells.iter().enumerate() {
            if sums.rows < rule.min_rows {
                others += *sums;
            } else if sums.rows > 0 {
                let rate = sums.gradient / (sums.hessian + rule.smoothing);
                ordered.push((rate, bin as u8, *sums));
            }
        }
        ordered.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.prefixes(bins.index, &ordered, others);
        if ordered.len() > rule.most + 1 {
            ordered.reverse();
            self.prefixes(bins.index, &ordered, others);
        }
        let mut known = BinSet::default();
        for (_, bin, _) in &ordered {
            insert(&mut known, *bin);
        }
        self.settle(bins.index, others.rows > 0, Some(&known));
    }

    /// Divisions whose left side is a beginning of the order, of no more categories than allowed.
    fn prefixes(&mut self, column: u32, ordered: &[(f64, u8, Sums)], others: Sums) {
        let mut below = Sums::default();
        let mut set = BinSet::default();
        let longest = match others.rows {
            0 => ordered.len().saturating_sub(1),
            _ => ordered.len(),
        };
        for (_, bin, sums) in &ordered[..longest.min(self.categories.most)] {
            below += *sums;
            insert(&mut set, *bin);
            self.offer(column, Rule::Among(set), false, below, 0);
            if others.rows > 0 {
                self.offer(column, Rule::Among(set), true, below + others, 0);
            }
        }
    }

    /// Takes the split if it is allowed and better than the best so far.
    #[inline]
    fn offer(
        &mut self,
        column: u32,
        rule: Rule,
        missing_left: bool,
        left: Sums,
        direction: i8,
    ) -> bool {
        if left.rows.min(self.total.rows - left.rows) < self.floor.rows {
            return false;
        }
        let right = self.total - left;
        if left.hessian < self.floor.hessian || right.hessian < self.floor.hessian {
            return false;
        }
        let scores = self.criterion.score(&left) + self.criterion.score(&right);
        let gain = scores - self.parent;
        // A gain that is not a number is not above the bar.
        if gain > self.bar {
            self.take(column, rule, missing_left, [left, right], gain, direction)
        } else {
            false
        }
    }

    #[cold]
    fn take(
        &mut self,
        column: u32,
        rule: Rule,
        missing_left: bool,
        [left, right]: [Sums; 2],
        gain: f64,
        direction: i8,
    ) -> bool {
        if direction != 0 {
            let (low, high) = (self.criterion.value(&left), self.criterion.value(&right));
            let against = if direction > 0 {
                low > high
            } else {
                low < high
            };
            if against {
                return false;
            }
        }
        self.bar = gain;
        self.best = Some(Split {
            column,
            rule,
            missing_left,
            only_missing_right: false,
            gain,
            left,
            right,
        });
        true
    }
}

impl Split {
    /// Whether a row in this bin goes left.
    #[inline]
    pub(super) fn goes_left(&self, bin: u8) -> bool {
        if bin == super::columns::MISSING_BIN {
            return self.missing_left;
        }
        match &self.rule {
            Rule::AtMost(cut) => bin <= *cut,
            Rule::Among(set) => contains(set, bin),
        }
    }
}

/// Whether the set holds the bin.
#[inline]
pub(super) fn contains(set: &BinSet, bin: u8) -> bool {
    set[usize::from(bin >> 5)] >> (bin & 31) & 1 == 1
}

fn insert(set: &mut BinSet, bin: u8) {
    set[usize::from(bin >> 5)] |= 1 << (bin & 31);
}
