//! Generation A: one table `messages` for everything.

use super::super::cast::{BOB, CHEN, GROUP, OWNER, STATUS};
use super::super::{APP, START};
use crate::Seed;
use crate::sqlite::{Book, row};
use crate::story::{Bounds, Fate, Platform, Truth, Witness, absence, fate, note};

/// The tables of this generation.
pub(super) const SCHEMA: &str = include_str!("../../../../schemas/whatsapp/msgstore_legacy.sql");

const MESSAGES: &str = "messages";

/// Times that a row of `messages` carries itself; 0 is written as -1.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    server: i64,
    device: i64,
    read: i64,
}

struct Legacy {
    book: Book,
    witness: Witness,
    seed: Seed,
    next_id: i64,
    clock: i64,
}

/// What one row says: chat, from me, status, `media_wa_type`, text.
type Words<'a> = (&'a str, bool, i64, &'a str, Option<&'a str>);

/// The finished store.
pub(super) fn store(seed: u64) -> (Vec<u8>, Truth) {
    let mut legacy = Legacy {
        book: Book::new(SCHEMA),
        witness: Witness::new(APP, Platform::Android, "msgstore.db"),
        seed: Seed::new(seed, "whatsapp legacy"),
        next_id: 2,
        clock: (START - 4 * 365 * 86_400) * 1000,
    };
    row!(legacy.book, MESSAGES, _id: 1, key_remote_jid: "-1", key_from_me: 0, key_id: "-1", status: -1,
        timestamp: 0, media_wa_type: "0", send_timestamp: -1, receipt_server_timestamp: -1);
    outgoing(&mut legacy);
    incoming(&mut legacy);
    group(&mut legacy);
    missing(&mut legacy);
    (legacy.book.bytes(), legacy.witness.into_truth())
}

impl Legacy {
    fn say(&mut self, words: Words<'_>, times: Times, fate: Fate, notes: &[&'static str]) -> (i64, String) {
        let (chat, from_me, status, kind, text) = words;
        let sender = (chat == GROUP && !from_me).then_some(CHEN);
        self.clock += 60_000;
        let at = self.clock;
        let key = if from_me { self.seed.hex(32) } else { format!("3A{}", self.seed.hex(18)) };
        let id = self.next_id;
        self.next_id += 1;
        let set = |offset: i64| if offset > 0 { at + offset } else { -1 };
        row!(self.book, MESSAGES, _id: id, key_remote_jid: chat, key_from_me: from_me, key_id: &key,
            status: status, needs_push: 0, data: text, timestamp: at, media_wa_type: kind, media_size: 0,
            media_duration: 0, origin: 0, latitude: 0.0, longitude: 0.0, remote_resource: sender,
            received_timestamp: at + 700, send_timestamp: -1, receipt_server_timestamp: set(times.server),
            receipt_device_timestamp: set(times.device), read_device_timestamp: set(times.read),
            played_device_timestamp: -1, recipient_count: 0, starred: 0, edit_version: 0, forwarded: 0,
            preview_type: 0, send_count: 1, lookup_tables: 0);
        if let (Some(text), "0") = (text, kind) {
            row!(self.book, "messages_fts", docid: id, content: text);
        }
        self.witness.says(MESSAGES, id, chat, fate, notes);
        (id, key)
    }

    fn set(&self, id: i64, what: &str) {
        self.book.run(&format!("UPDATE messages SET {what} WHERE _id={id}"));
    }

    fn misses(&mut self, kind: &'static str, chat: Option<&str>, id: &str, text: Option<&str>) {
        self.witness.misses(kind, chat, Some(id.to_owned()), text, Bounds::default());
    }
}

fn outgoing(legacy: &mut Legacy) {
    let none = Times::default();
    let server = Times { server: 400, ..none };
    legacy.say((BOB, true, 4, "0", Some("one tick")), server, fate::ACCEPTED, &[]);
    legacy.say((BOB, true, 5, "0", Some("two ticks")), Times { device: 900, ..server }, fate::DELIVERED, &[]);
    legacy.say(
        (BOB, true, 13, "0", Some("blue ticks 你好")),
        Times { device: 900, read: 5000, ..server },
        fate::READ,
        &[],
    );
    legacy.say((BOB, true, 8, "2", None), server, fate::READ, &[]);
    legacy.say((BOB, true, 0, "0", Some("still a clock")), none, fate::PENDING, &[]);
    legacy.say(
        (BOB, true, 0, "0", Some("a clock, yet delivered")),
        Times { device: 900, ..none },
        fate::CONTRADICTORY,
        &[],
    );
    legacy.say((BOB, true, 0, "0", Some("a clock, yet stamped")), server, fate::CONTRADICTORY, &[]);
    let (id, _) = legacy.say((BOB, true, 5, "15", None), server, fate::DELIVERED, &[note::REVOKED]);
    legacy.set(id, "edit_version=7");
}

fn incoming(legacy: &mut Legacy) {
    let none = Times::default();
    let (_, asked) = legacy.say((BOB, false, 0, "0", Some("Hello Ada")), none, fate::IMPLIED, &[]);
    let (id, _) =
        legacy.say((BOB, true, 5, "0", Some("hello yourself")), Times { server: 300, ..none }, fate::DELIVERED, &[]);
    quote(legacy, id, &asked, "Hello Ada");
    let (id, _) = legacy.say((BOB, false, 0, "15", None), none, fate::IMPLIED, &[note::REVOKED]);
    legacy.set(id, "edit_version=7");
    let (id, _) = legacy.say((BOB, false, 0, "1", None), none, fate::IMPLIED, &[]);
    legacy.set(id, "media_mime_type='image/jpeg', media_size=4711, media_caption='the harbour', media_name='IMG.jpg'");
    // A call: 8 is answered; the words "video" or "audio" stand in the caption.
    let (id, _) = legacy.say((BOB, false, 0, "8", None), none, fate::IMPLIED, &[]);
    legacy.set(id, "media_caption='video', media_duration=75");
    let (id, _) = legacy.say((STATUS, false, 0, "0", None), none, fate::UNKNOWN, &[]);
    legacy.set(id, "timestamp=0, received_timestamp=0");
}

/// The quote stands in a table of its own, under its own number.
fn quote(legacy: &Legacy, reply: i64, key: &str, text: &str) {
    let quoted = row!(legacy.book, "messages_quotes", key_remote_jid: BOB, key_from_me: 0, key_id: key, data: text,
        timestamp: legacy.clock, media_wa_type: "0");
    legacy.set(reply, &format!("quoted_row_id={quoted}"));
}

fn group(legacy: &mut Legacy) {
    let none = Times::default();
    for (jid, admin) in [(OWNER, 1), (BOB, 0), (CHEN, 0)] {
        row!(legacy.book, "group_participants", gjid: GROUP, jid: jid, admin: admin, pending: 0, sent_sender_key: 0);
    }
    // A system row: status 6, the action in `media_size`.
    let (id, _) = legacy.say((GROUP, true, 6, "0", Some("Harbour club 港口")), none, fate::LOCAL, &[]);
    legacy.set(id, "media_size=11");
    legacy.say((GROUP, false, 0, "0", Some("谁来？🚢")), none, fate::IMPLIED, &[]);
    let (_, key) = legacy.say((GROUP, true, 4, "0", Some("I do")), Times { server: 200, ..none }, fate::READ, &[]);
    for (peer, read) in [(BOB, 4000), (CHEN, 0)] {
        let read = if read > 0 { legacy.clock + read } else { 0 };
        row!(legacy.book, "receipts", key_remote_jid: GROUP, key_id: &key, remote_resource: peer,
            receipt_device_timestamp: legacy.clock + 900, read_device_timestamp: read, played_device_timestamp: 0);
    }
}

fn missing(legacy: &mut Legacy) {
    let none = Times::default();
    let key = legacy.seed.hex(32);
    row!(legacy.book, "receipts", key_remote_jid: GROUP, key_id: &key, remote_resource: BOB,
        receipt_device_timestamp: legacy.clock, read_device_timestamp: 0, played_device_timestamp: 0);
    legacy.misses(absence::DANGLING, Some(GROUP), &key, None);

    let key = format!("3A{}", legacy.seed.hex(18));
    let (id, _) =
        legacy.say((BOB, true, 5, "0", Some("no, never")), Times { server: 200, ..none }, fate::DELIVERED, &[]);
    quote(legacy, id, &key, "did you burn the letters?");
    legacy.misses(absence::DANGLING, Some(BOB), &key, Some("did you burn the letters?"));

    let lost = legacy.next_id;
    legacy.next_id += 1;
    row!(legacy.book, "messages_fts", docid: lost, content: "the money is under the bridge");
    legacy.misses(absence::REMNANT, None, &lost.to_string(), Some("the money is under the bridge"));

    let key = format!("3A{}", legacy.seed.hex(18));
    row!(legacy.book, "message_thumbnails", thumbnail: vec![0xff, 0xd8, 0xff, 0xd9], timestamp: legacy.clock,
        key_remote_jid: BOB, key_from_me: 0, key_id: &key);
    legacy.misses(absence::REMNANT, Some(BOB), &key, None);

    let (newest, _) = legacy.say((BOB, false, 0, "0", Some("the newest that is left")), none, fate::IMPLIED, &[]);
    legacy.book.run(&format!("UPDATE sqlite_sequence SET seq={} WHERE name='messages'", newest + 2));
    let bounds = Bounds { after: Some(newest), before: None, at_most: Some(2) };
    legacy.witness.misses(absence::BEYOND, None, None, None, bounds);
}
