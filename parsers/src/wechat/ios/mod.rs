//! WeChat for iOS: stores in plain SQLite, one table for each chat.

mod chats;
mod compressed;
mod contacts;
mod folder;
mod gaps;
mod identity;
mod people;
pub(super) mod places;
mod present;
mod reading;
mod remnants;
mod revokes;
mod sessions;

use forensics_core::app::Install;
use forensics_core::sink::{Sink, Stopped};

use reading::Reading;

pub(super) use sessions::SEQUENCE;

/// Reads an installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let owners = identity::gather(install, sink)?;
    for (space, folder) in (0..).zip(folder::all(install)) {
        Reading { install, folder: &folder, owners: &owners, space: forensics_core::record::Space(space) }.run(sink)?;
    }
    Ok(())
}
