//! A folder with an extracted tree, a copy of an app's folder, or loose files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::facts::{self, Surroundings};
use super::medium::{FileBytes, open_evidence};
use super::{Container, Device, FlawList, Head, Medium, Mounted, NotMine, code, limits};
use crate::keys::KeyRing;
use crate::vfs::{DevicePath, Entry, EntryId, EntryKind, Layout, ReadAt, Realm, Vfs, VfsError, mark_aliases};

/// A folder on disk.
pub(crate) struct Folder;

impl Container for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        match (head.folder, head.names.is_empty()) {
            (true, false) => Ok(()),
            (true, true) => Err(NotMine("the folder is empty".into())),
            _ => Err(NotMine("not a folder".into())),
        }
    }

    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        let root = medium.path().ok_or_else(|| VfsError::Unsupported {
            what: medium.name().into(),
            why: "a folder inside a container belongs to that container".into(),
        })?;
        let mut flaws = FlawList::default();
        let mut tree = FolderVfs { root: root.to_owned(), entries: Vec::new() };
        tree.walk(&mut flaws)?;
        let device = tree.understand(&mut flaws);
        Ok(Mounted { vfs: Box::new(tree), device, flaws: flaws.finish(), keys: Vec::new() })
    }
}

struct FolderVfs {
    root: PathBuf,
    entries: Vec<Entry>,
}

impl FolderVfs {
    /// Lists every file below the root. Links are recorded and never followed.
    fn walk(&mut self, flaws: &mut FlawList) -> Result<(), VfsError> {
        // The examiner may point at the folder through a link; below it no link is followed.
        let walk = walkdir::WalkDir::new(&self.root).follow_links(false).sort_by_file_name();
        for item in walk {
            let item = match item {
                Ok(item) => item,
                Err(e) => {
                    let path = e.path().unwrap_or(&self.root).display().to_string();
                    flaws.lost(code::FOLDER_UNREADABLE, || format!("{path}: {e}"));
                    continue;
                }
            };
            if item.file_type().is_dir() || item.depth() == 0 {
                continue;
            }
            if self.entries.len() >= limits::ENTRIES {
                flaws.lost(code::ENTRY_LIMIT, || format!("{}: limit {}", self.root.display(), limits::ENTRIES));
                break;
            }
            self.add(&item, flaws);
        }
        Ok(())
    }

    fn add(&mut self, item: &walkdir::DirEntry, flaws: &mut FlawList) {
        let Ok(relative) = item.path().strip_prefix(&self.root) else { return };
        let kind = item.file_type();
        let (kind, size) = if kind.is_file() {
            let size = item.metadata().map(|m| m.len());
            if let Err(e) = &size {
                flaws.lost(code::FOLDER_UNREADABLE, || format!("{}: {e}", item.path().display()));
            }
            (EntryKind::File, size.ok())
        } else if kind.is_symlink() {
            let target = fs::read_link(item.path()).map(|t| raw(&t)).unwrap_or_default();
            (EntryKind::Symlink(target), None)
        } else {
            (EntryKind::Other, None)
        };
        let id = EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        let device = DevicePath { realm: Realm::Loose, path: "".into() }; // placed once the whole layout is known
        self.entries.push(Entry { id, raw_name: raw(relative), device, kind, size, alias_of: None });
    }

    /// Gives every entry its place.
    fn understand(&mut self, flaws: &mut FlawList) -> Device {
        let mut entries = std::mem::take(&mut self.entries);
        let read = |name: &[u8]| {
            let mut bytes = Vec::new();
            let file = open_evidence(&self.root.join(path_of(name))).ok()?;
            file.take(limits::SMALL_FILE).read_to_end(&mut bytes).ok()?;
            Some(bytes)
        };
        let mut around =
            Surroundings { entries: &mut entries, layout: Layout::default(), read: &read, text: &facts::utf8 };
        let device = facts::understand(&mut around, flaws);
        let budget = facts::CompareBudget::default();
        let names: Vec<Box<[u8]>> = entries.iter().map(|e| e.raw_name.clone()).collect();
        let bytes = |id: EntryId| FileBytes::open(&self.root.join(path_of(names.get(id.0 as usize)?))).ok();
        mark_aliases(&mut entries, &|a, b| bytes(a).zip(bytes(b)).is_some_and(|(a, b)| budget.same(&a, &b)));
        budget.tell(flaws);
        self.entries = entries;
        device
    }

    fn path(&self, id: EntryId) -> Result<PathBuf, VfsError> {
        let entry = self.entries.get(id.0 as usize).ok_or_else(|| facts::no_such(id))?;
        match entry.kind {
            EntryKind::File => Ok(self.root.join(path_of(&entry.raw_name))),
            _ => Err(facts::no_content(entry)),
        }
    }
}

impl Vfs for FolderVfs {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let path = self.path(id)?;
        let file = open_evidence(&path).map_err(|e| VfsError::reading(path.display().to_string(), e))?;
        Ok(Box::new(file))
    }

    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        Some(self.path(id).and_then(|path| {
            let bytes = FileBytes::open(&path).map_err(|e| VfsError::reading(path.display().to_string(), e))?;
            Ok(Box::new(bytes) as Box<dyn ReadAt>)
        }))
    }
}

/// The bytes of a name on this system.
#[cfg(unix)]
pub(crate) fn raw(path: &Path) -> Box<[u8]> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).into()
}

/// The bytes of a name on this system, `/` between components.
#[cfg(not(unix))]
pub(crate) fn raw(path: &Path) -> Box<[u8]> {
    path.to_string_lossy().replace('\\', "/").into_bytes().into()
}

#[cfg(unix)]
fn path_of(raw: &[u8]) -> &Path {
    Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(raw))
}

#[cfg(not(unix))]
fn path_of(raw: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(raw).into_owned())
}
