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
    inputs::{Inputs, Values},
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

/// Rows that are scored together.
const BLOCK: usize = 256;

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
        line: Line,
        missing: f64,
    },
    Categorical {
        levels: Vec<f64>,
        missing: f64,
    },
}

/// What a number adds to the log-odds.
#[derive(Debug)]
struct Line {
    slope: f64,
    centre: f64,
    /// Added to every number, because it is there.
    present: f64,
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
            (Term::Numeric { line, .. }, Value::Number(_)) if line.slope > 0.0 => Direction::High,
            (Term::Numeric { line, .. }, Value::Number(_)) if line.slope < 0.0 => Direction::Low,
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
            (Term::Numeric { line, .. }, Value::Number(number)) => line.at(number),
            (Term::Numeric { missing, .. } | Term::Categorical { missing, .. }, Value::Missing) => {
                *missing
            }
            (Term::Categorical { levels, .. }, Value::Level(level)) => levels[level as usize],
            // An unseen level is read as the average applicant, who adds nothing.
            _ => 0.0,
        }
    }

    /// As [`log_odds`](Self::log_odds) of `rows` of `inputs`, column by column: the same to the last
    /// bit.
    pub(super) fn log_odds_of(&self, inputs: Inputs<'_>, rows: &[usize]) -> Vec<f64> {
        let mut log_odds = vec![self.intercept; rows.len()];
        for (sums, rows) in log_odds.chunks_mut(BLOCK).zip(rows.chunks(BLOCK)) {
            for (term, values) in self.terms.iter().zip(inputs.values) {
                term.add(values, rows, sums);
            }
        }
        log_odds
    }
}

impl Term {
    /// Adds to `sums` what it makes of the values of `rows`.
    fn add(&self, values: &Values, rows: &[usize], sums: &mut [f64]) {
        let places = sums.iter_mut().zip(rows);
        match (self, values) {
            (Self::Numeric { line, missing }, Values::Numeric(values)) => {
                for (sum, row) in places {
                    let value = values[*row];
                    *sum += if value.is_nan() {
                        *missing
                    } else {
                        line.at(value)
                    };
                }
            }
            (Self::Categorical { levels, missing }, Values::Categorical(codes)) => {
                for (sum, row) in places {
                    let level = levels.get(codes[*row] as usize);
                    *sum += level.copied().unwrap_or(*missing);
                }
            }
            // Values are of their characteristic's kind.
            _ => {}
        }
    }
}

impl Line {
    fn at(&self, number: f64) -> f64 {
        // However absurd the number, sums with others stay numbers.
        let term = self.slope * (number - self.centre);
        term.clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS) + self.present
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
        line: Line {
            slope: value.map_or(0.0, |column| column.slope),
            centre: value.map_or(0.0, |column| column.mean),
            present: gaps.map(|column| column.at_number(Some(0.0))).sum(),
        },
        missing: columns.iter().map(|column| column.at_number(None)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credit::{
        features::{Feature, layout},
        schema::UnseenPolicy,
        table::MISSING,
    };

    fn characteristic(name: &str, kind: Kind, missing: MissingPolicy) -> Characteristic {
        Characteristic {
            name: name.to_owned(),
            kind,
            missing,
            missing_share: 0.1,
        }
    }

    #[test]
    fn rows_score_column_by_column_as_they_do_one_by_one() {
        let amount = Kind::Numeric {
            minimum: -3.0,
            maximum: 9.0,
            median: 1.5,
        };
        let grade = Kind::Categorical {
            levels: vec!["a".to_owned(), "b".to_owned()],
            counts: vec![200, 300],
            unseen: UnseenPolicy::default(),
        };
        let known = [
            characteristic("amount", amount.clone(), MissingPolicy::Learned),
            characteristic("grade", grade, MissingPolicy::Impute),
            characteristic("other", amount, MissingPolicy::Reject),
        ];
        let selected = ["amount", "grade"].map(str::to_owned);
        let features: Vec<Feature> = layout(&known, Some(&selected)).unwrap();
        let columns = features.len();
        let model = LinearModel {
            intercept: -1.25,
            weights: (0..columns).map(|at| 0.3 - 0.41 * at as f64).collect(),
            features: FeatureSet {
                features,
                mean: vec![0.37; columns],
                standard_deviation: vec![1.7; columns],
            },
        };
        let scorer = LinearScorer::new(&known, &model);
        let number = |row: usize| match row % 10 {
            3 => f64::NAN,
            _ => (row * 37 % 101) as f64 / 9.0 - 2.0,
        };
        let numbers: Arc<Vec<f64>> = Arc::new((0..600).map(number).collect());
        let code = |row: u32| if row % 10 == 5 { MISSING } else { row % 2 };
        let values = [
            Values::Numeric(Arc::clone(&numbers)),
            Values::Categorical((0..600).map(code).collect()),
            Values::Numeric(numbers),
        ];
        let inputs = Inputs {
            characteristics: &known,
            values: &values,
        };
        let rows: Vec<usize> = (0..600).filter(|row| row % 7 != 2).rev().collect();
        let mut application = Vec::new();
        for (row, found) in rows.iter().zip(scorer.log_odds_of(inputs, &rows)) {
            inputs.row(*row, &mut application);
            assert_eq!(found.to_bits(), scorer.log_odds(&application).to_bits());
        }
    }
}
