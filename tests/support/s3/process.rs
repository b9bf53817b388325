//! A vendor's program as a child process: start, ready, hang, end.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use super::{Vendor, client::Objects, folder::Folder};

/// Longest wait until a server is ready, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

pub(super) struct Process {
    child: Mutex<Child>,
    group: Pid,
    address: SocketAddr,
    endpoint: String,
    folder: Folder,
    /// Held, so that nobody else gets them.
    _ports: Vec<TcpSocket>,
}

/// Starts the program; it is ready to keep objects. Runs on the host, whose thread lives on.
pub(super) async fn start(vendor: Vendor) -> Result<(Process, Objects), String> {
    let programs = PROGRAMS.as_ref().map_err(Clone::clone)?;
    let process = Process::spawn(vendor, programs);
    let objects = Objects::of(process.endpoint());
    match process.ready(&objects).await {
        Ok(()) => Ok((process, objects)),
        Err(problem) => Err(format!("{vendor:?} {problem}\n{}", process.log())),
    }
}

/// Where the programs are, once `scripts/tools.sh` has seen to it that they are the right ones.
static PROGRAMS: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let output = Command::new("bash")
        .args(["scripts/tools.sh", "servers"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("scripts/tools.sh: {error}"))?;
    if output.status.success() {
        return Ok(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin"));
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(format!("the S3 servers could not be installed:\n{said}"))
});

impl Process {
    fn spawn(vendor: Vendor, programs: &Path) -> Self {
        let folder = Folder::new();
        let sockets = reserve(vendor.ports());
        let port = |socket: &TcpSocket| socket.local_addr().unwrap().port();
        let ports: Vec<_> = sockets.iter().map(port).collect();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports[0]));
        let log = File::create(folder.path().join("log")).unwrap();
        let child = vendor
            .command(programs, &folder, &ports)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("setpriv of util-linux starts the servers");
        Self {
            group: Pid::from_child(&child),
            child: Mutex::new(child),
            address,
            endpoint: format!("http://{address}"),
            folder,
            _ports: sockets,
        }
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn ready(&self, objects: &Objects) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let mut problem = "does not listen".to_owned();
        for attempt in 1.. {
            if TcpStream::connect(self.address).await.is_ok() {
                match objects.probe(&format!("ready-{attempt}")).await {
                    Ok(()) => return Ok(()),
                    Err(error) => problem = error,
                }
            }
            if !self.runs() {
                return Err(format!("has ended: {problem}"));
            }
            if Instant::now() > deadline {
                break;
            }
            sleep(PAUSE).await;
        }
        Err(format!("was not ready in {PATIENCE:?}: {problem}"))
    }

    fn runs(&self) -> bool {
        self.child.lock().unwrap().try_wait().unwrap().is_none()
    }

    /// The end of what the program has printed.
    fn log(&self) -> String {
        let text = fs::read(self.folder.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Returns when every thread stands still.
    pub(super) fn stop(&self) {
        self.signal(Signal::STOP);
        let deadline = Instant::now() + PATIENCE;
        while !self.stands_still() {
            assert!(Instant::now() < deadline, "it would not stop");
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(super) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
        self.child.lock().unwrap().wait().unwrap();
    }

    /// Signals the program, and nobody else who may have got its number after it ended.
    fn signal(&self, signal: Signal) {
        if self.runs() {
            kill_process_group(self.group, signal).unwrap();
        }
    }

    fn stands_still(&self) -> bool {
        let threads = fs::read_dir(format!("/proc/{}/task", self.group)).unwrap();
        threads.flatten().all(|thread| {
            // pid (name) state …; a thread that has just ended has no line.
            let line = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            let state = line
                .rsplit(") ")
                .next()
                .and_then(|rest| rest.chars().next());
            matches!(state, None | Some('T'))
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ports that nobody else is given: who listens on one has to ask for it by its number.
fn reserve(number: usize) -> Vec<TcpSocket> {
    let sockets = (0..number).map(|_| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        // Bound when it would not share, it lets in a server that would.
        socket.set_reuseaddr(true).unwrap();
        socket
    });
    sockets.collect()
}
