//! How fast a large store is read. Not run by default: `cargo test --release -- --ignored --nocapture large`.
#![expect(clippy::print_stderr, reason = "prints its measurements")]

use std::sync::Arc;
use std::time::Instant;

use forensics_core::store::sqlite::{Database, Files, Lookup};
use forensics_core::vfs::ReadAt;

mod store_oracle;
use store_oracle::oracle;

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

fn timed<T>(what: &str, rows: u64, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = f();
    let took = start.elapsed();
    eprintln!("{what}: {:.0} ms, {:.0} ns a row", took.as_secs_f64() * 1e3, took.as_secs_f64() * 1e9 / rows as f64);
    out
}

#[test]
#[ignore = "writes a database of a million rows"]
fn a_large_store_is_scanned_by_the_million() {
    const ROWS: u64 = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    let columns: String = (0..20).map(|i| format!(", c{i} INTEGER")).collect();
    conn.execute_batch(&format!("PRAGMA synchronous=OFF; CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER, key_id TEXT, t INTEGER, text_data TEXT{columns}); BEGIN")).unwrap();
    {
        let mut insert = conn
            .prepare("INSERT INTO message(chat, key_id, t, text_data, c0, c1, c5, c19) VALUES (?, ?, ?, ?, 1, 0, 7, ?)")
            .unwrap();
        for i in 0..ROWS as i64 {
            let text = "some words of a message ".repeat((i % 5) as usize);
            insert.execute((i % 997, format!("3EB0{i:016X}"), 1_700_000_000_000 + i, text, i * 31)).unwrap();
        }
    }
    conn.execute_batch("COMMIT").unwrap();
    let main = store_oracle::file(&path, "");
    eprintln!("{} MB", main.len() >> 20);
    let db =
        timed("open", ROWS, || Database::open(Files { main: main.clone(), wal: None, journal: None }, None).unwrap());
    let read = |db: &Database| {
        let table = db.table("message").unwrap();
        let [chat, key, t, text, c0, c19] = ["chat", "key_id", "t", "text_data", "c0", "c19"].map(|n| table.column(n));
        db.scan(table).map(Result::unwrap).fold(0u64, |sum, row| {
            let texts = row.text(key).map_or(0, |t| t.len()) + row.text(text).map_or(0, |t| t.len());
            let numbers = [chat, t, c0, c19].iter().filter_map(|c| row.int(*c)).fold(0, i64::wrapping_add);
            sum.wrapping_add(texts as u64).wrapping_add(numbers as u64)
        })
    };
    let table = db.table("message").unwrap();
    assert_eq!(timed("count", ROWS, || db.count(table)), ROWS);
    timed("scan, no column", ROWS, || assert_eq!(db.scan(table).count() as u64, ROWS));
    let first = timed("scan, six columns", ROWS, || read(&db));
    timed("scan, all values", ROWS, || db.scan(table).map(|r| r.unwrap().values().len()).sum::<usize>());
    timed("scan, origins", ROWS, || {
        db.scan(table).filter_map(|r| r.unwrap().origin().offset).fold(0, u64::wrapping_add)
    });
    let lookup = timed("side index", ROWS, || Lookup::build(&db, table, table.column("chat")));
    assert_eq!(lookup.entries().len() as u64, ROWS);
    timed("get by rowid, scattered", ROWS, || {
        assert!((0..ROWS as i64).all(|i| db.get(table, 1 + i * 7919 % ROWS as i64).unwrap().is_some()));
    });
    timed("get by rowid, in order", ROWS, || assert!((1..=ROWS as i64).all(|i| db.get(table, i).unwrap().is_some())));
    timed("get by rowid, a thousand rows again and again", ROWS, || {
        assert!((0..ROWS as i64).all(|i| db.get(table, 1 + i * 7919 % 1000).unwrap().is_some()));
    });
    timed("the SQLite library, by rowid, scattered", ROWS, || {
        let mut statement = conn.prepare("SELECT chat FROM message WHERE _id = ?").unwrap();
        let get = |i: i64| statement.query_row([1 + i * 7919 % ROWS as i64], |r| r.get::<_, i64>(0)).is_ok();
        assert!((0..ROWS as i64).all(get));
    });
    let paged = Database::open_at(Arc::new(Bytes(main)), None, None, None, 8 << 20).unwrap();
    assert_eq!(timed("scan, six columns, pages from a file", ROWS, || read(&paged)), first);
    timed("the SQLite library, six columns", ROWS, || {
        let mut statement = conn.prepare("SELECT chat, key_id, t, text_data, c0, c19 FROM message").unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut sum = 0;
        while let Some(row) = rows.next().unwrap() {
            sum += row.get_ref(1).unwrap().as_str().unwrap().len() + row.get_ref(3).unwrap().as_str().unwrap().len();
            sum += [0, 2, 4, 5]
                .iter()
                .map(|i| row.get_ref(*i).unwrap().as_i64().unwrap() as usize)
                .fold(0, usize::wrapping_add)
                & 1;
        }
        assert!(sum > 0);
    });
}
