//! The report of `credit-risk config check`.

use credit_risk::config::{SETTINGS, render};

use crate::support::loaded;

#[test]
fn the_report_has_one_aligned_row_for_each_setting_and_ends_with_the_warnings() {
    let loaded = loaded(&[("PORT", "9000"), ("REQUIRE_AUTH", "false")]);
    let report = render(&loaded);
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 1 + SETTINGS.len() + 1);
    let value = lines[0].find("VALUE").unwrap();
    let source = lines[0].find("SOURCE").unwrap();
    let port = lines
        .iter()
        .find(|line| line.starts_with("http.port "))
        .unwrap();
    assert!(port[value..].starts_with("9000 "), "{port}");
    assert!(
        port[source..].starts_with("environment CREDIT_RISK_PORT "),
        "{port}"
    );
    let bucket = lines
        .iter()
        .find(|line| line.starts_with("store.s3.bucket "))
        .unwrap();
    assert!(bucket[value..].starts_with("(none) "), "{bucket}");
    assert!(lines[lines.len() - 1].starts_with("warning: CREDIT_RISK_REQUIRE_AUTH"));
}
