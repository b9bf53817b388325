//! Layer 7: who has had enough.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    access::Caller,
    audit::Event,
    http::{error::ApiError, scope::RequestScope},
    limits::{Class, Decision, Limiter, Subject},
};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Charges the caller and refuses with 429 when a policy is used up; every
/// answer says how the policies stand.
pub async fn rate_limit(
    State(limiter): State<Limiter>,
    scope: RequestScope,
    request: Request,
    next: Next,
) -> Response {
    if scope.row().is_some_and(|row| !row.limited) && !scope.tries_a_wrong_key() {
        return next.run(request).await;
    }
    let class = scope.row().map_or(Class::Other, |row| row.class);
    let decisions = limiter.charge(subject(&scope), class);
    let refused = decisions.iter().find(|decision| !decision.allowed);
    let mut response = match refused {
        None => next.run(request).await,
        Some(decision) => {
            let limit = decision.quota.to_string();
            let policy = decision.policy;
            metrics::counter!("creditrisk_rate_limited_total", "policy" => policy).increment(1);
            scope.note(Event::RateLimited {
                policy: policy.to_owned(),
                limit: limit.clone(),
            });
            let retry_after = decision.retry_after;
            ApiError::RateLimited {
                limit,
                policy,
                retry_after,
            }
            .into_response()
        }
    };
    describe(&decisions, &scope, response.headers_mut());
    response
}

fn subject(scope: &RequestScope) -> Subject<'_> {
    match scope.caller() {
        Caller::Key(record) => Subject::Key {
            key_id: &record.key_id,
            per_hour: record.hourly_limit(),
        },
        Caller::Anonymous => Subject::Address(scope.address()),
        Caller::Unknown { .. } => Subject::FailedCredential(scope.address()),
    }
}

/// The structured fields list every policy; the older ones have room for one,
/// the tightest.
fn describe(decisions: &[Decision], scope: &RequestScope, headers: &mut HeaderMap) {
    let Some(tightest) = decisions.first() else {
        return;
    };
    let now = scope.now().as_second().cast_unsigned();
    headers.insert(LIMIT, tightest.quota.limit.into());
    headers.insert(REMAINING, tightest.remaining.into());
    headers.insert(RESET, (now + seconds_up(tightest)).into());
    let each = |item: &dyn Fn(&Decision) -> String| {
        let list = decisions.iter().map(item).collect::<Vec<_>>().join(", ");
        HeaderValue::from_str(&list).ok()
    };
    let policy = |d: &Decision| {
        format!(
            "\"{}\";q={};w={}",
            d.policy,
            d.quota.limit,
            d.quota.period.as_secs().max(1)
        )
    };
    let state = |d: &Decision| format!("\"{}\";r={};t={}", d.policy, d.remaining, seconds_up(d));
    headers.extend(each(&policy).map(|value| (RATE_LIMIT_POLICY, value)));
    headers.extend(each(&state).map(|value| (RATE_LIMIT, value)));
}

fn seconds_up(decision: &Decision) -> u64 {
    decision.reset.as_secs() + u64::from(decision.reset.subsec_nanos() > 0)
}
