//! Shapley values: what each column adds to a row's value (Lundberg et al. 2020).
//!
//! A value is divided among the columns in the one way that adds up to it, gives the same to columns
//! that do the same and nothing to those that do nothing. It rests on what the value would be if only
//! some of the columns were known, for which there are two readings:
//! * *path-dependent*: an unknown column is averaged over both sides of every split by it, in
//!   proportion to the rows that the tree was grown on ([`TreeEnsemble::path_dependent_shap`]);
//! * *interventional*: an unknown column has the value that it has in a row of a background sample,
//!   and the results are averaged over the sample ([`TreeEnsemble::interventional_shap`]). It
//!   compares the row with this sample, and gives nothing to a column that the trees do not ask. For
//!   many rows and one sample there is [`BackgroundExplainer`].

mod background;
mod interventional;
mod path_dependent;
mod table;

pub use background::BackgroundExplainer;

use super::ensemble::TreeEnsemble;

/// What each column adds to the value of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The value that is expected of a row of which nothing is known.
    pub expected: f64,
    /// What each column adds to it, in the columns' order. With `expected` they add up to the row's
    /// own value, but for rounding.
    pub values: Vec<f64>,
}

impl Contributions {
    fn none(width: usize) -> Self {
        Self {
            expected: 0.0,
            values: vec![0.0; width],
        }
    }

    /// The same, in proportion; `shift` is added to what is expected.
    pub(super) fn scaled(mut self, factor: f64, shift: f64) -> Self {
        self.expected = self.expected * factor + shift;
        for value in &mut self.values {
            *value *= factor;
        }
        self
    }
}

impl TreeEnsemble {
    /// Path-dependent Shapley values of a row, for the sum of the trees; exact, in a time
    /// proportional to leaves and the square of the depth (Lundberg et al. 2020, algorithm 2).
    pub fn path_dependent_shap(&self, row: &[f64]) -> Contributions {
        let mut sum = Contributions::none(self.width());
        for tree in self.trees() {
            path_dependent::add(tree, row, self.readings(), &mut sum);
        }
        sum
    }

    /// Interventional Shapley values of a row against a background sample, for the sum of the trees;
    /// exact, in a time proportional to leaves and the sample's rows.
    ///
    /// Without a background row everything is 0.
    pub fn interventional_shap<R: AsRef<[f64]>>(
        &self,
        row: &[f64],
        background: &[R],
    ) -> Contributions {
        let mut sum = Contributions::none(self.width());
        for other in background {
            for tree in self.trees() {
                interventional::add(tree, row, other.as_ref(), self.readings(), &mut sum);
            }
        }
        match background.len() {
            0 => sum,
            count => sum.scaled(1.0 / count as f64, 0.0),
        }
    }
}
