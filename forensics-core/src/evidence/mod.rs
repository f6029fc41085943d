//! What the examiner pointed at: its path as given, what it is, its hash, what it says about the phone.
//!
//! ```no_run
//! use forensics_core::container::find;
//! use forensics_core::evidence::{Evidence, EvidenceId, Hashing};
//! use forensics_core::keys::KeyRing;
//!
//! let keys = KeyRing::default();
//! for (source, number) in find("phone.zip".as_ref())?.sources.iter().zip(0..) {
//!     let hashing = Hashing::start(&source.path); // reads beside the parsers
//!     let opened = source.open(&keys)?;
//!     let mut evidence = Evidence::of(EvidenceId(number), source, &opened);
//!     // … parse …
//!     evidence.sum = Some(hashing.finish()?);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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

use std::path::PathBuf;

use crate::container::{Device, Opened, Source};

mod hash;
pub use hash::{Digest, HashError, Hashing, Sum};

pub use crate::container::{StatedHash, stated_sha256};

/// Number of an evidence item within a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EvidenceId(pub u32);

/// One evidence item: one phone, backup or archive.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Its number in the case.
    pub id: EvidenceId,
    /// The path as the examiner gave it, or as it was found below what was given.
    pub path: PathBuf,
    /// The folder inside the container, where that holds several backups.
    pub inside: Option<String>,
    /// The outermost container's name.
    pub container: &'static str,
    /// Containers inside it that were opened with it.
    pub within: Vec<String>,
    /// Hash and length; `None` where hashing was not wanted or has not ended.
    pub sum: Option<Sum>,
    /// What the acquisition tool itself says the hash is.
    pub stated: Option<StatedHash>,
    /// What is known about the phone.
    pub device: Device,
}

impl Evidence {
    /// Describes an opened source. The hash comes later.
    pub fn of(id: EvidenceId, source: &Source, opened: &Opened) -> Self {
        Evidence {
            id,
            path: source.path.clone(),
            inside: source.inside.as_deref().map(|name| String::from_utf8_lossy(name).into_owned()),
            container: opened.container,
            within: opened.within.clone(),
            sum: None,
            stated: stated_sha256(&source.path),
            device: opened.mounted.device.clone(),
        }
    }

    /// Whether the hash taken is the one the acquisition tool stated; `None` where one of them is missing.
    pub fn is_as_acquired(&self) -> Option<bool> {
        match (&self.sum.as_ref()?.digest, self.stated.as_ref()?) {
            (Digest::Sha256(taken), stated) => Some(stated.value == *taken),
            (Digest::TreeSha256(_), _) => None,
        }
    }
}
