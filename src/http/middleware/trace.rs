//! Layer 2: one span, one log line and one measurement per request.

use axum::{
    extract::Request,
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, field};

use crate::http::scope::RequestScope;

/// Runs the request inside its span, then logs and counts it.
pub async fn trace(scope: RequestScope, request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let span = tracing::info_span!(
        "request",
        request.id = scope.request_id(),
        http.request.method = method,
        http.route = scope.route(),
        trace.id = field::Empty,
    );
    if let Some(trace_id) = trace_id(request.headers()) {
        span.record("trace.id", trace_id);
    }
    let quiet = scope.row().is_some_and(|row| !row.audited);
    async {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let milliseconds = scope.elapsed_ms();
        if quiet {
            tracing::debug!(
                http.response.status_code = status,
                duration_ms = milliseconds,
                "answered"
            );
        } else {
            tracing::info!(
                http.response.status_code = status,
                duration_ms = milliseconds,
                "answered"
            );
        }
        metrics::histogram!(
            "http_server_request_duration_seconds",
            "http_request_method" => method,
            "http_route" => scope.route(),
            "http_response_status_code" => response.status().as_str().to_owned(),
        )
        .record(milliseconds / 1_000.0);
        response
    }
    .instrument(span)
    .await
}

/// Methods are a closed set in logs, metrics and the audit trail, whatever
/// clients make up.
pub fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The trace id of a W3C `traceparent`, if it is a valid one.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, len: usize| {
        text.len() == len
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let valid = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && trace.bytes().any(|byte| byte != b'0')
        && parent.bytes().any(|byte| byte != b'0');
    valid.then_some(trace)
}
