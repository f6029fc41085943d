//! WhatsApp on iOS: `ChatStorage.sqlite`, `ContactsV2.sqlite`, `CallHistory.sqlite`
//!.

mod blobs;
mod cases;
mod chat_storage;
mod companions;

use super::SEIZED;
use super::cast::BOB;
use crate::Seed;
use crate::sqlite::log::{plain, wal};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Device, DeviceFile, fate, note};

/// The app group that holds the stores.
pub(super) const DOMAIN: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

/// The iPhone's stores, with every case that the rules tell apart.
#[must_use]
pub fn ios(seed: u64) -> Device {
    let mut phone = Device::ios("whatsapp-ios");
    let (bytes, truth) = cases::store(seed);
    phone.files.push(DeviceFile::ios(DOMAIN, "ChatStorage.sqlite", bytes, SEIZED));
    phone.files.extend(companions::files(&mut Seed::new(seed, "whatsapp ios companions")));
    phone.truth = truth;
    phone
}

/// The same iPhone; its newest row stands only in `ChatStorage.sqlite-wal`.
#[must_use]
pub fn ios_newest_in_wal(seed: u64) -> Device {
    let mut phone = ios(seed);
    "whatsapp-ios-newest-in-wal".clone_into(&mut phone.name);
    let mut chance = Seed::new(seed, "whatsapp ios wal");
    let before = phone.files[0].bytes.clone();
    let book = Book::reopen(&before);
    let chat = book.number(&format!("SELECT Z_PK FROM ZWACHATSESSION WHERE ZCONTACTJID='{BOB}'"));
    let sort = book.number(&format!("SELECT ZMESSAGECOUNTER FROM ZWACHATSESSION WHERE Z_PK={chat}"));
    // Core Data gives the number after `Z_MAX`, so the counter ends at the newest row again.
    let pk = book.number("SELECT Z_MAX FROM Z_PRIMARYKEY WHERE Z_ENT=9") + 1;
    let date = book.number("SELECT cast(max(ZMESSAGEDATE) AS INTEGER) FROM ZWAMESSAGE") + 60;
    let stanza = format!("3A{}", chance.hex(18));
    row!(book, "ZWAMESSAGE", Z_PK: pk, Z_ENT: 9, Z_OPT: 1, ZISFROMME: 0, ZMESSAGEERRORSTATUS: 0, ZMESSAGESTATUS: 8,
        ZMESSAGETYPE: 0, ZGROUPEVENTTYPE: 2, ZFLAGS: 0x100_0000, ZSORT: sort, ZCHATSESSION: chat,
        ZMESSAGEDATE: date, ZSENTDATE: date as f64 + 1.5, ZFROMJID: BOB, ZSTANZAID: stanza,
        ZTEXT: "only in the log");
    book.run(&format!(
        "UPDATE ZWACHATSESSION SET ZMESSAGECOUNTER={}, ZLASTMESSAGE={pk}, ZLASTMESSAGEDATE={date} WHERE Z_PK={chat};
         UPDATE Z_PRIMARYKEY SET Z_MAX={pk} WHERE Z_ENT=9",
        sort + 1
    ));
    let salt = (chance.draw() as u32, chance.draw() as u32);
    let frames = wal(&[before, wal_mode(book.bytes())], salt, &plain);
    phone.files.insert(1, DeviceFile::ios(DOMAIN, "ChatStorage.sqlite-wal", frames, SEIZED));
    let mut told = phone.truth.messages[0].clone();
    (told.rowid, told.thread) = (pk, BOB.to_owned());
    (told.verdict, told.reach, told.notes) = (fate::IMPLIED.0, fate::IMPLIED.1, vec![note::ONLY_IN_WAL]);
    phone.truth.messages.push(told);
    phone.truth.absences.retain(|absence| absence.thread.is_some() || absence.after.is_none());
    phone
}

/// The same iPhone, seized before any checkpoint: the database is one empty page, everything
/// stands in the log.
#[must_use]
pub fn ios_all_in_wal(seed: u64) -> Device {
    let mut phone = ios(seed);
    "whatsapp-ios-all-in-wal".clone_into(&mut phone.name);
    let mut chance = Seed::new(seed, "whatsapp ios all in wal");
    let full = phone.files[0].bytes.clone();
    let empty = wal_mode(crate::sqlite::empty_page(4096, 0));
    let salt = (chance.draw() as u32, chance.draw() as u32);
    let frames = wal(&[empty.clone(), full], salt, &plain);
    phone.files[0].bytes = empty;
    phone.files.insert(1, DeviceFile::ios(DOMAIN, "ChatStorage.sqlite-wal", frames, SEIZED));
    for message in &mut phone.truth.messages {
        message.notes.push(note::ONLY_IN_WAL);
    }
    phone
}
