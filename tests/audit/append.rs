use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    process::Command,
    thread::{self, JoinHandle},
    time::Duration,
};

use credit_risk::audit::{AuditError, AuditLog, Fsync};

use crate::support::{Trail, deleted, models};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_appends_give_one_whole_line_each() {
    let mut trail = Trail::new();
    trail.config.fsync = Fsync::Always;
    let (log, writer) = trail.open();
    let appends: Vec<_> = (0..200)
        .map(|number| {
            let log = log.clone();
            tokio::spawn(async move {
                let first = deleted(format!("{number:03}-a"));
                let second = deleted(format!("{number:03}-b"));
                log.append(vec![first, second]).await
            })
        })
        .collect();
    for append in appends {
        append.await.expect("no panic").expect("committed");
    }
    writer.shutdown();

    let models = trail.models();
    assert_eq!(models.len(), 400);
    assert_eq!(models.iter().collect::<BTreeSet<_>>().len(), 400);
    for call in models.chunks(2) {
        assert_eq!(
            call[0].replace("-a", "-b"),
            call[1],
            "a call was torn apart"
        );
    }
}

#[tokio::test]
async fn an_acknowledged_line_is_in_the_file() {
    for fsync in [Fsync::Always, Fsync::Interval, Fsync::Never] {
        let mut trail = Trail::new();
        trail.config.fsync = fsync;
        let (log, _writer) = trail.open();
        log.append(vec![deleted("m1")]).await.expect("committed");
        assert_eq!(trail.models(), ["m1"], "{fsync:?}");
    }
}

#[tokio::test]
async fn shutdown_writes_what_is_queued_and_closes() {
    let trail = Trail::new();
    let (log, writer) = trail.open();
    assert!(log.healthy());
    for number in 0..3000 {
        log.append_detached(vec![deleted(number.to_string())]);
    }
    writer.shutdown();
    let expected: Vec<String> = (0..3000).map(|number| number.to_string()).collect();
    assert_eq!(trail.models(), expected);

    let refused = log.append(vec![deleted("late")]).await;
    assert!(matches!(refused, Err(AuditError::Closed)), "{refused:?}");
    assert!(!log.healthy());
    log.append_detached(vec![deleted("late")]);
    assert_eq!(trail.models(), expected);
}

/// A log on a pipe that nobody empties yet: its writer is stuck in a write.
struct Stuck {
    pipe: File,
    beginning: Vec<u8>,
}

impl Stuck {
    /// Returns once the writer has begun to write the record `stuck`.
    fn new(trail: &Trail, log: &AuditLog, mut pipe: File) -> Self {
        log.append_detached(vec![deleted("stuck".repeat(100_000))]);
        let mut beginning = vec![0; 1];
        assert!(
            pipe.read_exact(&mut beginning).is_ok(),
            "{:?}",
            trail.path()
        );
        Self { pipe, beginning }
    }

    /// Empties the pipe until the writer closes it; gives all that was written.
    fn release(mut self) -> JoinHandle<String> {
        thread::spawn(move || {
            let read = self.pipe.read_to_end(&mut self.beginning);
            assert!(read.is_ok(), "{read:?}");
            String::from_utf8_lossy(&self.beginning).into_owned()
        })
    }
}

fn pipe_trail(max_wait: Duration) -> Trail {
    let mut trail = Trail::new();
    trail.config.path = trail.elsewhere("pipe");
    trail.config.max_wait = max_wait;
    let made = Command::new("mkfifo").arg(trail.path()).status();
    assert!(made.is_ok_and(|status| status.success()));
    trail
}

#[tokio::test]
async fn a_record_whose_requester_gave_up_is_not_written() {
    let trail = pipe_trail(Duration::from_millis(1));
    let (log, writer) = trail.open();
    let stuck = Stuck::new(&trail, &log, File::open(trail.path()).expect("a pipe"));

    let waited = log.append(vec![deleted("timed out")]).await;
    assert!(matches!(waited, Err(AuditError::TimedOut)), "{waited:?}");
    log.append_detached(vec![deleted("kept")]);

    let written = stuck.release();
    writer.shutdown();
    let written = models(&written.join().expect("no panic"));
    assert_eq!(written.len(), 2);
    assert_eq!(written[1], "kept");
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let trail = pipe_trail(Duration::from_secs(30));
    let (log, writer) = trail.open();
    let stuck = Stuck::new(&trail, &log, File::open(trail.path()).expect("a pipe"));

    for number in 0..8192 {
        log.append_detached(vec![deleted(number.to_string())]);
    }
    let refused = log.append(vec![deleted("too many")]).await;
    assert!(matches!(refused, Err(AuditError::Busy)), "{refused:?}");

    let written = stuck.release();
    writer.shutdown();
    let written = models(&written.join().expect("no panic"));
    assert_eq!(written.len(), 1 + 8192);
    assert_eq!(written[8192], "8191");
}

#[tokio::test]
async fn either_the_records_or_those_that_say_otherwise_are_in_the_trail() {
    let trail = pipe_trail(Duration::from_millis(200));
    let (log, writer) = trail.open();
    let stuck = Stuck::new(&trail, &log, File::open(trail.path()).expect("a pipe"));
    // Withdrawn before its write began.
    let waited = log.append_or(vec![deleted("first")], || vec![deleted("otherwise")]);
    let waited = waited.await;
    assert!(matches!(waited, Err(AuditError::TimedOut)), "{waited:?}");
    let written = stuck.release();
    writer.shutdown();
    let written = models(&written.join().expect("no panic"));
    assert_eq!(written[1..], ["otherwise"]);

    let trail = pipe_trail(Duration::from_millis(200));
    let (log, writer) = trail.open();
    let mut pipe = File::open(trail.path()).expect("a pipe");
    // Longer than a pipe holds, so that its write has begun and does not end.
    let long = "x".repeat(200_000);
    let waited = log.append_or(vec![deleted(&long)], || vec![deleted("otherwise")]);
    let waited = waited.await;
    assert!(matches!(waited, Err(AuditError::TimedOut)), "{waited:?}");
    let reading = thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    });
    writer.shutdown();
    let written = reading.join().expect("no panic").expect("a text");
    assert_eq!(models(&written), [long]);
}
