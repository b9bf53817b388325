//! Tests of whether the probabilities can be right.

use super::super::distributions::chi_square_p_value;
use super::super::two_sided_p_value;
use super::MetricError;
use super::steps::check_probabilities;

/// Result of a Hosmer-Lemeshow test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HosmerLemeshow {
    /// `Σ (O - E)² / E` over events and non-events of all groups.
    pub statistic: f64,
    /// Groups less the parameters that were estimated on these rows.
    pub degrees_of_freedom: u32,
    /// Chance of such a statistic when the probabilities are right; small speaks against them.
    pub p_value: f64,
}

/// Result of Spiegelhalter's test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spiegelhalter {
    /// Excess of the Brier score over its expectation, in standard deviations.
    pub z: f64,
    /// Two-sided normal p-value of `z`.
    pub p_value: f64,
}

/// Hosmer-Lemeshow test over `groups` groups of as equal size as possible (Hosmer and Lemeshow 1980).
///
/// `estimated` is 2 for rows that the probabilities were fitted on, however many coefficients that
/// took (simulations of the paper), and 0 for other rows (Hosmer, Lemeshow and Sturdivant 2013).
///
/// Rows are sorted by probability, ties in their given order; the row of rank `i` of `n`, counted
/// from 0, falls into group `⌊i · groups / n⌋`. Rows tied over a border therefore make the statistic
/// depend on their order, as it does in every implementation that fills groups by count.
///
/// # Errors
/// [`MetricError`]; [`MetricError::Groups`] for fewer than 3 groups, fewer rows than groups, or no
/// more groups than `estimated`;
/// [`MetricError::Undefined`] when a group was certain of what did not happen.
pub fn hosmer_lemeshow(
    p: &[f64],
    events: &[bool],
    groups: usize,
    estimated: u32,
) -> Result<HosmerLemeshow, MetricError> {
    check_probabilities(p, events)?;
    let rows = p.len();
    if groups < 3 || rows < groups || groups <= estimated as usize {
        return Err(MetricError::Groups { rows, groups });
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by(|&a, &b| (p[a] + 0.0).total_cmp(&(p[b] + 0.0)));
    let mut statistic = 0.0;
    let mut from = 0;
    for group in 1..=groups {
        // The first rank of the next group: the smallest i with i · groups >= group · rows.
        let to = (group * rows).div_ceil(groups);
        statistic += group_term(p, events, &order[from..to]);
        from = to;
    }
    if !statistic.is_finite() {
        return Err(MetricError::Undefined);
    }
    let groups = u32::try_from(groups).unwrap_or(u32::MAX);
    let degrees_of_freedom = groups - estimated;
    Ok(HosmerLemeshow {
        statistic,
        degrees_of_freedom,
        p_value: chi_square_p_value(statistic, degrees_of_freedom),
    })
}

/// `(O - E)² / E` of a group's events and non-events together.
fn group_term(p: &[f64], events: &[bool], members: &[usize]) -> f64 {
    let observed = members.iter().filter(|&&row| events[row]).count() as f64;
    let expected: f64 = members.iter().map(|&row| p[row]).sum();
    let miss = observed - expected;
    // A group that foresaw its outcome with certainty adds nothing, rather than 0/0.
    if miss == 0.0 {
        0.0
    } else {
        miss * miss / (expected * (1.0 - expected / members.len() as f64))
    }
}

/// Spiegelhalter's test, `z = Σ (y - p)(1 - 2p) / √(Σ (1 - 2p)² p (1 - p))` (Spiegelhalter 1986).
///
/// It asks whether the Brier score is what right probabilities would earn; no bins are involved.
///
/// # Errors
/// [`MetricError`]; [`MetricError::Undefined`] when every probability is 0, ½ or 1.
pub fn spiegelhalter(p: &[f64], events: &[bool]) -> Result<Spiegelhalter, MetricError> {
    check_probabilities(p, events)?;
    let (mut excess, mut variance) = (0.0, 0.0);
    for (p, event) in p.iter().zip(events) {
        let outcome = f64::from(u8::from(*event));
        let lean = 1.0 - 2.0 * p;
        excess += (outcome - p) * lean;
        variance += lean * lean * p * (1.0 - p);
    }
    let z = excess / variance.sqrt();
    if z.is_finite() {
        Ok(Spiegelhalter {
            z,
            p_value: two_sided_p_value(z),
        })
    } else {
        Err(MetricError::Undefined)
    }
}

/// Observed events per expected event, `Σ y / Σ p`; 1 is right, more means risk was underrated.
///
/// # Errors
/// [`MetricError`]; [`MetricError::Undefined`] when no event was expected.
pub fn observed_to_expected(p: &[f64], events: &[bool]) -> Result<f64, MetricError> {
    check_probabilities(p, events)?;
    let observed = events.iter().filter(|event| **event).count() as f64;
    let expected: f64 = p.iter().sum();
    let quotient = observed / expected;
    if quotient.is_finite() {
        Ok(quotient)
    } else {
        Err(MetricError::Undefined)
    }
}
