//! Containers inside a container, laid beside its own files as one tree.

use std::io::Read;
use std::sync::Arc;

use super::{Medium, facts};
use crate::vfs::{Entry, EntryId, EntryKind, ReadAt, Realm, Vfs, VfsError};

/// Something inside a container that is a container itself.
pub(super) enum Inner {
    /// A folder with an iTunes backup; the prefix ends in `/` or is empty.
    Backup(Box<[u8]>),
    /// A file.
    File(EntryId, Box<[u8]>),
}

impl Inner {
    pub(super) fn name(&self) -> &[u8] {
        match self {
            Inner::Backup(prefix) => prefix,
            Inner::File(_, name) => name,
        }
    }

    pub(super) fn medium(&self, outer_name: &str, outer: &Arc<dyn Vfs>) -> Medium {
        match self {
            Inner::Backup(prefix) => Medium::folder(outer_name, outer.clone(), prefix),
            Inner::File(entry, _) => Medium::inside(outer_name, outer.clone(), *entry),
        }
    }
}

/// Endings of files that acquisition tools put into their archives. The content decides; these only say where to look.
const ENDINGS: &[&str] = &[".ab", ".bak", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip"];
/// Deeper files are the phone's own (APKs, attachments), not the tool's.
const DEPTH: usize = 4;

/// Containers inside a tree. Nothing that lies on the phone itself is looked into. `only` chooses one backup.
pub(super) fn inner(tree: &dyn Vfs, only: Option<&[u8]>) -> Vec<Inner> {
    let loose = || {
        tree.entries()
            .iter()
            .filter(|e| e.kind == EntryKind::File && matches!(e.device.realm, Realm::Loose | Realm::System))
    };
    let folder = |name: &[u8], leaf: &[u8]| name.strip_suffix(leaf).map(|p| p.to_vec().into_boxed_slice());
    let plists: std::collections::HashSet<Box<[u8]>> = loose()
        .filter_map(|e| folder(&e.raw_name, b"Manifest.plist"))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with(b"/"))
        .collect();
    let mut backups: Vec<Box<[u8]>> = loose()
        .filter_map(|e| folder(&e.raw_name, b"Manifest.db").or_else(|| folder(&e.raw_name, b"Manifest.mbdb")))
        .filter(|prefix| plists.contains(prefix) && only.is_none_or(|o| o == &**prefix))
        .collect();
    backups.sort();
    backups.dedup();
    let files = loose().filter(|e| e.device.realm == Realm::Loose && e.size != Some(0)).filter(|e| {
        let name = String::from_utf8_lossy(&e.raw_name).to_lowercase();
        name.split('/').count() <= DEPTH && ENDINGS.iter().any(|end| name.ends_with(end))
    });
    let files: Vec<Inner> = files.map(|e| Inner::File(e.id, e.raw_name.clone())).collect();
    backups.into_iter().map(Inner::Backup).chain(files).collect()
}

/// Names of the first two levels below a prefix, the first level first.
pub(super) fn names_below(tree: &dyn Vfs, prefix: &[u8], limit: usize) -> Vec<String> {
    let level = |depth: usize| {
        tree.entries()
            .iter()
            .filter_map(|e| e.raw_name.strip_prefix(prefix))
            .filter(move |rest| rest.iter().filter(|b| **b == b'/').count() == depth)
            .take(limit)
            .map(|rest| String::from_utf8_lossy(rest).into_owned())
    };
    level(0).chain(level(1)).collect()
}

/// Several trees as one. The names of inner files are `<outer name>!/<inner name>`.
#[derive(Default)]
pub(super) struct Layers {
    layers: Vec<Arc<dyn Vfs>>,
    entries: Vec<Entry>,
    /// Beside `entries`: which layer, and the number there.
    homes: Vec<(usize, EntryId)>,
}

impl Layers {
    /// The outer tree, without the stored files of backups that are opened from it.
    pub(super) fn over(outer: Arc<dyn Vfs>, inner: &[Inner]) -> Self {
        let mut layers = Layers::default();
        let prefixes: Vec<&[u8]> = inner.iter().filter(|i| matches!(i, Inner::Backup(_))).map(Inner::name).collect();
        layers.push(outer, |name| {
            let in_backup = prefixes.iter().any(|p| name.strip_prefix(*p).is_some_and(is_blob));
            (!in_backup).then(|| name.into())
        });
        layers
    }

    /// Adds the tree of an inner container.
    pub(super) fn add(&mut self, tree: Arc<dyn Vfs>, name: &[u8]) {
        let name = name.strip_suffix(b"/").unwrap_or(name);
        self.push(tree, |inner| Some([name, b"!/", inner].concat().into()));
    }

    fn push(&mut self, tree: Arc<dyn Vfs>, rename: impl Fn(&[u8]) -> Option<Box<[u8]>>) {
        let layer = self.layers.len();
        let mut numbers = vec![None; tree.entries().len()];
        let first = self.entries.len();
        for entry in tree.entries() {
            let Some(raw_name) = rename(&entry.raw_name) else { continue };
            let id = EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
            if let Some(number) = numbers.get_mut(entry.id.0 as usize) {
                *number = Some(id);
            }
            self.entries.push(Entry { id, raw_name, ..entry.clone() });
            self.homes.push((layer, entry.id));
        }
        for entry in self.entries.iter_mut().skip(first) {
            entry.alias_of = entry.alias_of.and_then(|old| numbers.get(old.0 as usize).copied().flatten());
        }
        self.layers.push(tree);
    }

    fn home(&self, id: EntryId) -> Result<(&Arc<dyn Vfs>, EntryId), VfsError> {
        let (layer, inner) = self.homes.get(id.0 as usize).ok_or_else(|| facts::no_such(id))?;
        Ok((self.layers.get(*layer).ok_or_else(|| facts::no_such(id))?, *inner))
    }
}

/// `xx/<40 hex digits>` or `<40 hex digits>`: a backup's stored file.
fn is_blob(name: &[u8]) -> bool {
    let leaf = name.rsplit(|b| *b == b'/').next().unwrap_or(name);
    leaf.len() == 40 && leaf.iter().all(u8::is_ascii_hexdigit)
}

impl Vfs for Layers {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let (layer, inner) = self.home(id)?;
        layer.open(inner)
    }

    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        match self.home(id) {
            Ok((layer, inner)) => layer.open_at(inner),
            Err(e) => Some(Err(e)),
        }
    }

    fn preload(&self, wanted: &[EntryId]) -> Result<(), VfsError> {
        for (number, layer) in self.layers.iter().enumerate() {
            let inner: Vec<EntryId> = wanted
                .iter()
                .filter_map(|id| self.homes.get(id.0 as usize))
                .filter(|(layer, _)| *layer == number)
                .map(|(_, inner)| *inner)
                .collect();
            if !inner.is_empty() {
                layer.preload(&inner)?;
            }
        }
        Ok(())
    }
}
