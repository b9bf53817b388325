//! A model folded into one small table per characteristic, for fast scoring.
//!
//! The contribution of a characteristic is the sum over its design-matrix
//! columns of weight * (x - mean) / sd. It depends on the characteristic's value
//! alone, so a level's contribution is looked up and a number's is one
//! multiplication; one-hot columns never exist while scoring.

use super::{
    features::{Encoding, FeatureSet, imputed},
    schema::{Kind, Schema},
    value::Value,
};

/// What each value of each characteristic adds to the log-odds of default.
#[derive(Debug)]
pub struct Scorer {
    terms: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    /// No feature of the model comes from this characteristic.
    Unused,
    Numeric {
        slope: f64,
        centre: f64,
        present: f64,
        missing: f64,
    },
    Categorical {
        levels: Vec<f64>,
        missing: f64,
    },
}

impl Scorer {
    /// Folds `weights`, one per feature, into one term per characteristic.
    pub fn new(schema: &Schema, set: &FeatureSet, weights: &[f64]) -> Self {
        let terms = schema
            .characteristics
            .iter()
            .enumerate()
            .map(|(at, characteristic)| {
                let columns: Vec<Column> = set
                    .features
                    .iter()
                    .enumerate()
                    .filter(|(_, feature)| feature.characteristic == at)
                    .map(|(i, feature)| Column {
                        encoding: feature.encoding,
                        slope: weights[i] / set.standard_deviation[i],
                        mean: set.mean[i],
                    })
                    .collect();
                if columns.is_empty() {
                    return Term::Unused;
                }
                match &characteristic.kind {
                    Kind::Numeric { .. } => numeric(&columns),
                    Kind::Categorical { levels, .. } => {
                        let of = |level| columns.iter().map(|column| column.at_level(level)).sum();
                        Term::Categorical {
                            levels: (0_u32..).zip(levels).map(|(l, _)| of(Some(l))).collect(),
                            missing: of(imputed(characteristic)),
                        }
                    }
                }
            })
            .collect();
        Self { terms }
    }

    /// Whether the model uses the characteristic at `position`.
    pub fn uses(&self, position: usize) -> bool {
        !matches!(self.terms[position], Term::Unused)
    }

    /// The average applicant's number for the characteristic at `position`; zero
    /// for one that is not numeric.
    pub fn centre(&self, position: usize) -> f64 {
        match self.terms[position] {
            Term::Numeric { centre, .. } => centre,
            Term::Unused | Term::Categorical { .. } => 0.0,
        }
    }

    /// What `value` of the characteristic at `position` adds to the log-odds.
    pub fn contribution(&self, position: usize, value: Value) -> f64 {
        match (&self.terms[position], value) {
            (
                Term::Numeric {
                    slope,
                    centre,
                    present,
                    ..
                },
                Value::Number(number),
            ) => slope * (number - centre) + present,
            (Term::Numeric { missing, .. } | Term::Categorical { missing, .. }, Value::Missing) => {
                *missing
            }
            (Term::Categorical { levels, .. }, Value::Level(level)) => levels[level as usize],
            // An unseen level is read as the average applicant, who adds nothing.
            _ => 0.0,
        }
    }
}

struct Column {
    encoding: Encoding,
    slope: f64,
    mean: f64,
}

impl Column {
    fn at_level(&self, level: Option<u32>) -> f64 {
        self.slope * (self.encoding.level(level) - self.mean)
    }

    fn at_number(&self, number: Option<f64>) -> f64 {
        self.slope * (self.encoding.number(number) - self.mean)
    }
}

fn numeric(columns: &[Column]) -> Term {
    let value = columns
        .iter()
        .find(|column| matches!(column.encoding, Encoding::Value { .. }));
    let gaps = columns
        .iter()
        .filter(|column| matches!(column.encoding, Encoding::Gap));
    Term::Numeric {
        slope: value.map_or(0.0, |column| column.slope),
        centre: value.map_or(0.0, |column| column.mean),
        present: gaps.map(|column| column.at_number(Some(0.0))).sum(),
        missing: columns.iter().map(|column| column.at_number(None)).sum(),
    }
}
