//! The line from a store to its bucket, with a proxy on it that counts and does harm.

use credit_risk::model_store::{ModelStore, StoreConfig};
use hyper::{Method, StatusCode};

use crate::{
    bucket::Bucket,
    s3::{
        Vendor,
        proxy::{Fault, Proxy, Seen},
    },
};

/// A bucket, and one way to it that goes through a proxy.
pub(crate) struct Line {
    /// The bucket as processes reach it that have no trouble.
    pub(crate) bucket: Bucket,
    pub(crate) proxy: Proxy,
}

impl Line {
    pub(crate) async fn to(vendor: Vendor) -> Self {
        let bucket = Bucket::on(vendor).await;
        let proxy = Proxy::before(bucket.server()).await;
        Self { bucket, proxy }
    }

    /// Settings of one more process on this line.
    pub(crate) fn config(&self, variables: &[(&str, &str)]) -> StoreConfig {
        let endpoint = self.proxy.endpoint();
        let mut all = vec![("CREDIT_RISK_S3_ENDPOINT", endpoint.as_str())];
        all.extend(variables);
        self.bucket.config(&all)
    }

    /// A store on this line, as one more process opens it.
    pub(crate) async fn store(&self) -> ModelStore {
        open(&self.config(&[])).await
    }

    /// Whatever is asked from now on is refused, until the proxy heals.
    pub(crate) fn refuse(&self, what: impl Fn(&Seen) -> bool + Send + Sync + 'static) {
        let refusal = Fault::Answer(StatusCode::FORBIDDEN, "AccessDenied");
        self.proxy.inject(usize::MAX, what, refusal);
    }

    /// What was asked since the last call, as `METHOD /path`, without the bucket's name.
    pub(crate) fn asked(&self) -> Vec<String> {
        let seen = self.proxy.seen();
        self.proxy.forget();
        seen.iter().map(line_of).collect()
    }
}

fn line_of(seen: &Seen) -> String {
    let path = seen.path.splitn(3, '/').nth(2).unwrap_or_default();
    format!("{} {path}", seen.method)
}

/// Opens a store, again with the local folder of the last time where there was one.
pub(crate) async fn open(config: &StoreConfig) -> ModelStore {
    ModelStore::open(config).await.unwrap()
}

pub(crate) fn puts_a_model(seen: &Seen) -> bool {
    seen.method == Method::PUT && seen.path.ends_with(".model")
}

pub(crate) fn gets_a_model(seen: &Seen) -> bool {
    seen.method == Method::GET && seen.path.ends_with(".model")
}

pub(crate) fn lists(seen: &Seen) -> bool {
    seen.query.contains("list-type=2")
}
