//! The program as a child process, with its own directory under `target/`.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::Result;

const DEFAULT_PORT: u16 = 8080;
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running service; stopped when dropped.
pub struct Service {
    program: PathBuf,
    directory: PathBuf,
    port: u16,
    child: Child,
    /// Where it listens.
    pub url: String,
    /// A key of its key file.
    pub key: String,
}

impl Service {
    /// Starts the program in a new directory with a new key.
    pub fn start(any_port: bool) -> Result<Self> {
        let target = target_directory()?;
        let program = target.join("credit-risk");
        let directory = target.join("demo");
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
        let key_file = directory.join("api_keys");
        let made = Command::new(&program)
            .args([
                "keys",
                "generate",
                "--environment",
                "dev",
                "--name",
                "demo",
                "--out",
            ])
            .arg(&key_file)
            .stderr(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("no key could be made".into());
        }
        let entry = fs::read_to_string(&key_file)?;
        let key = entry
            .trim()
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let free = TcpListener::bind(("127.0.0.1", DEFAULT_PORT)).is_ok();
        let port = if free && !any_port { DEFAULT_PORT } else { 0 };
        let (child, url) = spawn(&program, &directory, port)?;
        Ok(Self {
            program,
            directory,
            port,
            child,
            url,
            key,
        })
    }

    /// The audit trail.
    pub fn audit_log(&self) -> PathBuf {
        self.directory.join("logs/audit.jsonl")
    }

    /// Stops the program and starts it again on the same directory.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        (self.child, self.url) = spawn(&self.program, &self.directory, self.port)?;
        Ok(())
    }

    /// Asks the program to stop and waits for it.
    pub fn stop(&mut self) -> Result<()> {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        self.wait()
    }

    /// Waits until the program ends.
    pub fn wait(&mut self) -> Result<()> {
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the service ended: {status}").into())
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // An ended child cannot be killed; nothing is left to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Examples are built beside the program, one level down.
fn target_directory() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let target = here
        .parent()
        .and_then(Path::parent)
        .ok_or("no target directory")?;
    Ok(target.to_owned())
}

/// Starts the program on its embedded defaults, but for the directory, the key
/// file and the port; returns it with the address it listens on.
fn spawn(program: &Path, directory: &Path, port: u16) -> Result<(Child, String)> {
    let log = directory.join("service.log");
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CREDIT_RISK_")) {
        command.env_remove(name);
    }
    let mut child = command
        .arg("serve")
        .current_dir(directory)
        .env_remove("PORT")
        .env("CREDIT_RISK_PORT", port.to_string())
        .env("CREDIT_RISK_API_KEYS_FILE", "api_keys")
        .env("CREDIT_RISK_LOG_FORMAT", "json")
        .stderr(File::create(&log)?)
        .spawn()
        .map_err(|error| format!("{}: {error} (run it by `make demo`)", program.display()))?;
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if let Some(address) = listening(&fs::read_to_string(&log)?) {
            return Ok((child, format!("http://{address}")));
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("{status}: {}", fs::read_to_string(&log)?).into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err("the service did not start in time".into())
}

/// The address in the log line that says where the service listens.
fn listening(log: &str) -> Option<String> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["message"] == "listening")
        .and_then(|line| line["address"].as_str().map(str::to_owned))
}
