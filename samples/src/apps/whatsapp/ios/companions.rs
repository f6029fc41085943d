//! What lies beside `ChatStorage.sqlite`: contacts, calls, preferences.

use plist::Value as Plist;

use super::super::SEIZED;
use super::super::cast::{BOB, CHEN, LAYLA, OWNER};
use super::DOMAIN;
use super::chat_storage::COCOA;
use crate::Seed;
use crate::keyed_archive::{binary, dict};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::DeviceFile;

pub(super) fn files(seed: &mut Seed) -> Vec<DeviceFile> {
    let text = |s: &str| Plist::String(s.to_owned());
    let preferences = binary(&Plist::Dictionary(dict([
        ("OwnJabberID", text(OWNER)),
        ("LastOwnJabberID", text(OWNER)),
        ("FullUserName", text("Ada Ōwner")),
        ("CurrentStatusText", text("at the harbour")),
    ])));
    vec![
        DeviceFile::ios(DOMAIN, "ContactsV2.sqlite", contacts(), SEIZED),
        DeviceFile::ios(DOMAIN, "CallHistory.sqlite", calls(seed), SEIZED),
        DeviceFile::ios(DOMAIN, "Library/Preferences/group.net.whatsapp.WhatsApp.shared.plist", preferences, SEIZED),
    ]
}

fn contacts() -> Vec<u8> {
    let book = Book::core_data(include_str!("../../../../schemas/whatsapp/contacts_v2.sql"));
    for (jid, name, about) in [(BOB, "Bob Marsh", "Hey there!"), (CHEN, "陈伟", "港口"), (LAYLA, "ليلى", "")] {
        // The suffix may be missing.
        let id = if jid == CHEN { jid.split('@').next().unwrap_or_default() } else { jid };
        row!(book, "ZWAADDRESSBOOKCONTACT", Z_ENT: 1, Z_OPT: 1, ZPHONESTATUS: 1, ZSORT: 0, ZABOUTTEXT: about,
            ZFULLNAME: name, ZGIVENNAME: name.split(' ').next(),
            ZPHONENUMBER: format!("+{}", jid.split('@').next().unwrap_or_default()), ZWHATSAPPID: id);
    }
    primary_keys(&book, &["WAAddressBookContact"]);
    wal_mode(book.bytes())
}

fn calls(seed: &mut Seed) -> Vec<u8> {
    let book = Book::core_data(include_str!("../../../../schemas/whatsapp/call_history.sql"));
    // Incoming, missed, outcome, seconds.
    for (at, (incoming, missed, outcome, seconds)) in
        [(1, 0, 0, 61.5), (0, 0, 0, 12.25), (1, 1, 1, 0.0), (0, 0, 4, 0.0)].into_iter().enumerate()
    {
        let date = SEIZED - 86_400 + at as i64 * 3600 - COCOA;
        let event = row!(book, "ZWAAGGREGATECALLEVENT", Z_ENT: 1, Z_OPT: 1, ZINCOMING: incoming,
            ZMISSED: missed, ZMISSEDREASON: 1, ZVIDEO: 0, ZFIRSTDATE: date);
        row!(book, "ZWACDCALLEVENT", Z_ENT: 2, Z_OPT: 1, ZBYTESRECEIVED: seed.between(0, 90_000),
            ZBYTESSENT: if outcome == 0 { 80_000 } else { 0 }, ZOUTCOME: outcome, Z1CALLEVENTS: event,
            Z_FOK_1CALLEVENTS: 2048, ZDATE: date, ZDURATION: seconds);
        row!(book, "ZWACDCALLEVENTPARTICIPANT", Z_ENT: 3, Z_OPT: 1, ZOUTCOME: outcome,
            Z1PARTICIPANTS: event, Z_FOK_1PARTICIPANTS: 2048, ZJIDSTRING: BOB);
    }
    let entities = [
        "WAAggregateCallEvent",
        "WACDCallEvent",
        "WACDCallEventParticipant",
        "WAJoinableCallEvent",
        "WAJoinableCallEventParticipant",
        "WAUpcomingCallEvent",
    ];
    primary_keys(&book, &entities);
    wal_mode(book.bytes())
}

fn primary_keys(book: &Book, entities: &[&str]) {
    for (at, name) in entities.iter().enumerate() {
        book.run(&format!(
            "INSERT INTO Z_PRIMARYKEY VALUES({},'{name}',0,(SELECT ifnull(max(Z_PK),0) FROM Z{}))",
            at + 1,
            name.to_uppercase()
        ));
    }
}
