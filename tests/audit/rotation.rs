use std::{fs, time::Duration};

use bytesize::ByteSize;

use crate::support::{Trail, deleted, models};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn a_full_file_is_put_aside_under_the_next_number() {
    let mut trail = Trail::new();
    trail.config.max_size = ByteSize::b(300);
    let (log, _writer) = trail.open();
    for model in ["1", "2", "3", "4", "5"] {
        log.append(vec![deleted(model)]).await.expect("committed");
    }
    let files = trail.files();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "audit-2026-02-02.0001.jsonl",
            "audit-2026-02-02.0002.jsonl",
            "audit.jsonl"
        ]
    );
    let contents: Vec<_> = files.values().map(|content| models(content)).collect();
    assert_eq!(contents, [vec!["1", "2"], vec!["3", "4"], vec!["5"]]);
}

#[tokio::test]
async fn a_new_day_begins_a_new_file_named_for_the_old_day() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("monday")])
        .await
        .expect("committed");
    log.append(vec![deleted("too")]).await.expect("committed");
    trail.clock.advance(DAY);
    log.append(vec![deleted("tuesday")])
        .await
        .expect("committed");

    let files = trail.files();
    assert_eq!(files.len(), 2);
    assert_eq!(
        models(&files["audit-2026-02-02.0001.jsonl"]),
        ["monday", "too"]
    );
    assert_eq!(models(&files["audit.jsonl"]), ["tuesday"]);
}

#[tokio::test]
async fn a_day_does_not_rotate_where_that_is_off() {
    let mut trail = Trail::new();
    trail.config.rotate_daily = false;
    let (log, _writer) = trail.open();
    log.append(vec![deleted("monday")])
        .await
        .expect("committed");
    trail.clock.advance(DAY);
    log.append(vec![deleted("tuesday")])
        .await
        .expect("committed");
    assert_eq!(trail.models(), ["monday", "tuesday"]);
}

#[tokio::test]
async fn a_file_of_an_earlier_day_is_rotated_after_a_restart() {
    let trail = Trail::new();
    trail.prepare("{\"model_id\":\"monday\"}\n");
    trail.clock.advance(DAY);
    let (log, _writer) = trail.open();
    log.append(vec![deleted("tuesday")])
        .await
        .expect("committed");
    let files = trail.files();
    assert_eq!(models(&files["audit-2026-02-02.0001.jsonl"]), ["monday"]);
    assert_eq!(models(&files["audit.jsonl"]), ["tuesday"]);
}

#[tokio::test]
async fn a_restart_on_the_same_day_continues_the_file() {
    let trail = Trail::new();
    trail.prepare("{\"model_id\":\"before\"}\n");
    let (log, _writer) = trail.open();
    log.append(vec![deleted("after")]).await.expect("committed");
    assert_eq!(trail.models(), ["before", "after"]);
}

#[tokio::test]
async fn a_taken_number_is_never_used_again() {
    let trail = Trail::new();
    trail.prepare("{\"model_id\":\"full\"}\n");
    let taken = [
        "audit-2026-02-02.0001.jsonl",
        "audit-2026-02-02.0007.jsonl.gz",
    ];
    for name in taken {
        fs::write(trail.path().with_file_name(name), "kept").expect("a file");
    }
    let (log, _writer) = trail.open();
    trail.clock.advance(DAY);
    log.append(vec![deleted("new")]).await.expect("committed");

    let files = trail.files();
    for name in taken {
        assert_eq!(files[name], "kept");
    }
    assert_eq!(models(&files["audit-2026-02-02.0008.jsonl"]), ["full"]);
}
