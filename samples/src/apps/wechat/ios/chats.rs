//! A file of chat tables under construction.

use std::collections::BTreeMap;

use super::super::{APP, START, content};
use crate::Seed;
use crate::crypto::md5_hex;
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Fate, Platform, Truth, Witness};

/// Which form the tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `MM.sqlite`, column order of old installs.
    Old,
    /// `message_n.sqlite`, made by WCDB.
    Wcdb,
    /// The same with `WCDB_CT_` columns for compressed text.
    Compressing,
}

/// How the text stands in its cell.
#[derive(Debug, Clone)]
pub(super) enum Text {
    Plain(String),
    /// A compressed payload and the value of `WCDB_CT_Message`.
    Packed(Vec<u8>, i64),
}

/// A row of a chat table before it is written.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) chat: &'a str,
    sender: Option<&'a str>,
    des: i64,
    status: i64,
    kind: i64,
    text: Text,
    id: Option<i64>,
    numbered: bool,
    sequence: Option<i64>,
}

impl<'a> Line<'a> {
    /// Sent by the owner: `Des` 0, `Status` 2.
    pub(super) fn to(chat: &'a str, text: impl Into<String>) -> Self {
        Self {
            chat,
            sender: None,
            des: 0,
            status: 2,
            kind: 1,
            text: Text::Plain(text.into()),
            id: None,
            numbered: true,
            sequence: None,
        }
    }

    /// Received: `Des` 1, `Status` 4.
    pub(super) fn from(chat: &'a str, text: impl Into<String>) -> Self {
        Self { des: 1, status: 4, ..Self::to(chat, text) }
    }

    pub(super) fn by(self, sender: &'a str) -> Self {
        Self { sender: Some(sender), ..self }
    }

    pub(super) fn status(self, status: i64) -> Self {
        Self { status, ..self }
    }

    pub(super) fn kind(self, kind: i64) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn no_id(self) -> Self {
        Self { numbered: false, ..self }
    }

    pub(super) fn id(self, id: i64) -> Self {
        Self { id: Some(id), ..self }
    }

    pub(super) fn sequence(self, sequence: i64) -> Self {
        Self { sequence: Some(sequence), ..self }
    }

    pub(super) fn packed(self, payload: Vec<u8>, column: i64) -> Self {
        Self { text: Text::Packed(payload, column), ..self }
    }
}

/// A row that was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) server_id: i64,
    /// Unix seconds.
    pub(super) at: i64,
}

/// One database of chats.
#[derive(Debug)]
pub(super) struct Chats {
    pub(super) book: Book,
    pub(super) witness: Witness,
    pub(super) seed: Seed,
    form: Form,
    next: BTreeMap<String, i64>,
    clock: i64,
}

impl Chats {
    pub(super) fn new(seed: u64, file: &str, form: Form, schema: &str) -> Self {
        Self {
            book: Book::new(schema),
            witness: Witness::new(APP, Platform::Ios, file),
            seed: Seed::new(seed, file),
            form,
            next: BTreeMap::new(),
            clock: START,
        }
    }

    pub(super) fn make_server_id(&mut self) -> i64 {
        self.seed.between(100_000_000_000_000_000, 9_200_000_000_000_000_000)
    }

    /// Makes the tables of a chat when it is first named.
    fn table(&mut self, chat: &str) -> String {
        let hash = md5_hex(chat);
        if !self.next.contains_key(chat) {
            let schema = match self.form {
                Form::Old => include_str!("../../../../schemas/wechat/chat_mm.sql"),
                _ => include_str!("../../../../schemas/wechat/chat_message_n.sql"),
            };
            self.book.run(&schema.replace("<c>", &hash));
            if self.form == Form::Compressing {
                self.book.run(&format!(
                    "ALTER TABLE Chat_{hash} ADD COLUMN WCDB_CT_Message INTEGER DEFAULT NULL; \
                     ALTER TABLE ChatExt2_{hash} ADD COLUMN WCDB_CT_MsgSource INTEGER DEFAULT NULL"
                ));
            }
            self.next.insert(chat.to_owned(), 1);
        }
        format!("Chat_{hash}")
    }

    /// The next local id, taken and left without a row.
    pub(super) fn lost_row(&mut self, chat: &str) -> i64 {
        self.table(chat);
        let next = self.next.get_mut(chat).expect("just made");
        *next += 1;
        *next - 1
    }

    /// Writes a row, its `ChatExt2` row and its fate.
    pub(super) fn say(&mut self, line: &Line<'_>, fate: Fate, notes: &[&'static str]) -> Said {
        self.clock += 60;
        let table = self.table(line.chat);
        let local = self.lost_row(line.chat);
        let made = self.make_server_id();
        let server_id = if line.numbered { line.id.unwrap_or(made) } else { 0 };
        row!(self.book, &table, MesLocalID: local, MesSvrID: server_id, CreateTime: self.clock,
            Status: line.status, ImgStatus: 1, Type: line.kind, Des: line.des, TableVer: 1);
        match &line.text {
            Text::Plain(text) => {
                let body = match line.sender {
                    Some(sender) => format!("{sender}:\n{text}"),
                    None => text.clone(),
                };
                self.set(&table, local, "Message", body);
            }
            Text::Packed(payload, column) => {
                self.set(&table, local, "Message", payload.clone());
                self.set(&table, local, "WCDB_CT_Message", *column);
            }
        }
        if line.des == 1 && server_id != 0 {
            let ext = table.replace("Chat_", "ChatExt2_");
            row!(self.book, &ext, MesLocalID: local, MsgSource: content::source(line.sequence));
        }
        self.witness.says(&table, local, line.chat, fate, notes);
        Said { server_id, at: self.clock }
    }

    fn set(&self, table: &str, local: i64, column: &str, value: impl crate::sqlite::Cell) {
        self.book.run_with(&format!("UPDATE {table} SET {column}=? WHERE MesLocalID={local}"), value);
    }

    /// Marks a plain row as looked at by the compressor and left as it is (`WCDB_CT_Message` 0).
    pub(super) fn mark_stored_plain(&self, chat: &str, local: i64) {
        self.set(&format!("Chat_{}", md5_hex(chat)), local, "WCDB_CT_Message", 0);
    }

    /// Sets the table's `sqlite_sequence`: so many ids were given, the last ones are gone.
    pub(super) fn set_sequence(&self, chat: &str, value: i64) {
        self.book.run(&format!("UPDATE sqlite_sequence SET seq={value} WHERE name='Chat_{}'", md5_hex(chat)));
    }

    pub(super) fn finish(self) -> (Vec<u8>, Truth) {
        (wal_mode(self.book.bytes()), self.witness.into_truth())
    }
}
