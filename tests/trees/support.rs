//! Generated data, and the settings that the tests deviate from.

#[path = "../support/numbers.rs"]
#[expect(dead_code, reason = "not every test binary draws in every way")]
mod numbers;

pub use self::numbers::Numbers;

use credit_risk::stats::trees::{
    BinnedColumns, BoostingParams, ForestParams, Stopping, TreeColumn,
};

/// Columns of a generated data set: three numeric ones, one of which has missing cells, and one of
/// categories. Events become more frequent with the first column and depend on the others jointly.
pub struct Sample {
    pub numbers: [Vec<f64>; 3],
    pub codes: Vec<u32>,
    pub events: Vec<bool>,
}

pub const LEVELS: u32 = 7;

impl Sample {
    pub fn new(rows: usize, seed: u64) -> Self {
        let mut random = Numbers(seed);
        let mut sample = Self {
            numbers: Default::default(),
            codes: Vec::new(),
            events: Vec::new(),
        };
        for _ in 0..rows {
            let values = [(); 3].map(|()| random.uniform());
            let code = (random.uniform() * f64::from(LEVELS)) as u32;
            let missing = random.uniform() < 0.15;
            let joint = if values[1] > 0.5 && code.is_multiple_of(3) {
                2.0
            } else {
                0.0
            };
            let log_odds = 3.0 * values[0] + joint + if missing { 1.0 } else { -values[2] } - 2.5;
            let event = random.uniform() < 1.0 / (1.0 + (-log_odds).exp());
            sample.numbers[0].push(values[0]);
            sample.numbers[1].push(values[1]);
            sample.numbers[2].push(if missing { f64::NAN } else { values[2] });
            sample.codes.push(if random.uniform() < 0.05 {
                u32::MAX
            } else {
                code
            });
            sample.events.push(event);
        }
        sample
    }

    pub fn columns(&self) -> Vec<TreeColumn<'_>> {
        let numbers = self
            .numbers
            .iter()
            .map(|values| TreeColumn::Numeric(values));
        let codes = TreeColumn::Categories {
            codes: &self.codes,
            levels: LEVELS,
        };
        numbers.chain([codes]).collect()
    }

    pub fn binned(&self) -> BinnedColumns {
        BinnedColumns::new(&self.columns()).unwrap()
    }

    pub fn row(&self, row: usize) -> [f64; 4] {
        let [a, b, c] = &self.numbers;
        let code = self.codes[row];
        let code = if code == u32::MAX {
            f64::NAN
        } else {
            f64::from(code)
        };
        [a[row], b[row], c[row], code]
    }
}

/// A single tree that sees every row and column.
pub fn one_tree() -> ForestParams {
    ForestParams {
        trees: 1,
        columns_per_split: Some(u32::MAX),
        min_leaf_rows: 1,
        bootstrap: false,
        leaf_smoothing: 0.0,
        ..ForestParams::default()
    }
}

pub fn never() -> bool {
    false
}

/// A numeric column as a one-column data set.
pub fn single(values: &[f64]) -> BinnedColumns {
    BinnedColumns::new(&[TreeColumn::Numeric(values)]).unwrap()
}

/// Boosting that uses every row and column, and a fixed number of trees.
pub fn plain() -> BoostingParams {
    BoostingParams {
        rounds: 10,
        max_leaves: 31,
        min_category_rows: 1,
        row_share: 1.0,
        column_share: 1.0,
        stopping: Stopping::Never,
        ..BoostingParams::default()
    }
}
