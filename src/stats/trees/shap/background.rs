//! Many rows against one background sample: what the sample says of every leaf is worked out once.

use super::super::ensemble::TreeEnsemble;
use super::super::tree::{ColumnReading, Tree};
use super::Contributions;
use super::interventional;
use super::table::{Shares, Table, go_down};

/// Bytes of all answers at most, and of everything else in the tables.
const MOST_BYTES: usize = 32 << 20;

/// Interventional Shapley values against a fixed background sample, for many rows.
///
/// Gives what [`TreeEnsemble::interventional_shap`] gives, but for rounding, in a time that hardly
/// depends on the sample's size: for every leaf, the sample is reduced once to the combinations of
/// columns that occur in it, and below few columns to the answer for every row.
///
/// # Memory
/// A copy of the trees, and tables of at most 64 MiB. Of these one half is for answers, about 2 kB a
/// leaf of a tree of 31 leaves; where they do not fit in, the rows of the sample are counted by
/// combination, which takes at most 8 bytes a leaf and row. Trees for which this is too much, that
/// have more than 256 leaves, or more than 32 columns on one way to a leaf, have no table: they are
/// walked once for each background row, of which a copy is then kept.
#[derive(Clone, Debug)]
pub struct BackgroundExplainer {
    readings: Vec<ColumnReading>,
    tabled: Vec<(Tree, Table)>,
    walked: Vec<Tree>,
    /// The sample, if there are trees to walk.
    background: Vec<Vec<f64>>,
    /// Number of rows of the sample.
    count: usize,
    expected: f64,
    shares: Shares,
}

impl BackgroundExplainer {
    /// Reduces a background sample to what it says of the trees; see [`TreeEnsemble::sum`] for what
    /// a row is.
    pub fn new<R: AsRef<[f64]>>(ensemble: &TreeEnsemble, background: &[R]) -> Self {
        Self::within(ensemble, background, [MOST_BYTES; 2])
    }

    fn within<R: AsRef<[f64]>>(
        ensemble: &TreeEnsemble,
        background: &[R],
        most: [usize; 2],
    ) -> Self {
        let readings = ensemble.readings().to_vec();
        let shares = Shares::new();
        let (mut tabled, mut walked) = (Vec::new(), Vec::new());
        let [mut for_answers, mut for_kinds] = most;
        for tree in ensemble.trees() {
            let table = |answers| Table::new(tree, background, &readings, answers, &shares);
            let mut found = table(for_answers > 0);
            if found
                .as_ref()
                .is_some_and(|table| table.bytes().0 > for_answers)
            {
                // Nor are others tried, which would most likely be in vain.
                for_answers = 0;
                found = table(false);
            }
            match found.filter(|table| table.bytes().1 <= for_kinds) {
                Some(table) => {
                    let (answers, kinds) = table.bytes();
                    for_answers -= answers;
                    for_kinds -= kinds;
                    tabled.push((tree.clone(), table));
                }
                None => walked.push(tree.clone()),
            }
        }
        let rows = background.iter().map(AsRef::as_ref);
        let sum: f64 = rows.clone().map(|row| ensemble.sum(row)).sum();
        let kept = if walked.is_empty() {
            0
        } else {
            background.len()
        };
        Self {
            readings,
            tabled,
            walked,
            background: rows.take(kept).map(<[f64]>::to_vec).collect(),
            count: background.len(),
            expected: sum / background.len().max(1) as f64,
            shares,
        }
    }

    /// Mean of the trees' sum over the background sample; 0 without a row.
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// Adds to `values` what each column adds to the trees' sum for a row, compared with the
    /// background sample: the row's sum less [`BackgroundExplainer::expected`], divided among the
    /// columns. Without a background row that is nothing.
    ///
    /// # Panics
    /// When `values` is shorter than the number of columns.
    pub fn explain(&self, row: &[f64], values: &mut [f64]) {
        let mut astray = Vec::new();
        for (tree, table) in &self.tabled {
            go_down(tree, table.bits(), row, &self.readings, &mut astray);
            table.add(tree, &astray, &self.shares, values);
        }
        if self.walked.is_empty() || self.count == 0 {
            return;
        }
        let mut sum = Contributions::none(self.readings.len());
        for other in &self.background {
            for tree in &self.walked {
                interventional::add(tree, row, other, &self.readings, &mut sum);
            }
        }
        for (value, part) in values.iter_mut().zip(sum.values) {
            *value += part / self.count as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::{NUMERIC, Node};
    use super::*;

    /// Two trees of one split each, of different columns.
    fn stumps() -> TreeEnsemble {
        let node = |value, column, left| Node {
            value,
            column,
            left,
            set: NUMERIC,
            missing_left: false,
        };
        let stump = |column| Tree {
            nodes: vec![node(0.5, column, 1), node(-1.0, 0, 0), node(1.0, 0, 0)],
            sets: Vec::new(),
            covers: vec![2.0, 1.0, 1.0],
        };
        let readings = vec![ColumnReading::Numeric, ColumnReading::Numeric];
        TreeEnsemble::new(readings, vec![stump(0), stump(1)])
    }

    #[test]
    fn short_of_memory_the_answers_go_first_and_the_tables_next() {
        let ensemble = stumps();
        let background = [[0.0, 1.0], [1.0, 1.0]];
        let shape = |most| {
            let explainer = BackgroundExplainer::within(&ensemble, &background, most);
            let mut values = [0.0; 2];
            explainer.explain(&[1.0, 0.0], &mut values);
            assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] + 2.0).abs() < 1e-15);
            let tables = explainer.tabled.iter().map(|(_, table)| table);
            let answered = tables.filter(|table| table.bytes().0 > 0).count();
            (answered, explainer.tabled.len(), explainer.walked.len())
        };
        let whole = BackgroundExplainer::new(&ensemble, &background);
        let bytes = whole.tabled.iter().map(|(_, table)| table.bytes());
        let (answers, rest) = bytes.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        assert_eq!(shape([answers, rest]), (2, 2, 0));
        assert_eq!(shape([answers - 1, 2 * rest]), (1, 2, 0));
        assert_eq!(shape([0, 2 * rest]), (0, 2, 0));
        assert_eq!(shape([answers, rest - 1]), (1, 1, 1));
        assert_eq!(shape([answers, 0]), (0, 0, 2));
    }
}
