//! Leaf-wise growth: the split of most gain comes first (Ke et al. 2017).

use std::ops::Range;

use super::super::columns::BinnedColumns;
use super::super::error::TreeError;
use super::super::node_rows::{self, Cells, TOGETHER};
use super::super::sketch::{Grown, Sketch};
use super::super::split::{Bins, CategoryRule, Floor, Search, Split};
use super::super::sums::{Criterion, Pair, Sums};
use super::histogram::{Layout, subtract};
use super::interactions::{Alive, Interactions};
use super::newton::Newton;
use super::params::{BoostingParams, Monotone};

/// Rows from which on a single node is worth asking whether to go on.
const LARGE_NODE: usize = 100_000;

/// How the trees of a model grow.
pub(super) struct LeafwiseGrowth<'a> {
    pub columns: &'a BinnedColumns,
    pub params: &'a BoostingParams,
    pub interactions: Interactions,
}

/// Room that every tree uses again.
pub(super) struct Desk {
    cells: Box<[Cells; TOGETHER]>,
    gathered: Vec<Pair>,
    spare: Vec<u32>,
    /// Histograms that nobody needs any more.
    pool: Vec<Vec<Sums>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            cells: Box::new([[Sums::default(); 256]; TOGETHER]),
            gathered: Vec::new(),
            spare: Vec::new(),
            pool: Vec::new(),
        }
    }
}

/// A leaf that might be split.
struct Leaf {
    node: usize,
    rows: Range<usize>,
    depth: u32,
    sums: Sums,
    bounds: Newton,
    alive: Alive,
    histogram: Vec<Sums>,
    split: Option<Split>,
}

/// A grown tree, its leaves' rows, and the order of these.
pub(super) struct Leafwise {
    pub grown: Grown,
    /// Rows of each leaf, as a range of the rows that were put in order, and its value.
    pub leaves: Vec<(Range<usize>, f64)>,
}

impl LeafwiseGrowth<'_> {
    /// Grows a tree on the rows, which are put into the order of the leaves; `weights` are those of
    /// all rows.
    pub(super) fn grow(
        &self,
        rows: &mut [u32],
        pairs: &[Pair],
        weights: &[f64],
        chosen: &[u32],
        desk: &mut Desk,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Leafwise, TreeError> {
        let layout = Layout::new(self.columns, chosen);
        let mut sketch = Sketch::with_root();
        let mut leaves = vec![self.root(&layout, rows, pairs, desk)];
        while leaves.len() < self.params.max_leaves as usize {
            let Some(best) = most_gain(&leaves) else {
                break;
            };
            if leaves[best].rows.len() >= LARGE_NODE && cancelled() {
                return Err(TreeError::Cancelled);
            }
            let leaf = leaves.swap_remove(best);
            // The last split's sides need no histograms.
            let last = leaves.len() + 2 >= self.params.max_leaves as usize;
            let sides = self.divide(leaf, &layout, rows, pairs, &mut sketch, last, desk);
            leaves.extend(sides);
        }
        leaves.sort_by_key(|leaf| leaf.node);
        let mut covers = vec![0.0; sketch.len()];
        let mut ends = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let value = self.params.learning_rate * leaf.bounds.value(&leaf.sums);
            sketch.set_value(leaf.node, value);
            let weight = rows[leaf.rows.clone()]
                .iter()
                .map(|&row| weights[row as usize]);
            covers[leaf.node] = weight.sum();
            ends.push((leaf.rows, value));
            desk.pool.push(leaf.histogram);
        }
        Ok(Leafwise {
            grown: Grown { sketch, covers },
            leaves: ends,
        })
    }

    fn root(&self, layout: &Layout<'_>, rows: &[u32], pairs: &[Pair], desk: &mut Desk) -> Leaf {
        node_rows::gather(pairs, rows, &mut desk.gathered);
        let mut histogram = desk.pool.pop().unwrap_or_default();
        layout.count(rows, &desk.gathered, &mut desk.cells, &mut histogram);
        let mut leaf = Leaf {
            node: 0,
            rows: 0..rows.len(),
            depth: 0,
            sums: node_rows::total(&desk.gathered),
            bounds: Newton::unbounded(self.params.l2),
            alive: self.interactions.root(),
            histogram,
            split: None,
        };
        leaf.split = self.best_split(&leaf, layout);
        leaf
    }

    /// Splits a leaf into two.
    #[expect(
        clippy::too_many_arguments,
        reason = "the state of one tree, lent to one step"
    )]
    fn divide(
        &self,
        leaf: Leaf,
        layout: &Layout<'_>,
        rows: &mut [u32],
        pairs: &[Pair],
        sketch: &mut Sketch,
        last: bool,
        desk: &mut Desk,
    ) -> Vec<Leaf> {
        let Some(split) = leaf.split else {
            return vec![leaf];
        };
        let column = split.column as usize;
        let range = leaf.rows.clone();
        let codes = &self.columns.column(column).codes;
        let count = node_rows::divide(&mut rows[range.clone()], codes, &split, &mut desk.spare);
        let middle = range.start + count;
        let node = sketch.split(leaf.node, split);
        let (low, high) = leaf.bounds.of_sides(&split, self.direction(column));
        let alive = self.interactions.after(&leaf.alive, column);
        let side = |node, rows, sums, bounds| Leaf {
            node,
            rows,
            depth: leaf.depth + 1,
            sums,
            bounds,
            alive: alive.clone(),
            histogram: Vec::new(),
            split: None,
        };
        let mut sides = [
            side(node, range.start..middle, split.left, low),
            side(node + 1, middle..range.end, split.right, high),
        ];
        let mut whole = leaf.histogram;
        let wanted = !last && sides.iter().any(|side| self.may_split(side));
        if !wanted {
            desk.pool.push(whole);
            return sides.into();
        }
        let smaller = usize::from(sides[1].rows.len() < sides[0].rows.len());
        let few = &rows[sides[smaller].rows.clone()];
        node_rows::gather(pairs, few, &mut desk.gathered);
        let mut part = desk.pool.pop().unwrap_or_default();
        layout.count(few, &desk.gathered, &mut desk.cells, &mut part);
        subtract(&mut whole, &part);
        sides[smaller].histogram = part;
        sides[1 - smaller].histogram = whole;
        for side in &mut sides {
            side.split = self.best_split(side, layout);
        }
        sides.into()
    }

    fn may_split(&self, leaf: &Leaf) -> bool {
        self.params.max_depth.is_none_or(|most| leaf.depth < most)
            && leaf.sums.rows / 2 >= self.params.min_leaf_rows
            && leaf.sums.hessian >= 2.0 * self.params.min_leaf_hessian
    }

    fn direction(&self, column: usize) -> Monotone {
        let directions = &self.params.monotone;
        directions.get(column).copied().unwrap_or_default()
    }

    fn best_split(&self, leaf: &Leaf, layout: &Layout<'_>) -> Option<Split> {
        if !self.may_split(leaf) {
            return None;
        }
        let floor = Floor {
            rows: self.params.min_leaf_rows,
            hessian: self.params.min_leaf_hessian,
            gain: self.params.min_gain,
        };
        let categories = CategoryRule {
            smoothing: self.params.category_smoothing,
            min_rows: self.params.min_category_rows,
            most: self.params.max_categories as usize,
        };
        let mut search = Search::new(&leaf.bounds, floor, categories, leaf.sums);
        for (place, &index) in layout.chosen.iter().enumerate() {
            let column = index as usize;
            if !self.interactions.allows(&leaf.alive, column) {
                continue;
            }
            let (cells, missing) = layout.of(&leaf.histogram, place);
            let bins = Bins {
                column: self.columns.column(column),
                index,
                cells,
                missing,
            };
            let direction = match self.direction(column) {
                Monotone::Free => 0,
                Monotone::Rising => 1,
                Monotone::Falling => -1,
            };
            search.consider(&bins, direction);
        }
        search.best
    }
}

/// The leaf whose split gains most; the one of the lower node if several do.
fn most_gain(leaves: &[Leaf]) -> Option<usize> {
    let mut best: Option<(f64, usize, usize)> = None;
    for (place, leaf) in leaves.iter().enumerate() {
        let Some(split) = &leaf.split else {
            continue;
        };
        let better = best.is_none_or(|(gain, node, _)| {
            split.gain > gain || (split.gain >= gain && leaf.node < node)
        });
        if better {
            best = Some((split.gain, leaf.node, place));
        }
    }
    best.map(|(_, _, place)| place)
}
