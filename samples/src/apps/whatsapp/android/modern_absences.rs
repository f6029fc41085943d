//! The modern store's story: marks whose record is gone.

use super::super::cast::{BOB, CHEN, DORA, GROUP, LID};
use super::msgstore::{Line, Msgstore};
use crate::sqlite::row;
use crate::story::{Bounds, absence, fate};

pub(super) fn tell(store: &mut Msgstore) {
    named_by_row(store);
    named_by_key(store);
    set_aside(store);
    newest_deleted(store);
}

/// A chat's cursor that lies past its newest row.
pub(super) fn tail(store: &mut Msgstore, chat: &str, newest: i64, cursor: i64) {
    let bounds = Bounds { after: Some(newest), before: None, at_most: u64::try_from(cursor - newest).ok() };
    store.witness.misses(absence::BEYOND, Some(chat), None, None, bounds);
}

/// Side rows name a local row number, and no more than that.
fn named_by_row(store: &mut Msgstore) {
    // Three marks, one record, one absence.
    let lost = store.lost_row();
    let at = store.tick();
    store.receipt(lost, BOB, at, at + 5000);
    row!(store.book, "message_secret", message_row_id: lost, message_secret: store.seed.bytes(32));
    missing(store, absence::DANGLING, None, lost, None);

    let picture = store.lost_row();
    let chat = store.chat(BOB);
    row!(store.book, "message_media", message_row_id: picture, chat_row_id: chat, transferred: 1,
        file_path: "Media/WhatsApp Images/IMG-20240301-WA0009.jpg", mime_type: "image/jpeg");
    row!(store.book, "message_thumbnail", message_row_id: picture, thumbnail: vec![0xff, 0xd8, 0xff, 0xd9]);
    missing(store, absence::DANGLING, Some(BOB), picture, None);

    let thumbnail = store.lost_row();
    row!(store.book, "message_thumbnail", message_row_id: thumbnail, thumbnail: vec![0xff, 0xd8, 0xff, 0xd9]);
    missing(store, absence::REMNANT, None, thumbnail, None);

    let indexed = store.lost_row();
    store.index(indexed, "the money is under the bridge");
    missing(store, absence::REMNANT, None, indexed, Some("the money is under the bridge"));

    let reacted = store.lost_row();
    store.react(GROUP, reacted, Some(CHEN), "😮");
    missing(store, absence::DANGLING, Some(GROUP), reacted, None);

    // A read pointer inside the chat that names no row.
    let unread = store.lost_row();
    store.say(&Line::from(DORA, "after the read mark"), fate::IMPLIED, &[]);
    let chat = store.chat(DORA);
    store.book.run(&format!("UPDATE chat SET last_read_message_row_id={unread} WHERE _id={chat}"));
    missing(store, absence::DANGLING, Some(DORA), unread, None);
}

fn missing(store: &mut Msgstore, kind: &'static str, chat: Option<&str>, row: i64, text: Option<&str>) {
    store.witness.misses(kind, chat, Some(row.to_string()), text, Bounds::default());
}

/// Quotes and orphan tables name the message's own key.
fn named_by_key(store: &mut Msgstore) {
    let key = store.make_key(false);
    let reply = store.say(&Line::to(BOB, "no, never").status(5), fate::DELIVERED, &[]);
    store.quote(reply.id, BOB, false, &key, "did you burn the letters?");
    store.witness.misses(absence::DANGLING, Some(BOB), Some(key), Some("did you burn the letters?"), Bounds::default());

    let (chat, device) = (store.chat(BOB), store.jid(BOB));
    let key = store.make_key(true);
    row!(store.book, "receipt_orphaned", chat_row_id: chat, from_me: 1, key_id: &key,
        receipt_device_jid_row_id: device, receipt_recipient_jid_row_id: device, status: 13,
        timestamp: store.clock);
    store.witness.misses(absence::DANGLING, Some(BOB), Some(key), None, Bounds::default());

    let (chat, sender) = (store.chat(GROUP), store.jid(CHEN));
    let (key, parent) = (store.make_key(false), store.make_key(false));
    row!(store.book, "message_orphan", chat_row_id: chat, from_me: 0, key_id: key,
        sender_jid_row_id: sender, parent_chat_row_id: chat, parent_from_me: 0, parent_key_id: &parent,
        parent_sender_jid_row_id: sender, timestamp: store.clock, orphan_message_type: 56);
    store.witness.misses(absence::DANGLING, Some(GROUP), Some(parent), None, Bounds::default());

    let (key, revoked) = (store.make_key(false), store.make_key(false));
    row!(store.book, "message_orphaned_edit", key_id: key, from_me: 0, chat_row_id: chat,
        sender_jid_row_id: sender, timestamp: store.clock, message_type: 15, revoked_key_id: &revoked,
        retry_count: 0);
    store.witness.misses(absence::TOMBSTONED, Some(GROUP), Some(revoked), None, Bounds::default());
}

/// Received and put aside; and what the app counted of chats it deleted.
fn set_aside(store: &mut Msgstore) {
    let row = store.lost_row();
    let chat = store.chat(BOB);
    row!(store.book, "message_quarantine", message_row_id: row, chat_row_id: chat,
        timestamp: store.clock, original_protobuf: vec![0x0a, 0x04, b'h', b'o', b'l', b'd'], protobuf_type: 1);
    missing(store, absence::UNDELIVERED, Some(BOB), row, None);
    row!(store.book, "integrity_deleted_chat_message_count", lid: LID, messages_receive_date: "2024-03-01",
        messages_count: 12, outgoing_messages_count: 5);
    store.witness.misses(absence::TOMBSTONED, Some(LID), None, None, Bounds { at_most: Some(12), ..Bounds::default() });
}

/// The newest three rows of the whole store are gone; only the counter remembers them.
fn newest_deleted(store: &mut Msgstore) {
    let newest = store.say(&Line::from(BOB, "the newest that is left"), fate::IMPLIED, &[]);
    store.book.run(&format!("UPDATE sqlite_sequence SET seq={} WHERE name='message'", newest.id + 3));
    let bounds = Bounds { after: Some(newest.id), before: None, at_most: Some(3) };
    store.witness.misses(absence::BEYOND, None, None, None, bounds);
}
