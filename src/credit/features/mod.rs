//! What the model sees of an application: the design matrix and its columns.
//!
//! A numeric characteristic becomes its value and, where gaps are learnt, an
//! indicator of the gap. A categorical one becomes one 0/1 column per level but
//! the most frequent (the reference), and one for a learnt gap. Every column is
//! standardised, z = (x - mean) / sd over the training rows (sd with ddof 0), so
//! that the penalty treats all alike and an average applicant has z = 0.

mod cells;
mod layout;

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

pub(super) use self::cells::FeatureBlocks;
pub use self::layout::layout;
use super::{
    inputs::{Inputs, Values},
    schema::{Characteristic, Kind, MissingPolicy},
};
use crate::stats::{ColumnMoments, Matrix};

/// One column of the design matrix.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Feature {
    /// `income`, `income_missing` or `grade_B`.
    pub name: String,
    /// Position of its characteristic in the schema.
    pub characteristic: usize,
    /// How the characteristic's value becomes a number.
    pub encoding: Encoding,
}

/// How a value becomes a number.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Encoding {
    /// The value itself; `impute` where there is none.
    Value {
        /// Median of the training rows.
        impute: f64,
    },
    /// 1 where there is no value, else 0.
    Gap,
    /// 1 at this level, else 0.
    Level(u32),
}

/// The columns of the design matrix and their scale.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FeatureSet {
    /// Columns, in the order of the schema.
    pub features: Vec<Feature>,
    /// Mean of each column over the training rows.
    pub mean: Vec<f64>,
    /// Standard deviation of each column (ddof 0); 1 for a constant one.
    pub standard_deviation: Vec<f64>,
}

impl FeatureSet {
    /// Learns the medians and the scale of `features` from `rows` of `inputs`.
    pub fn learn(mut features: Vec<Feature>, inputs: Inputs<'_>, rows: &[usize]) -> Self {
        for feature in &mut features {
            if let Encoding::Value { impute } = &mut feature.encoding {
                *impute = median(&inputs.values[feature.characteristic], rows);
            }
        }
        let (mean, standard_deviation) = cells::moments(&features, inputs, rows);
        Self {
            features,
            mean,
            standard_deviation,
        }
    }

    /// The same scale with the medians of `rows`, as far as they stand in for gaps of `inputs`: for a
    /// model that scores no other rows.
    pub(super) fn with_medians_of(&self, inputs: Inputs<'_>, rows: &[usize]) -> Self {
        let mut set = self.clone();
        for feature in &mut set.features {
            let Feature {
                characteristic,
                encoding,
                ..
            } = feature;
            if let Encoding::Value { impute } = encoding
                && inputs.characteristics[*characteristic].missing_share > 0.0
            {
                *impute = median(&inputs.values[*characteristic], rows);
            }
        }
        set
    }

    /// Whether the scale of a column may be made by a few of so many rows, so that the others lie close
    /// together in it: whether one lies √n / 4 deviations from the mean or farther, which of n rows at
    /// most 16 can.
    pub(super) fn has_outliers(&self, inputs: Inputs<'_>, rows: usize) -> bool {
        let farthest = (rows as f64).sqrt() / 4.0;
        let scales = self.mean.iter().zip(&self.standard_deviation);
        self.features
            .iter()
            .zip(scales)
            .any(|(feature, (mean, deviation))| {
                match (
                    feature.encoding,
                    &inputs.characteristics[feature.characteristic].kind,
                ) {
                    (
                        Encoding::Value { .. },
                        Kind::Numeric {
                            minimum, maximum, ..
                        },
                    ) => (maximum - mean).max(mean - minimum) > farthest * deviation,
                    _ => false,
                }
            })
    }

    /// Mean and deviation of the standardised columns over the rows that the scale was learnt from; a
    /// column that is constant there is 0 in each.
    pub(super) fn standardised_moments(&self) -> ColumnMoments {
        let columns = self.features.len();
        ColumnMoments {
            mean: vec![0.0; columns],
            standard_deviation: vec![1.0; columns],
        }
    }

    /// The standardised design matrix of `rows`, one row each, one column per feature.
    pub fn design_matrix(&self, inputs: Inputs<'_>, rows: &[usize]) -> Matrix {
        let mut matrix = Matrix::new(rows.len(), self.features.len());
        cells::encode(self, inputs, rows, |at, cells| {
            for (row, cells) in (at..).zip(cells.chunks_exact(self.features.len().max(1))) {
                matrix.row_mut(row).copy_from_slice(cells);
            }
            ControlFlow::Continue(())
        });
        matrix
    }
}

impl Encoding {
    /// The column's number for a numeric value, raw (not standardised).
    pub fn number(self, value: Option<f64>) -> f64 {
        match (self, value) {
            (Self::Value { .. }, Some(value)) => value,
            (Self::Value { impute }, None) => impute,
            (Self::Gap, value) => f64::from(u8::from(value.is_none())),
            (Self::Level(_), _) => 0.0,
        }
    }

    /// The column's number for a level, raw (not standardised).
    pub fn level(self, level: Option<u32>) -> f64 {
        match self {
            Self::Level(own) => f64::from(u8::from(level == Some(own))),
            Self::Gap => f64::from(u8::from(level.is_none())),
            Self::Value { .. } => 0.0,
        }
    }
}

/// The level that stands for a gap, where gaps are imputed.
pub fn imputed(characteristic: &Characteristic) -> Option<u32> {
    match characteristic.missing {
        MissingPolicy::Impute => characteristic
            .most_frequent_level()
            .and_then(|level| u32::try_from(level).ok()),
        MissingPolicy::Reject | MissingPolicy::Learned => None,
    }
}

fn median(values: &Values, rows: &[usize]) -> f64 {
    let Values::Numeric(values) = values else {
        return 0.0;
    };
    // Room from the start: growing would take three times as much.
    let mut present = Vec::with_capacity(rows.len());
    let known = rows.iter().map(|row| values[*row]);
    present.extend(known.filter(|value| !value.is_nan()));
    let count = present.len();
    if count == 0 {
        return 0.0;
    }
    let (below, upper, _) = present.select_nth_unstable_by(count / 2, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    let lower = lower.filter(|_| count.is_multiple_of(2));
    f64::midpoint(lower.unwrap_or(*upper), *upper)
}
