//! Why there is no scorecard, score, reason or export.

use crate::credit::binning::ParamFault;

/// Why there is no scorecard, score, reason or export.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScorecardError {
    /// There is not a single characteristic, or more than 10,000.
    #[error("a scorecard has 1 to 10000 characteristics, not {found}")]
    Characteristics {
        /// How many there are.
        found: usize,
    },
    /// A characteristic has no name.
    #[error("characteristic {position} has no name")]
    NoName {
        /// Its position, counted from 0.
        position: usize,
    },
    /// Two characteristics have the same name.
    #[error("there are two characteristics {name:?}")]
    DuplicateName {
        /// Their name.
        name: String,
    },
    /// A coefficient or the intercept is not finite.
    #[error("the coefficient of {name:?} is not a finite number")]
    NotFinite {
        /// Name of the characteristic, or `intercept`.
        name: String,
    },
    /// A setting is out of range.
    #[error(transparent)]
    Param(#[from] ParamFault),
    /// Every applicant has the same log-odds, so that scores cannot be spread over a range.
    #[error("all applicants have the same log-odds: there is nothing to scale")]
    Flat,
    /// A bin would have more than a thousand million points, or fewer than minus that.
    #[error("the points of {name:?} are out of range")]
    TooLarge {
        /// Name of the characteristic, both names of a pair, or `base`.
        name: String,
    },
    /// There are more than 100 pairs.
    #[error("a scorecard has at most 100 pairs, not {found}")]
    Pairs {
        /// How many there are.
        found: usize,
    },
    /// A pair does not fit the characteristics, or contradicts itself.
    #[error("pair {position}: {fault}")]
    Pair {
        /// Its position, counted from 0.
        position: usize,
        /// What is wrong with it.
        fault: PairFault,
    },
    /// A row has values or bins for too many or too few characteristics.
    #[error("a row has {found} values, the scorecard {expected} characteristics")]
    RowLength {
        /// How many it has.
        found: usize,
        /// How many it must have.
        expected: usize,
    },
    /// A characteristic has no such bin.
    #[error("characteristic {characteristic} has no bin {bin}")]
    NoBin {
        /// Position of the characteristic, counted from 0.
        characteristic: usize,
        /// Number of the bin.
        bin: u32,
    },
    /// No applicant to compare with: there are none at all, or none near the cut-off.
    #[error("there are no applicants to compare with")]
    NoApplicants,
    /// A window whose cut-off is not finite, or whose width is not a finite number above 0.
    #[error("a window needs a finite cut-off and a finite width above 0")]
    Window,
    /// Reference values that are not finite, not one for each characteristic, or without a window
    /// that the method needs.
    #[error("the reference values do not belong to this scorecard")]
    Reference,
    /// SQL cannot hold the character NUL, which is in a name or a level.
    #[error("SQL cannot hold the character NUL, which is in {text:?}")]
    Nul {
        /// The name or level.
        text: String,
    },
}

/// What is wrong with a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairFault {
    /// A characteristic does not exist, or the first does not come before the second.
    #[error("it needs two characteristics, the first before the second")]
    Members,
    /// Another pair is of the same characteristics.
    #[error("another pair has the same characteristics")]
    Repeated,
    /// Groups that are not one for each bin, or whose numbers have gaps.
    #[error("every bin needs a group, and groups count from 0 without gaps")]
    Groups,
    /// Log-odds that are not one for each combination of groups.
    #[error("every combination of groups needs its log-odds")]
    Cells,
    /// A coefficient or log-odds that are not finite.
    #[error("its coefficient and log-odds must be finite numbers")]
    NotFinite,
}
