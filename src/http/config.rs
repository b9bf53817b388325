//! What an operator may set about the web face.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use bytesize::ByteSize;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Settings of the listener, the stack and the bodies it accepts.
///
/// Defaults and variable names are documented in `config/default.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address the listener binds.
    pub host: IpAddr,
    /// Port the listener binds; 0 lets the system choose.
    pub port: u16,
    /// Exact paths that need no key although their row demands a scope.
    pub public_paths: Vec<String>,
    /// Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Refuse requests that did not arrive over HTTPS and send HSTS.
    pub require_https: bool,
    /// Prefix of the problem `type` URIs.
    pub error_urn_prefix: String,
    /// Largest request body outside training.
    pub body_limit: ByteSize,
    /// Largest body of a request that carries a data set in JSON.
    pub training_body_limit: ByteSize,
    /// Files that are uploaded as data sets.
    pub upload: UploadConfig,
    /// Largest Parquet or Arrow IPC file whose rows are scored; it is in a temporary file meanwhile.
    pub batch_file_limit: ByteSize,
    /// Largest request head (request line and header fields together).
    pub header_limit: ByteSize,
    /// Most applications in one predict request.
    pub max_applications: usize,
    /// Longest time a request may take, body included.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// Longest time a request that carries a data set may take, body included.
    #[serde(with = "humantime_serde")]
    pub training_timeout: Duration,
    /// Longest time to wait for a complete request head; it also closes idle
    /// keep-alive connections, so keep it above the load balancer's idle time.
    #[serde(with = "humantime_serde")]
    pub header_read_timeout: Duration,
    /// Longest time open requests may take to finish after SIGTERM.
    #[serde(with = "humantime_serde")]
    pub drain_timeout: Duration,
    /// Most requests in progress at once; more are answered 503.
    pub max_in_flight: usize,
    /// Cross-origin rules.
    pub cors: CorsConfig,
}

/// What becomes of files that are uploaded as data sets.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UploadConfig {
    /// Largest file, as it comes and decompressed.
    pub limit: ByteSize,
    /// Largest file that is kept in memory; others go to a temporary file.
    pub memory: ByteSize,
    /// Folder of the temporary files; none means the system's.
    pub folder: Option<PathBuf>,
    /// Memory that a training may take for its data. On files larger than a quarter of it a model is
    /// trained in passes over what is put aside in another temporary file.
    pub training_memory: ByteSize,
}

/// Who may call from a browser.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins that may call; `*` alone means any origin, without credentials.
    pub origins: Vec<String>,
    /// Whether browsers may send credentials (never together with `*`).
    pub allow_credentials: bool,
}
