//! Is the process alive, and can it do its work?

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::{
    audit::AuditLog,
    http::{HttpSettings, doc::Doc},
    model_store::{ModelStore, StoreHealth},
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
    /// `healthy`, or the worst of the checks.
    status: &'static str,
    /// Name of the service.
    service: String,
    /// Version of the program.
    version: &'static str,
    /// `healthy`, `degraded` or `unhealthy`, by what was checked.
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

/// Answers 503 when the service could not do its work. A store that is degraded
/// still serves what this machine has, so traffic stays welcome.
pub(super) async fn health(
    State(settings): State<Arc<HttpSettings>>,
    State(models): State<ModelStore>,
    State(audit): State<AuditLog>,
) -> (StatusCode, Json<Health>) {
    let store = models.health().await;
    let log = if audit.healthy() {
        StoreHealth::Healthy
    } else {
        StoreHealth::Unhealthy
    };
    let worst = store.max(log);
    let status = match worst {
        StoreHealth::Healthy | StoreHealth::Degraded => StatusCode::OK,
        StoreHealth::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let health = Health {
        status: worst.as_str(),
        service: settings.service.clone(),
        version: VERSION,
        checks: BTreeMap::from([("audit_log", log.as_str()), ("model_store", store.as_str())]),
    };
    (status, Json(health))
}

pub(super) fn health_doc() -> Doc {
    Doc::new("health", "State of the service and of what it depends on")
        .answer::<Health>(
            200,
            "Everything it depends on works, or is degraded: see `checks`",
        )
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
