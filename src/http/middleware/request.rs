//! Layer 1: gives the request its id, address and route, and writes failures out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;
use ulid::Ulid;

use crate::http::{
    AppState,
    error::ApiError,
    middleware::trace::known_method,
    problem::{self, Occurrence},
    routes,
    scope::{Origin, RequestScope},
};

/// The header that carries the request's id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Opens the request's scope, runs the rest of the stack, and writes the failure
/// document if there is one.
pub async fn open(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers()).unwrap_or_else(|| new_id(&state));
    let matched = request.extensions().get::<MatchedPath>();
    let row = matched.and_then(|path| routes::find(request.method(), path.as_str()));
    let trusted = &state.settings.http.trusted_proxies;
    let origin = Origin {
        address: client_address(&request, trusted),
        https: came_over_https(&request, trusted),
    };
    let method = known_method(request.method()).to_owned();
    let path = request.uri().path().to_owned();
    let scope = RequestScope::new(id, origin, method, row, state.clock.clone());
    request.extensions_mut().insert(scope.clone());

    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Arc<ApiError>>() {
        let at = Occurrence {
            urn_prefix: &state.settings.http.error_urn_prefix,
            path: &path,
            request_id: scope.request_id(),
            timestamp: scope.now(),
        };
        problem::write(&error, &at, &mut response);
    }
    if let Ok(id) = HeaderValue::from_str(scope.request_id()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// The client's own id, if it is 1 to 128 harmless characters.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    ((1..=128).contains(&id.len()) && id.bytes().all(harmless)).then(|| id.to_owned())
}

fn new_id(state: &AppState) -> String {
    let milliseconds = state.clock.now_nanoseconds().cast_unsigned() / 1_000_000;
    let mut random = [0; 16];
    // Without randomness the id is still the time; it is no secret.
    let _ = getrandom::fill(&mut random);
    Ulid::from_parts(milliseconds, u128::from_le_bytes(random)).to_string()
}

/// The address at the other end of the connection.
fn peer_address(request: &Request) -> IpAddr {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(peer)| {
            peer.ip().to_canonical()
        })
}

/// TLS ends at the proxy in front; its word is `X-Forwarded-Proto`. The service
/// itself speaks plain HTTP, so without a trusted proxy nothing comes over HTTPS.
fn came_over_https(request: &Request, trusted: &[IpNet]) -> bool {
    let proto = request
        .headers()
        .get(X_FORWARDED_PROTO)
        .and_then(|value| value.to_str().ok());
    is_trusted(&peer_address(request), trusted)
        && proto.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

fn is_trusted(address: &IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(address))
}

/// The peer's address, or, through trusted proxies, the last address in
/// `X-Forwarded-For` that is not a trusted proxy's: what stands before it could
/// have been written by anybody.
fn client_address(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let peer = peer_address(request);
    if !is_trusted(&peer, trusted) {
        return peer;
    }
    let mut client = peer;
    let lists = request
        .headers()
        .get_all(X_FORWARDED_FOR)
        .into_iter()
        .collect::<Vec<_>>();
    let hops = lists.iter().rev().filter_map(|list| list.to_str().ok());
    for hop in hops.flat_map(|list| list.rsplit(',')) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            return client;
        };
        client = address.to_canonical();
        if !is_trusted(&client, trusted) {
            return client;
        }
    }
    client
}
