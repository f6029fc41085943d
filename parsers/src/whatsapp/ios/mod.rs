//! iOS: Core Data stores in the app group's folder. Dates are seconds since 2001.

use std::collections::HashMap;

use forensics_core::app::Install;
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::record::{Key, Space};
use forensics_core::sink::{Sink, Stopped};

use super::{Scope, files};

mod blobs;
mod calls;
mod chat_storage;
mod contacts;
mod leftovers;
mod media;
mod messages;
mod owner;
mod sessions;

/// Names of persons, by jid.
type Names = HashMap<Box<str>, Box<str>>;

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut owner = owner::from_preferences(install, sink)?;
    let mut stores: Vec<OpenStore> = Vec::new();
    for entry in files(install, "messages") {
        stores.extend(install.open(sink, "messages", entry, &Unlock::Plain)?);
    }
    if owner.is_none() {
        owner = stores.iter().find_map(owner::from_messages);
    }
    let account: Key = owner::announce(owner, &stores, sink)?;
    let names = contacts::read(install, &account, sink)?;
    for (place, store) in stores.iter().enumerate() {
        // Several files of one path are several versions: each is a space of its own.
        let scope = Scope { space: Space(u16::try_from(place).unwrap_or(u16::MAX)), account: account.clone() };
        chat_storage::read(store, &scope, &names, sink)?;
    }
    calls::read(install, &account, sink)
}
