//! The stack: the order of the layers, and why each stands where it does.
//!
//! This is the only place that states the order. Outermost first:
//!
//! | # | layer | why here |
//! |---|---|---|
//! | 1 | [`request`] | everything below needs the request's id and address; every failure is written out here, with both |
//! | 2 | [`trace`] | times and counts everything below, under the id |
//! | 3 | [`security_headers`] | on every answer, refusals included |
//! | 4 | CORS | answers preflights, which carry no key, unaudited and uncharged; refusals below still get their CORS headers, so that a browser can read them |
//! | 5 | [`audit`] | sees every outcome below; no answer leaves without its record, and a client that hangs up is recorded |
//! | 6 | [`identify`] | says who is calling and never refuses, so that 5 and 7 know |
//! | 7 | [`rate_limit`] | a key's own bucket, or the address's for strangers and wrong keys |
//! | 8 | [`admission`] | HTTPS, concurrency and time; inside 6, so that a 408 is audited with its caller |
//! | 9 | [`panic`](mod@panic) | a panic becomes a 500 that 5 records with its caller |
//! | 10 | [`guard`] | each route's own: scope and body limit, from the table; 404 and 405 stay what they are |

pub mod admission;
pub mod audit;
pub mod cors;
pub mod guard;
pub mod identify;
pub mod panic;
pub mod rate_limit;
pub mod request;
pub mod security_headers;
pub mod trace;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::catch_panic::CatchPanicLayer;

use super::AppState;

/// Wraps the routes in layers 1 to 9; layer 10 is on the routes already.
pub fn stack(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    // `Router::layer` wraps what is there, so the innermost comes first.
    routes
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(from_fn_with_state(
            admission::Admission::new(state),
            admission::admit,
        ))
        .layer(from_fn_with_state(state.clone(), rate_limit::rate_limit))
        .layer(from_fn_with_state(state.clone(), identify::identify))
        .layer(from_fn_with_state(state.clone(), audit::audit))
        .layer(cors::layer(&state.settings.http.cors))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn(trace::trace))
        .layer(from_fn_with_state(state.clone(), request::open))
}
