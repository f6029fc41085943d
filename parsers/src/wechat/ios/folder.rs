//! One account's folder: its files by what they are.

use std::collections::{BTreeMap, BTreeSet};

use forensics_core::app::{Install, StoreSpec};
use forensics_core::vfs::{Entry, EntryId};

use super::places::{self, DEFAULT_ACCOUNT, account_folder};

/// The files of one account.
#[derive(Default)]
pub(super) struct Folder<'a> {
    /// Its name: the MD5 of the owner's user name; empty for files outside the app's layout.
    pub(super) name: String,
    pub(super) mm: Vec<&'a Entry>,
    pub(super) messages: Vec<&'a Entry>,
    pub(super) contacts: Vec<&'a Entry>,
    pub(super) sessions: Vec<&'a Entry>,
    pub(super) other_sessions: Vec<&'a Entry>,
    /// By the hash of the chat's user name.
    pub(super) session_files: BTreeMap<String, &'a Entry>,
    pub(super) index: Vec<&'a Entry>,
    pub(super) operations: Vec<&'a Entry>,
    pub(super) settings: Vec<&'a Entry>,
    pub(super) sync: Vec<&'a Entry>,
    pub(super) media: Vec<&'a Entry>,
}

/// The account folders of an installation, by name; the default one is no account.
pub(super) fn all<'a>(install: &Install<'a>) -> Vec<Folder<'a>> {
    let mut folders: BTreeMap<String, Folder<'a>> = BTreeMap::new();
    let mut taken: BTreeSet<EntryId> = BTreeSet::new();
    let mut sort = |spec: &'static StoreSpec, put: fn(&mut Folder<'a>, &'a Entry)| {
        for entry in install.find_spec(spec) {
            if taken.insert(entry.id) {
                put(folders.entry(account_folder(&entry.device.path).to_owned()).or_default(), entry);
            }
        }
    };
    sort(&places::MM, |f, e| f.mm.push(e));
    sort(&places::MESSAGES, |f, e| f.messages.push(e));
    sort(&places::BRANDS, |f, e| f.messages.push(e));
    sort(&places::CONTACTS, |f, e| f.contacts.push(e));
    sort(&places::SESSIONS, |f, e| f.sessions.push(e));
    sort(&places::OTHER_SESSIONS, |f, e| f.other_sessions.push(e));
    sort(&places::SESSION_FILES, |f, e| {
        let mut parts = e.device.path.rsplit('/');
        if let (Some(rest), Some(first)) = (parts.next(), parts.next()) {
            f.session_files.insert(format!("{first}{rest}"), e);
        }
    });
    sort(&places::INDEX, |f, e| f.index.push(e));
    sort(&places::OPERATIONS, |f, e| f.operations.push(e));
    sort(&places::SETTINGS, |f, e| f.settings.push(e));
    sort(&places::SYNC, |f, e| f.sync.push(e));
    for place in places::MEDIA {
        for entry in install.find(*place) {
            if let Some(folder) = folders.get_mut(account_folder(&entry.device.path)) {
                folder.media.push(entry);
            }
        }
    }
    folders.remove(DEFAULT_ACCOUNT);
    folders
        .into_iter()
        .map(|(name, folder)| Folder { name, ..folder })
        .filter(|f| !f.mm.is_empty() || !f.messages.is_empty() || !f.contacts.is_empty())
        .collect()
}
