//! A trained model: data that is stored, and the tables made from it to score.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    ModelType,
    cutoff::{Cutoff, Decision, confidence, decide},
    features::FeatureSet,
    reasons::{Direction, Reasons, Texts, principal},
    schema::{Kind, Schema},
    scorer::Scorer,
    value::Value,
};
use crate::stats::sigmoid;

/// Everything a model is, as it is stored: data, never code.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ModelBody {
    /// Kind of model.
    pub model_type: ModelType,
    /// What an application looks like.
    pub schema: Schema,
    /// The columns of the design matrix and their scale.
    pub features: FeatureSet,
    /// Log-odds of default of the average applicant of the training rows,
    /// corrected for undersampling or class weights.
    pub intercept: f64,
    /// Log-odds per standard deviation, one per feature.
    pub weights: Vec<f64>,
    /// The boundary the model's own decisions use.
    pub cutoff: Cutoff,
}

/// A model ready to assess applications.
#[derive(Debug)]
pub struct CreditModel {
    body: ModelBody,
    scorer: Scorer,
    positions: HashMap<String, usize>,
    texts: Vec<Texts>,
}

/// The answer to one application.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Log-odds of default: the base plus every contribution.
    pub log_odds: f64,
    /// 1 / (1 + exp(-log-odds)), 0..=1.
    pub probability_of_default: f64,
    /// Approve or decline at the threshold that was asked for.
    pub decision: Decision,
    /// Distance from the threshold, 0..=1.
    pub confidence: f64,
    /// The characteristics that raised the risk most, largest first.
    pub reasons: Reasons,
    /// What is unusual about the application.
    pub flags: Vec<Flag>,
}

/// Something unusual about one characteristic of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Position of the characteristic in the schema.
    pub characteristic: usize,
    /// What is unusual.
    pub kind: FlagKind,
}

/// What can be unusual about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// There is no value.
    Missing,
    /// The training data did not hold this level.
    Unseen,
    /// The number lies outside the range of the training data.
    OutOfRange,
}

/// Why a stored body is no model.
#[derive(Debug, thiserror::Error)]
#[error("the model's parts do not fit together")]
pub struct Inconsistent;

impl CreditModel {
    /// Makes a model of its stored body.
    ///
    /// # Errors
    /// [`Inconsistent`] when the parts do not fit together.
    pub fn new(body: ModelBody) -> Result<Self, Inconsistent> {
        let columns = body.features.features.len();
        let known = body.schema.characteristics.len();
        let fits = body.weights.len() == columns
            && body.features.mean.len() == columns
            && body.features.standard_deviation.len() == columns
            && body
                .features
                .features
                .iter()
                .all(|feature| feature.characteristic < known)
            && body
                .weights
                .iter()
                .chain([&body.intercept])
                .all(|number| number.is_finite());
        if !fits {
            return Err(Inconsistent);
        }
        let scorer = Scorer::new(&body.schema, &body.features, &body.weights);
        let names = body.schema.characteristics.iter().map(|c| c.name.clone());
        let positions = names.zip(0..).collect();
        let texts = body.schema.characteristics.iter().map(Texts::of).collect();
        Ok(Self {
            body,
            scorer,
            positions,
            texts,
        })
    }

    /// The stored part.
    pub fn body(&self) -> &ModelBody {
        &self.body
    }

    /// What an application looks like.
    pub fn schema(&self) -> &Schema {
        &self.body.schema
    }

    /// Whether the model uses the characteristic at `position`.
    pub fn uses(&self, position: usize) -> bool {
        self.scorer.uses(position)
    }

    /// The position of the characteristic called `name`; `expected` is tried first.
    pub fn position(&self, name: &str, expected: usize) -> Option<usize> {
        let characteristics = &self.body.schema.characteristics;
        if characteristics
            .get(expected)
            .is_some_and(|c| c.name == name)
        {
            return Some(expected);
        }
        self.positions.get(name).copied()
    }

    /// In which way `value` differs from the average applicant's.
    pub fn direction(&self, position: usize, value: Value) -> Direction {
        match value {
            Value::Number(number) if number >= self.scorer.centre(position) => Direction::High,
            Value::Number(_) => Direction::Low,
            Value::Missing => Direction::Missing,
            Value::Level(_) | Value::Unseen | Value::Unused => Direction::Level,
        }
    }

    /// What can be said about the characteristic at `position`.
    pub fn texts(&self, position: usize) -> &Texts {
        &self.texts[position]
    }

    /// Log-odds of default of the average applicant: where contributions start.
    pub fn base_log_odds(&self) -> f64 {
        self.body.intercept
    }

    /// Assesses one application. `contributions` is filled with what each
    /// characteristic adds to the log-odds, in the schema's order; base plus
    /// their sum, taken in that order, is the log-odds exactly.
    pub fn assess(
        &self,
        row: &[Value],
        threshold: f64,
        contributions: &mut Vec<f64>,
    ) -> Assessment {
        contributions.clear();
        let mut log_odds = self.body.intercept;
        let mut flags = Vec::new();
        for (position, value) in row.iter().enumerate() {
            let contribution = self.scorer.contribution(position, *value);
            contributions.push(contribution);
            log_odds += contribution;
            if let Some(kind) = self.flag(position, *value) {
                flags.push(Flag {
                    characteristic: position,
                    kind,
                });
            }
        }
        let probability_of_default = sigmoid(log_odds);
        Assessment {
            log_odds,
            probability_of_default,
            decision: decide(probability_of_default, threshold),
            confidence: confidence(probability_of_default, threshold),
            reasons: principal(contributions),
            flags,
        }
    }

    fn flag(&self, position: usize, value: Value) -> Option<FlagKind> {
        match (value, &self.body.schema.characteristics[position].kind) {
            (Value::Missing, _) => Some(FlagKind::Missing),
            (Value::Unseen, _) => Some(FlagKind::Unseen),
            (
                Value::Number(number),
                Kind::Numeric {
                    minimum, maximum, ..
                },
            ) => (number < *minimum || number > *maximum).then_some(FlagKind::OutOfRange),
            _ => None,
        }
    }
}
