//! Callers: each is one identity at one address.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::Reply;

/// Somebody who calls the service.
#[derive(Clone)]
pub struct Caller {
    router: Router,
    key: Option<String>,
    peer: IpAddr,
    headers: HeaderMap,
}

const BOUNDARY: &str = "a-line-no-test-data-has";

impl Caller {
    pub fn new(router: Router, key: Option<&str>) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let value = format!("Bearer {key}").parse().unwrap();
            headers.insert(header::AUTHORIZATION, value);
        }
        Self {
            router,
            key: key.map(str::to_owned),
            peer: IpAddr::from([203, 0, 113, 7]),
            headers,
        }
    }

    /// The key that the caller presents.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap()
    }

    /// The same caller at another address.
    pub fn at(&self, peer: &str) -> Self {
        let peer = peer.parse().unwrap();
        Self {
            peer,
            ..self.clone()
        }
    }

    /// The same caller, sending one more header field.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        let name: HeaderName = name.parse().unwrap();
        caller
            .headers
            .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        caller
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "", Body::empty()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, "", Body::empty()).await
    }

    pub async fn post(&self, path: &str) -> Reply {
        self.send(Method::POST, path, "", Body::empty()).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, "application/json", body.to_string())
            .await
    }

    pub async fn post_text(&self, path: &str, media: &str, body: impl Into<Body>) -> Reply {
        self.send(Method::POST, path, media, body.into()).await
    }

    /// A form with the parts `config` and `file`.
    pub async fn post_form(&self, path: &str, config: &Value, file: &[u8]) -> Reply {
        let config = config.to_string();
        self.post_parts(path, &[("config", config.as_bytes()), ("file", file)])
            .await
    }

    pub async fn post_parts(&self, path: &str, parts: &[(&str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, content) in parts {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; \
                 filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let media = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post_text(path, &media, body).await
    }

    /// A browser's question before it sends `method` to `path`.
    pub async fn preflight(&self, method: &str, path: &str) -> Reply {
        self.with("access-control-request-method", method)
            .with(
                "access-control-request-headers",
                "authorization,content-type",
            )
            .send(Method::OPTIONS, path, "", Body::empty())
            .await
    }

    pub async fn send(&self, method: Method, path: &str, media: &str, body: Body) -> Reply {
        let (parts, body) = self.open(method, path, media, body).await.into_parts();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// The answer with its body unread.
    pub async fn open(&self, method: Method, path: &str, media: &str, body: Body) -> Response {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .extension(ConnectInfo(SocketAddr::new(self.peer, 40_000)))
            .body(body)
            .unwrap();
        *request.headers_mut() = self.headers.clone();
        if !media.is_empty() {
            let media = media.parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, media);
        }
        // The router cannot fail: every failure is an answer.
        self.router.clone().oneshot(request).await.unwrap()
    }
}
