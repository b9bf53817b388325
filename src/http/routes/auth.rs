//! Checks a key.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Caller, Scope, Tier},
    http::{doc::Doc, error::ApiError, scope::RequestScope},
};

/// What a valid key may do.
#[derive(Serialize, ToSchema)]
pub(super) struct Verified {
    /// Always `valid`.
    status: &'static str,
    message: &'static str,
    /// Public id of the key.
    key_id: String,
    /// Name of the key, if it was given one.
    name: Option<String>,
    /// What the key may do.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// Tier of the key's hourly quota.
    #[schema(value_type = String)]
    tier: Tier,
    /// When the key stops working; keys from files and the environment do not.
    expires_at: Option<String>,
}

pub(super) async fn verify(scope: RequestScope) -> Result<Json<Verified>, ApiError> {
    match scope.caller() {
        Caller::Key(record) => Ok(Json(Verified {
            status: "valid",
            message: "API key is valid",
            key_id: record.key_id.clone(),
            name: record.name.clone(),
            scopes: record.scopes.iter().collect(),
            tier: record.tier,
            expires_at: None,
        })),
        Caller::Anonymous => Err(ApiError::Unauthenticated),
        Caller::Unknown { .. } => Err(ApiError::InvalidCredential),
    }
}

pub(super) fn doc() -> Doc {
    Doc::new("auth", "Check a key")
        .describe("Any valid key may ask, whatever its scopes.")
        .answer::<Verified>(200, "The key is valid; here is what it may do")
        .problem(401, "No key, or a wrong one")
        .problem(429, "Too many requests")
}
