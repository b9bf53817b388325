//! Why an application looks risky: the principal reasons behind its log-odds.
//!
//! Method `below_average_all_applicants`: a characteristic's contribution is its
//! effect on the log-odds of default against the average applicant of the
//! training data, one-hot columns and gap indicators folded into it. Reasons are
//! the harmful ones, largest first, at most four.

use super::schema::Characteristic;

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

/// What can be said about a characteristic, in a few words for an applicant.
/// They name the characteristic, never its value.
#[derive(Clone, Debug)]
pub struct Texts {
    high: String,
    low: String,
    level: String,
    missing: String,
}

impl Texts {
    /// The default words.
    pub fn of(characteristic: &Characteristic) -> Self {
        let name = characteristic.name.replace('_', " ");
        Self {
            high: format!("{name}: higher than average"),
            low: format!("{name}: lower than average"),
            level: format!("{name}: a category with more risk than average"),
            missing: format!("{name}: not given"),
        }
    }

    /// The words for one direction.
    pub fn get(&self, direction: Direction) -> &str {
        match direction {
            Direction::High => &self.high,
            Direction::Low => &self.low,
            Direction::Level => &self.level,
            Direction::Missing => &self.missing,
        }
    }
}
