//! Tables, whether they stand in a database or in the statements of a backup file.

use std::borrow::Cow;

use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

/// A column, found once by name; reads as null where the table has none of its names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    /// Its name in this store.
    pub(super) name: &'static str,
    /// In a database.
    pub(super) col: Col,
    /// In a backup file: its number.
    pub(super) place: Option<u16>,
}

impl Column {
    /// Whether the table has it.
    pub(super) fn is_present(self) -> bool {
        self.col.is_present() || self.place.is_some()
    }
}

/// A row of either source.
pub(super) trait Cells {
    /// The rowid.
    fn rowid(&self) -> Option<i64>;
    /// The value in a column.
    fn value(&self, column: Column) -> Value;
    /// The place of the row.
    fn origin(&self) -> Origin;

    /// The place of a value.
    fn cell(&self, column: Column) -> Origin {
        Origin { column: Some(Cow::Borrowed(column.name)), ..self.origin() }
    }

    /// The integer in a column.
    fn int(&self, column: Column) -> Option<i64> {
        self.value(column).as_int()
    }

    /// The integer in a column, where it is above zero: the app writes 0, -1 or NULL for "not set".
    fn positive(&self, column: Column) -> Option<i64> {
        self.int(column).filter(|i| *i > 0)
    }

    /// The text in a column, where it is not empty.
    fn text(&self, column: Column) -> Option<Box<str>> {
        match self.value(column) {
            Value::Text(t) if !t.is_empty() => Some(t),
            _ => None,
        }
    }

    /// Bytes in a column, where there are any.
    fn blob(&self, column: Column) -> Option<Box<[u8]>> {
        match self.value(column) {
            Value::Blob(b) if !b.is_empty() => Some(b),
            _ => None,
        }
    }
}

impl Cells for Row<'_> {
    fn rowid(&self) -> Option<i64> {
        Row::rowid(self)
    }

    fn value(&self, column: Column) -> Value {
        Row::value(self, column.col)
    }

    fn origin(&self) -> Origin {
        Row::origin(self)
    }

    fn int(&self, column: Column) -> Option<i64> {
        Row::int(self, column.col)
    }
}

/// Takes a row and says what became of it.
pub(super) type Take<'t> = dyn FnMut(&dyn Cells, &mut dyn Sink) -> Result<Fate, Stopped> + 't;

/// The tables of one store.
pub(super) trait Tables {
    /// The store.
    fn id(&self) -> StoreId;
    /// Its device path.
    fn path(&self) -> &str;
    /// The schema's number.
    fn version(&self) -> Option<i64>;
    /// Whether there is such a table.
    fn has(&self, table: &str) -> bool;
    /// The first of these columns that a table has.
    fn column(&self, table: &str, names: &[&'static str]) -> Column;
    /// Hands every row to `take` and accounts for it. Once for each table.
    fn each(&self, sink: &mut dyn Sink, table: &str, take: &mut Take<'_>) -> Result<(), Stopped>;
    /// Looks at every row that can be read, without accounting for it.
    fn look(&self, table: &str, look: &mut dyn FnMut(&dyn Cells));
    /// A row.
    fn get(&self, table: &str, rowid: i64) -> Option<Box<dyn Cells + '_>>;
    /// Whether there is such a row. One that is there and cannot be read is not missing.
    fn holds(&self, table: &str, rowid: i64) -> bool;
    /// The highest rowid that a table ever gave, where the store keeps it.
    fn sequence(&self, table: &str) -> Option<(i64, Origin)>;
    /// Accounts for the tables that nobody read. Once, last.
    fn finish(&self, sink: &mut dyn Sink) -> Result<(), Stopped>;
}

impl Tables for OpenStore {
    fn id(&self) -> StoreId {
        OpenStore::id(self)
    }

    fn path(&self) -> &str {
        OpenStore::path(self)
    }

    fn version(&self) -> Option<i64> {
        Some(i64::from(self.header().user_version)).filter(|v| *v != 0)
    }

    fn has(&self, table: &str) -> bool {
        self.table(table).is_some()
    }

    fn column(&self, table: &str, names: &[&'static str]) -> Column {
        let none = Column { name: names.first().copied().unwrap_or_default(), ..Column::default() };
        let Some(table) = self.table(table) else { return none };
        let found = names.iter().map(|name| Column { name, col: table.column(name), place: None });
        found.into_iter().find(|c| c.col.is_present()).unwrap_or(none)
    }

    fn each(&self, sink: &mut dyn Sink, table: &str, take: &mut Take<'_>) -> Result<(), Stopped> {
        OpenStore::each(self, sink, table, |row, sink| take(row, sink))
    }

    fn look(&self, table: &str, look: &mut dyn FnMut(&dyn Cells)) {
        let Some(table) = self.table(table) else { return };
        self.scan(table).filter_map(Result::ok).for_each(|row| look(&row));
    }

    fn get(&self, table: &str, rowid: i64) -> Option<Box<dyn Cells + '_>> {
        let row = std::ops::Deref::deref(self).get(self.table(table)?, rowid).ok()??;
        Some(Box::new(row))
    }

    fn holds(&self, table: &str, rowid: i64) -> bool {
        let found = self.table(table).map(|table| std::ops::Deref::deref(self).get(table, rowid));
        found.is_some_and(|row| !matches!(row, Ok(None)))
    }

    fn sequence(&self, table: &str) -> Option<(i64, Origin)> {
        std::ops::Deref::deref(self).sequence(table).map(|s| (s.value, s.origin))
    }

    fn finish(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        OpenStore::finish(self, sink)
    }
}

/// Says that a store is not what its name promises.
pub(super) fn refuse(store: &dyn Tables, sink: &mut dyn Sink, why: &str) -> Result<(), Stopped> {
    sink.describe(store.id(), forensics_core::sink::StoreStatus::UnknownSchema, None)?;
    let detail = format!("{}: {why}", store.path());
    let origin = Some(Origin::store(store.id()));
    sink.issue(Issue { code: "store-unknown-schema", severity: Severity::Lost, detail, origin })?;
    store.finish(sink)
}

/// Rowids by one integer column; 16 bytes for each row.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// (key, rowid), sorted.
    entries: Vec<(i64, i64)>,
}

impl Index {
    /// Reads the column of every row.
    pub(super) fn of(store: &dyn Tables, table: &str, names: &[&'static str]) -> Index {
        let column = store.column(table, names);
        let mut entries = Vec::new();
        if column.is_present() {
            store.look(table, &mut |row| entries.extend(row.int(column).zip(row.rowid())));
        }
        Index::new(entries)
    }

    /// Pairs of key and rowid.
    pub(super) fn new(mut entries: Vec<(i64, i64)>) -> Index {
        entries.sort_unstable();
        entries.shrink_to_fit();
        Index { entries }
    }

    /// The rows of that key.
    pub(super) fn rowids(&self, key: i64) -> impl Iterator<Item = i64> {
        let start = self.entries.partition_point(|(k, _)| *k < key);
        let rest = self.entries.get(start..).unwrap_or_default();
        rest.iter().take_while(move |(k, _)| *k == key).map(|(_, rowid)| *rowid)
    }
}

/// What is known of a table's row numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    first: Option<i64>,
    last: Option<i64>,
    rows: u64,
}

impl Numbers {
    /// Counts a row.
    pub(super) fn count(&mut self, rowid: i64) {
        self.first = Some(self.first.map_or(rowid, |f| f.min(rowid)));
        self.last = self.last.max(Some(rowid));
        self.rows = self.rows.saturating_add(1);
    }

    /// The highest number.
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// How many numbers from 1 to the highest are not there.
    pub(super) fn missing(&self) -> u64 {
        let last = u64::try_from(self.last.unwrap_or(0)).unwrap_or(0);
        match self.first {
            Some(first) if first > 0 => last.saturating_sub(self.rows),
            _ => 0,
        }
    }
}
