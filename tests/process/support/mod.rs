//! A service in a folder of its own, talked to over real sockets.

mod client;
mod service;

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) use client::{Answer, Client, in_progress, read_answer, training_form};
pub(crate) use service::{Running, Service, run};

/// The key in every home's key file, with every scope.
pub(crate) const KEY: &str = "operator-key-for-tests-0123456789abcdef";

/// Longest wait for anything a child should do; reached only when it does not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const BUNDLED: &str = include_str!("../../../data/german_credit.csv");

/// A folder with a key file, where a service keeps its models and its audit log.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self(TempDir::new().unwrap());
        home.write("keys", &format!("{KEY};name=tests;scopes={SCOPES}\n"));
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program in this folder, with nothing of this process's environment.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.0.path());
        with_settings(&mut command);
        command
    }

    /// `serve`, not yet started.
    pub(crate) fn service(&self) -> Service {
        Service::new(self.program(&["serve"]))
    }

    pub(crate) fn start(&self) -> Running {
        self.service().start()
    }

    /// The names in the models' folder, without the lock file.
    pub(crate) fn model_files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("artifacts/models")).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock")
            .collect();
        names.sort_unstable();
        names
    }

    /// The events of the audit log, in order.
    pub(crate) fn event_names(&self) -> Vec<Value> {
        self.audit()
            .iter()
            .map(|line| line["event"].clone())
            .collect()
    }

    /// Every line of the audit log; panics on anything but whole JSON lines.
    pub(crate) fn audit(&self) -> Vec<Value> {
        lines_of(&fs::read_to_string(self.path("logs/audit.jsonl")).unwrap())
    }

    /// The lines of one event.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let mut lines = self.audit();
        lines.retain(|line| line["event"] == event);
        lines
    }
}

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_credit-risk");

const SCOPES: &str = "model:read model:write model:predict metrics:read";

/// The settings every child starts from.
pub(crate) fn with_settings(command: &mut Command) {
    command
        .env_clear()
        .env("CREDIT_RISK_PORT", "0")
        .env("CREDIT_RISK_LOG_FORMAT", "json")
        .env("CREDIT_RISK_SECRETS_DIR", "no-mounted-secrets")
        .env("CREDIT_RISK_API_KEYS_FILE", "keys");
}

/// Polls until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn lines_of(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "a half line");
    let parse = |line| serde_json::from_str(line).unwrap();
    text.lines().map(parse).collect()
}

/// The smallest training there is a default for.
pub(crate) fn plan() -> Value {
    json!({"model_type": "logistic_regression"})
}

/// The first loan of the bundled data, without its outcome.
pub(crate) fn application() -> Value {
    let mut lines = BUNDLED.lines().map(|line| line.split(','));
    let cells = lines.next().unwrap().zip(lines.next().unwrap());
    let value = |text: &str| {
        text.parse::<f64>()
            .map_or(json!(text), |number| json!(number))
    };
    let mut application: Map<_, _> = cells
        .map(|(name, text)| (name.to_owned(), value(text)))
        .collect();
    application.remove("credit_risk");
    Value::Object(application)
}

/// The bundled loans so many times over, for a training that takes a while.
pub(crate) fn loans(times: usize) -> String {
    let (head, rows) = BUNDLED.split_once('\n').unwrap();
    format!("{head}\n{}", rows.repeat(times))
}
