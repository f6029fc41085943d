//! `msgstore.db`: which generation it is, and the order in which its tables are read.

use std::collections::BTreeMap;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::{Col, Table};

use super::chats::{self, Chats};
use super::legacy::Legacy;
use super::messages::Messages;
use super::people::People;
use super::{Names, add_ons, calls, channels, leftovers, legacy_leftovers, lids};
use crate::whatsapp::Scope;
use crate::whatsapp::rules::absences;

/// The message table since 2021, and the one before. For a time a store had both.
pub(super) const MESSAGE: &str = "message";
pub(super) const MESSAGES: &str = "messages";

/// An opened store with what every part of it needs.
pub(super) struct Msgstore<'a> {
    pub(super) store: &'a OpenStore,
    pub(super) scope: &'a Scope,
    pub(super) names: &'a Names,
    pub(super) people: People<'a>,
    /// A note that every record gets.
    pub(super) note: Option<&'static str>,
    /// The message tables that are there.
    tables: Vec<&'a Table>,
    sort: Col,
}

/// Reads a store whole.
pub(super) fn read(
    store: &OpenStore,
    scope: &Scope,
    names: &Names,
    note: Option<&'static str>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    if store.table(MESSAGE).is_none() && store.table(MESSAGES).is_none() {
        return store.refuse(sink, "neither table message nor table messages is there");
    }
    sink.describe(store.id(), StoreStatus::Read, Some(generation(store)))?;
    let m = Msgstore::new(store, scope, names, note);
    let chats = Chats::read(&m, sink)?;
    let mut highest = None;
    if let Some(messages) = Messages::open(&m, &chats) {
        highest = messages.read(sink)?;
    }
    if let Some(mut legacy) = Legacy::open(&m) {
        highest = highest.max(legacy.read(sink)?);
        chats::emit_legacy(&m, legacy.threads(&chats), sink)?;
    }
    leftovers::read(&m, &chats, sink)?;
    legacy_leftovers::read(&m, sink)?;
    add_ons::read(&m, &chats, sink)?;
    channels::read(&m, &chats, sink)?;
    calls::read(&m, sink)?;
    lids::read(&m, sink)?;
    m.row_sequences(highest, sink)?;
    store.finish(sink)
}

/// By tables and columns: `user_version` is 1 in most generations.
fn generation(store: &OpenStore) -> &'static str {
    // Row 1 is a sentinel in both tables.
    let filled = |table: &str| store.table(table).is_some_and(|t| store.scan_from(t, 2).next().is_some());
    let has = |table: &str, column: &str| store.table(table).is_some_and(|t| t.has(column));
    match (filled(MESSAGES), filled(MESSAGE)) {
        _ if store.table(MESSAGE).is_none() => "android-legacy",
        (true, false) => "android-legacy",
        (true, true) => "android-transitional",
        _ if store.table(MESSAGES).is_some() => "android-transitional",
        _ if has(MESSAGE, "server_sts") => "android-modern-2026",
        _ if store.table("message_edit_info").is_some() => "android-modern-2023",
        _ => "android-modern-2022",
    }
}

impl<'a> Msgstore<'a> {
    fn new(store: &'a OpenStore, scope: &'a Scope, names: &'a Names, note: Option<&'static str>) -> Self {
        let tables: Vec<&Table> = [MESSAGE, MESSAGES].into_iter().filter_map(|t| store.table(t)).collect();
        let sort = store.table(MESSAGE).map_or(Col::ABSENT, |t| t.column("sort_id"));
        Msgstore { store, scope, names, people: People::open(store), note, tables, sort }
    }

    /// Whether a message row is there, in either table. One that cannot be read is not missing.
    pub(super) fn is_there(&self, rowid: i64) -> bool {
        self.tables.iter().any(|table| !matches!(self.store.get(table, rowid), Ok(None)))
    }

    /// The place of a message row in the order of its chat, if the row is there.
    pub(super) fn sort_of(&self, rowid: i64) -> Option<i64> {
        let row = self.tables.iter().find_map(|table| self.store.get(table, rowid).ok().flatten())?;
        Some(row.int_lossy(self.sort).filter(|s| *s > 0 && &*row.table().name == MESSAGE).unwrap_or(rowid))
    }

    /// The name of a message row that is not there: in the table where it would be.
    pub(super) fn row_name(&self, rowid: i64) -> Name {
        chats::row_name(if self.store.table(MESSAGE).is_some() { MESSAGE } else { MESSAGES }, rowid)
    }

    /// Emits a mention.
    pub(super) fn mention(
        &self,
        thread: Option<&Key>,
        names: Vec<Name>,
        kind: AbsenceKind,
        rule: &'static str,
        marker: Marker,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        self.emit(self.scope.mention(thread, names, kind, rule, marker), sink)
    }

    pub(super) fn emit(&self, mention: Mention, sink: &mut dyn Sink) -> Result<(), Stopped> {
        sink.emit(Record::Mention(Box::new(mention)))
    }

    /// `sqlite_sequence`: the highest row number ever given, against the highest that is there.
    fn row_sequences(&self, highest: Option<i64>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let found = self.tables.iter().filter_map(|t| Some((self.store.sequence(&t.name)?, t.name.clone())));
        // Under migration both tables give the same numbers: what one has, the other need not.
        let by_value: BTreeMap<i64, Origin> = found.map(|(s, _)| (s.value, s.origin)).collect();
        let Some((ever, origin)) = by_value.into_iter().next_back() else { return Ok(()) };
        // The sentinel's number is no message's.
        let missing = ever.saturating_sub(highest.unwrap_or(1));
        if let Ok(missing @ 1..) = u64::try_from(missing) {
            let mark = Marker::new(MarkerKind::Cursor, "sqlite_sequence", ever, origin);
            let mention = self.scope.count(None, AbsenceKind::BeyondRecords, absences::ANDROID_ROW_SEQUENCE.id, mark);
            self.emit(Mention { after: highest, at_most: Some(missing), ..mention }, sink)?;
        }
        Ok(())
    }
}
