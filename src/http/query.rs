//! Query strings read strictly: a parameter nobody knows is a fault, not a wish that is overlooked.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use super::error::ApiError;
use crate::credit::Fault;

/// The parameters of a query string, decoded, in their order.
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        pairs
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| ApiError::invalid("", "the query string cannot be read"))
    }
}

impl Parameters {
    /// The value of each of `names`, if it is there.
    ///
    /// # Errors
    /// One fault for each parameter that is not among `names`, or is there twice.
    pub fn only<const N: usize>(&self, names: [&str; N]) -> Result<[Option<&str>; N], ApiError> {
        let mut found = [None; N];
        let mut faults = Vec::new();
        for (name, value) in &self.0 {
            let fault = match names.iter().position(|known| known == name) {
                Some(at) if found[at].is_none() => {
                    found[at] = Some(value.as_str());
                    continue;
                }
                Some(at) => format!("query parameter {}: given more than once", names[at]),
                None if N == 0 => "there are no query parameters here".to_owned(),
                None => format!(
                    "there is no such query parameter; expected {}",
                    names.join(", ")
                ),
            };
            faults.push(Fault::at("", fault));
        }
        if faults.is_empty() {
            Ok(found)
        } else {
            Err(ApiError::Invalid(faults))
        }
    }
}

/// What the parameter `name` says: one of the words of `known`, the first when it is absent.
///
/// # Errors
/// One fault for any other word, which it does not repeat.
pub fn choice<T: Copy>(
    name: &str,
    value: Option<&str>,
    known: &[(&str, T)],
) -> Result<T, ApiError> {
    let found = match value {
        None => known.first(),
        Some(value) => known.iter().find(|(word, _)| *word == value),
    };
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let detail = format!("query parameter {name}: expected {}", words.join(", "));
        ApiError::invalid("", detail)
    })
}
