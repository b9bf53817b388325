use std::time::Duration;

use credit_risk::limits::{Quota, QuotaFault, hourly};
use proptest::prelude::*;

fn quota(limit: u32, seconds: u64) -> Quota {
    let period = Duration::from_secs(seconds);
    Quota { limit, period }
}

#[test]
fn quotas_are_read_in_every_common_spelling() {
    let cases = [
        ("10/hour", quota(10, 3_600), "10/hour"),
        ("10/ hour", quota(10, 3_600), "10/hour"),
        ("  10 / Hours ", quota(10, 3_600), "10/hour"),
        ("10 per 1 hour", quota(10, 3_600), "10/hour"),
        ("10 PER HOUR", quota(10, 3_600), "10/hour"),
        ("100/minute", quota(100, 60), "100/minute"),
        ("5/second", quota(5, 1), "5/second"),
        ("1000/day", quota(1_000, 86_400), "1000/day"),
        ("10/15minutes", quota(10, 900), "10/15 minutes"),
        ("10 per 15 minute", quota(10, 900), "10/15 minutes"),
        ("7/90 seconds", quota(7, 90), "7/90 seconds"),
        (
            "1000000/366 days",
            quota(1_000_000, 31_622_400),
            "1000000/366 days",
        ),
    ];
    for (text, expected, shown) in cases {
        let read: Quota = text.parse().unwrap();
        assert_eq!(read, expected, "{text}");
        assert_eq!(read.to_string(), shown);
    }
}

#[test]
fn a_bad_quota_says_what_is_wrong_with_it() {
    let cases = [
        ("", QuotaFault::Shape),
        ("10", QuotaFault::Shape),
        ("ten per hour", QuotaFault::Limit),
        ("10perhour", QuotaFault::Shape),
        ("/hour", QuotaFault::Limit),
        ("0/hour", QuotaFault::Limit),
        ("-1/hour", QuotaFault::Limit),
        ("+1/hour", QuotaFault::Limit),
        ("1.5/hour", QuotaFault::Limit),
        ("1000001/hour", QuotaFault::Limit),
        ("10/", QuotaFault::Unit),
        ("10/15", QuotaFault::Unit),
        ("10/fortnight", QuotaFault::Unit),
        ("10/hour 2", QuotaFault::Unit),
        ("10/hours/day", QuotaFault::Unit),
        ("10/0 hours", QuotaFault::Period),
        ("10/1.5 hours", QuotaFault::Period),
        ("10/367 days", QuotaFault::Period),
        ("10/99999999999999999999 days", QuotaFault::Period),
        ("10/999999999999999999 days", QuotaFault::Period),
    ];
    for (text, fault) in cases {
        let error = text.parse::<Quota>().unwrap_err();
        assert_eq!(error.fault, fault, "{text}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("{text:?} is no quota"))
        );
    }
}

#[test]
fn quotas_are_strings_in_settings() {
    let read: Quota = serde_json::from_str(r#""100 per 1 minute""#).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#""100/minute""#);
    assert!(serde_json::from_str::<Quota>(r#""many/hour""#).is_err());
}

#[test]
fn hourly_quotas_stay_in_bounds() {
    assert_eq!(hourly(1_000), "1000/hour".parse().unwrap());
    assert_eq!(hourly(0).limit, 1);
    assert_eq!(hourly(u32::MAX).limit, 1_000_000);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(limit in 1_u32..=1_000_000, seconds in 1_u64..=31_622_400) {
        let written = quota(limit, seconds).to_string();
        prop_assert_eq!(written.parse::<Quota>().unwrap(), quota(limit, seconds));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".*") {
        let _ = text.parse::<Quota>();
    }
}
