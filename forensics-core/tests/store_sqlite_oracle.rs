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
use store_oracle::{assert_same, oracle};

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
const TABLES: [(&str, &str); 7] = [
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

fn read(path: &Path, suffix: &str) -> Vec<u8> {
    std::fs::read(format!("{}{suffix}", path.display())).unwrap_or_default()
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
        let main = read(&path, "");
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
        let committed = read(&path, "-wal").len();
        // The truth as of the last commit.
        let copy = folder.path().join("copy.db");
        conn.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
        let truth = oracle(&copy);
        // A transaction that spills its pages into the log and never ends.
        conn.execute_batch("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN").unwrap();
        for (table, change) in &story.after[half..] {
            apply(&conn, TABLES[*table].0, change);
        }
        let (main, wal) = (read(&path, ""), read(&path, "-wal"));
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
        let (main, journal) = (read(&path, ""), read(&path, "-journal"));
        let db = Database::open(Files { main, wal: None, journal: Some(journal) }, None).unwrap();
        assert_same(&db, &truth);
    }

    #[test]
    fn side_indexes_find_what_a_scan_finds(story in story()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let conn = create(&path, &story);
        tell(&conn, &story.before);
        let db = Database::from_bytes(read(&path, "")).unwrap();
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

/// Reads everything there is; what matters is that it ends without a panic, and that it ends.
fn read_all(db: &Database) -> usize {
    let mut rows = 0;
    for table in db.tables() {
        let pages = u64::from(db.header().page_count) + 1;
        assert!(db.count(table) <= pages * 65536 / 6);
        for row in db.scan(table) {
            match row {
                Ok(row) => {
                    rows += 1;
                    let _ = (row.values(), row.origin());
                }
                Err(fault) => {
                    let _ = (fault.to_string(), fault.origin(), fault.values.len());
                }
            }
        }
        for rowid in [0, 1, 100, i64::MIN, i64::MAX] {
            let _ = db.get(table, rowid);
            let _ = db.scan_from(table, rowid).take(10).count();
        }
    }
    rows
}

fn sample(page_size: u32) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    conn.execute_batch(&format!("PRAGMA page_size={page_size}; CREATE TABLE m(_id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, s INT, b BLOB); CREATE TABLE w(a TEXT PRIMARY KEY, b) WITHOUT ROWID;")).unwrap();
    for i in 0..60i64 {
        let blob = vec![i as u8; (i * 37 % 1900) as usize];
        conn.execute("INSERT INTO m(t, s, b) VALUES (?, ?, ?)", (format!("text {i}"), i * 1_000_003, blob)).unwrap();
        conn.execute("INSERT INTO w VALUES (?, ?)", (format!("key {i}"), i)).unwrap();
    }
    let main = read(&path, "");
    conn.execute_batch("PRAGMA cache_size=1; BEGIN; UPDATE m SET t = 'changed'; DELETE FROM w WHERE b < 30").unwrap();
    let journal = read(&path, "-journal");
    conn.execute_batch(
        "ROLLBACK; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; UPDATE m SET t = 'changed' WHERE _id < 30",
    )
    .unwrap();
    (main, read(&path, "-wal"), journal)
}

#[test]
fn a_database_cut_anywhere_gives_what_is_left_and_never_panics() {
    let (main, wal, journal) = sample(512);
    let whole = read_all(&Database::from_bytes(main.clone()).unwrap());
    let mut best = 0;
    for end in (0..main.len()).step_by(7).chain(0..200) {
        if let Ok(db) = Database::from_bytes(main[..end].to_vec()) {
            best = best.max(read_all(&db));
            assert!(end == main.len() || db.flaws().iter().any(|f| f.lost), "{end}");
        }
    }
    assert!(best > whole / 2 && best <= whole, "{best} of {whole}");
    for end in (0..wal.len()).step_by(13) {
        let files = Files { main: main.clone(), wal: Some(wal[..end].to_vec()), journal: None };
        read_all(&Database::open(files, None).unwrap());
    }
    for end in (0..journal.len()).step_by(13) {
        let files = Files { main: main.clone(), wal: None, journal: Some(journal[..end].to_vec()) };
        if let Ok(db) = Database::open(files, None) {
            read_all(&db);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic_and_never_run_away(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        header in prop::collection::vec((0usize..140, any::<u8>()), 0..3),
    ) {
        thread_local!(static SAMPLE: (Vec<u8>, Vec<u8>, Vec<u8>) = sample(1024));
        let (mut main, mut wal, mut journal) = SAMPLE.with(Clone::clone);
        for (at, byte) in &flips {
            let i = at.index(main.len());
            main[i] = *byte;
            let i = at.index(wal.len());
            wal[i] = *byte;
            let i = at.index(journal.len());
            journal[i] = *byte;
        }
        for (at, byte) in header {
            main[at] = byte;
        }
        for files in [
            Files { main: main.clone(), wal: None, journal: None },
            Files { main: main.clone(), wal: Some(wal), journal: None },
            Files { main, wal: None, journal: Some(journal) },
        ] {
            if let Ok(db) = Database::open(files, None) {
                read_all(&db);
            }
        }
    }
}

#[test]
fn a_b_tree_that_leads_back_to_itself_is_read_once() {
    let (mut main, _, _) = sample(512);
    let db = Database::from_bytes(main.clone()).unwrap();
    let root = db.table("m").unwrap().root as usize;
    let at = (root - 1) * 512;
    assert_eq!(main[at], 5, "the root is an interior page");
    let whole = read_all(&db);
    main[at + 8..at + 12].copy_from_slice(&(root as u32).to_be_bytes());
    let db = Database::from_bytes(main).unwrap();
    let faults: Vec<_> = db.scan(db.table("m").unwrap()).filter_map(Result::err).collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code(), "page-repeated");
    assert!(read_all(&db) < whole);
}

#[test]
fn a_row_names_its_bytes_in_the_file_and_in_the_log() {
    let (main, wal, _) = sample(1024);
    let files = Files { main: main.clone(), wal: Some(wal.clone()), journal: None };
    let db = Database::open(files, None).unwrap();
    let table = db.table("m").unwrap();
    let (mut in_log, mut in_file) = (0, 0);
    for row in db.scan(table).map(Result::unwrap) {
        let origin = row.origin();
        let (file, changed) = match origin.wal_frame {
            Some(_) => (&wal, true),
            None => (&main, false),
        };
        let start = origin.offset.unwrap() as usize;
        let cell = &file[start..start + origin.length.unwrap() as usize];
        let text: &[u8] = if row.rowid() < Some(30) { b"changed" } else { b"text " };
        assert!(cell.windows(text.len()).any(|w| w == text), "{origin:?}");
        assert_eq!(origin.rowid, row.rowid());
        if changed { in_log += 1 } else { in_file += 1 }
    }
    assert!(in_log > 20 && in_file > 5, "{in_log} {in_file}");
    let row = db.scan(db.table("w").unwrap()).next().unwrap().unwrap();
    assert_eq!(row.origin().key.as_deref(), Some("a=\"key 0\""));
}

#[test]
fn views_and_virtual_tables_do_not_pose_as_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    conn.execute_batch("CREATE TABLE t(a); CREATE VIEW v AS SELECT * FROM t; CREATE VIRTUAL TABLE f USING fts4(x); INSERT INTO f VALUES ('word')").unwrap();
    let db = Database::from_bytes(read(&path, "")).unwrap();
    assert!(db.table("v").is_none() && db.table("f").is_none());
    assert_eq!(db.virtual_tables().map(|v| &*v.name).collect::<Vec<_>>(), ["f"]);
    let content = db.table("f_content").unwrap();
    assert_eq!(db.scan(content).next().unwrap().unwrap().text(content.column("c0x")).unwrap(), "word");
    assert!(db.indexes().next().is_some());
}

#[test]
fn a_statement_that_cannot_be_understood_costs_the_names_and_not_the_rows() {
    let (mut main, _, _) = sample(512);
    let at = main.windows(14).position(|w| w == b"CREATE TABLE m").unwrap();
    main[at..at + 6].copy_from_slice(b"CREPTE");
    let db = Database::from_bytes(main).unwrap();
    let table = db.table("m").unwrap();
    assert_eq!(table.columns.len(), 4);
    assert!(db.flaws().iter().any(|f| f.code == "schema-sql"));
    assert_eq!(db.scan(table).next().unwrap().unwrap().text(table.column("c1")).unwrap(), "text 0");
}

/// A store with a transaction under way that has written to its files already.
fn under_way(mode: &str) -> (Files, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    conn.execute_batch(&format!("PRAGMA page_size=1024; PRAGMA journal_mode={mode}; PRAGMA wal_autocheckpoint=0; CREATE TABLE m(_id INTEGER PRIMARY KEY, t TEXT)")).unwrap();
    let texts: Vec<String> = (0..500).map(|i| format!("text {i} of some length, so that there are pages")).collect();
    conn.execute_batch("BEGIN").unwrap();
    for text in &texts {
        conn.execute("INSERT INTO m(t) VALUES (?)", [text]).unwrap();
    }
    conn.execute_batch(
        "COMMIT; PRAGMA cache_size=1; BEGIN; UPDATE m SET t = 'never committed'; INSERT INTO m(t) SELECT t FROM m",
    )
    .unwrap();
    let optional = |suffix| Some(read(&path, suffix)).filter(|b| !b.is_empty());
    (Files { main: read(&path, ""), wal: optional("-wal"), journal: optional("-journal") }, texts)
}

fn texts(db: &Database) -> Vec<String> {
    let table = db.table("m").unwrap();
    let t = table.column("t");
    db.scan(table).map(|row| row.unwrap().text(t).unwrap().into_owned()).collect()
}

#[test]
fn what_a_transaction_wrote_before_it_ended_is_not_read() {
    let (files, expected) = under_way("DELETE");
    let changed = Database::open(Files { journal: None, ..files.clone() }, None).unwrap();
    assert!(changed.table("m").is_none_or(|m| changed.scan(m).any(|r| r.is_err()) || texts(&changed) != expected));
    let db = Database::open(files, None).unwrap();
    assert_eq!(texts(&db), expected);
    assert_eq!(db.flaws().iter().map(|f| (f.code, f.lost)).collect::<Vec<_>>(), [("journal-hot", false)]);
    let table = db.table("m").unwrap();
    let restored = db.scan(table).map(|r| r.unwrap().origin()).filter(|o| o.offset.is_none()).collect::<Vec<_>>();
    assert!(!restored.is_empty() && restored.iter().all(|o| o.key.as_deref().unwrap().starts_with("-journal byte ")));

    let (files, expected) = under_way("WAL");
    let db = Database::open(files, None).unwrap();
    assert_eq!(texts(&db), expected);
    // A page that was written twice in the open transaction breaks the checksums behind it until the commit.
    assert_eq!(db.flaws()[0].code, "wal-uncommitted");
    assert!(db.flaws().iter().all(|f| !f.lost));
}

#[test]
fn a_journal_whose_header_was_cleared_is_not_rolled_back() {
    let (files, _) = under_way("DELETE");
    let mut journal = files.journal.unwrap();
    journal[..28].fill(0); // as PERSIST leaves it after a commit
    let with = Database::open(Files { main: files.main.clone(), wal: None, journal: Some(journal) }, None).unwrap();
    assert!(with.flaws().iter().all(|f| f.code != "journal-hot"));
}

/// The checksum of a log, written a second time for the test.
fn sums(bytes: &[u8], state: (u32, u32)) -> (u32, u32) {
    bytes.chunks_exact(8).fold(state, |(a, b), w| {
        let x = u32::from_be_bytes(w[..4].try_into().unwrap());
        let y = u32::from_be_bytes(w[4..].try_into().unwrap());
        let a = a.wrapping_add(x).wrapping_add(b);
        (a, b.wrapping_add(y).wrapping_add(a))
    })
}

#[test]
fn a_log_of_a_big_endian_machine_reads_the_same() {
    let (main, mut wal, _) = sample(1024);
    wal[3] = 0x83;
    let mut state = sums(&wal[..24], (0, 0));
    let put = |bytes: &mut [u8], (a, b): (u32, u32)| {
        bytes[..4].copy_from_slice(&a.to_be_bytes());
        bytes[4..8].copy_from_slice(&b.to_be_bytes());
    };
    put(&mut wal[24..32], state);
    for frame in wal[32..].chunks_exact_mut(24 + 1024) {
        state = sums(&frame[24..], sums(&frame[..8], state));
        put(&mut frame[16..24], state);
    }
    let db = Database::open(Files { main, wal: Some(wal), journal: None }, None).unwrap();
    assert!(db.flaws().is_empty() && db.wal_frames() > 0);
    assert!(texts(&db)[..29].iter().all(|t| t == "changed"));
}

#[test]
fn a_changed_byte_in_the_log_ends_it_there_and_is_named() {
    let (main, mut wal, _) = sample(1024);
    let frames = wal[32..].len() / (24 + 1024);
    assert!(frames > 3);
    wal[32 + (24 + 1024) + 500] ^= 1; // the second frame
    let db = Database::open(Files { main, wal: Some(wal), journal: None }, None).unwrap();
    let flaw = db.flaws().iter().find(|f| f.code == "wal-frame-checksum").unwrap();
    assert_eq!((flaw.frame, flaw.lost), (Some(2), true));
}

#[test]
fn a_database_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Database>();
}
