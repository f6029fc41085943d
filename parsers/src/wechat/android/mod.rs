//! WeChat for Android: encrypted stores in one folder for each account.

mod account;
mod chats;
mod checks;
mod contacts;
mod copies;
mod deleted;
mod file_index;
mod folder;
mod frame;
mod full_text;
mod gaps;
mod identity;
mod keys;
mod lvbuffer;
mod media;
mod messages;
pub(super) mod places;
mod queued;
mod reading;
mod records;
mod small_files;

use forensics_core::app::Install;
use forensics_core::sink::{Sink, Stopped};

use identity::Identity;
use reading::Reading;

pub(super) use chats::SEQUENCE;

/// Reads an installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let identity = Identity::gather(install, sink)?;
    let mut next_space = 0;
    for folder in folder::all(install) {
        Reading { install, identity: &identity, folder: &folder, next_space: &mut next_space }.run(sink)?;
    }
    Ok(())
}
