//! An opened store.

use std::fmt;
use std::sync::Arc;

use super::btree::{self, Scan};
use super::cipher::Cipher;
use super::fault::{Flaw, RowFault, SqliteError};
use super::header::Header;
use super::image::Image;
use super::open::{self, Opened, Source};
use super::row::Row;
use super::schema::{Index, Schema, Table, VirtualTable};
use super::wal;
use crate::origin::{Origin, StoreId};
use crate::vfs::ReadAt;

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

impl Files {
    /// The first bytes of page 1, for [`Cipher::identify`]: the database file, or a frame of the write-ahead log where
    /// the file is still empty.
    pub fn first_page(&self) -> Option<&[u8]> {
        if !self.main.is_empty() {
            return Some(&self.main);
        }
        wal::first_page(self.wal.as_deref()?)
    }
}

/// A database as of its last commit, read-only.
pub struct Database {
    store: StoreId,
    header: Header,
    image: Image,
    schema: Schema,
    flaws: Vec<Flaw>,
    wal_frames: u32,
    cipher: Option<&'static str>,
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

    /// Opens a store as of its last commit: overlays the committed frames of the write-ahead log, or rolls a hot journal
    /// back, in memory. `cipher` decrypts the pages.
    ///
    /// # Errors
    /// See [`SqliteError`].
    pub fn open(files: Files, cipher: Option<&Cipher>) -> Result<Database, SqliteError> {
        Database::settle(open::open(Source::Memory(files.main), files.wal, files.journal, cipher)?, cipher)
    }

    /// Opens a store that is too large for memory: pages are read when needed, about `cache` bytes of them are kept.
    /// The write-ahead log and the journal are small and stay in memory.
    ///
    /// # Errors
    /// See [`SqliteError`].
    pub fn open_at(
        main: Arc<dyn ReadAt>,
        wal: Option<Vec<u8>>,
        journal: Option<Vec<u8>>,
        cipher: Option<&Cipher>,
        cache: usize,
    ) -> Result<Database, SqliteError> {
        Database::settle(open::open(Source::File { file: main, cache }, wal, journal, cipher)?, cipher)
    }

    fn settle(opened: Opened, cipher: Option<&Cipher>) -> Result<Database, SqliteError> {
        let Opened { image, header, mut flaws, wal_frames } = opened;
        let cipher = cipher.map(|c| c.profile().name);
        let (store, schema) = (StoreId(0), Schema::default());
        let mut db = Database { store, header, image, schema, flaws: Vec::new(), wal_frames, cipher };
        db.schema = Schema::read(&db, &mut flaws);
        db.flaws = flaws;
        Ok(db)
    }

    pub(crate) fn image(&self) -> &Image {
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
        self.wal_frames
    }

    /// The cipher profile it was opened with.
    pub fn cipher(&self) -> Option<&'static str> {
        self.cipher
    }
}

/// Says what it is, not what it holds.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("store", &self.store)
            .field("tables", &self.schema.tables.len())
            .field("pages", &self.header.page_count)
            .field("cipher", &self.cipher)
            .finish_non_exhaustive()
    }
}
