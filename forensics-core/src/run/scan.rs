//! A first look: what the evidence is, which apps it holds, what is needed to read them. Nothing is judged.

use std::path::PathBuf;

use super::{installs, of_a_phone, with_causes};
use crate::app::{App, Install, StoreSpec};
use crate::container::{Device, Flaw, OpenError, Source, find};
use crate::keys::KeyRing;
use crate::open_store::explain;
use crate::vfs::{DeviceTree, Entry, VfsError};

/// What one evidence item is.
#[derive(Debug)]
pub struct ScanResult {
    /// Its path, with the part inside a container where it holds several.
    pub path: String,
    /// The container, with those found inside it; `None` where it could not be opened.
    pub container: Option<String>,
    /// What is known of the phone.
    pub device: Device,
    /// How many files it lists, and how many of them lie in a known layout.
    pub files: usize,
    /// How many of the files lie in the layout of a phone.
    pub placed: usize,
    /// Apps found.
    pub apps: Vec<FoundApp>,
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
    /// Why it cannot be opened, and the kind of key that is missing.
    pub refused: Option<(String, Option<&'static str>)>,
}

/// An app's installation.
#[derive(Debug)]
pub struct FoundApp {
    /// The app's id.
    pub app: &'static str,
    /// The platform.
    pub platform: &'static str,
    /// The installation's label.
    pub install: String,
    /// Its stores.
    pub stores: Vec<FoundStore>,
}

/// A store's file.
#[derive(Debug)]
pub struct FoundStore {
    /// What it is to the app.
    pub role: &'static str,
    /// The canonical device path.
    pub path: String,
    /// Length in bytes.
    pub size: Option<u64>,
    /// `sqlite`, `encrypted-or-other`, `empty`, or the reason why it cannot be read.
    pub state: String,
}

/// Looks at every source of the given paths.
pub fn scan(paths: &[PathBuf], apps: &[&dyn App], keys: &KeyRing) -> Vec<ScanResult> {
    let mut results = Vec::new();
    for path in paths {
        match find(path) {
            Ok(found) => results.extend(found.sources.iter().map(|source| look(source, apps, keys))),
            Err(error) => results.push(refused(path.display().to_string(), &error)),
        }
    }
    results
}

fn refused(path: String, error: &OpenError) -> ScanResult {
    let kind = match error {
        OpenError::Mount { source: VfsError::NeedsKey { kind, .. } | VfsError::WrongKey { kind, .. }, .. } => {
            Some(*kind)
        }
        _ => None,
    };
    ScanResult {
        path,
        container: None,
        device: Device::default(),
        files: 0,
        placed: 0,
        apps: Vec::new(),
        flaws: Vec::new(),
        refused: Some((with_causes(error), kind)),
    }
}

fn look(source: &Source, apps: &[&dyn App], keys: &KeyRing) -> ScanResult {
    let opened = match source.open(keys) {
        Ok(opened) => opened,
        Err(error) => return refused(source.to_string(), &error),
    };
    let vfs = &*opened.mounted.vfs;
    let index = DeviceTree::new(vfs.entries());
    let found = installs(apps, &index, vfs, keys);
    let wanted: Vec<_> = found.iter().flat_map(|(app, install)| install.wanted(app.manifest())).collect();
    let mut flaws = opened.mounted.flaws.clone();
    if let Err(error) = vfs.preload(&wanted) {
        flaws.push(Flaw { code: "container-flaw", lost: true, detail: explain(&error) });
    }
    let found = found
        .iter()
        .map(|(app, install)| FoundApp {
            app: app.manifest().id,
            platform: install.platform().word(),
            install: install.label(),
            stores: app.manifest().stores.iter().flat_map(|spec| stores(install, spec)).collect(),
        })
        .collect();
    ScanResult {
        path: source.to_string(),
        container: Some(
            std::iter::once(opened.container.to_owned()).chain(opened.within.clone()).collect::<Vec<_>>().join(", "),
        ),
        device: opened.mounted.device.clone(),
        files: vfs.entries().len(),
        placed: vfs.entries().iter().filter(|e| of_a_phone(&e.device.realm)).count(),
        apps: found,
        flaws,
        refused: None,
    }
}

fn stores(install: &Install<'_>, spec: &StoreSpec) -> Vec<FoundStore> {
    install
        .find_spec(spec)
        .into_iter()
        .map(|entry| FoundStore {
            role: spec.role,
            path: entry.device.to_string(),
            size: entry.size,
            state: state(install, entry),
        })
        .collect()
}

/// What the first bytes say.
fn state(install: &Install<'_>, entry: &Entry) -> String {
    match install.head(entry, 16) {
        Err(error) => explain(&error),
        Ok(head) if head.is_empty() => "empty".to_owned(),
        Ok(head) if head == b"SQLite format 3\0" => "sqlite".to_owned(),
        Ok(head) if head.starts_with(b"bplist") => "binary property list".to_owned(),
        Ok(head) if head.starts_with(b"<?xml") => "xml".to_owned(),
        Ok(_) => "encrypted or another format".to_owned(),
    }
}
