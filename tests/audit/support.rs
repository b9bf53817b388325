//! A trail in a folder of its own, under a clock turned by hand.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytesize::ByteSize;
use credit_risk::{
    audit::{AuditConfig, AuditLog, AuditWriter, Context, Event, Fsync, Outcome, Record},
    clock::Clock,
};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const START: &str = "2026-02-02T10:00:00.123456Z";

pub(crate) struct Trail {
    pub(crate) clock: Clock,
    pub(crate) config: AuditConfig,
    folder: TempDir,
}

impl Trail {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let config = AuditConfig {
            path: folder.path().join("logs/audit.jsonl"),
            fsync: Fsync::Never,
            fsync_interval: Duration::from_secs(1),
            max_wait: Duration::from_secs(30),
            max_size: ByteSize::mib(100),
            rotate_daily: true,
        };
        let clock = Clock::manual(START.parse().unwrap());
        Self {
            clock,
            config,
            folder,
        }
    }

    pub(crate) fn open(&self) -> (AuditLog, AuditWriter) {
        AuditLog::open(&self.config, self.clock.clone()).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.config.path
    }

    /// A path beside the log's folder.
    pub(crate) fn elsewhere(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts content in place before the log is opened, last changed now by the clock.
    pub(crate) fn prepare(&self, content: &str) {
        fs::create_dir_all(self.path().parent().unwrap()).unwrap();
        fs::write(self.path(), content).unwrap();
        let file = fs::File::options().append(true).open(self.path()).unwrap();
        file.set_modified(self.clock.now().into()).unwrap();
    }

    pub(crate) fn content(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// The models of the current file's `model_deleted` lines, in order.
    pub(crate) fn models(&self) -> Vec<String> {
        models(&self.content())
    }

    /// Every file in the log's folder, by name.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.path().parent().unwrap()).unwrap();
        entries
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect()
    }
}

/// The models of `model_deleted` lines; panics on anything but whole lines.
pub(crate) fn models(content: &str) -> Vec<String> {
    assert!(content.is_empty() || content.ends_with('\n'), "{content:?}");
    let model = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["model_id"].as_str().unwrap().to_owned()
    };
    content.lines().map(model).collect()
}

pub(crate) fn record(event: Event) -> Record {
    Record {
        event,
        timestamp: START.parse::<Timestamp>().unwrap(),
        context: Arc::new(Context::default()),
        outcome: Outcome::Success,
        status: None,
        duration_ms: None,
    }
}

pub(crate) fn deleted(model_id: impl Into<String>) -> Record {
    record(Event::ModelDeleted {
        model_id: model_id.into(),
    })
}
