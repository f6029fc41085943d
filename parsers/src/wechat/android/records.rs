//! Which records the store holds, and how a mark names one.

use std::sync::Arc;

use forensics_core::open_store::OpenStore;
use forensics_core::record::Name;
use forensics_core::store::sqlite::Lookup;

/// The message tables: each has the columns of `message` and a range of `msgId` of its own, but for the last six.
pub(super) const MESSAGE_TABLES: &[&str] = &[
    "message",
    "qmessage",
    "tmessage",
    "bottlemessage",
    "bizchatmessage",
    "appbrandmessage",
    "appbrandnotifymessage",
    "findermessage006",
    "gamelifemessage",
    "textstatusmessage",
    "bizfansmessage",
    "picfansmsg",
    "w1wmessage",
];

/// The ranges of `msgId`: `(table, first, last)` (Android 7.0.4, `storage`).
const RANGES: &[(&str, i64, i64)] = &[
    ("message", 1, 1_000_000),
    ("qmessage", 1_000_001, 1_500_000),
    ("tmessage", 1_500_001, 2_000_000),
    ("bottlemessage", 2_000_001, 2_500_000),
    ("bizchatmessage", 2_500_001, 3_000_000),
    ("appbrandmessage", 3_000_001, 3_500_000),
    ("message", 10_000_000, 90_000_000),
    ("qmessage", 90_000_001, 93_000_000),
    ("tmessage", 93_000_001, 96_000_000),
    ("bottlemessage", 96_000_001, 99_000_000),
    ("bizchatmessage", 99_000_001, 102_000_000),
    ("appbrandmessage", 102_000_001, 105_000_000),
];

/// The table that a `msgId` belongs to.
pub(super) fn table_of(msg_id: i64) -> Option<&'static str> {
    RANGES.iter().find(|(_, first, last)| (*first..=*last).contains(&msg_id)).map(|(table, ..)| *table)
}

/// How many numbers lie strictly between two ids of one table, less those of other tables' ranges.
pub(super) fn skipped(table: &str, after: i64, before: i64) -> u64 {
    let ranges: Vec<_> = RANGES.iter().filter(|(name, ..)| *name == table).collect();
    let between = |low: i64, high: i64| {
        let (low, high) = (low.max(after.saturating_add(1)), high.min(before.saturating_sub(1)));
        u64::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(0)
    };
    match ranges.is_empty() {
        true => between(i64::MIN.saturating_add(2), i64::MAX.saturating_sub(2)),
        false => ranges.iter().map(|(_, low, high)| between(*low, *high)).fold(0, u64::saturating_add),
    }
}

/// The records of a store by server id: 16 bytes each.
pub(super) struct Records<'a> {
    store: &'a OpenStore,
    by_server_id: Vec<Lookup>,
}

impl<'a> Records<'a> {
    pub(super) fn of(store: &'a OpenStore) -> Self {
        let tables = MESSAGE_TABLES.iter().filter_map(|name| store.table(name));
        let by_server_id = tables.map(|table| Lookup::build(store, table, table.column("msgSvrId"))).collect();
        Records { store, by_server_id }
    }

    /// Rows and pages that could not be read: a record may be there all the same.
    pub(super) fn unreadable(&self) -> u64 {
        self.by_server_id.iter().map(Lookup::faults).fold(0, u64::saturating_add)
    }

    /// Whether a record carries this server id.
    pub(super) fn has_server_id(&self, id: i64) -> bool {
        id > 0 && self.by_server_id.iter().any(|lookup| lookup.first(id).is_some())
    }

    /// The server id of a row; `None` when there is no such row. A row that cannot be read counts as there.
    pub(super) fn row(&self, table: &str, rowid: i64) -> Option<i64> {
        let table = self.store.table(table)?;
        match self.store.get(table, rowid) {
            Ok(row) => row.map(|row| row.int(table.column("msgSvrId")).unwrap_or(0)),
            Err(_) => Some(0),
        }
    }

    /// The names of a record that is not there, by what a mark says of it; empty when it is there, or nothing is said.
    ///
    /// A row number is only a name where its row is missing: the number may have been given again.
    pub(super) fn missing(&self, server_id: i64, msg_id: i64) -> Vec<Name> {
        if self.has_server_id(server_id) {
            return Vec::new();
        }
        let mut names = Vec::new();
        if server_id > 0 {
            names.push(Name::Server(server_id.to_string().into()));
        }
        if let Some(table) = table_of(msg_id).filter(|_| msg_id > 0) {
            match self.row(table, msg_id) {
                None => names.push(Name::Row { table: Arc::from(table), rowid: msg_id }),
                // A mark that knows no server id means the row of that number.
                Some(_) if server_id <= 0 => return Vec::new(),
                Some(_) => {}
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_belongs_to_the_table_of_its_range() {
        assert_eq!(table_of(900_001), Some("message"));
        assert_eq!(table_of(1_000_001), Some("qmessage"));
        assert_eq!(table_of(10_000_000), Some("message"));
        assert_eq!(table_of(5_000_000), None);
        assert_eq!(table_of(0), None);
    }

    #[test]
    fn ids_of_other_ranges_are_not_missing() {
        assert_eq!(skipped("message", 3, 7), 3);
        assert_eq!(skipped("message", 999_999, 10_000_001), 2);
        assert_eq!(skipped("w1wmessage", 3, 7), 3);
        assert_eq!(skipped("message", 7, 8), 0);
    }
}
