use std::{fs, io::ErrorKind, os::unix::fs::symlink};

use credit_risk::audit::{AuditError, AuditLog};

use crate::support::{Trail, deleted, models};

#[tokio::test]
async fn an_unfinished_last_line_is_kept_beside_the_log() {
    let trail = Trail::new();
    let whole = "whole".repeat(20_000);
    let torn = format!("{{\"model_id\":\"{}", "torn".repeat(50_000));
    trail.prepare(&format!("{{\"model_id\":\"{whole}\"}}\n{torn}"));
    let (log, _writer) = trail.open();
    log.append(vec![deleted("next")]).await.expect("committed");

    assert_eq!(trail.models(), [whole.as_str(), "next"]);
    let files = trail.files();
    assert_eq!(files.len(), 2);
    assert_eq!(files["audit.jsonl.torn-20260202T100000Z"], torn);
}

#[tokio::test]
async fn a_second_torn_line_does_not_replace_the_first() {
    let trail = Trail::new();
    for torn in ["one", "two"] {
        trail.prepare(torn);
        let (_log, writer) = trail.open();
        writer.shutdown();
    }
    let files = trail.files();
    assert_eq!(files["audit.jsonl"], "");
    assert_eq!(files["audit.jsonl.torn-20260202T100000Z"], "one");
    assert_eq!(files["audit.jsonl.torn-20260202T100000Z.1"], "two");
}

#[tokio::test]
async fn a_full_disk_is_told_and_later_forgotten() {
    let mut trail = Trail::new();
    trail.config.path = trail.elsewhere("audit.jsonl");
    symlink("/dev/full", trail.path()).expect("a link");
    let (log, _writer) = trail.open();
    for _ in 0..2 {
        match log.append(vec![deleted("lost")]).await {
            Err(AuditError::Write(error)) => assert_eq!(error.kind(), ErrorKind::StorageFull),
            other => panic!("{other:?}"),
        }
        assert!(!log.healthy());
    }

    fs::remove_file(trail.path()).expect("the link");
    log.append(vec![deleted("kept")]).await.expect("committed");
    assert!(log.healthy());
    assert_eq!(trail.models(), ["kept"]);
}

#[tokio::test]
async fn health_returns_without_traffic() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    fs::remove_file(trail.path()).expect("the log");
    fs::create_dir(trail.path()).expect("a folder in its place");
    let failed = log.append(vec![deleted("lost")]).await;
    assert!(matches!(failed, Err(AuditError::Write(_))), "{failed:?}");
    assert!(!log.healthy());

    fs::remove_dir(trail.path()).expect("the folder");
    while !log.healthy() {
        tokio::task::yield_now().await;
    }
    log.append(vec![deleted("kept")]).await.expect("committed");
    assert_eq!(trail.models(), ["kept"]);
}

#[tokio::test]
async fn a_removed_file_is_made_anew() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("gone")]).await.expect("committed");
    fs::remove_dir_all(trail.path().parent().expect("a folder")).expect("removed");
    log.append(vec![deleted("next")]).await.expect("committed");
    assert_eq!(trail.models(), ["next"]);
    assert!(log.healthy());
}

#[tokio::test]
async fn a_file_renamed_from_outside_is_left_as_it_is() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("old")]).await.expect("committed");
    let renamed = trail.elsewhere("audit.jsonl.1");
    fs::rename(trail.path(), &renamed).expect("renamed");
    log.append(vec![deleted("new")]).await.expect("committed");

    assert_eq!(
        models(&fs::read_to_string(renamed).expect("a file")),
        ["old"]
    );
    assert_eq!(trail.models(), ["new"]);
}

#[tokio::test]
async fn a_file_replaced_by_its_copy_is_continued_in_the_copy() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("old")]).await.expect("committed");
    let copy = trail.elsewhere("copy");
    fs::copy(trail.path(), &copy).expect("copied");
    fs::rename(copy, trail.path()).expect("renamed");
    log.append(vec![deleted("new")]).await.expect("committed");
    assert_eq!(trail.models().last().map(String::as_str), Some("new"));
}

#[tokio::test]
async fn a_half_line_written_from_outside_is_put_aside() {
    let trail = Trail::new();
    let (log, _writer) = trail.open();
    log.append(vec![deleted("old")]).await.expect("committed");
    fs::write(trail.path(), "half a line").expect("overwritten");
    log.append(vec![deleted("new")]).await.expect("committed");
    assert_eq!(trail.models(), ["new"]);
    assert_eq!(
        trail.files()["audit.jsonl.torn-20260202T100000Z"],
        "half a line"
    );
}

#[tokio::test]
async fn a_log_has_one_writer() {
    let trail = Trail::new();
    let (_log, writer) = trail.open();
    let second = AuditLog::open(&trail.config, trail.clock.clone());
    assert!(
        matches!(&second, Err(AuditError::Open { source, .. })
            if source.kind() == ErrorKind::ResourceBusy),
        "{second:?}"
    );
    writer.shutdown();
    assert!(AuditLog::open(&trail.config, trail.clock.clone()).is_ok());
}

#[tokio::test]
async fn a_log_that_cannot_be_created_refuses_to_open() {
    let mut trail = Trail::new();
    fs::write(trail.elsewhere("file"), "").expect("a file");
    trail.config.path = trail.elsewhere("file").join("audit.jsonl");
    let opened = AuditLog::open(&trail.config, trail.clock.clone());
    match opened {
        Err(AuditError::Open { path, .. }) => assert_eq!(path, trail.path()),
        other => panic!("{other:?}"),
    }
}
