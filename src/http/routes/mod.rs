//! The route table: method, path, who may call, handler, and what the
//! documentation says. The router, the tests and the OpenAPI document are made
//! from these rows; there is no other way to be reachable.

mod auth;
mod card;
mod charts;
mod comparisons;
mod dataset;
mod docs;
mod evidence;
mod feature_selection;
mod health;
mod metrics;
mod models;
mod predict;
mod refit;
mod score;
mod scorecard;
mod train;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Method,
    middleware::{from_fn, from_fn_with_state},
    routing::{delete, get, post},
};

pub use super::row::{Access, Row};
use super::{
    AppState,
    decompression::decompress,
    error::ApiError,
    middleware::guard::{Guard, guard},
    row::{guarded, public},
};
use crate::{access::Scope, limits::Class};

/// The table.
pub static ROWS: &[Row] = &[
    public(Method::GET, "/", || get(health::index), health::index_doc),
    public(
        Method::GET,
        "/health",
        || get(health::health),
        health::health_doc,
    ),
    public(Method::GET, "/live", || get(health::live), health::live_doc),
    public(
        Method::GET,
        "/ready",
        || get(health::health),
        health::ready_doc,
    ),
    public(
        Method::GET,
        "/openapi.json",
        || get(docs::openapi),
        docs::openapi_doc,
    ),
    public(Method::GET, "/docs", || get(docs::index), docs::index_doc),
    public(
        Method::GET,
        "/docs/{file}",
        || get(docs::asset),
        docs::asset_doc,
    ),
    guarded(
        Method::GET,
        "/metrics",
        Scope::MetricsRead,
        Class::Other,
        || get(metrics::page),
        metrics::doc,
    )
    .unmetered(),
    // Open to every key whatever its scopes, so the handler answers for itself.
    public(
        Method::POST,
        "/auth/verify",
        || post(auth::verify),
        auth::doc,
    )
    .charged(Class::Verify),
    guarded(
        Method::POST,
        "/train",
        Scope::ModelWrite,
        Class::Train,
        || post(train::train),
        train::doc,
    ),
    guarded(
        Method::POST,
        "/feature-selection",
        Scope::ModelWrite,
        Class::FeatureSelection,
        || post(feature_selection::feature_selection),
        feature_selection::doc,
    ),
    guarded(
        Method::POST,
        "/predict",
        Scope::ModelPredict,
        Class::Predict,
        || post(predict::predict),
        predict::doc,
    ),
    // A data set of one row tells what the model predicts for it.
    guarded(
        Method::POST,
        "/comparisons",
        Scope::ModelPredict,
        Class::Train,
        || post(comparisons::compare),
        comparisons::doc,
    ),
    guarded(
        Method::GET,
        "/models",
        Scope::ModelRead,
        Class::Other,
        || get(models::list),
        models::list_doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}",
        Scope::ModelRead,
        Class::Other,
        || get(models::show),
        models::show_doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/results",
        Scope::ModelRead,
        Class::Other,
        || get(models::results),
        models::results_doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/card",
        Scope::ModelRead,
        Class::Other,
        || get(card::show),
        card::doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/evidence",
        Scope::ModelRead,
        Class::Other,
        || get(evidence::show),
        evidence::doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/scorecard",
        Scope::ModelRead,
        Class::Other,
        || get(scorecard::export),
        scorecard::doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/charts",
        Scope::ModelRead,
        Class::Other,
        || get(charts::list),
        charts::list_doc,
    ),
    guarded(
        Method::GET,
        "/models/{model_id}/charts/{chart}",
        Scope::ModelRead,
        Class::Other,
        || get(charts::draw),
        charts::draw_doc,
    ),
    guarded(
        Method::POST,
        "/models/{model_id}/persist",
        Scope::ModelWrite,
        Class::Other,
        || post(models::persist),
        models::persist_doc,
    ),
    guarded(
        Method::POST,
        "/models/{model_id}/refit",
        Scope::ModelWrite,
        Class::Train,
        || post(refit::refit),
        refit::doc,
    ),
    guarded(
        Method::POST,
        "/models/{model_id}/score",
        Scope::ModelPredict,
        Class::Predict,
        score::route,
        score::doc,
    )
    .with_data_set(),
    guarded(
        Method::DELETE,
        "/models/{model_id}",
        Scope::ModelWrite,
        Class::Other,
        || delete(models::remove),
        models::remove_doc,
    ),
];

/// The row of a request, by its method and the path pattern that matched.
pub fn find(method: &Method, matched: &str) -> Option<&'static Row> {
    let path = match matched {
        "/" => "/",
        path => path.trim_end_matches('/'),
    };
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    ROWS.iter()
        .find(|row| row.path == path && row.method == method)
}

/// Who may call `row`, given the paths that the operator has made public for
/// reading. Other methods of such a path stay guarded.
pub fn access(row: &Row, public_paths: &[String]) -> Access {
    let reopened = row.method == Method::GET && public_paths.iter().any(|path| path == row.path);
    if reopened { Access::Public } else { row.access }
}

/// The router of all rows, each behind its guard and its body limit, and the
/// answers to paths and methods that no row has.
pub fn mount(state: &AppState) -> Router<AppState> {
    let http = &state.settings.http;
    let mut router = Router::new();
    for row in ROWS {
        let takes_data = matches!(row.class, Class::Train | Class::FeatureSelection);
        let limit = if takes_data {
            http.training_body_limit
        } else {
            http.body_limit
        };
        let limit = usize::try_from(limit.as_u64()).unwrap_or(usize::MAX);
        let mut handler = (row.handler)().route_layer(DefaultBodyLimit::max(limit));
        if takes_data {
            // Limits count what comes out of it.
            handler = handler.route_layer(from_fn(decompress));
        }
        if let Access::Scope(scope) = access(row, &http.public_paths) {
            let rule = Guard {
                scope,
                open: !state.settings.require_auth,
            };
            handler = handler.route_layer(from_fn_with_state(rule, guard));
        }
        router = router.route(row.path, handler.clone());
        if row.path != "/" {
            router = router.route(&format!("{}/", row.path), handler);
        }
    }
    router
        .fallback(async || ApiError::NoSuchRoute)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
}
