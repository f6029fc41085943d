//! `recover`: rows that a store no longer shows.

use serde_json::Value;

use crate::bench::{Bench, listing, program};

/// A store of which every third message was deleted, and one edited; SQLite's own library makes it.
fn store(path: &std::path::Path) {
    let db = rusqlite::Connection::open(path).expect("a database");
    db.execute_batch(
        "PRAGMA secure_delete = OFF; CREATE TABLE message (id INTEGER PRIMARY KEY, sender TEXT NOT NULL, sent INTEGER, body TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
         INSERT INTO message SELECT i, 'wxid_' || (i % 3), 1700000000000 + i * 1000, 'message number ' || i || ' in the thread' FROM n;
         DELETE FROM message WHERE id % 3 = 0;",
    )
    .expect("rows");
}

#[test]
fn deleted_rows_come_back_with_their_place_and_the_file_is_untouched() {
    let bench = Bench::new();
    let path = bench.path("evidence").join("chat.db");
    store(&path);
    let before = listing(&bench.path("evidence"));
    let output = program().args(["recover", "--jsonl"]).arg(&path).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let right = |line: &&Value| {
        let body = line["values"][3].as_str().unwrap_or_default();
        let number = body.strip_prefix("message number ").and_then(|b| b.split(' ').next()?.parse::<i64>().ok());
        number.is_some_and(|n| n % 3 == 0 && line["values"][1] == format!("wxid_{}", n % 3))
            && line["table"] == "message"
            && line["where"][0]["offset"].is_u64()
            && line["state"] != "live"
    };
    let recovered = lines.iter().filter(right).count();
    assert!(recovered >= 18, "{recovered} of 20 deleted rows came back: {lines:#?}");
    assert!(before == listing(&bench.path("evidence")), "the evidence changed");
    let shown = program().arg("recover").arg(&path).output().expect("the program runs");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("message number 30") && text.contains("rows recovered"), "{text}");
}

#[test]
fn what_is_no_database_is_said_to_be_none() {
    let bench = Bench::new();
    let path = bench.write("letter.txt", b"Dear mother, this is no database at all.");
    let output = program().arg("recover").arg(&path).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
