//! The tables of a store, from `sqlite_schema`.

use std::collections::HashMap;
use std::sync::Arc;

use super::create_table;
use super::database::Database;
use super::fault::Flaw;
use super::page::Tree;
use crate::value::Value;

/// A column of a table, found once by name; reads as `Null` where the table has no such column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Col(pub(crate) Option<u16>);

impl Col {
    /// A column that no table has.
    pub const ABSENT: Col = Col(None);

    /// Whether the table has the column.
    pub fn is_present(self) -> bool {
        self.0.is_some()
    }
}

/// What SQLite makes of values put into a column (<https://sqlite.org/datatype3.html#determination_of_column_affinity>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// `INT`.
    Integer,
    /// `CHAR`, `CLOB`, `TEXT`.
    Text,
    /// `BLOB`, or no type.
    Blob,
    /// `REAL`, `FLOA`, `DOUB`.
    Real,
    /// Everything else.
    Numeric,
}

/// Where a column's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// The record's value of this number.
    Field(u16),
    /// The rowid is the value (`INTEGER PRIMARY KEY`).
    Rowid,
    /// Computed, not stored.
    Virtual,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name as declared.
    pub name: Box<str>,
    /// Its type as declared, words separated by one space; empty for none.
    pub declared: Box<str>,
    /// The affinity that follows from the type.
    pub affinity: Affinity,
    /// What a row older than the column reads as.
    pub default: Value,
    pub(crate) storage: Storage,
}

impl Column {
    /// Whether the column is another name of the rowid.
    pub fn is_rowid(&self) -> bool {
        self.storage == Storage::Rowid
    }

    /// Whether the value is stored (a virtual generated column's is not).
    pub fn is_stored(&self) -> bool {
        self.storage != Storage::Virtual
    }
}

/// A table that exists as a b-tree of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns in declared order.
    pub columns: Vec<Column>,
    /// Whether rows are kept by primary key.
    pub without_rowid: bool,
    /// Whether `AUTOINCREMENT` keeps used rowids in `sqlite_sequence`.
    pub autoincrement: bool,
    /// The 1-based root page.
    pub root: u32,
    /// The statement that made it.
    pub sql: Box<str>,
    /// The primary key's columns, by index.
    pub(crate) key: Vec<u16>,
    /// Columns by lower-case name, sorted.
    pub(crate) names: Vec<(Box<str>, u16)>,
}

impl Table {
    /// The column of this name (ASCII case-insensitive); reads as `Null` when there is none.
    pub fn column(&self, name: &str) -> Col {
        let name = name.to_ascii_lowercase();
        let found = self.names.binary_search_by(|(n, _)| (**n).cmp(&name));
        Col(found.ok().and_then(|i| self.names.get(i)).map(|(_, index)| *index))
    }

    /// Whether there is such a column.
    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_present()
    }

    /// What a column is declared as.
    #[inline]
    pub fn at(&self, col: Col) -> Option<&Column> {
        self.columns.get(usize::from(col.0?))
    }

    /// The columns of the primary key of a table without rowid.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().filter_map(|i| self.columns.get(usize::from(*i)))
    }

    /// The kind of its b-tree.
    pub(crate) fn tree(&self) -> Tree {
        if self.without_rowid { Tree::Index } else { Tree::Table }
    }

    /// A table of the given columns, stored in this order.
    pub(crate) fn new(name: &str, root: u32, sql: &str, columns: Vec<Column>) -> Table {
        let mut names: Vec<(Box<str>, u16)> =
            (0..=u16::MAX).zip(&columns).map(|(i, c)| (c.name.to_ascii_lowercase().into(), i)).collect();
        names.sort();
        names.dedup_by(|later, first| later.0 == first.0);
        Table {
            name: name.into(),
            columns,
            without_rowid: false,
            autoincrement: false,
            root,
            sql: sql.into(),
            key: Vec::new(),
            names,
        }
    }

    /// A table of which only the number of columns is known.
    fn unnamed(name: &str, root: u32, sql: &str, count: u16) -> Table {
        let column = |i: u16| Column {
            name: format!("c{i}").into(),
            declared: "".into(),
            affinity: Affinity::Blob,
            default: Value::Null,
            storage: Storage::Field(i),
        };
        Table::new(name, root, sql, (0..count).map(column).collect())
    }
}

/// A virtual table (full-text search and the like): it has no rows of its own; its shadow tables have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualTable {
    /// Its name.
    pub name: Arc<str>,
    /// The statement that made it.
    pub sql: Box<str>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: Arc<str>,
    /// The table it is of.
    pub table: Box<str>,
    /// The 1-based root page.
    pub root: u32,
    /// The statement that made it; empty for the index of a constraint.
    pub sql: Box<str>,
}

/// Everything `sqlite_schema` names.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub tables: Vec<Table>,
    pub by_name: HashMap<Box<str>, usize>,
    pub virtual_tables: Vec<VirtualTable>,
    pub indexes: Vec<Index>,
}

/// The table on page 1.
pub(crate) fn schema_table() -> Table {
    let columns = ["type", "name", "tbl_name", "rootpage", "sql"];
    let column = |(i, name): (u16, &str)| Column {
        name: name.into(),
        declared: "".into(),
        affinity: Affinity::Blob,
        default: Value::Null,
        storage: Storage::Field(i),
    };
    Table::new("sqlite_schema", 1, "", (0u16..).zip(columns).map(column).collect())
}

/// Most columns a table may have (`SQLITE_MAX_COLUMN`'s upper limit).
const MAX_COLUMNS: u32 = 32767;

impl Schema {
    /// Reads `sqlite_schema`.
    pub(super) fn read(db: &Database, flaws: &mut Vec<Flaw>) -> Schema {
        let master = schema_table();
        let col = |name| master.column(name);
        let (kind, name, of, root, sql) = (col("type"), col("name"), col("tbl_name"), col("rootpage"), col("sql"));
        let mut schema = Schema::default();
        for row in db.scan(&master) {
            let row = match row {
                Ok(row) => row,
                Err(fault) => {
                    flaws.push(Flaw::new("schema-unreadable", true, fault.to_string()).at_page(fault.page));
                    continue;
                }
            };
            let (Some(kind), Some(name)) = (row.text(kind), row.text(name)) else { continue };
            let sql = row.text(sql).unwrap_or_default();
            let root = row.int(root).and_then(|r| u32::try_from(r).ok()).unwrap_or(0);
            match &*kind {
                "table" if root > 0 => schema.tables.push(table(db, &name, root, &sql, flaws)),
                "table" => schema.virtual_tables.push(VirtualTable { name: (*name).into(), sql: sql.into() }),
                "index" => {
                    let table = row.text(of).unwrap_or_default().into();
                    schema.indexes.push(Index { name: (*name).into(), table, root, sql: sql.into() });
                }
                _ => {}
            }
        }
        schema.sort(flaws);
        schema
    }

    fn sort(&mut self, flaws: &mut Vec<Flaw>) {
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        self.virtual_tables.sort_by(|a, b| a.name.cmp(&b.name));
        self.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        for (i, table) in self.tables.iter().enumerate() {
            let lower = table.name.to_ascii_lowercase().into_boxed_str();
            if self.by_name.insert(lower, i).is_some() {
                let detail = format!("two tables have the name {}; both are read", table.name);
                flaws.push(Flaw::new("schema-duplicate-table", false, detail));
            }
        }
    }
}

/// A table by its statement; by its first row where the statement cannot be understood.
fn table(db: &Database, name: &str, root: u32, sql: &str, flaws: &mut Vec<Flaw>) -> Table {
    if let Some(definition) = create_table::parse(sql) {
        return Table {
            without_rowid: definition.without_rowid,
            autoincrement: definition.autoincrement,
            key: definition.key,
            ..Table::new(name, root, sql, definition.columns)
        };
    }
    let mut bare = Table::unnamed(name, root, sql, 0);
    let mut width = widest(db, &bare);
    if width.is_none() {
        bare.without_rowid = true;
        width = widest(db, &bare);
        bare.without_rowid = width.is_some();
    }
    let width = u16::try_from(width.unwrap_or(0).min(MAX_COLUMNS)).unwrap_or(0);
    let detail = format!("the statement of table {name} cannot be understood; its columns are called c0 to c{width}");
    flaws.push(Flaw::new("schema-sql", false, detail).at_page(root));
    let without_rowid = bare.without_rowid;
    Table { without_rowid, ..Table::unnamed(name, root, sql, width) }
}

/// Values in the widest of the first rows.
fn widest(db: &Database, table: &Table) -> Option<u32> {
    /// Enough to meet a row younger than the last `ALTER TABLE`, few enough to stay quick.
    const LOOK: usize = 100;
    db.scan(table).take(LOOK).filter_map(Result::ok).map(|row| row.width()).max()
}
