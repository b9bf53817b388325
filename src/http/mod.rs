//! The web face: the stack, the route table and the routes. Nothing below knows it exists.

pub mod config;
pub mod connection;
pub mod decompression;
pub mod doc;
pub mod error;
pub mod extract;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod query;
pub mod routes;
pub mod row;
pub mod scope;
pub mod upload;

use std::sync::Arc;

use axum::{Router, extract::FromRef};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa::openapi::OpenApi;

pub use config::{CorsConfig, HttpConfig, UploadConfig};

use crate::{
    access::KeyRegistry, audit::AuditLog, clock::Clock, compute::Compute, credit::DataConfig,
    limits::Limiter, model_store::ModelStore,
};

/// The handles that layers and handlers take what they use from. Cloning is shallow.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The time.
    pub clock: Clock,
    /// Who holds which key.
    pub keys: KeyRegistry,
    /// Who has had enough.
    pub limiter: Limiter,
    /// The audit trail.
    pub audit: AuditLog,
    /// The models.
    pub models: ModelStore,
    /// The doors to CPU work.
    pub compute: Compute,
    /// The bounds of data sets.
    pub data: Arc<DataConfig>,
    /// What the operator set about the web face.
    pub settings: Arc<HttpSettings>,
    /// The metrics page.
    pub metrics: PrometheusHandle,
    /// The OpenAPI document of the route table.
    pub document: Arc<OpenApi>,
}

/// Settings the web face needs, its own and two of the service's.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Its own.
    pub http: HttpConfig,
    /// Name of the service, for the health page.
    pub service: String,
    /// Whether callers need a key.
    pub require_auth: bool,
}

/// The whole service as a router: every row of the table behind the whole stack.
pub fn router(state: AppState) -> Router {
    middleware::stack(routes::mount(&state), &state).with_state(state)
}
