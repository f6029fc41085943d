//! What phone extractions come in. Each container is asked in order; each says why it refuses.

//!
//! [`open`] is the way in; [`find`] first tells which sources a folder holds. A container works on a [`Medium`]: a path,
//! or a file or folder inside another container, so that a backup inside a zip is read in place.
//!
//! **Invariants:** nothing here writes beside the evidence; no name from the evidence becomes a file name; every limit
//! that is reached is a [`Flaw`] or an error.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects
    )
)]

use std::path::Path;
use std::sync::Arc;

use crate::keys::KeyRing;
use crate::vfs::{Vfs, VfsError};

mod android_backup;
mod facts;
mod find;
mod flaws;
mod folder;
mod itunes;
mod layered;
pub mod limits;
mod medium;
mod open;
mod single;
mod stream;
mod tar;
mod unsupported;
mod zip;

pub use find::{Found, Source, StatedHash, find, stated_sha256};
pub(crate) use flaws::FlawList;
pub use flaws::{FLAWS, code};
pub(crate) use folder::raw as raw_name;
pub use medium::Medium;
pub(crate) use medium::{FileBytes, open_evidence};
pub use open::{OpenError, Opened, REGISTRY, open};

/// The first look at a source: enough to decide without reading it.
pub struct Head<'a> {
    /// The path as the examiner gave it.
    pub path: &'a Path,
    /// The first 4 KiB of a file; empty for a folder.
    pub first: &'a [u8],
    /// The last 66 KiB of a file (a zip's end record); empty for a folder.
    pub last: &'a [u8],
    /// Names in the first two levels of a folder, `/` between them and after folders; empty for a file.
    pub names: &'a [String],
    /// Whether the source is a folder.
    pub folder: bool,
}

/// Why a container is not the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMine(pub String);

impl std::fmt::Display for NotMine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A format in which a phone's files come.
pub trait Container: Sync {
    /// Its name in reports: `zip`, `itunes-backup`, `android-backup`, `tar`, `folder` …
    fn name(&self) -> &'static str;
    /// Whether the source looks like this format.
    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine>;
    /// Indexes it. Problems that do not stop the rest are returned beside the tree.
    fn mount(&self, medium: &Arc<Medium>, keys: &KeyRing) -> Result<Mounted, VfsError>;
}

/// An opened container.
pub struct Mounted {
    /// Its files.
    pub vfs: Box<dyn Vfs>,
    /// What the container says about the phone.
    pub device: Device,
    /// What could not be listed or looked wrong, and did not stop the rest.
    pub flaws: Vec<Flaw>,
    /// Where the keys came from that opened it ([`Key::source`](crate::keys::Key)), for the custody log. Members of a zip
    /// are decrypted one by one and are not among them.
    pub keys: Vec<String>,
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

impl Device {
    /// What is known here first, completed by `other`.
    pub(crate) fn or(mut self, other: Device) -> Device {
        for id in other.ids {
            if !self.ids.contains(&id) {
                self.ids.push(id);
            }
        }
        Device {
            platform: self.platform.or(other.platform),
            model: self.model.or(other.model),
            os: self.os.or(other.os),
            ids: self.ids,
            acquired: self.acquired.or(other.acquired),
        }
    }
}
