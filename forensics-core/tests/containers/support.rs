//! Small sources in temporary folders, and a look at what was opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use forensics_core::container::{Opened, open};
use forensics_core::keys::{Key, KeyKind, KeyRing};
use forensics_core::vfs::{EntryKind, read_all};

/// A temporary folder with files.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Scratch(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

pub(crate) fn no_keys() -> KeyRing {
    KeyRing::default()
}

pub(crate) fn keys(kind: KeyKind, secrets: &[&str]) -> KeyRing {
    let mut ring = KeyRing::default();
    for secret in secrets {
        ring.add(Key::new(kind, None, secret.as_bytes().to_vec(), "test").unwrap());
    }
    ring
}

pub(crate) fn opened(path: &Path) -> Opened {
    open(path, &no_keys())
        .unwrap_or_else(|e| panic!("{e}: {:?}", std::error::Error::source(&e).map(ToString::to_string)))
}

/// Device path → content of every file that is no alias. Files that break off are shown as far as they go.
pub(crate) fn contents(opened: &Opened) -> BTreeMap<String, Vec<u8>> {
    let vfs = &*opened.mounted.vfs;
    vfs.entries()
        .iter()
        .filter(|e| e.kind == EntryKind::File && e.alias_of.is_none())
        .filter_map(|e| Some((e.device.to_string(), read_all(vfs, e.id, 1 << 30).ok()?.bytes)))
        .collect()
}

pub(crate) fn places(opened: &Opened) -> Vec<String> {
    opened.mounted.vfs.entries().iter().map(|e| e.device.to_string()).collect()
}

pub(crate) fn codes(opened: &Opened) -> Vec<&'static str> {
    let mut codes: Vec<_> = opened.mounted.flaws.iter().map(|f| f.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The folder with real data, where it is present.
pub(crate) fn real(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MATCHMARK_REAL")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/real")), PathBuf::from);
    let at = |root: PathBuf| Some(root.join(relative)).filter(|p| p.exists());
    let found = at(root).or_else(|| at(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real"))));
    if found.is_none() {
        eprintln!("SKIPPED: real data {relative} is absent; set MATCHMARK_REAL to its folder");
    }
    found
}

/// Every file below a folder: path, length, modification time, content.
pub(crate) fn listing(root: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime, Vec<u8>)> {
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file())
        .map(|e| {
            let m = e.metadata().unwrap();
            (e.path().to_owned(), m.len(), m.modified().unwrap(), std::fs::read(e.path()).unwrap())
        })
        .collect()
}

/// An Android app's private folder of the phone's owner.
pub(crate) fn app(package: &str) -> forensics_core::vfs::Realm {
    forensics_core::vfs::Realm::AndroidApp { user: 0, package: package.into() }
}
