//! Signs of coefficients: imposed on a fit, or compared with what was expected of it.

use serde::{Deserialize, Serialize};

use super::fit::{FitError, LogisticFit};

/// Sign that a coefficient must have, or is expected to have; 0 is within either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Any.
    #[default]
    Free,
    /// At least 0: more of the column never lowers the odds of an event.
    NonNegative,
    /// At most 0: more of the column never raises the odds of an event.
    NonPositive,
}

impl Sign {
    /// Whether a positive coefficient is within it.
    pub fn allows_positive(self) -> bool {
        self != Self::NonPositive
    }

    /// Whether a negative coefficient is within it.
    pub fn allows_negative(self) -> bool {
        self != Self::NonNegative
    }

    /// The number nearest to `value` with this sign.
    pub(super) fn nearest(self, value: f64) -> f64 {
        match self {
            Self::NonNegative if value < 0.0 => 0.0,
            Self::NonPositive if value > 0.0 => 0.0,
            _ => value,
        }
    }
}

/// How a coefficient's sign compares with the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignVerdict {
    /// Nothing was expected.
    NothingExpected,
    /// The sign is the expected one.
    AsExpected,
    /// The coefficient is exactly 0: the column says nothing.
    Zero,
    /// The sign is the opposite one.
    Opposite,
}

/// One column of a sign report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignFinding {
    /// Its place in the design.
    pub column: usize,
    /// Sign that was expected.
    pub expected: Sign,
    /// Coefficient found.
    pub coefficient: f64,
    /// Two-sided p-value of the coefficient, if the fit has any: an opposite sign matters the more
    /// the smaller it is.
    pub p_value: Option<f64>,
    /// How they compare.
    pub verdict: SignVerdict,
}

/// Compares the sign of every coefficient with the expected one; the intercept is left out.
///
/// # Errors
/// [`FitError::SignCount`] unless there is one expectation per column.
pub fn sign_report(fit: &LogisticFit, expected: &[Sign]) -> Result<Vec<SignFinding>, FitError> {
    if expected.len() != fit.weights.len() {
        return Err(FitError::SignCount {
            columns: fit.weights.len(),
            signs: expected.len(),
        });
    }
    let pairs = fit.weights.iter().zip(expected).enumerate();
    let finding = |(column, (coefficient, expected)): (usize, (&f64, &Sign))| SignFinding {
        column,
        expected: *expected,
        coefficient: *coefficient,
        p_value: fit.inference.as_ref().map(|of| of.p_value[column + 1]),
        verdict: verdict(*coefficient, *expected),
    };
    Ok(pairs.map(finding).collect())
}

fn verdict(coefficient: f64, expected: Sign) -> SignVerdict {
    let within = if coefficient > 0.0 {
        expected.allows_positive()
    } else {
        expected.allows_negative()
    };
    match expected {
        Sign::Free => SignVerdict::NothingExpected,
        _ if coefficient == 0.0 => SignVerdict::Zero,
        _ if within => SignVerdict::AsExpected,
        _ => SignVerdict::Opposite,
    }
}
