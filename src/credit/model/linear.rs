//! Logistic regression on standardised features: what is stored, and one small table per
//! characteristic made of it for fast scoring.
//!
//! The contribution of a characteristic is the sum over its design-matrix
//! columns of weight * (x - mean) / sd. It depends on the characteristic's value
//! alone, so a level's contribution is looked up and a number's is one
//! multiplication; one-hot columns never exist while scoring.

use serde::{Deserialize, Serialize};

use super::Inconsistent;
use crate::credit::{
    features::{Encoding, FeatureSet, imputed},
    reasons::Direction,
    schema::{Characteristic, Kind, MissingPolicy, Schema},
    value::Value,
};

/// A logistic regression on standardised, one-hot encoded characteristics.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LinearModel {
    /// The columns of the design matrix and their scale.
    pub features: FeatureSet,
    /// Log-odds of default of the average applicant of the training rows,
    /// corrected for undersampling or class weights.
    pub intercept: f64,
    /// Log-odds per standard deviation, one per feature.
    pub weights: Vec<f64>,
}

impl LinearModel {
    /// Whether its parts fit together and to a schema of so many characteristics.
    pub(in crate::credit) fn check(&self, known: usize) -> Result<(), Inconsistent> {
        let set = &self.features;
        let columns = set.features.len();
        let scales = set.mean.iter().chain(&set.standard_deviation);
        let mut numbers = self.weights.iter().chain([&self.intercept]).chain(scales);
        let fits = self.weights.len() == columns
            && set.mean.len() == columns
            && set.standard_deviation.len() == columns
            && set
                .features
                .iter()
                .all(|feature| feature.characteristic < known)
            && numbers.all(|number| number.is_finite());
        if fits { Ok(()) } else { Err(Inconsistent) }
    }
}

/// Most log-odds that a number adds or takes away; from 750 on every probability is 0 or 1.
const MOST_LOG_ODDS: f64 = 1e100;

/// What each value of each characteristic adds to the log-odds of default.
#[derive(Debug)]
pub(in crate::credit) struct LinearScorer {
    intercept: f64,
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

impl LinearScorer {
    /// Folds the weights of `model` into one term per characteristic.
    pub(super) fn new(characteristics: &[Characteristic], model: &LinearModel) -> Self {
        let (set, weights) = (&model.features, &model.weights);
        let terms = characteristics
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
        Self {
            intercept: model.intercept,
            terms,
        }
    }

    /// Whether the model uses the characteristic at `position`.
    pub(super) fn uses(&self, position: usize) -> bool {
        !matches!(self.terms[position], Term::Unused)
    }

    /// Log-odds of default of an application.
    pub(super) fn log_odds(&self, row: &[Value]) -> f64 {
        let terms = row.iter().enumerate();
        terms.fold(self.intercept, |sum, (position, value)| {
            sum + self.contribution(position, *value)
        })
    }

    /// Log-odds of default of the average applicant.
    pub(super) fn intercept(&self) -> f64 {
        self.intercept
    }

    /// In which way `value`, which does harm, is unfavourable.
    pub(super) fn direction(&self, position: usize, value: Value) -> Direction {
        match (&self.terms[position], value) {
            (_, Value::Missing) => Direction::Missing,
            (_, Value::Unseen) => Direction::Unseen,
            (Term::Numeric { slope, .. }, Value::Number(_)) if *slope > 0.0 => Direction::High,
            (Term::Numeric { slope, .. }, Value::Number(_)) if *slope < 0.0 => Direction::Low,
            _ => Direction::Level,
        }
    }

    /// The least that any value of the training data adds to the log-odds.
    pub(super) fn least(&self, schema: &Schema, position: usize) -> f64 {
        let characteristic = &schema.characteristics[position];
        let known: Vec<Value> = match &characteristic.kind {
            Kind::Numeric {
                minimum, maximum, ..
            } => vec![Value::Number(*minimum), Value::Number(*maximum)],
            Kind::Categorical { levels, .. } => {
                let codes = (0_u32..).zip(levels);
                codes.map(|(code, _)| Value::Level(code)).collect()
            }
        };
        let learned = characteristic.missing == MissingPolicy::Learned;
        let gap = learned.then_some(Value::Missing);
        let terms = known.into_iter().chain(gap);
        let worth = terms.map(|value| self.contribution(position, value));
        worth.reduce(f64::min).unwrap_or(0.0)
    }

    /// What `value` of the characteristic at `position` adds to the log-odds.
    pub(super) fn contribution(&self, position: usize, value: Value) -> f64 {
        match (&self.terms[position], value) {
            (
                Term::Numeric {
                    slope,
                    centre,
                    present,
                    ..
                },
                Value::Number(number),
            ) => {
                // However absurd the number, sums with others stay numbers.
                let term = slope * (number - centre);
                term.clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS) + present
            }
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
