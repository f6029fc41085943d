//! Getting a database's bytes: into memory while they fit, else into an unnamed temporary file that the system removes with
//! its last handle. Evidence is read once, from its first byte, and hashed on the way.

use std::io::{self, Read, Write as _};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::app::Install;
use crate::container::FileBytes;
use crate::value::hex;
use crate::vfs::{Entry, ReadAt, VfsError};

/// The largest database that is read.
const MAX_DATABASE: u64 = 64 << 30;
/// The largest database that is held in memory. Above it, pages are read when they are asked for.
const IN_MEMORY: u64 = 512 << 20;
/// Bytes moved at a time.
const PIECE: usize = 1 << 20;

/// A database file's bytes.
pub(crate) enum Bytes {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file of our own.
    File(Arc<dyn ReadAt>),
}

/// A loaded file.
pub(crate) struct Loaded {
    pub(crate) bytes: Bytes,
    /// SHA-256 of all bytes, lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) size: u64,
    /// What stopped the reading before the end.
    pub(crate) cut: Option<VfsError>,
}

/// Loads a database file as far as it can be read.
pub(crate) fn load(install: &Install<'_>, entry: &Entry) -> Result<Loaded, VfsError> {
    read(install.reader(entry)?, entry.device.to_string(), entry.size.unwrap_or(0), IN_MEMORY)
}

fn read(mut reader: impl Read, what: String, expected: u64, in_memory: u64) -> Result<Loaded, VfsError> {
    let mut memory = Vec::with_capacity(usize::try_from(expected.min(in_memory)).unwrap_or(0));
    let head = (&mut reader).take(in_memory).read_to_end(&mut memory);
    let failed = |source: io::Error| VfsError::Io { what: what.clone(), source };
    let size = memory.len() as u64;
    if head.is_err() || size < in_memory {
        let sha256 = hex(&Sha256::digest(&memory));
        return Ok(Loaded { bytes: Bytes::Memory(memory), sha256, size, cut: head.err().map(failed) });
    }
    let mut hash = Sha256::new();
    let mut file = tempfile::tempfile().map_err(failed)?;
    hash.update(&memory);
    file.write_all(&memory).map_err(failed)?;
    let mut size = size;
    memory = vec![0; PIECE];
    let cut = loop {
        match reader.read(&mut memory) {
            Ok(0) => break None,
            Ok(read) => {
                let piece = memory.get(..read).unwrap_or_default();
                hash.update(piece);
                file.write_all(piece).map_err(failed)?;
                size = size.saturating_add(read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(failed(error)),
        }
        if size > MAX_DATABASE {
            return Err(VfsError::Limit { what, limit: MAX_DATABASE, unit: "bytes" });
        }
    };
    let file = FileBytes::new(file).map_err(failed)?;
    Ok(Loaded { bytes: Bytes::File(Arc::new(file)), sha256: hex(&hash.finalize()), size, cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &Bytes) -> Vec<u8> {
        match bytes {
            Bytes::Memory(bytes) => bytes.clone(),
            Bytes::File(file) => {
                let mut content = vec![0; usize::try_from(file.len()).unwrap()];
                let mut at = 0;
                while at < content.len() {
                    at += file.read_at(at as u64, &mut content[at..]).unwrap();
                }
                content
            }
        }
    }

    #[test]
    fn a_large_file_is_kept_outside_memory_and_is_the_same() {
        let content: Vec<u8> = (0..5_000_000_u32).map(|i| i.to_le_bytes()[i as usize % 3]).collect();
        let small = read(&*content, "x".into(), 0, 8 << 20).unwrap();
        let large = read(&*content, "x".into(), u64::MAX, 100_000).unwrap();
        assert!(matches!((&small.bytes, &large.bytes), (Bytes::Memory(_), Bytes::File(_))));
        assert!(all(&small.bytes) == content && all(&large.bytes) == content);
        assert_eq!((small.sha256, small.size), (large.sha256, large.size));
    }

    #[test]
    fn what_comes_before_an_error_is_kept() {
        struct Breaks<'a>(&'a [u8]);
        impl Read for Breaks<'_> {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                let read = self.0.read(buf)?;
                if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
            }
        }
        for in_memory in [10, 100_000] {
            let loaded = read(Breaks(&[7; 3000]), "x".into(), 0, in_memory).unwrap();
            assert_eq!((all(&loaded.bytes).len(), loaded.cut.is_some()), (3000, true));
        }
    }
}
