//! What lies around `msgstore.db`: contacts, preferences, a photo.

use super::super::cast::{BOB, CHEN, DORA, EMIL, LAYLA};
use super::super::{SEIZED, START};
use crate::Seed;
use crate::apps::prefs::{Preference, preferences};
use crate::sqlite::{Book, row};
use crate::story::DeviceFile;

/// The app's folder on the phone.
pub(super) const HOME: &str = "/data/data/com.whatsapp";
/// Its databases.
pub(super) const DATABASES: &str = "/data/data/com.whatsapp/databases";
/// Its folder on shared storage.
pub(super) const SHARED: &str = "/storage/emulated/0/Android/media/com.whatsapp/WhatsApp";
/// The photo of the story, relative to [`SHARED`].
pub(super) const PHOTO_PATH: &str = "Media/WhatsApp Images/IMG-20240301-WA0001.jpg";

/// A JPEG in name: the markers, and noise between them.
pub(super) fn photo() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 16];
    bytes.extend(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    bytes.extend(Seed::new(1, "photo").bytes(400));
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// `wa.db`, the preferences and the photo.
pub(super) fn surroundings(seed: &mut Seed) -> Vec<DeviceFile> {
    let file = |path: String, bytes: Vec<u8>| DeviceFile::android(path, bytes, SEIZED);
    let account = preferences(&[
        Preference::Text("registration_jid", "15550001001"),
        Preference::Text("ph", "5550001001"),
        Preference::Text("cc", "1"),
        Preference::Text("push_name", "Ada Ōwner"),
        Preference::Text("my_current_status", "at the harbour"),
        Preference::Text("version", "2.25.30.75"),
    ]);
    let register = preferences(&[
        Preference::Text("com.whatsapp.registration.RegisterPhone.country_code", "1"),
        Preference::Text("com.whatsapp.registration.RegisterPhone.phone_number", "5550001001"),
    ]);
    vec![
        file(format!("{DATABASES}/wa.db"), contacts(seed)),
        file(format!("{HOME}/shared_prefs/com.whatsapp_preferences_light.xml"), account),
        file(format!("{HOME}/shared_prefs/com.whatsapp.registration.RegisterPhone.xml"), register),
        file(format!("{SHARED}/{PHOTO_PATH}"), photo()),
    ]
}

pub(super) fn contacts(seed: &mut Seed) -> Vec<u8> {
    let book = Book::new(include_str!("../../../../schemas/whatsapp/wa.sql"));
    let people = [
        (BOB, "Bob Marsh", "Bob"),
        (CHEN, "陈伟", "Chen Wei"),
        (LAYLA, "ليلى", "Layla"),
        (DORA, "Dora O'Neil", "dora"),
        (EMIL, "Emil", "Emil 🎻"),
    ];
    for (jid, name, wa_name) in people {
        let number = format!("+{}", jid.split('@').next().unwrap_or_default());
        row!(book, "wa_contacts", jid: jid, is_whatsapp_user: 1, status: "Hey there!",
            status_timestamp: (START - seed.between(1, 900_000)) * 1000, number: number,
            raw_contact_id: seed.between(1, 500), display_name: name, wa_name: wa_name, sort_name: name);
    }
    book.bytes()
}
