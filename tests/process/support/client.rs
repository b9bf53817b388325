//! Requests over real sockets.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;
use ureq::{Agent, http};

use super::{KEY, PATIENCE, Running, loans};

/// A client with a key of its own. Cloning shares its connections.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    address: SocketAddr,
    key: Option<String>,
}

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and header fields, as text in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of a problem document.
    pub(crate) fn problem(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The answer, if it is a 200.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{self:?}");
        self
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, key: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            address,
            key: key.map(str::to_owned),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.try_send("GET", path, &[], "").unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).unwrap()
    }

    /// `None` when the connection broke before the answer.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let json = ("content-type", "application/json");
        self.try_send("POST", path, &[json], &body.to_string())
    }

    /// Trains on the bundled loans so many times over; `None` as [`Client::try_post`].
    pub(crate) fn try_train_long(&self, times: usize) -> Option<Answer> {
        let (head, body) = training_form(times);
        self.try_send("POST", "/train", &[("content-type", head)], &body)
    }

    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let url = format!("http://{}{path}", self.address);
        let mut request = http::Request::builder().method(method).uri(url);
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap()).ok()?
        } else {
            self.agent.run(request.body(body).unwrap()).ok()?
        };
        let head = format!("{:?} {:?}", answer.status(), answer.headers());
        Some(Answer {
            status: answer.status().as_u16(),
            head: head.to_lowercase(),
            body: answer.body_mut().read_to_string().ok()?,
        })
    }
}

/// The content type and the body of a training upload.
pub(crate) fn training_form(times: usize) -> (&'static str, String) {
    let part = |name: &str, text: &str| {
        format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let plan = r#"{"model_type": "logistic_regression", "cv_folds": 10}"#;
    let body = format!(
        "{}{}--cut--\r\n",
        part("config", plan),
        part("file", &loans(times))
    );
    ("multipart/form-data; boundary=cut", body)
}

/// A request that a handler has begun to read and whose body never ends.
pub(crate) fn in_progress(service: &Running, path: &str) -> TcpStream {
    let mut stream = service.connect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: 3\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{").unwrap();
    stream
}

/// Reads one answer from a raw connection; `None` when it is closed without one.
pub(crate) fn read_answer(stream: &TcpStream) -> Option<Answer> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(1..) => {}
            // A reset is a close as well; a timeout is not.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("neither answered nor closed: {head:?}")
            }
            _ => return None,
        }
    }
    let head = head.to_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: String::from_utf8(body).unwrap(),
        head,
    })
}
