//! Finding files by their place on the phone.

use std::collections::{BTreeMap, HashMap};

use globset::{GlobBuilder, GlobMatcher};

use super::{Entry, EntryKind, Realm};

/// An index over a tree: one pass to build, then each question is a look-up and a scan of one folder's range.
pub struct DeviceTree<'a> {
    /// Per owner: its files in the order of their paths, without duplicates through other mounts.
    realms: BTreeMap<&'a Realm, Vec<&'a Entry>>,
    /// Every file by the container's own name, duplicates included: a database's log is the one of its own mount.
    by_name: HashMap<&'a [u8], &'a Entry>,
}

impl<'a> DeviceTree<'a> {
    /// Indexes the entries of a [`Vfs`](super::Vfs). Links and device nodes are left out.
    pub fn new(entries: &'a [Entry]) -> Self {
        let mut realms: BTreeMap<&Realm, Vec<&Entry>> = BTreeMap::new();
        let mut by_name = HashMap::with_capacity(entries.len());
        for entry in entries.iter().filter(|e| e.kind == EntryKind::File) {
            by_name.insert(&*entry.raw_name, entry);
            if entry.alias_of.is_none() {
                realms.entry(&entry.device.realm).or_default().push(entry);
            }
        }
        for files in realms.values_mut() {
            files.sort_by(|a, b| (&a.device.path, &a.raw_name, a.id).cmp(&(&b.device.path, &b.raw_name, b.id)));
        }
        DeviceTree { realms, by_name }
    }

    /// Every owner that has files, in a fixed order.
    pub fn realms(&self) -> impl Iterator<Item = &'a Realm> + '_ {
        self.realms.keys().copied()
    }

    /// The files of an owner, by path.
    pub fn files(&self, realm: &Realm) -> &[&'a Entry] {
        self.realms.get(realm).map_or(&[], Vec::as_slice)
    }

    /// Files of an owner whose path matches `glob` (`*` stops at `/`, `**` does not), by path. Versions that differ are all
    /// there. A glob that is none matches nothing.
    pub fn find(&self, realm: &Realm, glob: &str) -> Vec<&'a Entry> {
        let Some(matcher) = matcher(glob) else { return Vec::new() };
        // What stands before the first special character bounds the search: half a million files are not all asked.
        let literal = literal_prefix(glob);
        let files = self.files(realm);
        let from = files.partition_point(|e| &*e.device.path < literal);
        files
            .iter()
            .skip(from)
            .take_while(|e| e.device.path.starts_with(literal))
            .filter(|e| matcher.is_match(&*e.device.path))
            .copied()
            .collect()
    }

    /// The file beside `entry` **in the same mount** whose name has `suffix` appended: `-wal`, `-journal`. A database and
    /// its log from different mounts never meet.
    pub fn sidecar(&self, entry: &Entry, suffix: &str) -> Option<&'a Entry> {
        let name = [&*entry.raw_name, suffix.as_bytes()].concat();
        self.by_name.get(&*name).copied()
    }
}

pub(crate) fn matcher(glob: &str) -> Option<GlobMatcher> {
    let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build();
    built.ok().map(|g| g.compile_matcher())
}

/// What a glob begins with before its first special character.
fn literal_prefix(glob: &str) -> &str {
    let end = glob.find(['*', '?', '[', ']', '{', '}', '\\', '!']).unwrap_or(glob.len());
    glob.get(..end).unwrap_or("")
}
