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

/// Id spaces that the stores of one Android user may take.
const SPACES_PER_USER: u16 = 64;

/// Reads an installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let identity = Identity::gather(install, sink)?;
    // Clones of the app run as other users of the phone; their records are never duplicates of each other.
    let user = u16::try_from(install.user).unwrap_or(u16::MAX);
    let mut next_space = user.wrapping_mul(SPACES_PER_USER);
    for folder in folder::all(install) {
        Reading { install, identity: &identity, folder: &folder, next_space: &mut next_space }.run(sink)?;
    }
    Ok(())
}
