//! The client: region, endpoint, credentials, retries and patience.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, profile::ProfileFileCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::{
    Client,
    config::{Credentials, RequestChecksumCalculation, ResponseChecksumValidation},
};
use secrecy::{ExposeSecret, SecretString};

use super::super::{S3Config, config::Addressing, objects::Refusal};

/// The longest pause between two attempts of one request.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

/// A client as the settings describe it; what they leave open the platform says.
/// Nothing is sent yet, except perhaps to the platform.
pub(super) async fn client(config: &S3Config) -> Result<Client, Refusal> {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(u32::try_from(config.max_attempts).unwrap_or(u32::MAX))
                .with_max_backoff(LONGEST_BACKOFF),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(config.connect_timeout)
                .operation_attempt_timeout(config.timeout)
                .build(),
        );
    let loader = match (&config.region, &config.endpoint) {
        (Some(region), _) => loader.region(Region::new(region.clone())),
        // Others than Amazon take any region, and this is the one they expect.
        (None, Some(_)) => loader.region(Region::from_static("us-east-1")),
        (None, None) => loader,
    };
    let loader = match (static_credentials(config), &config.credentials_file) {
        (Some(credentials), _) => loader.credentials_provider(credentials),
        (None, Some(file)) => {
            let files = EnvConfigFiles::builder()
                .with_file(EnvConfigFileKind::Credentials, file)
                .build();
            let provider = ProfileFileCredentialsProvider::builder().profile_files(files);
            loader.credentials_provider(provider.build())
        }
        (None, None) => loader,
    };
    let platform = loader.load().await;
    if platform.region().is_none() {
        return Err(Refusal {
            operation: "find its region",
            status: None,
            reason: "set CREDIT_RISK_S3_REGION".to_owned(),
        });
    }
    // A model is checked against its own digest, which tells damage from a broken line.
    let builder = aws_sdk_s3::config::Builder::from(&platform)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    let builder = match &config.endpoint {
        // Look-alikes refuse the checksums that Amazon's own service asks for.
        Some(endpoint) => builder
            .endpoint_url(endpoint)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired),
        None => builder,
    };
    let in_path = match config.addressing {
        Addressing::Auto => config.endpoint.is_some(),
        Addressing::Path => true,
        Addressing::Virtual => false,
    };
    Ok(Client::from_conf(builder.force_path_style(in_path).build()))
}

fn static_credentials(config: &S3Config) -> Option<Credentials> {
    let exposed = |secret: &Option<SecretString>| {
        let secret = secret.as_ref()?.expose_secret();
        (!secret.is_empty()).then(|| secret.to_owned())
    };
    Some(Credentials::new(
        exposed(&config.access_key_id)?,
        exposed(&config.secret_access_key)?,
        exposed(&config.session_token),
        None,
        "settings",
    ))
}
