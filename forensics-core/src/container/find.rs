//! What a path holds: one source, or several.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::open::{Look, open_source};
use super::{Medium, OpenError, Opened, itunes};
use crate::keys::KeyRing;

mod ufd;

pub use ufd::{StatedHash, stated_sha256};
pub(super) use ufd::{device_beside, password_beside};

/// One phone, backup or archive to be opened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file or folder.
    pub path: PathBuf,
    /// The folder inside the container, where it holds several backups.
    pub inside: Option<Box<[u8]>>,
}

impl Source {
    /// The source at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Source { path: path.into(), inside: None }
    }

    /// Opens it, with everything nested in it.
    pub fn open(&self, keys: &KeyRing) -> Result<Opened, OpenError> {
        open_source(&self.path, self.inside.as_deref(), keys)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.inside {
            Some(inside) => write!(f, "!/{}", String::from_utf8_lossy(inside)),
            None => Ok(()),
        }
    }
}

/// What [`find`] saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The sources, in the order of their paths. Never empty.
    pub sources: Vec<Source>,
    /// Files beside them that belong to no source (at most a hundred are named).
    pub aside: Vec<PathBuf>,
}

/// How deep backups are looked for: `iPhoneDump/Backup Service/<UDID>/Snapshot` is the deepest known.
pub(super) const DEPTH: usize = 4;
/// Folders that are looked into; a folder of extracted phones has many more, and its backups lie near the top.
const FOLDERS: usize = 20_000;
/// Files beside the sources that are named.
const ASIDE: usize = 100;

/// Says which sources a path holds: itself, the backups in a folder, the archives in a folder, or what a `.ufd` names.
pub fn find(path: &Path) -> Result<Found, OpenError> {
    let trouble = |source| OpenError::Io { path: path.display().to_string(), source };
    let kind = std::fs::metadata(path).map_err(trouble)?;
    if !kind.is_dir() {
        let named = ufd::named_by(path);
        let sources = if named.is_empty() { vec![Source::at(path)] } else { named };
        return Ok(Found { sources, aside: Vec::new() });
    }
    let listing = Listing::of(path);
    let mut sources = listing.backups.clone();
    if !listing.is_tree && !listing.is_one_acquisition {
        sources.extend(listing.archives.clone());
    }
    if sources.is_empty() {
        return Ok(Found { sources: vec![path.to_owned()].into_iter().map(Source::at).collect(), aside: Vec::new() });
    }
    sources.sort();
    let mut aside = Vec::new();
    if listing.is_tree {
        sources.push(path.to_owned()); // an extracted tree with a backup in it: both
    } else {
        aside = listing.files.into_iter().filter(|f| !sources.contains(f)).take(ASIDE).collect();
    }
    Ok(Found { sources: sources.into_iter().map(Source::at).collect(), aside })
}

/// The upper levels of a folder.
#[derive(Default)]
struct Listing {
    backups: Vec<PathBuf>,
    /// Archives directly in the folder.
    archives: Vec<PathBuf>,
    /// Files directly in the folder.
    files: Vec<PathBuf>,
    /// It looks like a phone's file system, or holds loose databases.
    is_tree: bool,
    /// All of it is one acquisition: androidqf, or Xiaomi's one file per app.
    is_one_acquisition: bool,
}

impl Listing {
    fn of(path: &Path) -> Self {
        let mut listing = Listing::default();
        let mut walk = walkdir::WalkDir::new(path).max_depth(DEPTH).sort_by_file_name().into_iter();
        let mut folders = 0_usize;
        while let Some(item) = walk.next() {
            let Ok(item) = item else { continue };
            if item.file_type().is_dir() {
                folders = folders.saturating_add(1);
                if itunes::is_backup_folder(item.path()) {
                    listing.backups.push(item.path().to_owned());
                    let snapshot = item.path().join("Snapshot");
                    if itunes::is_backup_folder(&snapshot) {
                        listing.backups.push(snapshot);
                    }
                    walk.skip_current_dir();
                } else if folders > FOLDERS || is_phone_folder(item.path(), path) {
                    listing.is_tree |= is_phone_folder(item.path(), path);
                    walk.skip_current_dir();
                }
            } else if item.depth() == 1 {
                listing.file(item.path());
            } else if item.depth() == 2
                && may_be_archive(item.path())
                && let Ok(Some(Kind::Archive)) = sniff(item.path())
            {
                listing.archives.push(item.path().to_owned());
            }
        }
        listing
    }

    fn file(&mut self, path: &Path) {
        self.files.push(path.to_owned());
        match sniff(path) {
            Ok(Some(Kind::Archive)) => self.archives.push(path.to_owned()),
            Ok(Some(Kind::PartOfOne)) => self.is_one_acquisition = true,
            Ok(Some(Kind::Database)) => self.is_tree = true,
            Ok(None) | Err(_) => {}
        }
        self.is_one_acquisition |= path.file_name().is_some_and(|n| n == "acquisition.json");
    }
}

/// One level down, only files that are named like an extraction, and none in a folder that is named like an app: those
/// belong to the app.
fn may_be_archive(path: &Path) -> bool {
    const ENDINGS: &[&str] = &["zip", "tar", "gz", "tgz", "zst", "ab", "bak"];
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    let folder = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    ending.is_some_and(|e| ENDINGS.contains(&&*e)) && folder.is_none_or(|f| !f.contains('.'))
}

enum Kind {
    Archive,
    PartOfOne,
    /// A loose database: the folder itself is evidence.
    Database,
}

fn sniff(path: &Path) -> io::Result<Option<Kind>> {
    let medium = Medium::disk(path);
    let look = Look::at(&medium)?;
    let head = look.head(&medium);
    if head.first.starts_with(b"MIUI BACKUP\n") {
        return Ok(Some(Kind::PartOfOne));
    }
    if head.first.starts_with(b"SQLite format 3\0") {
        return Ok(Some(Kind::Database));
    }
    let archive = super::REGISTRY.iter().find(|c| c.recognise(&head).is_ok()).map(|c| c.name());
    Ok(matches!(archive, Some("zip" | "tar" | "tar-compressed" | "android-backup")).then_some(Kind::Archive))
}

/// Whether a folder is one that only a phone's file system has.
fn is_phone_folder(path: &Path, root: &Path) -> bool {
    let Ok(relative) = path.strip_prefix(root) else { return false };
    let text = relative.to_string_lossy().replace('\\', "/");
    let known =
        ["data/data", "data/user", "data/media", "private/var", "var/mobile", "data_mirror", "apps", "Dump/data"];
    known.iter().any(|k| text == *k || text.ends_with(&format!("/{k}"))) && text != "apps"
        || text == "apps" && has_package(path)
        || text.ends_with("Containers/Data")
        || text.ends_with("Containers/Shared")
}

fn has_package(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|d| d.flatten().any(|e| e.file_name().to_string_lossy().contains('.')))
}
