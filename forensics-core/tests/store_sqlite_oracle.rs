//! Random databases written by the SQLite library: our reader sees the same rows, and never panics when they are damaged.

use std::path::Path;
use std::sync::Arc;

use forensics_core::store::sqlite::{Database, Files, Lookup, TextLookup};
use forensics_core::value::Value;
use forensics_core::vfs::ReadAt;
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

mod store_oracle;
use store_oracle::{assert_same, file, oracle};

struct Sql<'a>(&'a Value);

impl rusqlite::ToSql for Sql<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(i) => ValueRef::Integer(*i),
            Value::Real(f) => ValueRef::Real(*f),
            Value::Text(t) => ValueRef::Text(t.as_bytes()),
            Value::Blob(b) => ValueRef::Blob(b),
        }))
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        prop_oneof![any::<i64>(), -200i64..200, Just(0), Just(1), Just(i64::MIN)].prop_map(Value::Int),
        prop_oneof![any::<f64>(), (-1000i32..1000).prop_map(f64::from)].prop_map(|f| Value::Real(if f.is_nan() {
            0.0
        } else {
            f
        })),
        "[a-zé中😀]{0,40}".prop_map(Value::from),
        "[a-z]{300,3000}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(|b| Value::Blob(b.into())),
        (0usize..9000).prop_map(|n| Value::Blob(vec![7; n].into())),
    ]
}

#[derive(Clone, Debug)]
enum Change {
    Insert(i64, Vec<Value>),
    Update(i64, Vec<Value>),
    Delete(i64),
}

fn change() -> impl Strategy<Value = Change> {
    let id = || prop_oneof![4 => 0i64..200, 1 => any::<i64>()];
    let values = || prop::collection::vec(value(), 4);
    prop_oneof![
        6 => (id(), values()).prop_map(|(id, v)| Change::Insert(id, v)),
        1 => (id(), values()).prop_map(|(id, v)| Change::Update(id, v)),
        1 => id().prop_map(Change::Delete),
    ]
}

/// Tables of every kind; each has a key `k` and four values.
const TABLES: [(&str, &str); 8] = [
    (
        "sized",
        "CREATE TABLE sized(k INTEGER(8) PRIMARY KEY, a DECIMAL(10, 2), b NATIVE CHARACTER(70) COLLATE NOCASE, c FLOATING POINT, d DOUBLE PRECISION)",
    ),
    ("plain", "CREATE TABLE plain(k INTEGER PRIMARY KEY, a, b TEXT, c REAL, d BLOB)"),
    ("auto", "CREATE TABLE auto(k INTEGER PRIMARY KEY AUTOINCREMENT, a NUMERIC, b VARCHAR(10), c DOUBLE, d)"),
    ("desc_key", "CREATE TABLE desc_key(k INTEGER PRIMARY KEY DESC, a, b, c, d)"),
    ("no_rowid", "CREATE TABLE no_rowid(a, k INT PRIMARY KEY, b TEXT, c REAL, d) WITHOUT ROWID"),
    ("two_keys", "CREATE TABLE two_keys(a, b TEXT, c, d, k INTEGER, PRIMARY KEY(k DESC)) WITHOUT ROWID"),
    ("made", "CREATE TABLE made(a, v AS (a || 'x') VIRTUAL, k INTEGER, s AS (b) STORED, b, c, d, PRIMARY KEY(k))"),
    (
        "odd\"name",
        "CREATE TABLE \"odd\"\"name\"(\"k\" INTEGER /* key */ PRIMARY KEY, [a], `b` TEXT DEFAULT ('x,)'), 'c' REAL -- last\n, d CHECK (d IS NULL OR (1)))",
    ),
];

fn apply(conn: &Connection, table: &str, change: &Change) {
    let table = store_oracle::quoted(table);
    match change {
        Change::Insert(k, v) => {
            let sql = format!("INSERT OR REPLACE INTO {table}(k, a, b, c, d) VALUES (?, ?, ?, ?, ?)");
            conn.prepare_cached(&sql).unwrap().execute((k, Sql(&v[0]), Sql(&v[1]), Sql(&v[2]), Sql(&v[3]))).unwrap();
        }
        Change::Update(k, v) => {
            let sql = format!("UPDATE {table} SET a = ?, b = ?, c = ?, d = ? WHERE k = ?");
            conn.prepare_cached(&sql).unwrap().execute((Sql(&v[0]), Sql(&v[1]), Sql(&v[2]), Sql(&v[3]), k)).unwrap();
        }
        Change::Delete(k) => {
            conn.prepare_cached(&format!("DELETE FROM {table} WHERE k = ?")).unwrap().execute([k]).unwrap();
        }
    }
}

#[derive(Clone, Debug)]
struct Story {
    page_size: u32,
    utf16: Option<&'static str>,
    auto_vacuum: u8,
    before: Vec<(usize, Change)>,
    after: Vec<(usize, Change)>,
}

fn story() -> impl Strategy<Value = Story> {
    let changes = || prop::collection::vec((0..TABLES.len(), change()), 0..120);
    (
        prop::sample::select(vec![512u32, 1024, 4096, 65536]),
        prop::sample::select(vec![None, None, Some("UTF-16le"), Some("UTF-16be")]),
        0u8..3,
        changes(),
        changes(),
    )
        .prop_map(|(page_size, utf16, auto_vacuum, before, after)| Story {
            page_size,
            utf16,
            auto_vacuum,
            before,
            after,
        })
}

fn create(path: &Path, story: &Story) -> Connection {
    let conn = oracle(path);
    conn.execute_batch(&format!("PRAGMA page_size={}; PRAGMA auto_vacuum={};", story.page_size, story.auto_vacuum))
        .unwrap();
    if let Some(encoding) = story.utf16 {
        conn.execute_batch(&format!("PRAGMA encoding='{encoding}'")).unwrap();
    }
    for (_, sql) in TABLES {
        conn.execute_batch(sql).unwrap();
    }
    conn.execute_batch("CREATE VIEW message AS SELECT * FROM plain; CREATE INDEX i ON plain(a)").unwrap();
    conn
}

fn tell(conn: &Connection, changes: &[(usize, Change)]) {
    conn.execute_batch("BEGIN").unwrap();
    for (table, change) in changes {
        apply(conn, TABLES[*table].0, change);
    }
    conn.execute_batch("COMMIT").unwrap();
}

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len()).min(1000); // short reads are allowed
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_database_reads_as_sqlite_reads_it(story in story()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let conn = create(&path, &story);
        tell(&conn, &story.before);
        tell(&conn, &story.after);
        // A column added later: older rows do not have it.
        conn.execute_batch("ALTER TABLE plain ADD COLUMN later TEXT DEFAULT 5; ALTER TABLE no_rowid ADD COLUMN x REAL DEFAULT -3; ALTER TABLE auto ADD COLUMN n INT DEFAULT '7'").unwrap();
        let main = file(&path, "");
        let db = Database::from_bytes(main.clone()).unwrap();
        prop_assert_eq!(db.flaws(), &[]);
        assert_same(&db, &conn);
        prop_assert!(db.table("message").is_none());
        let paged = Database::open_at(Arc::new(Bytes(main)), None, None, None, 0).unwrap();
        assert_same(&paged, &conn);
    }

    #[test]
    fn a_log_with_an_uncommitted_tail_reads_as_of_its_last_commit(story in story(), cut in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let conn = create(&path, &story);
        conn.execute_batch("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0").unwrap();
        tell(&conn, &story.before);
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let half = story.after.len() / 2;
        tell(&conn, &story.after[..half]);
        let committed = file(&path, "-wal").len();
        // The truth as of the last commit.
        let copy = folder.path().join("copy.db");
        conn.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
        let truth = oracle(&copy);
        // A transaction that spills its pages into the log and never ends.
        conn.execute_batch("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN").unwrap();
        for (table, change) in &story.after[half..] {
            apply(&conn, TABLES[*table].0, change);
        }
        let (main, wal) = (file(&path, ""), file(&path, "-wal"));
        let end = committed + cut.index(wal.len() - committed + 1);
        for wal in [wal.clone(), wal[..end].to_vec()] {
            let db = Database::open(Files { main: main.clone(), wal: Some(wal.clone()), journal: None }, None).unwrap();
            prop_assert_eq!(db.wal_frames() > 0, committed > 0);
            assert_same(&db, &truth);
            let paged = Database::open_at(Arc::new(Bytes(main.clone())), Some(wal), None, None, 0).unwrap();
            assert_same(&paged, &truth);
        }
    }

    #[test]
    fn a_hot_journal_is_rolled_back(story in story()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let conn = create(&path, &story);
        tell(&conn, &story.before);
        let copy = folder.path().join("copy.db");
        conn.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
        let truth = oracle(&copy);
        conn.execute_batch("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN").unwrap();
        for (table, change) in &story.after {
            apply(&conn, TABLES[*table].0, change);
        }
        let (main, journal) = (file(&path, ""), file(&path, "-journal"));
        let db = Database::open(Files { main, wal: None, journal: Some(journal) }, None).unwrap();
        assert_same(&db, &truth);
    }

    #[test]
    fn side_indexes_find_what_a_scan_finds(story in story()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let conn = create(&path, &story);
        tell(&conn, &story.before);
        let db = Database::from_bytes(file(&path, "")).unwrap();
        let table = db.table("plain").unwrap();
        let (a, b) = (table.column("a"), table.column("b"));
        let (numbers, texts) = (Lookup::build(&db, table, a), TextLookup::build(&db, table, b));
        for row in db.scan(table).map(Result::unwrap) {
            if let Some(key) = row.int(a) {
                prop_assert!(numbers.rowids(key).any(|id| Some(id) == row.rowid()));
            }
            if let Some(key) = row.text(b) {
                prop_assert!(texts.rowids(&key).any(|id| Some(id) == row.rowid()));
            }
            let from = row.rowid().unwrap();
            let ids = |from| db.scan_from(table, from).map(|r| r.unwrap().rowid().unwrap()).collect::<Vec<_>>();
            let after: Vec<i64> = db.scan(table).map(|r| r.unwrap().rowid().unwrap()).filter(|id| *id >= from).collect();
            prop_assert_eq!(ids(from), after);
        }
        let keys: Vec<i64> = numbers.keys().collect();
        prop_assert!(keys.is_sorted());
    }
}
