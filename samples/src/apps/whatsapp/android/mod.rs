//! WhatsApp on Android: `msgstore.db` in its generations, `wa.db`, preferences, keys, backups.

mod modern;
mod modern_absences;
mod modern_group;
mod msgstore;
mod surroundings;

use crate::Seed;
use crate::story::{Device, DeviceFile};

use super::SEIZED;
use surroundings::{DATABASES, surroundings};

/// Generation C: `message`, in the form of 2025/26. Every case of `whatsapp.md` §6 on Android.
#[must_use]
pub fn android_modern(seed: u64) -> Device {
    let mut phone = Device::android("whatsapp-android-modern");
    let (bytes, truth) = modern::store(seed);
    phone.files.push(DeviceFile::android(format!("{DATABASES}/msgstore.db"), bytes, SEIZED));
    phone.files.extend(surroundings(&mut Seed::new(seed, "whatsapp surroundings")));
    phone.truth = truth;
    phone
}
