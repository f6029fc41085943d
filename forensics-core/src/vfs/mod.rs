//! One device path space over every container.
//!
//! A parser says `IosGroup("group.net.whatsapp.WhatsApp.shared") / ChatStorage.sqlite` and never learns whether that was
//! an iTunes domain, a UUID folder of a full file system, or a path in an `.ab`.
//!
//! **Invariant:** there is no method here that writes.

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

use std::fmt;
use std::io::{self, Read};

mod alias;
mod canonical;
mod content;
mod device_path;
mod identifiers;
mod tree;
pub use alias::*;
pub use canonical::*;
pub use content::*;
pub use device_path::*;
pub use identifiers::*;
pub use tree::*;

/// An entry's number within its [`Vfs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link; the target as stored. Never followed outside the tree.
    Symlink(Box<[u8]>),
    /// Anything that holds no content for us: device nodes, sockets.
    Other,
}

/// One file of the evidence.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// The name exactly as the container holds it (iTunes: `domain-relativePath`).
    pub raw_name: Box<[u8]>,
    /// The same place in the one device path space.
    pub device: DevicePath,
    /// File, link or other.
    pub kind: EntryKind,
    /// Length in bytes as the container states it; `None` where only reading tells (encrypted backups).
    pub size: Option<u64>,
    /// The same content seen through another mount of the phone (`/data/user/0` beside `/data/data`): the preferred entry.
    pub alias_of: Option<EntryId>,
}

/// Bytes that can be read at any place.
pub trait ReadAt: Send + Sync {
    /// Reads up to `buf.len()` bytes at `offset`; 0 means the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Length in bytes.
    fn len(&self) -> u64;
    /// Whether there is no byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: ReadAt + ?Sized> ReadAt for std::sync::Arc<T> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }

    fn len(&self) -> u64 {
        (**self).len()
    }
}

/// A read-only tree of files.
pub trait Vfs: Send + Sync {
    /// Every file, in the container's own order.
    fn entries(&self) -> &[Entry];

    /// The content from its first byte. Inflates and decrypts on the way.
    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError>;

    /// The content by place, where the container allows it without reading from the start.
    fn open_at(&self, _id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        None
    }

    /// Reads several entries in one pass of a container that can only be read from the start (`.ab`, `.tar.gz`); a
    /// container with random access need not implement it. Called by the runner with the union of what the apps want.
    fn preload(&self, _wanted: &[EntryId]) -> Result<(), VfsError> {
        Ok(())
    }
}

/// Why a file could not be listed or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VfsError {
    /// A password or key is needed.
    #[error("{what} needs a key of kind {kind}")]
    NeedsKey {
        /// What is locked.
        what: String,
        /// The kind of key, as in `keys.toml`.
        kind: &'static str,
    },
    /// A given key does not open it.
    #[error("none of the {tried} given keys of kind {kind} opens {what}")]
    WrongKey {
        /// What is locked.
        what: String,
        /// The kind of key.
        kind: &'static str,
        /// How many were tried.
        tried: usize,
    },
    /// The container is damaged at a known place.
    #[error("{what} is damaged at byte {offset}: {found}")]
    Damaged {
        /// What is damaged.
        what: String,
        /// Where.
        offset: u64,
        /// What was found there.
        found: String,
    },
    /// A limit against hostile input was reached.
    #[error("{what} exceeds the limit of {limit} {unit}")]
    Limit {
        /// What was cut off.
        what: String,
        /// The limit.
        limit: u64,
        /// Its unit.
        unit: &'static str,
    },
    /// The format is known and not supported.
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// Reading failed.
    #[error("{what} cannot be read")]
    Io {
        /// What.
        what: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}", self.0)
    }
}
