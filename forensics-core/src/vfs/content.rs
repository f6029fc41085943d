//! Reading a whole file, and keeping what could be read of a damaged one.

use std::io::{self, Read};

use super::{EntryId, Vfs, VfsError};

/// A file's bytes.
#[derive(Debug)]
pub struct Content {
    /// What was read.
    pub bytes: Vec<u8>,
    /// Why the end is missing, or why the bytes are not to be trusted (a checksum that does not hold); `None` for a file
    /// that was read to its end.
    pub trouble: Option<VfsError>,
}

/// Reads a file of at most `limit` bytes into memory. A file that breaks off gives its beginning and the reason; one
/// longer than `limit` gives `limit` bytes and a [`VfsError::Limit`].
pub fn read_all(vfs: &dyn Vfs, id: EntryId, limit: u64) -> Result<Content, VfsError> {
    let what = || name_of(vfs, id);
    let mut reader = vfs.open(id)?.take(limit.saturating_add(1));
    let mut bytes = Vec::new();
    let outcome = reader.read_to_end(&mut bytes);
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        return Ok(Content { bytes, trouble: Some(VfsError::Limit { what: what(), limit, unit: "bytes" }) });
    }
    Ok(Content { bytes, trouble: outcome.err().map(|source| VfsError::reading(what(), source)) })
}

/// The name of an entry as text, for messages.
pub fn name_of(vfs: &dyn Vfs, id: EntryId) -> String {
    let entry = vfs.entries().get(id.0 as usize);
    entry.map_or_else(|| id.to_string(), |e| String::from_utf8_lossy(&e.raw_name).into_owned())
}

impl VfsError {
    /// A failure while reading `what`. A [`VfsError`] that travelled inside an [`io::Error`] comes out again.
    pub fn reading(what: impl Into<String>, source: io::Error) -> Self {
        match source.downcast::<VfsError>() {
            Ok(inner) => inner,
            Err(source) => VfsError::Io { what: what.into(), source },
        }
    }

    /// Damage at a byte.
    pub fn damaged(what: impl Into<String>, offset: u64, found: impl Into<String>) -> Self {
        VfsError::Damaged { what: what.into(), offset, found: found.into() }
    }
}

impl From<VfsError> for io::Error {
    fn from(e: VfsError) -> Self {
        io::Error::other(e)
    }
}
