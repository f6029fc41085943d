//! Android: `msgstore.db` in three generations, its encrypted backups, `wa.db`. Times are milliseconds since 1970.

use std::collections::HashMap;

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{Key, Space};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::vfs::{Entry, Realm};

use super::crypt::{self, Keys};
use super::{BUSINESS, Scope, files, jid, notes};

mod add_ons;
mod calls;
mod channels;
mod chats;
mod contacts;
mod delete_queue;
mod keyed;
mod leftovers;
mod legacy;
mod legacy_leftovers;
mod lids;
mod messages;
mod msgstore;
mod owner;
mod people;
mod receipts;
mod side;

/// Names of persons, by jid.
type Names = HashMap<Box<str>, Box<str>>;

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let owner = owner::read(install, sink)?;
    let account: Key = owner::announce(owner, sink)?;
    let names = contacts::read(install, &account, sink)?;
    let mut space = 0_u16;
    for entry in files(install, "messages") {
        let Some(store) = install.open(sink, "messages", entry, &Unlock::Plain)? else { continue };
        // Several files of one path are several versions: each is a space of its own.
        let scope = Scope { space: Space(space), account: account.clone() };
        space = space.saturating_add(1);
        say_if_unknown(&store, &account, sink)?;
        msgstore::read(&store, &scope, &names, None, sink)?;
    }
    // A backup is an older copy of the whole store; its records are no duplicates.
    let mut space = space.max(1);
    let backups = owned(install, files(install, "backup"));
    let keys = if backups.is_empty() { None } else { Some(Keys::gather(install, sink)?) };
    for entry in backups {
        let Some(keys) = &keys else { continue };
        let Some(store) = crypt::open(install, entry, keys, sink)? else { continue };
        let scope = Scope { space: Space(space), account: account.clone() };
        space = space.saturating_add(1);
        say_if_unknown(&store, &account, sink)?;
        msgstore::read(&store, &scope, &names, Some(notes::BACKUP_COPY), sink)?;
    }
    Ok(())
}

/// The store itself holds only the owner's push name.
fn say_if_unknown(store: &OpenStore, account: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if &**account != jid::UNKNOWN {
        return Ok(());
    }
    let detail = format!("{}: no preferences beside the store name the owner's account", store.path());
    let origin = Some(Origin::store(store.id()));
    sink.issue(Issue { code: notes::ACCOUNT_UNKNOWN, severity: Severity::Info, detail, origin })
}

/// Both flavours keep their backups on shared storage; each reads its own.
fn owned<'a>(install: &Install<'_>, entries: Vec<&'a Entry>) -> Vec<&'a Entry> {
    let business = install.spec.name == BUSINESS;
    let of_business =
        |e: &Entry| e.device.path.contains("com.whatsapp.w4b/") || e.device.path.contains("WhatsApp Business/");
    entries
        .into_iter()
        .filter(|e| !matches!(e.device.realm, Realm::AndroidShared { .. }) || of_business(e) == business)
        .collect()
}
