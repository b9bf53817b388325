//! The bounded doors from async code to CPU and file work.
//!
//! Training and scoring have separate doors, so that neither can starve the
//! other, and the event loop never runs maths.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many threads the doors open on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ComputeConfig {
    /// Trainings that run at once; 0 means one fewer than the cores, at least one.
    pub training_workers: usize,
    /// Trainings that may wait for a worker; more are refused with 503.
    pub training_queue: usize,
    /// Batches scored at once; 0 means as many as there are cores.
    pub scoring_workers: usize,
    /// Batches that may wait for a worker; more are refused with 503.
    pub scoring_queue: usize,
    /// Data sets whose answers are streamed at once; more are refused with 503.
    pub scoring_streams: usize,
}

/// Why a door did not let work through or lost it.
#[derive(Debug, thiserror::Error)]
pub enum ComputeError {
    /// Every worker is taken and the queue is full.
    #[error("every worker is busy and the queue is full")]
    Busy,
    /// The work panicked; the panic was logged where it happened.
    #[error("the work panicked")]
    Panicked,
}

/// The doors. Cloning is shallow: all clones share the same bounds.
#[derive(Clone, Debug)]
pub struct Compute {
    /// For fits, which take seconds.
    pub training: Door,
    /// For batches of applications, which take milliseconds.
    pub scoring: Door,
    /// For data sets that are scored while they are received: their blocks pass through the
    /// scoring door, each in its turn.
    pub streams: Door,
}

impl Compute {
    /// Opens the doors as wide as the settings and the machine say.
    pub fn new(config: &ComputeConfig) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let or = |set: usize, otherwise: usize| if set == 0 { otherwise.max(1) } else { set };
        Self {
            training: Door::new(
                or(config.training_workers, cores - 1),
                config.training_queue,
            ),
            scoring: Door::new(or(config.scoring_workers, cores), config.scoring_queue),
            streams: Door::new(config.scoring_streams, 0),
        }
    }
}

/// One bounded door: so many at work, so many waiting, no more.
#[derive(Clone, Debug)]
pub struct Door {
    admitted: Arc<Semaphore>,
    workers: Arc<Semaphore>,
}

impl Door {
    /// A door with `workers` at work and at most `queue` waiting.
    pub fn new(workers: usize, queue: usize) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(workers + queue)),
            workers: Arc::new(Semaphore::new(workers)),
        }
    }

    /// Takes a place at the door, at work or in the queue.
    ///
    /// # Errors
    /// [`ComputeError::Busy`] when there is none.
    pub fn admit(&self) -> Result<Place, ComputeError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| ComputeError::Busy)?;
        Ok(Place {
            admitted,
            workers: Arc::clone(&self.workers),
        })
    }

    /// Runs `work` once a worker is free, however long the queue: for work of which there is a
    /// bound elsewhere, and which has begun to be answered.
    ///
    /// # Errors
    /// [`ComputeError::Panicked`] when the work panicked.
    pub async fn run_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        let worker = Arc::clone(&self.workers).acquire_owned().await;
        let worker = worker.map_err(|_| ComputeError::Busy)?;
        blocking_io(move || {
            let _permit = worker;
            work()
        })
        .await
    }

    /// Takes a place and runs `work` in it.
    ///
    /// # Errors
    /// [`ComputeError::Busy`] when there is no place, [`ComputeError::Panicked`]
    /// when the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        self.admit()?.run(work).await
    }
}

/// A place at a door; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    admitted: OwnedSemaphorePermit,
    workers: Arc<Semaphore>,
}

impl Place {
    /// Runs `work` on a blocking thread, inside the caller's tracing span, once
    /// a worker is free.
    ///
    /// # Errors
    /// [`ComputeError::Panicked`] when the work panicked.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        let worker = self
            .workers
            .acquire_owned()
            .await
            .map_err(|_| ComputeError::Busy)?;
        let admitted = self.admitted;
        // The permits travel with the work: a caller that goes away does not
        // make room before its work has really ended.
        blocking_io(move || {
            let _permits = (admitted, worker);
            work()
        })
        .await
    }

    /// As [`Self::run`], for long work: what `work` is given says whether to stop, because nobody
    /// waits for it any more (this future was dropped).
    ///
    /// # Errors
    /// [`ComputeError::Panicked`] when the work panicked.
    pub async fn run_while_awaited<T: Send + 'static>(
        self,
        work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        let awaited = Awaited::default();
        let left = Arc::clone(&awaited.left);
        self.run(move || work(&|| left.load(Ordering::Relaxed)))
            .await
    }
}

/// Lives as long as somebody waits for the work.
#[derive(Debug, Default)]
struct Awaited {
    left: Arc<AtomicBool>,
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Relaxed);
    }
}

/// Runs short file work on a blocking thread, inside the caller's tracing span.
///
/// # Errors
/// [`ComputeError::Panicked`] when the work panicked.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that crosses to blocking threads"
)]
pub async fn blocking_io<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ComputeError> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .map_err(|_| ComputeError::Panicked)
}
