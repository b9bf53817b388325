//! Forests and boosted trees: what is stored, and how an application is read for them.

use serde::{Deserialize, Serialize};

use super::Inconsistent;
use crate::{
    credit::{
        schema::{Kind, Schema},
        value::Value,
    },
    stats::{
        LineError, LogOddsLine, logit,
        trees::{ColumnReading, GradientBoosting, RandomForest, TreeEnsemble},
    },
};

/// Smallest probability that a forest's log-odds are told of: a leaf of one class says 0 or 1.
const LEAST_PROBABILITY: f64 = 1e-6;

/// Trees over characteristics.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TreesModel {
    /// The trees.
    pub trees: Trees,
    /// Position in the schema of each of the trees' columns.
    pub positions: Vec<u32>,
    /// What is done to the trees' log-odds: calibration, and the correction for undersampling,
    /// class weights or another population.
    pub line: LogOddsLine,
}

/// How trees make log-odds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Trees {
    /// Their values are added up.
    Boosting(GradientBoosting),
    /// Their probabilities are averaged.
    Forest(RandomForest),
}

impl Trees {
    /// Log-odds of default of a row of numbers.
    pub(in crate::credit) fn log_odds(&self, row: &[f64]) -> f64 {
        match self {
            Self::Boosting(model) => model.log_odds(row),
            Self::Forest(model) => bounded_logit(model.probability(row)),
        }
    }

    /// The trees.
    pub fn ensemble(&self) -> &TreeEnsemble {
        match self {
            Self::Boosting(model) => model.ensemble(),
            Self::Forest(model) => model.ensemble(),
        }
    }

    /// Share of each column in what the splits achieve; they add up to 1, or are all 0 without a
    /// split.
    pub fn importances(&self) -> Vec<f64> {
        match self {
            Self::Boosting(model) => model.gain_importances(),
            Self::Forest(model) => model.importances().to_vec(),
        }
    }
}

/// Log-odds of a probability, those of 1e-6 or 1 - 1e-6 at most.
pub(super) fn bounded_logit(probability: f64) -> f64 {
    logit(probability.clamp(LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY))
}

impl TreesModel {
    /// Roughly the bytes it takes, ready for use.
    pub(super) fn weight(&self) -> usize {
        const NODE: usize = 64;
        let trees = self.trees.ensemble().trees().iter();
        trees.map(|tree| tree.len() * NODE).sum()
    }

    /// The same with its log-odds moved along `line`.
    pub(super) fn recalibrated(self, line: &LogOddsLine) -> Result<Self, LineError> {
        let intercept = line.log_odds(self.line.intercept());
        Ok(Self {
            line: LogOddsLine::new(intercept, self.line.slope() * line.slope())?,
            ..self
        })
    }

    /// Whether its parts fit together and to `schema`.
    pub(super) fn check(&self, schema: &Schema) -> Result<(), Inconsistent> {
        let readings = self.trees.ensemble().readings();
        let mut used = vec![false; schema.characteristics.len()];
        let fits = readings.len() == self.positions.len()
            && readings.iter().zip(&self.positions).all(|(reading, at)| {
                let found = schema.characteristics.get(*at as usize);
                let fits = found.is_some_and(|it| {
                    matches!(
                        (&it.kind, reading),
                        (Kind::Numeric { .. }, ColumnReading::Numeric)
                            | (Kind::Categorical { .. }, ColumnReading::Categories(_))
                    )
                });
                // No characteristic twice.
                fits && !std::mem::replace(&mut used[*at as usize], true)
            });
        if fits { Ok(()) } else { Err(Inconsistent) }
    }

    /// Characteristics that a split asks for.
    pub(super) fn width(&self) -> usize {
        let importances = self.trees.importances();
        importances.iter().filter(|it| **it > 0.0).count()
    }
}

/// Scores applications by trees.
#[derive(Debug)]
pub(in crate::credit) struct TreesScorer {
    pub(super) trees: Trees,
    pub(super) line: LogOddsLine,
    /// Position in the schema of each column.
    pub(super) positions: Vec<u32>,
    /// Whether any split asks for the characteristic at each position.
    used: Vec<bool>,
}

impl TreesScorer {
    pub(super) fn new(schema: &Schema, model: &TreesModel) -> Self {
        let mut used = vec![false; schema.characteristics.len()];
        for (position, importance) in model.positions.iter().zip(model.trees.importances()) {
            used[*position as usize] = importance > 0.0;
        }
        Self {
            trees: model.trees.clone(),
            line: model.line,
            positions: model.positions.clone(),
            used,
        }
    }

    /// Whether the model uses the characteristic at `position`.
    pub(super) fn uses(&self, position: usize) -> bool {
        self.used[position]
    }

    /// `row` as the trees read it, written over `numbers`.
    pub(super) fn read(&self, row: &[Value], numbers: &mut Vec<f64>) {
        numbers.clear();
        numbers.extend(self.positions.iter().map(|at| number(row[*at as usize])));
    }

    /// Log-odds of default of what [`read`](Self::read) gave.
    pub(super) fn log_odds(&self, numbers: &[f64]) -> f64 {
        self.line.log_odds(self.trees.log_odds(numbers))
    }
}

/// A value as trees read it; NaN is missing, and so is a level that training did not hold.
fn number(value: Value) -> f64 {
    match value {
        Value::Number(number) => number,
        Value::Level(code) => f64::from(code),
        Value::Missing | Value::Unseen | Value::Unused => f64::NAN,
    }
}
