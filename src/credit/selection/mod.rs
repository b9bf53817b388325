//! Feature selection: which columns of a data set are worth a model's while.
//!
//! Every method scores every candidate and says which it would select; names are those that a
//! training takes as `selected_features`. Candidates are the encoded, standardised features that a
//! training would fit on ([`FeatureSet`](super::features::FeatureSet)), or whole characteristics
//! for `woe_iv`. Scores of different methods have different units:
//!
//! | method | candidates | score | selected |
//! |---|---|---|---|
//! | `tree_importance` | features | share of the impurity or gain, sum 1 | `top_k`, else at least `threshold`, else above 0 |
//! | `lasso` | features | magnitude of the coefficient, log-odds per standard deviation | other than 0 |
//! | `woe_iv` | characteristics | information value | at least `iv_threshold` |
//! | `boruta` | features | share of the forests that beat the best shadow | confirmed, and tentative if asked for |
//! | `correlation` | features | information value | neither correlated with a better one nor explained by the others |
//! | `stability` | features | share of the half-samples it is found in | at least `threshold` |
//!
//! A selection looks at the outcomes, so rows that a model is to be tested on should not take part
//! in it: see [`SelectionRequest::test_size`].

mod boruta;
mod correlation;
mod design;
mod error;
mod importance;
mod information;
mod lasso;
mod params;
mod request;
mod result;
mod stability;
mod woe_iv;

pub use design::MOST_FEATURES;
pub use error::SelectionError;
pub use params::{
    BorutaParams, CorrelationParams, LassoParams, MOST_TOP_K, StabilityParams, TreeModel,
    TreeParams, WoeIvParams,
};
pub use request::{CheckedSelection, SelectionMethod, SelectionRequest};
pub use result::{Facts, FeatureScore, SelectionResult};
pub use woe_iv::iv_category;

use self::{
    design::{Candidates, rows_seen, thinned},
    params::Params,
};
use super::LoanBook;

/// Scores the columns of `book` as `request` says; asks `cancelled` between steps.
///
/// # Errors
/// [`SelectionError`] says what is wrong with the data, or that a regression did not converge, or
/// that the selection was cancelled.
pub fn select(
    book: &LoanBook,
    request: &CheckedSelection,
    cancelled: &dyn Fn() -> bool,
) -> Result<SelectionResult, SelectionError> {
    let rows = rows_seen(book, request)?;
    let seed = request.seed();
    match request.params() {
        Params::WoeIv(params) => woe_iv::select(book, &rows, params, cancelled),
        Params::Lasso(params) => {
            let candidates = Candidates::encode(book, rows)?;
            lasso::select(&candidates, params, cancelled)
        }
        Params::Correlation(params) => {
            let candidates = Candidates::encode(book, rows)?;
            correlation::select(&candidates, params, cancelled)
        }
        Params::Stability(params) => {
            let candidates = Candidates::encode(book, rows)?;
            stability::select(&candidates, params, seed, cancelled)
        }
        Params::Tree(params) => {
            let candidates = Candidates::encode(book, rows)?;
            importance::select(&candidates, params, seed, cancelled)
        }
        Params::Boruta(params) => {
            let rows = thinned(book.events(), rows, boruta::MOST_ROWS, seed)?;
            let candidates = Candidates::encode(book, rows)?;
            boruta::select(&candidates, params, seed, cancelled)
        }
    }
}
