//! `messages`: one table for everything, up to 2021; beside `message` while a store was being moved (2021, 2022).

use std::collections::BTreeMap;

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{
    Attachment, Direction, Key, Message, MessageKind, Receipt, ReceiptKind, Record, ThreadKind,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::java_object;
use forensics_core::store::sqlite::{Col, Row, Table, TextLookup};

use super::chats::Chats;
use super::messages::{direction, is_sentinel, status_mark};
use super::msgstore::{MESSAGE, MESSAGES, Msgstore};
use super::receipts::receipt_mark;
use crate::whatsapp::codes::android as codes;
use crate::whatsapp::{cells, jid, notes};

/// Times that a row carries itself, and that `receipts` carries for each member, with what each says.
const TIMES: [(&str, ReceiptKind); 3] = [
    ("receipt_device_timestamp", ReceiptKind::Delivered),
    ("read_device_timestamp", ReceiptKind::Read),
    ("played_device_timestamp", ReceiptKind::Played),
];
/// Receipts of one message that are read: a group has some thousand members at most.
const MOST: usize = 10_000;

/// The times of a row of the old table, for its twin in the new one.
pub(super) struct OldTimes<'a> {
    store: &'a OpenStore,
    table: &'a Table,
    key: Col,
    times: [Col; 3],
}

impl<'a> OldTimes<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Option<Self> {
        let table = store.table(MESSAGES)?;
        Some(OldTimes { store, table, key: table.column("key_id"), times: TIMES.map(|(name, _)| table.column(name)) })
    }

    /// Adds the receipts that only the old row has.
    pub(super) fn add(&self, rowid: i64, m: &mut Message) {
        let Ok(Some(row)) = self.store.get(self.table, rowid) else { return };
        if row.text(self.key).as_deref() == Some(&*m.id) {
            add_times(&row, self.times, None, m);
        }
    }
}

/// The old table with those beside it.
pub(super) struct Legacy<'a> {
    m: &'a Msgstore<'a>,
    cols: Columns,
    quotes: Option<(&'a Table, Col)>,
    receipts: Option<LegacyReceipts<'a>>,
    /// The new table, where the store is being moved.
    moved: Option<(&'a Table, Col)>,
    /// Where each address was first named. As many as there are chats.
    threads: BTreeMap<Key, Origin>,
}

struct Columns {
    chat: Col,
    mine: Col,
    key: Col,
    status: Col,
    text: Col,
    timestamp: Col,
    received: Col,
    server: Col,
    kind: Col,
    sender: Col,
    quoted: Col,
    caption: Col,
    mime: Col,
    size: Col,
    name: Col,
    hash: Col,
    thumb: Col,
    forwarded: Col,
    latitude: Col,
    longitude: Col,
    times: [Col; 3],
}

/// `receipts`, found by the message's key.
struct LegacyReceipts<'a> {
    by_key: TextLookup<'a>,
    chat: Col,
    member: Col,
    times: [Col; 3],
}

impl<'a> Legacy<'a> {
    pub(super) fn open(m: &'a Msgstore<'a>) -> Option<Self> {
        let table = m.store.table(MESSAGES)?;
        let receipts = m.store.table("receipts").map(|t| LegacyReceipts {
            by_key: TextLookup::build(m.store, t, t.column("key_id")),
            chat: t.column("key_remote_jid"),
            member: t.column("remote_resource"),
            times: TIMES.map(|(name, _)| t.column(name)),
        });
        Some(Legacy {
            m,
            cols: Columns::of(table),
            quotes: m.store.table("messages_quotes").map(|t| (t, t.column("key_id"))),
            receipts,
            moved: m.store.table(MESSAGE).map(|t| (t, t.column("key_id"))),
            threads: BTreeMap::new(),
        })
    }

    /// Emits every message that does not stand in the new table as well; gives the highest row number.
    pub(super) fn read(&mut self, sink: &mut dyn Sink) -> Result<Option<i64>, Stopped> {
        let mut highest = None;
        let store = self.m.store;
        store.each(sink, MESSAGES, |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            highest = highest.max(Some(rowid));
            let key = row.text(self.cols.key).unwrap_or_default();
            if is_sentinel(row, rowid, self.cols.status, self.cols.key) {
                return Ok(Fate::PassedOver);
            }
            let twin = self.twin(rowid);
            if twin.as_deref() == Some(&*key) {
                return Ok(Fate::Folded);
            }
            let mut message = self.message(row, rowid, key.as_ref().into());
            if twin.is_some() {
                message.notes.push(notes::OTHER_TABLE_DIFFERS);
            }
            self.threads.entry(message.thread.clone()).or_insert_with(|| row.origin());
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        Ok(highest)
    }

    /// The addresses that no chat row names, with the row that names each first.
    pub(super) fn threads(self, chats: &Chats) -> Vec<(Key, Origin)> {
        let known = chats.addresses();
        self.threads.into_iter().filter(|(jid, _)| !known.contains(&**jid)).collect()
    }

    /// The key of the row of the same number in the new table.
    fn twin(&self, rowid: i64) -> Option<Box<str>> {
        let (table, key) = self.moved?;
        let row = self.m.store.get(table, rowid).ok().flatten()?;
        Some(row.text(key).unwrap_or_default().as_ref().into())
    }

    fn message(&self, row: &Row<'_>, rowid: i64, id: Key) -> Message {
        let cols = &self.cols;
        let thread: Key = cells::text(row, cols.chat).map_or_else(|| jid::UNKNOWN.into(), Key::from);
        let mut m = Message::new(row.origin(), self.m.scope.account.clone(), thread, id);
        m.space = self.m.scope.space;
        let status = row.int_lossy(cols.status);
        // The type stands as text.
        m.native_type = row.int_lossy(cols.kind);
        m.kind = codes::kind(m.native_type, status);
        m.direction = direction(m.native_type, status, row.int_lossy(cols.mine));
        m.sender = match m.direction {
            Direction::Out => Some(self.m.scope.account.clone()),
            _ => cells::text(row, cols.sender).map(Key::from).or_else(|| {
                let direct = m.direction == Direction::In && jid::thread_kind(&m.thread) == ThreadKind::Direct;
                direct.then(|| m.thread.clone())
            }),
        };
        m.sent = cells::millis(row, cols.timestamp);
        m.received = cells::millis(row, cols.received).filter(|_| m.direction == Direction::In);
        m.text = row.value(cols.text);
        m.sequence = Some(rowid);
        m.markers.extend(status_mark(row, cols.status, m.direction));
        m.markers.extend(cells::time_mark(row, cols.server, MarkerKind::ServerTime, "receipt_server_timestamp"));
        add_times(row, cols.times, None, &mut m);
        self.add_receipts(&mut m);
        self.add_content(row, &mut m);
        if let Some((table, key)) = self.quotes
            && let Some(quoted) = row.int_lossy(cols.quoted).filter(|n| *n > 0)
            && let Ok(Some(quote)) = self.m.store.get(table, quoted)
        {
            m.reply_to = cells::text(&quote, key);
        }
        if m.native_type == Some(codes::REVOKED) {
            m.notes.push(notes::REVOKED);
        }
        if row.int_lossy(cols.forwarded).is_some_and(|f| f & 1 == 1) {
            m.notes.push(notes::FORWARDED);
        }
        m.notes.extend(self.m.note);
        if row.only_in_log() {
            m.notes.push(notes::ONLY_IN_WAL);
        }
        m
    }

    fn add_receipts(&self, m: &mut Message) {
        let Some(receipts) = self.receipts.as_ref().filter(|_| m.direction == Direction::Out && !m.id.is_empty())
        else {
            return;
        };
        let id = m.id.clone();
        for row in receipts.by_key.rows(&id).take(MOST) {
            if row.text(receipts.chat).as_deref() == Some(&*m.thread) {
                add_times(&row, receipts.times, cells::text(&row, receipts.member), m);
            }
        }
    }

    /// Media, whose caption and name stand in the row itself; system rows keep their action in the size.
    fn add_content(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        match m.kind {
            MessageKind::System => {
                m.markers.extend(cells::mark(row, cols.size, MarkerKind::State, "media_size"));
            }
            MessageKind::Location => {
                if let (Some(latitude), Some(longitude)) = (row.real(cols.latitude), row.real(cols.longitude)) {
                    m.attachments.push(Attachment {
                        name: cells::text(row, cols.name),
                        mime: None,
                        size: None,
                        path: Some(format!("geo:{latitude},{longitude}").into()),
                        sha256: None,
                        origin: row.origin(),
                    });
                }
            }
            MessageKind::Call => {}
            _ => {
                let (mime, name) = (cells::text(row, cols.mime), cells::text(row, cols.name));
                if m.text.is_null() {
                    m.text = row.value(cols.caption);
                }
                let path = row.bytes(cols.thumb).and_then(|blob| media_path(&blob));
                if mime.is_some() || name.is_some() || path.is_some() {
                    m.attachments.push(Attachment {
                        name,
                        mime,
                        size: row.int_lossy(cols.size).filter(|s| *s > 0),
                        path,
                        sha256: cells::text(row, cols.hash).and_then(|h| cells::sha256(&h)),
                        origin: row.origin(),
                    });
                }
            }
        }
    }
}

impl Columns {
    fn of(table: &Table) -> Self {
        let column = |name| table.column(name);
        Columns {
            chat: column("key_remote_jid"),
            mine: column("key_from_me"),
            key: column("key_id"),
            status: column("status"),
            text: column("data"),
            timestamp: column("timestamp"),
            received: column("received_timestamp"),
            server: column("receipt_server_timestamp"),
            kind: column("media_wa_type"),
            sender: column("remote_resource"),
            quoted: column("quoted_row_id"),
            caption: column("media_caption"),
            mime: column("media_mime_type"),
            size: column("media_size"),
            name: column("media_name"),
            hash: column("media_hash"),
            thumb: column("thumb_image"),
            forwarded: column("forwarded"),
            latitude: column("latitude"),
            longitude: column("longitude"),
            times: TIMES.map(|(name, _)| column(name)),
        }
    }
}

/// Where the file lies: `thumb_image` is a serialised object of the app whose field `file` is a `java.io.File` (IPED).
fn media_path(blob: &[u8]) -> Option<Box<str>> {
    /// It holds keys and a preview at most.
    const LONGEST: usize = 1 << 20;
    let object = java_object::read(Some(blob).filter(|b| b.len() <= LONGEST)?).ok()?;
    object.get("file")?.get("path")?.as_text().map(Into::into)
}

/// Times of recipients in a row.
fn add_times(row: &Row<'_>, times: [Col; 3], recipient: Option<Box<str>>, m: &mut Message) {
    for (col, (name, kind)) in times.into_iter().zip(TIMES) {
        let Some(at) = cells::millis(row, col) else { continue };
        m.markers.push(receipt_mark(name, row.value(col), row.cell(col), kind, at));
        m.receipts.push(Receipt { recipient: recipient.clone(), kind, at: Some(at), origin: row.cell(col) });
    }
}
