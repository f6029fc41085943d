//! `EnMicroMsg.db` under construction: message rows, side rows, fates.

use std::collections::BTreeMap;

use super::super::account::Account;
use super::super::{APP, START, content};
use crate::Seed;
use crate::crypto::md5_hex;
use crate::sqlite::{Book, row};
use crate::story::{Fate, Platform, Truth, Witness};

const SCHEMA: &str = include_str!("../../../../schemas/wechat/en_micro_msg.sql");

/// The server id a row carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum ServerId {
    New,
    None,
    This(i64),
}

/// A row of a message table before it is written.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    table: &'a str,
    pub(super) talker: &'a str,
    sender: Option<&'a str>,
    is_send: i64,
    status: i64,
    kind: i64,
    content: String,
    server_id: ServerId,
    sequence: Option<i64>,
    image: Option<String>,
    at: Option<i64>,
    flag: i64,
}

impl<'a> Line<'a> {
    /// Sent from this phone, acknowledged.
    pub(super) fn to(talker: &'a str, content: impl Into<String>) -> Self {
        Self {
            table: "message",
            talker,
            sender: None,
            is_send: 1,
            status: 2,
            kind: 1,
            content: content.into(),
            server_id: ServerId::New,
            sequence: None,
            image: None,
            at: None,
            flag: 0,
        }
    }

    /// Received.
    pub(super) fn from(talker: &'a str, content: impl Into<String>) -> Self {
        Self { is_send: 0, status: 4, ..Self::to(talker, content) }
    }

    /// Received in a room from this member.
    pub(super) fn by(self, sender: &'a str) -> Self {
        Self { sender: Some(sender), ..self }
    }

    pub(super) fn table(self, table: &'a str) -> Self {
        Self { table, ..self }
    }

    pub(super) fn sent_as(self, is_send: i64) -> Self {
        Self { is_send, ..self }
    }

    pub(super) fn status(self, status: i64) -> Self {
        Self { status, ..self }
    }

    pub(super) fn kind(self, kind: i64) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn no_id(self) -> Self {
        Self { server_id: ServerId::None, ..self }
    }

    pub(super) fn id(self, id: i64) -> Self {
        Self { server_id: ServerId::This(id), ..self }
    }

    pub(super) fn sequence(self, sequence: i64) -> Self {
        Self { sequence: Some(sequence), ..self }
    }

    pub(super) fn image(self, path: impl Into<String>) -> Self {
        Self { image: Some(path.into()), ..self }
    }

    /// `createTime`, milliseconds.
    pub(super) fn at(self, ms: i64) -> Self {
        Self { at: Some(ms), ..self }
    }

    pub(super) fn flag(self, flag: i64) -> Self {
        Self { flag, ..self }
    }
}

/// A row that was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) id: i64,
    pub(super) server_id: i64,
    /// Milliseconds.
    pub(super) at: i64,
}

/// A text that the full-text index holds.
#[derive(Debug, Clone)]
pub(super) struct Indexed {
    pub(super) message: i64,
    pub(super) talker: String,
    pub(super) sender: String,
    pub(super) at: i64,
    pub(super) text: String,
}

/// The store, its truth, and what its side files must say.
#[derive(Debug)]
pub(super) struct MicroMsg {
    pub(super) book: Book,
    pub(super) witness: Witness,
    pub(super) seed: Seed,
    /// What the index will hold; recalled rows keep their old text there.
    pub(super) texts: Vec<Indexed>,
    /// The id of a row that `checkmsgid.ini` lists all the same.
    pub(super) listed_as_deleted: i64,
    contacts: BTreeMap<String, i64>,
    newest: BTreeMap<String, (i64, i64, String)>,
    next: BTreeMap<String, i64>,
    /// Milliseconds.
    pub(super) clock: i64,
}

impl MicroMsg {
    pub(super) fn new(seed: u64, account: &Account) -> Self {
        // Secure delete: WeChat zero-fills what it deletes.
        let book = Book::reserved(1024, 16, "PRAGMA secure_delete=ON");
        book.run(SCHEMA);
        let next = [("message", 1), ("qmessage", 1_000_001), ("findermessage006", 1)];
        let store = Self {
            book,
            witness: Witness::new(APP, Platform::Android, "EnMicroMsg.db"),
            seed: Seed::new(seed, "wechat micromsg"),
            texts: Vec::new(),
            listed_as_deleted: 0,
            contacts: BTreeMap::new(),
            newest: BTreeMap::new(),
            next: next.into_iter().map(|(table, id)| (table.to_owned(), id)).collect(),
            clock: START * 1000,
        };
        // The device id's own hash stands among the stickers.
        row!(store.book, "EmojiInfo", md5: md5_hex(&account.device_id), catalog: 153, type: 0);
        store
    }

    /// Random, 18 to 19 digits, as real ones are.
    pub(super) fn make_server_id(&mut self) -> i64 {
        self.seed.between(100_000_000_000_000_000, 9_200_000_000_000_000_000)
    }

    /// Rowid of a contact, made when first named.
    fn contact(&mut self, username: &str) -> i64 {
        if let Some(&id) = self.contacts.get(username) {
            return id;
        }
        let id = row!(self.book, "rcontact", username: username, alias: "", nickname: nickname(username),
            type: 3, verifyFlag: if username.starts_with("gh_") { 24 } else { 0 },
            encryptUsername: format!("v3_{}@stranger", md5_hex(username)));
        self.contacts.insert(username.to_owned(), id);
        id
    }

    /// A local id whose row is gone.
    pub(super) fn lost_row(&mut self) -> i64 {
        self.take_id("message")
    }

    fn take_id(&mut self, table: &str) -> i64 {
        let next = self.next.get_mut(table).expect("a message table");
        *next += 1;
        *next - 1
    }

    /// Writes a row and its fate.
    pub(super) fn say(&mut self, line: &Line<'_>, fate: Fate, notes: &[&'static str]) -> Said {
        self.clock += 60_000;
        // Received: the server's whole second; composed here: the phone's clock.
        let fraction = if line.is_send == 0 { 0 } else { self.seed.between(1, 999) };
        let at = line.at.unwrap_or(self.clock + fraction);
        let server_id = match line.server_id {
            ServerId::New => self.make_server_id(),
            ServerId::None => 0,
            ServerId::This(id) => id,
        };
        let talker_id = self.contact(line.talker);
        if let Some(sender) = line.sender {
            self.contact(sender);
        }
        let body = match line.sender {
            Some(sender) => format!("{sender}:\n{}", line.content),
            None => line.content.clone(),
        };
        let source = (server_id != 0 && line.is_send == 0).then(|| content::lvbuffer(&content::source(None)));
        let id = self.take_id(line.table);
        let rowid = row!(self.book, line.table, msgId: id, msgSvrId: server_id, type: line.kind,
            status: line.status, isSend: line.is_send, isShowTimer: 0, createTime: at,
            talker: line.talker, content: &body, imgPath: line.image.clone(), lvbuffer: source,
            talkerId: talker_id, msgSeq: line.sequence.unwrap_or(0), flag: line.flag);
        if line.kind == 1 && line.table == "message" {
            self.index(id, line, at);
        }
        self.newest.insert(line.talker.to_owned(), (at, line.kind, body));
        self.witness.says(line.table, rowid, line.talker, fate, notes);
        Said { id, server_id, at }
    }

    fn index(&mut self, message: i64, line: &Line<'_>, at: i64) {
        self.texts.push(Indexed {
            message,
            talker: line.talker.to_owned(),
            sender: line.sender.unwrap_or(line.talker).to_owned(),
            at,
            text: line.content.clone(),
        });
    }

    /// Writes the chat list, or brings it up to date.
    pub(super) fn list_chats(&self) {
        for (talker, (at, kind, body)) in &self.newest {
            self.book.run_with(
                &format!(
                    "INSERT OR IGNORE INTO rconversation(username, conversationTime, msgType, flag, content) \
                     VALUES('{talker}', {at}, '{kind}', {at}, ?)"
                ),
                body,
            );
            self.book.run(&format!(
                "UPDATE rconversation SET msgCount=(SELECT count(*) FROM message WHERE talker='{talker}'), \
                 conversationTime={at} WHERE username='{talker}'"
            ));
        }
    }

    /// Hands the store over.
    pub(super) fn finish(self) -> (Book, Truth) {
        (self.book, self.witness.into_truth())
    }
}

fn nickname(username: &str) -> &'static str {
    use super::super::cast::{BOB, CHEN, LAYLA, PAPER};
    match username {
        BOB => "Bob 🚲",
        CHEN => "陈伟",
        LAYLA => "ليلى",
        PAPER => "港口晚报",
        _ if username.ends_with("@chatroom") => "Harbour club 港口 ⚓",
        _ => "",
    }
}
