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

/// Hands any bytes to every reader of small files and packed cells.
#[cfg(test)]
pub(super) fn read_any_bytes(bytes: &[u8], store: forensics_core::origin::StoreId) {
    let _ = deleted::list(bytes, store);
    let _ = queued::Answer::open(bytes, &["key".to_owned()]);
    let _ = lvbuffer::MessageExtras::read(bytes);
    let _ = lvbuffer::ContactExtras::read(bytes);
    let _ = small_files::key_info(bytes);
    let _ = small_files::text_of(bytes, 258);
    let _ = small_files::int_of(bytes, 1);
    let _ = small_files::kept_text(bytes, "k_i_m_e_i");
}

/// Reads an installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let identity = Identity::gather(install, sink)?;
    let mut next_space = 0;
    for folder in folder::all(install) {
        Reading { install, identity: &identity, folder: &folder, next_space: &mut next_space }.run(sink)?;
    }
    Ok(())
}
