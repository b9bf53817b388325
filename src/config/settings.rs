//! The table of every setting: its key, its variables, its form and what it means.

use super::kind::Kind;

/// What every variable of ours begins with.
pub const PREFIX: &str = "CREDIT_RISK_";

/// Names the extra file to read; it is not a setting itself.
pub const CONFIG_FILE: &str = "CREDIT_RISK_CONFIG_FILE";

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Path in a settings file, `limits.train`.
    pub key: &'static str,
    /// Environment variable, prefix included, `CREDIT_RISK_TRAIN_RATE_LIMIT`.
    pub variable: &'static str,
    /// Other variables that are understood, in falling precedence, all below
    /// `variable`.
    pub aliases: &'static [&'static str],
    /// The form of its value.
    pub kind: Kind,
    /// One sentence about it, for reports and documentation.
    pub about: &'static str,
}

macro_rules! settings {
    ($($key:literal $name:literal $kind:ident $([$($alias:literal),+])? $about:literal;)+) => {
        /// Every setting there is, in the order of `config/default.toml`.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            variable: concat!("CREDIT_RISK_", $name),
            aliases: &[$($($alias),+)?],
            kind: Kind::$kind,
            about: $about,
        }),+];
    };
}

settings! {
    "app.name" "APP_NAME" Text "Name of the service in its documentation and health answers.";
    "app.environment" "ENVIRONMENT" Environment "Which rules apply at start-up: local, staging or production.";
    "app.debug" "DEBUG" Switch "Log in more detail; refused in production.";

    "http.host" "HOST" Address "Address the listener binds.";
    "http.port" "PORT" Port ["PORT"] "Port the listener binds; 0 lets the system choose.";
    "http.public_paths" "PUBLIC_PATHS" Texts "Exact paths that need no key for GET although they normally would.";
    "http.trusted_proxies" "TRUSTED_PROXIES" Networks "Networks whose X-Forwarded-For and X-Forwarded-Proto are believed.";
    "http.require_https" "REQUIRE_HTTPS" Switch "Refuse requests that did not arrive over HTTPS, and send HSTS.";
    "http.error_urn_prefix" "ERROR_URN_PREFIX" Text "Prefix of the `type` URI of every problem document.";
    "http.body_limit" "BODY_LIMIT" Size "Largest request body outside training.";
    "http.training_body_limit" "TRAINING_BODY_LIMIT" Size "Largest body of a request that carries a data set in JSON.";
    "http.batch_file_limit" "BATCH_FILE_LIMIT" Size "Largest Parquet or Arrow IPC file whose rows are scored; it is in a temporary file meanwhile.";
    "http.header_limit" "HEADER_LIMIT" Size "Largest request head: request line and header fields together.";
    "http.max_applications" "MAX_APPLICATIONS" Count "Most applications in one predict request.";
    "http.request_timeout" "REQUEST_TIMEOUT" Duration "Longest time a request may take, body included.";
    "http.training_timeout" "TRAINING_TIMEOUT" Duration "Longest time a request that carries a data set may take, body included.";
    "http.header_read_timeout" "HEADER_READ_TIMEOUT" Duration "Longest wait for a complete request head, idle connections included.";
    "http.drain_timeout" "DRAIN_TIMEOUT" Duration "Longest time open requests may take to finish after SIGTERM.";
    "http.max_in_flight" "MAX_IN_FLIGHT" Count "Most requests in progress at once; more are answered 503.";
    "http.upload.limit" "UPLOAD_LIMIT" Size "Largest file that is uploaded as a data set, as it comes and decompressed.";
    "http.upload.memory" "UPLOAD_MEMORY" Size "Largest uploaded file that is kept in memory; others go to a temporary file.";
    "http.upload.folder" "UPLOAD_FOLDER" OptionalText "Folder of the temporary files; none means the system's.";
    "http.upload.training_memory" "TRAINING_MEMORY" Size "Memory that a training may take for its data; larger files are trained in passes over the disk.";
    "http.cors.origins" "CORS_ORIGINS" Texts "Origins that may call from a browser; `*` alone means any.";
    "http.cors.allow_credentials" "CORS_ALLOW_CREDENTIALS" Switch "Let browsers send credentials; never together with `*`.";

    "access.require_auth" "REQUIRE_AUTH" Switch "Demand an API key wherever a scope is demanded.";
    "access.api_keys" "API_KEYS" Secrets ["CHAPKIT_API_KEYS", "SERVICEKIT_API_KEYS"] "API keys themselves; prefer a file.";
    "access.api_keys_file" "API_KEYS_FILE" OptionalText ["CHAPKIT_API_KEY_FILE"] "File of API keys, one per line.";
    "access.api_key_file" "API_KEY_FILE" OptionalText "File of a single API key.";
    "access.secrets_dir" "SECRETS_DIR" Text "Folder searched for credit_risk_api_keys and credit_risk_api_key.";
    "access.forbid_env_keys" "FORBID_ENV_KEYS" Switch "Refuse to start when API_KEYS is used.";
    "access.default_scopes" "DEFAULT_SCOPES" Scopes "Scopes of a key that states none.";
    "access.default_tier" "DEFAULT_TIER" Tier "Tier of a key that states none.";
    "access.key_pepper" "KEY_PEPPER" Secret "Secret mixed into the digests that stand for keys in logs.";
    "access.reload_interval" "KEY_RELOAD_INTERVAL" Duration "How often key files are looked at for changes.";

    "limits.enabled" "RATE_LIMIT_ENABLED" Switch "Whether requests are counted against their limits.";
    "limits.train" "TRAIN_RATE_LIMIT" Quota "Trainings, refits and comparisons per key.";
    "limits.predict" "PREDICT_RATE_LIMIT" Quota "Predict requests per key.";
    "limits.feature_selection" "FEATURE_SELECTION_RATE_LIMIT" Quota "Feature selections per key.";
    "limits.anonymous" "ANONYMOUS_RATE_LIMIT" Quota "Requests without a key, per client address.";
    "limits.failed_auth" "FAILED_AUTH_RATE_LIMIT" Quota "Requests with a refused key, per client address.";
    "limits.verify" "VERIFY_RATE_LIMIT" Quota "Key verifications, per key or client address.";

    "store.kind" "MODEL_STORAGE_TYPE" StoreKind "Backend that keeps the models: filesystem or s3.";
    "store.path" "MODEL_STORAGE_PATH" Text ["CREDIT_RISK_MODEL_ARTIFACTS_PATH", "MODEL_ARTIFACTS_PATH"] "Folder of the filesystem backend.";
    "store.cache_size" "MODEL_CACHE_SIZE" Size "Memory for loaded models; the least used leave first.";
    "store.refresh_interval" "MODEL_REFRESH_INTERVAL" Duration "How often models that other processes deleted are forgotten.";
    "store.allow_filesystem_in_production" "ALLOW_FS_IN_PROD" Switch "Allow the filesystem backend in production.";

    "store.s3.bucket" "S3_BUCKET" OptionalText "Bucket of the S3 backend.";
    "store.s3.prefix" "S3_PREFIX" Text "What the key of every model begins with.";
    "store.s3.region" "S3_REGION" OptionalText ["AWS_REGION", "AWS_DEFAULT_REGION"] "Region of the bucket.";
    "store.s3.endpoint" "S3_ENDPOINT" OptionalText ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] "Base address of an S3-compatible server other than Amazon's.";
    "store.s3.addressing" "S3_ADDRESSING" Addressing "Where the bucket is named: in the path, in the host name, or by what the endpoint needs.";
    "store.s3.access_key_id" "S3_ACCESS_KEY_ID" Secret "Access key; without one the platform's credentials are used.";
    "store.s3.secret_access_key" "S3_SECRET_ACCESS_KEY" Secret "Secret of the access key.";
    "store.s3.session_token" "S3_SESSION_TOKEN" Secret "Token of temporary credentials.";
    "store.s3.credentials_file" "S3_CREDENTIALS_FILE" OptionalText "File of credentials in Amazon's format.";
    "store.s3.local_path" "S3_LOCAL_PATH" Text "Folder of this process alone for pending uploads and cached models.";
    "store.s3.disk_cache_size" "S3_DISK_CACHE_SIZE" Size "Disk for cached models; the least used leave first.";
    "store.s3.connect_timeout" "S3_CONNECT_TIMEOUT" Duration "Longest wait for a connection to the bucket.";
    "store.s3.timeout" "S3_TIMEOUT" Duration "Longest wait for the answer to one attempt of a request, for every 8 MiB that it carries.";
    "store.s3.max_attempts" "S3_MAX_ATTEMPTS" Count "Attempts of one request, the first included.";
    "store.s3.upload_wait" "S3_UPLOAD_WAIT" Duration "How long a training waits for its upload before it ends with the upload pending.";
    "store.s3.check_interval" "S3_CHECK_INTERVAL" Duration "How often the bucket is asked whether it answers, and pending uploads are tried.";
    "store.s3.allow_unconditional_writes" "S3_ALLOW_UNCONDITIONAL_WRITES" Switch "Start although the server ignores If-None-Match; only safe for a single writer.";

    "audit.path" "AUDIT_LOG_PATH" Text "The audit log, one JSON record per line.";
    "audit.fsync" "AUDIT_FSYNC" Fsync "When records reach the disk: always, interval or never.";
    "audit.fsync_interval" "AUDIT_FSYNC_INTERVAL" Duration "Time between two syncs when `fsync` is interval.";
    "audit.max_wait" "AUDIT_MAX_WAIT" Duration "Longest time an answer waits for its record; then it is 503.";
    "audit.max_size" "AUDIT_MAX_SIZE" Size "Size at which the log is rotated.";
    "audit.rotate_daily" "AUDIT_ROTATE_DAILY" Switch "Rotate the log at midnight UTC as well.";

    "telemetry.log_level" "LOG_LEVEL" Text "Level (info) or filter (info,credit_risk=debug) of the service log.";
    "telemetry.log_format" "LOG_FORMAT" LogFormat "Shape of the service log: json or console.";

    "compute.training_workers" "TRAINING_WORKERS" Count "Trainings at once; 0 means one fewer than the cores.";
    "compute.training_queue" "TRAINING_QUEUE" Count "Trainings that may wait for a worker; more are answered 503.";
    "compute.scoring_workers" "SCORING_WORKERS" Count "Batches scored at once; 0 means as many as there are cores.";
    "compute.scoring_queue" "SCORING_QUEUE" Count "Batches that may wait for a worker; more are answered 503.";
    "compute.scoring_streams" "SCORING_STREAMS" Count "Data sets scored while they are received; more are answered 503.";

    "data.default_dataset_path" "DEFAULT_DATASET_PATH" OptionalText "CSV used when a training names no data; none means the bundled set.";
    "data.max_rows" "MAX_TRAINING_ROWS" Count "Most rows of a training set.";
    "data.max_columns" "MAX_TRAINING_COLUMNS" Count "Most columns of a training set.";
    "data.max_levels" "MAX_LEVELS" Count "Most distinct levels of a categorical characteristic.";
}

impl Setting {
    /// The setting at `key` in a settings file.
    pub fn at(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The variables that carry it, in falling precedence.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.variable).chain(self.aliases.iter().copied())
    }
}

/// The candidate nearest to a misspelt `name`, if any is near enough to mean.
pub(super) fn nearest(
    name: &str,
    candidates: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let near = candidates.map(|candidate| (distance(name, candidate), candidate));
    near.filter(|(edits, candidate)| *edits <= candidate.len() / 4)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// How many letters to change, add or leave out (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edit_distance_counts_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_name_far_from_every_other_is_near_to_none() {
        let names = || SETTINGS.iter().map(|setting| setting.variable);
        assert_eq!(
            nearest("CREDIT_RISK_API_KEY", names()),
            Some("CREDIT_RISK_API_KEYS")
        );
        assert_eq!(nearest("CREDIT_RISK_THE_MOON_IS_MADE_OF", names()), None);
    }
}
