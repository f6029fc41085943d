//! `conversations` and `participants`: who talks, what the server said of the conversation, how far it was fetched.

use std::collections::HashMap;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Contact, CursorSays, Key, Mention, Record, Strength, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Row, Table, TextLookup};
use forensics_core::value::Value;

use super::rules::{self, LATEST_MARK, TEMPORARY_MARK};
use crate::telephony::cells::{self, columns};
use crate::telephony::scope::{Scope, emit, is_there, row_name};

columns! {
    /// `conversations`.
    Columns {
        id = "conversation_id", kind = "conversation_type", latest = "latest_message_timestamp", name = "name",
        generated = "generated_name", snippet = "snippet_text", snippet_row = "snippet_message_row_id",
        previous = "previous_latest_timestamp", sort = "sort_timestamp", own_mark = "self_watermark",
        chat_mark = "chat_watermark", hangout_mark = "hangout_watermark", token = "continuation_token",
        token_time = "continuation_event_timestamp", oldest = "has_oldest_message", temporary = "is_temporary",
        transport = "transport_type", metadata = "metadata_present", otr = "otr_status", draft = "draft",
    }
}

/// What is known of a conversation, and what was met of its messages.
#[derive(Default)]
struct Met {
    rowid: i64,
    latest: Option<i64>,
    temporary: bool,
    latest_met: bool,
    oldest_row: Option<i64>,
    messages: u64,
}

/// All conversations. Memory grows with conversations.
pub(super) struct Conversations<'a> {
    store: &'a OpenStore,
    table: Option<(&'a Table, Columns)>,
    met: HashMap<Box<str>, Met>,
}

impl<'a> Conversations<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        let table = store.table("conversations").map(|t| (t, Columns::of(t)));
        let mut met = HashMap::new();
        if let Some((table, cols)) = table {
            for row in store.scan(table).filter_map(Result::ok) {
                let (Some(id), Some(rowid)) = (cells::text(&row, cols.id), row.rowid()) else { continue };
                let (latest, temporary) = (cells::positive(&row, cols.latest), row.int(cols.temporary) == Some(1));
                met.insert(id, Met { rowid, latest, temporary, ..Met::default() });
            }
        }
        Conversations { store, table, met }
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.met.contains_key(id)
    }

    /// Takes note of a message, and gives the marks that its conversation puts on it.
    pub(super) fn meet(&mut self, id: &str, time: Option<i64>) -> Vec<Marker> {
        let Some(met) = self.met.get_mut(id) else { return Vec::new() };
        met.messages = met.messages.saturating_add(1);
        met.latest_met = met.latest_met || (time.is_some() && time == met.latest);
        met.oldest_row = match (met.oldest_row, time) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let beyond = met.latest.zip(time).is_some_and(|(latest, time)| time > latest);
        let Some((table, cols)) = self.table.filter(|_| beyond || met.temporary) else { return Vec::new() };
        let Ok(Some(row)) = self.store.get(table, met.rowid) else { return Vec::new() };
        let mut marks = Vec::new();
        if beyond {
            marks.extend(cells::time(&row, cols.latest, Epoch::UnixMicros, MarkerKind::Cursor, LATEST_MARK));
        }
        if met.temporary {
            marks.extend(cells::mark(&row, cols.temporary, MarkerKind::State, TEMPORARY_MARK));
        }
        marks
    }

    /// Emits persons, conversations, their cursors, and what they remember of missing messages. Call it last.
    pub(super) fn read(&self, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let persons = Persons::read(self.store, scope, sink)?;
        let Some((_, cols)) = self.table else { return Ok(()) };
        self.store.each(sink, "conversations", |row, sink| {
            let Some(id) = cells::text(row, cols.id) else {
                return Ok(Fate::Quarantined("no conversation_id".to_owned()));
            };
            let key: Key = (*id).into();
            sink.emit(Record::Thread(thread(row, cols, key.clone(), persons.of(&id), scope)))?;
            cursors(row, cols, &key, scope, sink)?;
            if let Some(met) = self.met.get(&id) {
                self.newest(row, cols, met, &key, scope, sink)?;
                older(row, cols, met, &key, scope, sink)?;
            }
            Ok(Fate::Emitted)
        })
    }

    /// The newest message, which the conversation remembers by row, by text and by time.
    fn newest(
        &self,
        row: &Row<'_>,
        cols: Columns,
        met: &Met,
        key: &Key,
        scope: &Scope,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let wanted = cells::positive(row, cols.snippet_row).filter(|r| !is_there(self.store, "messages", *r));
        let latest = met.latest.filter(|_| !met.latest_met);
        let time = cells::time(row, cols.latest, Epoch::UnixMicros, MarkerKind::Cursor, LATEST_MARK);
        let snippet = cells::mark(row, cols.snippet_row, MarkerKind::Remnant, "snippet_message_row_id");
        let thread = Some(key.clone());
        match (wanted.zip(snippet), latest.and(time)) {
            (Some((wanted, marker)), time) => {
                let names = vec![row_name("messages", wanted)];
                let mut mention = scope.mention(names, AbsenceKind::RemnantOnly, rules::SNIPPET.id, marker);
                mention.markers.extend(time);
                emit(sink, Mention { thread, text: filled(row.value(cols.snippet)), ..mention })
            }
            (None, Some(marker)) => {
                let mention = scope.count(AbsenceKind::BeyondRecords, rules::LATEST.id, marker);
                emit(sink, Mention { thread, ..mention })
            }
            (None, None) => Ok(()),
        }
    }
}

/// Older history on the server, where the conversation is one of the server's.
fn older(
    row: &Row<'_>,
    cols: Columns,
    met: &Met,
    key: &Key,
    scope: &Scope,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    if met.temporary || row.int_lossy(cols.transport).is_some_and(|t| t != 1) {
        return Ok(());
    }
    let token = cells::mark(row, cols.token, MarkerKind::Cursor, "continuation_token");
    let oldest =
        cells::mark(row, cols.oldest, MarkerKind::Cursor, "has_oldest_message").filter(|m| m.raw.as_int() == Some(0));
    let mut marks = token.into_iter().chain(oldest);
    let Some(first) = marks.next() else { return Ok(()) };
    let mut mention = scope.count(AbsenceKind::Undelivered, rules::OLDER_ON_SERVER.id, first);
    mention.markers.extend(marks);
    let thread = Some(key.clone());
    emit(sink, Mention { thread, strength: Strength::Strong, before: met.oldest_row, ..mention })
}

fn thread(row: &Row<'_>, cols: Columns, id: Key, participants: Vec<Box<str>>, scope: &Scope) -> Thread {
    let kind = match row.int_lossy(cols.kind) {
        Some(1) => ThreadKind::Direct,
        Some(2) => ThreadKind::Group,
        _ => ThreadKind::Unknown,
    };
    let name = cells::text(row, cols.name).or_else(|| cells::text(row, cols.generated));
    let extra = vec![
        ("snippet", row.value(cols.snippet)),
        ("draft", filled(row.value(cols.draft))),
        ("history", row.value(cols.otr)),
        ("metadata_present", row.value(cols.metadata)),
        ("temporary", row.value(cols.temporary)),
        ("has_oldest_message", row.value(cols.oldest)),
    ];
    Thread { origin: row.origin(), account: scope.account.clone(), id, name, kind, participants, extra }
}

/// Times up to which the conversation was read or fetched: they name no message by themselves.
fn cursors(row: &Row<'_>, cols: Columns, key: &Key, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for (col, name) in [
        (cols.latest, LATEST_MARK),
        (cols.previous, "previous_latest_timestamp"),
        (cols.sort, "sort_timestamp"),
        (cols.own_mark, "self_watermark"),
        (cols.chat_mark, "chat_watermark"),
        (cols.hangout_mark, "hangout_watermark"),
        (cols.token_time, "continuation_event_timestamp"),
    ] {
        let Some(at) = cells::positive(row, col) else { continue };
        let Some(marker) = cells::time(row, col, Epoch::UnixMicros, MarkerKind::Cursor, name) else { continue };
        sink.emit(scope.cursor(Some(key), "", CursorSays::Position(at), marker))?;
    }
    Ok(())
}

/// An empty text stands for nothing.
fn filled(value: Value) -> Value {
    if value.as_text() == Some("") { Value::Null } else { value }
}

/// Persons and the conversations that they are in.
struct Persons<'a> {
    members: Option<(TextLookup<'a>, Col)>,
    keys: HashMap<i64, Box<str>>,
}

columns! {
    /// `participants`.
    PersonColumns {
        gaia = "gaia_id", chat = "chat_id", phone = "phone_id", full = "full_name", first = "first_name",
        fallback = "fallback_name", blocked = "blocked",
    }
}

impl<'a> Persons<'a> {
    fn read(store: &'a OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut keys = HashMap::new();
        if let Some(cols) = store.table("participants").map(PersonColumns::of) {
            store.each(sink, "participants", |row, sink| {
                let id = [cols.gaia, cols.chat, cols.phone].into_iter().find_map(|col| cells::text(row, col));
                let (Some(id), Some(rowid)) = (id, row.rowid()) else { return Ok(Fate::PassedOver) };
                let name = [cols.full, cols.first, cols.fallback].into_iter().find_map(|col| cells::text(row, col));
                let extra = vec![
                    ("chat_id", row.value(cols.chat)),
                    ("phone", row.value(cols.phone)),
                    ("fallback_name", row.value(cols.fallback)),
                    ("blocked", row.value(cols.blocked)),
                ];
                let (origin, account) = (row.origin(), scope.account.clone());
                sink.emit(Record::Contact(Contact { origin, account, id: (*id).into(), name, extra }))?;
                keys.insert(rowid, id);
                Ok(Fate::Emitted)
            })?;
        }
        let table = store.table("conversation_participants");
        let members =
            table.map(|t| (TextLookup::build(store, t, t.column("conversation_id")), t.column("participant_row_id")));
        store.each(sink, "conversation_participants", |_, _| Ok(Fate::Folded))?;
        Ok(Persons { members, keys })
    }

    fn of(&self, conversation: &str) -> Vec<Box<str>> {
        let Some((members, person)) = &self.members else { return Vec::new() };
        members.rows(conversation).filter_map(|row| self.keys.get(&row.int_lossy(*person)?)).cloned().collect()
    }
}

/// Rows of a side table by a text column, for readers beside this one.
pub(super) fn by_text<'a>(store: &'a OpenStore, table: &str, column: &str) -> Option<TextLookup<'a>> {
    store.table(table).map(|t| TextLookup::build(store, t, t.column(column)))
}
