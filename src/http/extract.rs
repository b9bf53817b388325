//! Requests read at the edge, with every refusal a problem document.

use axum::{
    body::Bytes,
    extract::{self, FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_path_to_error::{Path, Segment};
use utoipa::ToSchema;

use super::error::ApiError;
use crate::{
    credit::{Fault, fault::pointer_token},
    model_store::ModelId,
};

/// The bytes of a JSON body; 415 for another media type, 413 over the limit.
pub struct JsonBytes(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedMediaType {
                expected: "application/json",
            });
        }
        let bytes = Bytes::from_request(request, state).await;
        bytes
            .map(Self)
            .map_err(|rejection: BytesRejection| refused(rejection.status()))
    }
}

/// The media type of the body, without its parameters, in lower case.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
    )
}

/// `application/json` or any `application/…+json`.
pub fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media| {
        media == "application/json"
            || (media.starts_with("application/") && media.ends_with("+json"))
    })
}

/// The failure for a body that could not be read.
pub fn refused(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::BodyTooLarge
    } else {
        ApiError::invalid("", "the request body could not be read")
    }
}

/// Reads a JSON document; the fault names the place and what belongs there.
///
/// # Errors
/// [`ApiError::Invalid`] with one fault: reading stops at the first.
pub fn parse_json<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        ApiError::Invalid(vec![fault(pointer, error.inner())])
    })?;
    json.end()
        .map_err(|error| ApiError::Invalid(vec![fault(String::new(), &error)]))?;
    Ok(value)
}

/// As [`parse_json`], for a document that is a JSON value already.
///
/// # Errors
/// [`ApiError::Invalid`] with one fault.
pub fn parse_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| ApiError::Invalid(vec![fault(pointer(error.path()), error.inner())]))
}

fn pointer(path: &Path) -> String {
    let token = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", pointer_token(key)),
        Segment::Enum { variant } => format!("/{}", pointer_token(variant)),
        Segment::Unknown => String::new(),
    };
    path.iter().map(token).collect()
}

/// A parser's message without the client's value, which it may quote.
fn fault(pointer: String, error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    // "invalid type: string \"…\", expected f64 at line 1 column 2": what was
    // expected comes last and is ours; what was found is the client's.
    let expected = message.rfind("expected ").map(|at| &message[at..]);
    let place = |text: &str| {
        text.split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let detail = if message.starts_with("missing field") || message.starts_with("duplicate field") {
        place(&message)
    } else if message.starts_with("unknown field") {
        let known = expected.map(place).unwrap_or_default();
        format!("there is no such member; {known}")
    } else if error.is_data() {
        expected.map_or_else(
            || "the value is not what is expected here".to_owned(),
            place,
        )
    } else if error.is_eof() {
        "the JSON ends too early".to_owned()
    } else {
        format!(
            "not valid JSON at line {}, column {}",
            error.line(),
            error.column()
        )
    };
    Fault::at(pointer, detail)
}

/// The model named in the path; a text that is no id is the id of no model.
pub struct ModelPath(pub ModelId);

impl<S: Send + Sync> FromRequestParts<S> for ModelPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let text = path_part(parts, state, "model_id").await;
        model_id(&text).map(Self)
    }
}

/// The model that `text` names.
///
/// # Errors
/// [`ApiError::ModelNotFound`]: a text that is no id is the id of no model.
pub fn model_id(text: &str) -> Result<ModelId, ApiError> {
    let unknown = |_| ApiError::ModelNotFound(harmless(text));
    text.parse().map_err(unknown)
}

/// The part of the path that the route calls `name`, decoded; empty if it cannot be.
pub async fn path_part<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> String {
    let Ok(found) = extract::RawPathParams::from_request_parts(parts, state).await else {
        return String::new();
    };
    let mut found = found.iter();
    found
        .find_map(|(own, text)| (own == name).then(|| text.to_owned()))
        .unwrap_or_default()
}

/// What may be repeated of a text that is no model id.
fn harmless(id: &str) -> String {
    id.chars()
        .filter(char::is_ascii_graphic)
        .take(128)
        .collect()
}

/// Which part of a list is wanted: all of it, or one page.
#[derive(Clone, Copy, Debug)]
pub enum Paging {
    /// All of it, as a bare array.
    Off,
    /// One page.
    On {
        /// Number of the page, from 1.
        page: usize,
        /// Items a page, 1 to 100.
        size: usize,
    },
}

#[derive(Deserialize)]
struct PagingQuery {
    page: Option<String>,
    size: Option<String>,
}

const DEFAULT_SIZE: usize = 20;
const LARGEST_SIZE: usize = 100;

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::<PagingQuery>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::invalid("", "the query string cannot be read"))?;
        if query.page.is_none() && query.size.is_none() {
            return Ok(Self::Off);
        }
        let mut faults = Vec::new();
        let mut number = |name: &str, text: Option<String>, default: usize, most: usize| {
            let Some(text) = text else { return default };
            match text.parse() {
                Ok(number) if (1..=most).contains(&number) => number,
                _ => {
                    let detail = format!("query parameter {name}: expected 1 to {most}");
                    faults.push(Fault::at("", detail));
                    default
                }
            }
        };
        let page = number("page", query.page, 1, 1_000_000);
        let size = number("size", query.size, DEFAULT_SIZE, LARGEST_SIZE);
        if faults.is_empty() {
            Ok(Self::On { page, size })
        } else {
            Err(ApiError::Invalid(faults))
        }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    items: Vec<T>,
    /// Items in the whole list.
    total: usize,
    /// Number of this page, from 1.
    page: usize,
    /// Items a page.
    size: usize,
    /// Number of pages.
    pages: usize,
}

impl<T: Clone> Page<T> {
    /// Cuts one page out of a list; past its end a page is empty.
    pub fn of(list: &[T], paging: Paging) -> Self {
        let (page, size) = match paging {
            Paging::Off => (1, list.len().max(1)),
            Paging::On { page, size } => (page, size),
        };
        let items = list
            .iter()
            .skip((page - 1) * size)
            .take(size)
            .cloned()
            .collect();
        let total = list.len();
        Self {
            items,
            total,
            page,
            size,
            pages: total.div_ceil(size),
        }
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self).into_response()
    }
}
