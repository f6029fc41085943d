//! `chat`: conversations with their cursors and pointers, and the delete queue.

use std::collections::{HashMap, HashSet};

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, CursorSays, Key, Name, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};

use super::delete_queue::DeleteQueue;
use super::msgstore::Msgstore;
use crate::whatsapp::rules::absences;
use crate::whatsapp::{cells, jid};

/// Row 1 of the message table is a sentinel; pointers name it where there is no message (real chats of 2023).
const SENTINEL: i64 = 1;

/// Columns that name a message row.
const POINTERS: [&str; 5] = [
    "last_message_row_id",
    "display_message_row_id",
    "last_read_message_row_id",
    "last_read_receipt_sent_message_row_id",
    "last_important_message_row_id",
];

/// What is kept of a chat while its messages are read.
pub(super) struct Chat {
    pub(super) jid: Key,
    /// Whether the chat came by history sync.
    pub(super) history_sync: bool,
}

/// All chats, by row.
pub(super) struct Chats {
    by_row: HashMap<i64, Chat>,
    pub(super) deleted: DeleteQueue,
}

impl Chats {
    pub(super) fn get(&self, row: Option<i64>) -> Option<&Chat> {
        self.by_row.get(&row?)
    }

    /// The address of a chat.
    pub(super) fn jid(&self, row: Option<i64>) -> Option<Key> {
        self.get(row).map(|c| c.jid.clone())
    }

    /// The addresses of all chats.
    pub(super) fn addresses(&self) -> HashSet<&str> {
        self.by_row.values().map(|c| &*c.jid).collect()
    }

    /// Emits threads, cursors and pointers.
    pub(super) fn read(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut members = members(m, sink)?;
        let deleted = DeleteQueue::read(m.store, sink)?;
        let mut chats = Chats { by_row: HashMap::new(), deleted };
        let Some(table) = m.store.table("chat") else { return Ok(chats) };
        let cols = Columns::of(table);
        m.store.each(sink, "chat", |row, sink| {
            let Some(number) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let address = row.int_lossy(cols.jid);
            // Chats of early stores name their address themselves.
            let id = m.people.jid(address).or_else(|| cells::text(row, cols.raw_jid).map(Key::from));
            let id = id.unwrap_or_else(|| jid::UNKNOWN.into());
            sink.emit(Record::Thread(Thread {
                origin: row.origin(),
                account: m.scope.account.clone(),
                name: cells::text(row, cols.subject).or_else(|| m.names.get(&*id).cloned()),
                kind: jid::thread_kind(&id),
                participants: address.and_then(|a| members.remove(&a)).unwrap_or_default(),
                id: id.clone(),
                extra: vec![
                    ("created", cells::millis(row, cols.created).map(|s| s.to_string()).into()),
                    ("hidden", row.value(cols.hidden)),
                    ("archived", row.value(cols.archived)),
                    ("ephemeral_expiration", row.value(cols.ephemeral)),
                ],
            }))?;
            cols.emit_cursors(m, row, &id, sink)?;
            cols.emit_pointers(m, row, &id, sink)?;
            let history_sync = row.int_lossy(cols.history_sync).is_some_and(|p| p > 0);
            chats.by_row.insert(number, Chat { jid: id, history_sync });
            Ok(Fate::Emitted)
        })?;
        Ok(chats)
    }
}

struct Columns {
    jid: Col,
    raw_jid: Col,
    subject: Col,
    created: Col,
    hidden: Col,
    archived: Col,
    ephemeral: Col,
    history_sync: Col,
    last_sort: Col,
    receipt_sort: Col,
    pointers: [Col; 5],
}

impl Columns {
    fn of(table: &Table) -> Self {
        let column = |name| table.column(name);
        Columns {
            jid: column("jid_row_id"),
            raw_jid: column("raw_string_jid"),
            subject: column("subject"),
            created: column("created_timestamp"),
            hidden: column("hidden"),
            archived: column("archived"),
            ephemeral: column("ephemeral_expiration"),
            history_sync: column("history_sync_progress"),
            last_sort: column("last_message_sort_id"),
            receipt_sort: column("last_read_receipt_sent_message_sort_id"),
            pointers: POINTERS.map(column),
        }
    }

    /// How far the chat knows itself to reach.
    fn emit_cursors(&self, m: &Msgstore<'_>, row: &Row<'_>, id: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let [last_row, ..] = self.pointers;
        let by_sort = row
            .int_lossy(self.last_sort)
            .filter(|n| *n > SENTINEL)
            .map(|n| (n, self.last_sort, "last_message_sort_id"));
        // Where sort ids are not kept, the row number stands in for them, if that row is there.
        let by_row = || {
            let number = row.int_lossy(last_row).filter(|n| *n > SENTINEL)?;
            Some((m.sort_of(number)?, last_row, "last_message_row_id"))
        };
        if let Some((reached, col, name)) = by_sort.or_else(by_row) {
            let mark = Marker::new(MarkerKind::Cursor, name, row.value(col), row.cell(col));
            sink.emit(Record::Cursor(m.scope.cursor(Some(id), "sort_id", CursorSays::Reached(reached), mark)))?;
        }
        if let Some(stored) = row.int_lossy(self.receipt_sort).filter(|n| *n > SENTINEL) {
            let col = self.receipt_sort;
            let name = "last_read_receipt_sent_message_sort_id";
            let mark = Marker::new(MarkerKind::Cursor, name, row.value(col), row.cell(col));
            // A receipt was sent for it, so it was stored; newer rows need not have one.
            sink.emit(Record::Cursor(m.scope.cursor(Some(id), "sort_id", CursorSays::Stored(stored), mark)))?;
        }
        Ok(())
    }

    fn emit_pointers(&self, m: &Msgstore<'_>, row: &Row<'_>, id: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (col, name) in self.pointers.into_iter().zip(POINTERS) {
            let Some(wanted) = row.int_lossy(col).filter(|n| *n > SENTINEL) else { continue };
            if !m.is_there(wanted) {
                let mark = Marker::new(MarkerKind::Reference, name, row.value(col), row.cell(col));
                let rule = absences::ANDROID_CHAT_POINTER.id;
                m.mention(Some(id), vec![m.row_name(wanted)], AbsenceKind::Dangling, rule, mark, sink)?;
            }
        }
        Ok(())
    }
}

/// Members of groups, by the group's address row.
fn members(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<HashMap<i64, Vec<Box<str>>>, Stopped> {
    const TABLE: &str = "group_participant_user";
    let mut members: HashMap<i64, Vec<Box<str>>> = HashMap::new();
    let Some(table) = m.store.table(TABLE) else { return Ok(members) };
    let (group, user) = (table.column("group_jid_row_id"), table.column("user_jid_row_id"));
    m.store.each(sink, TABLE, |row, _| match (row.int_lossy(group), m.people.jid(row.int_lossy(user))) {
        (Some(group), Some(user)) => {
            members.entry(group).or_default().push((&*user).into());
            Ok(Fate::Folded)
        }
        _ => Ok(Fate::PassedOver),
    })?;
    Ok(members)
}

/// Emits the threads of a store that has no chat table (before 2021): one for each address that messages name.
pub(super) fn emit_legacy(
    m: &Msgstore<'_>,
    threads: Vec<(Key, forensics_core::origin::Origin)>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let mut members: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
    if let Some(table) = m.store.table("group_participants") {
        let (group, user) = (table.column("gjid"), table.column("jid"));
        m.store.each(sink, "group_participants", |row, _| match (cells::text(row, group), cells::text(row, user)) {
            (Some(group), Some(user)) => {
                members.entry(group).or_default().push(user);
                Ok(Fate::Folded)
            }
            _ => Ok(Fate::PassedOver),
        })?;
    }
    for (id, origin) in threads {
        sink.emit(Record::Thread(Thread {
            origin,
            account: m.scope.account.clone(),
            name: m.names.get(&*id).cloned(),
            kind: match jid::thread_kind(&id) {
                ThreadKind::Unknown if members.contains_key(&*id) => ThreadKind::Group,
                kind => kind,
            },
            participants: members.remove(&*id).unwrap_or_default(),
            id,
            extra: Vec::new(),
        }))?;
    }
    Ok(())
}

/// A name of a message row.
pub(super) fn row_name(table: &str, rowid: i64) -> Name {
    Name::Row { table: table.into(), rowid }
}
