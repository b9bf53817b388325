//! Layer 4: who may call from a browser.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::{CorsConfig, middleware::request::X_REQUEST_ID};

const EXPOSED: [&str; 8] = [
    "ratelimit",
    "ratelimit-policy",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "location",
    "preference-applied",
];

/// The layer for the configured origins; the settings' check has refused `*`
/// together with credentials.
pub fn layer(config: &CorsConfig) -> CorsLayer {
    let any = config.origins.iter().any(|origin| origin == "*");
    let origins = if any {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(
            config
                .origins
                .iter()
                .filter_map(|o| HeaderValue::from_str(o).ok()),
        )
    };
    let exposed = EXPOSED
        .into_iter()
        .map(HeaderName::from_static)
        .chain([X_REQUEST_ID]);
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(config.allow_credentials && !any)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::OPTIONS,
        ])
        // A wildcard would not cover Authorization, so each header is named.
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-api-key"),
            X_REQUEST_ID,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers(exposed.collect::<Vec<_>>())
        .max_age(Duration::from_secs(600))
}
