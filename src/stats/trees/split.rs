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

impl Floor {
    #[inline]
    fn holds(&self, side: &Sums) -> bool {
        side.rows >= self.rows && side.hessian >= self.hessian
    }
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
    /// Bins that have rows, ascending.
    pub present: &'a [(u8, Sums)],
    pub missing: Sums,
}

impl Bins<'_> {
    /// Whether every row is in the same bin.
    pub(super) fn is_constant(&self) -> bool {
        self.present.len() + usize::from(self.missing.rows > 0) < 2
    }
}

/// Search for the best split of one node over any number of columns.
pub(super) struct Search<'a, C> {
    pub criterion: &'a C,
    pub floor: Floor,
    pub categories: CategoryRule,
    pub total: Sums,
    parent: f64,
    pub best: Option<Split>,
}

impl<'a, C: Criterion> Search<'a, C> {
    pub(super) fn new(
        criterion: &'a C,
        floor: Floor,
        categories: CategoryRule,
        total: Sums,
    ) -> Self {
        Self {
            criterion,
            floor,
            categories,
            total,
            parent: criterion.score(&total),
            best: None,
        }
    }

    /// Considers every split by one column; `direction` is 1 where the value may only rise with the
    /// column, -1 where it may only fall, else 0.
    pub(super) fn consider(&mut self, bins: &Bins<'_>, direction: i8) {
        if bins.is_constant() {
            return;
        }
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
        let mut below = Sums::default();
        for pair in bins.present.windows(2) {
            below += pair[0].1;
            // Any cut between two bins with rows divides them alike; the middle one is the least
            // partial.
            let cut = pair[0].0 + (pair[1].0 - pair[0].0 - 1) / 2;
            for missing_left in directions(&bins.missing) {
                let left = if missing_left {
                    below + bins.missing
                } else {
                    below
                };
                self.offer(bins.index, Rule::AtMost(cut), missing_left, left, direction);
            }
        }
        if let (Some(last), true) = (bins.present.last(), bins.missing.rows > 0) {
            below += last.1;
            let everything = Rule::AtMost((bins.column.bins - 1) as u8);
            if self.offer(bins.index, everything, false, below, 0)
                && let Some(best) = &mut self.best
            {
                best.only_missing_right = true;
            }
        }
    }

    /// Categories in the order of their rates, where for a convex loss the best division is a
    /// division of the order (Breiman et al. 1984, section 4.2.2).
    fn categories(&mut self, bins: &Bins<'_>) {
        let rule = self.categories;
        let mut others = bins.missing;
        let mut ordered: Vec<(f64, u8, Sums)> = Vec::with_capacity(bins.present.len());
        for (bin, sums) in bins.present {
            if sums.rows < rule.min_rows {
                others += *sums;
            } else {
                let rate = sums.gradient / (sums.hessian + rule.smoothing);
                ordered.push((rate, *bin, *sums));
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
            for missing_left in directions(&others) {
                let left = if missing_left { below + others } else { below };
                self.offer(column, Rule::Among(set), missing_left, left, 0);
            }
        }
    }

    /// Takes the split if it is allowed and better than the best so far.
    fn offer(
        &mut self,
        column: u32,
        rule: Rule,
        missing_left: bool,
        left: Sums,
        direction: i8,
    ) -> bool {
        if left.rows >= self.total.rows {
            return false;
        }
        let right = self.total - left;
        if !(self.floor.holds(&left) && self.floor.holds(&right)) {
            return false;
        }
        let (low, high) = (self.criterion.score(&left), self.criterion.score(&right));
        let gain = low + high - self.parent;
        // What rounding alone can make of three sums.
        let noise = 1e-12 * (low.abs() + high.abs() + self.parent.abs());
        let bar = self
            .best
            .as_ref()
            .map_or(self.floor.gain.max(noise), |best| best.gain);
        // Written so that a gain that is not a number is refused.
        if !(gain > bar && gain > noise) {
            return false;
        }
        if direction != 0 {
            let (left, right) = (self.criterion.value(&left), self.criterion.value(&right));
            let against = if direction > 0 {
                left > right
            } else {
                left < right
            };
            if against {
                return false;
            }
        }
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

/// Ways in which missing rows may go: both, or, without any, none that matters.
fn directions(missing: &Sums) -> impl Iterator<Item = bool> {
    let ways: &[bool] = if missing.rows > 0 {
        &[false, true]
    } else {
        &[false]
    };
    ways.iter().copied()
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
