//! Hashing a source in one pass, in the background.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use sha2::{Digest as _, Sha256};

use crate::container::open_evidence;

/// Bytes read in one step.
const STEP: usize = 1 << 20;

/// A hash of evidence. Its text is lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256 of a file's bytes.
    Sha256([u8; 32]),
    /// Of a folder: SHA-256 over the lines `sha256␠␠size␠␠path\n` of every regular file below it, sorted by the bytes
    /// of the path; paths are relative, with `/` between components; size is decimal, in bytes. A link is the hash of its
    /// target's text, with the word `link` for a size.
    TreeSha256([u8; 32]),
}

impl Digest {
    /// `sha256` or `tree_sha256`.
    pub fn name(&self) -> &'static str {
        match self {
            Digest::Sha256(_) => "sha256",
            Digest::TreeSha256(_) => "tree_sha256",
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Digest::Sha256(bytes) | Digest::TreeSha256(bytes)) = self;
        f.write_str(&crate::value::hex(bytes))
    }
}

/// What hashing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The hash.
    pub digest: Digest,
    /// Bytes hashed.
    pub size: u64,
    /// Files hashed.
    pub files: u64,
    /// Files and folders that could not be read, with the reason: they are not in the hash.
    pub unreadable: Vec<String>,
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The source cannot be read.
    #[error("{path} cannot be hashed")]
    Io {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody called [`Hashing::cancel`].
    #[error("hashing was cancelled")]
    Cancelled,
    /// The hashing thread ended unexpectedly.
    #[error("hashing ended unexpectedly")]
    Panicked,
}

/// A hash being taken on a thread of its own, with its own file handle.
pub struct Hashing {
    thread: JoinHandle<Result<Sum, HashError>>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    cancelled: AtomicBool,
}

impl Hashing {
    /// Begins to hash a file or folder.
    pub fn start(path: &Path) -> Self {
        let state = Arc::new(State::default());
        let thread = {
            let (path, state) = (path.to_owned(), state.clone());
            thread::spawn(move || sum(&path, &state))
        };
        Hashing { thread, state }
    }

    /// Bytes hashed so far.
    pub fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::Relaxed)
    }

    /// Asks the thread to stop; [`Hashing::finish`] then gives [`HashError::Cancelled`].
    pub fn cancel(&self) {
        self.state.cancelled.store(true, Ordering::Relaxed);
    }

    /// Waits for the hash.
    pub fn finish(self) -> Result<Sum, HashError> {
        self.thread.join().unwrap_or(Err(HashError::Panicked))
    }
}

fn sum(path: &Path, state: &State) -> Result<Sum, HashError> {
    let trouble = |source| HashError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(trouble)?.is_dir() {
        return tree(path, state);
    }
    let (hash, size) = file(path, state)?;
    Ok(Sum { digest: Digest::Sha256(hash), size, files: 1, unreadable: Vec::new() })
}

fn file(path: &Path, state: &State) -> Result<([u8; 32], u64), HashError> {
    let trouble = |source| HashError::Io { path: path.to_owned(), source };
    let mut reader = open_evidence(path).map_err(trouble)?;
    let (mut hash, mut size, mut buf) = (Sha256::new(), 0_u64, vec![0; STEP]);
    loop {
        if state.cancelled.load(Ordering::Relaxed) {
            return Err(HashError::Cancelled);
        }
        let read = match reader.read(&mut buf) {
            Ok(0) => return Ok((hash.finalize().into(), size)),
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(trouble(e)),
        };
        hash.update(buf.get(..read).unwrap_or_default());
        let read = u64::try_from(read).unwrap_or(0);
        size = size.saturating_add(read);
        state.bytes.fetch_add(read, Ordering::Relaxed);
    }
}

fn tree(root: &Path, state: &State) -> Result<Sum, HashError> {
    let mut unreadable = Vec::new();
    let mut items = Vec::new();
    for item in walkdir::WalkDir::new(root).follow_links(false) {
        match item {
            Ok(item) if item.file_type().is_file() || item.file_type().is_symlink() => {
                let relative = item.path().strip_prefix(root).map(crate::container::raw_name).unwrap_or_default();
                items.push((relative, item));
            }
            Ok(_) => {}
            Err(e) => unreadable.push(e.to_string()),
        }
    }
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (mut hash, mut size, mut files) = (Sha256::new(), 0_u64, 0_u64);
    let mut line = |sum: &[u8], len: &dyn fmt::Display, path: &[u8]| {
        hash.update(format!("{}  {len}  ", crate::value::hex(sum)));
        hash.update(path);
        hash.update(b"\n");
    };
    for (relative, item) in items {
        if item.file_type().is_symlink() {
            let target = std::fs::read_link(item.path()).map(|t| crate::container::raw_name(&t)).unwrap_or_default();
            line(&Sha256::digest(&target), &"link", &relative);
            continue;
        }
        match file(item.path(), state) {
            Ok((sum, len)) => {
                line(&sum, &len, &relative);
                size = size.saturating_add(len);
                files = files.saturating_add(1);
            }
            Err(HashError::Io { path, source }) => unreadable.push(format!("{}: {source}", path.display())),
            Err(e) => return Err(e),
        }
    }
    unreadable.sort();
    Ok(Sum { digest: Digest::TreeSha256(hash.finalize().into()), size, files, unreadable })
}
