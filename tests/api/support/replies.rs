//! Replies and what they must look like.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header field as text; none when it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A header field that is a number.
    pub fn number(&self, name: &str) -> u64 {
        let text = self.header(name).unwrap_or_else(|| panic!("no {name}"));
        text.parse().unwrap()
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The problem document, which must be whole and of this status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["error"], code);
        let slug = code.to_lowercase().replace('_', "-");
        assert_eq!(problem["type"], format!("urn:credit-risk:error:{slug}"));
        assert_eq!(problem["message"], problem["detail"]);
        assert_eq!(
            problem["request_id"].as_str(),
            self.header("x-request-id"),
            "{problem}"
        );
        for member in ["title", "detail", "instance", "timestamp"] {
            assert!(problem[member].is_string(), "{member}: {problem}");
        }
        problem
    }

    /// The faults of a 422.
    #[track_caller]
    pub fn faults(&self) -> Vec<Value> {
        let problem = self.problem(422, "VALIDATION_ERROR");
        problem["errors"].as_array().unwrap().clone()
    }

    /// The pointers of a 422's faults, in order; empty text where there is none.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let pointer = |fault: &Value| fault["pointer"].as_str().unwrap_or_default().to_owned();
        self.faults().iter().map(pointer).collect()
    }

    /// The only fault of a 422.
    #[track_caller]
    pub fn fault(&self) -> Value {
        let mut faults = self.faults();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults.remove(0)
    }
}

/// The number a JSON value is.
pub fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// The names of an object's members.
pub fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}
