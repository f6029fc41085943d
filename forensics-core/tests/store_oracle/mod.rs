//! The SQLite library as oracle: reads a copy, and our reader has to agree with it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use forensics_core::store::sqlite::{Database, Table};
use forensics_core::value::Value;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

#[expect(clippy::disallowed_methods, reason = "a copy in a temporary folder")]
pub(crate) fn oracle(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// A value as the library gives it; text that is not valid UTF-8 becomes bytes, as in our reader.
fn value(v: ValueRef<'_>) -> Value {
    match v {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(i) => Value::Int(i),
        ValueRef::Real(f) => Value::Real(f),
        ValueRef::Text(t) => match std::str::from_utf8(t) {
            Ok(t) => Value::from(t),
            Err(_) => Value::from(t),
        },
        ValueRef::Blob(b) => Value::from(b),
    }
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// All rows of a table as the library reads them: rowid (where there is one) and values.
pub(crate) fn rows(conn: &Connection, table: &Table) -> Vec<(Option<i64>, Vec<Value>)> {
    let names: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let key = if table.without_rowid { "NULL" } else { "_rowid_" };
    // `NOT INDEXED` keeps the order that of the table itself.
    let sql = format!("SELECT {key}, {} FROM {} NOT INDEXED", names.join(", "), quoted(&table.name));
    let mut statement = conn.prepare(&sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let width = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| {
        let values = (1..width).map(|i| value(row.get_ref(i).unwrap())).collect();
        Ok((row.get::<_, Option<i64>>(0).unwrap(), values))
    };
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

/// A virtual generated column is not stored: we read nothing, the library computes it.
fn stored(table: &Table, values: Vec<Value>) -> Vec<Value> {
    values.into_iter().zip(&table.columns).map(|(v, c)| if c.is_stored() { v } else { Value::Null }).collect()
}

/// Same tables, same rows, same order, same values. Returns the number of rows compared.
pub(crate) fn assert_same(db: &Database, conn: &Connection) -> usize {
    let mut statement =
        conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name").unwrap();
    let expected: Vec<String> = statement.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    let found: Vec<String> = db.tables().map(|t| t.name.to_string()).collect();
    assert_eq!(found, expected);
    let mut compared = 0;
    for table in db.tables() {
        let mut expected = rows(conn, table).into_iter();
        assert_eq!(db.count(table), expected.len() as u64, "{}", table.name);
        for row in db.scan(table) {
            let row = row.unwrap();
            let (rowid, values) = expected.next().expect("no more rows than SQLite reads");
            assert_eq!(row.rowid(), rowid, "{}", table.name);
            assert_eq!(row.values(), stored(table, values), "{} row {rowid:?} {:?}", table.name, row.origin());
            if let Some(rowid) = rowid {
                let again = db.get(table, rowid).unwrap().expect("a row that the scan saw");
                assert_eq!(again.values(), row.values());
            }
            compared += 1;
        }
        assert_eq!(expected.next(), None, "{}", table.name);
    }
    compared
}

/// A file's bytes; none where it is absent.
pub(crate) fn file(path: &Path, suffix: &str) -> Vec<u8> {
    std::fs::read(format!("{}{suffix}", path.display())).unwrap_or_default()
}

/// A small store: database, its write-ahead log with committed changes, and a journal of a transaction under way.
pub(crate) fn sample(page_size: u32) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    conn.execute_batch(&format!("PRAGMA page_size={page_size}; CREATE TABLE m(_id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, s INT, b BLOB); CREATE TABLE w(a TEXT PRIMARY KEY, b) WITHOUT ROWID;")).unwrap();
    for i in 0..60i64 {
        let blob = vec![i as u8; (i * 37 % 1900) as usize];
        conn.execute("INSERT INTO m(t, s, b) VALUES (?, ?, ?)", (format!("text {i}"), i * 1_000_003, blob)).unwrap();
        conn.execute("INSERT INTO w VALUES (?, ?)", (format!("key {i}"), i)).unwrap();
    }
    let main = file(&path, "");
    conn.execute_batch("PRAGMA cache_size=1; BEGIN; UPDATE m SET t = 'changed'; DELETE FROM w WHERE b < 30").unwrap();
    let journal = file(&path, "-journal");
    conn.execute_batch(
        "ROLLBACK; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; UPDATE m SET t = 'changed' WHERE _id < 30",
    )
    .unwrap();
    (main, file(&path, "-wal"), journal)
}
