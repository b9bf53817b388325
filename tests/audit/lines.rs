use std::{net::Ipv4Addr, sync::Arc};

use credit_risk::audit::{Context, Event, Outcome, Record};
use serde_json::json;

use crate::support::{START, Trail, record};

/// The line of one record, its random identifier checked and replaced.
#[expect(clippy::expect_used, reason = "a test helper may panic")]
async fn line_of(record: Record) -> String {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![record]).await.expect("committed");
    let content = trail.content();
    let line = content.strip_suffix('\n').expect("a whole line");
    assert!(!line.contains('\n'), "more than one line: {line}");

    let (before, rest) = line.split_once("\"evt_").expect("an event_id");
    let (id, after) = rest.split_at(26);
    assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    format!("{before}\"evt_ULID{after}")
}

/// What a line looks like whose record has nothing but its event.
fn bare(event: &str, fields: &str) -> String {
    let head = format!(r#"{{"event":"{event}","timestamp":"{START}","event_id":"evt_ULID""#);
    format!(r#"{head},"outcome":"success"{fields}}}"#)
}

#[tokio::test]
async fn a_line_has_every_known_part_in_a_fixed_order() {
    let mut full = record(Event::PredictionMade {
        model_id: "m1".into(),
        n_samples: 2,
        threshold: Some(0.203),
        predicted_defaults: Some(1),
        policy_version: Some("2026-01".to_owned()),
    });
    full.context = Arc::new(Context {
        request_id: Some("r1".into()),
        key_id: Some("k1".into()),
        actor: Some("Ann".into()),
        ip: Some(Ipv4Addr::new(203, 0, 113, 7).into()),
        method: Some("POST".into()),
        route: Some("/predict".into()),
    });
    full.outcome = Outcome::Failure;
    full.status = Some(503);
    full.duration_ms = Some(1.5);
    let expected = concat!(
        r#"{"event":"prediction_made","timestamp":"2026-02-02T10:00:00.123456Z","#,
        r#""event_id":"evt_ULID","request_id":"r1","key_id":"k1","user":"Ann","actor":"Ann","#,
        r#""ip":"203.0.113.7","method":"POST","route":"/predict","outcome":"failure","#,
        r#""status":503,"duration_ms":1.5,"#,
        r#""model_id":"m1","n_samples":2,"threshold":0.203,"predicted_defaults":1,"policy_version":"2026-01"}"#,
    );
    assert_eq!(line_of(full).await, expected);
}

#[tokio::test]
async fn each_promised_event_has_its_fields() {
    let plan = json!({"model_type": "logistic", "test_size": 0.2});
    let cases = [
        (
            Event::AuthSuccess {
                api_key_hash: "9f2c".into(),
            },
            bare("auth_success", r#","api_key_hash":"9f2c""#),
        ),
        (
            Event::AuthFailure {
                reason: "unknown_key",
                attempted_key_prefix: "***".into(),
            },
            bare(
                "auth_failure",
                r#","reason":"unknown_key","attempted_key_prefix":"***""#,
            ),
        ),
        (
            Event::ModelPersisted {
                model_id: "m1".into(),
                path: "models/m1".into(),
                sha256: "ab".into(),
            },
            bare(
                "model_persisted",
                r#","model_id":"m1","path":"models/m1","sha256":"ab""#,
            ),
        ),
        (
            Event::ModelLoaded {
                model_id: "m1".into(),
                source: "filesystem",
            },
            bare("model_loaded", r#","model_id":"m1","source":"filesystem""#),
        ),
        (
            Event::TrainingStarted {
                config: plan.clone(),
                dataset_hash: "sha256:ab".into(),
            },
            nobodys(
                "training_started",
                r#","config":{"model_type":"logistic","test_size":0.2},"dataset_hash":"sha256:ab""#,
            ),
        ),
        (
            Event::TrainingCompleted {
                model_id: "m1".into(),
                metrics: json!({"roc_auc": 0.9448}),
                duration_seconds: 1.41,
            },
            nobodys(
                "training_completed",
                r#","model_id":"m1","metrics":{"roc_auc":0.9448},"duration":1.41,"duration_seconds":1.41"#,
            ),
        ),
        (
            Event::TrainingFailed {
                error: "TRAINING_FAILED: one class".into(),
                config: plan,
            },
            nobodys(
                "training_failed",
                r#","error":"TRAINING_FAILED: one class","config":{"model_type":"logistic","test_size":0.2}"#,
            ),
        ),
        (
            Event::PredictionMade {
                model_id: "m1".into(),
                n_samples: 2,
                threshold: Some(0.5),
                predicted_defaults: Some(0),
                policy_version: Some("1".to_owned()),
            },
            nobodys(
                "prediction_made",
                r#","model_id":"m1","n_samples":2,"threshold":0.5,"predicted_defaults":0,"policy_version":"1""#,
            ),
        ),
        (
            Event::PredictionMade {
                model_id: "m2".into(),
                n_samples: 1,
                threshold: None,
                predicted_defaults: None,
                policy_version: None,
            },
            nobodys("prediction_made", r#","model_id":"m2","n_samples":1"#),
        ),
    ];
    for (event, expected) in cases {
        assert_eq!(line_of(record(event)).await, expected);
    }
}

/// As [`bare`], for events that always name a user.
fn nobodys(event: &str, fields: &str) -> String {
    bare(event, fields).replace(r#""outcome":"#, r#""user":"anonymous","outcome":"#)
}

#[tokio::test]
async fn each_further_event_has_its_fields() {
    let cases = [
        (
            Event::AuthzDenied {
                required_scope: "train".into(),
            },
            bare("authz_denied", r#","required_scope":"train""#),
        ),
        (
            Event::RateLimited {
                policy: "train".into(),
                limit: "10/hour".into(),
            },
            bare("rate_limited", r#","policy":"train","limit":"10/hour""#),
        ),
        (
            Event::ModelDeleted {
                model_id: "m1".into(),
            },
            bare("model_deleted", r#","model_id":"m1""#),
        ),
        (
            Event::KeysReloaded { keys: 3 },
            bare("keys_reloaded", r#","keys":3"#),
        ),
        (
            Event::ServiceStarted {
                version: "0.1.0",
                environment: "local".into(),
            },
            bare(
                "service_started",
                r#","version":"0.1.0","environment":"local""#,
            ),
        ),
        (Event::ServiceStopped, bare("service_stopped", "")),
        (Event::RequestAbandoned, bare("request_abandoned", "")),
        (Event::RequestCompleted, bare("request_completed", "")),
    ];
    for (event, expected) in cases {
        assert_eq!(line_of(record(event)).await, expected);
    }
}

#[tokio::test]
async fn a_hostile_text_cannot_begin_a_line_or_a_field() {
    let line = line_of(record(Event::ModelDeleted {
        model_id: "a\n{\"event\":\"auth_success\"}\r\u{2028}\u{0}\"".into(),
    }))
    .await;
    let fields = "a\\n{\\\"event\\\":\\\"auth_success\\\"}\\r\u{2028}\\u0000\\\"";
    assert_eq!(
        line,
        bare("model_deleted", &format!(r#","model_id":"{fields}""#))
    );
}

#[tokio::test]
async fn event_ids_rise_along_the_file() {
    let trail = Trail::new();
    let (log, writer) = trail.open();
    for _ in 0..3 {
        log.append(vec![record(Event::ServiceStopped); 100])
            .await
            .expect("committed");
    }
    writer.shutdown();
    let content = trail.content();
    let ids: Vec<&str> = content
        .lines()
        .map(|line| line.split_once("evt_").expect("an event_id").1)
        .map(|rest| &rest[..26])
        .collect();
    assert_eq!(ids.len(), 300);
    assert!(ids.is_sorted_by(|earlier, later| earlier < later));
}
