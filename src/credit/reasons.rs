//! Why an application looks risky: the principal reasons behind its log-odds.
//!
//! Method `below_average_all_applicants`: a characteristic's contribution is its
//! effect on the log-odds of default against the average applicant of the
//! training data, one-hot columns and gap indicators folded into it. Reasons are
//! the harmful ones, largest first, at most four.

use super::{
    application::Value,
    model::CreditModel,
    schema::{Characteristic, Kind},
};

/// Name of the method, given with every answer.
pub const METHOD: &str = "below_average_all_applicants";

/// Most reasons one answer gives: more are not likely to help an applicant.
pub const MOST_REASONS: usize = 4;

/// The principal reasons: (position of the characteristic, contribution).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reasons {
    found: [(usize, f64); MOST_REASONS],
    count: usize,
}

impl Reasons {
    /// Largest contribution first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        self.found[..self.count].iter().copied()
    }
}

/// The at most four harmful contributions, largest first; of equal ones the
/// earlier characteristic goes first.
pub fn principal(contributions: &[f64]) -> Reasons {
    let mut reasons = Reasons::default();
    for (position, contribution) in contributions.iter().copied().enumerate() {
        if contribution <= 0.0 {
            continue;
        }
        let place = reasons
            .iter()
            .take_while(|(_, other)| *other >= contribution)
            .count();
        if place < MOST_REASONS {
            reasons.count = (reasons.count + 1).min(MOST_REASONS);
            reasons.found[place..reasons.count].rotate_right(1);
            reasons.found[place] = (position, contribution);
        }
    }
    reasons
}

/// In which way a value is unfavourable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The number is higher than the average applicant's.
    High,
    /// The number is lower than the average applicant's.
    Low,
    /// The level carries more risk than the average applicant's.
    Level,
    /// There is no value.
    Missing,
}

impl CreditModel {
    /// In which way `value` differs from the average applicant's.
    pub fn direction(&self, position: usize, value: Value) -> Direction {
        match value {
            Value::Number(number) => {
                let mean = self.body().features.features.iter().position(|feature| {
                    feature.characteristic == position
                        && matches!(feature.encoding, super::features::Encoding::Value { .. })
                });
                let mean = mean.map_or(0.0, |column| self.body().features.mean[column]);
                if number >= mean {
                    Direction::High
                } else {
                    Direction::Low
                }
            }
            Value::Missing => Direction::Missing,
            Value::Level(_) | Value::Unseen | Value::Unused => Direction::Level,
        }
    }
}

/// One sentence for an applicant; it names the characteristic, not the value.
pub fn text(characteristic: &Characteristic, direction: Direction) -> String {
    let name = characteristic.name.replace('_', " ");
    match (direction, &characteristic.kind) {
        (Direction::High, _) => format!("{name}: higher than that of the average applicant"),
        (Direction::Low, _) => format!("{name}: lower than that of the average applicant"),
        (Direction::Missing, _) => format!("{name}: not given"),
        (Direction::Level, Kind::Categorical { .. } | Kind::Numeric { .. }) => {
            format!("{name}: this category carries more risk than the average applicant's")
        }
    }
}
