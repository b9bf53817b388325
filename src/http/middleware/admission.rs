//! Layer 8: HTTPS, how many at once, and for how long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::http::{AppState, HttpSettings, error::ApiError, scope::RequestScope};

/// What the layer keeps. Cloning is shallow.
#[derive(Clone)]
pub struct Admission {
    settings: Arc<HttpSettings>,
    in_flight: Arc<Semaphore>,
}

impl Admission {
    /// One bound for the whole service.
    pub fn new(state: &AppState) -> Self {
        Self {
            settings: Arc::clone(&state.settings),
            in_flight: Arc::new(Semaphore::new(state.settings.http.max_in_flight)),
        }
    }
}

/// Lets the request in if there is room, and out in time.
pub async fn admit(
    State(admission): State<Admission>,
    scope: RequestScope,
    request: Request,
    next: Next,
) -> Response {
    let http = &admission.settings.http;
    // Probes must be answered when the service is busiest.
    if scope.row().is_some_and(|row| !row.limited) {
        return next.run(request).await;
    }
    if http.require_https && !scope.came_over_https() {
        return ApiError::HttpsRequired.into_response();
    }
    let Ok(_room) = admission.in_flight.try_acquire() else {
        return ApiError::Overloaded {
            retry_after: Duration::from_secs(1),
        }
        .into_response();
    };
    let longest = if scope.row().is_some_and(|row| row.with_data_set) {
        http.training_timeout
    } else {
        http.request_timeout
    };
    match timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}
