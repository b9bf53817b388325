//! `models copy`: every model of one backend into the other.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use tokio::runtime::Runtime;

use super::refuse;
use crate::{
    config::{self, Sources},
    model_store::{self, Copied, ModelStore, ModelStoreError, StoreConfig, StoreKind},
    telemetry,
};

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Copy every model from one backend to the other, and read each back. Nothing
    /// is replaced or deleted; an interrupted run can be started again.
    Copy(Copy),
}

#[derive(Debug, Args)]
pub(super) struct Copy {
    /// Backend to read from.
    #[arg(long, value_enum)]
    from: Backend,
    /// Backend to write to.
    #[arg(long, value_enum)]
    to: Backend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// The folder of `CREDIT_RISK_MODEL_STORAGE_PATH`.
    Filesystem,
    /// The bucket of `CREDIT_RISK_S3_BUCKET`.
    S3,
}

/// How many models ended in which way.
#[derive(Default)]
struct Tally {
    copied: usize,
    already: usize,
    failed: usize,
}

impl Tally {
    fn count(&mut self, copied: &Copied) -> String {
        match copied {
            Copied::Now => {
                self.copied += 1;
                "copied".to_owned()
            }
            Copied::Already => {
                self.already += 1;
                "is there already".to_owned()
            }
            Copied::Different => {
                self.failed += 1;
                "NOT COPIED: another model of this id is there".to_owned()
            }
            Copied::Failed(error) => {
                self.failed += 1;
                format!("NOT COPIED: {error}")
            }
        }
    }
}

pub(super) fn copy(options: &Copy, sources: Sources) -> ExitCode {
    if options.from == options.to {
        return refuse(&"--from and --to must differ");
    }
    // The rules of the bucket's settings hold whichever backend the service uses.
    let config = match config::load(&sources.with("CREDIT_RISK_MODEL_STORAGE_TYPE", "s3")) {
        Ok(loaded) => loaded.config,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = telemetry::install(&config.telemetry) {
        return refuse(&error);
    }
    // Beside a running service, whose folder for pending uploads is locked.
    let local = match tempfile::tempdir() {
        Ok(local) => local,
        Err(error) => return refuse(&error),
    };
    let mut store = config.store;
    store.s3.local_path = local.path().to_owned();
    let copied = Runtime::new()
        .map_err(ModelStoreError::from)
        .and_then(|runtime| runtime.block_on(copy_all(options, &store)));
    match copied {
        Ok(Tally {
            copied,
            already,
            failed,
        }) => {
            println!("{copied} copied, {already} there already, {failed} not copied");
            if failed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => refuse(&error),
    }
}

async fn copy_all(options: &Copy, store: &StoreConfig) -> Result<Tally, ModelStoreError> {
    let from = open(options.from, store).await?;
    let to = open(options.to, store).await?;
    let mut tally = Tally::default();
    model_store::copy(&from, &to, |id, copied| {
        println!("{id} {}", tally.count(copied));
    })
    .await?;
    Ok(tally)
}

async fn open(backend: Backend, store: &StoreConfig) -> Result<ModelStore, ModelStoreError> {
    let kind = match backend {
        Backend::Filesystem => StoreKind::Filesystem,
        Backend::S3 => StoreKind::S3,
    };
    let store = StoreConfig {
        kind,
        ..store.clone()
    };
    ModelStore::open(&store).await
}
