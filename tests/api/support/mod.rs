//! The service in memory: real settings, keys, store and audit log, in a folder of its own.

pub mod callers;
pub mod loans;
pub mod replies;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use credit_risk::{
    access::{ApiKey, KeyEnvironment, Scope},
    app::{App, StartError},
    clock::Clock,
    config::{self, Config, Sources},
    http::{AppState, middleware},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub use self::{callers::Caller, replies::Reply};

/// What the clock shows at first.
pub const START: &str = "2026-02-02T10:00:00Z";

/// [`START`] in seconds of the Unix epoch.
pub const START_SECONDS: u64 = 1_770_026_400;

/// A running service without a port.
pub struct TestApp {
    app: App,
    router: Router,
    /// Turned by hand.
    pub clock: Clock,
    folder: Arc<TempDir>,
}

impl TestApp {
    /// A service with its default settings, in a new folder.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A service with these variables set.
    pub fn with(variables: &[(&str, &str)]) -> Self {
        Self::in_folder(Arc::new(TempDir::new().unwrap()), variables)
    }

    /// A service in a folder that may have served before.
    pub fn in_folder(folder: Arc<TempDir>, variables: &[(&str, &str)]) -> Self {
        let keys = folder.path().join("keys");
        if !keys.exists() {
            fs::write(&keys, format!("{};name=root;scopes=admin\n", new_key())).unwrap();
        }
        let clock = Clock::manual(START.parse().unwrap());
        let app = build(folder.path(), variables, clock.clone()).unwrap();
        Self {
            router: app.router(),
            app,
            clock,
            folder,
        }
    }

    /// The service's own stack around other routes.
    pub fn around(mut self, routes: Router<AppState>) -> Self {
        let state = self.state().clone();
        self.router = middleware::stack(routes, &state).with_state(state);
        self
    }

    pub fn state(&self) -> &AppState {
        self.app.state()
    }

    /// The folder of everything; it outlives the service while this is held.
    pub fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// The file of a model, by its name in the store.
    pub fn stored(&self, name: &str) -> PathBuf {
        self.folder.path().join("models").join(name)
    }

    /// A caller without a key.
    pub fn stranger(&self) -> Caller {
        Caller::new(self.router.clone(), None)
    }

    /// A caller with a new key of these scopes.
    pub fn key_with(&self, scopes: &[Scope]) -> Caller {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        self.key(&format!("scopes={}", scopes.join("+")))
    }

    /// A caller with a new key of these attributes, as a key file spells them.
    pub fn key(&self, attributes: &str) -> Caller {
        let key = new_key();
        let mut file = fs::File::options()
            .append(true)
            .open(self.folder.path().join("keys"))
            .unwrap();
        writeln!(file, "{key};{attributes}").unwrap();
        self.state().keys.reload().unwrap();
        self.bearer(&key)
    }

    /// A caller that presents `key`, whatever it is.
    pub fn bearer(&self, key: &str) -> Caller {
        Caller::new(self.router.clone(), Some(key))
    }

    /// A caller that may do everything.
    pub fn admin(&self) -> Caller {
        self.key_with(&[Scope::Admin])
    }

    /// The audit trail so far.
    pub fn audit_lines(&self) -> Vec<Value> {
        audit_lines(self.folder.path())
    }

    /// The names of the events so far.
    pub fn events(&self) -> Vec<String> {
        self.audit_lines().iter().map(event).collect()
    }

    /// The only line of this event.
    pub fn only(&self, name: &str) -> Value {
        let mut lines = self.audit_lines();
        lines.retain(|line| event(line) == name);
        assert_eq!(lines.len(), 1, "{name}: {lines:#?}");
        lines.remove(0)
    }

    /// Stops the service; the audit trail is complete then.
    pub fn stop(self) -> Vec<Value> {
        let folder = self.folder();
        drop(self);
        audit_lines(folder.path())
    }
}

/// Settings of a service in `folder`, these variables over the test's own.
pub fn settings(folder: &Path, variables: &[(&str, &str)]) -> Config {
    config::load(&sources(folder, variables)).unwrap().config
}

/// The same before they are checked.
pub fn sources(folder: &Path, variables: &[(&str, &str)]) -> Sources {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let own = [
        ("CREDIT_RISK_API_KEYS_FILE", path("keys")),
        ("CREDIT_RISK_SECRETS_DIR", path("secrets")),
        ("CREDIT_RISK_MODEL_STORAGE_PATH", path("models")),
        ("CREDIT_RISK_AUDIT_LOG_PATH", path("audit.jsonl")),
        // Nobody pulls the plug on a test, and a busy machine is no dead disk.
        ("CREDIT_RISK_AUDIT_FSYNC", "never".to_owned()),
        ("CREDIT_RISK_AUDIT_MAX_WAIT", "30s".to_owned()),
        ("CREDIT_RISK_AUDIT_ROTATE_DAILY", "false".to_owned()),
    ];
    let sources = own.iter().fold(Sources::none(), |sources, (name, value)| {
        sources.with(name, value)
    });
    variables
        .iter()
        .fold(sources, |sources, (name, value)| sources.with(name, value))
}

/// Builds a service, or says why it does not start.
pub fn build(folder: &Path, variables: &[(&str, &str)], clock: Clock) -> Result<App, StartError> {
    let config = settings(folder, variables);
    // Not every test that builds a service has a runtime, and one that has must not block it.
    let build = || Runtime::new().unwrap().block_on(App::build(config, clock));
    std::thread::scope(|scope| scope.spawn(build).join().unwrap())
}

pub fn event(line: &Value) -> String {
    line["event"].as_str().unwrap().to_owned()
}

/// A key that no registry knows yet.
pub fn new_key() -> String {
    let key = ApiKey::generate(KeyEnvironment::Test).unwrap();
    key.expose().to_owned()
}

fn audit_lines(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
