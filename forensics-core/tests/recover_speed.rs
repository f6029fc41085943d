//! How fast a large store is searched. Not run by default: `cargo test --release -- --ignored --nocapture searched`.
#![expect(clippy::print_stderr, reason = "prints its measurements")]

mod recover_lab;

use std::ops::ControlFlow;
use std::time::Instant;

use forensics_core::recover::{Options, recover};
use forensics_core::store::sqlite::Database;
use recover_lab::Lab;

/// 280,000 rows, a quarter of them deleted: about 41 MB.
#[test]
#[ignore = "writes a database of 41 MB"]
fn a_store_of_41_megabytes_is_searched_in_three_seconds() {
    let mut lab = Lab::new("PRAGMA page_size=4096");
    lab.conn.execute_batch("CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER, key_id TEXT, status INTEGER, timestamp INTEGER, text_data TEXT); CREATE INDEX i ON message(chat, timestamp); BEGIN").unwrap();
    let rows = std::env::var("ROWS").ok().and_then(|r| r.parse().ok()).unwrap_or(280_000i64);
    for i in 0..rows {
        let words = lab.chance.words(15);
        lab.conn
            .prepare_cached("INSERT INTO message(chat, key_id, status, timestamp, text_data) VALUES (?, ?, ?, ?, ?)")
            .unwrap()
            .execute((i % 997, format!("3EB0{i:016X}"), i % 13, 1_700_000_000_000 + i, words))
            .unwrap();
    }
    lab.conn
        .execute_batch(
            "COMMIT; DELETE FROM message WHERE _id % 10 = 3; DELETE FROM message WHERE _id BETWEEN 100000 AND 140000",
        )
        .unwrap();
    let files = lab.files();
    eprintln!("{} MB", files.main.len() >> 20);
    let started = Instant::now();
    let db = Database::open(files, None).unwrap();
    let mut found = 0u64;
    let survey = recover(&db, &Options::default(), &mut |_| {
        found += 1;
        ControlFlow::Continue(())
    });
    eprintln!("{found} records in {:?}; {survey:?}", started.elapsed());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    eprintln!("{peak}");
}
