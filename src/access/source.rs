//! Secret files: which ones hold keys, their text, and how a change is noticed.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use secrecy::zeroize::Zeroizing;

use super::AccessConfig;

/// Files looked for in the folder of mounted secrets.
const MOUNTED: [&str; 2] = ["credit_risk_api_keys", "credit_risk_api_key"];

/// A file that holds keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretFile {
    pub(super) path: PathBuf,
    /// Named in the settings, so that its absence is a fault.
    named: bool,
}

/// What changes when a file is rewritten or replaced.
///
/// Links are followed, so that the swap of a folder link, which is how
/// Kubernetes renews a mounted secret, shows as another inode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// Also moves when somebody sets the modification time back.
    changed: (i64, i64),
}

/// The files to read, first definition first; a path named twice is read once.
pub(super) fn secret_files(config: &AccessConfig) -> Vec<SecretFile> {
    let named = [&config.api_keys_file, &config.api_key_file];
    let named = named.into_iter().flatten().map(|path| (path.clone(), true));
    let mounted = MOUNTED.map(|name| (config.secrets_dir.join(name), false));
    let mut files: Vec<SecretFile> = Vec::new();
    for (path, named) in named.chain(mounted) {
        if files.iter().all(|file| file.path != path) {
            files.push(SecretFile { path, named });
        }
    }
    files
}

impl SecretFile {
    /// The text of the file; `None` when it may be missing and is.
    pub(super) fn text(&self) -> io::Result<Option<Zeroizing<String>>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.named => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The present state of the file; `None` when it cannot be seen.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        stamp(&self.path)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some(Stamp {
        device: file.dev(),
        inode: file.ino(),
        size: file.size(),
        modified: (file.mtime(), file.mtime_nsec()),
        changed: (file.ctime(), file.ctime_nsec()),
    })
}

/// The entries of a file with their line numbers, without comments and blank lines.
pub(super) fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .enumerate()
        .map(|(line, entry)| (line + 1, entry.trim()))
        .filter(|(_, entry)| !entry.is_empty() && !entry.starts_with('#'))
}
