//! Generation B: `messages` is being moved to `message`; most rows stand in both under one `_id`
//!. The truth names such a row once, in `message`; the two that were not moved
//! yet are named in `messages`.

use super::super::cast::{BOB, CHEN, GROUP, LAYLA};
use super::legacy;
use super::msgstore::{Line, MESSAGE, Msgstore};
use crate::sqlite::row;
use crate::story::{Bounds, Truth, absence, fate, note};

const SCHEMA_2022: &str = include_str!("../../../../schemas/whatsapp/msgstore_2022.sql");

/// The same row in the old table: `data`, `media_wa_type`, `remote_resource`.
const MIRROR: &str = "INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, \
     media_wa_type, media_size, remote_resource, received_timestamp, send_timestamp, receipt_server_timestamp, \
     receipt_device_timestamp, read_device_timestamp, played_device_timestamp, recipient_count, starred, edit_version) \
     SELECT m._id, c.raw_string, m.from_me, m.key_id, m.status, m.text_data, m.timestamp, \
     CASE m.message_type WHEN 7 THEN '0' ELSE m.message_type END, ifnull(s.action_type, 0), p.raw_string, \
     m.received_timestamp, -1, m.receipt_server_timestamp, -1, -1, -1, m.recipient_count, m.starred, 0 \
     FROM message m JOIN chat ON chat._id=m.chat_row_id JOIN jid c ON c._id=chat.jid_row_id \
     LEFT JOIN jid p ON p._id=m.sender_jid_row_id LEFT JOIN message_system s ON s.message_row_id=m._id";

/// The finished store.
pub(super) fn store(seed: u64) -> (Vec<u8>, Truth) {
    let schema = format!("{}{SCHEMA_2022}", legacy::SCHEMA);
    let mut store = Msgstore::with_schema(seed, &schema);
    props(&store);
    moved(&mut store);
    missing(&mut store);
    row!(store.book, "messages", _id: 1, key_remote_jid: "-1", key_from_me: 0, key_id: "-1", status: -1,
        media_wa_type: "0", timestamp: 0);
    store.book.run(MIRROR);
    not_moved(&mut store);
    let (book, truth) = store.finish();
    (book.bytes(), truth)
}

fn props(store: &Msgstore) {
    let keys = [
        ("fts_ready", "5"),
        ("chat_ready", "2"),
        ("participant_user_ready", "2"),
        ("receipt_user_ready", "2"),
        ("receipt_device_migration_complete", "1"),
        ("media_message_ready", "2"),
        ("call_log_ready", "1"),
        ("jid_ready", "1"),
        ("links_ready", "1"),
        ("msgtore_db_schema_version", "0123456789abcdef0123456789abcdef"),
    ];
    for (key, value) in keys {
        row!(store.book, "props", key: key, value: value);
    }
    store.book.run("PRAGMA user_version=1");
}

fn moved(store: &mut Msgstore) {
    store.say(&Line::from(BOB, "Hello Ada"), fate::IMPLIED, &[]);
    store.say(&Line::to(BOB, "one tick").status(4), fate::ACCEPTED, &[]);
    let blue = store.say(&Line::to(BOB, "blue ticks 你好").status(13), fate::READ, &[]);
    store.receipt(blue.id, BOB, blue.at + 900, blue.at + 5000);
    store.react(BOB, blue.id, Some(BOB), "❤️");
    store.say(&Line::to(BOB, "still a clock"), fate::PENDING, &[]);
    let denied = store.say(&Line::to(BOB, "a clock, yet received"), fate::CONTRADICTORY, &[]);
    store.receipt(denied.id, BOB, denied.at + 800, 0);
    store.system(GROUP, 11, Some("Harbour club 港口"));
    store.say(&Line::from(GROUP, "谁来？🚢").sender(CHEN), fate::IMPLIED, &[]);
    let gone = store.say(&Line::from(GROUP, "").no_text().sender(LAYLA).kind(15), fate::IMPLIED, &[note::REVOKED]);
    store.revoke(gone.id, false, None);
    let hidden = store.say(&Line::from(LAYLA, "مسحتها"), fate::IMPLIED, &[note::HIDDEN_BY_DELETE_QUEUE]);
    store.say(&Line::from(LAYLA, "وهذه باقية"), fate::IMPLIED, &[]);
    let chat = store.chat(LAYLA);
    row!(store.book, "deleted_chat_job", chat_row_id: chat, deleted_message_row_id: hidden.id,
        deleted_starred_message_row_id: hidden.id, deleted_messages_remove_files: 1);
}

fn missing(store: &mut Msgstore) {
    let lost = store.lost_row();
    let at = store.tick();
    store.receipt(lost, BOB, at, 0);
    store.witness.misses(absence::DANGLING, None, Some(lost.to_string()), None, Bounds::default());
    let lost = store.lost_row();
    store.index(lost, "the money is under the bridge");
    store.witness.misses(
        absence::REMNANT,
        None,
        Some(lost.to_string()),
        Some("the money is under the bridge"),
        Bounds::default(),
    );
    store.say(&Line::from(BOB, "the newest that was moved"), fate::IMPLIED, &[]);
}

/// Rows that only the old table has.
fn not_moved(store: &mut Msgstore) {
    for (from_me, status, text, fate) in
        [(false, 0, "not moved yet", fate::IMPLIED), (true, 4, "not moved either", fate::ACCEPTED)]
    {
        let (id, at) = (store.lost_row(), store.tick());
        let key = store.make_key(from_me);
        row!(store.book, "messages", _id: id, key_remote_jid: BOB, key_from_me: from_me, key_id: key,
            status: status, data: text, timestamp: at, media_wa_type: "0", media_size: 0,
            received_timestamp: at + 500, receipt_server_timestamp: -1, receipt_device_timestamp: -1,
            read_device_timestamp: -1, played_device_timestamp: -1);
        store.witness.says("messages", id, BOB, fate, &[]);
    }
    debug_assert_eq!(MESSAGE, "message");
}
