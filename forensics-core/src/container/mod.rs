//! What phone extractions come in. Each container is asked in order; each says why it refuses.

use std::path::Path;

use crate::keys::KeyRing;
use crate::vfs::{Vfs, VfsError};

/// The first look at a source: enough to decide without reading it.
pub struct Head<'a> {
    /// The path as the examiner gave it.
    pub path: &'a Path,
    /// The first 4 KiB of a file; empty for a folder.
    pub first: &'a [u8],
    /// The last 66 KiB of a file (a zip's end record); empty for a folder.
    pub last: &'a [u8],
    /// Names in the first two levels of a folder; empty for a file.
    pub names: &'a [String],
}

/// Why a container is not the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMine(pub String);

/// A format in which a phone's files come.
pub trait Container: Sync {
    /// Its name in reports: `zip`, `itunes-backup`, `android-backup`, `tar`, `folder` …
    fn name(&self) -> &'static str;
    /// Whether the source looks like this format.
    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine>;
    /// Indexes it. Problems that do not stop the rest are returned beside the tree.
    fn mount(&self, path: &Path, keys: &KeyRing) -> Result<Mounted, VfsError>;
}

/// An opened container.
pub struct Mounted {
    /// Its files.
    pub vfs: Box<dyn Vfs>,
    /// What the container says about the phone.
    pub device: Device,
    /// What could not be listed or looked wrong, and did not stop the rest.
    pub flaws: Vec<Flaw>,
}

/// What is known about the phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `android`, `ios`, or unknown.
    pub platform: Option<&'static str>,
    /// Model as stated (`iPhone12,1`).
    pub model: Option<String>,
    /// Version of the operating system.
    pub os: Option<String>,
    /// Serial number, UDID, IMEI, phone number: `(name, value)`.
    pub ids: Vec<(&'static str, String)>,
    /// When the evidence was acquired, milliseconds since 1970 UTC, where the container states it.
    pub acquired: Option<i64>,
}

/// Something wrong with the evidence that did not stop the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Stable code, as listed in `docs/issues.md`.
    pub code: &'static str,
    /// Whether records may be missing because of it.
    pub lost: bool,
    /// What was found, where.
    pub detail: String,
}

/// The names that [`Device::ids`] uses.
pub const DEVICE_IDS: &[&str] =
    &["udid", "serial", "imei", "imei2", "meid", "iccid", "phone-number", "device-name", "android-id", "build", "guid"];
