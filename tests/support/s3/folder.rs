//! A server's folder. Whoever starts a server clears away what killed tests left behind.

use std::{
    env,
    fs::{self, File},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::Once,
};

use tempfile::Builder;

const PREFIX: &str = "credit-risk-s3-";

/// Locked by the process whose server uses the folder; the kernel opens it when that process ends.
const LOCK: &str = "lock";

/// Paths of sockets outside the folder that are removed with it, a line each.
const ELSEWHERE: &str = "elsewhere";

pub(super) struct Folder {
    path: PathBuf,
    /// Held, never read.
    _lock: File,
}

impl Folder {
    pub(super) fn new() -> Self {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(sweep);
        let path = Builder::new().prefix(PREFIX).tempdir().unwrap().keep();
        // It gets its name when it is locked, so that no sweep of another process comes between.
        let unnamed = path.join("lock.new");
        let lock = File::create_new(&unnamed).unwrap();
        lock.lock().unwrap();
        fs::rename(unnamed, path.join(LOCK)).unwrap();
        Self { path, _lock: lock }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Names sockets outside the folder that are of no use without it.
    pub(super) fn goes_with(&self, sockets: &[String]) {
        fs::write(self.path.join(ELSEWHERE), sockets.join("\n")).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes the folders whose process is gone.
fn sweep() {
    for entry in fs::read_dir(env::temp_dir()).unwrap().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            remove(&entry.path());
        }
    }
}

/// Removes what can be removed: another process may be at it as well.
fn remove(folder: &Path) {
    let elsewhere = fs::read_to_string(folder.join(ELSEWHERE)).unwrap_or_default();
    for socket in elsewhere.lines() {
        // A newer server may have been given the same port, and so the same name.
        if UnixStream::connect(socket).is_err() {
            let _ = fs::remove_file(socket);
        }
    }
    let _ = fs::remove_dir_all(folder);
}
