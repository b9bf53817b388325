use std::{net::IpAddr, time::Duration};

use credit_risk::{
    clock::Clock,
    limits::{Class, Decision, Limiter, LimitsConfig, Subject},
};
use jiff::Timestamp;

const STRANGER: &str = "192.0.2.7";

fn settings() -> LimitsConfig {
    LimitsConfig {
        enabled: true,
        train: "10/hour".parse().unwrap(),
        predict: "100/minute".parse().unwrap(),
        feature_selection: "20/hour".parse().unwrap(),
        anonymous: "30/minute".parse().unwrap(),
        failed_auth: "5/minute".parse().unwrap(),
        verify: "30/minute".parse().unwrap(),
    }
}

fn limiter() -> (Limiter, Clock) {
    let clock = Clock::manual(Timestamp::UNIX_EPOCH);
    (Limiter::new(&settings(), clock.clone()), clock)
}

fn key(key_id: &str, per_hour: Option<u32>) -> Subject<'_> {
    Subject::Key { key_id, per_hour }
}

fn address(text: &str) -> Subject<'static> {
    Subject::Address(text.parse().unwrap())
}

fn failed(text: &str) -> Subject<'static> {
    Subject::FailedCredential(text.parse::<IpAddr>().unwrap())
}

fn passes(decisions: &[Decision]) -> bool {
    decisions.first().is_none_or(|decision| decision.allowed)
}

fn policies(decisions: &[Decision]) -> Vec<&'static str> {
    decisions.iter().map(|decision| decision.policy).collect()
}

#[test]
fn the_eleventh_training_waits_its_time_however_often_it_is_tried() {
    let (limiter, clock) = limiter();
    let caller = key("key_a", None);
    for left in (0..10).rev() {
        let decisions = limiter.charge(caller, Class::Train);
        assert_eq!((decisions[0].allowed, decisions[0].remaining), (true, left));
    }
    for second in 0..360 {
        let decisions = limiter.charge(caller, Class::Train);
        let wait = Duration::from_secs(360 - second);
        assert!(!decisions[0].allowed, "after {second} s");
        assert_eq!((decisions[0].retry_after, decisions[0].reset), (wait, wait));
        clock.advance(Duration::from_secs(1));
    }
    let decisions = limiter.charge(caller, Class::Train);
    assert_eq!((decisions[0].allowed, decisions[0].remaining), (true, 0));
    assert!(!limiter.charge(caller, Class::Train)[0].allowed);
}

#[test]
fn a_decision_tells_what_is_left_and_until_when() {
    let (limiter, clock) = limiter();
    let decision = limiter.charge(key("key_a", None), Class::Predict)[0];
    assert_eq!(
        (decision.policy, decision.quota.to_string()),
        ("predict", "100/minute".to_owned())
    );
    assert_eq!(decision.remaining, 99);
    assert_eq!(decision.reset, Duration::from_millis(600));
    assert_eq!(decision.retry_after, Duration::ZERO);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        limiter.charge(key("key_a", None), Class::Predict)[0].remaining,
        99
    );
}

#[test]
fn keys_and_classes_have_their_own_buckets() {
    let (limiter, _clock) = limiter();
    while passes(&limiter.charge(key("key_a", None), Class::Train)) {}
    assert!(passes(&limiter.charge(key("key_b", None), Class::Train)));
    assert!(passes(
        &limiter.charge(key("key_a", None), Class::FeatureSelection)
    ));
    assert!(passes(&limiter.charge(key("key_a", None), Class::Verify)));
    assert!(!passes(&limiter.charge(key("key_a", None), Class::Train)));
}

#[test]
fn the_tightest_policy_is_reported_first() {
    let (limiter, _clock) = limiter();
    let decisions = limiter.charge(key("key_a", Some(1_000)), Class::Train);
    assert_eq!(policies(&decisions), ["train", "tier"]);
    let decisions = limiter.charge(key("key_b", Some(5)), Class::Predict);
    assert_eq!(policies(&decisions), ["tier", "predict"]);
    assert_eq!(decisions[0].quota.to_string(), "5/hour");
    // when both deny, the longer wait is the true one
    let caller = key("key_c", Some(30));
    while passes(&limiter.charge(caller, Class::Verify)) {}
    let denied = limiter.charge(caller, Class::Verify);
    assert_eq!(policies(&denied), ["tier", "verify"]);
    let waits = denied.iter().map(|decision| decision.retry_after.as_secs());
    assert_eq!(waits.collect::<Vec<_>>(), [120, 2]);
}

#[test]
fn routes_without_a_class_count_against_the_tier_only() {
    let (limiter, _clock) = limiter();
    assert_eq!(
        policies(&limiter.charge(key("key_a", Some(100)), Class::Other)),
        ["tier"]
    );
    assert!(limiter.charge(key("key_a", None), Class::Other).is_empty());
}

#[test]
fn a_denied_request_is_charged_to_nobody() {
    let (limiter, _clock) = limiter();
    let caller = key("key_a", Some(100));
    for _ in 0..40 {
        limiter.charge(caller, Class::Train);
    }
    let tier = limiter.charge(caller, Class::Other)[0];
    assert_eq!(tier.remaining, 89, "ten trainings and this request");

    let poor = key("key_b", Some(1));
    assert!(passes(&limiter.charge(poor, Class::Train)));
    for _ in 0..40 {
        let denied = limiter.charge(poor, Class::Train);
        assert_eq!((denied[0].policy, denied[1].remaining), ("tier", 9));
    }
}

#[test]
fn strangers_are_counted_by_address_and_class() {
    let (limiter, clock) = limiter();
    for _ in 0..10 {
        let decisions = limiter.charge(address(STRANGER), Class::Train);
        assert_eq!(policies(&decisions), ["train", "anonymous"]);
    }
    assert!(!passes(&limiter.charge(address(STRANGER), Class::Train)));
    assert!(passes(&limiter.charge(address("192.0.2.8"), Class::Train)));
    let decisions = limiter.charge(address(STRANGER), Class::Other);
    assert_eq!(
        (decisions[0].policy, decisions[0].remaining),
        ("anonymous", 19)
    );
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        limiter.charge(address(STRANGER), Class::Other)[0].remaining,
        29
    );
}

#[test]
fn failed_credentials_are_charged_to_the_address_alone() {
    let (limiter, _clock) = limiter();
    let untouched = limiter.charge(key("key_a", Some(100)), Class::Predict);
    for _ in 0..5 {
        let decisions = limiter.charge(failed(STRANGER), Class::Predict);
        assert_eq!(policies(&decisions), ["failed-auth"]);
        assert!(passes(&decisions));
    }
    assert!(!passes(&limiter.charge(failed(STRANGER), Class::Train)));
    assert!(passes(&limiter.charge(failed("192.0.2.8"), Class::Train)));

    let after = limiter.charge(key("key_a", Some(100)), Class::Predict);
    for (before, after) in untouched.iter().zip(&after) {
        assert_eq!(before.remaining - 1, after.remaining);
    }
    let stranger = limiter.charge(address(STRANGER), Class::Other);
    assert_eq!(stranger[0].remaining, 29);
}

#[test]
fn an_ipv6_network_is_one_stranger() {
    let (limiter, _clock) = limiter();
    for host in 1..=5 {
        assert!(passes(
            &limiter.charge(failed(&format!("2001:db8:0:1::{host}")), Class::Other)
        ));
    }
    assert!(!passes(
        &limiter.charge(failed("2001:db8:0:1:ffff::9"), Class::Other)
    ));
    assert!(passes(
        &limiter.charge(failed("2001:db8:0:2::1"), Class::Other)
    ));

    // written as IPv6 or not, an IPv4 address is the same
    for _ in 0..5 {
        limiter.charge(failed("::ffff:192.0.2.7"), Class::Other);
    }
    assert!(!passes(&limiter.charge(failed("192.0.2.7"), Class::Other)));
    assert!(passes(
        &limiter.charge(failed("::ffff:192.0.2.8"), Class::Other)
    ));
}

#[test]
fn forgetting_the_idle_forgives_nobody() {
    let (limiter, clock) = limiter();
    let caller = key("key_a", Some(10));
    while passes(&limiter.charge(caller, Class::Train)) {}
    clock.advance(Duration::from_secs(359));
    limiter.forget_idle();
    let denied = limiter.charge(caller, Class::Train);
    assert!(denied.iter().all(|decision| !decision.allowed));
    assert_eq!(denied.len(), 2);
    clock.advance(Duration::from_secs(1));
    limiter.forget_idle();
    assert!(passes(&limiter.charge(caller, Class::Train)));
    assert!(!passes(&limiter.charge(caller, Class::Train)));
}

#[test]
fn switched_off_nothing_is_counted() {
    let config = LimitsConfig {
        enabled: false,
        ..settings()
    };
    let limiter = Limiter::new(&config, Clock::manual(Timestamp::UNIX_EPOCH));
    for _ in 0..100 {
        assert!(limiter.charge(failed(STRANGER), Class::Train).is_empty());
    }
    limiter.forget_idle();
}

#[test]
fn clones_and_threads_share_the_buckets() {
    let (limiter, _clock) = limiter();
    let passed: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let limiter = limiter.clone();
                scope.spawn(move || {
                    let charge = || limiter.charge(key("key_a", None), Class::Train);
                    (0..25).filter(|_| passes(&charge())).count()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    assert_eq!(passed, 10);
}
