//! What a user lays down for one characteristic: special codes, breaks and groups.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Numbers that are codes, not amounts; together they make one bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialCodes {
    /// Name of the bin.
    pub name: String,
    /// The codes: finite numbers, compared exactly; none may stand twice, in whichever entries.
    pub values: Vec<f64>,
}

impl SpecialCodes {
    /// A bin for each of `values`, named after it.
    pub fn one_each(values: &[f64]) -> Vec<Self> {
        let single = |value: &f64| Self {
            name: value.to_string(),
            values: vec![*value],
        };
        values.iter().map(single).collect()
    }
}

/// A break between two bins, laid down by a user.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBreak {
    /// The break, a finite number; it belongs to the bin above.
    pub at: f64,
    /// Whether it must stay; otherwise the bins on both sides may be joined.
    #[serde(default)]
    pub fixed: bool,
}

impl UserBreak {
    /// Breaks that must all stay.
    pub fn all_fixed(breaks: &[f64]) -> Vec<Self> {
        let fixed = |&at: &f64| Self { at, fixed: true };
        breaks.iter().map(fixed).collect()
    }
}

/// What is laid down for a numeric characteristic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NumericRules {
    /// Special codes; each entry is a bin of its own, 1,000 at most.
    pub special: Vec<SpecialCodes>,
    /// Breaks to choose among instead of a fine cut, ascending, 255 at most; none to search for
    /// them.
    pub breaks: Vec<UserBreak>,
}

/// Levels that are codes, not answers; together they make one bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialLevels {
    /// Name of the bin.
    pub name: String,
    /// The levels; none may stand twice, in whichever entries.
    pub levels: Vec<String>,
}

/// What is laid down for a characteristic with levels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LevelRules {
    /// Special levels; each entry is a bin of its own, 1,000 at most.
    pub special: Vec<SpecialLevels>,
    /// Bins to be used as they are, in this order, 255 at most; none to search for them. Levels
    /// that no group names are treated as the pool of rare levels and make one more bin, the last.
    pub groups: Vec<Vec<String>>,
}

/// A rule contradicts itself or another.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RuleFault {
    /// A special code is not a finite number.
    #[error("special[{entry}].values must be finite numbers")]
    SpecialNotFinite {
        /// Entry of `special`, counted from 0.
        entry: usize,
    },
    /// A special code or level stands twice.
    #[error("special[{entry}] repeats a code")]
    SpecialTwice {
        /// Entry of `special`, counted from 0.
        entry: usize,
    },
    /// There are more than 1,000 special bins.
    #[error("there may be at most 1000 special bins")]
    TooManySpecial,
    /// A break is not finite, or not greater than the one before.
    #[error("breaks[{entry}] must be a finite number greater than the one before")]
    BreakOrder {
        /// Entry of `breaks`, counted from 0.
        entry: usize,
    },
    /// There are more than 255 breaks or groups.
    #[error("there may be at most 255 breaks or groups")]
    TooManyBreaks,
    /// A group has no levels, or repeats one that is special or in a group already.
    #[error("groups[{entry}] is empty or repeats a level")]
    Group {
        /// Entry of `groups`, counted from 0.
        entry: usize,
    },
}

const MOST_SPECIAL: usize = 1_000;
const MOST_BREAKS: usize = 255;

impl NumericRules {
    /// Whether the rules can be followed.
    ///
    /// # Errors
    /// The first rule that cannot.
    pub fn check(&self) -> Result<(), RuleFault> {
        if self.special.len() > MOST_SPECIAL {
            return Err(RuleFault::TooManySpecial);
        }
        let mut seen = BTreeSet::new();
        for (entry, special) in self.special.iter().enumerate() {
            for &value in &special.values {
                if !value.is_finite() {
                    return Err(RuleFault::SpecialNotFinite { entry });
                }
                // Adding 0 makes one of the two zeros.
                if !seen.insert((value + 0.0).to_bits()) {
                    return Err(RuleFault::SpecialTwice { entry });
                }
            }
        }
        if self.breaks.len() > MOST_BREAKS {
            return Err(RuleFault::TooManyBreaks);
        }
        let mut last = f64::NEG_INFINITY;
        for (entry, &UserBreak { at, .. }) in self.breaks.iter().enumerate() {
            if !at.is_finite() || at <= last {
                return Err(RuleFault::BreakOrder { entry });
            }
            last = at;
        }
        Ok(())
    }
}

impl LevelRules {
    /// Whether the rules can be followed.
    ///
    /// # Errors
    /// The first rule that cannot.
    pub fn check(&self) -> Result<(), RuleFault> {
        if self.special.len() > MOST_SPECIAL {
            return Err(RuleFault::TooManySpecial);
        }
        let mut seen = BTreeSet::new();
        for (entry, special) in self.special.iter().enumerate() {
            if !special.levels.iter().all(|level| seen.insert(level)) {
                return Err(RuleFault::SpecialTwice { entry });
            }
        }
        if self.groups.len() > MOST_BREAKS {
            return Err(RuleFault::TooManyBreaks);
        }
        for (entry, group) in self.groups.iter().enumerate() {
            if group.is_empty() || !group.iter().all(|level| seen.insert(level)) {
                return Err(RuleFault::Group { entry });
            }
        }
        Ok(())
    }
}
