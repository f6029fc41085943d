//! `message`: one row at a time, with what the tables beside it say.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{Direction, Key, Message, Record, RecordState, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};

use super::add_ons::AddOns;
use super::chats::Chats;
use super::delete_queue::Candidate;
use super::legacy::OldTimes;
use super::msgstore::{MESSAGE, Msgstore};
use super::receipts::Receipts;
use super::side::Side;
use crate::whatsapp::codes::android as codes;
use crate::whatsapp::{cells, jid, notes};

/// The sentinel's row, state and key.
const SENTINEL: (i64, i64, &str) = (1, -1, "-1");
/// Bit 0 of `origination_flags` marks a forwarded message (IPED).
const FORWARDED: i64 = 1;
/// A row stored so much later than it was sent, in a chat that came by history sync, came with it.
const DAY_MS: i64 = 24 * 3_600_000;

/// The message table with the tables beside it.
pub(super) struct Messages<'a> {
    m: &'a Msgstore<'a>,
    chats: &'a Chats,
    cols: Columns,
    receipts: Receipts<'a>,
    side: Side<'a>,
    add_ons: Option<AddOns<'a>>,
    old: Option<OldTimes<'a>>,
}

struct Columns {
    chat: Col,
    mine: Col,
    key: Col,
    sender: Col,
    status: Col,
    flags: Col,
    timestamp: Col,
    received: Col,
    server: Col,
    server_sts: Col,
    kind: Col,
    text: Col,
    starred: Col,
    sort: Col,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let column = |name| table.column(name);
        Columns {
            chat: column("chat_row_id"),
            mine: column("from_me"),
            key: column("key_id"),
            sender: column("sender_jid_row_id"),
            status: column("status"),
            flags: column("origination_flags"),
            timestamp: column("timestamp"),
            received: column("received_timestamp"),
            server: column("receipt_server_timestamp"),
            server_sts: column("server_sts"),
            kind: column("message_type"),
            text: column("text_data"),
            starred: column("starred"),
            sort: column("sort_id"),
        }
    }
}

impl<'a> Messages<'a> {
    pub(super) fn open(m: &'a Msgstore<'a>, chats: &'a Chats) -> Option<Self> {
        let table = m.store.table(MESSAGE)?;
        Some(Messages {
            m,
            chats,
            cols: Columns::of(table),
            receipts: Receipts::open(m.store),
            side: Side::open(m.store),
            add_ons: AddOns::open(m.store),
            old: OldTimes::open(m.store),
        })
    }

    /// Emits every message; gives the highest row number.
    pub(super) fn read(&self, sink: &mut dyn Sink) -> Result<Option<i64>, Stopped> {
        let mut highest = None;
        self.m.store.each(sink, MESSAGE, |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            highest = highest.max(Some(rowid));
            if is_sentinel(row, rowid, self.cols.status, self.cols.key) {
                return Ok(Fate::PassedOver);
            }
            sink.emit(Record::Message(Box::new(self.message(row, rowid))))?;
            Ok(Fate::Emitted)
        })?;
        Ok(highest)
    }

    fn message(&self, row: &Row<'_>, rowid: i64) -> Message {
        let cols = &self.cols;
        let chat_row = row.int_lossy(cols.chat);
        let chat = self.chats.get(chat_row);
        let thread = chat.map_or_else(|| jid::UNKNOWN.into(), |c| c.jid.clone());
        let id: Key = row.text(cols.key).unwrap_or_default().as_ref().into();
        let mut m = Message::new(row.origin(), self.m.scope.account.clone(), thread, id);
        m.space = self.m.scope.space;
        let status = row.int_lossy(cols.status);
        m.native_type = row.int_lossy(cols.kind);
        m.kind = codes::kind(m.native_type, status);
        m.direction = direction(m.native_type, status, row.int_lossy(cols.mine));
        m.sender = self.sender(row, &m);
        m.sent = cells::millis(row, cols.timestamp);
        m.received = cells::millis(row, cols.received).filter(|_| m.direction == Direction::In);
        m.text = row.value(cols.text);
        let sort = row.int_lossy(cols.sort).filter(|s| *s > 0);
        m.sequence = sort.or(Some(rowid));
        self.add_marks(row, &mut m);
        self.receipts.add(rowid, &self.m.people, &mut m);
        if let Some(old) = &self.old {
            old.add(rowid, &mut m);
        }
        self.side.add(rowid, &mut m);
        if let Some(add_ons) = &self.add_ons {
            add_ons.add(rowid, &self.m.people, &self.m.scope.account, &mut m);
        }
        self.add_notes(row, &mut m);
        let candidate = Candidate {
            chat: chat_row.unwrap_or(0),
            rowid,
            sort: sort.unwrap_or(rowid),
            kind: m.native_type,
            starred: row.int_lossy(cols.starred) == Some(1),
        };
        if let Some(mark) = self.chats.deleted.hides(&candidate) {
            m.state = RecordState::Hidden;
            m.notes.push(notes::HIDDEN_BY_DELETE_QUEUE);
            m.markers.push(mark);
        }
        if chat.is_none() {
            m.notes.push(notes::NO_CHAT);
        } else if chat.is_some_and(|c| c.history_sync) && late(&m) {
            m.notes.push(notes::HISTORY_SYNC);
        }
        m
    }

    fn sender(&self, row: &Row<'_>, m: &Message) -> Option<Key> {
        if m.direction == Direction::Out {
            return Some(self.m.scope.account.clone());
        }
        // 0 or NULL in a chat of two: the peer is the chat.
        let peer = || {
            Some(m.thread.clone()).filter(|t| m.direction == Direction::In && jid::thread_kind(t) == ThreadKind::Direct)
        };
        self.m.people.jid(row.int_lossy(self.cols.sender)).or_else(peer)
    }

    fn add_marks(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        m.markers.extend(status_mark(row, cols.status, m.direction));
        let (server, sts) = ("receipt_server_timestamp", "server_sts");
        m.markers.extend(cells::time_mark(row, cols.server, MarkerKind::ServerTime, server));
        m.markers.extend(cells::time_mark(row, cols.server_sts, MarkerKind::ServerTime, sts));
        m.markers.extend(cells::mark(row, cols.sort, MarkerKind::Sequence, "sort_id"));
    }

    fn add_notes(&self, row: &Row<'_>, m: &mut Message) {
        if matches!(m.native_type, Some(codes::REVOKED | codes::REVOKED_BY_ADMIN)) {
            m.notes.push(notes::REVOKED);
        }
        if row.int_lossy(self.cols.flags).is_some_and(|f| f & FORWARDED == FORWARDED)
            && !m.notes.contains(&notes::FORWARDED)
        {
            m.notes.push(notes::FORWARDED);
        }
        m.notes.extend(self.m.note);
        if row.only_in_log() {
            m.notes.push(notes::ONLY_IN_WAL);
        }
    }
}

/// Whether a row is the one that every message table begins with. One sign alone makes no other row a sentinel: it would
/// be lost.
pub(super) fn is_sentinel(row: &Row<'_>, rowid: i64, status: Col, key: Col) -> bool {
    let (first, state, name) = SENTINEL;
    let signs = [rowid == first, row.int_lossy(status) == Some(state), row.text(key).as_deref() == Some(name)];
    signs.into_iter().filter(|sign| *sign).count() >= 2
}

/// The state with its word.
pub(super) fn status_mark(row: &Row<'_>, col: Col, direction: Direction) -> Option<Marker> {
    let mark = cells::mark(row, col, MarkerKind::State, "status")?;
    let word = match direction {
        Direction::Out | Direction::In | Direction::System => {
            mark.raw.as_int().and_then(|code| codes::status(code, direction == Direction::Out))
        }
        Direction::Unknown => None,
    };
    Some(mark.meaning(word))
}

/// Which way a row went.
pub(super) fn direction(kind: Option<i64>, status: Option<i64>, from_me: Option<i64>) -> Direction {
    match from_me {
        _ if codes::is_system(kind, status) => Direction::System,
        Some(1) => Direction::Out,
        Some(0) => Direction::In,
        _ => Direction::Unknown,
    }
}

/// Whether an incoming row was stored more than a day after it was sent.
fn late(m: &Message) -> bool {
    let times = m.sent.and_then(|s| s.unix_millis()).zip(m.received.and_then(|r| r.unix_millis()));
    times.is_some_and(|(sent, received)| received.saturating_sub(sent) > DAY_MS)
}
