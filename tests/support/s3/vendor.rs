//! How each vendor's program is called.

use std::{fs, path::Path, process::Command};

use serde_json::json;

use super::{Server, Vendor, folder::Folder};

impl Vendor {
    /// How many ports the program listens on; the first of them speaks S3.
    pub(super) fn ports(self) -> usize {
        match self {
            Self::SeaweedFs => 8,
            Self::Moto | Self::Rclone => 1,
        }
    }

    /// The name in `target/tools/bin`.
    fn program(self) -> &'static str {
        match self {
            Self::SeaweedFs => "weed",
            Self::Moto => "moto_server",
            Self::Rclone => "rclone",
        }
    }

    /// The program with data, sockets and settings in the folder. The kernel kills it when the calling
    /// thread ends, whatever ends it.
    pub(super) fn command(self, programs: &Path, folder: &Folder, ports: &[u16]) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .arg(programs.join(self.program()))
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path());
        match self {
            Self::SeaweedFs => seaweedfs(&mut command, folder, ports),
            Self::Moto => command.args(["-H", "127.0.0.1", "-p", &ports[0].to_string()]),
            Self::Rclone => rclone(&mut command, folder, ports[0]),
        };
        command
    }
}

fn seaweedfs<'a>(command: &'a mut Command, folder: &Folder, ports: &[u16]) -> &'a mut Command {
    fs::write(folder.path().join("s3.json"), identities()).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    command
        // One volume a bucket instead of seven, each of which takes its time.
        .env("WEED_MASTER_VOLUME_GROWTH_COPY_1", "1")
        .args(["-logtostderr=true", "server", "-dir=data"])
        .args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"])
        // The only master: an election would take two seconds, and now and then five more.
        .arg("-master.peers=none")
        .args(["-s3", "-s3.config=s3.json", "-s3.iam=false"])
        // A bucket that is not there is an error.
        .arg("-s3.autoCreateBucket=false")
        .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
        .args(["-s3.localSocket=s3.sock", "-filer.localSocket=filer.sock"])
        .args(["-volume.max=10000", "-master.volumeSizeLimitMB=64"])
        .args(["-master.telemetry=false", "-volume.preStopSeconds=0"]);
    let mut sockets = Vec::new();
    for (pair, part) in ports.chunks(2).zip(["s3", "filer", "volume", "master"]) {
        command.arg(format!("-{part}.port={}", pair[0]));
        command.arg(format!("-{part}.port.grpc={}", pair[1]));
        sockets.push(format!("/tmp/seaweedfs-{part}-grpc-{}.sock", pair[1]));
    }
    folder.goes_with(&sockets);
    command
}

fn identities() -> String {
    let identity = |access: &str, secret: &str, actions: &[&str]| {
        json!({
            "name": access,
            "credentials": [{"accessKey": access, "secretKey": secret}],
            "actions": actions,
        })
    };
    let owner = identity(Server::ACCESS_KEY, Server::SECRET_KEY, &["Admin"]);
    let reader = identity(
        Server::READ_ONLY_ACCESS_KEY,
        Server::READ_ONLY_SECRET_KEY,
        &["Read", "List"],
    );
    json!({"identities": [owner, reader]}).to_string()
}

fn rclone<'a>(command: &'a mut Command, folder: &Folder, port: u16) -> &'a mut Command {
    let keys = |access, secret| format!("--auth-key={access},{secret}");
    fs::create_dir(folder.path().join("data")).unwrap();
    command
        .args(["serve", "s3", "--config=/dev/null"])
        .arg(format!("--addr=127.0.0.1:{port}"))
        .arg(keys(Server::ACCESS_KEY, Server::SECRET_KEY))
        .arg(keys(
            Server::READ_ONLY_ACCESS_KEY,
            Server::READ_ONLY_SECRET_KEY,
        ))
        .arg("data")
}
