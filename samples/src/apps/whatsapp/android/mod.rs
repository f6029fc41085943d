//! WhatsApp on Android: `msgstore.db` in its generations, `wa.db`, preferences, keys, backups.

mod crypt;
mod legacy;
mod modern;
mod modern_absences;
mod modern_group;
mod msgstore;
mod surroundings;
mod transitional;
mod unsaved;

pub use crypt::Crypt;

use super::SEIZED;
use crate::Seed;
use crate::seed::hex_lower;
use crate::story::{Device, DeviceFile, Truth};
use surroundings::{DATABASES, HOME, SHARED, surroundings};

/// Generation C: `message`, in the form of 2025/26. Every case that the rules tell apart.
#[must_use]
pub fn android_modern(seed: u64) -> Device {
    phone("whatsapp-android-modern", modern::store(seed), seed)
}

/// Generation A: `messages` only (up to 2021).
#[must_use]
pub fn android_legacy(seed: u64) -> Device {
    phone("whatsapp-android-legacy", legacy::store(seed), seed)
}

/// Generation B: both `messages` and `message` (2021 to mid 2022).
#[must_use]
pub fn android_transitional(seed: u64) -> Device {
    phone("whatsapp-android-transitional", transitional::store(seed), seed)
}

/// The modern store; its newest rows stand only in `msgstore.db-wal`, in two commits.
#[must_use]
pub fn android_newest_in_wal(seed: u64) -> Device {
    let (bytes, wal, truth) = unsaved::in_wal(seed);
    let mut device = phone("whatsapp-android-newest-in-wal", (bytes, truth), seed);
    device.files.insert(1, store_file("msgstore.db-wal", wal));
    device
}

/// The modern store, cut off in the middle of a transaction: a hot `msgstore.db-journal` leads
/// back to the state that the truth tells.
#[must_use]
pub fn android_hot_journal(seed: u64) -> Device {
    let (bytes, journal, truth) = unsaved::with_hot_journal(seed);
    let mut device = phone("whatsapp-android-hot-journal", (bytes, truth), seed);
    device.files.insert(1, store_file("msgstore.db-journal", journal));
    device
}

/// Only a backup of the modern store on shared storage, and the key that opens it.
#[must_use]
pub fn android_crypt(crypt: Crypt, seed: u64) -> Device {
    let (plain, mut truth) = modern::store(seed);
    let mut chance = Seed::new(seed, "whatsapp crypt");
    let keys = crypt::Keys::new(&mut chance);
    let extension = crypt.extension();
    let name = format!("msgstore.db.{extension}");
    for message in &mut truth.messages {
        message.store_file.clone_from(&name);
    }
    for absence in &mut truth.absences {
        absence.store_file.clone_from(&name);
    }
    let mut device = Device::android(match crypt {
        Crypt::Crypt14NoFeatures => "whatsapp-android-crypt14-no-features",
        Crypt::Crypt12 => "whatsapp-android-crypt12",
        Crypt::Crypt14 => "whatsapp-android-crypt14",
        Crypt::Crypt15 => "whatsapp-android-crypt15",
    });
    let sealed = keys.seal(crypt, &plain, &mut chance, true);
    let contacts = surroundings::contacts(&mut chance);
    let side = keys.seal(crypt, &contacts, &mut chance, crypt == Crypt::Crypt12);
    let add = |path: String, bytes: Vec<u8>| DeviceFile::android(path, bytes, SEIZED);
    device.files = vec![
        add(format!("{SHARED}/Databases/{name}"), sealed),
        add(format!("{SHARED}/Backups/wa.db.{extension}"), side),
        match crypt {
            Crypt::Crypt15 => add(format!("{HOME}/files/encrypted_backup.key"), keys.root_key_file()),
            _ => add(format!("{HOME}/files/key"), keys.key_file()),
        },
    ];
    device.truth = truth;
    device
}

/// The 64 hex digits that the owner of [`android_crypt`]'s crypt15 phone may have written down.
#[must_use]
pub fn crypt15_root_key(seed: u64) -> String {
    hex_lower(&crypt::Keys::new(&mut Seed::new(seed, "whatsapp crypt")).root)
}

fn phone(name: &str, (bytes, truth): (Vec<u8>, Truth), seed: u64) -> Device {
    let mut phone = Device::android(name);
    phone.files.push(store_file("msgstore.db", bytes));
    phone.files.extend(surroundings(&mut Seed::new(seed, "whatsapp surroundings")));
    phone.truth = truth;
    phone
}

fn store_file(name: &str, bytes: Vec<u8>) -> DeviceFile {
    DeviceFile::android(format!("{DATABASES}/{name}"), bytes, SEIZED)
}
