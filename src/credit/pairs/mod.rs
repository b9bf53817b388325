//! Pairs of characteristics whose bins tell more together than each for itself.
//!
//! A scorecard adds up what its characteristics tell one by one, so it cannot say that a high
//! instalment is a danger to tenants more than to owners. A few [`Pair`](super::scorecard::Pair)s
//! can, and the sum stays a card of points: each is one more small table, looked up by two values.
//!
//! # Method
//! After Lou, Caruana, Gehrke and Hooker (*Accurate Intelligible Models with Pairwise
//! Interactions*, 2013), with the log-odds of the main effects as given and every pair in turn:
//!
//! 1. For each combination of the two characteristics' bins, the gradient `g = Σ w (y − p)` and the
//!    curvature `h = Σ w p (1 − p)` of the log-likelihood are summed. What corrections of each
//!    characteristic alone would explain is taken off `g` (least squares with weights `h`), so that
//!    only the interaction is left.
//! 2. Starting from all bins, two neighbouring groups of one characteristic at a time are joined,
//!    always those whose joining costs least, down to two by two; a bin of special or missing values
//!    is a neighbour of every group. The best grouping has the greatest
//!
//!    ```text
//!    ½ Σ g² / (h + shrinkage) − penalty × ln(rows) × (rows of the table − 1) (columns − 1)
//!        − ln(number of pairs) − ln(number of such groupings)
//!    ```
//!
//!    a step of Newton's method less Schwarz's criterion and the cost of having chosen: where
//!    nothing is to be found among many pairs of a small data set, nothing is.
//! 3. The pair with the greatest gain gets its table: the log-odds of each cell, fitted beside all
//!    that is there with a normal prior of precision `shrinkage`. The tables found before are fitted
//!    again, and the search goes on with what is left, until no gain is above 0.
//!
//! The tables are not freed of main effects: a cell says what its rows have beyond the main effects
//! as given. Fit the coefficients of these again together with those of the pairs.
//!
//! Pairs are made of the bins that the characteristics have. What a binning does not tell apart, no
//! pair can, and a characteristic that tells nothing alone has as a rule but one bin.

mod error;
mod grid;
mod grouping;
mod params;
mod rows;
mod search;
mod table;

pub use error::PairError;
pub use params::{CheckedPairParams, PairParams};
pub use rows::PairRows;
pub use search::{FoundPair, find_pairs};
