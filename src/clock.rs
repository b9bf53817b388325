//! The one place that reads the time, so that tests can turn the clock by hand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

/// A source of wall-clock time. Cloning is shallow: every clone of a manual
/// clock shows the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    /// Nanoseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The operating system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(nanoseconds(start)))))
    }

    /// The current time, UTC.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Manual(at) => Timestamp::from_nanosecond(at.load(Ordering::SeqCst).into())
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Nanoseconds since the Unix epoch, saturating at the year 2262.
    pub fn now_nanoseconds(&self) -> i64 {
        nanoseconds(self.now())
    }

    /// Moves a manual clock forward; the system clock does not move.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &self.0 {
            let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}

fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}
