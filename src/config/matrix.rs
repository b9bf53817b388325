//! The rules between settings: what each environment refuses, and what none allows.

use std::{fmt, time::Duration};

use axum::http::Uri;
use bytesize::ByteSize;

use super::{Config, Environment, Setting};
use crate::{access::AccessConfig, audit::Fsync, model_store::StoreKind, telemetry};

/// The files looked for in `secrets_dir`.
const SECRET_FILES: [&str; 2] = ["credit_risk_api_keys", "credit_risk_api_key"];

/// Least memory of a training; below it a streamed one has no room for its tables.
const LEAST_TRAINING_MEMORY: ByteSize = ByteSize::mib(16);

/// Below this the HTTP library refuses to serve.
const SMALLEST_HEADER_LIMIT: ByteSize = ByteSize::kib(8);

/// Above this a bound bounds nothing.
const LARGEST_COUNT: usize = 1 << 20;

/// One broken rule.
#[derive(Debug)]
pub(super) struct Fault {
    /// The setting to change.
    pub(super) key: &'static str,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&named(self.key, &self.what))
    }
}

/// Faults in the order the rules were checked.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn when(&mut self, broken: bool, key: &'static str, what: impl Into<String>) {
        if broken {
            self.0.push(Fault {
                key,
                what: what.into(),
            });
        }
    }
}

impl Config {
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.check_environment(&mut faults);
        self.check_store(&mut faults);
        self.check_keys(&mut faults);
        self.check_cors(&mut faults);
        self.check_texts(&mut faults);
        self.check_bounds(&mut faults);
        faults.0
    }

    /// What is allowed but should not last.
    pub(super) fn warnings(&self) -> Vec<String> {
        let local = self.app.environment == Environment::Local;
        let mut warnings = Vec::new();
        let mut when = |unwise: bool, key, what| {
            if unwise {
                warnings.push(named(key, what));
            }
        };
        when(
            local && !self.access.require_auth,
            "access.require_auth",
            "authentication is off: anybody who reaches the port may train and predict",
        );
        when(
            !local && !self.access.api_keys.is_empty(),
            "access.api_keys",
            "keys in the environment are visible to other processes; prefer CREDIT_RISK_API_KEYS_FILE",
        );
        when(
            self.http.require_https && self.http.trusted_proxies.is_empty(),
            "http.trusted_proxies",
            "no request can count as HTTPS until the proxy that ends TLS is named",
        );
        when(
            !local
                && self.store.kind == StoreKind::S3
                && self
                    .store
                    .s3
                    .endpoint
                    .as_ref()
                    .is_some_and(|it| it.starts_with("http:")),
            "store.s3.endpoint",
            "models travel to the bucket unencrypted; prefer https",
        );
        let s3 = &self.store.s3;
        let attempts = u32::try_from(s3.max_attempts).unwrap_or(u32::MAX);
        when(
            self.store.kind == StoreKind::S3
                && s3.timeout.saturating_mul(attempts) >= self.http.request_timeout,
            "store.s3.timeout",
            "requests run out of time before the bucket has had all its attempts; \
             timeout times max_attempts should be less than http.request_timeout",
        );
        when(
            !local && matches!(self.audit.fsync, Fsync::Never),
            "audit.fsync",
            "a power cut can lose audit records that were already answered",
        );
        warnings
    }

    fn check_environment(&self, faults: &mut Faults) {
        let environment = self.app.environment;
        if environment == Environment::Local {
            return;
        }
        let origins = &self.http.cors.origins;
        faults.when(
            !self.access.require_auth,
            "access.require_auth",
            format!("must be true in {environment}"),
        );
        faults.when(
            !self.limits.enabled,
            "limits.enabled",
            format!("must be true in {environment}"),
        );
        faults.when(
            origins.is_empty() || origins.iter().any(|origin| origin == "*"),
            "http.cors.origins",
            format!("must list the origins that may call in {environment}; `*` or none is refused"),
        );
        if environment == Environment::Production {
            faults.when(self.app.debug, "app.debug", "must be false in production");
            faults.when(
                !self.http.require_https,
                "http.require_https",
                "must be true in production",
            );
        }
    }

    fn check_store(&self, faults: &mut Faults) {
        let production = self.app.environment == Environment::Production;
        let filesystem = self.store.kind == StoreKind::Filesystem;
        faults.when(
            production && filesystem && !self.store.allow_filesystem_in_production,
            "store.kind",
            "production expects s3; set CREDIT_RISK_ALLOW_FS_IN_PROD=true to keep models on a \
             durable filesystem",
        );
        if filesystem {
            return;
        }
        for (key, what) in self.store.s3.faults() {
            faults.when(true, key, what);
        }
        let endpoint = self.store.s3.endpoint.as_deref();
        faults.when(
            endpoint.is_some_and(|endpoint| !is_base_address(endpoint)),
            "store.s3.endpoint",
            "expected http:// or https:// and a host, such as `https://s3.lender.example`",
        );
    }

    fn check_keys(&self, faults: &mut Faults) {
        let strict = self.app.environment != Environment::Local;
        faults.when(
            strict && self.access.require_auth && !has_key_source(&self.access),
            "access.api_keys_file",
            "no API keys are configured: name a file of keys, or put credit_risk_api_keys into \
             CREDIT_RISK_SECRETS_DIR",
        );
        faults.when(
            self.access.forbid_env_keys && !self.access.api_keys.is_empty(),
            "access.api_keys",
            "is refused because CREDIT_RISK_FORBID_ENV_KEYS is true; use \
             CREDIT_RISK_API_KEYS_FILE",
        );
    }

    fn check_cors(&self, faults: &mut Faults) {
        let origins = &self.http.cors.origins;
        let any = origins.iter().any(|origin| origin == "*");
        faults.when(
            any && self.http.cors.allow_credentials,
            "http.cors.allow_credentials",
            "cannot be true while CREDIT_RISK_CORS_ORIGINS is `*`",
        );
        faults.when(
            any && origins.len() > 1,
            "http.cors.origins",
            "`*` already means every origin; leave out the others, or leave out `*`",
        );
        for (position, origin) in origins.iter().enumerate() {
            faults.when(
                origin != "*" && !is_origin(origin),
                "http.cors.origins",
                format!(
                    "entry {} is not an origin; expected scheme://host or scheme://host:port in \
                     lower case, without a path and without the scheme's own port",
                    position + 1
                ),
            );
        }
    }

    fn check_texts(&self, faults: &mut Faults) {
        for (position, path) in self.http.public_paths.iter().enumerate() {
            faults.when(
                !path.starts_with('/'),
                "http.public_paths",
                format!("entry {} must start with `/`", position + 1),
            );
        }
        faults.when(
            !is_uri_prefix(&self.http.error_urn_prefix),
            "http.error_urn_prefix",
            "expected the beginning of a URI, such as `urn:credit-risk:error:`",
        );
        faults.when(
            telemetry::filter(&self.telemetry.log_level).is_err(),
            "telemetry.log_level",
            "expected debug, info, warning, error or a filter such as `info,credit_risk=debug`",
        );
    }

    fn check_bounds(&self, faults: &mut Faults) {
        let http = &self.http;
        for (key, count) in [
            ("http.max_applications", http.max_applications),
            ("http.max_in_flight", http.max_in_flight),
            ("compute.scoring_streams", self.compute.scoring_streams),
            ("store.s3.max_attempts", self.store.s3.max_attempts),
            ("data.max_rows", self.data.max_rows),
            ("data.max_columns", self.data.max_columns),
            ("data.max_levels", self.data.max_levels),
        ] {
            faults.when(count == 0, key, "must be at least 1");
        }
        for (key, count) in [
            ("http.max_in_flight", http.max_in_flight),
            ("compute.training_workers", self.compute.training_workers),
            ("compute.training_queue", self.compute.training_queue),
            ("compute.scoring_workers", self.compute.scoring_workers),
            ("compute.scoring_queue", self.compute.scoring_queue),
            ("compute.scoring_streams", self.compute.scoring_streams),
        ] {
            faults.when(
                count > LARGEST_COUNT,
                key,
                format!("must be at most {LARGEST_COUNT}"),
            );
        }
        for (key, time) in [
            ("http.request_timeout", http.request_timeout),
            ("http.training_timeout", http.training_timeout),
            ("http.header_read_timeout", http.header_read_timeout),
            ("access.reload_interval", self.access.reload_interval),
            ("store.refresh_interval", self.store.refresh_interval),
            ("store.s3.connect_timeout", self.store.s3.connect_timeout),
            ("store.s3.timeout", self.store.s3.timeout),
            ("store.s3.upload_wait", self.store.s3.upload_wait),
            ("store.s3.check_interval", self.store.s3.check_interval),
            ("audit.fsync_interval", self.audit.fsync_interval),
            ("audit.max_wait", self.audit.max_wait),
        ] {
            faults.when(time == Duration::ZERO, key, "must be longer than nothing");
        }
        for (key, size, least) in [
            ("http.body_limit", http.body_limit, ByteSize::b(1)),
            (
                "http.training_body_limit",
                http.training_body_limit,
                ByteSize::b(1),
            ),
            ("http.upload.limit", http.upload.limit, ByteSize::b(1)),
            (
                "http.upload.training_memory",
                http.upload.training_memory,
                LEAST_TRAINING_MEMORY,
            ),
            (
                "http.batch_file_limit",
                http.batch_file_limit,
                ByteSize::b(1),
            ),
            (
                "http.header_limit",
                http.header_limit,
                SMALLEST_HEADER_LIMIT,
            ),
            ("audit.max_size", self.audit.max_size, ByteSize::kib(1)),
        ] {
            faults.when(size < least, key, format!("must be at least {least}"));
        }
    }
}

fn named(key: &str, what: &str) -> String {
    let variable = Setting::at(key).map_or(key, |setting| setting.variable);
    format!("{variable} ({key}): {what}")
}

/// Whether there is anywhere to look for keys; whether keys are in it is found
/// out when they are read.
fn has_key_source(access: &AccessConfig) -> bool {
    !access.api_keys.is_empty()
        || access.api_keys_file.is_some()
        || access.api_key_file.is_some()
        || SECRET_FILES
            .iter()
            .any(|name| access.secrets_dir.join(name).exists())
}

/// Whether `text` is an origin as browsers send it (RFC 6454, section 6.2).
/// Any other spelling would never match a request.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return false;
    };
    let implied = matches!(
        (scheme, uri.port_u16()),
        ("http", Some(80)) | ("https", Some(443))
    );
    let port = uri
        .port_u16()
        .map_or_else(String::new, |port| format!(":{port}"));
    let canonical = format!("{scheme}://{host}{port}").to_ascii_lowercase();
    !host.is_empty() && !implied && canonical == text
}

/// Whether `text` is the address of a server, perhaps with a path.
fn is_base_address(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
            && !text.contains(['@', '#'])
    })
}

/// Whether `text` begins a URI: a scheme, a colon, and only what a URI may hold.
fn is_uri_prefix(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_character = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(scheme_character)
        && !rest.is_empty()
        && rest
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for good in [
            "https://a.example",
            "http://localhost:5173",
            "https://[::1]:8443",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "a.example",
            "https://a.example/",
            "https://a.example/path",
            "https://A.example",
            "https://u@a.example",
            "https://a.example:443",
            "https://a.example:99999",
            "https://a.example?q",
            "null",
            "https://",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn an_error_prefix_begins_a_uri() {
        assert!(is_uri_prefix("urn:credit-risk:error:"));
        assert!(is_uri_prefix("https://errors.example/"));
        for bad in ["", "urn:", "credit-risk", "1urn:x", "urn:a b", ":x"] {
            assert!(!is_uri_prefix(bad), "{bad}");
        }
    }
}
