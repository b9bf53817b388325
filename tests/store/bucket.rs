//! A store in a bucket of its own, on a server that the tests share.

use std::sync::atomic::{AtomicUsize, Ordering};

use credit_risk::{
    config::{Sources, load},
    model_store::{ModelStore, ModelStoreError, StoreConfig},
};
use tempfile::TempDir;

use crate::s3::{Server, Vendor, client::client};

/// An empty bucket, and folders for the processes that use it.
pub(crate) struct Bucket {
    server: &'static Server,
    name: String,
    folders: TempDir,
    opened: AtomicUsize,
}

impl Bucket {
    pub(crate) async fn on(vendor: Vendor) -> Self {
        let server = Server::shared(vendor).await;
        Self {
            server,
            name: server.new_bucket().await,
            folders: TempDir::new().unwrap(),
            opened: AtomicUsize::new(0),
        }
    }

    /// Settings of one more process: its local folder is its own.
    pub(crate) fn config(&self, variables: &[(&str, &str)]) -> StoreConfig {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let local = self.folders.path().join(format!("process{number}"));
        let sources = Sources::none()
            .with("CREDIT_RISK_MODEL_STORAGE_TYPE", "s3")
            .with("CREDIT_RISK_S3_BUCKET", &self.name)
            .with("CREDIT_RISK_S3_REGION", &self.region())
            .with("CREDIT_RISK_S3_ENDPOINT", self.server.endpoint())
            .with("CREDIT_RISK_S3_ACCESS_KEY_ID", Server::ACCESS_KEY)
            .with("CREDIT_RISK_S3_SECRET_ACCESS_KEY", Server::SECRET_KEY)
            .with("CREDIT_RISK_S3_LOCAL_PATH", local.to_str().unwrap())
            // A busy machine is no dead server.
            .with("CREDIT_RISK_S3_TIMEOUT", "60s")
            .with("CREDIT_RISK_S3_UPLOAD_WAIT", "60s");
        let sources = variables
            .iter()
            .fold(sources, |sources, (name, value)| sources.with(name, value));
        load(&sources).unwrap().config.store
    }

    /// The SDK rations the attempts of a region for the whole process; each bucket has its own.
    fn region(&self) -> String {
        format!("{}-{}", Server::REGION, self.name)
    }

    pub(crate) async fn try_open(
        &self,
        variables: &[(&str, &str)],
    ) -> Result<ModelStore, ModelStoreError> {
        ModelStore::open(&self.config(variables)).await
    }

    /// A store on the bucket, as one more process opens it.
    pub(crate) async fn store(&self) -> ModelStore {
        self.try_open(&[]).await.unwrap()
    }

    /// Every key, sorted.
    pub(crate) async fn keys(&self) -> Vec<String> {
        self.server.keys(&self.name).await
    }

    pub(crate) async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.server.get(&self.name, key).await
    }

    /// Writes an object behind the stores' backs.
    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) {
        self.server.put(&self.name, key, bytes).await;
    }

    pub(crate) async fn delete(&self, key: &str) {
        self.server.delete(&self.name, key).await;
    }

    /// The keys of the uploads in parts that were begun and neither completed nor aborted.
    pub(crate) async fn unfinished_uploads(&self) -> Vec<String> {
        let owner = client(
            self.server.endpoint(),
            Server::ACCESS_KEY,
            Server::SECRET_KEY,
        );
        let request = owner.list_multipart_uploads().bucket(&self.name);
        let uploads = request.send().await.unwrap().uploads.unwrap_or_default();
        uploads
            .into_iter()
            .filter_map(|upload| upload.key)
            .collect()
    }

    pub(crate) fn server(&self) -> &'static Server {
        self.server
    }
}
