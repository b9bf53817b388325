//! What a model expects of an application, learnt from the training data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The input variables of a data set and what is known about each.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Schema {
    /// Column that held the outcome.
    pub target: String,
    /// Value of the target that means default.
    pub event: String,
    /// Input variables in the order of the data set.
    pub characteristics: Vec<Characteristic>,
}

impl Schema {
    /// The names of the characteristics whose values are texts.
    pub fn categorical_names(&self) -> impl Iterator<Item = &str> {
        let is_text = |it: &&Characteristic| matches!(it.kind, Kind::Categorical { .. });
        self.characteristics
            .iter()
            .filter(is_text)
            .map(|it| it.name.as_str())
    }
}

/// One input variable of an application.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Characteristic {
    /// Name of the field in an application.
    pub name: String,
    /// What values it takes.
    pub kind: Kind,
    /// What an application without it means.
    pub missing: MissingPolicy,
    /// Share of the training rows without it, 0..=1.
    pub missing_share: f64,
}

/// The values of a characteristic.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A finite number.
    Numeric {
        /// Smallest value in the data set; below it an answer is flagged.
        minimum: f64,
        /// Largest value in the data set; above it an answer is flagged.
        maximum: f64,
        /// Median of the data set, in the characteristic's own unit.
        median: f64,
    },
    /// One of a closed set of texts.
    Categorical {
        /// The levels of the data set in byte-wise order.
        levels: Vec<String>,
        /// Rows of the data set per level.
        counts: Vec<u64>,
        /// What a level that is not listed means.
        unseen: UnseenPolicy,
    },
}

/// What an application without a value means.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingPolicy {
    /// It is refused: the training data always had the value.
    Reject,
    /// It is a value of its own, with an effect learnt from the data.
    Learned,
    /// It is read as the typical value: the median or the most frequent level.
    Impute,
}

/// What a level that the training data did not hold means.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnseenPolicy {
    /// It contributes nothing, as the average applicant does, and is flagged.
    #[default]
    Average,
    /// It is refused.
    Reject,
}

impl Schema {
    /// The position of the characteristic called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.characteristics.iter().position(|c| c.name == name)
    }
}

impl Characteristic {
    /// The levels in byte-wise order; none of numbers.
    pub fn levels(&self) -> &[String] {
        match &self.kind {
            Kind::Numeric { .. } => &[],
            Kind::Categorical { levels, .. } => levels,
        }
    }

    /// The most frequent level; the first in byte-wise order on a tie.
    pub fn most_frequent_level(&self) -> Option<usize> {
        match &self.kind {
            Kind::Numeric { .. } => None,
            Kind::Categorical { counts, .. } => {
                let most = counts.iter().max()?;
                counts.iter().position(|count| count == most)
            }
        }
    }
}
