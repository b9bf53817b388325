//! What an operator may set about where models live.

use std::{path::PathBuf, time::Duration};

use bytesize::ByteSize;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Where models are kept and how many stay in memory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// Which backend keeps the models.
    pub kind: StoreKind,
    /// Directory of the filesystem backend.
    pub path: PathBuf,
    /// Memory for loaded models; the least used leave first.
    pub cache_size: ByteSize,
    /// How often models that others deleted are looked for and forgotten.
    #[serde(with = "humantime_serde")]
    pub refresh_interval: Duration,
    /// Allow the filesystem backend in the production environment.
    pub allow_filesystem_in_production: bool,
    /// The S3 backend.
    pub s3: S3Config,
}

/// The backends there are.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// A directory on a local or mounted filesystem.
    Filesystem,
    /// A bucket of an S3-compatible object store.
    S3,
}

/// A bucket and how to reach it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Name of the bucket.
    pub bucket: Option<String>,
    /// What every key begins with; ends with `/`.
    pub prefix: String,
    /// Region; none means the one that the platform names, or `us-east-1`.
    pub region: Option<String>,
    /// Base address of a server other than Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket is in the path or in the host name.
    pub addressing: Addressing,
    /// Access key; none means the file, or what the platform provides.
    pub access_key_id: Option<SecretString>,
    /// Secret that belongs to the access key.
    pub secret_access_key: Option<SecretString>,
    /// Token of temporary credentials.
    pub session_token: Option<SecretString>,
    /// File of credentials in Amazon's format.
    pub credentials_file: Option<PathBuf>,
    /// Folder for models whose upload is pending and for cached ones.
    pub local_path: PathBuf,
    /// Disk for cached models; the least used leave first.
    pub disk_cache_size: ByteSize,
    /// Longest wait for a connection.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// Longest wait for the answer to one attempt of one request.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    /// Attempts of one request, the first included.
    pub max_attempts: usize,
    /// How long a training waits for its upload before it ends as pending.
    #[serde(with = "humantime_serde")]
    pub upload_wait: Duration,
    /// How often the bucket is asked whether it answers, and pending uploads are tried.
    #[serde(with = "humantime_serde")]
    pub check_interval: Duration,
    /// Start even when the server ignores `If-None-Match`.
    pub allow_unconditional_writes: bool,
}

/// Where the name of the bucket stands in a request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// In the path when an endpoint is set, in the host name otherwise.
    Auto,
    /// `https://endpoint/bucket/key`.
    Path,
    /// `https://bucket.endpoint/key`.
    Virtual,
}

impl S3Config {
    /// Every rule between these settings that is broken: its key and what is wrong.
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let given = |secret: &Option<SecretString>| {
            secret
                .as_ref()
                .is_some_and(|it| !it.expose_secret().is_empty())
        };
        let (key, secret) = (given(&self.access_key_id), given(&self.secret_access_key));
        let bucket = self.bucket.as_deref();
        let rules = [
            (
                bucket.is_none(),
                "store.s3.bucket",
                "must name the bucket when models are kept on s3",
            ),
            (
                bucket.is_some_and(|name| !is_bucket(name)),
                "store.s3.bucket",
                "expected the name of a bucket alone: 3 to 63 letters, digits, `.`, `-` and `_`; \
                 what follows it in an s3:// address belongs into CREDIT_RISK_S3_PREFIX",
            ),
            (
                !is_prefix(&self.prefix),
                "store.s3.prefix",
                "expected names with a slash behind each, such as `models/`: letters, digits, \
                 `.`, `-`, `_` and `=`",
            ),
            (
                key != secret,
                "store.s3.access_key_id",
                "an access key and its secret are given together or not at all",
            ),
            (
                given(&self.session_token) && !(key && secret),
                "store.s3.session_token",
                "belongs to an access key and its secret, and they are not given",
            ),
            (
                key && self.credentials_file.is_some(),
                "store.s3.credentials_file",
                "credentials are given already; leave out one of the two",
            ),
            (
                self.max_attempts > MOST_ATTEMPTS,
                "store.s3.max_attempts",
                "must be at most 20",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, ..)| *broken);
        broken.map(|(_, key, what)| (key, what)).collect()
    }
}

/// More attempts than this only hide that the bucket is away.
const MOST_ATTEMPTS: usize = 20;

fn is_bucket(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (3..=63).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_prefix(prefix: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_=".contains(&byte);
    let is_name =
        |name: &str| !name.is_empty() && name != "." && name != ".." && name.bytes().all(allowed);
    let names = prefix.strip_suffix('/');
    names.is_some_and(|names| prefix.len() <= 512 && names.split('/').all(is_name))
}
