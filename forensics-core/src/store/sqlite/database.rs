//! An opened store.

use std::collections::{HashMap, HashSet};

use super::btree::{self, Scan};
use super::cipher::Cipher;
use super::fault::{Flaw, RowFault, SqliteError};
use super::header::{self, Header};
use super::image::Image;
use super::row::Row;
use super::schema::{Index, Schema, Table, VirtualTable};
use crate::origin::{Origin, StoreId};

/// The files of a database, as they come from the container.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The database file.
    pub main: Vec<u8>,
    /// The file beside it whose name ends in `-wal`.
    pub wal: Option<Vec<u8>>,
    /// The file beside it whose name ends in `-journal`.
    pub journal: Option<Vec<u8>>,
}

/// A database as of its last commit, read-only.
pub struct Database {
    store: StoreId,
    header: Header,
    image: Image,
    schema: Schema,
    flaws: Vec<Flaw>,
}

/// A row of `sqlite_sequence`: the highest rowid a table with `AUTOINCREMENT` ever gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The highest rowid ever given.
    pub value: i64,
    /// Where that stands.
    pub origin: Origin,
}

impl Database {
    /// Opens a database file that has neither write-ahead log nor journal.
    ///
    /// # Errors
    /// See [`SqliteError`]; an encrypted database is [`SqliteError::NotADatabase`].
    pub fn from_bytes(main: Vec<u8>) -> Result<Database, SqliteError> {
        Database::open(Files { main, wal: None, journal: None }, None)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// See [`SqliteError`].
    pub fn open(files: Files, _cipher: Option<&Cipher>) -> Result<Database, SqliteError> {
        let main = files.main;
        if main.is_empty() {
            return Err(SqliteError::Empty);
        }
        if !main.starts_with(header::MAGIC) {
            return Err(SqliteError::NotADatabase { found: main.get(..16).unwrap_or(&main).into() });
        }
        let found = crate::store::bytes::be16(&main, 16).map_or(0, u32::from);
        let page_size = header::page_size(&main).ok_or(SqliteError::PageSize { found })?;
        let (mut header, _odd) = Header::read(&main, page_size)?;
        let usable = page_size.saturating_sub(u32::from(header.reserved));
        if usable < 480 {
            return Err(SqliteError::Reserved { reserved: header.reserved, page_size });
        }
        let pages = u32::try_from((main.len() as u64).div_ceil(u64::from(page_size))).unwrap_or(u32::MAX);
        header.page_count = pages;
        let _ = header.valid_page_count();
        let image = Image {
            page_size,
            usable,
            limit: pages,
            main,
            wal: Vec::new(),
            journal: Vec::new(),
            patches: HashMap::new(),
            unreadable: HashSet::new(),
        };
        let mut db = Database { store: StoreId(0), header, image, schema: Schema::default(), flaws: Vec::new() };
        let mut flaws = Vec::new();
        db.schema = Schema::read(&db, &mut flaws);
        db.flaws.append(&mut flaws);
        Ok(db)
    }

    pub(super) fn image(&self) -> &Image {
        &self.image
    }

    /// Sets the store that every [`Origin`] will name.
    pub fn set_store(&mut self, id: StoreId) {
        self.store = id;
    }

    /// The store that every [`Origin`] names.
    pub fn store(&self) -> StoreId {
        self.store
    }

    /// The tables that have rows of their own, by name. Views and virtual tables are not among them.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.schema.tables.iter()
    }

    /// The table of this name (ASCII case-insensitive).
    pub fn table(&self, name: &str) -> Option<&Table> {
        let index = self.schema.by_name.get(name.to_ascii_lowercase().as_str())?;
        self.schema.tables.get(*index)
    }

    /// The virtual tables, by name.
    pub fn virtual_tables(&self) -> impl Iterator<Item = &VirtualTable> {
        self.schema.virtual_tables.iter()
    }

    /// The indexes, by name.
    pub fn indexes(&self) -> impl Iterator<Item = &Index> {
        self.schema.indexes.iter()
    }

    /// All rows of a table, by rowid (or in key order without rowid). Goes on after a bad page or cell.
    pub fn scan<'a>(&'a self, table: &'a Table) -> Scan<'a> {
        Scan::new(self, table)
    }

    /// The rows from `rowid` on. In a table without rowid: all rows.
    pub fn scan_from<'a>(&'a self, table: &'a Table, rowid: i64) -> Scan<'a> {
        Scan::from(self, table, rowid)
    }

    /// The row with this rowid; `None` when there is none, and for tables without rowid.
    ///
    /// # Errors
    /// A page on the way to the row, or the row itself, cannot be read.
    pub fn get<'a>(&'a self, table: &'a Table, rowid: i64) -> Result<Option<Row<'a>>, RowFault> {
        btree::get(self, table, rowid)
    }

    /// Rows of a table, counted without decoding one. Pages that cannot be read count nothing.
    pub fn count(&self, table: &Table) -> u64 {
        btree::count(self, table)
    }

    /// The database header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What `sqlite_sequence` says of a table (ASCII case-insensitive).
    pub fn sequence(&self, table: &str) -> Option<Sequence> {
        let sequences = self.table("sqlite_sequence")?;
        let (name, seq) = (sequences.column("name"), sequences.column("seq"));
        let row = self
            .scan(sequences)
            .filter_map(Result::ok)
            .find(|row| row.text(name).is_some_and(|n| n.eq_ignore_ascii_case(table)))?;
        Some(Sequence { value: row.int_lossy(seq)?, origin: row.cell(seq) })
    }

    /// Problems of the image that did not keep it from being read.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Committed frames of the write-ahead log that were overlaid.
    pub fn wal_frames(&self) -> u32 {
        0
    }

    /// The cipher profile it was opened with.
    pub fn cipher(&self) -> Option<&'static str> {
        None
    }
}
