//! The iPhone's story: every case that the rules tell apart.

use super::super::cast::{BOB, CHEN, LAYLA, OWNER, PAPER, ROOM, ROOM_HOLE};
use super::super::{START, content};
use super::chats::{Chats, Form, Line};
use super::compressed;
use crate::crypto::md5_hex;
use crate::sqlite::row;
use crate::story::{Bounds, Truth, absence, fate, note};

/// The chat stores by base name, and their truth.
pub(super) fn stores(seed: u64) -> (Vec<(String, Vec<u8>)>, Truth) {
    let mut truth = Truth::default();
    let mut files = Vec::new();
    let schema = include_str!("../../../../schemas/wechat/mm.sql");
    type Plan = (&'static str, Form, &'static str, fn(&mut Chats));
    let plans: [Plan; 3] = [
        ("MM.sqlite", Form::Old, schema, old_chats),
        ("message_1.sqlite", Form::Wcdb, "", chats),
        ("message_2.sqlite", Form::Compressing, "", compressed_chats),
    ];
    for (name, form, schema, tell) in plans {
        let mut store = Chats::new(seed, name, form, schema);
        tell(&mut store);
        let (bytes, told) = store.finish();
        files.push((name.to_owned(), bytes));
        truth.absorb(told);
    }
    (files, truth)
}

/// `MM.sqlite`: older chats, recalls.
fn old_chats(store: &mut Chats) {
    store.say(&Line::from(CHEN, "一切都好吗？"), fate::ACCEPTED, &[]);
    store.say(&Line::to(CHEN, "都好 👍"), fate::ACCEPTED, &[]);
    let recalled =
        store.say(&Line::from(CHEN, "\"陈伟\" recalled a message").kind(10_000), fate::ACCEPTED, &[note::REVOKED]);
    revoke(store, recalled.server_id, "\"陈伟\" recalled a message");
    // A recall whose message never came, or is gone.
    let gone = store.make_server_id();
    revoke(store, gone, "\"Bob\" recalled a message");
    store.witness.misses(
        absence::TOMBSTONED,
        None,
        Some(gone.to_string()),
        Some("\"Bob\" recalled a message"),
        Bounds::default(),
    );
    store.say(&Line::from(CHEN, "<sysmsg type=\"tips\"/>").kind(10_002).no_id(), fate::LOCAL, &[]);
    store.say(&Line::from(CHEN, "put in by hand").no_id(), fate::UNMARKED, &[]);
}

fn revoke(store: &Chats, id: i64, text: &str) {
    row!(store.book, "RevokeMsgTable", MSG_REVOKE_COL_SVRID: id, MSG_REVOKE_COL_CONTENT: text,
        MSG_REVOKE_COL_INTRES1: START);
}

/// `message_1.sqlite`: one-to-one chats and rooms.
fn chats(store: &mut Chats) {
    store.say(&Line::to(BOB, "Hello Bob 你好 😀"), fate::ACCEPTED, &[]);
    store.say(&Line::from(BOB, "Hello Ada"), fate::ACCEPTED, &[]);
    store.say(&Line::from(LAYLA, "مرحبا، كيف حالك؟"), fate::ACCEPTED, &[]);
    store.say(&Line::from(PAPER, content::app_message("Tide tables 潮汐表", 5, "")).kind(49), fate::ACCEPTED, &[]);
    store.say(&Line::to(BOB, "sending").no_id().status(1), fate::PENDING, &[]);
    // 5 is failed by analogy with Android only: no verdict, a note.
    store.say(&Line::to(BOB, "failed, by analogy").no_id().status(5), fate::UNKNOWN, &[]);
    store.say(&Line::to(BOB, "numbered, yet sending").status(1), fate::CONTRADICTORY, &[note::STATE_STALE]);
    store.say(&Line::to(BOB, "sent, yet not numbered").no_id(), fate::CONTRADICTORY, &[]);
    store.say(&Line::to(BOB, "call").kind(64).status(4).no_id(), fate::LOCAL, &[]);
    store.say(&Line::from(BOB, "You have added Bob").kind(10_000).no_id(), fate::LOCAL, &[]);
    store.say(&Line::from(BOB, "put in by hand").no_id(), fate::UNMARKED, &[]);
    store.say(&Line::from(BOB, content::image()).kind(3), fate::ACCEPTED, &[]);
    store.say(&Line::from(BOB, content::voice(2100)).kind(34), fate::ACCEPTED, &[]);
    let twice = store.make_server_id();
    store.say(&Line::from(BOB, "one number").id(twice), fate::CONTRADICTORY, &[]);
    store.say(&Line::from(LAYLA, "for two people").id(twice), fate::CONTRADICTORY, &[]);
    greeting(store);
    replies(store);
    rooms(store);
    deleted(store);
}

/// A friend request: a table of its own, `Hello_<c>`.
fn greeting(store: &mut Chats) {
    const STRANGER: &str = "v3_020b3synthetic@stranger";
    let hash = md5_hex(STRANGER);
    store.book.run(&include_str!("../../../../schemas/wechat/hello.sql").replace("<c>", &hash));
    let (table, id) = (format!("Hello_{hash}"), store.make_server_id());
    let local = row!(store.book, &table, MesSvrID: id, CreateTime: START + 30, Des: 1, ImgStatus: 1,
        Message: "I am Emil from the rowing club", Status: 4, Type: 37, UsrName: STRANGER);
    store.witness.says(&table, local, STRANGER, fate::ACCEPTED, &[]);
}

fn replies(store: &mut Chats) {
    let asked = store.say(&Line::to(BOB, "shall we sail?"), fate::ACCEPTED, &[]);
    let body = content::reply("yes!", asked.server_id, OWNER, BOB, "shall we sail?", asked.at);
    store.say(&Line::from(BOB, body).kind(49), fate::ACCEPTED, &[]);
    let gone = store.make_server_id();
    let body = content::reply("no, never", gone, BOB, BOB, "did you burn the letters?", asked.at);
    store.say(&Line::to(BOB, body).kind(49), fate::ACCEPTED, &[]);
    store.witness.misses(
        absence::DANGLING,
        Some(BOB),
        Some(gone.to_string()),
        Some("did you burn the letters?"),
        Bounds::default(),
    );
}

/// `<sequence_id>` counts inside a room.
fn rooms(store: &mut Chats) {
    const FIRST: i64 = 800_000_000;
    store.say(&Line::from(ROOM, "谁来？🚢").by(CHEN).sequence(FIRST), fate::ACCEPTED, &[]);
    store.say(&Line::from(ROOM, "me").by(BOB).sequence(FIRST + 1), fate::ACCEPTED, &[]);
    store.say(&Line::from(ROOM_HOLE, "before the hole").by(CHEN).sequence(FIRST), fate::ACCEPTED, &[]);
    store.say(&Line::from(ROOM_HOLE, "after the hole").by(CHEN).sequence(FIRST + 4), fate::ACCEPTED, &[]);
    let bounds = Bounds { after: Some(FIRST), before: Some(FIRST + 4), at_most: Some(3) };
    store.witness.misses(absence::GAP, Some(ROOM_HOLE), None, None, bounds);
}

/// Local ids count within one chat: holes are deleted rows, the sequence remembers the last ones.
fn deleted(store: &mut Chats) {
    const FRIEND: &str = "wxid_doranosynth005";
    store.say(&Line::from(FRIEND, "before the hole"), fate::ACCEPTED, &[]);
    store.lost_row(FRIEND);
    store.lost_row(FRIEND);
    store.say(&Line::from(FRIEND, "the last that is left"), fate::ACCEPTED, &[]);
    store.set_sequence(FRIEND, 7);
    let hole = Bounds { after: Some(1), before: Some(4), at_most: Some(2) };
    store.witness.misses(absence::GAP, Some(FRIEND), None, None, hole);
    let tail = Bounds { after: Some(4), before: None, at_most: Some(3) };
    store.witness.misses(absence::BEYOND, Some(FRIEND), None, None, tail);
}

/// `message_2.sqlite`: text compressed by WCDB, in every way it does that.
fn compressed_chats(store: &mut Chats) {
    const FRIEND: &str = "wxid_emilsynthet006";
    store.say(&Line::from(FRIEND, "not looked at yet"), fate::ACCEPTED, &[]);
    store.say(&Line::from(FRIEND, "looked at, left plain"), fate::ACCEPTED, &[]);
    store.mark_stored_plain(FRIEND, 2);
    let long = compressed::LONG_TEXT.repeat(6);
    let packed = compressed::pack(&long);
    store.say(&Line::from(FRIEND, "").packed(packed.clone(), 4), fate::ACCEPTED, &[]);
    store.say(&Line::to(FRIEND, "").packed(packed, 5), fate::ACCEPTED, &[]);
    let needs = [note::NEEDS_DICTIONARY];
    let [first, second] = compressed::WITH_DICTIONARY;
    store.say(&Line::from(FRIEND, "").packed(first.to_vec(), 2), fate::ACCEPTED, &needs);
    store.say(&Line::to(FRIEND, "").packed(second.to_vec(), 3).no_id().status(1), fate::PENDING, &needs);
    store.book.run(
        "CREATE TABLE wcdb_builtin_compression_record(tableName TEXT PRIMARY KEY, columns TEXT NOT NULL, \
         rowid INTEGER) WITHOUT ROWID",
    );
}
