//! Is the process alive, and can it do its work?

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::{
    audit::AuditLog,
    http::{HttpSettings, doc::Doc},
    model_store::ModelStore,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where to go from here.
#[derive(Serialize, ToSchema)]
pub(super) struct Index {
    service: String,
    version: &'static str,
    documentation: &'static str,
    openapi: &'static str,
    health: &'static str,
}

/// State of the service and of what it depends on.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `healthy`, or `unhealthy` if any check is.
    status: &'static str,
    /// Name of the service.
    service: String,
    /// Version of the program.
    version: &'static str,
    /// `healthy` or `unhealthy`, by what was checked.
    checks: BTreeMap<&'static str, &'static str>,
}

pub(super) async fn index(State(settings): State<Arc<HttpSettings>>) -> Json<Index> {
    Json(Index {
        service: settings.service.clone(),
        version: VERSION,
        documentation: "/docs",
        openapi: "/openapi.json",
        health: "/health",
    })
}

pub(super) fn index_doc() -> Doc {
    Doc::new("health", "Name, version and where to go from here").answer::<Index>(200, "The index")
}

/// Answers 503 when the service could not do its work.
pub(super) async fn health(
    State(settings): State<Arc<HttpSettings>>,
    State(models): State<ModelStore>,
    State(audit): State<AuditLog>,
) -> (StatusCode, Json<Health>) {
    let store = models.healthy().await;
    let log = audit.healthy();
    let word = |healthy: bool| if healthy { "healthy" } else { "unhealthy" };
    let status = if store && log {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let health = Health {
        status: word(store && log),
        service: settings.service.clone(),
        version: VERSION,
        checks: BTreeMap::from([("audit_log", word(log)), ("model_store", word(store))]),
    };
    (status, Json(health))
}

pub(super) fn health_doc() -> Doc {
    Doc::new("health", "State of the service and of what it depends on")
        .answer::<Health>(200, "Everything it depends on works")
        .answer::<Health>(503, "Something it depends on does not work")
}

pub(super) fn ready_doc() -> Doc {
    Doc::new(
        "health",
        "Whether traffic should be sent here; the same answer as /health",
    )
    .answer::<Health>(200, "Ready")
    .answer::<Health>(503, "Not ready")
}

/// A process that answers is alive.
#[derive(Serialize, ToSchema)]
pub(super) struct Live {
    /// Always `alive`.
    status: &'static str,
}

pub(super) async fn live() -> Json<Live> {
    Json(Live { status: "alive" })
}

pub(super) fn live_doc() -> Doc {
    Doc::new("health", "Whether the process is alive").answer::<Live>(200, "It is")
}
