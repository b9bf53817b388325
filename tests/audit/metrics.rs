use std::os::unix::fs::symlink;

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::{Trail, deleted};

#[tokio::test]
async fn commits_and_failures_are_counted() {
    let measured = PrometheusBuilder::new()
        .install_recorder()
        .expect("the only recorder of this binary");

    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("kept")]).await.expect("committed");

    let mut full = Trail::new();
    full.config.path = full.elsewhere("audit.jsonl");
    symlink("/dev/full", full.path()).expect("a link");
    let (log, writer) = full.open();
    assert!(log.append(vec![deleted("lost")]).await.is_err());
    log.append_detached(vec![deleted("lost")]);
    writer.shutdown();

    // Other tests of this binary may count as well.
    let text = measured.render();
    assert!(
        count(
            &text,
            r#"creditrisk_audit_records_total{event="model_deleted"}"#
        ) >= 1.0
    );
    assert!(count(&text, "creditrisk_audit_failures_total") >= 2.0);
    assert!(count(&text, "creditrisk_audit_commit_seconds_count") >= 3.0);
}

fn count(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    line.and_then(|value| value.trim().parse().ok())
        .unwrap_or(0.0)
}
