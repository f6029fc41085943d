//! Finding files by their place on the phone.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};

use super::{Entry, EntryId, EntryKind, Realm, is_uuid};

/// Which owners are meant. Identifiers and package names are globs (`*.whatsapp*`); `user` `None` is every user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealmPattern<'a> {
    /// Private folders of an Android app, for all users.
    AndroidApp(&'a str),
    /// Device-encrypted folders of an Android app, for all users.
    AndroidAppDe(&'a str),
    /// Shared storage, for all users.
    AndroidShared,
    /// An iOS app's container.
    IosApp(&'a str),
    /// An iOS group container.
    IosGroup(&'a str),
    /// `/private/var/mobile` outside the containers.
    IosHome,
    /// Any other absolute path.
    System,
    /// Files outside any known layout.
    Loose,
    /// Every owner.
    Any,
}

/// An index over a tree: one pass to build, then each question is a look-up and a scan of one folder's range.
pub struct DeviceTree<'a> {
    entries: &'a [Entry],
    /// Per owner: its files in the order of their paths.
    realms: HashMap<&'a Realm, Vec<EntryId>>,
    /// The owners in a fixed order, so that the same evidence gives the same order of answers.
    order: Vec<&'a Realm>,
    by_name: HashMap<&'a [u8], EntryId>,
}

impl<'a> DeviceTree<'a> {
    /// Indexes the entries of a [`Vfs`](super::Vfs). Links and device nodes are left out.
    pub fn new(entries: &'a [Entry]) -> Self {
        let mut realms: HashMap<&Realm, Vec<EntryId>> = HashMap::new();
        let mut by_name = HashMap::with_capacity(entries.len());
        for entry in entries.iter().filter(|e| e.kind == EntryKind::File) {
            realms.entry(&entry.device.realm).or_default().push(entry.id);
            by_name.insert(&*entry.raw_name, entry.id);
        }
        let path = |id: &EntryId| entries.get(id.0 as usize).map_or("", |e| &*e.device.path);
        for ids in realms.values_mut() {
            ids.sort_by(|a, b| path(a).cmp(path(b)).then(a.cmp(b)));
        }
        let mut order: Vec<&Realm> = realms.keys().copied().collect();
        order.sort();
        DeviceTree { entries, realms, order, by_name }
    }

    /// The entry of a number.
    pub fn entry(&self, id: EntryId) -> Option<&'a Entry> {
        self.entries.get(id.0 as usize)
    }

    /// Every owner that has files, in a fixed order.
    pub fn realms(&self) -> impl Iterator<Item = &'a Realm> + '_ {
        self.order.iter().copied()
    }

    /// Files of the named owners whose path matches `glob` (`*` stops at `/`, `**` does not). Duplicates through other
    /// mounts are left out; versions that differ are all there.
    pub fn find(&self, realm: &RealmPattern<'_>, glob: &str) -> Result<Vec<EntryId>, globset::Error> {
        let owner = Owner::new(realm, false)?;
        self.scan(|r| owner.fits(r), glob)
    }

    /// The same for iOS containers that nothing in the evidence names (a partial extraction): the owner is a guess from
    /// the file's name, so the caller has to look inside.
    pub fn find_unnamed(&self, realm: &RealmPattern<'_>, glob: &str) -> Result<Vec<EntryId>, globset::Error> {
        let owner = Owner::new(realm, true)?;
        self.scan(|r| owner.fits(r), glob)
    }

    fn scan(&self, fits: impl Fn(&Realm) -> bool, glob: &str) -> Result<Vec<EntryId>, globset::Error> {
        let matcher = matcher(glob)?;
        let literal = literal_prefix(glob);
        let mut found = Vec::new();
        for realm in self.order.iter().filter(|r| fits(r)) {
            let Some(ids) = self.realms.get(*realm) else { continue };
            let path = |id: &EntryId| self.entry(*id).map_or("", |e| &*e.device.path);
            let from = ids.partition_point(|id| path(id) < literal);
            found.extend(
                ids.iter()
                    .skip(from)
                    .take_while(|id| path(id).starts_with(literal))
                    .filter(|id| matcher.is_match(path(id)))
                    .filter(|id| self.entry(**id).is_some_and(|e| e.alias_of.is_none())),
            );
        }
        Ok(found)
    }

    /// The file beside `id` **in the same mount** whose name has `suffix` appended: `-wal`, `-journal`. A database and
    /// its log from different mounts never meet.
    pub fn sidecar(&self, id: EntryId, suffix: &str) -> Option<EntryId> {
        let mut name = self.entry(id)?.raw_name.to_vec();
        name.extend_from_slice(suffix.as_bytes());
        self.by_name.get(&*name).copied()
    }

    /// The file at exactly this name of the container.
    pub fn by_raw_name(&self, name: &[u8]) -> Option<EntryId> {
        self.by_name.get(name).copied()
    }
}

/// A compiled [`RealmPattern`].
struct Owner<'p> {
    pattern: &'p RealmPattern<'p>,
    id: Option<GlobMatcher>,
    unnamed: bool,
}

impl<'p> Owner<'p> {
    fn new(pattern: &'p RealmPattern<'p>, unnamed: bool) -> Result<Self, globset::Error> {
        use RealmPattern as P;
        let id = match pattern {
            P::AndroidApp(id) | P::AndroidAppDe(id) | P::IosApp(id) | P::IosGroup(id) => Some(matcher(id)?),
            P::AndroidShared | P::IosHome | P::System | P::Loose | P::Any => None,
        };
        Ok(Owner { pattern, id, unnamed })
    }

    fn fits(&self, realm: &Realm) -> bool {
        use RealmPattern as P;
        let id = |name: &str| self.id.as_ref().is_none_or(|g| g.is_match(name));
        match (self.pattern, realm) {
            (P::IosApp(_), Realm::IosApp { bundle: name }) | (P::IosGroup(_), Realm::IosGroup { group: name }) => {
                if self.unnamed {
                    is_uuid(name)
                } else {
                    id(name)
                }
            }
            _ if self.unnamed => false,
            (P::AndroidApp(_), Realm::AndroidApp { package, .. })
            | (P::AndroidAppDe(_), Realm::AndroidAppDe { package, .. }) => id(package),
            (P::AndroidShared, Realm::AndroidShared { .. })
            | (P::IosHome, Realm::IosHome)
            | (P::System, Realm::System)
            | (P::Loose, Realm::Loose)
            | (P::Any, _) => true,
            _ => false,
        }
    }
}

fn matcher(glob: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build()?.compile_matcher())
}

/// What a glob begins with before its first special character.
fn literal_prefix(glob: &str) -> &str {
    let end = glob.find(['*', '?', '[', ']', '{', '}', '\\', '!']).unwrap_or(glob.len());
    glob.get(..end).unwrap_or("")
}
