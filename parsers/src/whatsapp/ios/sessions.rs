//! `ZWACHATSESSION`: the chats, with the counter that outlives deletion.

use std::collections::HashMap;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, CursorSays, Key, Mention, Name, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Stamp;

use super::Names;
use crate::whatsapp::rules::absences;
use crate::whatsapp::{Scope, cells, jid};

/// What is kept of a chat while its messages are read.
pub(super) struct Session {
    pub(super) jid: Key,
    pub(super) removed: bool,
    /// `ZMESSAGECOUNTER`, where the store keeps it.
    counter: Option<i64>,
    last_date: Option<(Stamp, Marker)>,
    /// Highest number, and date in nanoseconds, of the rows that are there.
    top: Option<i64>,
    newest: Option<i128>,
}

impl Session {
    /// Takes note of a row of the chat.
    pub(super) fn saw(&mut self, number: Option<i64>, date: Option<Stamp>) {
        self.top = self.top.max(number);
        self.newest = self.newest.max(date.and_then(|d| d.unix_nanos()));
    }
}

/// All chats of a store, by row.
pub(super) struct Sessions {
    by_row: HashMap<i64, Session>,
}

impl Sessions {
    pub(super) fn get(&self, row: Option<i64>) -> Option<&Session> {
        self.by_row.get(&row?)
    }

    pub(super) fn get_mut(&mut self, row: Option<i64>) -> Option<&mut Session> {
        self.by_row.get_mut(&row?)
    }

    /// Emits threads, counters and pointers.
    pub(super) fn read(store: &OpenStore, scope: &Scope, names: &Names, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut members = members(store, sink)?;
        let mut by_row = HashMap::new();
        let Some(table) = store.table("ZWACHATSESSION") else { return Ok(Sessions { by_row }) };
        let column = |name| table.column(name);
        let (contact, title, kind, removed) =
            (column("ZCONTACTJID"), column("ZPARTNERNAME"), column("ZSESSIONTYPE"), column("ZREMOVED"));
        let (counter, last, last_date) =
            (column("ZMESSAGECOUNTER"), column("ZLASTMESSAGE"), column("ZLASTMESSAGEDATE"));
        let (hidden, archived, identifier) = (column("ZHIDDEN"), column("ZARCHIVED"), column("ZCONTACTIDENTIFIER"));
        store.each(sink, "ZWACHATSESSION", |row, sink| {
            let Some(pk) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let id: Key = cells::text(row, contact).map_or_else(|| jid::UNKNOWN.into(), Key::from);
            let name = cells::text(row, title).or_else(|| names.get(&*id).cloned());
            sink.emit(Record::Thread(Thread {
                origin: row.origin(),
                account: scope.account.clone(),
                id: id.clone(),
                name,
                kind: thread_kind(row.int_lossy(kind), &id),
                participants: members.remove(&pk).unwrap_or_default(),
                extra: vec![
                    ("removed", row.value(removed)),
                    ("hidden", row.value(hidden)),
                    ("archived", row.value(archived)),
                    ("contact", row.value(identifier)),
                ],
            }))?;
            // 0 is a counter that this version does not keep.
            let next = row.int_lossy(counter).filter(|n| *n > 0);
            if let Some(next) = next {
                let marker = Marker::new(MarkerKind::Cursor, "ZMESSAGECOUNTER", row.value(counter), row.cell(counter));
                let says = CursorSays::Next(next);
                sink.emit(Record::Cursor(scope.cursor(Some(&id), "ZSORT", says, marker)))?;
            }
            if let Some(marker) = cells::mark(row, last, MarkerKind::Reference, "ZLASTMESSAGE") {
                point(store, scope, &id, marker, sink)?;
            }
            let last_date = cells::apple(row, last_date).map(|stamp| {
                let marker =
                    Marker::new(MarkerKind::Cursor, "ZLASTMESSAGEDATE", row.value(last_date), row.cell(last_date));
                (stamp, marker.meaning(stamp.to_string()))
            });
            let removed = row.int_lossy(removed) == Some(1);
            by_row.insert(pk, Session { jid: id, removed, counter: next, last_date, top: None, newest: None });
            Ok(Fate::Emitted)
        })?;
        Ok(Sessions { by_row })
    }

    /// Chats whose date of the last message is later than every row, where the counter does not tell of it already.
    pub(super) fn later_dates(&self, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        /// The two dates of one message may differ by rounding.
        const SECOND: i128 = 1_000_000_000;
        let mut rows: Vec<_> = self.by_row.iter().collect();
        rows.sort_unstable_by_key(|(row, _)| **row);
        for (_, session) in rows {
            let (Some((date, marker)), Some(newest)) = (&session.last_date, session.newest) else { continue };
            let told = session.counter.zip(session.top).is_some_and(|(next, top)| top < next.saturating_sub(1));
            let later = date.unix_nanos().is_some_and(|d| d > newest.saturating_add(SECOND));
            if later && !told {
                let mention = scope.count(
                    Some(&session.jid),
                    AbsenceKind::BeyondRecords,
                    absences::IOS_LAST_DATE.id,
                    marker.clone(),
                );
                sink.emit(Record::Mention(Box::new(Mention { after: session.top, ..mention })))?;
            }
        }
        Ok(())
    }
}

/// A pointer to the chat's last message, where no such row is there.
fn point(store: &OpenStore, scope: &Scope, chat: &Key, marker: Marker, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(wanted) = marker.raw.as_int().filter(|pk| *pk > 0) else { return Ok(()) };
    if scope.is_there(store, "ZWAMESSAGE", wanted) {
        return Ok(());
    }
    let names = vec![Name::Row { table: "ZWAMESSAGE".into(), rowid: wanted }];
    let mention = scope.mention(Some(chat), names, AbsenceKind::Dangling, absences::IOS_LAST_MESSAGE.id, marker);
    sink.emit(Record::Mention(Box::new(mention)))
}

/// Members of groups, by chat.
fn members(store: &OpenStore, sink: &mut dyn Sink) -> Result<HashMap<i64, Vec<Box<str>>>, Stopped> {
    let mut members: HashMap<i64, Vec<Box<str>>> = HashMap::new();
    let Some(table) = store.table("ZWAGROUPMEMBER") else { return Ok(members) };
    let (chat, jid) = (table.column("ZCHATSESSION"), table.column("ZMEMBERJID"));
    store.each(sink, "ZWAGROUPMEMBER", |row, _| match (row.int_lossy(chat), cells::text(row, jid)) {
        (Some(chat), Some(jid)) => {
            members.entry(chat).or_default().push(jid);
            Ok(Fate::Folded)
        }
        _ => Ok(Fate::PassedOver),
    })?;
    Ok(members)
}

fn thread_kind(session_type: Option<i64>, id: &str) -> ThreadKind {
    match (session_type, jid::thread_kind(id)) {
        (_, ThreadKind::Service) => ThreadKind::Service,
        (Some(0), _) => ThreadKind::Direct,
        (Some(1 | 4), _) => ThreadKind::Group,
        (Some(2 | 3), _) => ThreadKind::Broadcast,
        (Some(5), _) => ThreadKind::Channel,
        (_, kind) => kind,
    }
}
