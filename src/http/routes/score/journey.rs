//! The journey of a batch: receive, score, send, block by block.
//!
//! CSV and NDJSON are cut into records where they are scored ([`Batch::push`] takes bytes as they
//! come), so that a worker of the scoring door is held for one block at a time, and none while a
//! client is slow. A stream waits its turn at the door instead of being refused half-way; how many
//! streams there are is bounded by a door of their own. Parquet and Arrow IPC files are received
//! whole, into a temporary file, and then read some thousand rows at a time.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    answer::{Part, Queue},
    ending::Ending,
    feed::{Feed, FeedError},
    spool::refused,
};
use crate::{
    compute::{ComputeError, Door, Place},
    credit::{
        Fault,
        batch::{Batch, Totals},
    },
    http::error::ApiError,
};

/// Header fields behind the answers: how many rows, and how many of them are errors.
pub(super) const TRAILERS: [&str; 2] = ["x-total-rows", "x-error-rows"];

/// A batch under way.
pub(super) struct Journey {
    /// With the scoring door while a block is scored.
    batch: Option<Batch>,
    source: Source,
    door: Door,
    patience: Duration,
    /// What has been scored and not been sent.
    out: Vec<u8>,
    /// Rows of which `out` holds the answers, and all before.
    totals: Totals,
    /// Whether the batch has more to do before it needs more bytes.
    has_more: bool,
    is_over: bool,
    /// The place among the streams, given back at the end.
    _place: Place,
}

/// Where the next rows come from.
pub(super) enum Source {
    /// Bytes that come.
    Feed(Feed),
    /// The batch has its file.
    File,
}

/// Rows of a file that are scored at once.
const BLOCK: usize = 4_096;

/// Bytes of the largest part: whoever takes so many within the patience goes on reading.
const LARGEST_PART: usize = 64 * 1024;

/// What has been done: [`Batch::push`] and [`Batch::pull`] say whether there may be more.
enum Step {
    Pushed(bool),
    Pulled(bool),
    Finished,
}

/// Why a batch breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Data(Vec<Fault>),
    #[error("INTERNAL: {0}")]
    Work(#[from] ComputeError),
    #[error("TIMED_OUT: the client took nothing for too long")]
    NotTaken,
    #[error("CANCELLED: nobody is there to take the answers")]
    Left,
}

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Feed(error) => refused(error),
            Broken::NotTaken | Broken::Left => Self::TimedOut,
            Broken::Data(faults) => Self::Invalid(faults),
            Broken::Work(error) => error.into(),
        }
    }
}

impl Journey {
    pub(super) fn new(
        batch: Batch,
        source: Source,
        door: Door,
        place: Place,
        patience: Duration,
    ) -> Self {
        Self {
            batch: Some(batch),
            source,
            door,
            patience,
            out: Vec::new(),
            totals: Totals::default(),
            has_more: false,
            is_over: false,
            _place: place,
        }
    }

    /// Goes on until nothing can be wrong with the data set as a whole.
    pub(super) async fn begin(&mut self) -> Result<(), Broken> {
        while !self.is_over && !self.batch.as_ref().is_some_and(Batch::has_begun) {
            self.step().await?;
        }
        Ok(())
    }

    /// Sends every answer, and the end when it has been recorded. Whatever fails is recorded.
    pub(super) async fn finish(
        mut self,
        parts: mpsc::Sender<Part>,
        queue: Queue,
        ending: Arc<Ending>,
    ) {
        if let Err(broken) = self.send_all(&parts, &ending).await {
            // A client that takes nothing may keep its connection, and the body with it.
            queue.clear();
            match &broken {
                Broken::Left => ending.abandon(),
                broken => ending.fail(&broken.to_string()),
            }
            tracing::warn!(rows = self.totals.rows, %broken, "a batch broke off");
        }
    }

    async fn send_all(
        &mut self,
        parts: &mpsc::Sender<Part>,
        ending: &Ending,
    ) -> Result<(), Broken> {
        while !self.is_over {
            self.send(parts, ending).await?;
            self.step().await?;
        }
        // The last bytes wait for the record, so that nobody has a whole answer without one.
        if ending.complete(self.totals).await.is_err() {
            return Ok(());
        }
        self.send(parts, ending).await?;
        let end = Part::End(counts(self.totals));
        let sent = timeout(self.patience, parts.send(end)).await;
        sent.map_err(|_| Broken::NotTaken)?
            .map_err(|_| Broken::Left)
    }

    /// Receives some bytes and scores them, or goes on in those that came before.
    async fn step(&mut self) -> Result<(), Broken> {
        let bytes = match &mut self.source {
            Source::Feed(_) if self.has_more => Some(Bytes::new()),
            Source::Feed(feed) => feed.next().await?,
            Source::File => None,
        };
        let is_file = matches!(self.source, Source::File);
        let Some(mut batch) = self.batch.take() else {
            return Err(Broken::Work(ComputeError::Panicked));
        };
        let mut out = std::mem::take(&mut self.out);
        let work = move || {
            let scored = match bytes {
                Some(bytes) => batch.push(&bytes, &mut out).map(Step::Pushed),
                None if is_file => batch.pull(BLOCK, &mut out).map(Step::Pulled),
                None => Ok(Step::Pulled(false)),
            };
            let scored = match scored {
                Ok(Step::Pulled(false)) => batch.finish(&mut out).map(|_| Step::Finished),
                scored => scored,
            };
            (batch, out, scored)
        };
        let (batch, out, scored) = self.door.run_in_turn(work).await?;
        let before = self.totals;
        self.totals = batch.totals();
        (self.batch, self.out) = (Some(batch), out);
        let scored_rows = |totals: Totals| totals.rows - totals.errors;
        metrics::counter!("creditrisk_predictions_total")
            .increment(scored_rows(self.totals) - scored_rows(before));
        let scored = scored.map_err(Broken::Data)?;
        self.has_more = matches!(scored, Step::Pushed(true));
        self.is_over = matches!(scored, Step::Finished);
        Ok(())
    }

    async fn send(&mut self, parts: &mpsc::Sender<Part>, ending: &Ending) -> Result<(), Broken> {
        if self.out.is_empty() {
            return Ok(());
        }
        let mut bytes = Bytes::from(std::mem::take(&mut self.out));
        while !bytes.is_empty() {
            let part = Part::Rows(bytes.split_to(bytes.len().min(LARGEST_PART)));
            let sent = timeout(self.patience, parts.send(part)).await;
            sent.map_err(|_| Broken::NotTaken)?
                .map_err(|_| Broken::Left)?;
        }
        ending.handed_over(self.totals);
        Ok(())
    }
}

fn counts(totals: Totals) -> HeaderMap {
    let values = [totals.rows, totals.errors].map(HeaderValue::from);
    let names = TRAILERS.map(axum::http::HeaderName::from_static);
    names.into_iter().zip(values).collect()
}
