//! The child process: started, watched and killed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::tempfile;

use super::{Client, KEY, PATIENCE, eventually};

/// `serve` with its settings, not yet started.
pub(crate) struct Service(Command);

impl Service {
    pub(crate) fn new(command: Command) -> Self {
        Self(command)
    }

    /// Adds a setting, named without its prefix.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.0.env(format!("CREDIT_RISK_{name}"), value);
        self
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(self) -> Running {
        let (mut running, bound) = self.spawn();
        let address = bound.recv_timeout(PATIENCE);
        let address = address.unwrap_or_else(|_| panic!("not started: {}", running.log()));
        running.address = address;
        running
    }

    /// Runs a program that must end by itself.
    pub(crate) fn run(self) -> Output {
        run(self.0)
    }

    fn spawn(mut self) -> (Running, mpsc::Receiver<SocketAddr>) {
        self.0.stdin(Stdio::null());
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().unwrap();
        let log = Arc::<Mutex<String>>::default();
        let (tell, bound) = mpsc::channel();
        let mut stdout = child.stdout.take().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (of_stdout, of_stderr) = (Arc::clone(&log), Arc::clone(&log));
        let out = thread::spawn(move || {
            let mut text = String::new();
            let _ = stdout.read_to_string(&mut text);
            append(&of_stdout, &text);
        });
        let err = thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                append(&of_stderr, &line);
                if let Some(address) = listening(&line) {
                    let _ = tell.send(address);
                }
            }
        });
        let running = Running {
            child,
            address: ([0, 0, 0, 0], 0).into(),
            log,
            readers: vec![out, err],
        };
        (running, bound)
    }
}

/// Runs a command that must end by itself; its output goes to files, which
/// never fill up as pipes do.
pub(crate) fn run(mut command: Command) -> Output {
    let (mut out, mut err) = (tempfile().unwrap(), tempfile().unwrap());
    command.stdin(Stdio::null());
    command
        .stdout(out.try_clone().unwrap())
        .stderr(err.try_clone().unwrap());
    let child = command.spawn();
    let mut child = Killed(child.unwrap_or_else(|error| panic!("{command:?}: {error}")));
    eventually("the program ends", || child.0.try_wait().unwrap().is_some());
    let content = |file: &mut File| {
        let mut content = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut content).unwrap();
        content
    };
    Output {
        status: child.0.wait().unwrap(),
        stdout: content(&mut out),
        stderr: content(&mut err),
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn append(log: &Mutex<String>, text: &str) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    *log += text;
    log.push('\n');
}

fn listening(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == "listening").then_some(())?;
    line["address"].as_str()?.parse().ok()
}

/// A service that listens; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// A client with the home's key.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, Some(KEY))
    }

    /// A client with another key, or none.
    pub(crate) fn client_with(&self, key: Option<&str>) -> Client {
        Client::new(self.address, key)
    }

    /// A connection that never blocks a test for good.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far, and to standard output at its end.
    pub(crate) fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        let sent = Command::new("/bin/sh")
            .args(["-c", &kill])
            .status()
            .unwrap();
        assert!(sent.success(), "the signal {name} was not sent");
    }

    /// SIGKILL, and its end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended, no longer than `most`; the log is complete then.
    pub(crate) fn end_within(&mut self, most: Duration) -> ExitStatus {
        let deadline = Instant::now() + most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                for reader in self.readers.drain(..) {
                    reader.join().unwrap();
                }
                return status;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "not ended after {most:?}: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
