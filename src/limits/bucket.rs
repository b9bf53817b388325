//! Buckets: one policy's quota, held for each owner, by the generic cell rate algorithm.
//!
//! This is the whole interface between the limits and where their state is
//! kept: [`Buckets::take`], [`Buckets::give_back`], [`Buckets::forget_idle`].

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    RateLimiter,
    clock::Clock as _,
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

use super::{
    Decision,
    quota::{LONGEST_PERIOD, Quota},
    ticks::Ticks,
};

/// Owners a policy keeps apart; from there on, new ones share one bucket.
///
/// An entry costs about 100 bytes, so a policy never needs more than some 10 MB.
const MOST_OWNERS: usize = 100_000;

/// Who a bucket belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Key(Box<str>),
    /// An IPv4 address, or the first address of an IPv6 /64.
    Network(IpAddr),
}

/// The buckets of one policy.
#[derive(Debug)]
pub(super) struct Buckets {
    policy: &'static str,
    quota: Quota,
    limiter: RateLimiter<Owner, Cells, Ticks, StateInformationMiddleware>,
    cells: Cells,
    /// The time in which one request becomes available again.
    interval: Duration,
}

impl Buckets {
    pub(super) fn new(policy: &'static str, quota: Quota, ticks: Ticks) -> Buckets {
        let limit = NonZeroU32::new(quota.limit).unwrap_or(NonZeroU32::MIN);
        let interval = (quota.period / limit.get()).clamp(Duration::from_nanos(1), LONGEST_PERIOD);
        let cells = Cells::default();
        let rate = governor::Quota::with_period(interval)
            .unwrap_or(governor::Quota::per_second(limit))
            .allow_burst(limit);
        Buckets {
            policy,
            quota,
            limiter: RateLimiter::new(rate, cells.clone(), ticks),
            cells,
            interval,
        }
    }

    /// Takes one request out of the owner's bucket, if it holds one.
    pub(super) fn take(&self, owner: &Owner) -> Decision {
        match self.limiter.check_key(owner) {
            Ok(state) => self.allowed(state.remaining_burst_capacity()),
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.limiter.clock().now());
                Decision {
                    allowed: false,
                    policy: self.policy,
                    quota: self.quota,
                    remaining: 0,
                    reset: wait,
                    retry_after: wait,
                }
            }
        }
    }

    /// Undoes a [`Buckets::take`] that succeeded, and says how the owner stands now.
    pub(super) fn give_back(&self, owner: &Owner, taken: &Decision) -> Decision {
        self.cells.give_back(owner, self.interval.into());
        self.allowed(taken.remaining.saturating_add(1))
    }

    /// Forgets the owners whose bucket is full again.
    pub(super) fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// Whether no owner is remembered.
    pub(super) fn is_idle(&self) -> bool {
        self.limiter.is_empty()
    }

    fn allowed(&self, remaining: u32) -> Decision {
        let remaining = remaining.min(self.quota.limit);
        Decision {
            allowed: true,
            policy: self.policy,
            quota: self.quota,
            remaining,
            reset: self.interval * (self.quota.limit - remaining),
            retry_after: Duration::ZERO,
        }
    }
}

/// Theoretical arrival times by owner, in bounded memory. Cloning is shallow.
///
/// One lock for all of them, since it is held for a table lookup only.
#[derive(Clone, Debug, Default)]
struct Cells(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    owned: HashMap<Owner, Nanos>,
    /// Shared by all who came when the table was full: a flood from made-up
    /// addresses must not cost memory, nor get a fresh bucket for each.
    shared: Option<Nanos>,
}

impl Cells {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, owner: &Owner, interval: Nanos) {
        let mut table = self.table();
        let Table { owned, shared } = &mut *table;
        if let Some(arrival) = owned.get_mut(owner).or(shared.as_mut()) {
            *arrival = arrival.saturating_sub(interval);
        }
    }
}

impl StateStore for Cells {
    type Key = Owner;

    fn measure_and_replace<T, F, E>(&self, owner: &Owner, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut table = self.table();
        if let Some(arrival) = table.owned.get_mut(owner) {
            let (answer, next) = decide(Some(*arrival))?;
            *arrival = next;
            return Ok(answer);
        }
        if table.owned.len() < MOST_OWNERS {
            let (answer, next) = decide(None)?;
            table.owned.insert(owner.clone(), next);
            return Ok(answer);
        }
        let (answer, next) = decide(table.shared)?;
        table.shared = Some(next);
        Ok(answer)
    }
}

impl ShrinkableKeyedStateStore<Owner> for Cells {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut table = self.table();
        table.owned.retain(|_, arrival| *arrival > drop_below);
        table.shared = table.shared.filter(|arrival| *arrival > drop_below);
    }

    fn shrink_to_fit(&self) {
        self.table().owned.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.table().owned.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use jiff::Timestamp;

    use super::{super::quota::hourly, *};
    use crate::clock::Clock;

    fn network(number: u32) -> Owner {
        Owner::Network(Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn beyond_the_bound_strangers_share_one_bucket_until_the_idle_are_forgotten() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let buckets = Buckets::new("anonymous", hourly(2), Ticks::new(clock.clone()));
        for number in 0..100_000 {
            buckets.take(&network(number));
        }
        assert!(buckets.take(&network(200_000)).allowed);
        assert!(buckets.take(&network(200_001)).allowed);
        assert!(!buckets.take(&network(200_002)).allowed);
        assert!(
            buckets.take(&network(7)).allowed,
            "the known keep their own"
        );
        assert_eq!(buckets.limiter.len(), 100_000);

        clock.advance(Duration::from_secs(7_200));
        buckets.forget_idle();
        assert!(buckets.is_idle());
        assert!(buckets.take(&network(200_002)).allowed);
    }
}
