//! What a parser is: a manifest, and a plain loop over rows that emits.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use crate::issue::{Code, Issue, Severity};
use crate::keys::KeyRing;
use crate::open_store::{OpenStore, Unlock};
use crate::origin::StoreId;
use crate::record::Strength;
use crate::rule::Rule;
use crate::sink::{Sink, Stopped, StoreInfo, StoreStatus};
use crate::value::hex;
use crate::vfs::{DeviceTree, Entry, EntryId, Realm, Vfs, VfsError, is_uuid, matcher};

/// An app that can be read.
pub trait App: Sync {
    /// What it is, where it keeps its stores, what is known of them.
    fn manifest(&self) -> &'static Manifest;
    /// Reads one installation. Whatever is wrong with the evidence becomes an issue; only a stopped sink ends the work.
    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped>;
}

/// An app's facts.
#[derive(Debug)]
pub struct Manifest {
    /// Short name used in rule ids and exports.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// How the app stands on a phone: one entry for each platform and flavour.
    pub installs: &'static [InstallSpec],
    /// Its stores.
    pub stores: &'static [StoreSpec],
    /// Its rules.
    pub rules: &'static [Rule],
    /// Its notes.
    pub notes: &'static [Code],
    /// Its issue codes.
    pub codes: &'static [Code],
    /// Its sequences.
    pub sequences: &'static [SequenceSpec],
    /// Where what is known of it was read.
    pub sources: &'static [&'static str],
}

impl Manifest {
    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.rules.iter().find(|r| r.id == id)
    }
}

/// `android` or `ios`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS and iPadOS.
    Ios,
}

impl Platform {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Platform::Android => "android",
            Platform::Ios => "ios",
        }
    }
}

/// One way the app stands on a phone.
#[derive(Debug)]
pub struct InstallSpec {
    /// The platform.
    pub platform: Platform,
    /// Name of the flavour (`WhatsApp Business`).
    pub name: &'static str,
    /// The parts of the file system that it uses; [`Place::realm`] is an index into them.
    pub realms: &'static [RealmSpec],
}

/// A part of the phone's file system, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RealmSpec {
    /// An Android package's private folder.
    AndroidApp(&'static str),
    /// An Android package's device-encrypted folder (`/data/user_de`), which the telephony provider uses.
    AndroidAppDe(&'static str),
    /// Android shared storage.
    AndroidShared,
    /// An iOS app's container.
    IosApp(&'static str),
    /// An iOS app group's container.
    IosGroup(&'static str),
    /// `/private/var/mobile`.
    IosHome,
}

/// A store of the app.
#[derive(Debug)]
pub struct StoreSpec {
    /// What it is to the app.
    pub role: &'static str,
    /// The platform.
    pub platform: Platform,
    /// Where it lies.
    pub place: Place,
    /// Whether the file name alone is enough to know it by, when the examiner points at a single file.
    pub loose: bool,
    /// What it holds.
    pub says: &'static str,
}

/// Where files lie in an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`InstallSpec::realms`].
    pub realm: usize,
    /// Path below the realm's root; `*` stands for one component, `**` for several.
    pub glob: &'static str,
}

/// A per-thread sequence of numbers.
#[derive(Debug)]
pub struct SequenceSpec {
    /// Its name, as in [`Cursor::sequence`](crate::record::Cursor).
    pub name: &'static str,
    /// The platform.
    pub platform: Platform,
    /// Whether the numbers follow each other without a skip, so that a skip is an absence.
    pub contiguous: bool,
    /// The first number of every thread, where each thread begins at the same one.
    pub first: Option<i64>,
    /// Whether records sent from this device may take a number without storing it, so that they can explain a skip.
    pub own_unnumbered: bool,
    /// How much a skip says.
    pub strength: Strength,
    /// The rule behind a gap.
    pub gap_rule: &'static str,
    /// The rule behind a horizon past the newest record.
    pub tail_rule: &'static str,
    /// The rule behind records that the server still holds.
    pub undelivered_rule: &'static str,
}

/// An app as it stands on this phone, for one user.
pub struct Install<'a> {
    /// Which flavour.
    pub spec: &'static InstallSpec,
    /// Android user; 0 on iOS.
    pub user: u32,
    /// The examiner's keys.
    pub keys: &'a KeyRing,
    /// The folder of loose files, where there is no known layout.
    loose: Option<String>,
    realms: Vec<Realm>,
    index: &'a DeviceTree<'a>,
    vfs: &'a dyn Vfs,
}

impl<'a> Install<'a> {
    /// Every installation of an app, in a fixed order.
    pub fn all(app: &Manifest, index: &'a DeviceTree<'a>, vfs: &'a dyn Vfs, keys: &'a KeyRing) -> Vec<Install<'a>> {
        let mut found: Vec<Install<'a>> = Vec::new();
        for spec in app.installs {
            for realms in candidates(spec, index) {
                let user = realms.iter().find_map(user_of).unwrap_or(0);
                let install = Install { spec, user, keys, loose: None, realms, index, vfs };
                // A container without a name may fit two flavours: the first one keeps it.
                let known = found.iter().any(|f| f.loose.is_none() && f.realms == install.realms);
                if !known && app.stores.iter().any(|s| !install.find_spec(s).is_empty()) {
                    found.push(install);
                }
            }
        }
        found.extend(Self::loose(app, index, vfs, keys));
        found
    }

    /// Installations made of single files outside any layout, one for each folder and platform.
    fn loose(app: &Manifest, index: &'a DeviceTree<'a>, vfs: &'a dyn Vfs, keys: &'a KeyRing) -> Vec<Install<'a>> {
        let mut folders: Vec<&str> = index.files(&Realm::Loose).iter().map(|e| folder(&e.device.path)).collect();
        folders.sort_unstable();
        folders.dedup();
        let mut found = Vec::new();
        let mut platforms = Vec::new();
        for spec in app.installs {
            if platforms.contains(&spec.platform) {
                continue;
            }
            platforms.push(spec.platform);
            for &folder in &folders {
                let install = Install {
                    spec,
                    user: 0,
                    keys,
                    loose: Some(folder.to_owned()),
                    realms: vec![Realm::Loose; spec.realms.len()],
                    index,
                    vfs,
                };
                if app.stores.iter().any(|s| s.loose && !install.find_spec(s).is_empty()) {
                    found.push(install);
                }
            }
        }
        found
    }

    /// The platform.
    pub fn platform(&self) -> Platform {
        self.spec.platform
    }

    /// A name for progress lines: the app's flavour, and the user where there are several.
    pub fn label(&self) -> String {
        match (self.user, &self.loose) {
            (_, Some(folder)) if !folder.is_empty() => format!("{} ({folder})", self.spec.name),
            (0, _) => self.spec.name.to_owned(),
            (user, _) => format!("{} (user {user})", self.spec.name),
        }
    }

    /// The files at a place, by path. Several files of one path are several versions.
    pub fn find(&self, place: Place) -> Vec<&'a Entry> {
        let Some(realm) = self.realms.get(place.realm) else { return Vec::new() };
        match &self.loose {
            None => self.index.find(realm, place.glob),
            Some(folder_path) => {
                let name = place.glob.rsplit('/').next().unwrap_or(place.glob);
                let Some(matcher) = matcher(name) else { return Vec::new() };
                let files = self.index.files(realm).iter().copied();
                files
                    .filter(|e| folder(&e.device.path) == folder_path && matcher.is_match(e.device.file_name()))
                    .collect()
            }
        }
    }

    /// The files of a store.
    pub fn find_spec(&self, spec: &StoreSpec) -> Vec<&'a Entry> {
        if spec.platform == self.platform() { self.find(spec.place) } else { Vec::new() }
    }

    /// The file beside `entry` whose name is longer by `suffix` (`-wal`, `-journal`, `.crc`), from the same mount.
    pub fn sibling(&self, entry: &Entry, suffix: &str) -> Option<&'a Entry> {
        self.index.sidecar(entry, suffix)
    }

    /// The file of that name in the same folder as `entry`.
    pub fn beside(&self, entry: &Entry, name: &str) -> Option<&'a Entry> {
        let path = match folder(&entry.device.path) {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        self.index.find(&entry.device.realm, &escape(&path)).into_iter().next_back()
    }

    /// Every entry that the app may read: its stores with their logs and journals.
    pub fn wanted(&self, app: &Manifest) -> Vec<EntryId> {
        let mut wanted = Vec::new();
        for entry in app.stores.iter().flat_map(|s| self.find_spec(s)) {
            wanted.push(entry.id);
            let beside = ["-wal", "-journal", "-shm", ".crc"].into_iter().filter_map(|s| self.sibling(entry, s));
            wanted.extend(beside.map(|e| e.id));
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// A whole file, at most `limit` bytes.
    pub fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, VfsError> {
        match self.read_as_far(entry, limit) {
            (bytes, None) => Ok(bytes),
            (_, Some(error)) => Err(error),
        }
    }

    /// A file from its first byte, for what is read piece by piece. Register it with [`Sink::store`].
    pub fn reader(&self, entry: &Entry) -> Result<Box<dyn std::io::Read + Send + 'a>, VfsError> {
        self.vfs.open(entry.id)
    }

    /// A file as far as it can be read, at most `limit` bytes, with what stopped the reading.
    pub fn read_as_far(&self, entry: &Entry, limit: u64) -> (Vec<u8>, Option<VfsError>) {
        let what = || entry.device.to_string();
        let mut bytes = Vec::with_capacity(expected(entry, limit));
        let reader = match self.vfs.open(entry.id) {
            Ok(reader) => reader,
            Err(error) => return (bytes, Some(error)),
        };
        match reader.take(limit.saturating_add(1)).read_to_end(&mut bytes) {
            Err(source) => (bytes, Some(VfsError::Io { what: what(), source })),
            Ok(_) if bytes.len() as u64 > limit => {
                (Vec::new(), Some(VfsError::Limit { what: what(), limit, unit: "bytes" }))
            }
            Ok(_) => (bytes, None),
        }
    }

    /// The first bytes of a file, at most `length`.
    pub fn head(&self, entry: &Entry, length: u64) -> Result<Vec<u8>, VfsError> {
        let mut bytes = Vec::new();
        let read = self.vfs.open(entry.id)?.take(length).read_to_end(&mut bytes);
        read.map_err(|source| VfsError::Io { what: entry.device.to_string(), source })?;
        Ok(bytes)
    }

    /// Opens a file that is read whole (preferences, property lists, small binary files) and registers it as a store.
    /// `None` when it cannot be read: the issue is already handed over.
    pub fn open_file(
        &self,
        sink: &mut dyn Sink,
        role: &'static str,
        entry: &Entry,
        limit: u64,
    ) -> Result<Option<(StoreId, Vec<u8>)>, Stopped> {
        let read = self.read(entry, limit);
        let mut info = StoreInfo {
            role,
            path: entry.device.to_string(),
            sha256: None,
            size: entry.size,
            generation: None,
            encrypted: None,
            status: StoreStatus::Unreadable,
            wal_frames: 0,
            wal_sha256: None,
        };
        match read {
            Ok(bytes) => {
                info.sha256 = Some(hex(&Sha256::digest(&bytes)));
                info.size = Some(bytes.len() as u64);
                info.status = StoreStatus::Read;
                let id = sink.store(info)?;
                Ok(Some((id, bytes)))
            }
            Err(error) => {
                let id = sink.store(info)?;
                sink.issue(unreadable(id, &entry.device.to_string(), &error))?;
                Ok(None)
            }
        }
    }

    /// Opens a database with its log and journal and registers it as a store. `unlock` finds the cipher of an encrypted
    /// one from its first bytes. `None` when it cannot be read: the issue is already handed over.
    pub fn open(
        &self,
        sink: &mut dyn Sink,
        role: &'static str,
        entry: &Entry,
        unlock: &Unlock<'_>,
    ) -> Result<Option<OpenStore>, Stopped> {
        OpenStore::open(self, sink, role, entry, unlock)
    }
}

/// Room for a file: what the container states, but no more than 64 MiB before a byte was seen.
fn expected(entry: &Entry, limit: u64) -> usize {
    usize::try_from(entry.size.unwrap_or(0).min(limit).min(64 << 20)).unwrap_or(0)
}

/// An issue for a file that cannot be read.
pub(crate) fn unreadable(store: StoreId, path: &str, error: &VfsError) -> Issue {
    let (code, severity) = match error {
        VfsError::NeedsKey { .. } | VfsError::WrongKey { .. } => ("store-needs-key", Severity::Lost),
        _ => ("store-unreadable", Severity::Lost),
    };
    let cause = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
    Issue {
        code,
        severity,
        detail: format!("{path}: {error}{cause}"),
        origin: Some(crate::origin::Origin::store(store)),
    }
}

/// The sets of realms that may be an installation.
fn candidates(spec: &InstallSpec, index: &DeviceTree<'_>) -> Vec<Vec<Realm>> {
    match spec.platform {
        Platform::Android => {
            let mut users: Vec<u32> = index.realms().filter_map(user_of).collect();
            users.sort_unstable();
            users.dedup();
            users.into_iter().map(|user| spec.realms.iter().map(|r| realm(*r, user)).collect()).collect()
        }
        Platform::Ios => {
            let named: Vec<Realm> = spec.realms.iter().map(|r| realm(*r, 0)).collect();
            let mut all = vec![named.clone()];
            // A container that nothing names: known by what lies in it.
            for unnamed in index.realms().filter(|r| is_unnamed(r)) {
                for (place, wanted) in spec.realms.iter().enumerate() {
                    let fits = matches!(
                        (wanted, unnamed),
                        (RealmSpec::IosApp(_), Realm::IosApp { .. }) | (RealmSpec::IosGroup(_), Realm::IosGroup { .. })
                    );
                    if fits {
                        let mut realms = vec![Realm::System; named.len()];
                        if let Some(slot) = realms.get_mut(place) {
                            *slot = unnamed.clone();
                        }
                        all.push(realms);
                    }
                }
            }
            all
        }
    }
}

fn realm(spec: RealmSpec, user: u32) -> Realm {
    match spec {
        RealmSpec::AndroidApp(package) => Realm::AndroidApp { user, package: package.into() },
        RealmSpec::AndroidAppDe(package) => Realm::AndroidAppDe { user, package: package.into() },
        RealmSpec::AndroidShared => Realm::AndroidShared { user },
        RealmSpec::IosApp(bundle) => Realm::IosApp { bundle: bundle.into() },
        RealmSpec::IosGroup(group) => Realm::IosGroup { group: group.into() },
        RealmSpec::IosHome => Realm::IosHome,
    }
}

fn user_of(realm: &Realm) -> Option<u32> {
    match realm {
        Realm::AndroidApp { user, .. } | Realm::AndroidAppDe { user, .. } | Realm::AndroidShared { user } => {
            Some(*user)
        }
        _ => None,
    }
}

/// Whether a container goes by its UUID because nothing in the evidence names it.
fn is_unnamed(realm: &Realm) -> bool {
    matches!(realm, Realm::IosApp { bundle: name } | Realm::IosGroup { group: name } if is_uuid(name))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as a glob that matches it alone: a name of the evidence may hold wildcards.
fn escape(path: &str) -> String {
    globset::escape(path)
}
