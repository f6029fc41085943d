//! A modern `msgstore.db` under construction: jids, chats and message rows with their fates.

use std::collections::BTreeMap;

use super::super::{APP, START};
use crate::Seed;
use crate::sqlite::{Book, fitting_row, row};
use crate::story::{Fate, Platform, Truth, Witness};

const SCHEMA: &str = include_str!("../../../../schemas/whatsapp/msgstore_modern.sql");

/// The table that every message row stands in.
pub(super) const MESSAGE: &str = "message";

/// A row of `message` before it is written.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) chat: &'a str,
    from_me: bool,
    sender: Option<&'a str>,
    key: Option<&'a str>,
    status: i64,
    kind: i64,
    text: Option<&'a str>,
    at: Option<i64>,
    received_after: Option<i64>,
    server_at: i64,
    server_sts: Option<i64>,
    starred: bool,
    recipients: i64,
    broadcast: bool,
}

impl<'a> Line<'a> {
    /// Sent from this phone.
    pub(super) fn to(chat: &'a str, text: &'a str) -> Self {
        Self {
            chat,
            from_me: true,
            sender: None,
            key: None,
            status: 0,
            kind: 0,
            text: Some(text),
            at: None,
            received_after: None,
            server_at: -1,
            server_sts: None,
            starred: false,
            recipients: 0,
            broadcast: false,
        }
    }

    /// Received.
    pub(super) fn from(chat: &'a str, text: &'a str) -> Self {
        Self { from_me: false, ..Self::to(chat, text) }
    }

    pub(super) fn sender(self, jid: &'a str) -> Self {
        Self { sender: Some(jid), ..self }
    }

    pub(super) fn key(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }

    pub(super) fn status(self, status: i64) -> Self {
        Self { status, ..self }
    }

    pub(super) fn kind(self, kind: i64) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn no_text(self) -> Self {
        Self { text: None, ..self }
    }

    /// `timestamp`, milliseconds.
    pub(super) fn at(self, ms: i64) -> Self {
        Self { at: Some(ms), ..self }
    }

    /// `received_timestamp` - `timestamp`, milliseconds.
    pub(super) fn received_after(self, ms: i64) -> Self {
        Self { received_after: Some(ms), ..self }
    }

    pub(super) fn server_at(self, ms: i64) -> Self {
        Self { server_at: ms, ..self }
    }

    pub(super) fn server_sts(self, ms: i64) -> Self {
        Self { server_sts: Some(ms), ..self }
    }

    pub(super) fn starred(self) -> Self {
        Self { starred: true, ..self }
    }

    pub(super) fn recipients(self, count: i64) -> Self {
        Self { recipients: count, ..self }
    }

    pub(super) fn broadcast(self) -> Self {
        Self { broadcast: true, ..self }
    }
}

/// A row that was written.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) at: i64,
}

#[derive(Debug)]
struct Chat {
    row: i64,
    newest: i64,
    at: i64,
}

/// The store, its truth, and the counters that the app itself keeps.
#[derive(Debug)]
pub(super) struct Msgstore {
    pub(super) book: Book,
    pub(super) witness: Witness,
    pub(super) seed: Seed,
    jids: BTreeMap<String, i64>,
    chats: BTreeMap<String, Chat>,
    next_id: i64,
    /// Milliseconds.
    pub(super) clock: i64,
}

impl Msgstore {
    pub(super) fn new(seed: u64) -> Self {
        Self::with_schema(seed, SCHEMA)
    }

    /// A store of an older form; columns that it lacks are left out.
    pub(super) fn with_schema(seed: u64, schema: &str) -> Self {
        let mut store = Self {
            book: Book::new(schema),
            witness: Witness::new(APP, Platform::Android, "msgstore.db"),
            seed: Seed::new(seed, "whatsapp msgstore"),
            jids: BTreeMap::new(),
            chats: BTreeMap::new(),
            next_id: 2,
            clock: START * 1000,
        };
        row!(store.book, "android_metadata", locale: "en_GB");
        store.jid(super::super::cast::OWNER);
        // The sentinel: no message, and no reader may count it.
        row!(store.book, MESSAGE, _id: 1, chat_row_id: -1, from_me: 0, key_id: "-1",
            sender_jid_row_id: -1, status: -1, timestamp: 0, message_type: -1, sort_id: 1);
        store
    }

    /// Row number of a jid in `jid`, made when first named.
    pub(super) fn jid(&mut self, raw: &str) -> i64 {
        if let Some(&id) = self.jids.get(raw) {
            return id;
        }
        let (user, server) = raw.split_once('@').expect("a jid");
        let kind = match server {
            "g.us" => 1,
            "broadcast" if user == "status" => 5,
            "broadcast" => 3,
            "lid" => 18,
            "newsletter" => 21,
            _ if user == "0" => 7,
            _ => 0,
        };
        let id = row!(self.book, "jid", user: user, server: server, agent: 0, device: 0,
            type: kind, raw_string: raw);
        self.jids.insert(raw.to_owned(), id);
        id
    }

    /// Row number of a chat in `chat`, made when first named.
    pub(super) fn chat(&mut self, raw: &str) -> i64 {
        if let Some(chat) = self.chats.get(raw) {
            return chat.row;
        }
        let jid = self.jid(raw);
        let row = row!(self.book, "chat", jid_row_id: jid, hidden: 0, created_timestamp: self.clock,
            archived: 0, unseen_message_count: 0, spam_detection: 1, group_type: 0);
        self.chats.insert(raw.to_owned(), Chat { row, newest: 0, at: 0 });
        row
    }

    /// Lets a minute pass and gives the time, in milliseconds.
    pub(super) fn tick(&mut self) -> i64 {
        self.clock += 60_000;
        self.clock
    }

    /// A local number whose row is gone.
    pub(super) fn lost_row(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// A message id as this kind of client makes it: Android 32 hex digits, iPhone `3A` + 18.
    pub(super) fn make_key(&mut self, from_me: bool) -> String {
        if from_me { self.seed.hex(32) } else { format!("3A{}", self.seed.hex(18)) }
    }

    /// Writes a row and its fate.
    pub(super) fn say(&mut self, line: &Line<'_>, fate: Fate, notes: &[&'static str]) -> Said {
        let chat = self.chat(line.chat);
        let sender = match line.sender {
            Some("") => None,
            Some(jid) => Some(self.jid(jid)),
            None => Some(0),
        };
        let made = self.make_key(line.from_me);
        let key = line.key.map_or(made, str::to_owned);
        let clock = self.tick();
        let at = line.at.unwrap_or(clock);
        let travel = self.seed.between(200, 3000);
        let id = self.lost_row();
        fitting_row!(self.book, MESSAGE, _id: id, chat_row_id: chat, from_me: line.from_me, key_id: &key,
            sender_jid_row_id: sender, status: line.status, broadcast: line.broadcast,
            recipient_count: line.recipients, origination_flags: 0, origin: 0, timestamp: at,
            received_timestamp: at + line.received_after.unwrap_or(travel),
            receipt_server_timestamp: line.server_at, message_type: line.kind, text_data: line.text,
            starred: line.starred, lookup_tables: 0, message_add_on_flags: 0, view_mode: 0,
            sort_id: id, server_sts: line.server_sts);
        if let (0, Some(text)) = (line.kind, line.text) {
            self.index(id, text);
        }
        let chat = self.chats.get_mut(line.chat).expect("made above");
        (chat.newest, chat.at) = (id, at);
        self.witness.says(MESSAGE, id, line.chat, fate, notes);
        Said { id, key, at }
    }

    /// The full-text row of a message; after an edit it keeps the old text.
    pub(super) fn index(&self, id: i64, text: &str) {
        row!(self.book, "message_ftsv2", docid: id, content: text, fts_jid: "", fts_namespace: "");
    }

    /// A peer's receipt, and its device's. 0 = not yet.
    pub(super) fn receipt(&mut self, id: i64, peer: &str, delivered: i64, read: i64) {
        let jid = self.jid(peer);
        row!(self.book, "receipt_user", message_row_id: id, receipt_user_jid_row_id: jid,
            receipt_timestamp: delivered, read_timestamp: read, played_timestamp: 0);
        if delivered > 0 {
            row!(self.book, "receipt_device", message_row_id: id, receipt_device_jid_row_id: jid,
                receipt_device_timestamp: delivered, primary_device_version: 0);
        }
    }

    /// The quote inside a reply.
    pub(super) fn quote(&mut self, reply: i64, chat: &str, of_me: bool, key: &str, text: &str) {
        let chat = self.chat(chat);
        row!(self.book, "message_quoted", message_row_id: reply, chat_row_id: chat,
            parent_message_chat_row_id: chat, from_me: of_me, sender_jid_row_id: 0, key_id: key,
            timestamp: self.clock, message_type: 0, origin: 0, text_data: text, lookup_tables: 0);
    }

    /// An add-on; the caller fills its side table. Types: 56 reaction, 67 vote, 68 keep, 74 edit, 79 pin.
    pub(super) fn add_on(&mut self, chat: &str, parent: i64, kind: i64, sender: Option<&str>) -> i64 {
        let chat = self.chat(chat);
        let key = self.make_key(sender.is_none());
        let sender_row = sender.map_or(-1, |jid| self.jid(jid));
        let at = self.tick();
        fitting_row!(self.book, "message_add_on", chat_row_id: chat, from_me: sender.is_none(), key_id: key,
            sender_jid_row_id: sender_row, parent_message_row_id: parent, timestamp: at,
            status: if sender.is_none() { 5 } else { 0 }, message_add_on_type: kind,
            received_timestamp: at + 400, server_timestamp: at)
    }

    /// An emoji on a message.
    pub(super) fn react(&mut self, chat: &str, parent: i64, sender: Option<&str>, emoji: &str) {
        let add_on = self.add_on(chat, parent, 56, sender);
        row!(self.book, "message_add_on_reaction", message_add_on_row_id: add_on, reaction: emoji,
            sender_timestamp: self.clock);
    }

    /// Marks a row as edited: it takes the edit's key, the first key moves to `message_edit_info`.
    pub(super) fn edit(&mut self, said: &Said, from_me: bool, text: &str) {
        let key = self.make_key(from_me);
        let at = self.tick();
        self.book.run(&format!("UPDATE message SET key_id='{key}' WHERE _id={}", said.id));
        self.book.run_with(&format!("UPDATE message SET text_data=? WHERE _id={}", said.id), text);
        row!(self.book, "message_edit_info", message_row_id: said.id, original_key_id: &said.key,
            edited_timestamp: at, sender_timestamp: at - 500);
    }

    /// The side row of a row deleted for all; gives the key of the deleted message.
    pub(super) fn revoke(&mut self, id: i64, from_me: bool, admin: Option<&str>) -> String {
        let key = self.make_key(from_me);
        let admin = admin.map(|jid| self.jid(jid));
        fitting_row!(self.book, "message_revoked", message_row_id: id, revoked_key_id: &key,
            admin_jid_row_id: admin, revoke_timestamp: self.clock + 5000);
        key
    }

    /// A group event or other line of the app's own.
    pub(super) fn system(&mut self, chat: &str, action: i64, text: Option<&str>) -> i64 {
        let line = Line { text, ..Line::to(chat, "") }.status(6).kind(7);
        let said = self.say(&line, crate::story::fate::LOCAL, &[]);
        row!(self.book, "message_system", message_row_id: said.id, action_type: action);
        said.id
    }

    /// Sets the cursors of one chat by hand; [`Self::finish`] leaves them alone.
    pub(super) fn set_cursor(&mut self, chat: &str, last_id: i64, last_sort: i64) {
        let row = self.chat(chat);
        self.book.run(&format!(
            "UPDATE chat SET last_message_row_id={last_id}, last_message_sort_id={last_sort} WHERE _id={row}"
        ));
    }

    /// Sets the pointers of every chat to its newest row and hands the store over.
    pub(super) fn finish(self) -> (Book, Truth) {
        for chat in self.chats.values() {
            let (row, newest, at) = (chat.row, chat.newest, chat.at);
            self.book.run(&format!(
                "UPDATE chat SET sort_timestamp={at}, \
                 display_message_row_id=ifnull(display_message_row_id,{newest}), \
                 display_message_sort_id=ifnull(display_message_sort_id,{newest}), \
                 last_read_message_row_id=ifnull(last_read_message_row_id,{newest}), \
                 last_read_message_sort_id=ifnull(last_read_message_sort_id,{newest}), \
                 last_message_row_id=ifnull(last_message_row_id,{newest}), \
                 last_message_sort_id=ifnull(last_message_sort_id,{newest}) WHERE _id={row}"
            ));
        }
        (self.book, self.witness.into_truth())
    }
}
