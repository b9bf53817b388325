//! The audit log on a full disk: nothing is answered without its record, and
//! the service comes back by itself.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{
    Answer, Client, Home, PROGRAM, Running, Service, eventually, lines_of, plan, run, with_settings,
};

/// A service whose audit log is on a disk of 256 KiB that only it can see.
struct SmallDisk {
    home: Home,
    service: Running,
    /// The disk, as this process reaches it.
    disk: PathBuf,
    /// Audited requests that were answered with anything but 503.
    answered: usize,
}

/// `unshare` with a mount namespace; a user namespace as well unless root.
fn unshare() -> Command {
    let root = fs::metadata("/proc/self").unwrap();
    let root = std::os::unix::fs::MetadataExt::uid(&root) == 0;
    let mut command = Command::new("unshare");
    command.arg(if root { "-m" } else { "-rm" });
    command
}

impl SmallDisk {
    fn start() -> Self {
        let mut probe = unshare();
        probe.args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
        let probe = run(probe);
        assert!(
            probe.status.success(),
            "this test needs util-linux and the permission to make a mount namespace \
             (in a container: --privileged, or run the tests as another user): {probe:?}"
        );
        let home = Home::new();
        let disk = home.path("disk");
        fs::create_dir(&disk).unwrap();
        let mut command = unshare();
        with_settings(&mut command);
        command
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir(home.path("."))
            .args(["/bin/sh", "-c"])
            .arg(r#"mount -t tmpfs -o size=256k tmpfs "$1" && exec "$0" serve"#)
            .arg(PROGRAM)
            .arg(&disk);
        let service = Service::new(command)
            .set("AUDIT_LOG_PATH", "disk/audit.jsonl")
            .start();
        let inside = disk.strip_prefix("/").unwrap();
        let disk = Path::new("/proc")
            .join(service.id().to_string())
            .join("root")
            .join(inside);
        Self {
            home,
            service,
            disk,
            answered: 0,
        }
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut filler = File::create(self.disk.join("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
        assert!(
            filler.metadata().unwrap().len() > 64 * 1024,
            "not the small disk"
        );
    }

    fn make_room(&self) {
        fs::remove_file(self.disk.join("filler")).unwrap();
    }

    fn ask(&mut self, client: &Client, request_id: &str) -> Answer {
        let id = ("x-request-id", request_id);
        let answer = client.try_send("GET", "/models", &[id], "").unwrap();
        self.answered += usize::from(answer.status != 503);
        answer
    }

    /// Asks until the last block of the log has no room for another line.
    fn ask_until_full(&mut self) {
        let client = self.service.client();
        self.ask(&client, "before").ok();
        self.fill();
        let mut asked = 0;
        while self.ask(&client, "short").status != 503 {
            asked += 1;
            assert!(asked < 100, "a full disk was written to");
        }
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        lines_of(&fs::read_to_string(self.disk.join("audit.jsonl")).unwrap())
    }
}

/// Its line is longer than any that the last block may still have had room for.
fn long_id() -> String {
    "x".repeat(128)
}

#[test]
fn on_a_full_disk_audited_requests_are_503_audit_unavailable() {
    let mut small = SmallDisk::start();
    small.ask_until_full();
    let client = small.service.client();
    for _ in 0..20 {
        let answer = small.ask(&client, &long_id());
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.problem(), "AUDIT_UNAVAILABLE");
        assert!(answer.head.contains("retry-after"), "{}", answer.head);
    }
}

#[test]
fn on_a_full_disk_health_is_unhealthy_and_liveness_is_not() {
    let mut small = SmallDisk::start();
    small.ask_until_full();
    let client = small.service.client();
    let health = client.get("/health");
    assert_eq!(health.status, 503, "{health:?}");
    assert_eq!(health.json()["status"], "unhealthy");
    assert_eq!(health.json()["checks"]["audit_log"], "unhealthy");
    client.get("/live").ok();
}

#[test]
fn on_a_full_disk_no_training_begins() {
    let mut small = SmallDisk::start();
    small.ask_until_full();
    let answer = small.service.client().post("/train", &plan());
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.problem(), "AUDIT_UNAVAILABLE");
    assert_eq!(small.home.model_files(), Vec::<String>::new());
}

#[test]
fn health_returns_by_itself_when_the_disk_has_room_again() {
    let mut small = SmallDisk::start();
    small.ask_until_full();
    small.make_room();
    let client = small.service.client();
    eventually("health returns without traffic", || {
        client.get("/health").status == 200
    });
}

#[test]
fn the_log_of_a_disk_that_was_full_has_one_line_per_answer_and_no_half_line() {
    let mut small = SmallDisk::start();
    let client = small.service.client();
    for _ in 0..3 {
        small.ask_until_full();
        small.ask(&client, &long_id());
        small.make_room();
        eventually("requests are answered again", || {
            small.ask(&client, "after").status == 200
        });
    }
    let mut lines = small.lines();
    lines.retain(|line| line["event"] == "auth_success" && line["user"] == "tests");
    assert_eq!(lines.len(), small.answered);
}
