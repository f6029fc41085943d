//! WhatsApp on iOS: `ChatStorage.sqlite`, `ContactsV2.sqlite`, `CallHistory.sqlite`
//! (`whatsapp.md` §5).

mod blobs;
mod cases;
mod chat_storage;
mod companions;

use super::SEIZED;
use crate::Seed;
use crate::story::{Device, DeviceFile};

/// The app group that holds the stores.
pub(super) const DOMAIN: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

/// The iPhone's stores, with every case of `whatsapp.md` §6 on iOS.
#[must_use]
pub fn ios(seed: u64) -> Device {
    let mut phone = Device::ios("whatsapp-ios");
    let (bytes, truth) = cases::store(seed);
    phone.files.push(DeviceFile::ios(DOMAIN, "ChatStorage.sqlite", bytes, SEIZED));
    phone.files.extend(companions::files(&mut Seed::new(seed, "whatsapp ios companions")));
    phone.truth = truth;
    phone
}
