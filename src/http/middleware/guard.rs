//! Layer 10: the scope a route demands.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    access::{Denial, Scope},
    audit::Event,
    http::{error::ApiError, scope::RequestScope},
};

/// What a guard knows: the row's scope, and whether keys are required at all.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// The scope a caller must hold.
    pub scope: Scope,
    /// Whether callers without a key pass.
    pub open: bool,
}

/// Lets callers with the scope pass.
pub async fn guard(
    State(guard): State<Guard>,
    scope: RequestScope,
    request: Request,
    next: Next,
) -> Response {
    match scope.caller().require(guard.scope, guard.open) {
        Ok(()) => next.run(request).await,
        Err(denial) => {
            if let Denial::MissingScope { required, .. } = denial {
                let required_scope = required.as_str().to_owned();
                scope.note(Event::AuthzDenied { required_scope });
            }
            metrics::counter!("creditrisk_denied_total").increment(1);
            ApiError::from(denial).into_response()
        }
    }
}
