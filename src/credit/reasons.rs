//! Why an application looks risky: the principal reasons behind its score.
//!
//! A characteristic's contribution is its effect on the log-odds of default against the applicants
//! that the model's [reference](super::model::ModelReference) describes, one-hot columns and gap
//! indicators folded into it. Reasons are the harmful ones, largest first, at most four. A
//! scorecard ranks them by the points lost, which is the same up to its scale.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    plan::ReasonTexts,
    schema::Characteristic,
    scorecard::{self, BinKind, Side},
};

pub use super::scorecard::MOST_REASONS;

/// One reason: a characteristic that raised the risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Position of the characteristic in the schema.
    pub characteristic: usize,
    /// In which way its value is unfavourable.
    pub direction: Direction,
    /// What it adds to the log-odds of default, more than 0.
    pub contribution: f64,
    /// The same in points, of a scorecard.
    pub points: Option<PointsLost>,
}

/// What a scorecard says of a reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointsLost {
    /// Position of the characteristic among the card's.
    pub entry: usize,
    /// Number of the bin that the value fell into.
    pub bin: u32,
    /// Points by which the bin is worse than the reference, more than 0.
    pub lost: f64,
}

/// The principal reasons for a score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reasons {
    found: [Option<Reason>; MOST_REASONS],
}

impl Reasons {
    /// The largest first; of equal ones the earlier characteristic.
    pub fn iter(&self) -> impl Iterator<Item = &Reason> {
        self.found.iter().flatten()
    }

    /// The at most four harmful ones of `contributions`, one per characteristic; `direction` tells
    /// in which way the value of one is unfavourable.
    pub(super) fn principal(
        contributions: &[f64],
        mut direction: impl FnMut(usize) -> Direction,
    ) -> Self {
        let mut worst = [(0.0, 0); MOST_REASONS];
        for (position, contribution) in contributions.iter().copied().enumerate() {
            let mut place = MOST_REASONS - 1;
            if contribution > worst[place].0 {
                worst[place] = (contribution, position);
                // Only past what is less, so that equal ones stay in their order.
                while place > 0 && worst[place - 1].0 < contribution {
                    worst.swap(place - 1, place);
                    place -= 1;
                }
            }
        }
        let found = worst.map(|(contribution, characteristic)| {
            (contribution > 0.0).then(|| Reason {
                characteristic,
                direction: direction(characteristic),
                contribution,
                points: None,
            })
        });
        Self { found }
    }

    /// The reasons of a scorecard whose characteristics have these positions in the schema.
    pub(super) fn of_card(reasons: &scorecard::Reasons, positions: &[u32]) -> Self {
        let mut found = [None; MOST_REASONS];
        for (place, reason) in found.iter_mut().zip(reasons.iter()) {
            *place = Some(Reason {
                characteristic: positions[reason.characteristic] as usize,
                direction: Direction::of_bin(reason.kind, reason.side),
                contribution: reason.contribution,
                points: Some(PointsLost {
                    entry: reason.characteristic,
                    bin: reason.bin,
                    lost: reason.points_lost,
                }),
            });
        }
        Self { found }
    }
}

/// In which way a value is unfavourable.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The number is too high.
    High,
    /// The number is too low.
    Low,
    /// The value or level carries more risk than the reference.
    Level,
    /// There is no value.
    Missing,
    /// The value is a special code or level.
    Special,
    /// The training data did not hold the level.
    Unseen,
}

impl Direction {
    fn of_bin(kind: BinKind, side: Option<Side>) -> Self {
        match (kind, side) {
            (BinKind::Missing, _) => Self::Missing,
            (BinKind::Special, _) => Self::Special,
            (BinKind::Unseen, _) => Self::Unseen,
            (BinKind::Clean, Some(Side::Above)) => Self::High,
            (BinKind::Clean, Some(Side::Below)) => Self::Low,
            (BinKind::Clean, None) => Self::Level,
        }
    }
}

/// What can be said about a characteristic, in a few words for an applicant.
/// They name the characteristic, never its value.
#[derive(Clone, Debug)]
pub struct Texts {
    high: String,
    low: String,
    level: String,
    missing: String,
    special: String,
    unseen: String,
}

impl Texts {
    /// The lender's words, and default ones where there are none.
    pub fn of(characteristic: &Characteristic, own: Option<&ReasonTexts>) -> Self {
        let name = characteristic.name.replace('_', " ");
        let own = own.cloned().unwrap_or_default();
        let or =
            |own: Option<String>, words: &str| own.unwrap_or_else(|| format!("{name}: {words}"));
        Self {
            high: or(own.high, "too high"),
            low: or(own.low, "too low"),
            level: or(own.level, "a value with more risk"),
            missing: or(own.missing, "not given"),
            special: or(own.special, "a special value with more risk"),
            unseen: or(own.unseen, "a value that is not known"),
        }
    }

    /// The words for one direction.
    pub fn get(&self, direction: Direction) -> &str {
        match direction {
            Direction::High => &self.high,
            Direction::Low => &self.low,
            Direction::Level => &self.level,
            Direction::Missing => &self.missing,
            Direction::Special => &self.special,
            Direction::Unseen => &self.unseen,
        }
    }
}
