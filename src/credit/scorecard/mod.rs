//! Scorecards: logistic regression on weight of evidence, told in points.
//!
//! # Conventions
//! * Log-odds are those of default: `intercept + Σ coefficient × weight of evidence`. As weight of
//!   evidence is positive where there are more goods, coefficients are negative as a rule.
//! * Odds in settings are good to bad, as the trade quotes them (50 stands for 50:1).
//! * A score is linear in the log-odds ([`ScoreLine`]); by default higher is better.
//! * A row is known to this module by the numbers of its bins, one for each characteristic in the
//!   card's order; [`Card::find_bins`] finds them.
//!
//! # Exactness
//! Raw points are kept to 15 significant digits, which every decimal parser reads back without
//! loss, and are always added in the same order: base points first, then the characteristics in
//! their order. So every export gives the same bits as [`Card::score`] where it is added up in
//! doubles; databases that read decimal literals as exact decimals add raw points without rounding.
//! Log-odds are added up on their own and keep full precision.
//!
//! Scoring and reasons are look-ups in flat tables and allocate nothing.

mod card;
mod cells;
mod error;
mod explainer;
pub mod export;
mod points;
mod reasons;
mod scaling;

pub use card::{Card, Entry, Score, Value};
pub use cells::BinKind;
pub use error::ScorecardError;
pub use explainer::{Explainer, MOST_REASONS, Reason, Reasons, Side};
pub use points::RoundingError;
pub use reasons::{ReasonMethod, Reference, Window};
pub use scaling::{Allocation, CardParams, Scaling, ScoreLine, Sense};
