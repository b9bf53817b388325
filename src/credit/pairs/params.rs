//! How pairs are sought: settings, their defaults and their ranges.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credit::{binning::ParamFault, scorecard::MOST_PAIRS};

/// Settings of a search for pairs, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PairParams {
    /// Pairs at most, 0..=100; fewer if no more tell anything.
    pub most: u32,
    /// Groups of a characteristic's bins at most, 2..=32.
    pub max_groups: u32,
    /// Penalty in the logarithm of the rows for each degree of freedom of a table, 0..=100; ½ is
    /// Schwarz's criterion (BIC).
    pub penalty: f64,
    /// Precision of the prior of each cell's log-odds, whose mean is 0, 0.01..=1e6.
    pub shrinkage: f64,
}

impl Default for PairParams {
    /// 10 pairs of up to 8 groups, Schwarz's criterion, and a prior of deviation 1.
    ///
    /// In cross-validation on public loan data of 30,000 rows, 4 or 16 groups, deviations of 0.6 to
    /// 1.8 and half or twice the penalty changed the AUC by less than 0.001; in 1,000 rows no pair
    /// was found.
    fn default() -> Self {
        Self {
            most: 10,
            max_groups: 8,
            penalty: 0.5,
            shrinkage: 1.0,
        }
    }
}

/// Settings known to be in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedPairParams(PairParams);

impl CheckedPairParams {
    /// The settings.
    pub fn params(&self) -> &PairParams {
        &self.0
    }
}

impl PairParams {
    /// Settings that can be sought with.
    ///
    /// # Errors
    /// Every field out of range, `NaN` included.
    pub fn check(self) -> Result<CheckedPairParams, Vec<ParamFault>> {
        let mut faults = Vec::new();
        let mut within = |field, value: f64, least, most| {
            if !(least..=most).contains(&value) {
                faults.push(ParamFault { field, least, most });
            }
        };
        within("most", self.most.into(), 0.0, MOST_PAIRS as f64);
        within("max_groups", self.max_groups.into(), 2.0, 32.0);
        within("penalty", self.penalty, 0.0, 100.0);
        within("shrinkage", self.shrinkage, 0.01, 1e6);
        if faults.is_empty() {
            Ok(CheckedPairParams(self))
        } else {
            Err(faults)
        }
    }
}
