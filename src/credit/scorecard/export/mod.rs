//! A scorecard for other systems; every form gives the points of
//! [`Card::score`](super::Card::score), raw ones to the last bit where doubles are added (see
//! [`sql()`]).
//!
//! Names of characteristics and levels are foreign text: whatever stands in them, it stays text.

mod csv;
mod document;
mod number;
mod python;
mod sql;

pub use csv::csv;
pub use document::{BasePoints, BinDocument};
pub use document::{CardDocument, CharacteristicDocument, CodeDocument, LevelDocument};
pub use document::{PairCellDocument, PairDocument};
pub use python::python;
pub use sql::{SqlCard, SqlCharacteristic, SqlPair, sql};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Card;

/// Which points an export adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScorecardPoints)]
pub enum Points {
    /// As they come from the model.
    Raw,
    /// Whole numbers.
    #[default]
    Rounded,
}

impl Points {
    /// Points of every bin of a characteristic, each as it is written.
    fn of(self, card: &Card, characteristic: usize) -> Vec<String> {
        match self {
            Self::Raw => card.points(characteristic).map(number::decimal).collect(),
            Self::Rounded => card
                .rounded_points(characteristic)
                .map(|p| p.to_string())
                .collect(),
        }
    }

    /// Points of every cell of a pair, each as it is written.
    fn of_pair(self, card: &Card, pair: usize) -> Vec<String> {
        match self {
            Self::Raw => card.pair_points(pair).map(number::decimal).collect(),
            Self::Rounded => card
                .pair_rounded_points(pair)
                .map(|p| p.to_string())
                .collect(),
        }
    }

    /// Base points as they are written.
    fn base(self, card: &Card) -> String {
        match (self, card.base_points()) {
            (Self::Raw, (raw, _)) => number::decimal(raw),
            (Self::Rounded, (_, rounded)) => rounded.to_string(),
        }
    }
}
