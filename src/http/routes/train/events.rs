//! A training told while it runs: server-sent events with its progress, and its result at the end.
//!
//! What can be said before the training has begun is an ordinary answer with its status. After that
//! there is an event `progress` whenever something new is known, four times a second at most, and at
//! last `result`, which is what `/train` answers otherwise, or `problem`, which is its problem
//! document. The result is in the audit trail before it is sent. A client that leaves stops the
//! training.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use http_body::Frame;
use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};
use tracing::Instrument;
use utoipa::ToSchema;

use super::{Finished, Job, Trainer};
use crate::{
    credit::progress::{Progress, Stage},
    http::{
        AppState,
        error::ApiError,
        problem::{self, Occurrence},
        scope::RequestScope,
    },
};

/// The media type of a stream of events.
const EVENT_STREAM: &str = "text/event-stream";

/// How long nothing is said at most: proxies close connections that are silent for a minute.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

/// How often progress is told at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// How far a training is, as its events tell.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainingProgress {
    #[serde(flatten)]
    progress: Progress,
    /// Rows of this stage in a second since the event before; none at its start.
    rows_per_second: Option<f64>,
    /// Seconds since the training began.
    elapsed_seconds: f64,
}

/// Whether a client asks for events.
pub(super) fn are_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case(EVENT_STREAM)
    })
}

/// Runs a training and tells how it goes.
pub(super) async fn tell(
    state: &AppState,
    trainer: Trainer,
    scope: RequestScope,
    job: Job,
) -> Result<Response, ApiError> {
    let (parts, mut told) = mpsc::channel(1);
    let teller = Teller {
        parts,
        urn_prefix: state.settings.http.error_urn_prefix.clone(),
        longest: state.settings.http.training_timeout,
        scope: scope.clone(),
        began: Instant::now(),
        before: None,
    };
    let work = tokio::spawn(teller.run(trainer, job).in_current_span());
    let stop = Stop(work.abort_handle());
    match told.recv().await {
        Some(Part::Refused(error)) => Err(error),
        Some(Part::Event(first)) => {
            let body = Body::new(Events {
                first: Some(first),
                told,
                _stop: stop,
            });
            let mut response = body.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
            // Some proxies collect an answer before they pass it on, unless told otherwise.
            headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
            Ok(response)
        }
        None => Err(ApiError::Internal),
    }
}

/// A part of what is told.
enum Part {
    /// The training has not begun.
    Refused(ApiError),
    /// An event.
    Event(Bytes),
}

/// Tells how a training goes.
struct Teller {
    parts: mpsc::Sender<Part>,
    urn_prefix: String,
    longest: Duration,
    scope: RequestScope,
    began: Instant,
    /// The progress told last, and when.
    before: Option<(Progress, Instant)>,
}

impl Teller {
    async fn run(mut self, trainer: Trainer, job: Job) {
        let (report, mut progress) = watch::channel(None);
        let scope = self.scope.clone();
        // Dropped after the training, whose last notes it writes if nobody is there any more.
        let _late = trainer.late_notes(&scope);
        let training = trainer.run(&scope, job, Some(report));
        let mut training = std::pin::pin!(timeout(self.longest, training));
        let mut at_work = true;
        let outcome = loop {
            tokio::select! {
                outcome = &mut training => break outcome.unwrap_or(Err(ApiError::TimedOut)),
                changed = progress.changed(), if at_work => {
                    at_work = changed.is_ok();
                    let found = *progress.borrow_and_update();
                    if let (true, Some(found)) = (at_work, found) {
                        self.tell(found).await;
                    }
                }
                () = sleep(LONGEST_SILENCE), if self.before.is_some() => {
                    self.send(Part::Event(Bytes::from_static(b": still at work\n\n"))).await;
                }
            }
        };
        let recorded = trainer.settle(&scope).await;
        self.finish(recorded.and(outcome)).await;
    }

    async fn tell(&mut self, progress: Progress) {
        let now = Instant::now();
        let rows_per_second = self.before.and_then(|(before, at)| {
            let (rows, seconds) = (progress.rows.checked_sub(before.rows)?, now - at);
            let same = before.stage == progress.stage && rows > 0;
            #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
            same.then(|| rows as f64 / seconds.as_secs_f64())
        });
        self.before = Some((progress, now));
        let told = TrainingProgress {
            progress,
            rows_per_second,
            elapsed_seconds: (now - self.began).as_secs_f64(),
        };
        self.send_event("progress", &told).await;
    }

    async fn finish(self, outcome: Result<Finished, ApiError>) {
        match outcome {
            Ok(Finished { answer, .. }) => self.send_event("result", &answer).await,
            Err(error) if self.before.is_none() => self.send(Part::Refused(error)).await,
            Err(error) => {
                let at = Occurrence {
                    urn_prefix: &self.urn_prefix,
                    path: self.scope.route(),
                    request_id: self.scope.request_id(),
                    timestamp: self.scope.now(),
                };
                self.send_event("problem", &problem::document(&error, &at))
                    .await;
            }
        }
    }

    async fn send_event(&self, name: &str, data: &impl Serialize) {
        // Numbers are finite and keys are texts, so that writing does not fail.
        let data = serde_json::to_string(data).unwrap_or_default();
        let event = format!("event: {name}\ndata: {data}\n\n");
        self.send(Part::Event(event.into())).await;
    }

    async fn send(&self, part: Part) {
        // Without a receiver this task is about to be stopped.
        let _ = self.parts.send(part).await;
    }
}

/// Stops a task when it is dropped.
struct Stop(AbortHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The events as a body; dropping it stops the training.
struct Events {
    first: Option<Bytes>,
    told: mpsc::Receiver<Part>,
    _stop: Stop,
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.told.poll_recv(context).map(|part| match part {
            Some(Part::Event(bytes)) => Some(Ok(Frame::data(bytes))),
            // Nothing is refused after the first event.
            Some(Part::Refused(_)) | None => None,
        })
    }
}

/// Keeps back what would be told too often; a new stage always is.
pub(super) struct Reports {
    to: watch::Sender<Option<Progress>>,
    last: std::cell::Cell<Option<(Stage, Instant)>>,
}

impl Reports {
    pub(super) fn new(to: watch::Sender<Option<Progress>>) -> Self {
        Self {
            to,
            last: std::cell::Cell::new(None),
        }
    }

    pub(super) fn tell(&self, progress: Progress) {
        let now = Instant::now();
        let soon =
            |(stage, at): (Stage, Instant)| stage == progress.stage && now - at < SHORTEST_PAUSE;
        if !self.last.get().is_some_and(soon) {
            self.last.set(Some((progress.stage, now)));
            self.to.send_replace(Some(progress));
        }
    }
}
