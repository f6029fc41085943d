//! Building SQLite files in memory, byte for byte the same on each run.
//!
//! Nothing touches the disk: a store is filled through an in-memory connection and handed over as
//! bytes. Logs and journals are made from two such states ([`log`]), encryption is done on the
//! finished pages ([`cipher`]).

pub mod cipher;
pub mod log;

use rusqlite::Connection;
use rusqlite::types::Value;

/// A database under construction.
#[derive(Debug)]
pub(crate) struct Book {
    connection: Connection,
}

impl Book {
    /// A database with 4096-byte pages and this schema.
    pub(crate) fn new(schema: &str) -> Self {
        Self::over(Connection::open_in_memory().expect("memory is there"), 4096, schema)
    }

    /// A Core Data store: `auto_vacuum` 2.
    pub(crate) fn core_data(schema: &str) -> Self {
        let book = Self::new("");
        book.run("PRAGMA auto_vacuum=2");
        book.run(schema);
        book
    }

    /// A database whose pages keep `reserve` bytes free at their end, as a page cipher needs.
    ///
    /// SQLite takes the reserve over from an existing file, so it is given a hand-written empty
    /// page.
    pub(crate) fn reserved(page_size: usize, reserve: u8, schema: &str) -> Self {
        let page = empty_page(page_size, reserve);
        let mut connection = Connection::open_in_memory().expect("memory is there");
        connection
            .deserialize_read_exact("main", page.as_slice(), page.len(), false)
            .expect("a hand-written page opens");
        Self::over(connection, page_size, schema)
    }

    /// Goes on from finished bytes.
    pub(crate) fn reopen(bytes: &[u8]) -> Self {
        let mut plain = bytes.to_vec();
        // A memory database cannot be in WAL mode; the flags are put back by `wal_mode`.
        (plain[18], plain[19]) = (1, 1);
        let mut connection = Connection::open_in_memory().expect("memory is there");
        connection
            .deserialize_read_exact("main", plain.as_slice(), plain.len(), false)
            .expect("our own database opens");
        Self { connection }
    }

    fn over(connection: Connection, page_size: usize, schema: &str) -> Self {
        let book = Self { connection };
        book.run(&format!("PRAGMA page_size={page_size}"));
        book.run(schema);
        book
    }

    /// Runs SQL that returns nothing of interest.
    pub(crate) fn run(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
    }

    /// Inserts a row and gives its rowid.
    pub(crate) fn insert(&self, table: &str, cells: &[(&str, Value)]) -> i64 {
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; cells.len()].join(",");
        let sql = format!("INSERT INTO \"{table}\"({}) VALUES({marks})", names.join(","));
        let values = rusqlite::params_from_iter(cells.iter().map(|(_, value)| value));
        self.connection.execute(&sql, values).unwrap_or_else(|e| panic!("{e}: {sql}"));
        self.connection.last_insert_rowid()
    }

    /// The cells whose columns this table has: older forms of a table lack the newer ones.
    pub(crate) fn fitting<'a>(&self, table: &str, cells: &[(&'a str, Value)]) -> Vec<(&'a str, Value)> {
        let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name=?2";
        let has = |column: &str| {
            self.connection.query_row(sql, [table, column], |row| row.get::<_, i64>(0)).is_ok_and(|count| count > 0)
        };
        cells.iter().filter(|(column, _)| has(column)).cloned().collect()
    }

    /// The one number that a query gives.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{e}: {sql}"))
    }

    /// Runs SQL with one value.
    pub(crate) fn run_with(&self, sql: &str, value: impl Cell) {
        self.connection.execute(sql, [value.cell()]).unwrap_or_else(|e| panic!("{e}: {sql}"));
    }

    /// The database as a file.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.snapshot()
    }

    /// The database as a file, and open for more.
    pub(crate) fn snapshot(&mut self) -> Vec<u8> {
        self.connection.serialize("main").expect("memory is there").to_vec()
    }
}

/// What can stand in a cell.
pub(crate) trait Cell {
    fn cell(self) -> Value;
}

macro_rules! cells {
    ($($t:ty => $make:expr),* $(,)?) => { $(impl Cell for $t { fn cell(self) -> Value { $make(self) } })* };
}
cells! {
    i64 => Value::Integer,
    i32 => |v| Value::Integer(i64::from(v)),
    bool => |v| Value::Integer(i64::from(v)),
    f64 => Value::Real,
    String => Value::Text,
    &String => |v: &String| Value::Text(v.clone()),
    &str => |v: &str| Value::Text(v.to_owned()),
    Vec<u8> => Value::Blob,
    &[u8] => |v: &[u8]| Value::Blob(v.to_vec()),
}

impl<T: Cell> Cell for Option<T> {
    fn cell(self) -> Value {
        self.map_or(Value::Null, Cell::cell)
    }
}

/// `row!(book, "table", column: value, …)` inserts a row and gives its rowid.
macro_rules! row {
    ($book:expr, $table:expr, $($column:ident : $value:expr),* $(,)?) => {
        $book.insert($table, &[$((stringify!($column), $crate::sqlite::Cell::cell($value))),*])
    };
}
/// The same, leaving out the columns that this form of the table lacks.
macro_rules! fitting_row {
    ($book:expr, $table:expr, $($column:ident : $value:expr),* $(,)?) => {{
        let cells = [$((stringify!($column), $crate::sqlite::Cell::cell($value))),*];
        let fitting = $book.fitting($table, &cells);
        $book.insert($table, &fitting)
    }};
}
pub(crate) use {fitting_row, row};

/// Marks a file as being in WAL mode (bytes 18 and 19), which SQLite asks for before it looks at a log.
pub(crate) fn wal_mode(mut bytes: Vec<u8>) -> Vec<u8> {
    (bytes[18], bytes[19]) = (2, 2);
    bytes
}

/// The page size a file's header names.
pub(crate) fn page_size(bytes: &[u8]) -> usize {
    match u16::from_be_bytes([bytes[16], bytes[17]]) {
        1 => 65536,
        size => usize::from(size),
    }
}

/// An empty database of one page (<https://sqlite.org/fileformat2.html> §1.3, §1.6).
pub(crate) fn empty_page(page_size: usize, reserve: u8) -> Vec<u8> {
    let mut page = vec![0; page_size];
    page[..16].copy_from_slice(b"SQLite format 3\0");
    page[16..18].copy_from_slice(&u16::try_from(page_size).expect("below 65536").to_be_bytes());
    page[18..24].copy_from_slice(&[1, 1, reserve, 64, 32, 32]);
    page[27] = 1; // file change counter
    page[31] = 1; // size in pages
    page[47] = 4; // schema format
    page[59] = 1; // UTF-8
    page[95] = 1; // version-valid-for = change counter
    page[100] = 0x0d; // an empty table leaf
    let usable = page_size - usize::from(reserve);
    page[105..107].copy_from_slice(&u16::try_from(usable).expect("below 65536").to_be_bytes());
    page
}
