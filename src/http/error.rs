//! Every failure a client can see, and the one place that gives it a status.
//!
//! A layer or handler answers with an [`ApiError`]; the outermost layer turns it
//! into an RFC 9457 problem document, because only there the request's id and
//! path are at hand wherever the failure arose.

use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    access::{Denial, Scope, Scopes},
    audit::AuditError,
    compute::ComputeError,
    credit::{
        Fault, TrainingError, comparison::TrialError, selection::SelectionError,
        streaming::StreamingError, table::TableError,
    },
    model_store::ModelStoreError,
};

/// Seconds after which an object store that failed is worth another try.
const STORE_RETRY: u64 = 5;

/// A failure a client can see.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// 401: a key is needed and none was sent.
    Unauthenticated,
    /// 401: the credential is wrong.
    InvalidCredential,
    /// 403: the key is right and lacks a scope.
    MissingScope {
        /// The scope that was needed.
        required: Scope,
        /// The scopes that the key has.
        current: Scopes,
    },
    /// 429: too many requests.
    RateLimited {
        /// The quota that was exceeded, such as `10/hour`.
        limit: String,
        /// The name of the policy.
        policy: &'static str,
        /// When to come back.
        retry_after: Duration,
    },
    /// 404: no route has this path.
    NoSuchRoute,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 404: no model has this id; the id is safe to repeat.
    ModelNotFound(String),
    /// 404: the model is there and has no such part; says which part and why.
    NoSuchPart(String),
    /// 409: there is such a model already.
    ModelExists,
    /// 422: what was sent is at fault, here is everything that is wrong.
    Invalid(Vec<Fault>),
    /// 400: the training could not give a model, for a reason in the data.
    TrainingFailed(String),
    /// 400: no features could be selected, for a reason in the data.
    SelectionFailed(String),
    /// 413: the body is larger than allowed.
    BodyTooLarge,
    /// 415: the body is of a media type this route does not read.
    UnsupportedMediaType {
        /// What the route reads.
        expected: &'static str,
    },
    /// 406: no format of the answer is one that the client accepts.
    NotAcceptable {
        /// What the route answers in.
        offered: &'static str,
    },
    /// 408: the request took too long.
    TimedOut,
    /// 426: the request must come over HTTPS.
    HttpsRequired,
    /// 503: too much is in progress; come back later.
    Overloaded {
        /// When to come back.
        retry_after: Duration,
    },
    /// 503: the object store that keeps the models fails or does not answer.
    StoreUnavailable,
    /// 503: the audit trail cannot be written, so nothing is answered.
    AuditUnavailable,
    /// 505: the answer needs a version of HTTP in which it has an end of its own.
    VersionNotSupported,
    /// 500: our fault; the cause is in the log under the request id.
    Internal,
}

impl ApiError {
    /// One fault at `pointer` of the request body.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::at(pointer, detail)])
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::InvalidCredential => StatusCode::UNAUTHORIZED,
            Self::MissingScope { .. } => StatusCode::FORBIDDEN,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSuchRoute | Self::ModelNotFound(_) | Self::NoSuchPart(_) => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ModelExists => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TrainingFailed(_) | Self::SelectionFailed(_) => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::HttpsRequired => StatusCode::UPGRADE_REQUIRED,
            Self::Overloaded { .. } | Self::StoreUnavailable | Self::AuditUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::VersionNotSupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code clients program against, in the `error` member.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::InvalidCredential => "UNAUTHORIZED",
            Self::MissingScope { .. } => "FORBIDDEN",
            Self::RateLimited { .. } => "RATE_LIMIT_EXCEEDED",
            Self::NoSuchRoute | Self::NoSuchPart(_) => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::ModelNotFound(_) => "MODEL_NOT_FOUND",
            Self::ModelExists => "CONFLICT",
            Self::Invalid(_) => "VALIDATION_ERROR",
            Self::TrainingFailed(_) => "TRAINING_FAILED",
            Self::SelectionFailed(_) => "SELECTION_FAILED",
            Self::BodyTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType { .. } => "UNSUPPORTED_MEDIA_TYPE",
            Self::NotAcceptable { .. } => "NOT_ACCEPTABLE",
            Self::TimedOut => "REQUEST_TIMEOUT",
            Self::HttpsRequired => "HTTPS_REQUIRED",
            Self::Overloaded { .. } => "NOT_READY",
            Self::StoreUnavailable => "STORE_UNAVAILABLE",
            Self::AuditUnavailable => "AUDIT_UNAVAILABLE",
            Self::VersionNotSupported => "HTTP_VERSION_NOT_SUPPORTED",
            Self::Internal => "INTERNAL",
        }
    }

    /// What happened, in a sentence for the client; `path` decides the wording
    /// of a missing key.
    pub fn detail(&self, path: &str) -> String {
        match self {
            Self::Unauthenticated if path.starts_with("/api/v1/") => {
                "Missing authentication header: X-API-Key".to_owned()
            }
            Self::Unauthenticated => "Missing API key".to_owned(),
            Self::InvalidCredential => "Invalid API key".to_owned(),
            Self::MissingScope { .. } => "Insufficient permissions for this operation".to_owned(),
            Self::RateLimited { limit, .. } => format!("Rate limit exceeded: {limit}"),
            Self::NoSuchRoute => "No route has this path".to_owned(),
            Self::MethodNotAllowed => "The path does not have this method".to_owned(),
            Self::ModelNotFound(id) => format!("Model not found: {id}"),
            Self::NoSuchPart(reason) => reason.clone(),
            Self::ModelExists => "A model of this id exists already".to_owned(),
            Self::Invalid(faults) => match faults.as_slice() {
                [fault] => format!("Validation error: {fault}"),
                faults => format!("Validation errors: {}; see errors", faults.len()),
            },
            Self::TrainingFailed(reason) => format!("Training failed: {reason}"),
            Self::SelectionFailed(reason) => format!("Feature selection failed: {reason}"),
            Self::BodyTooLarge => "The request body is larger than allowed".to_owned(),
            Self::UnsupportedMediaType { expected } => format!("Expected {expected}"),
            Self::NotAcceptable { offered } => format!("The answer can be {offered}"),
            Self::TimedOut => "The request took too long".to_owned(),
            Self::HttpsRequired => "Requests must be sent over HTTPS".to_owned(),
            Self::Overloaded { .. } => "The service is busy; try again later".to_owned(),
            Self::StoreUnavailable => {
                "The model store does not answer at the moment; try again later".to_owned()
            }
            Self::AuditUnavailable => {
                "The audit trail cannot be written at the moment; try again later".to_owned()
            }
            Self::VersionNotSupported => "Use HTTP/1.1 or HTTP/2".to_owned(),
            Self::Internal => {
                "An internal error occurred; it is logged under the request id".to_owned()
            }
        }
    }

    /// Header fields that belong to the failure.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let challenge = match self {
            Self::Unauthenticated => Some("Bearer realm=\"credit-risk\"".to_owned()),
            Self::InvalidCredential => {
                Some("Bearer realm=\"credit-risk\", error=\"invalid_token\"".to_owned())
            }
            Self::MissingScope { required, .. } => Some(format!(
                "Bearer realm=\"credit-risk\", error=\"insufficient_scope\", scope=\"{}\"",
                required.as_str()
            )),
            _ => None,
        };
        if let Some(challenge) = challenge {
            let challenge = format!("{challenge}, ApiKey header=\"X-API-Key\"");
            headers.extend(
                HeaderValue::from_str(&challenge)
                    .ok()
                    .map(|v| (header::WWW_AUTHENTICATE, v)),
            );
        }
        let retry_after = match self {
            Self::RateLimited { retry_after, .. } | Self::Overloaded { retry_after } => {
                Some(whole_seconds(*retry_after))
            }
            Self::StoreUnavailable => Some(STORE_RETRY),
            Self::AuditUnavailable => Some(1),
            _ => None,
        };
        headers.extend(retry_after.map(|s| (header::RETRY_AFTER, HeaderValue::from(s))));
        headers
    }
}

/// Seconds, rounded up, at least one.
pub fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

/// The failure rides on the response until the outermost layer writes it out.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.headers_mut().extend(self.headers());
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<Denial> for ApiError {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Unauthenticated => Self::Unauthenticated,
            Denial::Invalid => Self::InvalidCredential,
            Denial::MissingScope { required, current } => Self::MissingScope { required, current },
        }
    }
}

impl From<TableError> for ApiError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Faults(faults) => Self::Invalid(faults),
            TableError::TooLarge => Self::BodyTooLarge,
            TableError::Source(error) => {
                tracing::error!(%error, "an uploaded data set cannot be read");
                Self::Internal
            }
        }
    }
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        tracing::error!(%error, "the audit trail cannot be written");
        Self::AuditUnavailable
    }
}

impl From<ComputeError> for ApiError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Busy => Self::Overloaded {
                retry_after: Duration::from_secs(5),
            },
            ComputeError::Panicked => Self::Internal,
        }
    }
}

impl From<ModelStoreError> for ApiError {
    fn from(error: ModelStoreError) -> Self {
        Self::from(&error)
    }
}

impl From<Arc<ModelStoreError>> for ApiError {
    fn from(error: Arc<ModelStoreError>) -> Self {
        Self::from(error.as_ref())
    }
}

impl From<&ModelStoreError> for ApiError {
    fn from(error: &ModelStoreError) -> Self {
        match error {
            ModelStoreError::NotFound(id) => Self::ModelNotFound(id.to_string()),
            ModelStoreError::AlreadyExists(_) => Self::ModelExists,
            ModelStoreError::Remote { .. } => {
                tracing::error!(%error, "the object store failed");
                Self::StoreUnavailable
            }
            ModelStoreError::Damaged { .. }
            | ModelStoreError::Backend(_)
            | ModelStoreError::Unconditional(_)
            | ModelStoreError::LocalFolderTaken(_)
            | ModelStoreError::Encoding
            | ModelStoreError::Compute(_) => {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "the model store failed"
                );
                Self::Internal
            }
        }
    }
}

impl From<TrainingError> for ApiError {
    fn from(error: TrainingError) -> Self {
        match error {
            TrainingError::Faults(faults) => Self::Invalid(faults),
            TrainingError::Cancelled => Self::TimedOut,
            broken if broken.is_ours() => {
                tracing::error!(error = %broken, "a training broke an invariant");
                Self::Internal
            }
            failed => Self::TrainingFailed(failed.to_string()),
        }
    }
}

impl From<StreamingError> for ApiError {
    fn from(error: StreamingError) -> Self {
        match error {
            StreamingError::Training(error) => error.into(),
            StreamingError::Read(error) => Self::invalid("", error.to_string()),
            StreamingError::BudgetForFewerTexts { .. }
            | StreamingError::BudgetForFewerRows { .. } => Self::invalid("", error.to_string()),
            broken @ (StreamingError::Spill(_) | StreamingError::BudgetTooSmall { .. }) => {
                tracing::error!(error = %broken, "a streamed training broke off");
                Self::Internal
            }
        }
    }
}

impl From<SelectionError> for ApiError {
    fn from(error: SelectionError) -> Self {
        match error {
            SelectionError::Faults(faults) => Self::Invalid(faults),
            SelectionError::Cancelled => Self::TimedOut,
            broken if broken.is_ours() => {
                tracing::error!(error = %broken, "a feature selection broke an invariant");
                Self::Internal
            }
            failed => Self::SelectionFailed(failed.to_string()),
        }
    }
}

impl From<TrialError> for ApiError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Faults(faults) => Self::Invalid(faults),
            TrialError::Cancelled => Self::TimedOut,
            // Models in the store give probabilities, and their test rows have been drawn before.
            broken @ (TrialError::Sampling(_) | TrialError::Comparison(_)) => {
                tracing::error!(error = %broken, "a comparison broke an invariant");
                Self::Internal
            }
        }
    }
}
