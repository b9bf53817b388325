//! One characteristic under two binnings: what a change of its bins costs or gains.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fitted::Binning;

/// How much a binning tells, and how stable it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = BinningQuality)]
pub struct Quality {
    /// Information value on the rows it was made from.
    pub iv: f64,
    /// Gini of its weight of evidence on those rows, −1..=1.
    pub gini: f64,
    /// Population stability index of its bins between those rows and others, 0 or more; `None`
    /// without others, and where it is undefined.
    pub psi: Option<f64>,
}

/// Two binnings of the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub before: Quality,
    /// The second.
    pub after: Quality,
    /// Second less first.
    pub difference: Quality,
}

/// Share that an empty bin is given in a population stability index.
const EMPTY_SHARE: f64 = 1e-4;

impl Quality {
    /// Quality of `binning`; `others` counts other rows in its bins, one number for each, such as
    /// [`Binning::counts_of`] gives.
    pub fn of(binning: &Binning, others: Option<&[f64]>) -> Self {
        let table = binning.table();
        let own: Vec<f64> = table.rows.iter().map(|row| row.count).collect();
        Self {
            iv: table.totals.iv,
            gini: table.gini(),
            psi: others.and_then(|others| population_stability_index(&own, others, EMPTY_SHARE)),
        }
    }
}

/// What changes from `before` to `after`, two binnings of the same rows.
///
/// `others` counts a second set of rows (a test sample, a later month) in the bins of each; with
/// it, the comparison tells whether the change makes the characteristic more stable. The index
/// takes an empty bin's share for 0.0001.
pub fn compare(before: &Binning, after: &Binning, others: Option<(&[f64], &[f64])>) -> Comparison {
    let before = Quality::of(before, others.map(|(before, _)| before));
    let after = Quality::of(after, others.map(|(_, after)| after));
    Comparison {
        before,
        after,
        difference: Quality {
            iv: after.iv - before.iv,
            gini: after.gini - before.gini,
            psi: after
                .psi
                .zip(before.psi)
                .map(|(after, before)| after - before),
        },
    }
}

/// Population stability index `Σ (actual − expected) ln(actual / expected)` over shares of bins.
///
/// It is 0 or more (Siddiqi, *Credit Risk Scorecards*, 2006). `expected` and `actual` are rows of
/// each bin, or their weights.
///
/// A share of 0 on one side is replaced by `empty_share`, the others staying as they are; a bin
/// that is empty on both sides does not count. `None` if the bins differ in number, either side has
/// no rows, a count is negative or not finite, or `empty_share` is not in `0..=1` or is 0.
pub fn population_stability_index(
    expected: &[f64],
    actual: &[f64],
    empty_share: f64,
) -> Option<f64> {
    let total = |counts: &[f64]| {
        let sound = counts.iter().all(|count| *count >= 0.0);
        let total: f64 = counts.iter().sum();
        (sound && total > 0.0 && total.is_finite()).then_some(total)
    };
    let (expected_total, actual_total) = (total(expected)?, total(actual)?);
    if expected.len() != actual.len() || !(empty_share > 0.0 && empty_share <= 1.0) {
        return None;
    }
    let share = |count: f64, total: f64| {
        if count > 0.0 {
            count / total
        } else {
            empty_share
        }
    };
    let term = |(&expected, &actual): (&f64, &f64)| {
        let (expected, actual) = (share(expected, expected_total), share(actual, actual_total));
        (actual - expected) * libm::log(actual / expected)
    };
    Some(expected.iter().zip(actual).map(term).sum())
}
