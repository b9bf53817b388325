//! An ordinary HTTP client with a Bearer key.

use std::time::Duration;

use serde_json::Value;

use crate::Result;

/// Talks to one service with one key.
pub struct Client {
    agent: ureq::Agent,
    url: String,
    key: String,
}

impl Client {
    /// A client of the service at `url`.
    pub fn new(url: &str, key: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(120)))
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            agent,
            url: url.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Posts a JSON document and returns the answer, or the problem's detail as an error.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut response = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key))
            .send_json(body)?;
        let status = response.status();
        let answer: Value = response.body_mut().read_json()?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(format!("{path} answered {status}: {answer:#}").into())
        }
    }
}
