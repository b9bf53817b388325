//! Objects in a bucket: the only folder that talks to S3.
//!
//! An object is created once, by a conditional PUT (`If-None-Match: *`). Each
//! creation carries a token of its own as `x-amz-meta-attempt`, so that a
//! creator whose reply was lost can tell its own object from another's.

mod connection;

use std::{error::Error, time::Duration};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{
    S3Config,
    objects::{Attempt, Created, Refusal, Support},
};

type HttpResponse = aws_sdk_s3::config::http::HttpResponse;

/// Objects larger than this are sent in parts of this size, where that is safe.
const PART: usize = 8 << 20;

/// How often a creation is tried while others create and delete the same key.
const CONFLICTS: usize = 5;

/// Where the service stores an object's creator.
const ATTEMPT: &str = "attempt";

/// A prefix of a bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    client: Client,
    name: String,
    /// Its address and its server's, for people.
    place: String,
    prefix: String,
    /// Longest wait for the answer to a request of one part's size.
    patience: Duration,
    /// Whether it is at Amazon's.
    is_amazons: bool,
    support: Support,
    /// Serialises creations where the server does not.
    turn: Mutex<()>,
}

impl Bucket {
    /// A handle on the configured bucket; nothing is sent yet.
    pub(super) async fn connect(config: &S3Config) -> Result<Self, Refusal> {
        let name = config.bucket.clone().unwrap_or_default();
        Ok(Self {
            client: connection::client(config).await?,
            place: match &config.endpoint {
                Some(endpoint) => format!("s3://{name} at {endpoint}"),
                None => format!("s3://{name}"),
            },
            name,
            prefix: config.prefix.clone(),
            patience: config.timeout,
            is_amazons: config.endpoint.is_none(),
            support: Support::default(),
            turn: Mutex::default(),
        })
    }

    /// Whether its server is Amazon's own.
    pub(super) fn is_amazons(&self) -> bool {
        self.is_amazons
    }

    /// Takes note of what the server was found to honour.
    pub(super) fn supporting(self, support: Support) -> Self {
        Self { support, ..self }
    }

    /// The address of an object, `s3://bucket/prefix/key`.
    pub(super) fn location(&self, key: &str) -> String {
        format!("s3://{}/{}{key}", self.name, self.prefix)
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Creates an object; it is durable when this returns. Asking again with the
    /// same token finds the object of the first time.
    pub(super) async fn create(
        &self,
        key: &str,
        bytes: &Bytes,
        attempt: &Attempt,
    ) -> Result<Created, Refusal> {
        let _turn = match self.support.conditional_put {
            true => None,
            false => Some(self.turn.lock().await),
        };
        if !self.support.conditional_put
            && let Some(creator) = self.creator(key).await?
        {
            return Ok(attempt.made(creator.as_deref()));
        }
        let mut refused = None;
        for _ in 0..CONFLICTS {
            let Err(refusal) = self.write(key, bytes, attempt).await else {
                return Ok(Created::Now);
            };
            // 412: there is one already. 409: another creation or deletion was under way.
            // 404: parts that an earlier request has put together already.
            if !matches!(refusal.status, Some(404 | 409 | 412)) {
                return Err(refusal);
            }
            refused = Some(refusal);
            if let Some(creator) = self.creator(key).await? {
                return Ok(attempt.made(creator.as_deref()));
            }
        }
        Err(refused.unwrap_or(Refusal {
            operation: "create an object",
            status: None,
            reason: "others kept creating and deleting it".to_owned(),
        }))
    }

    async fn write(&self, key: &str, bytes: &Bytes, attempt: &Attempt) -> Result<(), Refusal> {
        if bytes.len() > PART && (self.support.conditional_parts || !self.support.conditional_put) {
            self.write_parts(key, bytes, attempt, self.support.conditional_put)
                .await
        } else {
            self.write_whole(key, bytes, attempt, self.support.conditional_put)
                .await
        }
    }

    /// One PUT. Unless `once`, it replaces what is there.
    pub(super) async fn write_whole(
        &self,
        key: &str,
        bytes: &Bytes,
        attempt: &Attempt,
        once: bool,
    ) -> Result<(), Refusal> {
        let parts = u32::try_from(bytes.len().div_ceil(PART)).unwrap_or(u32::MAX);
        let patience = TimeoutConfig::builder()
            .operation_attempt_timeout(self.patience.saturating_mul(parts.max(1)))
            .build();
        self.client
            .put_object()
            .bucket(&self.name)
            .key(self.key(key))
            .metadata(ATTEMPT, attempt.as_str())
            .checksum_sha256(checksum(bytes))
            .set_if_none_match(once.then(|| "*".to_owned()))
            .body(ByteStream::from(bytes.clone()))
            .customize()
            .config_override(aws_sdk_s3::Config::builder().timeout_config(patience))
            .send()
            .await
            .map_err(|error| refusal("write an object", &error))?;
        Ok(())
    }

    /// The same in parts; what was sent is taken back when it fails.
    pub(super) async fn write_parts(
        &self,
        key: &str,
        bytes: &Bytes,
        attempt: &Attempt,
        once: bool,
    ) -> Result<(), Refusal> {
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&self.name)
            .key(self.key(key))
            .metadata(ATTEMPT, attempt.as_str())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .send()
            .await
            .map_err(|error| refusal("begin an upload", &error))?;
        let upload = begun.upload_id.unwrap_or_default();
        let written = self.send_parts(key, &upload, bytes, once).await;
        if written.is_err() {
            let abort = self.client.abort_multipart_upload();
            let abort = abort.bucket(&self.name).key(self.key(key));
            // What stays is removed by the bucket's lifecycle rule.
            let _ = abort.upload_id(upload).send().await;
        }
        written
    }

    async fn send_parts(
        &self,
        key: &str,
        upload: &str,
        bytes: &Bytes,
        once: bool,
    ) -> Result<(), Refusal> {
        let mut parts = Vec::new();
        for (number, start) in (1..).zip((0..bytes.len()).step_by(PART)) {
            let part = bytes.slice(start..bytes.len().min(start + PART));
            let checksum = checksum(&part);
            let sent = self
                .client
                .upload_part()
                .bucket(&self.name)
                .key(self.key(key))
                .upload_id(upload)
                .part_number(number)
                .checksum_sha256(&checksum)
                .body(ByteStream::from(part))
                .send()
                .await
                .map_err(|error| refusal("send a part", &error))?;
            let part = CompletedPart::builder()
                .part_number(number)
                .checksum_sha256(checksum)
                .set_e_tag(sent.e_tag);
            parts.push(part.build());
        }
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        self.client
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(self.key(key))
            .upload_id(upload)
            .multipart_upload(parts)
            .set_if_none_match(once.then(|| "*".to_owned()))
            .send()
            .await
            .map_err(|error| refusal("complete an upload", &error))?;
        Ok(())
    }

    /// Who created the object, if it is there: the token of the creation, or
    /// none when it did not come from this service.
    pub(super) async fn creator(&self, key: &str) -> Result<Option<Option<String>>, Refusal> {
        let head = self.client.head_object().bucket(&self.name);
        match head.key(self.key(key)).send().await {
            Ok(found) => Ok(Some(
                found
                    .metadata
                    .and_then(|mut entries| entries.remove(ATTEMPT)),
            )),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(refusal("look for an object", &error)),
        }
    }

    /// The bytes of an object, if it is there. The SDK does not ask again for a
    /// reply that breaks off, so this does, once.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Bytes>, Refusal> {
        let mut reason = String::new();
        for _ in 0..2 {
            let request = self.client.get_object().bucket(&self.name);
            let found = match request.key(self.key(key)).send().await {
                Ok(found) => found,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(refusal("read an object", &error)),
            };
            match found.body.collect().await {
                Ok(body) => return Ok(Some(body.into_bytes())),
                Err(error) => reason = format!("the reply broke off: {}", causes(&error)),
            }
        }
        Err(Refusal {
            operation: "read an object",
            status: None,
            reason,
        })
    }

    /// Every key under the prefix, without it, in the server's order.
    pub(super) async fn list(&self) -> Result<Vec<String>, Refusal> {
        let request = self.client.list_objects_v2().bucket(&self.name);
        let mut pages = request.prefix(&self.prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.named(refusal("list the objects", &error)))?;
            let found = page.contents.unwrap_or_default().into_iter();
            keys.extend(found.filter_map(|object| {
                let key = object.key?;
                key.strip_prefix(&self.prefix).map(ToOwned::to_owned)
            }));
        }
        Ok(keys)
    }

    /// Removes an object; there may be none.
    pub(super) async fn delete(&self, key: &str) -> Result<(), Refusal> {
        let request = self.client.delete_object().bucket(&self.name);
        match request.key(self.key(key)).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(()),
            Err(error) => Err(refusal("delete an object", &error)),
        }
    }

    /// Whether the bucket answers.
    pub(super) async fn answers(&self) -> Result<(), Refusal> {
        let request = self.client.head_bucket().bucket(&self.name);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.named(refusal("reach the bucket", &error))),
        }
    }

    /// The refusal with the bucket's name: what is refused may be a wrong one.
    fn named(&self, refusal: Refusal) -> Refusal {
        let reason = format!("{}: {}", self.place, refusal.reason);
        Refusal { reason, ..refusal }
    }
}

fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|reply| reply.status().as_u16())
}

/// What a client of the store is told of an error; no header and no body is in it.
fn refusal<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: Error + ProvideErrorMetadata + RequestId + 'static,
{
    let status = status(error);
    let reason = match error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            "no answer in time".to_owned()
        }
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => {
            let code = error.code().unwrap_or("no error code");
            let status = status.unwrap_or_default();
            match error.request_id() {
                Some(request) => format!("{status} {code} (request {request})"),
                None => format!("{status} {code}"),
            }
        }
        _ => causes(error),
    };
    Refusal {
        operation,
        status,
        reason,
    }
}

/// The error and what caused it, in words: `Debug` would show whole replies.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
