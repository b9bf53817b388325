//! Clients of a server, and its objects as its owner writes and reads them.

use std::{error::Error, time::Duration};

use aws_sdk_s3::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, timeout::TimeoutConfig,
    },
    error::DisplayErrorContext,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};

use super::{Place, Server};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server that is asked whether it is ready has to keep.
const PROBE: &[u8] = b"ready";

/// A client that signs with these keys. It belongs to the runtime it is first used on.
pub(crate) fn client(endpoint: &str, access_key: &str, secret_key: &str) -> Client {
    let credentials = Credentials::new(access_key, secret_key, None, None, "tests");
    let patience = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(Server::REGION))
        .credentials_provider(credentials)
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .timeout_config(patience.build());
    Client::from_conf(config.build())
}

/// The objects of one server.
#[derive(Clone)]
pub(super) struct Objects(Client);

impl Objects {
    pub(super) fn of(endpoint: &str) -> Self {
        Self(client(endpoint, Server::ACCESS_KEY, Server::SECRET_KEY))
    }

    /// Whether the server can do its work: make a bucket, keep an object and give it back.
    pub(super) async fn probe(&self, bucket: &str) -> Result<(), String> {
        let place = Place::new(bucket, "probe");
        self.make_bucket(bucket).await?;
        self.put(&place, PROBE.to_vec()).await?;
        match self.get(&place).await?.as_deref() {
            Some(PROBE) => Ok(()),
            other => Err(format!("gave back {other:?}")),
        }
    }

    pub(super) async fn make_bucket(&self, bucket: &str) -> Result<(), String> {
        let region = BucketLocationConstraint::from(Server::REGION);
        let place = CreateBucketConfiguration::builder().location_constraint(region);
        let request = self.0.create_bucket().bucket(bucket);
        let request = request.create_bucket_configuration(place.build());
        request.send().await.map_err(text)?;
        Ok(())
    }

    pub(super) async fn put(&self, place: &Place, body: Vec<u8>) -> Result<(), String> {
        let request = self.0.put_object().bucket(&place.bucket).key(&place.key);
        request.body(body.into()).send().await.map_err(text)?;
        Ok(())
    }

    pub(super) async fn get(&self, place: &Place) -> Result<Option<Vec<u8>>, String> {
        let request = self.0.get_object().bucket(&place.bucket).key(&place.key);
        match request.send().await {
            Ok(object) => {
                let body = object.body.collect().await.map_err(text)?;
                Ok(Some(body.to_vec()))
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
            Err(error) => Err(text(error)),
        }
    }

    pub(super) async fn delete(&self, place: &Place) -> Result<(), String> {
        let request = self.0.delete_object().bucket(&place.bucket).key(&place.key);
        request.send().await.map_err(text)?;
        Ok(())
    }

    pub(super) async fn keys(&self, bucket: &str) -> Result<Vec<String>, String> {
        let request = self.0.list_objects_v2().bucket(bucket);
        let mut pages = request.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let objects = page.map_err(text)?.contents.unwrap_or_default();
            keys.extend(objects.into_iter().filter_map(|object| object.key));
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

/// The error with everything that caused it.
fn text(error: impl Error) -> String {
    DisplayErrorContext(error).to_string()
}
