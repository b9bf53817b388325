//! Layer 5: no answer leaves without its record.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    access::Caller,
    audit::{AuditLog, Event, Outcome},
    http::{error::ApiError, scope::RequestScope},
};

/// Runs the request, then writes its records; if they cannot be written the
/// answer is replaced by a 503. A client that hangs up is recorded as well.
pub async fn audit(
    State(audit): State<AuditLog>,
    scope: RequestScope,
    request: Request,
    next: Next,
) -> Response {
    let audited = scope.row().is_none_or(|row| row.audited);
    let mut hang_up = HangUp {
        audit: &audit,
        scope: &scope,
        answered: !audited,
    };
    let response = next.run(request).await;
    if !audited && !scope.tries_a_wrong_key() {
        return response;
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let outcome = if failed {
        Outcome::Failure
    } else {
        Outcome::Success
    };
    let events = std::iter::once(identity(scope.caller(), status)).chain(scope.close());
    let records = scope.records(events, outcome, Some(status.as_u16()));
    // In a task of its own: a client that leaves while its record is being
    // written must not take the record along.
    hang_up.answered = true;
    let audit = audit.clone();
    match tokio::spawn(async move { audit.append(records).await }).await {
        Ok(Ok(())) => response,
        Ok(Err(error)) => ApiError::from(error).into_response(),
        Err(_) => ApiError::AuditUnavailable.into_response(),
    }
}

/// The record that every request has: who it was.
fn identity(caller: &Caller, status: StatusCode) -> Event {
    match caller {
        Caller::Key(record) => Event::AuthSuccess {
            api_key_hash: record.api_key_hash.clone(),
        },
        Caller::Unknown { prefix, reason } => Event::AuthFailure {
            reason,
            attempted_key_prefix: prefix.clone(),
        },
        Caller::Anonymous if status == StatusCode::UNAUTHORIZED => Event::AuthFailure {
            reason: "missing_key",
            attempted_key_prefix: "***".to_owned(),
        },
        Caller::Anonymous => Event::RequestCompleted,
    }
}

/// Records a request whose future is dropped before its answer.
struct HangUp<'a> {
    audit: &'a AuditLog,
    scope: &'a RequestScope,
    answered: bool,
}

impl Drop for HangUp<'_> {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let mut events = match self.scope.caller() {
            Caller::Anonymous => Vec::new(),
            caller => vec![identity(caller, StatusCode::OK)],
        };
        events.extend(self.scope.close());
        events.push(Event::RequestAbandoned);
        self.audit
            .append_detached(self.scope.records(events, Outcome::Abandoned, None));
    }
}
