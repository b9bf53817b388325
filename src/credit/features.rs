//! What the model sees of an application: the design matrix and its columns.
//!
//! A numeric characteristic becomes its value and, where gaps are learnt, an
//! indicator of the gap. A categorical one becomes one 0/1 column per level but
//! the most frequent (the reference), and one for a learnt gap. Every column is
//! standardised, z = (x - mean) / sd over the training rows (sd with ddof 0), so
//! that the penalty treats all alike and an average applicant has z = 0.

use serde::{Deserialize, Serialize};

use super::{
    Fault,
    fault::Faults,
    inputs::{Inputs, Values},
    schema::{Characteristic, Kind, MissingPolicy},
    table::MISSING,
};
use crate::stats::{ColumnMoments, Matrix, column_moments};

/// Rows that are encoded at once.
const BLOCK: usize = 256;

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

/// The columns that characteristics offer, or those of them that were selected.
///
/// # Errors
/// One fault per selected name that is neither a characteristic nor a column.
pub fn layout(
    characteristics: &[Characteristic],
    selected: Option<&[String]>,
) -> Result<Vec<Feature>, Vec<Fault>> {
    let every: Vec<Feature> = (0..characteristics.len())
        .flat_map(|at| columns_of(characteristics, at))
        .collect();
    let Some(selected) = selected else {
        return Ok(every
            .into_iter()
            .filter(|f| !is_reference(characteristics, f))
            .collect());
    };
    let mut wanted = vec![false; every.len()];
    let mut faults = Faults::default();
    for (index, name) in selected.iter().enumerate() {
        let mut known = false;
        for (feature, wanted) in every.iter().zip(&mut wanted) {
            let whole = characteristics[feature.characteristic].name == *name;
            if feature.name == *name || (whole && !is_reference(characteristics, feature)) {
                *wanted = true;
                known = true;
            }
        }
        if !known {
            let detail = "neither a characteristic of the data set nor one of its encoded features";
            faults.push(Fault::at(format!("/selected_features/{index}"), detail));
        }
    }
    faults.into_result()?;
    drop_redundant_references(characteristics, &every, &mut wanted);
    Ok(every
        .into_iter()
        .zip(wanted)
        .filter_map(|(f, wanted)| wanted.then_some(f))
        .collect())
}

/// All columns of a characteristic, the reference level included.
fn columns_of(characteristics: &[Characteristic], at: usize) -> Vec<Feature> {
    let Characteristic {
        name,
        kind,
        missing,
        missing_share,
    } = &characteristics[at];
    let feature = |name: String, encoding| Feature {
        name,
        characteristic: at,
        encoding,
    };
    let mut columns = Vec::new();
    match kind {
        Kind::Numeric {
            minimum, maximum, ..
        } => {
            if minimum < maximum {
                columns.push(feature(name.clone(), Encoding::Value { impute: f64::NAN }));
            }
        }
        Kind::Categorical { levels, .. } => {
            for (level, text) in (0_u32..).zip(levels) {
                columns.push(feature(format!("{name}_{text}"), Encoding::Level(level)));
            }
        }
    }
    if *missing == MissingPolicy::Learned && *missing_share > 0.0 {
        columns.push(feature(format!("{name}_missing"), Encoding::Gap));
    }
    columns
}

fn is_reference(characteristics: &[Characteristic], feature: &Feature) -> bool {
    match feature.encoding {
        Encoding::Level(level) => {
            characteristics[feature.characteristic].most_frequent_level() == Some(level as usize)
        }
        Encoding::Value { .. } | Encoding::Gap => false,
    }
}

/// With every column of a characteristic chosen, the reference says nothing new.
fn drop_redundant_references(
    characteristics: &[Characteristic],
    every: &[Feature],
    wanted: &mut [bool],
) {
    for at in 0..characteristics.len() {
        let own = |index: &usize| every[*index].characteristic == at;
        let indices: Vec<usize> = (0..every.len()).filter(own).collect();
        if indices.iter().all(|index| wanted[*index]) {
            for index in indices {
                wanted[index] = !is_reference(characteristics, &every[index]);
            }
        }
    }
}

impl FeatureSet {
    /// Learns the medians and the scale of `features` from `rows` of `inputs`.
    pub fn learn(features: Vec<Feature>, inputs: Inputs<'_>, rows: &[usize]) -> Self {
        let features = features
            .into_iter()
            .map(|mut feature| {
                if let Encoding::Value { impute } = &mut feature.encoding {
                    *impute = median(&inputs.values[feature.characteristic], rows);
                }
                feature
            })
            .collect();
        let mut set = Self {
            features,
            mean: Vec::new(),
            standard_deviation: Vec::new(),
        };
        let ColumnMoments {
            mean,
            standard_deviation,
        } = column_moments(&set.encode(inputs, rows));
        set.mean = mean;
        set.standard_deviation = standard_deviation
            .into_iter()
            .map(|sd| if sd > 0.0 { sd } else { 1.0 })
            .collect();
        set
    }

    /// The standardised design matrix of `rows`, one row each, one column per feature.
    pub fn design_matrix(&self, inputs: Inputs<'_>, rows: &[usize]) -> Matrix {
        let mut matrix = self.encode(inputs, rows);
        for row in 0..matrix.rows() {
            let scales = self.mean.iter().zip(&self.standard_deviation);
            for (cell, (mean, sd)) in matrix.row_mut(row).iter_mut().zip(scales) {
                *cell = (*cell - mean) / sd;
            }
        }
        matrix
    }

    fn encode(&self, inputs: Inputs<'_>, rows: &[usize]) -> Matrix {
        let mut matrix = Matrix::new(rows.len(), self.features.len());
        // Block by block, so that the lines of the matrix stay near while its columns are filled.
        for (block, rows) in rows.chunks(BLOCK).enumerate() {
            for (column, feature) in self.features.iter().enumerate() {
                let characteristic = &inputs.characteristics[feature.characteristic];
                let values = &inputs.values[feature.characteristic];
                for (target, row) in (block * BLOCK..).zip(rows) {
                    matrix.row_mut(target)[column] = match values {
                        Values::Numeric(values) => {
                            let value = values[*row];
                            feature.encoding.number((!value.is_nan()).then_some(value))
                        }
                        Values::Categorical(codes) => {
                            let code = codes[*row];
                            feature.encoding.level(
                                (code != MISSING)
                                    .then_some(code)
                                    .or_else(|| imputed(characteristic)),
                            )
                        }
                    };
                }
            }
        }
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
    let mut present: Vec<f64> = rows
        .iter()
        .map(|row| values[*row])
        .filter(|value| !value.is_nan())
        .collect();
    let count = present.len();
    if count == 0 {
        return 0.0;
    }
    let (below, upper, _) = present.select_nth_unstable_by(count / 2, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    let lower = lower.filter(|_| count.is_multiple_of(2));
    f64::midpoint(lower.unwrap_or(*upper), *upper)
}
