//! Our clock as the rate limiters read it: running time that never goes back.

use std::sync::{Arc, Mutex, PoisonError};

use governor::{clock, nanos::Nanos};

use crate::clock::Clock;

/// Nanoseconds that passed on a [`Clock`]. Cloning is shallow.
///
/// The wall clock may be set back. Read as it is, that would refuse everybody
/// until it has caught up; here such a step counts as no time.
#[derive(Clone, Debug)]
pub(super) struct Ticks(Arc<Running>);

#[derive(Debug)]
struct Running {
    clock: Clock,
    read: Mutex<Reading>,
}

#[derive(Debug)]
struct Reading {
    wall: i64,
    passed: u64,
}

impl Ticks {
    pub(super) fn new(clock: Clock) -> Ticks {
        let wall = clock.now_nanoseconds();
        let read = Mutex::new(Reading { wall, passed: 0 });
        Ticks(Arc::new(Running { clock, read }))
    }
}

impl clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut reading = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        // under the lock: two threads must not see their readings in the wrong order
        let wall = self.0.clock.now_nanoseconds();
        let step = wall.saturating_sub(reading.wall);
        reading.passed = reading
            .passed
            .saturating_add(u64::try_from(step).unwrap_or(0));
        reading.wall = wall;
        reading.passed.into()
    }
}
