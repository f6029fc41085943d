//! `participants` and `conversations`.

use std::collections::{BTreeSet, HashMap};

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{
    AbsenceKind, Account, Contact, CursorSays, Key, Mention, Name, Record, Thread, ThreadKind,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use super::notes;
use super::rules::absences;
use crate::telephony::cells::{self, columns};
use crate::telephony::scope::{Scope, emit, is_there};

columns! {
    /// `participants`.
    PersonColumns {
        sub_id = "sub_id", normal = "normalized_destination", send = "send_destination", display = "display_destination",
        full = "full_name", first = "first_name", alias = "alias", blocked = "blocked", cms_id = "cms_id",
        subscription = "subscription_name",
    }
}

/// `sub_id` of everybody but the phone's own SIM cards (AOSP Messaging: ParticipantData.OTHER_THAN_SELF_SUB_ID).
pub(super) const OTHER: i64 = -2;

/// A person as messages need it.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) sub_id: Option<i64>,
    pub(super) key: Key,
}

/// All persons. Memory grows with persons.
pub(super) struct People {
    by_row: HashMap<i64, Person>,
}

/// The account's key: the number of the first SIM card that has one.
pub(super) fn account(store: &OpenStore) -> Key {
    let unknown = || Key::from("google-messages");
    let Some(table) = store.table("participants") else { return unknown() };
    let cols = PersonColumns::of(table);
    let own = |row: &Row<'_>| row.int_lossy(cols.sub_id).is_some_and(|sub| sub != OTHER);
    let mut rows = store.scan(table).filter_map(Result::ok).filter(own);
    rows.find_map(|row| cells::text(&row, cols.normal)).map_or_else(unknown, Key::from)
}

impl People {
    pub(super) fn read(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut by_row = HashMap::new();
        let Some(cols) = store.table("participants").map(PersonColumns::of) else { return Ok(People { by_row }) };
        let mut announced = false;
        store.each(sink, "participants", |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let sub_id = row.int_lossy(cols.sub_id);
            let number = [cols.normal, cols.send, cols.display].into_iter().find_map(|col| cells::text(row, col));
            let key: Key = number.map_or_else(|| format!("participant {rowid}").into(), Key::from);
            let name = [cols.full, cols.first, cols.alias].into_iter().find_map(|col| cells::text(row, col));
            let extra = vec![
                ("sub_id", row.value(cols.sub_id)),
                ("subscription", row.value(cols.subscription)),
                ("blocked", row.value(cols.blocked)),
                ("cms_id", row.value(cols.cms_id)),
            ];
            let own = sub_id.is_some_and(|sub| sub != OTHER);
            if own {
                // The row of the default SIM has no number: it stands for the same account.
                let id = if key.starts_with("participant ") { scope.account.clone() } else { key.clone() };
                announced = announced || id == scope.account;
                sink.emit(Record::Account(Account { origin: row.origin(), id, name, extra }))?;
                by_row.insert(rowid, Person { sub_id, key: scope.account.clone() });
            } else {
                let (origin, account, id) = (row.origin(), scope.account.clone(), key.clone());
                sink.emit(Record::Contact(Contact { origin, account, id, name, extra }))?;
                by_row.insert(rowid, Person { sub_id, key });
            }
            Ok(Fate::Emitted)
        })?;
        if !announced {
            let origin = Origin::store(store.id());
            sink.emit(Record::Account(Account { origin, id: scope.account.clone(), name: None, extra: Vec::new() }))?;
        }
        Ok(People { by_row })
    }

    pub(super) fn get(&self, row: Option<i64>) -> Option<&Person> {
        self.by_row.get(&row?)
    }
}

columns! {
    /// `conversations`.
    Columns {
        name = "name", latest = "latest_message_id", snippet = "snippet_text", archive = "archive_status",
        sort = "sort_timestamp", last_read = "last_read_timestamp", count = "participant_count",
        sms_thread = "sms_thread_id", deleted = "delete_timestamp", cms_id = "cms_id", group = "rcs_group_id",
        conference = "rcs_conference_uri", cloud_read = "cms_most_recent_read_message_timestamp_ms",
        group_sync = "rcs_group_last_sync_timestamp", kind = "conv_type", source = "source_type", join = "join_state",
        encrypted = "has_been_e2ee", number = "participant_normalized_destination",
    }
}

/// All conversations. Memory grows with conversations.
pub(super) struct Conversations<'a> {
    store: &'a OpenStore,
    /// Whether each lies in the trash.
    trashed: HashMap<i64, bool>,
    members: Vec<(&'a Table, Col, Lookup)>,
}

impl<'a> Conversations<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        let mut trashed = HashMap::new();
        if let Some(table) = store.table("conversations") {
            let deleted = table.column("delete_timestamp");
            for row in store.scan(table).filter_map(Result::ok) {
                trashed.extend(row.rowid().map(|id| (id, cells::positive(&row, deleted).is_some())));
            }
        }
        if let Some(table) = store.table("trashed_conversations") {
            let conversation = table.column("conversation_id");
            let rows = store.scan(table).filter_map(Result::ok);
            trashed.extend(rows.filter_map(|row| row.int_lossy(conversation)).map(|id| (id, true)));
        }
        // Newer versions keep members in the second table and leave the first one behind.
        let members = ["conversation_participants", "conversation_to_participants"]
            .into_iter()
            .filter_map(|name| store.table(name))
            .map(|t| (t, t.column("participant_id"), Lookup::build(store, t, t.column("conversation_id"))))
            .collect();
        Conversations { store, trashed, members }
    }

    pub(super) fn knows(&self, id: Option<i64>) -> bool {
        id.is_some_and(|id| self.trashed.contains_key(&id))
    }

    pub(super) fn is_trashed(&self, id: Option<i64>) -> bool {
        id.and_then(|id| self.trashed.get(&id)).copied().unwrap_or(false)
    }

    /// Emits conversations with their cursors and the newest message that each remembers.
    pub(super) fn read(&self, people: &People, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(cols) = self.store.table("conversations").map(Columns::of) else { return Ok(()) };
        self.store.each(sink, "conversations", |row, sink| {
            let Some(id) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let key: Key = id.to_string().into();
            sink.emit(Record::Thread(self.thread(id, row, cols, people, scope)))?;
            for (col, name) in [
                (cols.last_read, "last_read_timestamp"),
                (cols.cloud_read, "cms_most_recent_read_message_timestamp_ms"),
                (cols.group_sync, "rcs_group_last_sync_timestamp"),
            ] {
                let mark = cells::time(row, col, Epoch::UnixMillis, MarkerKind::Cursor, name);
                if let (Some(at), Some(mark)) = (cells::positive(row, col), mark) {
                    sink.emit(scope.cursor(Some(&key), "", CursorSays::Position(at), mark))?;
                }
            }
            self.newest(row, cols, key, scope, sink)?;
            Ok(Fate::Emitted)
        })?;
        for (table, ..) in &self.members {
            self.store.each(sink, &table.name, |_, _| Ok(Fate::Folded))?;
        }
        self.trash(scope, sink)?;
        self.gone(scope, sink)
    }

    fn thread(&self, id: i64, row: &Row<'_>, cols: Columns, people: &People, scope: &Scope) -> Thread {
        let mut participants: Vec<Box<str>> = Vec::new();
        for (table, person, by_conversation) in &self.members {
            for member in by_conversation.rowids(id) {
                let Ok(Some(member)) = self.store.get(table, member) else { continue };
                let Some(person) = people.get(member.int_lossy(*person)) else { continue };
                if !participants.iter().any(|p| **p == *person.key) {
                    participants.push((*person.key).into());
                }
            }
        }
        if participants.is_empty() {
            participants.extend(cells::text(row, cols.number));
        }
        let kind = match row.int_lossy(cols.count) {
            Some(2..) => ThreadKind::Group,
            Some(1) => ThreadKind::Direct,
            _ => ThreadKind::Unknown,
        };
        let extra = vec![
            ("sms_thread_id", row.value(cols.sms_thread)),
            ("archive_status", row.value(cols.archive)),
            ("delete_timestamp", row.value(cols.deleted)),
            ("snippet", row.value(cols.snippet)),
            ("sort_timestamp", row.value(cols.sort)),
            ("conv_type", row.value(cols.kind)),
            ("source_type", row.value(cols.source)),
            ("join_state", row.value(cols.join)),
            ("cms_id", row.value(cols.cms_id)),
            ("rcs_group_id", row.value(cols.group)),
            ("rcs_conference_uri", row.value(cols.conference)),
            ("has_been_e2ee", row.value(cols.encrypted)),
        ];
        let (origin, account, name) = (row.origin(), scope.account.clone(), cells::text(row, cols.name));
        Thread { origin, account, id: id.to_string().into(), name, kind, participants, extra }
    }

    fn newest(
        &self,
        row: &Row<'_>,
        cols: Columns,
        key: Key,
        scope: &Scope,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let Some(latest) = cells::positive(row, cols.latest) else { return Ok(()) };
        if is_there(self.store, "messages", latest) {
            return Ok(());
        }
        let marker =
            Marker::new(MarkerKind::Remnant, "latest_message_id", row.value(cols.latest), row.cell(cols.latest));
        let names = vec![Name::Id(latest.to_string().into())];
        let mention = scope.mention(names, AbsenceKind::RemnantOnly, absences::LATEST.id, marker);
        emit(sink, Mention { thread: Some(key), text: row.value(cols.snippet), ..mention })
    }

    /// `trashed_conversations.last_message_id` of conversations that are still there.
    fn trash(&self, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("trashed_conversations") else { return Ok(()) };
        let (conversation, last) = (table.column("conversation_id"), table.column("last_message_id"));
        self.store.each(sink, "trashed_conversations", |row, sink| {
            if let Some(wanted) = cells::positive(row, last).filter(|id| !is_there(self.store, "messages", *id)) {
                let marker = Marker::new(MarkerKind::Tombstone, "last_message_id", row.value(last), row.cell(last));
                let names = vec![Name::Id(wanted.to_string().into())];
                let mention = scope.mention(names, AbsenceKind::Tombstoned, absences::LATEST.id, marker);
                let thread = row.int_lossy(conversation).map(|id| Key::from(id.to_string()));
                emit(sink, Mention { thread, ..mention })?;
            }
            Ok(Fate::Folded)
        })
    }

    /// Conversations that only a log of members still names.
    fn gone(&self, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut told = BTreeSet::new();
        for name in ["conversation_participants_audit_log", "conversation_to_participants_audit_log"] {
            let Some(table) = self.store.table(name) else { continue };
            let (conversation, at) = (table.column("conversation_id"), table.column("operation_datetime"));
            self.store.each(sink, name, |row, sink| {
                let Some(id) = cells::positive(row, conversation) else { return Ok(Fate::PassedOver) };
                if self.knows(Some(id)) || !told.insert(id) {
                    return Ok(Fate::Folded);
                }
                let cell = row.cell(conversation);
                let marker = Marker::new(MarkerKind::Reference, "conversation_id", id, cell.clone());
                let mut mention = scope.count(AbsenceKind::Dangling, absences::DELETED_CONVERSATION.id, marker);
                let time = cells::time(row, at, Epoch::UnixMillis, MarkerKind::State, "operation_datetime");
                mention.markers.extend(time);
                emit(sink, Mention { thread: Some(id.to_string().into()), text: Value::Null, ..mention })?;
                let detail = format!("{}: conversation {id} is named by {name} only", self.store.path());
                let (code, severity) = (notes::DELETED_CONVERSATION, Severity::Info);
                sink.issue(Issue { code, severity, detail, origin: Some(cell) })?;
                Ok(Fate::Folded)
            })?;
        }
        Ok(())
    }
}
