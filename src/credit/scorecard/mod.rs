//! Scorecards: logistic regression on weight of evidence, told in points.
//!
//! # Conventions
//! * Log-odds are those of default: `intercept + Σ coefficient × weight of evidence`. As weight of
//!   evidence is positive where there are more goods, coefficients are negative as a rule.
//! * A card may add terms of two characteristics ([`Pair`]): log-odds by the groups of their bins,
//!   told in points like any other.
//! * Odds in settings are good to bad, as the trade quotes them (50 stands for 50:1).
//! * A score is linear in the log-odds ([`ScoreLine`]); by default higher is better.
//! * A row is known to this module by the numbers of its bins, one for each characteristic in the
//!   card's order; [`Card::find_bins`] finds them.
//!
//! # Exactness
//! Raw points are kept to 15 significant digits, which every decimal parser reads back without
//! loss, and are always added in the same order: base points first, then the characteristics in
//! their order, then the pairs in theirs. So every export gives the same bits as [`Card::score`]
//! where it is added up in doubles; databases that read decimal literals as exact decimals add raw
//! points without rounding. Log-odds are added up on their own and keep full precision.
//!
//! Scoring and reasons are look-ups in flat tables; scoring allocates nothing, and reasons only for
//! characteristics that are in pairs.

mod card;
mod cells;
mod error;
mod explainer;
pub mod export;
mod joint;
mod pair;
mod parts;
mod points;
mod ranking;
mod reasons;
mod scaling;
mod tables;

pub use card::{Card, Score, Value};
pub use cells::BinKind;
pub use error::{PairFault, ScorecardError};
pub use explainer::{Explainer, Reason, Reasons, Side};
pub use pair::{MOST_PAIRS, Pair};
pub use parts::Entry;
pub use points::RoundingError;
pub use ranking::MOST_REASONS;
pub use reasons::{PairReference, ReasonMethod, Reference, Window};
pub use scaling::{Allocation, CardParams, Scaling, ScoreLine, Sense};
