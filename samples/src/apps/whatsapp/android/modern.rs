//! The modern store's story: one-to-one chats. Groups, posts, channels and what is missing stand in
//! the neighbouring files.

use sha2::{Digest, Sha256};

use super::super::cast::{BOB, CHEN, DORA, EMIL, LAYLA, LID};
use super::msgstore::{Line, Msgstore};
use super::{modern_absences, modern_group};
use crate::sqlite::{Book, row};
use crate::story::{Truth, fate, note};

/// The finished store.
pub(super) fn store(seed: u64) -> (Vec<u8>, Truth) {
    let (book, truth) = build(seed);
    (book.bytes(), truth)
}

/// The store, open for more.
pub(super) fn build(seed: u64) -> (Book, Truth) {
    let mut store = Msgstore::new(seed);
    props(&store);
    acknowledged(&mut store);
    unacknowledged(&mut store);
    edits_and_revokes(&mut store);
    media(&mut store);
    odd_rows(&mut store);
    history(&mut store);
    modern_group::tell(&mut store);
    calls(&mut store);
    delete_queue(&mut store);
    cursors(&mut store);
    modern_absences::tell(&mut store);
    store.finish()
}

fn props(store: &Msgstore) {
    for (key, value) in [("fts_ready", "5"), ("user_push_name", "Ada Ōwner"), ("chat_ready", "2"), ("jid_ready", "1")]
    {
        row!(store.book, "props", key: key, value: value);
    }
}

fn acknowledged(store: &mut Msgstore) {
    let hello = store.say(&Line::from(BOB, "Hello Ada, are you there?"), fate::IMPLIED, &[]);
    store.react(BOB, hello.id, None, "👋");
    store.say(&Line::to(BOB, "one tick").status(4), fate::ACCEPTED, &[]);
    let at = store.clock;
    store.say(&Line::to(BOB, "one tick, with the server's time").status(4).server_at(at + 900), fate::ACCEPTED, &[]);
    store.say(&Line::to(BOB, "one tick, form of 2026").status(4).server_sts(at + 61_000), fate::ACCEPTED, &[]);
    let two = store.say(&Line::to(BOB, "two ticks").status(5), fate::DELIVERED, &[]);
    store.receipt(two.id, BOB, two.at + 1500, 0);
    let blue = store.say(&Line::to(BOB, "blue ticks 你好 😀").status(13), fate::READ, &[]);
    store.receipt(blue.id, BOB, blue.at + 1200, blue.at + 30_000);
    store.react(BOB, blue.id, Some(BOB), "❤️");
    let lagging = store.say(&Line::to(BOB, "read, but the state still says delivered").status(5), fate::READ, &[]);
    store.receipt(lagging.id, BOB, lagging.at + 1000, lagging.at + 9000);
    let empty = store.say(&Line::to(BOB, "read, receipts empty").status(13), fate::READ, &[note::RECEIPT_ROWS_EMPTY]);
    store.receipt(empty.id, BOB, 0, 0);
    let reply = store.say(&Line::from(BOB, "Yes, I saw that"), fate::IMPLIED, &[]);
    store.quote(reply.id, BOB, true, &two.key, "two ticks");
    store.say(&Line::from(LAYLA, "مرحبا، كيف حالك؟"), fate::IMPLIED, &[]);
    store.say(&Line::from(BOB, "opened on a linked device").status(17), fate::IMPLIED, &[]);
    store.say(&Line::from(BOB, "a code that nobody explains").status(16), fate::IMPLIED, &[]);
    // A contact known by LID only; the map leads to the number.
    let hidden = store.say(&Line::from(LID, "hello from behind a LID"), fate::IMPLIED, &[]);
    let (lid, phone) = (store.jid(LID), store.jid("15550001099@s.whatsapp.net"));
    row!(store.book, "jid_map", lid_row_id: lid, jid_row_id: phone, sort_id: 1);
    row!(store.book, "lid_display_name", lid_row_id: lid, display_name: "Lida", username: "lida");
    store.react(LID, hidden.id, None, "🙂");
}

fn unacknowledged(store: &mut Msgstore) {
    store.say(&Line::to(BOB, "still a clock"), fate::PENDING, &[]);
    store.say(&Line::to(BOB, "has not left the phone").status(1), fate::PENDING, &[]);
    let forty_days = store.clock - 40 * 86_400_000;
    store.say(&Line::to(BOB, "lost in a tunnel").at(forty_days), fate::PENDING, &[note::NEVER_ACKNOWLEDGED]);
    // `server_sts` is known by its name only: it supports, it never carries a verdict.
    let sts = store.clock + 61_000;
    store.say(&Line::to(BOB, "a clock, and a server stamp of unsure meaning").server_sts(sts), fate::PENDING, &[]);
    let denied = store.say(&Line::to(BOB, "a clock, yet somebody received it"), fate::CONTRADICTORY, &[]);
    store.receipt(denied.id, BOB, denied.at + 800, 0);
    let at = store.clock + 62_000;
    store.say(
        &Line::to(BOB, "never left, yet the server stamped it").status(1).server_at(at),
        fate::CONTRADICTORY,
        &[],
    );
    store.say(&Line::to(BOB, "a state that nobody explains").status(12), fate::UNKNOWN, &[]);
}

fn edits_and_revokes(store: &mut Msgstore) {
    let edited = store.say(&Line::to(BOB, "meet at six").status(5), fate::DELIVERED, &[note::EDITED]);
    store.receipt(edited.id, BOB, edited.at + 70_000, 0);
    store.edit(&edited, true, "meet at seven");
    let add_on = store.add_on(BOB, edited.id, 74, None);
    let bob = store.jid(BOB);
    row!(store.book, "message_add_on_receipt_device", message_add_on_row_id: add_on,
        receipt_device_jid_row_id: bob, receipt_device_timestamp: edited.at + 1100, primary_device_version: 0);
    let under_way = store.say(&Line::to(BOB, "bring the map"), fate::DELIVERED, &[note::EDITED, note::EDIT_PENDING]);
    store.receipt(under_way.id, BOB, under_way.at + 700, 0);
    store.edit(&under_way, true, "bring the old map");
    let bare = store.say(&Line::to(BOB, "edited, no mark left"), fate::UNKNOWN, &[note::EDITED, note::IMPLIED_BY_EDIT]);
    store.edit(&bare, true, "edited, no mark left at all");
    let theirs = store.say(&Line::from(BOB, "I shall come a 6"), fate::IMPLIED, &[note::EDITED]);
    store.edit(&theirs, false, "I shall come at 6");
    // A reply that names the first key of an edited message: not missing.
    let reply = store.say(&Line::from(BOB, "which map?"), fate::IMPLIED, &[]);
    store.quote(reply.id, BOB, true, &under_way.key, "bring the map");

    let mine = store.say(&Line::to(BOB, "").no_text().kind(15).status(5), fate::DELIVERED, &[note::REVOKED]);
    store.revoke(mine.id, true, None);
    let unsent = store.say(&Line::to(BOB, "").no_text().kind(15), fate::PENDING, &[note::REVOKED]);
    store.revoke(unsent.id, true, None);
    let gone = store.say(&Line::from(BOB, "").no_text().kind(15), fate::IMPLIED, &[note::REVOKED]);
    let key = store.revoke(gone.id, false, None);
    // A reply to the deleted one: `message_revoked` knows the key, so nothing is missing.
    let reply = store.say(&Line::to(BOB, "I read it all the same").status(13), fate::READ, &[]);
    store.quote(reply.id, BOB, false, &key, "forget it");
}

fn media(store: &mut Msgstore) {
    let photo = super::surroundings::photo();
    let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(&photo));
    let picture = store.say(&Line::from(BOB, "").no_text().kind(1), fate::IMPLIED, &[]);
    let chat = store.chat(BOB);
    let key = store.seed.bytes(32);
    row!(store.book, "message_media", message_row_id: picture.id, chat_row_id: chat, transferred: 1,
        media_caption: "the harbour", file_path: super::surroundings::PHOTO_PATH,
        file_size: photo.len() as i64, media_key: key, media_key_timestamp: picture.at / 1000,
        width: 640, height: 480, direct_path: "/v/t62.7118-24/synthetic.enc", mime_type: "image/jpeg",
        file_length: photo.len() as i64, file_hash: hash);
    row!(store.book, "message_thumbnail", message_row_id: picture.id, thumbnail: &photo[..24]);
    let voice = store.say(&Line::to(BOB, "").no_text().kind(2).status(8), fate::READ, &[]);
    row!(store.book, "message_media", message_row_id: voice.id, chat_row_id: chat, transferred: 1,
        file_path: "Media/WhatsApp Voice Notes/202409/PTT-20240301-WA0002.opus", file_size: 4711,
        mime_type: "audio/ogg; codecs=opus", media_duration: 7);
    let file = store.say(&Line::to(BOB, "").no_text().kind(9).status(5), fate::DELIVERED, &[]);
    row!(store.book, "message_media", message_row_id: file.id, chat_row_id: chat, transferred: 1,
        file_path: "Media/WhatsApp Documents/Sent/plan.pdf", file_size: 90_210,
        mime_type: "application/pdf", media_name: "plan.pdf", page_count: 3);
    let place = store.say(&Line::from(BOB, "").no_text().kind(5), fate::IMPLIED, &[]);
    row!(store.book, "message_location", message_row_id: place.id, chat_row_id: chat, latitude: 53.5436,
        longitude: 9.9886, place_name: "Harbour", place_address: "Quay 1");
    let card = store.say(&Line::from(BOB, "").no_text().kind(4), fate::IMPLIED, &[]);
    row!(store.book, "message_vcard", message_row_id: card.id,
        vcard: "BEGIN:VCARD\nVERSION:3.0\nFN:Chen Wei 陈伟\nTEL:+15550001003\nEND:VCARD");
    let link = store.say(&Line::from(BOB, "see https://example.org/tide"), fate::IMPLIED, &[]);
    row!(store.book, "message_text", message_row_id: link.id, page_title: "Tide tables", url: "https://example.org/tide");
    store.say(&Line::from(BOB, "").no_text().kind(20), fate::IMPLIED, &[]);
    let once = store.say(&Line::from(BOB, "").no_text().kind(42), fate::IMPLIED, &[]);
    row!(store.book, "message_view_once_media", message_row_id: once.id, state: 1);
    store.say(&Line::from(BOB, "").no_text().kind(11), fate::IMPLIED, &[note::NEVER_DECRYPTED]);
}

/// Rows that no app wrote this way: insertions by hand, a wrong clock.
fn odd_rows(store: &mut Msgstore) {
    store.say(
        &Line::from(BOB, "arrived two days before it was sent").received_after(-172_800_000),
        fate::CONTRADICTORY,
        &[],
    );
    store.say(&Line::to(BOB, "sent, without any key").key("").status(4), fate::CONTRADICTORY, &[]);
    store.say(&Line::from(BOB, "received, without any key").key(""), fate::UNMARKED, &[]);
    // NULL senders pass the unique index.
    let twice = store.make_key(false);
    store.say(&Line::from(BOB, "the same key").sender("").key(&twice), fate::CONTRADICTORY, &[]);
    store.say(&Line::from(BOB, "the same key again").sender("").key(&twice), fate::CONTRADICTORY, &[]);
    store.say(&Line::to(BOB, "").no_text().kind(36).status(6), fate::LOCAL, &[]);
    store.system(BOB, 18, None);
    store.system(BOB, 67, None);
}

/// A chat that came to a new phone by history sync.
fn history(store: &mut Msgstore) {
    let chat = store.chat(DORA);
    store.book.run(&format!("UPDATE chat SET history_sync_progress=100 WHERE _id={chat}"));
    let at = store.clock - 90 * 86_400_000;
    let late = 90 * 86_400_000 + 5321;
    store.say(
        &Line::from(DORA, "from the old phone").at(at).received_after(late),
        fate::IMPLIED,
        &[note::HISTORY_SYNC],
    );
    store.say(
        &Line::to(DORA, "mine, from the old phone").at(at + 60_000).received_after(late).status(13),
        fate::READ,
        &[],
    );
    store.say(&Line::from(DORA, "and this came live"), fate::IMPLIED, &[]);
}

fn calls(store: &mut Msgstore) {
    let row = store.say(&Line::from(BOB, "").no_text().kind(90), fate::IMPLIED, &[]);
    let bob = store.jid(BOB);
    let id = store.seed.hex(32);
    let call = row!(store.book, "call_log", jid_row_id: bob, from_me: 0, call_id: format!("call:{id}"),
        transaction_id: -1, timestamp: row.at, video_call: 1, duration: 75, call_result: 5,
        bytes_transferred: 912_345, call_type: 0);
    row!(store.book, "message_call_log", message_row_id: row.id, call_log_row_id: call);
    row!(store.book, "call_log_participant_v2", call_log_row_id: call, jid_row_id: bob, call_result: 5);
    for (from_me, result, duration) in [(1, 5, 12), (0, 2, 0), (1, 2, 0), (0, 4, 0)] {
        let (at, id) = (store.tick(), store.seed.hex(32));
        row!(store.book, "call_log", jid_row_id: bob, from_me: from_me, call_id: format!("call:{id}"),
            transaction_id: -1, timestamp: at, video_call: 0, duration: duration, call_result: result,
            bytes_transferred: 0, call_type: 0);
    }
}

/// Rows that the app hides already: the conditions of its own view.
fn delete_queue(store: &mut Msgstore) {
    let hidden = [note::HIDDEN_BY_DELETE_QUEUE];
    store.say(&Line::from(EMIL, "cleared with the chat"), fate::IMPLIED, &hidden);
    store.say(&Line::to(EMIL, "cleared too").status(5), fate::DELIVERED, &hidden);
    let kept = store.say(&Line::from(EMIL, "starred, so kept").starred(), fate::IMPLIED, &[]);
    let picture = store.say(&Line::from(EMIL, "").no_text().kind(1), fate::IMPLIED, &hidden);
    let single = store.say(&Line::from(EMIL, "deleted alone"), fate::IMPLIED, &hidden);
    store.say(&Line::from(EMIL, "written after the clearing"), fate::IMPLIED, &[]);
    let chat = store.chat(EMIL);
    row!(store.book, "deleted_chat_job", chat_row_id: chat, block_size: 100,
        singular_message_delete_rows_id: format!("[\"{}\"]", single.id),
        deleted_message_row_id: kept.id, deleted_starred_message_row_id: 0,
        deleted_messages_remove_files: 1, deleted_categories_message_row_id: picture.id,
        deleted_categories_starred_message_row_id: 0, deleted_categories_remove_files: 1,
        deleted_message_categories: "[\"1\"]");
}

/// A chat with a row beyond its cursor, and one whose cursor lies beyond its rows.
fn cursors(store: &mut Msgstore) {
    let last = store.say(&Line::from(CHEN, "最后一条"), fate::IMPLIED, &[]);
    store.say(&Line::from(CHEN, "插入的一条"), fate::IMPLIED, &[note::BEYOND_CURSOR]);
    store.set_cursor(CHEN, last.id, last.id);

    let newest = store.say(&Line::from(LAYLA, "هذه آخر رسالة باقية"), fate::IMPLIED, &[]);
    store.lost_row();
    let tail = store.lost_row();
    store.set_cursor(LAYLA, newest.id, tail);
    let chat = store.chat(LAYLA);
    store.book.run(&format!("UPDATE chat SET last_read_receipt_sent_message_sort_id={tail} WHERE _id={chat}"));
    modern_absences::tail(store, LAYLA, newest.id, tail);
}
