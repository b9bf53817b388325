//! The audit trail: records, and the log of JSON lines that holds them.
//!
//! A record is committed before the answer it describes leaves, so that no
//! answer is without its record. One thread owns the file; whatever is queued
//! while it writes becomes the next batch and shares one write and one sync.

mod directory;
mod file;
mod line;
mod record;
mod segment;
mod tail;
mod writer;

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

pub use self::record::{Context, Event, Outcome, Record};
use self::{
    file::LogFile,
    writer::{Entry, Writer},
};
use crate::clock::Clock;

/// How many calls may wait for the writer before further ones are refused.
const QUEUE_LENGTH: usize = 8192;

/// Where and how the trail is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// The current file; its folder is created, rotated files lie beside it.
    /// Default `logs/audit.jsonl`; `CREDIT_RISK_AUDIT_LOG_PATH`.
    pub path: PathBuf,
    /// When written lines are forced to disk.
    /// Default `always`; `CREDIT_RISK_AUDIT_FSYNC`.
    pub fsync: Fsync,
    /// Longest time a line stays unforced with `fsync = "interval"`, a duration with unit.
    /// Default `1s`; `CREDIT_RISK_AUDIT_FSYNC_INTERVAL`.
    #[serde(with = "humantime_serde")]
    pub fsync_interval: Duration,
    /// Longest time one append waits for its commit, a duration with unit.
    /// Default `2s`; `CREDIT_RISK_AUDIT_MAX_WAIT`.
    #[serde(with = "humantime_serde")]
    pub max_wait: Duration,
    /// Size at which the file is rotated, bytes with unit; one batch may exceed it.
    /// Default `100 MiB`; `CREDIT_RISK_AUDIT_MAX_SIZE`.
    pub max_size: ByteSize,
    /// Whether a new UTC day begins a new file.
    /// Default `true`; `CREDIT_RISK_AUDIT_ROTATE_DAILY`.
    pub rotate_daily: bool,
}

/// When written lines are forced to disk; lower case in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fsync {
    /// Before they are acknowledged: a power cut loses no acknowledged line.
    Always,
    /// At most one interval later: a power cut loses at most that interval.
    Interval,
    /// When the operating system sees fit; a crash of the service alone loses nothing.
    Never,
}

/// Why a record is not in the trail.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The log cannot be opened, locked or written; a start-up fault.
    #[error("audit log {} cannot be opened: {source}", path.display())]
    Open {
        /// The configured file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The batch could not be written; none of its lines is in the file.
    #[error("audit log cannot be written: {0}")]
    Write(#[source] io::Error),
    /// No commit within `max_wait`. The record is withdrawn unless its write had already begun.
    #[error("audit log did not commit in time")]
    TimedOut,
    /// The writer has been shut down.
    #[error("audit log is closed")]
    Closed,
    /// Too many calls wait for the writer already.
    #[error("audit log is busy")]
    Busy,
}

/// A handle on the trail. Cloning is shallow: one reference count.
#[derive(Clone, Debug)]
pub struct AuditLog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queue: mpsc::Sender<Entry>,
    max_wait: Duration,
    healthy: Arc<AtomicBool>,
}

impl AuditLog {
    /// Opens the log, repairing what a crash left, and starts its writer.
    ///
    /// # Errors
    /// [`AuditError::Open`] when the file or its folder cannot be created or
    /// written, or when another process holds the log.
    pub fn open(config: &AuditConfig, clock: Clock) -> Result<(Self, AuditWriter), AuditError> {
        let refuse = |source| AuditError::Open {
            path: config.path.clone(),
            source,
        };
        let file = LogFile::open(config, clock.now()).map_err(refuse)?;
        let healthy = Arc::new(AtomicBool::new(true));
        let (queue, entries) = mpsc::channel(QUEUE_LENGTH);
        let (stop, stopped) = oneshot::channel();
        let thread = Writer::new(file, config, clock, Arc::clone(&healthy))
            .start(entries, stopped)
            .map_err(refuse)?;
        let log = Self(Arc::new(Shared {
            queue,
            max_wait: config.max_wait,
            healthy,
        }));
        Ok((
            log,
            AuditWriter {
                stop: Some(stop),
                thread: Some(thread),
            },
        ))
    }

    /// Returns when all records are committed as the configured [`Fsync`] asks.
    ///
    /// The lines of one call are adjacent and share their fate. Dropping the
    /// future withdraws the records unless their write has begun.
    ///
    /// # Errors
    /// Within `max_wait`: [`AuditError::Write`], [`AuditError::TimedOut`],
    /// [`AuditError::Closed`] or [`AuditError::Busy`].
    pub async fn append(&self, records: Vec<Record>) -> Result<(), AuditError> {
        if records.is_empty() {
            return Ok(());
        }
        let count = records.len();
        self.commit(records, None)
            .await
            .inspect_err(|_| count_failures(count))
    }

    /// The same; where it fails, the records that `otherwise` gives are queued. They are written
    /// unless the first ones are in the trail after all, so that it has the ones or the others.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub async fn append_or(
        &self,
        records: Vec<Record>,
        otherwise: impl FnOnce() -> Vec<Record>,
    ) -> Result<(), AuditError> {
        let count = records.len();
        let committed = Arc::new(AtomicBool::new(false));
        let appended = self.commit(records, Some(Arc::clone(&committed))).await;
        appended.inspect_err(|_| {
            count_failures(count);
            // The writer takes them when it is done with the first ones.
            self.queue(otherwise(), Some(committed));
        })
    }

    /// Queues records whose writer cannot wait, such as a drop guard.
    ///
    /// A record that cannot be kept is counted and logged.
    pub fn append_detached(&self, records: Vec<Record>) {
        if !records.is_empty() {
            self.queue(records, None);
        }
    }

    fn queue(&self, records: Vec<Record>, unless: Option<Arc<AtomicBool>>) {
        if let Err(refused) = self.0.queue.try_send(Entry {
            records,
            requester: None,
            committed: None,
            unless,
        }) {
            let (error, entry) = refusal(refused);
            entry.lost(&error);
        }
    }

    /// Whether the last write succeeded and the writer runs.
    ///
    /// While unhealthy the writer tries the disk once a second, so that health
    /// returns without traffic.
    pub fn healthy(&self) -> bool {
        self.0.healthy.load(Ordering::Relaxed) && !self.0.queue.is_closed()
    }

    async fn commit(
        &self,
        records: Vec<Record>,
        committed: Option<Arc<AtomicBool>>,
    ) -> Result<(), AuditError> {
        let (requester, answer) = oneshot::channel();
        let entry = Entry {
            records,
            requester: Some(requester),
            committed,
            unless: None,
        };
        self.0
            .queue
            .try_send(entry)
            .map_err(|refused| refusal(refused).0)?;
        match timeout(self.0.max_wait, answer).await {
            Ok(Ok(written)) => written.map_err(AuditError::Write),
            Ok(Err(_writer_gone)) => Err(AuditError::Closed),
            Err(_elapsed) => Err(AuditError::TimedOut),
        }
    }
}

fn refusal(refused: mpsc::error::TrySendError<Entry>) -> (AuditError, Entry) {
    match refused {
        mpsc::error::TrySendError::Full(entry) => (AuditError::Busy, entry),
        mpsc::error::TrySendError::Closed(entry) => (AuditError::Closed, entry),
    }
}

/// Counts records that did not reach the trail.
fn count_failures(records: usize) {
    let records = u64::try_from(records).unwrap_or(u64::MAX);
    metrics::counter!("creditrisk_audit_failures_total").increment(records);
}

/// Keeps the writer alive; dropping it does what [`AuditWriter::shutdown`] does.
#[derive(Debug)]
#[must_use = "the log closes when its writer is dropped"]
pub struct AuditWriter {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl AuditWriter {
    /// Refuses further records, writes all that are queued and ends the thread.
    ///
    /// Blocks until the disk has taken them.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for AuditWriter {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("audit writer ended in a panic");
        }
    }
}
