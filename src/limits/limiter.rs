//! The limiter: which policies apply to whom, and which of them decides.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fmt::{self, Debug, Formatter},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::{
    Class, Decision, LimitsConfig, Subject,
    bucket::{Buckets, Owner},
    quota::{Quota, hourly},
    ticks::Ticks,
};
use crate::clock::Clock;

/// The rate limits of this process. Cloning is shallow: clones share the buckets.
///
/// Memory is bounded: a policy keeps at most 100 000 owners apart and
/// [`Limiter::forget_idle`] drops those whose bucket is full again.
#[derive(Clone)]
pub struct Limiter(Option<Arc<Policies>>);

struct Policies {
    ticks: Ticks,
    train: ClassBuckets,
    predict: ClassBuckets,
    feature_selection: ClassBuckets,
    verify: ClassBuckets,
    anonymous: Arc<Buckets>,
    failed_auth: Arc<Buckets>,
    /// By requests an hour; as many as there are different limits among the keys.
    tiers: RwLock<BTreeMap<u32, Arc<Buckets>>>,
}

/// Keys and addresses apart, so that a flood of strangers cannot crowd out a key.
struct ClassBuckets {
    keys: Arc<Buckets>,
    addresses: Arc<Buckets>,
}

impl ClassBuckets {
    fn new(policy: &'static str, quota: Quota, ticks: &Ticks) -> ClassBuckets {
        ClassBuckets {
            keys: Arc::new(Buckets::new(policy, quota, ticks.clone())),
            addresses: Arc::new(Buckets::new(policy, quota, ticks.clone())),
        }
    }
}

impl Limiter {
    /// A limiter with all buckets full; it allows everything if `config` switches it off.
    pub fn new(config: &LimitsConfig, clock: Clock) -> Limiter {
        if !config.enabled {
            return Limiter(None);
        }
        let ticks = Ticks::new(clock);
        Limiter(Some(Arc::new(Policies {
            train: ClassBuckets::new("train", config.train, &ticks),
            predict: ClassBuckets::new("predict", config.predict, &ticks),
            feature_selection: ClassBuckets::new(
                "feature-selection",
                config.feature_selection,
                &ticks,
            ),
            verify: ClassBuckets::new("verify", config.verify, &ticks),
            anonymous: Arc::new(Buckets::new("anonymous", config.anonymous, ticks.clone())),
            failed_auth: Arc::new(Buckets::new(
                "failed-auth",
                config.failed_auth,
                ticks.clone(),
            )),
            tiers: RwLock::default(),
            ticks,
        })))
    }

    /// Charges one request to every policy that applies, and answers how each stands.
    ///
    /// The first decision decides: if any policy denies, it is the denying one
    /// with the longest wait, else the one with the smallest share left. A
    /// denied request is charged to nobody. Empty when limits are off or no
    /// policy applies.
    pub fn charge(&self, subject: Subject<'_>, class: Class) -> Vec<Decision> {
        let Some(policies) = &self.0 else {
            return Vec::new();
        };
        let (owner, buckets) = policies.applicable(subject, class);
        let mut decisions: Vec<Decision> =
            buckets.iter().map(|buckets| buckets.take(&owner)).collect();
        if decisions.iter().any(|decision| !decision.allowed) {
            for (decision, buckets) in decisions.iter_mut().zip(&buckets) {
                if decision.allowed {
                    *decision = buckets.give_back(&owner, decision);
                }
            }
        }
        decisions.sort_by(tightest_first);
        decisions
    }

    /// Forgets everybody whose buckets are full again; to be called on a timer.
    pub fn forget_idle(&self) {
        if let Some(policies) = &self.0 {
            policies.forget_idle();
        }
    }
}

impl Debug for Limiter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("enabled", &self.0.is_some())
            .finish_non_exhaustive()
    }
}

impl Policies {
    fn applicable(&self, subject: Subject<'_>, class: Class) -> (Owner, Vec<Arc<Buckets>>) {
        match subject {
            Subject::Key { key_id, per_hour } => {
                let class = self.class(class).map(|class| class.keys.clone());
                let tier = per_hour.map(|per_hour| self.tier(per_hour));
                (
                    Owner::Key(key_id.into()),
                    class.into_iter().chain(tier).collect(),
                )
            }
            Subject::Address(address) => {
                let class = self.class(class).map(|class| class.addresses.clone());
                let anonymous = Some(self.anonymous.clone());
                (
                    Owner::Network(network(address)),
                    class.into_iter().chain(anonymous).collect(),
                )
            }
            Subject::FailedCredential(address) => (
                Owner::Network(network(address)),
                vec![self.failed_auth.clone()],
            ),
        }
    }

    fn class(&self, class: Class) -> Option<&ClassBuckets> {
        match class {
            Class::Train => Some(&self.train),
            Class::Predict => Some(&self.predict),
            Class::FeatureSelection => Some(&self.feature_selection),
            Class::Verify => Some(&self.verify),
            Class::Other => None,
        }
    }

    fn tier(&self, per_hour: u32) -> Arc<Buckets> {
        let tiers = self.tiers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(buckets) = tiers.get(&per_hour) {
            return buckets.clone();
        }
        drop(tiers);
        let mut tiers = self.tiers.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Buckets::new("tier", hourly(per_hour), self.ticks.clone()));
        tiers.entry(per_hour).or_insert_with(fresh).clone()
    }

    fn forget_idle(&self) {
        let classes = [
            &self.train,
            &self.predict,
            &self.feature_selection,
            &self.verify,
        ];
        for class in classes {
            class.keys.forget_idle();
            class.addresses.forget_idle();
        }
        self.anonymous.forget_idle();
        self.failed_auth.forget_idle();
        let mut tiers = self.tiers.write().unwrap_or_else(PoisonError::into_inner);
        tiers.retain(|_, buckets| {
            buckets.forget_idle();
            // one in use is about to remember somebody
            !buckets.is_idle() || Arc::strong_count(buckets) > 1
        });
    }
}

/// The unit in which addresses are handed out: one IPv4 address, one IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

fn tightest_first(one: &Decision, other: &Decision) -> Ordering {
    // remaining a / limit a < remaining b / limit b, without division
    let share = |own: &Decision, against: &Decision| {
        u64::from(own.remaining) * u64::from(against.quota.limit)
    };
    let wait = |decision: &Decision| -> Duration { decision.retry_after };
    one.allowed
        .cmp(&other.allowed)
        .then_with(|| wait(other).cmp(&wait(one)))
        .then_with(|| share(one, other).cmp(&share(other, one)))
}
