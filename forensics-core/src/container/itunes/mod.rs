//! iTunes and Finder backups: a manifest, and one file per file under the SHA-1 of its place.
//!
//! Read in place, from a folder or from inside another container. Of an encrypted backup only the manifest and the files
//! that somebody asks for are decrypted. Sources (compared: dinosec/iphone-dataprotection,
//! dunhamsteve/ios, dissect.target, pyiosbackup).

use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::facts::{self, Dict};
use super::medium::{Bytes, Cursor};
use super::{Container, Device, FlawList, Head, Medium, Mounted, NotMine, code};
use crate::keys::KeyRing;
use crate::vfs::{Entry, EntryId, EntryKind, ReadAt, Vfs, VfsError, domain};

mod cbc;
mod facts_of;
mod folder;
mod keybag;
mod manifest;
mod mbdb;
mod rows;

use cbc::{Decrypted, FileKey};
use folder::{Blob, BlobId, Place};
use keybag::ClassKeys;
use rows::Row;

/// iTunes and Finder backups since iOS 5.
pub(crate) struct ItunesBackup;

/// Whether a folder on disk is a backup.
pub(crate) fn is_backup_folder(path: &Path) -> bool {
    path.join("Manifest.plist").is_file()
        && (path.join("Manifest.db").is_file() || path.join("Manifest.mbdb").is_file())
}

impl Container for ItunesBackup {
    fn name(&self) -> &'static str {
        "itunes-backup"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        if !head.folder {
            return Err(NotMine("a file, not a backup's folder".into()));
        }
        let has = |name: &str| head.names.iter().any(|n| n == name);
        match (has("Manifest.plist"), has("Manifest.db") || has("Manifest.mbdb")) {
            (true, true) => Ok(()),
            (true, false) => Err(NotMine("Manifest.plist without Manifest.db or Manifest.mbdb".into())),
            (false, _) => Err(NotMine("no Manifest.plist in the folder".into())),
        }
    }

    fn mount(&self, medium: &Arc<Medium>, keys: &KeyRing) -> Result<Mounted, VfsError> {
        let mut flaws = FlawList::default();
        let place = Place::of(medium, &mut flaws)?;
        let plists = facts_of::Plists::read(&place, &mut flaws);
        let lock = lock(medium, &place, &plists, keys, &mut flaws)?;
        let keys = match &lock.files {
            FileLock::Open => Vec::new(),
            FileLock::Locked(classes) => {
                for class in &classes.closed {
                    flaws.lost(code::ITUNES_CLASS_KEY, || format!("{}: class {class}", medium.name()));
                }
                vec![classes.source.clone()]
            }
        };
        let mut tree = Backup { place, lock: lock.files, entries: Vec::new(), stored: Vec::new() };
        tree.fill(lock.rows, &mut flaws);
        Ok(Mounted { device: plists.device(), vfs: Box::new(tree), flaws: flaws.finish(), keys })
    }
}

/// How a backup's files are stored.
enum FileLock {
    Open,
    Locked(ClassKeys),
}

struct Unlocked {
    files: FileLock,
    rows: Vec<Row>,
}

/// Reads the manifest, decrypting what is encrypted. Five states are told apart by what is plain and what is keyed.
fn lock(
    medium: &Medium,
    place: &Place,
    plists: &facts_of::Plists,
    keys: &KeyRing,
    flaws: &mut FlawList,
) -> Result<Unlocked, VfsError> {
    let encrypted = plists.is_encrypted();
    let unlock = || keybag::unlock(medium.name(), plists.keybag(), keys);
    let Some(database) = place.file("Manifest.db")? else {
        let bytes = place.file("Manifest.mbdb")?.unwrap_or_default();
        let rows = mbdb::rows(medium.name(), &bytes, flaws)?;
        let files = if encrypted { FileLock::Locked(unlock()?) } else { FileLock::Open };
        return Ok(Unlocked { files, rows });
    };
    let plain = database.starts_with(b"SQLite format 3\0");
    match (plain, plists.manifest_key(), encrypted) {
        (true, Some(_), _) | (true, None, true) => {
            let rows = manifest::rows(medium.name(), database, place, flaws)?;
            // With ManifestKey a plain manifest means another tool decrypted the backup; without, it is iOS 10.0 or 10.1,
            // whose manifest was never encrypted. The files themselves decide: tools decrypt manifests alone, too.
            let files = match encrypted && !place.databases_are_plain(&rows) {
                true => FileLock::Locked(unlock()?),
                false => {
                    flaws.note(code::ITUNES_DECRYPTED_COPY, || medium.name().to_owned());
                    FileLock::Open
                }
            };
            Ok(Unlocked { files, rows })
        }
        (true, None, false) => {
            Ok(Unlocked { files: FileLock::Open, rows: manifest::rows(medium.name(), database, place, flaws)? })
        }
        (false, Some(wrapped), _) => {
            let classes = unlock()?;
            let key =
                classes.unwrap(wrapped).map_err(|why| VfsError::damaged("Manifest.plist: ManifestKey", 0, why))?;
            let database = manifest::decrypt(&key, &database);
            let rows = manifest::rows(medium.name(), database, place, flaws)?;
            Ok(Unlocked { files: FileLock::Locked(classes), rows })
        }
        (false, None, _) => {
            let found = format!("{:02x?}", database.get(..16).unwrap_or(&database));
            Err(VfsError::damaged(
                format!("{}: Manifest.db", medium.name()),
                0,
                format!("{found}, no database, and no ManifestKey"),
            ))
        }
    }
}

/// An opened backup.
struct Backup {
    place: Place,
    lock: FileLock,
    entries: Vec<Entry>,
    /// Beside `entries`.
    stored: Vec<Stored>,
}

struct Stored {
    blob: Option<Blob>,
    /// Class and wrapped key, as the manifest holds them.
    key: Option<Box<[u8]>>,
}

impl Backup {
    fn fill(&mut self, rows: Vec<Row>, flaws: &mut FlawList) {
        let mut listed = std::collections::HashSet::new();
        for row in rows {
            let Some(kind) = row.kind(flaws) else { continue };
            let id = row.blob_id(flaws);
            let blob = id.and_then(|id| {
                listed.insert(id);
                self.place.blob(id)
            });
            if kind == EntryKind::File {
                self.tell(&row, id, blob.is_some(), flaws);
            }
            let size = match (&self.lock, &blob) {
                (FileLock::Open, Some(blob)) => Some(blob.len),
                (FileLock::Locked(_), Some(blob)) if blob.len == 0 => Some(0),
                _ => None,
            };
            let number = EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
            let raw_name = format!("{}-{}", row.domain, row.path).into_bytes().into();
            let device = domain(&row.domain, &row.path);
            self.entries.push(Entry { id: number, raw_name, device, kind, size, alias_of: None });
            self.stored.push(Stored { blob, key: row.key });
        }
        for name in self.place.unlisted(&listed) {
            flaws.note(code::ITUNES_UNLISTED, || name);
        }
    }

    fn tell(&self, row: &Row, id: Option<BlobId>, present: bool, flaws: &mut FlawList) {
        let name = || format!("{}-{}", row.domain, row.path);
        if id.is_some() && !present {
            flaws.lost(code::ITUNES_BLOB_MISSING, || format!("{} ({})", name(), row.file_id));
        }
        match (&self.lock, &row.key) {
            (FileLock::Locked(_), None) if present => flaws.note(code::ITUNES_BLOB_PLAIN, name),
            (FileLock::Locked(classes), Some(key)) if present && !classes.opens(key) => {
                flaws.lost(code::ITUNES_FILE_KEY, name);
            }
            _ => {}
        }
    }

    fn stored(&self, id: EntryId) -> Result<(&Entry, &Stored), VfsError> {
        let number = id.0 as usize;
        let (entry, stored) =
            self.entries.get(number).zip(self.stored.get(number)).ok_or_else(|| facts::no_such(id))?;
        match entry.kind {
            EntryKind::File => Ok((entry, stored)),
            _ => Err(facts::no_content(entry)),
        }
    }

    /// The stored bytes, and the key where they are encrypted.
    fn locked(&self, id: EntryId) -> Result<(String, Bytes, Option<FileKey>), VfsError> {
        let (entry, stored) = self.stored(id)?;
        let what = String::from_utf8_lossy(&entry.raw_name).into_owned();
        let Some(blob) = &stored.blob else {
            return Err(VfsError::reading(
                what,
                io::Error::new(io::ErrorKind::NotFound, "its content is not in the backup"),
            ));
        };
        let bytes = self.place.bytes(blob)?;
        let key = match (&self.lock, &stored.key) {
            (FileLock::Locked(classes), Some(wrapped)) => Some(
                classes.unwrap(wrapped).map_err(|why| VfsError::damaged(&*what, 0, format!("a file key: {why}")))?,
            ),
            _ => None,
        };
        Ok((what, bytes, key))
    }
}

impl Vfs for Backup {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        // CBC runs twenty times faster over long pieces than block by block.
        const PIECE: usize = 256 << 10;
        match self.locked(id)? {
            (_, bytes, None) => Ok(Box::new(Cursor::new(bytes))),
            (what, bytes, Some(key)) => {
                let plain = Decrypted::new(what, bytes, key)?;
                Ok(Box::new(BufReader::with_capacity(PIECE, plain.into_reader())))
            }
        }
    }

    /// In a folder nothing is gained; inside a stream one pass fetches all that is wanted.
    fn preload(&self, wanted: &[EntryId]) -> Result<(), VfsError> {
        let blobs = wanted.iter().filter_map(|id| self.stored.get(id.0 as usize)?.blob.as_ref());
        self.place.preload(blobs)
    }

    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        let view = || -> Result<Box<dyn ReadAt + '_>, VfsError> {
            match self.locked(id)? {
                (_, bytes, None) => Ok(Box::new(bytes)),
                (what, bytes, Some(key)) => Ok(Box::new(Decrypted::new(what, bytes, key)?)),
            }
        };
        Some(view())
    }
}
