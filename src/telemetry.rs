//! Logs and metrics: set up once, used everywhere through `tracing` and `metrics`.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};
use tracing_subscriber::{
    EnvFilter, filter::LevelFilter, fmt, util::SubscriberInitExt, util::TryInitError,
};

/// What is logged, and how it looks.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// A level (`info`) or a filter (`info,credit_risk=debug`).
    pub log_level: String,
    /// One JSON object or one readable line per event.
    pub log_format: LogFormat,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line, for machines.
    Json,
    /// One readable line, for people.
    Console,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter does not parse.
    #[error("the log level or filter does not parse: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Another subscriber is installed already.
    #[error("logging is set up already")]
    Installed(#[from] TryInitError),
}

/// Parses a level or filter, upper case accepted.
///
/// # Errors
/// [`TelemetryError::Filter`] when it does not parse.
pub fn filter(level: &str) -> Result<EnvFilter, TelemetryError> {
    let known = ["trace", "debug", "info", "warn", "error", "off"];
    let lower = level.to_ascii_lowercase();
    let directive = match lower.as_str() {
        "warning" => "warn",
        "critical" => "error",
        // Below info our own rooms are worth reading, the libraries' are not.
        "debug" => "info,credit_risk=debug",
        plain if known.contains(&plain) => plain,
        _ => level,
    };
    // Below info these print signed requests, temporary credentials included.
    let filter = EnvFilter::builder().parse(directive)?;
    let level = filter.max_level_hint().unwrap_or(LevelFilter::TRACE);
    let quiet = format!("aws_={}", level.min(LevelFilter::INFO)).parse()?;
    Ok(filter.add_directive(quiet))
}

/// Installs the process-wide log subscriber; logs go to standard error.
///
/// # Errors
/// [`TelemetryError`] when the filter does not parse or logging is set up already.
pub fn install(config: &TelemetryConfig) -> Result<(), TelemetryError> {
    let builder = fmt()
        .with_env_filter(filter(&config.log_level)?)
        // It would report a log that cannot be written on standard error, and panic there.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init()?,
        LogFormat::Console => builder.finish().try_init()?,
    }
    Ok(())
}

/// Bounds of the latency histograms, in seconds: the usual HTTP bounds with
/// finer ones below five milliseconds, where a prediction is answered.
const LATENCY_BOUNDS: [f64; 16] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0, 60.0,
];

/// Installs the process-wide metrics recorder, or returns the one that stands.
///
/// # Errors
/// [`BuildError`] when a recorder of another kind is installed.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = INSTALLING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_BOUNDS)?
        .install_recorder()?;
    Ok(HANDLE.get_or_init(|| handle).clone())
}
