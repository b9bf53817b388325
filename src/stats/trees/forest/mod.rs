//! Random forest (Breiman 2001).

mod growth;
mod params;

pub use params::{ForestParams, SplitCriterion};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use self::growth::DeepGrowth;
use super::columns::BinnedColumns;
use super::ensemble::TreeEnsemble;
use super::error::TreeError;
use super::importance::normalised;
use super::shap::Contributions;
use super::sketch::Grown;
use super::split::{CategoryRule, Floor};
use super::stored::StoredTreeError;
use super::sums::{Criterion, Gini, LogLoss, Pair, Sums};
use super::target::Target;
use super::tree::{ColumnReading, Tree};

/// Trees that each saw other rows and columns, and whose event rates are averaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredForest", into = "StoredForest")]
pub struct RandomForest {
    ensemble: TreeEnsemble,
    importances: Vec<f64>,
}

/// A forest and what it tells about its own rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestFit {
    /// The forest.
    pub forest: RandomForest,
    /// Probability of an event for each row by the trees that did not learn from it; `None` for a
    /// row that every tree learnt from.
    ///
    /// A row of weight 0 has a probability by all trees.
    pub out_of_bag: Vec<Option<f64>>,
}

impl RandomForest {
    /// Grows a forest.
    ///
    /// Each tree learns from as many rows as there are, drawn with replacement, and each of its
    /// splits from a fresh draw of columns that are not constant in the node. `weights` count a row
    /// as if it were there that many times; 0 leaves it out. `cancelled` is asked before every tree
    /// and large node.
    ///
    /// # Errors
    /// [`TreeError`] for a setting out of range, rows that do not fit together, and a single class.
    pub fn fit(
        columns: &BinnedColumns,
        events: &[bool],
        weights: Option<&[f64]>,
        params: &ForestParams,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<ForestFit, TreeError> {
        params.check()?;
        let target = Target::new(columns.rows(), events, weights, params.class_weight)?;
        let mut nursery = Nursery::new(columns, &target, params);
        for tree in 0..params.trees {
            if cancelled() {
                return Err(TreeError::Cancelled);
            }
            nursery.add_tree(tree, cancelled)?;
        }
        Ok(nursery.into_fit())
    }

    /// Probability of an event for a row of raw values, in `0..=1`; see [`TreeEnsemble::sum`] for
    /// what a row is.
    pub fn probability(&self, row: &[f64]) -> f64 {
        self.ensemble.sum(row) / self.ensemble.trees().len() as f64
    }

    /// What each column adds to a row's probability, compared with a background sample; without one,
    /// with the rows that the trees were grown on. See [`TreeEnsemble::interventional_shap`] and
    /// [`TreeEnsemble::path_dependent_shap`].
    pub fn contributions<R: AsRef<[f64]>>(
        &self,
        row: &[f64],
        background: Option<&[R]>,
    ) -> Contributions {
        let sums = match background {
            Some(sample) => self.ensemble.interventional_shap(row, sample),
            None => self.ensemble.path_dependent_shap(row),
        };
        sums.scaled(1.0 / self.ensemble.trees().len() as f64, 0.0)
    }

    /// Mean decrease in impurity by each column, in the columns' order; they add up to 1, or are all
    /// 0 when no tree has a split.
    ///
    /// A tree's decreases, weighted by the rows of the nodes, are put to a sum of 1 before they are
    /// averaged (Breiman 2001; Louppe et al. 2013). Columns of many distinct values tend to be
    /// favoured.
    pub fn importances(&self) -> &[f64] {
        &self.importances
    }

    /// The trees.
    pub fn ensemble(&self) -> &TreeEnsemble {
        &self.ensemble
    }
}

/// A forest as it grows.
struct Nursery<'a> {
    columns: &'a BinnedColumns,
    target: &'a Target<'a>,
    params: &'a ForestParams,
    pairs: Vec<Pair>,
    /// How often each row was drawn for the current tree.
    draws: Vec<u32>,
    trees: Vec<Tree>,
    importances: Vec<f64>,
    /// Sum and number of the values of trees that did not see the row.
    unseen: Vec<(f64, u32)>,
}

impl<'a> Nursery<'a> {
    fn new(columns: &'a BinnedColumns, target: &'a Target<'a>, params: &'a ForestParams) -> Self {
        let rows = columns.rows();
        Self {
            columns,
            target,
            params,
            pairs: vec![Pair::default(); rows],
            draws: vec![0; rows],
            trees: Vec::with_capacity(params.trees as usize),
            importances: vec![0.0; columns.width()],
            unseen: vec![(0.0, 0); rows],
        }
    }

    fn add_tree(&mut self, index: u32, cancelled: &dyn Fn() -> bool) -> Result<(), TreeError> {
        // A stream per tree: what one tree draws does not depend on the others.
        let mut generator = ChaCha8Rng::seed_from_u64(self.params.seed);
        generator.set_stream(u64::from(index));
        let mut rows = self.draw_rows(&mut generator);
        let Grown { sketch, covers } = match self.params.criterion {
            SplitCriterion::Gini => self.grow(Gini, &mut rows, &mut generator, cancelled),
            SplitCriterion::LogLoss => self.grow(LogLoss, &mut rows, &mut generator, cancelled),
        }?;
        let mut gains = vec![0.0; self.columns.width()];
        for (column, gain) in sketch.gains() {
            gains[column] += gain;
        }
        for (sum, gain) in self.importances.iter_mut().zip(normalised(gains)) {
            *sum += gain;
        }
        for (row, unseen) in self.unseen.iter_mut().enumerate() {
            if self.draws[row] == 0 {
                unseen.0 += sketch.value(self.columns, row);
                unseen.1 += 1;
            }
        }
        self.trees.push(sketch.into_tree(self.columns, covers));
        Ok(())
    }

    /// Distinct rows of the next tree, with their pairs and number of draws in place.
    fn draw_rows(&mut self, generator: &mut ChaCha8Rng) -> Vec<u32> {
        let all = &self.target.rows;
        self.draws.fill(0);
        if self.params.bootstrap {
            for _ in 0..all.len() {
                let place = generator.random_range(0..all.len() as u32);
                self.draws[all[place as usize] as usize] += 1;
            }
        } else {
            for &row in all {
                self.draws[row as usize] = 1;
            }
        }
        let drawn = all
            .iter()
            .copied()
            .filter(|&row| self.draws[row as usize] > 0);
        let rows: Vec<u32> = drawn.collect();
        for &row in &rows {
            let row = row as usize;
            let weight = self.target.weights[row] * f64::from(self.draws[row]);
            let gradient = if self.target.events[row] { weight } else { 0.0 };
            self.pairs[row] = Pair {
                gradient,
                hessian: weight,
            };
        }
        rows
    }

    fn grow<C: Criterion>(
        &self,
        criterion: C,
        rows: &mut [u32],
        generator: &mut ChaCha8Rng,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Grown, TreeError> {
        let width = self.columns.width();
        let root = (width as f64).sqrt().round() as usize;
        let asked = self.params.columns_per_split.map_or(root, |n| n as usize);
        let (prior, smoothing) = (self.target.rate, self.params.leaf_smoothing);
        let growth = DeepGrowth {
            columns: self.columns,
            pairs: &self.pairs,
            criterion,
            floor: Floor {
                rows: self.params.min_leaf_rows,
                hessian: self.params.min_leaf_weight,
                gain: 0.0,
            },
            categories: CategoryRule {
                smoothing: 0.0,
                min_rows: 1,
                most: 255,
            },
            columns_per_split: asked.clamp(1, width),
            max_depth: self
                .params
                .max_depth
                .map_or(usize::MAX, |depth| depth as usize),
            leaf: &|sums: &Sums| {
                let rate = (sums.gradient + smoothing * prior) / (sums.hessian + smoothing);
                // Smoothing may take the last digit above 1.
                rate.clamp(0.0, 1.0)
            },
        };
        growth.grow(rows, generator, cancelled)
    }

    fn into_fit(self) -> ForestFit {
        let probability = |(sum, trees): (f64, u32)| (trees > 0).then(|| sum / f64::from(trees));
        let readings = ColumnReading::of(self.columns);
        ForestFit {
            forest: RandomForest {
                ensemble: TreeEnsemble::new(readings, self.trees),
                importances: normalised(self.importances),
            },
            out_of_bag: self.unseen.into_iter().map(probability).collect(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredForest {
    ensemble: TreeEnsemble,
    importances: Vec<f64>,
}

impl From<RandomForest> for StoredForest {
    fn from(forest: RandomForest) -> Self {
        Self {
            ensemble: forest.ensemble,
            importances: forest.importances,
        }
    }
}

impl TryFrom<StoredForest> for RandomForest {
    type Error = StoredTreeError;

    fn try_from(stored: StoredForest) -> Result<Self, StoredTreeError> {
        let StoredForest {
            ensemble,
            importances,
        } = stored;
        let shares = importances.iter().all(|share| (0.0..=1.0).contains(share));
        let sound = !ensemble.trees().is_empty()
            && ensemble.values_within(0.0, 1.0)
            && importances.len() == ensemble.width()
            && shares;
        if sound {
            Ok(Self {
                ensemble,
                importances,
            })
        } else {
            Err(StoredTreeError::Ensemble)
        }
    }
}
