//! Numbers for Prometheus.

use axum::{extract::State, http::header, response::IntoResponse};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::http::doc::Doc;

pub(super) async fn page(State(metrics): State<PrometheusHandle>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], metrics.render())
}

pub(super) fn doc() -> Doc {
    Doc::new("health", "Metrics in the Prometheus text format")
        .text_answer("text/plain", "Counters, gauges and histograms")
}
