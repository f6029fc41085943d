//! Damaged stores: no panic, no hang.

mod recover_lab;

use std::time::{Duration, Instant};

use forensics_core::store::sqlite::{Database, Files};
use proptest::prelude::*;
use recover_lab::{Lab, search};

/// Far more than any of these small stores takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A store with everything in it: free pages, overflow, an index, no rowid, a log of several generations.
fn rich(page_size: u32, auto_vacuum: u8) -> Files {
    let mut lab = Lab::new(&format!("PRAGMA page_size={page_size}; PRAGMA auto_vacuum={auto_vacuum}"));
    lab.run("CREATE TABLE m(_id INTEGER PRIMARY KEY, t TEXT, s INT, b BLOB); CREATE INDEX i ON m(t, s); CREATE TABLE w(a TEXT PRIMARY KEY, b) WITHOUT ROWID; CREATE TABLE gone(x TEXT)");
    for i in 0..80i64 {
        let words = lab.chance.words(8);
        lab.conn
            .execute(
                "INSERT INTO m(t, s, b) VALUES (?, ?, ?)",
                (&words, i * 1001, vec![i as u8; (i * 37 % 1900) as usize]),
            )
            .unwrap();
        lab.conn.execute("INSERT INTO w VALUES (?, ?)", (format!("key {i}"), &words)).unwrap();
        lab.conn.execute("INSERT INTO gone VALUES (?)", [&words]).unwrap();
    }
    lab.run("DELETE FROM m WHERE _id % 4 = 1; DROP TABLE gone; DELETE FROM w WHERE a LIKE '%7'");
    lab.run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; UPDATE m SET t = 'changed ' || s WHERE s % 3 = 0");
    lab.run("PRAGMA wal_checkpoint(RESTART); DELETE FROM m WHERE _id < 9");
    lab.files()
}

fn survives(files: Files) {
    let started = Instant::now();
    if let Ok(db) = Database::open(files, None) {
        let _ = search(&db);
    }
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_it_panic_or_hang(
        size in prop::sample::select(vec![512u32, 1024, 4096]),
        auto_vacuum in 0u8..3,
        bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60),
        words in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..20),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut files = rich(size, auto_vacuum);
        let mut wal = files.wal.take().unwrap_or_default();
        for (at, value) in bytes {
            let both = files.main.len() + wal.len();
            let at = at.index(both);
            match at.checked_sub(files.main.len()) {
                None => files.main[at] = value,
                Some(at) => wal[at] = value,
            }
        }
        // Pointers bent to other pages: headers of pages, freelist and overflow chains begin with one.
        for (page, to) in words {
            let pages = files.main.len() / size as usize;
            let (page, to) = (page.index(pages), to.index(pages) as u32 + 1);
            let at = page * size as usize + if page == 0 { 32 } else { 0 };
            files.main[at..at + 4].copy_from_slice(&to.to_be_bytes());
        }
        if let Some(cut) = cut {
            let at = cut.index(files.main.len());
            files.main.truncate(at.max(600));
        }
        files.journal = Some(wal.clone());
        files.wal = Some(wal);
        survives(files);
    }
}

#[test]
fn loops_in_the_freelist_and_in_overflow_chains_end() {
    for size in [512usize, 4096] {
        let mut files = rich(size as u32, 0);
        files.wal = None;
        // Every page names itself, and every other its neighbour.
        for page in 1..files.main.len() / size {
            let to = if page % 2 == 0 { page as u32 + 1 } else { page as u32 };
            files.main[page * size..page * size + 4].copy_from_slice(&to.to_be_bytes());
        }
        files.main[32..36].copy_from_slice(&2u32.to_be_bytes());
        survives(files);
    }
}

#[test]
fn bytes_of_chance_on_every_page_are_no_records() {
    let mut lab = Lab::new("PRAGMA page_size=4096");
    lab.run("CREATE TABLE m(_id INTEGER PRIMARY KEY, chat INTEGER, t TEXT, s INT)");
    for i in 0..200 {
        let words = lab.chance.words(5);
        lab.conn.execute("INSERT INTO m(chat, t, s) VALUES (?, ?, ?)", (i % 5, words, i * 77)).unwrap();
    }
    let mut files = lab.files();
    let pages = 100u32;
    for _ in 0..pages {
        let page: Vec<u8> = (0..4096).map(|_| lab.chance.below(256) as u8).collect();
        files.main.extend(page);
    }
    let db = Database::open(files, None).unwrap();
    let (found, survey) = search(&db);
    assert_eq!(survey.unreached_pages, pages);
    assert!(found.is_empty(), "{found:#?}");
}
