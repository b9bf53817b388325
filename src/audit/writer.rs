//! The thread that owns the log: group commit, upkeep, shutdown.

use std::{
    future, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime, select,
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use ulid::Generator;

use super::{
    AuditConfig, AuditError, Fsync, count_failures, file::LogFile, line::write_line, record::Record,
};
use crate::clock::Clock;

/// Bounds of one batch, so that the first of a long queue need not wait for the last.
const BATCH_ENTRIES: usize = 1024;
const BATCH_BYTES: usize = 1024 * 1024;

/// How often an unhealthy log is tried without traffic.
const RETRY: Duration = Duration::from_secs(1);

/// The records of one call, and who waits for them.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) records: Vec<Record>,
    /// Absent for a detached call.
    pub(super) requester: Option<oneshot::Sender<io::Result<()>>>,
    /// Set when the records are in the trail.
    pub(super) committed: Option<Arc<AtomicBool>>,
    /// When this is set, the records must not appear.
    pub(super) unless: Option<Arc<AtomicBool>>,
}

impl Entry {
    /// The requester answered without its record, or the record is not true any more: it must not
    /// appear.
    fn withdrawn(&self) -> bool {
        let has_given_up = self
            .requester
            .as_ref()
            .is_some_and(oneshot::Sender::is_closed);
        let unless = self.unless.as_ref();
        has_given_up || unless.is_some_and(|it| it.load(Ordering::SeqCst))
    }

    fn settle(self, written: &io::Result<()>) {
        match written {
            Ok(()) => self.accepted(),
            Err(error) => self.refused(error),
        }
    }

    fn accepted(self) {
        if let Some(committed) = &self.committed {
            committed.store(true, Ordering::SeqCst);
        }
        for record in &self.records {
            metrics::counter!("creditrisk_audit_records_total", "event" => record.event.name())
                .increment(1);
        }
        if self
            .requester
            .is_some_and(|requester| requester.send(Ok(())).is_err())
        {
            tracing::warn!("audit records were committed after their requester had given up");
        }
    }

    fn refused(mut self, error: &io::Error) {
        match self.requester.take() {
            // One that has given up has counted its failure itself.
            Some(requester) => drop(requester.send(Err(duplicate(error)))),
            None => self.lost(&AuditError::Write(duplicate(error))),
        }
    }

    /// Counts and logs records that nobody waits for.
    pub(super) fn lost(&self, error: &AuditError) {
        count_failures(self.records.len());
        for record in &self.records {
            tracing::error!(
                event = record.event.name(),
                request_id = record.context.request_id.as_deref(),
                %error,
                "audit record lost"
            );
        }
    }
}

/// Everything the thread owns.
pub(super) struct Writer {
    file: LogFile,
    fsync: Fsync,
    fsync_interval: Duration,
    clock: Clock,
    healthy: Arc<AtomicBool>,
    event_ids: Generator,
    buffer: Vec<u8>,
    /// When to sync or to retry, if there is anything to do.
    upkeep: Option<Instant>,
}

impl Writer {
    pub(super) fn new(
        file: LogFile,
        config: &AuditConfig,
        clock: Clock,
        healthy: Arc<AtomicBool>,
    ) -> Self {
        Self {
            file,
            fsync: config.fsync,
            fsync_interval: config.fsync_interval,
            clock,
            healthy,
            event_ids: Generator::new(),
            buffer: Vec::new(),
            upkeep: None,
        }
    }

    /// Starts the thread; it ends when `stop` is dropped or all senders are.
    pub(super) fn start(
        self,
        queue: mpsc::Receiver<Entry>,
        stop: oneshot::Receiver<()>,
    ) -> io::Result<JoinHandle<()>> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || runtime.block_on(self.run(queue, stop)))
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Entry>, mut stop: oneshot::Receiver<()>) {
        let mut entries = Vec::new();
        loop {
            select! {
                biased;
                _ = &mut stop, if !queue.is_closed() => queue.close(),
                () = at(self.upkeep) => self.keep_up(),
                taken = queue.recv_many(&mut entries, BATCH_ENTRIES) => {
                    if taken == 0 {
                        break;
                    }
                    self.commit(&mut entries);
                }
            }
        }
        if self.fsync != Fsync::Never
            && let Err(error) = self.file.sync()
        {
            tracing::error!(%error, "audit log could not be forced to disk at shutdown");
        }
    }

    /// Writes the entries in as few batches as the bounds allow.
    fn commit(&mut self, entries: &mut Vec<Entry>) {
        let mut entries = entries.drain(..);
        while entries.len() > 0 {
            let batch = self.gather(&mut entries);
            if batch.is_empty() {
                continue;
            }
            let started = Instant::now();
            let durable = self.fsync == Fsync::Always;
            let written = self.file.append(&self.buffer, self.clock.now(), durable);
            metrics::histogram!("creditrisk_audit_commit_seconds").record(started.elapsed());
            self.note(&written);
            for entry in batch {
                entry.settle(&written);
            }
        }
        self.buffer.shrink_to(BATCH_BYTES);
    }

    /// Fills the buffer with the next entries' lines.
    fn gather(&mut self, entries: &mut impl Iterator<Item = Entry>) -> Vec<Entry> {
        self.buffer.clear();
        let mut batch = Vec::new();
        while self.buffer.len() < BATCH_BYTES
            && let Some(entry) = entries.next()
        {
            if entry.withdrawn() {
                continue;
            }
            match self.write_lines(&entry.records) {
                Ok(()) => batch.push(entry),
                Err(error) => entry.refused(&error),
            }
        }
        batch
    }

    fn write_lines(&mut self, records: &[Record]) -> io::Result<()> {
        let start = self.buffer.len();
        for record in records {
            let event_id = match self
                .event_ids
                .generate_from_datetime(record.timestamp.into())
            {
                Ok(id) => id,
                Err(overflow) => overflow.commit_overflow_increment(),
            };
            if let Err(error) = write_line(record, event_id, &mut self.buffer) {
                self.buffer.truncate(start);
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn keep_up(&mut self) {
        self.upkeep = None;
        if self.healthy.load(Ordering::Relaxed) {
            let synced = self.file.sync();
            self.note(&synced);
        } else {
            match self.file.recover(self.clock.now()) {
                Ok(true) => self.note(&Ok(())),
                Ok(false) => self.schedule(RETRY),
                Err(error) => self.note(&Err(error)),
            }
        }
    }

    /// Keeps the health up to date; tells of its changes only.
    fn note(&mut self, result: &io::Result<()>) {
        let was_healthy = self.healthy.swap(result.is_ok(), Ordering::Relaxed);
        match result {
            Ok(()) if !was_healthy => tracing::info!("audit log can be written again"),
            Err(error) if was_healthy => tracing::error!(%error, "audit log cannot be written"),
            Ok(()) | Err(_) => {}
        }
        if result.is_err() {
            self.schedule(RETRY);
        } else if self.fsync == Fsync::Interval && self.file.unsynced() {
            self.schedule(self.fsync_interval);
        }
    }

    fn schedule(&mut self, wait: Duration) {
        self.upkeep.get_or_insert_with(|| Instant::now() + wait);
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => future::pending().await,
    }
}

/// The same error for each of a batch's waiters.
fn duplicate(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
