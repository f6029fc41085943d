//! Side indexes: find a table's rows by a column that is not the rowid, with one pass over the table.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use super::database::Database;
use super::row::Row;
use super::schema::{Col, Table};

/// Rowids by one integer column; 16 bytes per row.
#[derive(Debug, Default)]
pub struct Lookup {
    /// (key, rowid), sorted.
    entries: Vec<(i64, i64)>,
    faults: u64,
}

impl Lookup {
    /// Reads the column of every row. Rows whose value is no integer are left out; so are tables without rowid.
    pub fn build(db: &Database, table: &Table, col: Col) -> Lookup {
        let mut lookup = Lookup::default();
        if !col.is_present() {
            return lookup;
        }
        for row in db.scan(table) {
            match row {
                Ok(row) => lookup.entries.extend(row.int(col).zip(row.rowid())),
                Err(_) => lookup.faults = lookup.faults.saturating_add(1),
            }
        }
        lookup.entries.sort_unstable();
        lookup.entries.shrink_to_fit();
        lookup
    }

    /// The rows with this key, by rowid.
    pub fn rowids(&self, key: i64) -> impl Iterator<Item = i64> {
        let start = self.entries.partition_point(|(k, _)| *k < key);
        let rest = self.entries.get(start..).unwrap_or_default();
        rest.iter().take_while(move |(k, _)| *k == key).map(|(_, rowid)| *rowid)
    }

    /// The first row with this key.
    pub fn first(&self, key: i64) -> Option<i64> {
        self.rowids(key).next()
    }

    /// The keys, ascending, each once.
    pub fn keys(&self) -> impl Iterator<Item = i64> {
        self.entries.chunk_by(|a, b| a.0 == b.0).filter_map(|group| group.first()).map(|(key, _)| *key)
    }

    /// All (key, rowid), ascending.
    pub fn entries(&self) -> &[(i64, i64)] {
        &self.entries
    }

    /// Rows (or pages) that could not be read.
    pub fn faults(&self) -> u64 {
        self.faults
    }
}

/// Rows by one text column; 16 bytes per row. Keeps hashes and reads the row to be sure.
pub struct TextLookup<'a> {
    db: &'a Database,
    table: &'a Table,
    col: Col,
    /// (hash of the text, rowid), sorted.
    entries: Vec<(u64, i64)>,
    faults: u64,
}

impl<'a> TextLookup<'a> {
    /// Reads the column of every row. Rows whose value is no valid text are left out; so are tables without rowid.
    pub fn build(db: &'a Database, table: &'a Table, col: Col) -> TextLookup<'a> {
        let mut lookup = TextLookup { db, table, col, entries: Vec::new(), faults: 0 };
        if !col.is_present() {
            return lookup;
        }
        for row in db.scan(table) {
            match row {
                Ok(row) => lookup.entries.extend(row.text(col).map(|t| hash(&t)).zip(row.rowid())),
                Err(_) => lookup.faults = lookup.faults.saturating_add(1),
            }
        }
        lookup.entries.sort_unstable();
        lookup.entries.shrink_to_fit();
        lookup
    }

    /// The rows with this text, by rowid.
    pub fn rows(&self, key: &str) -> impl Iterator<Item = Row<'a>> {
        let wanted = hash(key);
        let start = self.entries.partition_point(|(h, _)| *h < wanted);
        let rest = self.entries.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(move |(h, _)| *h == wanted)
            .filter_map(|(_, rowid)| self.db.get(self.table, *rowid).ok().flatten())
            .filter(move |row| row.text(self.col).is_some_and(|t| t == key))
    }

    /// The rowids of the rows with this text, ascending.
    pub fn rowids(&self, key: &str) -> impl Iterator<Item = i64> {
        self.rows(key).filter_map(|row| row.rowid())
    }

    /// Rows (or pages) that could not be read.
    pub fn faults(&self) -> u64 {
        self.faults
    }
}

/// The same on every run.
fn hash(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}
