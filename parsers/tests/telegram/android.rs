//! Android: every verdict, by a store made by hand.

use base64::Engine as _;
use rusqlite::{Connection, params};

use crate::phone::{Found, Phone};
use crate::wire::{self, Tl, Words};

pub(crate) const ME: i64 = 9000;
pub(crate) const ANNA: i64 = 1001;
pub(crate) const GROUP: i64 = -2001;
pub(crate) const SUPERGROUP: i64 = -3001;
pub(crate) const CHANNEL: i64 = -3002;
pub(crate) const SECRET: i64 = 0x4000_0000_0000_0000 | 77;
pub(crate) const SERVICE: i64 = 777_000;
pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) const DDL: &str = "
CREATE TABLE messages_v2(mid INTEGER, uid INTEGER, read_state INTEGER, send_state INTEGER, date INTEGER, data BLOB, out INTEGER, ttl INTEGER, media INTEGER, replydata BLOB, imp INTEGER, mention INTEGER, forwards INTEGER, replies_data BLOB, thread_reply_id INTEGER, is_channel INTEGER, reply_to_message_id INTEGER, custom_params BLOB, group_id INTEGER, reply_to_story_id INTEGER, PRIMARY KEY(mid, uid));
CREATE TABLE scheduled_messages_v2(mid INTEGER, uid INTEGER, send_state INTEGER, date INTEGER, data BLOB, ttl INTEGER, replydata BLOB, reply_to_message_id INTEGER, PRIMARY KEY(mid, uid));
CREATE TABLE quick_replies_messages(mid INTEGER, topic_id INTEGER, send_state INTEGER, date INTEGER, data BLOB, ttl INTEGER, replydata BLOB, reply_to_message_id INTEGER, PRIMARY KEY(mid, topic_id));
CREATE TABLE messages_topics(mid INTEGER, uid INTEGER, topic_id INTEGER, read_state INTEGER, send_state INTEGER, date INTEGER, data BLOB, out INTEGER, PRIMARY KEY(mid, topic_id, uid));
CREATE TABLE messages_holes(uid INTEGER, start INTEGER, end INTEGER, PRIMARY KEY(uid, start));
CREATE TABLE media_v4(mid INTEGER, uid INTEGER, date INTEGER, type INTEGER, data BLOB, PRIMARY KEY(mid, uid, type));
CREATE TABLE dialogs(did INTEGER PRIMARY KEY, date INTEGER, unread_count INTEGER, last_mid INTEGER, inbox_max INTEGER, outbox_max INTEGER, last_mid_i INTEGER, unread_count_i INTEGER, pts INTEGER, date_i INTEGER, pinned INTEGER, flags INTEGER, folder_id INTEGER, data BLOB, unread_reactions INTEGER, last_mid_group INTEGER, ttl_period INTEGER);
CREATE TABLE params(id INTEGER PRIMARY KEY, seq INTEGER, pts INTEGER, date INTEGER, qts INTEGER, lsv INTEGER, sg INTEGER, pbytes BLOB);
CREATE TABLE randoms_v2(random_id INTEGER, mid INTEGER, uid INTEGER, PRIMARY KEY (random_id, mid, uid));
CREATE TABLE messages_seq(mid INTEGER PRIMARY KEY, seq_in INTEGER, seq_out INTEGER);
CREATE TABLE enc_chats(uid INTEGER PRIMARY KEY, user INTEGER, name TEXT, data BLOB, seq_in INTEGER, seq_out INTEGER, in_seq_no INTEGER, mtproto_seq INTEGER);
CREATE TABLE users(uid INTEGER PRIMARY KEY, name TEXT, status INTEGER, data BLOB);
CREATE TABLE chats(uid INTEGER PRIMARY KEY, name TEXT, data BLOB);
CREATE TABLE chat_pinned_v2(uid INTEGER, mid INTEGER, data BLOB, PRIMARY KEY (uid, mid));
CREATE TABLE bot_keyboard(uid INTEGER PRIMARY KEY, mid INTEGER, info BLOB);
CREATE TABLE unread_push_messages(uid INTEGER, mid INTEGER, random INTEGER, date INTEGER, data BLOB, fm TEXT, name TEXT, uname TEXT, flags INTEGER, topicId INTEGER, is_reaction INTEGER, PRIMARY KEY(uid, mid));
CREATE TABLE topics(did INTEGER, topic_id INTEGER, top_message INTEGER, max_read_id INTEGER, read_outbox INTEGER, PRIMARY KEY(did, topic_id));
CREATE TABLE requested_holes(uid INTEGER, seq_out_start INTEGER, seq_out_end INTEGER, PRIMARY KEY (uid, seq_out_start, seq_out_end));
CREATE TABLE pending_tasks(id INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE hashtag_recent_v2(id TEXT PRIMARY KEY, date INTEGER);
PRAGMA user_version = 155;";

/// One account's store.
pub(crate) struct Store {
    pub phone: Phone,
    pub db: Connection,
}

/// A row of `messages_v2`.
#[derive(Clone)]
pub(crate) struct Row<'a> {
    pub mid: i64,
    pub uid: i64,
    pub state: i64,
    pub out: bool,
    pub read: i64,
    pub date: i64,
    pub text: &'a str,
    /// The id inside the blob, where it is another one.
    pub inner: Option<i32>,
    pub reply_to: Option<i32>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(mid: i64, uid: i64, text: &'a str) -> Self {
        Row { mid, uid, state: 0, out: false, read: 1, date: NOW + mid.max(0), text, inner: None, reply_to: None }
    }

    pub(crate) fn out(self) -> Self {
        Row { out: true, read: 0, ..self }
    }

    pub(crate) fn state(self, state: i64) -> Self {
        Row { state, ..self }
    }
}

pub(crate) fn is_channel(uid: i64) -> bool {
    matches!(uid, SUPERGROUP | CHANNEL)
}

pub(crate) fn blob(row: &Row<'_>) -> Vec<u8> {
    wire::message(&Words {
        id: row.inner.unwrap_or(i32::try_from(row.mid).unwrap()),
        from: row.out.then_some(ME),
        peer: wire::peer(row.uid, is_channel(row.uid)),
        date: i32::try_from(row.date).unwrap(),
        text: row.text,
        out: row.out,
        reply_to: row.reply_to,
        edited: None,
    })
}

impl Store {
    pub(crate) fn new() -> Self {
        let phone = Phone::new();
        let user = base64::engine::general_purpose::STANDARD.encode(wire::user(ME, "Me", "Myself", "4912345", true));
        let xml = format!(
            "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n<string name=\"user\">{user}&#10;</string>\n\
             <int name=\"lastSendMessageId\" value=\"-210007\" />\n</map>\n"
        );
        phone.file("data/data/org.telegram.messenger/shared_prefs/userconfing.xml", xml.as_bytes());
        let db = phone.database("data/data/org.telegram.messenger/files/cache4.db");
        db.execute_batch(DDL).unwrap();
        let store = Store { phone, db };
        store.user(ME, "Me", true);
        store.user(ANNA, "Anna", false);
        for (uid, data) in [
            (2001, wire::group(2001, "Family")),
            (3001, wire::channel(3001, "Forum", false)),
            (3002, wire::channel(3002, "News", true)),
        ] {
            store.db.execute("INSERT INTO chats VALUES (?1, 'x', ?2)", params![uid, data]).unwrap();
        }
        store.db.execute("INSERT INTO enc_chats (uid, user, name, seq_in) VALUES (77, ?1, 'anna', 3)", [ANNA]).unwrap();
        store
    }

    fn user(&self, id: i64, name: &str, own: bool) {
        let data = wire::user(id, name, "Test", "49", own);
        self.db
            .execute("INSERT INTO users VALUES (?1, ?2, 0, ?3)", params![id, format!("{name} test;;;"), data])
            .unwrap();
    }

    pub(crate) fn add(&self, row: &Row<'_>) {
        self.add_blob(row, &blob(row));
    }

    pub(crate) fn add_blob(&self, row: &Row<'_>, data: &[u8]) {
        let channel = if is_channel(row.uid) { -row.uid } else { 0 };
        self.db
            .execute(
                "INSERT INTO messages_v2 (mid, uid, read_state, send_state, date, data, out, is_channel, reply_to_message_id) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![row.mid, row.uid, row.read, row.state, row.date, data, row.out, channel, row.reply_to.unwrap_or(0)],
            )
            .unwrap();
    }

    pub(crate) fn dialog(&self, uid: i64, last_mid: i64, inbox_max: i64, outbox_max: i64) {
        let sql = "INSERT INTO dialogs (did, date, last_mid, inbox_max, outbox_max, last_mid_i, pts) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)";
        self.db.execute(sql, params![uid, NOW, last_mid, inbox_max, outbox_max]).unwrap();
    }

    pub(crate) fn hole(&self, uid: i64, start: i64, end: i64) {
        self.db.execute("INSERT INTO messages_holes VALUES (?1, ?2, ?3)", [uid, start, end]).unwrap();
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.db.execute_batch(sql).unwrap();
    }

    pub(crate) fn read(&self) -> Found {
        self.phone.read()
    }
}

/// A private chat that is complete, with these rows.
pub(crate) fn chat(rows: &[Row<'_>]) -> Found {
    let store = Store::new();
    let last = rows.iter().map(|r| r.mid).max().unwrap_or(0);
    store.dialog(ANNA, last, 0, 0);
    store.hole(ANNA, 1, 1);
    for row in rows {
        store.add(row);
    }
    store.read()
}

#[test]
fn a_server_id_confirms_what_came_in_and_what_was_sent() {
    let found = chat(&[Row::new(11, ANNA, "hello"), Row::new(12, ANNA, "hi").out()]);
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    assert_eq!(found.verdict("1001/12"), "confirmed:accepted");
    assert_eq!(found.rules("1001/11"), ["telegram.android.server-id"]);
    let m = found.message("1001/11");
    assert_eq!((m.sender.as_deref(), m.direction.as_str(), m.kind.as_str()), (Some("1001"), "in", "text"));
    assert_eq!((m.text.as_str(), m.server_id.as_deref()), (Some("hello"), Some("11")));
    assert_eq!((m.origin.table.as_deref(), m.origin.rowid), (Some("messages_v2"), Some(1)));
    assert_eq!(found.message("1001/12").sender.as_deref(), Some("9000"));
    assert!(found.absences.is_empty(), "{:?}", found.summary());
}

#[test]
fn the_account_is_named_by_the_preferences() {
    let found = chat(&[]);
    assert_eq!(found.accounts.len(), 1);
    assert_eq!((found.accounts[0].id.as_str(), found.accounts[0].name.as_deref()), ("9000", Some("Me Myself")));
    assert_eq!(found.accounts[0].extra["phone"], "4912345");
    assert_eq!(found.contacts.len(), 2);
    let thread = found.threads.iter().find(|t| t.id == "1001").unwrap();
    assert_eq!((thread.name.as_deref(), thread.kind.as_deref()), (Some("Anna Test"), Some("direct")));
    let store = found.stores.iter().find(|s| s.role == "messages").unwrap();
    assert_eq!((store.generation.as_deref(), store.status.as_str()), (Some("155"), "read"));
}

#[test]
fn the_peer_has_read_what_the_read_bit_or_the_read_mark_covers() {
    let store = Store::new();
    store.dialog(ANNA, 14, 0, 13);
    store.hole(ANNA, 1, 1);
    store.add(&Row { read: 1, ..Row::new(14, ANNA, "bit").out() });
    store.add(&Row::new(13, ANNA, "mark").out());
    store.add(&Row::new(12, ANNA, "came in"));
    let found = store.read();
    assert_eq!(found.verdict("1001/14"), "confirmed:read");
    assert_eq!(found.verdict("1001/13"), "confirmed:read");
    assert_eq!(found.verdict("1001/12"), "confirmed:accepted");
    assert_eq!(found.message("1001/13").receipts[0]["recipient"], "1001");
}

#[test]
fn reading_one_s_own_notes_or_a_post_of_a_channel_is_no_peer_s_reading() {
    let store = Store::new();
    store.dialog(ME, 11, 0, 11);
    store.dialog(CHANNEL, 1, 0, 0);
    store.add(&Row { read: 1, ..Row::new(11, ME, "note").out() });
    store.add(&Row { read: 1, ..Row::new(1, CHANNEL, "post").out() });
    let found = store.read();
    assert_eq!(found.verdict("9000/11"), "confirmed:accepted");
    assert_eq!(found.verdict("-3002/1"), "confirmed:accepted");
}

#[test]
fn a_pending_edit_is_a_note_on_a_confirmed_message() {
    let found = chat(&[Row::new(11, ANNA, "x").out().state(3)]);
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    assert!(found.has_note("1001/11", "edit-pending"));
}

#[test]
fn a_server_id_in_a_sending_or_failed_state_is_a_contradiction() {
    let found = chat(&[Row::new(11, ANNA, "x").out().state(1), Row::new(12, ANNA, "y").out().state(2)]);
    assert_eq!(found.verdict("1001/11"), "contradictory");
    assert_eq!(found.verdict("1001/12"), "contradictory");
}

#[test]
fn a_local_id_is_pending_failed_or_a_contradiction_by_its_state() {
    let found = chat(&[
        Row::new(-210_000, ANNA, "x").out().state(1),
        Row::new(-210_001, ANNA, "y").out().state(2),
        Row::new(-210_002, ANNA, "z").out().state(0),
    ]);
    assert_eq!(found.verdict("1001/-210000"), "pending");
    assert_eq!(found.verdict("1001/-210001"), "failed");
    assert_eq!(found.verdict("1001/-210002"), "contradictory");
    assert_eq!(found.message("1001/-210000").server_id, None);
}

#[test]
fn an_unknown_state_is_a_note_and_no_verdict() {
    let found = chat(&[Row::new(11, ANNA, "x").out().state(7)]);
    assert_eq!(found.verdict("1001/11"), "unknown");
    assert!(found.has_note("1001/11", "unknown-send-state"));
}

#[test]
fn a_notice_that_the_app_made_for_itself_is_local_only() {
    let store = Store::new();
    let row = Row::new(-210_000, ANNA, "");
    let joined = wire::service(-210_000, ANNA, wire::peer_user(ANNA), 1_700_000_000, Tl::of(0x5555_5550));
    store.add_blob(&row, &joined);
    let found = store.read();
    assert_eq!(found.verdict("1001/-210000"), "local-only");
    assert_eq!(
        (found.message("1001/-210000").direction.as_str(), found.message("1001/-210000").kind.as_str()),
        ("system", "system")
    );
}

#[test]
fn a_service_notice_without_an_id_stays_unknown_with_the_inferred_reading() {
    let store = Store::new();
    store.add(&Row::new(-210_000, SERVICE, "New login"));
    let found = store.read();
    assert_eq!(found.verdict("777000/-210000"), "unknown");
    assert!(found.has_note("777000/-210000", "inferred-local-only"));
}

#[test]
fn secret_messages_are_judged_by_state_and_by_the_peer_s_numbers() {
    let store = Store::new();
    let secret = |mid: i64, state, out: bool, read| {
        let row = Row { state, out, read, ..Row::new(mid, SECRET, "") };
        store.add_blob(&row, &wire::secret(i32::try_from(mid).unwrap(), 1001, 9000, 1_700_000_000, "psst", None));
    };
    secret(-210_000, 0, true, 0);
    secret(-210_001, 1, true, 0);
    secret(-210_002, 2, true, 0);
    secret(-210_003, 0, false, 0);
    secret(-210_004, 0, false, 0);
    secret(-210_005, 0, true, 1);
    store.sql("INSERT INTO messages_seq VALUES (-210003, 1, 2)");
    let found = store.read();
    let verdict = |mid: i64| found.verdict(&format!("{SECRET}/{mid}"));
    assert_eq!(verdict(-210_000), "confirmed:accepted");
    assert_eq!(verdict(-210_001), "pending");
    assert_eq!(verdict(-210_002), "failed");
    assert_eq!(verdict(-210_003), "implied-by-arrival");
    assert_eq!(verdict(-210_004), "unknown");
    assert_eq!(verdict(-210_005), "confirmed:read");
    assert_eq!(found.message(&format!("{SECRET}/-210003")).text.as_str(), Some("psst"));
    assert!(found.cursors.iter().any(|c| c.thread == Some(SECRET.to_string()) && c.a == Some(3)));
}

#[test]
fn scheduled_messages_and_quick_replies_are_judged_by_their_id() {
    let store = Store::new();
    let insert = |table: &str, mid: i64, of: i64, state: i64| {
        let data = blob(&Row::new(mid, ANNA, "later").out());
        let sql = format!("INSERT INTO {table} VALUES (?1, ?2, ?3, 2147483646, ?4, 0, NULL, 0)");
        store.db.execute(&sql, params![mid, of, state, data]).unwrap();
    };
    insert("scheduled_messages_v2", 5, ANNA, 0);
    insert("scheduled_messages_v2", -210_000, ANNA, 1);
    insert("scheduled_messages_v2", -210_001, ANNA, 2);
    insert("quick_replies_messages", 6, 3, 0);
    insert("quick_replies_messages", 7, 3, 1);
    // The same number in the table of messages is another message.
    store.add(&Row::new(5, ANNA, "now"));
    let found = store.read();
    assert_eq!(found.verdict("scheduled/1001/5"), "confirmed:accepted");
    assert!(found.has_note("scheduled/1001/5", "scheduled"));
    assert_eq!(found.verdict("scheduled/1001/-210000"), "pending");
    assert_eq!(found.verdict("scheduled/1001/-210001"), "failed");
    assert_eq!(found.verdict("quick-reply/3/6"), "confirmed:accepted");
    assert_eq!(found.verdict("quick-reply/3/7"), "contradictory");
    assert_eq!(found.verdict("1001/5"), "confirmed:accepted");
}

#[test]
fn an_object_with_another_server_id_than_its_row_is_a_contradiction() {
    let found = chat(&[Row { inner: Some(99), ..Row::new(11, ANNA, "x") }]);
    assert_eq!(found.verdict("1001/11"), "contradictory");
}

#[test]
fn an_object_that_keeps_its_local_id_was_sent_from_here() {
    let store = Store::new();
    store.add(&Row { inner: Some(-210_000), ..Row::new(11, ANNA, "x").out() });
    store.sql("INSERT INTO randoms_v2 VALUES (777, 11, 1001), (778, 11, 1002)");
    let found = store.read();
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    assert!(found.has_note("1001/11", "blob-keeps-local-id"));
    assert!(found.has_note("1001/11", "sent-from-this-device"));
    let random: Vec<_> = found.message("1001/11").markers.iter().filter(|m| m.name == "random_id").collect();
    assert_eq!(random.len(), 1);
    assert_eq!(random[0].origin.table.as_deref(), Some("randoms_v2"));
}

#[test]
fn the_same_id_in_two_private_chats_is_a_contradiction_and_in_two_channels_is_none() {
    let store = Store::new();
    store.add(&Row::new(11, ANNA, "x"));
    store.add(&Row::new(11, GROUP, "y"));
    store.add(&Row::new(11, SUPERGROUP, "z"));
    store.add(&Row::new(11, CHANNEL, "z"));
    let found = store.read();
    assert_eq!(found.verdict("1001/11"), "contradictory");
    assert_eq!(found.verdict("-2001/11"), "contradictory");
    assert_eq!(found.verdict("-3001/11"), "confirmed:accepted");
    assert_eq!(found.verdict("-3002/11"), "confirmed:accepted");
}

#[test]
fn cursors_of_the_dialog_give_notes() {
    let store = Store::new();
    store.dialog(ANNA, 12, 12, 0);
    store.dialog(SUPERGROUP, 2, 0, 0);
    store.hole(ANNA, 1, 1);
    store.hole(ANNA, 20, 30);
    store.hole(SUPERGROUP, 1, 1);
    for row in [
        Row { read: 0, ..Row::new(12, ANNA, "unread") },
        Row::new(13, ANNA, "beyond"),
        Row::new(25, ANNA, "in a hole"),
        Row::new(1, SUPERGROUP, "a"),
        Row::new(2, SUPERGROUP, "b"),
        Row::new(3, SUPERGROUP, "c"),
        Row::new(1, CHANNEL, "no dialog"),
    ] {
        store.add(&row);
    }
    let found = store.read();
    assert!(found.has_note("1001/12", "server-says-read-row-says-unread"));
    assert!(!found.has_note("1001/12", "beyond-cursor"));
    assert!(found.has_note("1001/13", "beyond-cursor"));
    assert!(found.has_note("1001/25", "inside-known-gap"));
    assert!(found.has_note("-3001/3", "beyond-cursor"));
    assert!(!found.has_note("-3001/2", "beyond-cursor"));
    assert!(found.has_note("-3002/1", "no-dialog-row"));
    assert_eq!(found.verdict("1001/13"), "confirmed:accepted");
}

#[test]
fn neighbours_that_stand_in_another_order_by_id_than_by_date_are_noted() {
    let store = Store::new();
    for row in [
        Row::new(11, ANNA, "a"),
        Row { date: NOW - 90_000, ..Row::new(12, ANNA, "b") },
        Row::new(13, ANNA, "c"),
        Row { date: NOW + 13, ..Row::new(14, ANNA, "a second back") },
        Row::new(1, CHANNEL, "d"),
        Row { date: NOW, ..Row::new(2, CHANNEL, "e") },
    ] {
        store.add(&row);
    }
    let found = store.read();
    let noted = |id| found.has_note(id, "ids-against-dates");
    assert!(noted("1001/11") && noted("1001/12"));
    assert!(!noted("1001/13") && !noted("1001/14"));
    assert!(noted("-3002/1") && noted("-3002/2"));
    assert_eq!(found.verdict("1001/12"), "confirmed:accepted");
}

#[test]
fn a_copy_in_a_topic_is_no_second_message() {
    let store = Store::new();
    store.add(&Row::new(11, SUPERGROUP, "x"));
    let data = blob(&Row::new(12, SUPERGROUP, "only here"));
    let sql = "INSERT INTO messages_topics VALUES (?1, ?2, 5, 1, 0, ?3, ?4, 0)";
    store.db.execute(sql, params![11, SUPERGROUP, NOW, data]).unwrap();
    store.db.execute(sql, params![12, SUPERGROUP, NOW, data]).unwrap();
    let found = store.read();
    assert_eq!(found.messages.len(), 2);
    assert!(found.has_note("-3001/12", "topic-copy-only"));
    assert_eq!(found.verdict("-3001/11"), "confirmed:accepted");
}

#[test]
fn a_call_is_a_service_message_with_its_length() {
    let store = Store::new();
    let ended = Tl::of(0x80e1_1a7f).int(0b111).long(5).then(Tl::of(0x57ad_c690)).int(61);
    store.add_blob(&Row::new(11, ANNA, "").out(), &wire::service(11, ME, wire::peer_user(ANNA), 1_700_000_000, ended));
    let found = store.read();
    let call = found.message("1001/11").call.clone().unwrap();
    assert_eq!((&call["duration_ms"], &call["outcome"]), (&61_000.into(), &"answered".into()));
    assert_eq!((found.message("1001/11").kind.as_str(), found.message("1001/11").direction.as_str()), ("call", "out"));
}

#[test]
fn an_edit_that_is_shown_is_noted() {
    let store = Store::new();
    let row = Row::new(11, ANNA, "");
    let words = Words {
        id: 11,
        from: None,
        peer: wire::peer_user(ANNA),
        date: 1_700_000_000,
        text: "new",
        out: false,
        reply_to: None,
        edited: Some(1_700_000_100),
    };
    store.add_blob(&row, &wire::message(&words));
    let found = store.read();
    assert!(found.has_note("1001/11", "edited"));
    assert_eq!(found.message("1001/11").edits[0]["at"], "2023-11-14T22:15:00Z");
}

#[test]
fn an_unknown_constructor_keeps_its_bytes_and_the_verdict_of_the_row() {
    let store = Store::new();
    store.add_blob(&Row::new(11, ANNA, ""), &[0xef, 0xbe, 0xad, 0xde, 1, 2, 3, 4]);
    let found = store.read();
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    assert_eq!(found.message("1001/11").text["hex"], "efbeadde01020304");
    assert!(found.has_note("1001/11", "content-undecoded"));
    let issue = found.issues.iter().find(|i| i.code == "value-undecoded").unwrap();
    assert!(issue.detail.contains("unknown constructor deadbeef at byte 0"), "{}", issue.detail);
}
