//! One account's folder: its files by what they are.

use std::collections::{BTreeMap, BTreeSet};

use forensics_core::app::{Install, StoreSpec};
use forensics_core::vfs::{Entry, EntryId};

use super::places::{self, account_folder};

/// The files of one account.
#[derive(Default)]
pub(super) struct Folder<'a> {
    /// Its name: the MD5 of "mm" and the account number; empty for files outside the app's layout.
    pub(super) name: String,
    /// The main store, then its older copies, in the order in which they are preferred.
    pub(super) main: Vec<(&'static str, &'a Entry)>,
    pub(super) finder: Vec<&'a Entry>,
    pub(super) index: Vec<&'a Entry>,
    pub(super) file_index: Vec<&'a Entry>,
    pub(super) ranking: Vec<&'a Entry>,
    pub(super) favorites: Vec<&'a Entry>,
    pub(super) moments: Vec<&'a Entry>,
    pub(super) deleted_ids: Vec<&'a Entry>,
    pub(super) queue_count: Vec<&'a Entry>,
    pub(super) queue: Vec<&'a Entry>,
    /// Repair files of the database library, which are not read.
    pub(super) repair: Vec<&'a Entry>,
}

/// Places of repair files: WCDB's own formats.
const REPAIR: &[&str] =
    &["MicroMsg/*/dbback/EnMicroMsg.db.*", "MicroMsg/*/EnMicroMsg.db.bak", "MicroMsg/*/EnMicroMsg.db.sm"];

/// The account folders of an installation, by name. A file is taken once, at the first place that fits.
pub(super) fn all<'a>(install: &Install<'a>) -> Vec<Folder<'a>> {
    let mut folders: BTreeMap<String, Folder<'a>> = BTreeMap::new();
    let mut taken: BTreeSet<EntryId> = BTreeSet::new();
    let mut sort = |spec: &'static StoreSpec, put: fn(&mut Folder<'a>, &'static StoreSpec, &'a Entry)| {
        for entry in install.find_spec(spec) {
            if !taken.insert(entry.id) {
                continue;
            }
            let name = account_folder(&entry.device.path);
            let folder = folders.entry(name.to_owned()).or_default();
            name.clone_into(&mut folder.name);
            put(folder, spec, entry);
        }
    };
    for spec in
        [&places::MAIN, &places::SECOND, &places::CORRUPTED, &places::ERRED, &places::BACKED_UP, &places::OLD_MAIN]
    {
        sort(spec, |folder, spec, entry| folder.main.push((spec.role, entry)));
    }
    sort(&places::FINDER, |f, _, e| f.finder.push(e));
    sort(&places::INDEX, |f, _, e| f.index.push(e));
    sort(&places::PLAIN_INDEX, |f, _, e| f.index.push(e));
    sort(&places::FILE_INDEX, |f, _, e| f.file_index.push(e));
    sort(&places::PRIORITY, |f, _, e| f.ranking.push(e));
    sort(&places::FAVORITES, |f, _, e| f.favorites.push(e));
    sort(&places::MOMENTS, |f, _, e| f.moments.push(e));
    sort(&places::DELETED_IDS, |f, _, e| f.deleted_ids.push(e));
    sort(&places::QUEUE_COUNT, |f, _, e| f.queue_count.push(e));
    sort(&places::QUEUE, |f, _, e| f.queue.push(e));
    let realm = places::MAIN.place.realm;
    for glob in REPAIR {
        for entry in install.find(forensics_core::app::Place { realm, glob }) {
            if let Some(folder) = folders.get_mut(account_folder(&entry.device.path))
                && taken.insert(entry.id)
            {
                folder.repair.push(entry);
            }
        }
    }
    folders.into_values().collect()
}
