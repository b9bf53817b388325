//! S3-compatible servers for tests: real programs of three vendors, installed by
//! `scripts/tools.sh` and started on this machine; [`proxy`] stands before one and
//! does it harm.
//!
//! A test binary takes this folder in with `#[path = "../support/s3/mod.rs"] mod s3;`,
//! and expects `dead_code` there where it leaves part of it unused.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test helper may panic"
)]

pub(crate) mod client;
mod folder;
mod host;
mod passage;
mod process;
pub(crate) mod proxy;
mod vendor;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::OnceCell;

use self::{client::Objects, process::Process};

/// A program that speaks S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    /// Checks signatures and rights; honours conditions, one of many writers winning.
    SeaweedFs,
    /// Lets everybody in; honours conditions. Ready in a second.
    Moto,
    /// Checks signatures; takes no notice of conditions. Ready at once.
    Rclone,
}

/// A running server; killed when its last clone is gone, at the latest with the process.
#[derive(Clone)]
pub(crate) struct Server(Arc<Running>);

struct Running {
    process: Process,
    objects: Objects,
    buckets: AtomicUsize,
}

impl Server {
    /// May do everything.
    pub(crate) const ACCESS_KEY: &str = "FAKEACCESSKEYFORTESTS";
    pub(crate) const SECRET_KEY: &str = "fake-secret-key-for-tests-only";
    /// May read and list, on a server that looks at rights.
    pub(crate) const READ_ONLY_ACCESS_KEY: &str = "FAKEREADONLYKEYFORTESTS";
    pub(crate) const READ_ONLY_SECRET_KEY: &str = "fake-read-only-secret-for-tests";
    pub(crate) const REGION: &str = "eu-fake-1";

    /// The one server of this vendor that all tests of the process share, started at first use.
    /// No test stops or kills it.
    pub(crate) async fn shared(vendor: Vendor) -> &'static Self {
        static SHARED: [OnceCell<Result<Server, String>>; 3] = [const { OnceCell::const_new() }; 3];
        SHARED[vendor as usize]
            .get_or_init(|| Self::try_start(vendor))
            .await
            .as_ref()
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// A server that this test alone uses, and may stop and kill.
    pub(crate) async fn start(vendor: Vendor) -> Self {
        let server = Self::try_start(vendor).await;
        server.unwrap_or_else(|problem| panic!("{problem}"))
    }

    async fn try_start(vendor: Vendor) -> Result<Self, String> {
        let (process, objects) = host::run(process::start(vendor)).await?;
        Ok(Self(Arc::new(Running {
            process,
            objects,
            buckets: AtomicUsize::new(0),
        })))
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint(&self) -> &str {
        self.0.process.endpoint()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.process.address()
    }

    /// Lets it hang: connections are accepted, nothing is answered.
    pub(crate) fn stop(&self) {
        self.0.process.stop();
    }

    /// Ends [`Server::stop`].
    pub(crate) fn resume(&self) {
        self.0.process.resume();
    }

    /// Ends it for good: connections are refused.
    pub(crate) fn kill(&self) {
        self.0.process.kill();
    }

    /// Makes an empty bucket and returns its name.
    pub(crate) async fn new_bucket(&self) -> String {
        let number = self.0.buckets.fetch_add(1, Ordering::Relaxed) + 1;
        let bucket = format!("bucket-{number}");
        let (objects, name) = (self.0.objects.clone(), bucket.clone());
        host::run(async move { objects.make_bucket(&name).await })
            .await
            .unwrap_or_else(|problem| panic!("{bucket}: {problem}"));
        bucket
    }

    /// Writes an object behind the program's back.
    pub(crate) async fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let (objects, place) = (self.0.objects.clone(), Place::new(bucket, key));
        let body = body.to_owned();
        host::run(async move { objects.put(&place, body).await })
            .await
            .unwrap_or_else(|problem| panic!("putting {bucket}/{key}: {problem}"));
    }

    /// The object's bytes; `None` when there is no such object.
    pub(crate) async fn get(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let (objects, place) = (self.0.objects.clone(), Place::new(bucket, key));
        host::run(async move { objects.get(&place).await })
            .await
            .unwrap_or_else(|problem| panic!("getting {bucket}/{key}: {problem}"))
    }

    /// Removes an object, or nothing when there is none.
    pub(crate) async fn delete(&self, bucket: &str, key: &str) {
        let (objects, place) = (self.0.objects.clone(), Place::new(bucket, key));
        host::run(async move { objects.delete(&place).await })
            .await
            .unwrap_or_else(|problem| panic!("deleting {bucket}/{key}: {problem}"));
    }

    /// Every key of the bucket, sorted.
    pub(crate) async fn keys(&self, bucket: &str) -> Vec<String> {
        let (objects, name) = (self.0.objects.clone(), bucket.to_owned());
        host::run(async move { objects.keys(&name).await })
            .await
            .unwrap_or_else(|problem| panic!("listing {bucket}: {problem}"))
    }
}

/// Where an object is.
struct Place {
    bucket: String,
    key: String,
}

impl Place {
    fn new(bucket: &str, key: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }
}
