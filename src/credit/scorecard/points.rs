//! Points of bins: kept digits, rounding and its error.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ScorecardError;

/// Most points, positive or negative, that a bin may have.
const MOST_POINTS: f64 = 1e9;

/// `points` to 15 significant digits and no more than 14 decimals.
///
/// Such a decimal is the quotient of two whole numbers that `f64` holds exactly, so even a parser
/// that does no more than divide them reads it back to the last bit.
fn kept(points: f64) -> f64 {
    let text = if points.abs() < 1.0 {
        format!("{points:.14}")
    } else {
        format!("{points:.14e}")
    };
    // Adding zero turns a negative zero into a positive one.
    text.parse().unwrap_or(points) + 0.0
}

/// `points` as they are kept, if they are in range; `name` tells whose they are.
pub(super) fn checked(points: f64, name: impl FnOnce() -> String) -> Result<f64, ScorecardError> {
    if points.abs() <= MOST_POINTS {
        Ok(kept(points))
    } else {
        Err(ScorecardError::TooLarge { name: name() })
    }
}

/// The nearest whole number, the upper one of two that are equally near.
///
/// `points` must not exceed [`MOST_POINTS`].
pub(super) fn rounded(points: f64) -> i32 {
    let below = points.floor();
    // `(points + 0.5).floor()` would itself round, and so lift 0.49999999999999994 to 1.
    let up = points - below >= 0.5;
    below as i32 + i32::from(up)
}

/// How far a score of rounded points may be from the raw one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScorecardRoundingError)]
pub struct RoundingError {
    /// What no rounding of this many numbers can exceed: half a point for each.
    pub bound: f64,
    /// Least difference, rounded less raw, of any combination of bins.
    pub lowest: f64,
    /// Greatest difference, rounded less raw, of any combination of bins.
    pub highest: f64,
}

impl RoundingError {
    /// The greatest difference in either direction.
    pub fn largest(&self) -> f64 {
        self.highest.abs().max(self.lowest.abs())
    }

    /// Adds so many numbers of the sum, with the bounds of what rounding them adds to it.
    pub(super) fn add(&mut self, numbers: usize, (lowest, highest): (f64, f64)) {
        self.bound += 0.5 * numbers as f64;
        self.lowest += lowest;
        self.highest += highest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up_and_what_is_less_goes_down() {
        let halves = [0.5, -0.5, 1.5, -1.5, 0.499_999_999_999_999_94, -2.0].map(rounded);
        assert_eq!(halves, [1, 0, 2, -1, 0, -2]);
    }

    #[test]
    fn kept_points_have_no_more_than_fifteen_digits() {
        let found = [128.357_586_232_019_03, 0.1 + 0.2, -1e-20, 1.0 / 3.0].map(kept);
        assert_eq!(
            found.map(f64::to_bits),
            [128.357_586_232_019, 0.3, 0.0, 0.333_333_333_333_33].map(f64::to_bits)
        );
    }
}
