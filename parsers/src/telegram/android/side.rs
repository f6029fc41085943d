//! Tables beside the messages, found by `mid`: 16 bytes a row.

use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};

/// The rows of one table by their `mid`.
pub(super) struct Side<'a> {
    store: &'a OpenStore,
    table: Option<&'a Table>,
    /// The dialog's column, where the table has one: a `mid` alone names a message in old tables only.
    uid: Col,
    /// (`mid`, rowid), sorted.
    entries: Vec<(i64, i64)>,
}

impl<'a> Side<'a> {
    /// Reads the first of the tables that is there; the app renamed them from one generation to the next.
    fn read(store: &'a OpenStore, sink: &mut dyn Sink, names: &[&str]) -> Result<Side<'a>, Stopped> {
        let table = names.iter().find_map(|name| store.table(name));
        let Some(found) = table else { return Ok(Side::none(store)) };
        let (mid, uid) = (found.column("mid"), found.column("uid"));
        let mut entries = Vec::new();
        store.each(sink, &found.name, |row, _| {
            entries.extend(row.int(mid).zip(row.rowid()));
            Ok(Fate::Folded)
        })?;
        Ok(Side::of(store, found, uid, entries))
    }

    /// A table that was read elsewhere, by its (`mid`, rowid).
    pub(super) fn of(store: &'a OpenStore, table: &'a Table, uid: Col, mut entries: Vec<(i64, i64)>) -> Side<'a> {
        entries.sort_unstable();
        entries.shrink_to_fit();
        Side { store, table: Some(table), uid, entries }
    }

    /// No table.
    fn none(store: &'a OpenStore) -> Side<'a> {
        Side { store, table: None, uid: Col::ABSENT, entries: Vec::new() }
    }

    /// The rows of a message, by rowid.
    pub(super) fn rows(&self, mid: i64, uid: i64) -> impl Iterator<Item = Row<'a>> {
        let start = self.entries.partition_point(|(key, _)| *key < mid);
        let rest = self.entries.get(start..).unwrap_or_default();
        let rowids = rest.iter().take_while(move |(key, _)| *key == mid).map(|(_, rowid)| *rowid);
        let (store, column) = (self.store, self.uid);
        rowids
            .filter_map(move |rowid| store.get(self.table?, rowid).ok().flatten())
            .filter(move |row| !column.is_present() || row.int(column) == Some(uid))
    }

    /// A column of the table.
    pub(super) fn column(&self, name: &str) -> Col {
        self.table.map_or(Col::ABSENT, |table| table.column(name))
    }
}

/// The tables that say something of single messages.
pub(super) struct Sides<'a> {
    /// `randoms_v2`: the random number given with each own send, and with each message of a secret chat.
    pub randoms: Side<'a>,
    /// `messages_seq`: order numbers of secret chats.
    pub seq: Side<'a>,
    /// `unread_push_messages`: what a push notification named; read with the other tables that name messages.
    pub pushes: Side<'a>,
}

impl<'a> Sides<'a> {
    pub(super) fn read(store: &'a OpenStore, sink: &mut dyn Sink) -> Result<Sides<'a>, Stopped> {
        Ok(Sides {
            randoms: Side::read(store, sink, &["randoms_v2", "randoms"])?,
            seq: Side::read(store, sink, &["messages_seq"])?,
            pushes: Side::none(store),
        })
    }
}
