//! The hash of what the examiner gave: of a file its bytes, of a folder the list of its files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};

use crate::value::hex;

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// What was hashed.
#[derive(Debug, Default)]
pub(super) struct Hash {
    /// SHA-256 of a file.
    pub(super) sha256: Option<String>,
    /// SHA-256 over the lines `sha256  size  path` of a folder's files, sorted by the bytes of the path.
    pub(super) tree_sha256: Option<String>,
    /// Bytes in all.
    pub(super) size: u64,
    /// Files of a folder that could not be read, and why.
    pub(super) unread: Vec<(String, String)>,
}

/// Hashes a file or a folder. Links are not followed: the listing says where they point.
pub(super) fn hash(path: &Path, stop: &AtomicBool) -> io::Result<Hash> {
    if !std::fs::metadata(path)?.is_dir() {
        let (sha256, size) = hash_file(path, stop)?;
        return Ok(Hash { sha256: Some(sha256), size, ..Hash::default() });
    }
    let mut lines = Vec::new();
    let mut all = Hash::default();
    for item in walkdir::WalkDir::new(path).follow_links(false) {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                let at = error.path().unwrap_or(path).display().to_string();
                all.unread.push((at, error.to_string()));
                continue;
            }
        };
        let relative = item.path().strip_prefix(path).unwrap_or(item.path());
        let name = relative.as_os_str().as_encoded_bytes().to_vec();
        if item.file_type().is_file() {
            match hash_file(item.path(), stop) {
                Ok((sha256, size)) => {
                    all.size = all.size.saturating_add(size);
                    lines.push((name, format!("{sha256}  {size}")));
                }
                Err(error) if stop.load(Ordering::Relaxed) => return Err(error),
                Err(error) => all.unread.push((item.path().display().to_string(), error.to_string())),
            }
        } else if item.file_type().is_symlink() {
            let target = std::fs::read_link(item.path()).unwrap_or_default();
            let sha256 = hex(&Sha256::digest(target.as_os_str().as_encoded_bytes()));
            lines.push((name, format!("{sha256}  link")));
        }
    }
    lines.sort();
    all.unread.sort();
    let mut tree = Sha256::new();
    for (name, line) in lines {
        tree.update(line.as_bytes());
        tree.update(b"  ");
        tree.update(&name);
        tree.update(b"\n");
    }
    all.tree_sha256 = Some(hex(&tree.finalize()));
    Ok(all)
}

fn hash_file(path: &Path, stop: &AtomicBool) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut size = 0_u64;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((hex(&hash.finalize()), size));
        }
        hash.update(piece.get(..read).unwrap_or_default());
        size = size.saturating_add(read as u64);
    }
}
