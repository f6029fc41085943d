//! Where a backup's files lie: a folder on disk, or a folder inside another container.

use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::rows::{Row, parse_hex};
use crate::container::medium::{Bytes, FileBytes};
use crate::container::{FlawList, Medium, code, limits};
use crate::vfs::{EntryId, EntryKind, Vfs, VfsError};

/// SHA-1 of domain, dash and path.
pub(super) type BlobId = [u8; 20];

/// A stored file.
#[derive(Clone)]
pub(super) struct Blob {
    at: At,
    /// Length as stored (encrypted files are padded).
    pub(super) len: u64,
}

#[derive(Clone)]
enum At {
    Disk(PathBuf),
    Inside(EntryId),
}

/// The backup's folder and an index of its stored files.
pub(super) struct Place {
    name: String,
    root: Root,
    blobs: HashMap<BlobId, Blob>,
}

enum Root {
    Disk(PathBuf),
    Inside { outer: Arc<dyn Vfs>, files: HashMap<String, EntryId> },
}

/// The backup's own files, read at once where it lies in a stream.
const OWN: &[&str] = &[
    "Info.plist",
    "Manifest.plist",
    "Status.plist",
    "Manifest.db",
    "Manifest.db-wal",
    "Manifest.db-journal",
    "Manifest.mbdb",
];

/// How many databases are looked at to learn whether a backup was decrypted.
const SAMPLES: usize = 20;

impl Place {
    /// Indexes the folder once: a look at each file by name would cost a question to the disk per row.
    pub(super) fn of(medium: &Medium, flaws: &mut FlawList) -> Result<Self, VfsError> {
        let name = medium.name().to_owned();
        let mut blobs = HashMap::new();
        let root = match (medium.path(), medium.folder_in()) {
            (Some(path), _) => {
                disk_blobs(path, &mut blobs, flaws);
                Root::Disk(path.to_owned())
            }
            (None, Some((outer, prefix))) => {
                let mut files = HashMap::new();
                let below = outer.entries().iter().filter(|e| e.kind == EntryKind::File);
                for (entry, name) in below.filter_map(|e| Some((e, e.raw_name.strip_prefix(prefix)?))) {
                    let name = String::from_utf8_lossy(name).into_owned();
                    match blob_of(&name) {
                        Some(id) => {
                            let len = entry.size.unwrap_or(0);
                            blobs.insert(id, Blob { at: At::Inside(entry.id), len });
                        }
                        None => {
                            files.insert(name, entry.id);
                        }
                    }
                }
                let own: Vec<EntryId> = OWN.iter().filter_map(|name| files.get(*name).copied()).collect();
                outer.preload(&own)?;
                Root::Inside { outer: outer.clone(), files }
            }
            (None, None) => return Err(VfsError::Unsupported { what: name, why: "a backup is a folder".into() }),
        };
        Ok(Place { name, root, blobs })
    }

    /// A file of the backup itself, whole; `None` where there is none.
    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>, VfsError> {
        let what = format!("{}: {name}", self.name);
        let mut bytes = Vec::new();
        match &self.root {
            Root::Disk(root) => {
                let path = root.join(name);
                if !path.is_file() {
                    return Ok(None);
                }
                let file = crate::container::open_evidence(&path).map_err(|e| VfsError::reading(&*what, e))?;
                file.take(limits::MANIFEST).read_to_end(&mut bytes).map_err(|e| VfsError::reading(&*what, e))?;
            }
            Root::Inside { outer, files } => {
                let Some(id) = files.get(name) else { return Ok(None) };
                let reader = outer.open(*id)?;
                // A damaged manifest is read as far as it goes; its reader says what is missing.
                if let Err(e) = reader.take(limits::MANIFEST).read_to_end(&mut bytes)
                    && bytes.is_empty()
                {
                    return Err(VfsError::reading(what, e));
                }
            }
        }
        if u64::try_from(bytes.len()).is_ok_and(|len| len >= limits::MANIFEST) {
            return Err(VfsError::Limit { what, limit: limits::MANIFEST, unit: "bytes" });
        }
        Ok(Some(bytes))
    }

    /// Has the outer container fetch files in one pass.
    pub(super) fn preload<'a>(&self, blobs: impl Iterator<Item = &'a Blob>) -> Result<(), VfsError> {
        let Root::Inside { outer, .. } = &self.root else { return Ok(()) };
        let entries = blobs.filter_map(|blob| match blob.at {
            At::Inside(id) => Some(id),
            At::Disk(_) => None,
        });
        outer.preload(&entries.collect::<Vec<_>>())
    }

    pub(super) fn blob(&self, id: BlobId) -> Option<Blob> {
        self.blobs.get(&id).cloned()
    }

    pub(super) fn bytes(&self, blob: &Blob) -> Result<Bytes, VfsError> {
        match (&blob.at, &self.root) {
            (At::Disk(path), _) => {
                let bytes = FileBytes::open(path).map_err(|e| VfsError::reading(path.display().to_string(), e))?;
                Ok(Arc::new(bytes))
            }
            (At::Inside(id), Root::Inside { outer, .. }) => Medium::inside(&self.name, outer.clone(), *id).bytes(),
            (At::Inside(id), Root::Disk(_)) => Err(crate::container::facts::no_such(*id)),
        }
    }

    /// Whether files named like databases begin like databases: then nothing is encrypted any more.
    pub(super) fn databases_are_plain(&self, rows: &[Row]) -> bool {
        let named = |path: &str| [".db", ".sqlite", ".sqlitedb", ".sqlite3"].iter().any(|end| path.ends_with(end));
        let blobs = rows.iter().filter(|r| named(&r.path)).filter_map(|r| self.blob(parse_hex(&r.file_id)?));
        let (mut plain, mut other) = (0_usize, 0_usize);
        for blob in blobs.filter(|b| b.len >= 512).take(SAMPLES) {
            let mut magic = [0; 16];
            match self.bytes(&blob).map(|bytes| bytes.read_at(0, &mut magic)) {
                Ok(Ok(16)) if magic == *b"SQLite format 3\0" => plain = plain.saturating_add(1),
                Ok(Ok(_)) => other = other.saturating_add(1),
                _ => {}
            }
        }
        // App databases can be encrypted by the app itself: one that is plain settles it, unless all others disagree.
        plain > 0 || other == 0 && !rows.iter().any(|r| r.key.is_some())
    }

    /// Stored files that no row names.
    pub(super) fn unlisted(&self, listed: &HashSet<BlobId>) -> Vec<String> {
        let mut names: Vec<String> =
            self.blobs.keys().filter(|id| !listed.contains(*id)).map(|id| crate::value::hex(id)).collect();
        names.sort();
        names
    }
}

/// `xx/<40 digits>` or `<40 digits>`.
fn blob_of(name: &str) -> Option<BlobId> {
    let (folder, leaf) = name.rsplit_once('/').unwrap_or(("", name));
    (folder.is_empty() || leaf.get(..2) == Some(folder)).then(|| parse_hex(leaf)).flatten()
}

fn disk_blobs(root: &std::path::Path, blobs: &mut HashMap<BlobId, Blob>, flaws: &mut FlawList) {
    for item in walkdir::WalkDir::new(root).min_depth(1).max_depth(2).sort_by_file_name() {
        let item = match item {
            Ok(item) => item,
            Err(e) => {
                flaws.lost(code::FOLDER_UNREADABLE, || e.to_string());
                continue;
            }
        };
        let relative = item.path().strip_prefix(root).ok().map(|p| p.to_string_lossy().replace('\\', "/"));
        let Some(id) = relative.filter(|_| item.file_type().is_file()).and_then(|name| blob_of(&name)) else {
            continue;
        };
        match item.metadata() {
            Ok(meta) => {
                blobs.insert(id, Blob { at: At::Disk(item.path().to_owned()), len: meta.len() });
            }
            Err(e) => flaws.lost(code::FOLDER_UNREADABLE, || format!("{}: {e}", item.path().display())),
        }
    }
}
