//! Deep trees, each node with its own draw of columns, as a forest takes them.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::columns::{BinnedColumns, MISSING_BIN};
use super::super::error::TreeError;
use super::super::node_rows::{self, Cells};
use super::super::sketch::{Grown, Sketch};
use super::super::split::{Bins, CategoryRule, Floor, Search, Split};
use super::super::sums::{Criterion, Pair, Sums};

/// Rows from which on a single node is worth asking whether to go on.
const LARGE_NODE: usize = 100_000;

/// How a deep tree grows.
pub(super) struct DeepGrowth<'a, C> {
    pub columns: &'a BinnedColumns,
    pub pairs: &'a [Pair],
    pub criterion: C,
    pub floor: Floor,
    pub categories: CategoryRule,
    pub columns_per_split: usize,
    pub max_depth: usize,
    /// Value of a leaf with these sums.
    pub leaf: &'a dyn Fn(&Sums) -> f64,
}

/// Room that every node uses again.
struct Desk {
    cells: Box<Cells>,
    gathered: Vec<Pair>,
    spare: Vec<u32>,
    order: Vec<u32>,
}

impl<C: Criterion> DeepGrowth<'_, C> {
    /// Grows a tree on the rows, which are put into the order of the leaves.
    pub(super) fn grow(
        &self,
        rows: &mut [u32],
        generator: &mut ChaCha8Rng,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Grown, TreeError> {
        let mut desk = Desk {
            cells: Box::new([Sums::default(); 256]),
            gathered: Vec::new(),
            spare: Vec::new(),
            order: (0..self.columns.width() as u32).collect(),
        };
        let mut sketch = Sketch::with_root();
        let mut covers = vec![0.0];
        let mut open = vec![(0, 0..rows.len(), 0)];
        while let Some((node, range, depth)) = open.pop() {
            let rows = &mut rows[range.clone()];
            if rows.len() >= LARGE_NODE && cancelled() {
                return Err(TreeError::Cancelled);
            }
            node_rows::gather(self.pairs, rows, &mut desk.gathered);
            let total = node_rows::total(&desk.gathered);
            let split = if depth < self.max_depth {
                self.best_split(rows, total, generator, &mut desk)
            } else {
                None
            };
            let Some(split) = split else {
                sketch.set_value(node, (self.leaf)(&total));
                covers[node] = total.hessian;
                continue;
            };
            let codes = &self.columns.column(split.column as usize).codes;
            let middle = range.start + node_rows::divide(rows, codes, &split, &mut desk.spare);
            let left = sketch.split(node, split);
            covers.extend([0.0; 2]);
            open.push((left + 1, middle..range.end, depth + 1));
            open.push((left, range.start..middle, depth + 1));
        }
        Ok(Grown { sketch, covers })
    }

    /// The best split by columns drawn at random. Constant ones do not count; drawing ends with the
    /// number asked for, but not before a split is found.
    fn best_split(
        &self,
        rows: &[u32],
        total: Sums,
        generator: &mut ChaCha8Rng,
        desk: &mut Desk,
    ) -> Option<Split> {
        let pure = total.gradient <= 0.0 || total.gradient >= total.hessian;
        if pure || total.rows / 2 < self.floor.rows {
            return None;
        }
        let mut search = Search::new(&self.criterion, self.floor, self.categories, total);
        let width = desk.order.len();
        let draws = self.columns_per_split < width;
        let mut useful = 0;
        for place in 0..width {
            if useful >= self.columns_per_split && search.best.is_some() {
                break;
            }
            if draws {
                let drawn = generator.random_range(place as u32..width as u32);
                desk.order.swap(place, drawn as usize);
            }
            let index = desk.order[place];
            let column = self.columns.column(index as usize);
            node_rows::clear(&mut desk.cells, column.bins);
            node_rows::tally(&column.codes, rows, &desk.gathered, &mut desk.cells);
            let bins = Bins {
                column,
                index,
                cells: &desk.cells[..column.bins],
                missing: desk.cells[usize::from(MISSING_BIN)],
            };
            if !bins.is_constant() {
                useful += 1;
                search.consider(&bins, 0);
            }
        }
        search.best
    }
}
