//! Layer 9: a panic is answered like any other failure.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::http::error::ApiError;

/// Logs that there was a panic and answers 500; the panic hook has written where.
pub fn answer(_payload: Box<dyn Any + Send + 'static>) -> Response {
    // The payload may quote a client's data, so it is not logged here.
    tracing::error!("a handler panicked");
    metrics::counter!("creditrisk_panics_total").increment(1);
    ApiError::Internal.into_response()
}
