//! One file that the examiner points at: a database, a preferences file.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use super::medium::FileBytes;
use super::{Container, Device, Head, Medium, Mounted, NotMine, facts, open_evidence};
use crate::keys::KeyRing;
use crate::vfs::{DevicePath, Entry, EntryId, EntryKind, ReadAt, Realm, SIDECARS, Vfs, VfsError};

/// A single file, with the sidecars of a database that lie beside it.
pub(crate) struct SingleFile;

impl Container for SingleFile {
    fn name(&self) -> &'static str {
        "file"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        match (head.folder, head.first.is_empty()) {
            (false, false) => Ok(()),
            (false, true) => Err(NotMine("the file is empty".into())),
            _ => Err(NotMine("a folder, not a file".into())),
        }
    }

    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        let path = medium.path().ok_or_else(|| VfsError::Unsupported {
            what: medium.name().into(),
            why: "a single file inside a container belongs to that container".into(),
        })?;
        let name = path.file_name().map(|n| n.to_os_string()).unwrap_or_default();
        let beside = SIDECARS.iter().filter_map(|suffix| {
            let mut name = name.clone();
            name.push(suffix);
            Some(path.with_file_name(name)).filter(|p| p.is_file())
        });
        let paths: Vec<PathBuf> = std::iter::once(path.to_owned()).chain(beside).collect();
        let entries = paths.iter().zip(0..).map(|(path, number)| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            Entry {
                id: EntryId(number),
                raw_name: name.clone().into_bytes().into(),
                device: DevicePath { realm: Realm::Loose, path: name.into() },
                kind: EntryKind::File,
                size: std::fs::metadata(path).ok().map(|m| m.len()),
                alias_of: None,
            }
        });
        let vfs = SingleVfs { entries: entries.collect(), paths };
        Ok(Mounted { vfs: Box::new(vfs), device: Device::default(), flaws: Vec::new(), keys: Vec::new() })
    }
}

struct SingleVfs {
    entries: Vec<Entry>,
    paths: Vec<PathBuf>,
}

impl SingleVfs {
    fn path(&self, id: EntryId) -> Result<&PathBuf, VfsError> {
        self.paths.get(id.0 as usize).ok_or_else(|| facts::no_such(id))
    }
}

impl Vfs for SingleVfs {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let path = self.path(id)?;
        Ok(Box::new(open_evidence(path).map_err(|e| VfsError::reading(path.display().to_string(), e))?))
    }

    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        Some(self.path(id).and_then(|path| {
            let bytes = FileBytes::open(path).map_err(|e| VfsError::reading(path.display().to_string(), e))?;
            Ok(Box::new(bytes) as Box<dyn ReadAt>)
        }))
    }
}
