//! Problem documents: RFC 9457 with the members older clients look for.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::error::{ApiError, whole_seconds};
use crate::credit::Fault;

/// One failure, written out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI of the kind of failure.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of failure in words; the same for every occurrence.
    title: String,
    /// HTTP status.
    status: u16,
    /// What happened this time.
    detail: String,
    /// Path of the request.
    instance: String,
    /// Code to program against, such as `VALIDATION_ERROR`.
    error: &'static str,
    /// The same as `detail`.
    message: String,
    /// When it happened, UTC.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Id of the request, as in the `X-Request-ID` header and the log.
    request_id: String,
    /// Everything that is wrong with what was sent, for 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemFault>,
    /// Members of particular failures: `required_scope` and `current_scopes`
    /// (403), `limit` and `retry_after` (429).
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// One fault in what was sent; the value itself is never repeated.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemFault {
    /// JSON pointer, as a URI fragment, into the request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// Line of the CSV file, from 1 with the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// Column of the data set.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// What is wrong and what would be right.
    detail: String,
    /// The pointer as a list that starts with `body`.
    loc: Vec<Value>,
    /// The same as `detail`.
    msg: String,
    /// Kind of fault.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl From<&Fault> for ProblemFault {
    fn from(fault: &Fault) -> Self {
        let tokens = fault.pointer.split('/').skip(1).map(|token| {
            let name = token.replace("~1", "/").replace("~0", "~");
            name.parse::<u64>().map_or(Value::String(name), Value::from)
        });
        Self {
            pointer: (!fault.pointer.is_empty()).then(|| format!("#{}", fault.pointer)),
            line: fault.line,
            column: fault.column.clone(),
            detail: fault.detail.clone(),
            loc: std::iter::once(Value::from("body")).chain(tokens).collect(),
            msg: fault.detail.clone(),
            kind: "value_error",
        }
    }
}

/// Where and when a failure happened.
pub struct Occurrence<'a> {
    /// Prefix of the problem's type.
    pub urn_prefix: &'a str,
    /// Path of the request.
    pub path: &'a str,
    /// Id of the request.
    pub request_id: &'a str,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// Writes `error` as the body of `response`.
pub fn write(error: &ApiError, at: &Occurrence<'_>, response: &mut Response<Body>) {
    // A problem document has string keys and finite numbers only: it always serialises.
    let body = serde_json::to_vec(&document(error, at)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    *response.body_mut() = Body::from(body);
}

/// `error` as a problem document.
pub fn document(error: &ApiError, at: &Occurrence<'_>) -> Problem {
    let detail = error.detail(at.path);
    Problem {
        kind: format!(
            "{}{}",
            at.urn_prefix,
            error.code().to_lowercase().replace('_', "-")
        ),
        title: error
            .status()
            .canonical_reason()
            .unwrap_or("Error")
            .to_owned(),
        status: error.status().as_u16(),
        message: detail.clone(),
        detail,
        instance: at.path.to_owned(),
        error: error.code(),
        timestamp: at.timestamp,
        request_id: at.request_id.to_owned(),
        errors: match error {
            ApiError::Invalid(faults) => faults.iter().map(ProblemFault::from).collect(),
            _ => Vec::new(),
        },
        more: more(error),
    }
}

fn more(error: &ApiError) -> Map<String, Value> {
    let members = match error {
        ApiError::MissingScope { required, current } => json!({
            "required_scope": required,
            "current_scopes": current.iter().collect::<Vec<_>>(),
        }),
        ApiError::RateLimited {
            limit,
            policy,
            retry_after,
        } => json!({
            "limit": limit,
            "retry_after": whole_seconds(*retry_after),
            "violated-policies": [policy],
        }),
        _ => Value::Null,
    };
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
