//! Damaged and unfinished databases: what is left is read, what is lost is named, nothing panics.

use forensics_core::store::sqlite::{Database, Files, SqliteError};
use proptest::prelude::*;

mod store_oracle;
use store_oracle::{file, oracle, sample};

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
    let db = Database::from_bytes(file(&path, "")).unwrap();
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
    let optional = |suffix| Some(file(&path, suffix)).filter(|b| !b.is_empty());
    (Files { main: file(&path, ""), wal: optional("-wal"), journal: optional("-journal") }, texts)
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

#[test]
fn a_database_file_that_is_still_empty_is_read_from_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let conn = oracle(&path);
    conn.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE m(t); INSERT INTO m VALUES ('in the log')",
    )
    .unwrap();
    let files = Files { main: Vec::new(), wal: Some(file(&path, "-wal")), journal: None };
    assert!(files.first_page().unwrap().starts_with(b"SQLite format 3\0"));
    let db = Database::open(files, None).unwrap();
    assert_eq!(texts(&db), ["in the log"]);
    assert_eq!(Database::from_bytes(Vec::new()).err(), Some(SqliteError::Empty));
}
