//! Layer 6: who is calling. It never refuses.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header},
    middleware::Next,
    response::Response,
};

use crate::{
    access::{Caller, KeyRegistry, displayed_prefix},
    http::scope::RequestScope,
};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Resolves the credential to a caller and goes on.
pub async fn identify(
    State(keys): State<KeyRegistry>,
    scope: RequestScope,
    request: Request,
    next: Next,
) -> Response {
    scope.identify(caller(request.headers(), &keys));
    next.run(request).await
}

fn caller(headers: &HeaderMap, keys: &KeyRegistry) -> Caller {
    let presented = match credential(headers) {
        Ok(Some(presented)) => presented,
        Ok(None) => return Caller::Anonymous,
        Err(reason) => {
            return Caller::Unknown {
                prefix: "***".to_owned(),
                reason,
            };
        }
    };
    match keys.resolve(presented) {
        Some(record) => Caller::Key(record),
        None => Caller::Unknown {
            prefix: displayed_prefix(presented),
            reason: "unknown_key",
        },
    }
}

/// The one credential the request carries: `Authorization: Bearer`, its `ApiKey`
/// scheme, or `X-API-Key`; a key in the query string is never looked at. The same
/// key twice is one credential, two different ones are none.
fn credential(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut found: Option<&str> = None;
    let mut foreign_scheme = false;
    for value in headers.get_all(X_API_KEY) {
        let key = value.to_str().map_err(|_| "malformed_credential")?.trim();
        agree(&mut found, key)?;
    }
    for value in headers.get_all(header::AUTHORIZATION) {
        let value = value.to_str().map_err(|_| "malformed_credential")?.trim();
        match value.split_once(' ') {
            Some((scheme, key)) if is_ours(scheme) => agree(&mut found, key.trim())?,
            _ => foreign_scheme = true,
        }
    }
    match found {
        None if foreign_scheme => Err("unsupported_scheme"),
        found => Ok(found),
    }
}

fn is_ours(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("apikey")
}

fn agree<'a>(found: &mut Option<&'a str>, key: &'a str) -> Result<(), &'static str> {
    match found {
        Some(other) if *other != key => Err("contradictory_credentials"),
        _ => {
            *found = Some(key);
            Ok(())
        }
    }
}
