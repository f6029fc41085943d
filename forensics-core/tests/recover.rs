//! Deleted and superseded rows of databases whose history is known. Figures: `--nocapture`.

mod recover_lab;
use recover_lab::{Lab, search};

use std::ops::ControlFlow;

use forensics_core::origin::StoreId;
use forensics_core::recover::{Era, Found, Options, RecoveredRow, SecureDelete, State, as_of, commits, timeline};
use forensics_core::store::sqlite::Database;

const CHAT: &str = "CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat INTEGER NOT NULL, key_id TEXT NOT NULL, status INTEGER, timestamp INTEGER, text_data TEXT, media BLOB);
    CREATE TABLE chat(_id INTEGER PRIMARY KEY, jid TEXT UNIQUE, subject TEXT, archived INTEGER);";

fn fill(lab: &mut Lab, from: i64, to: i64) {
    lab.conn.execute_batch("BEGIN").unwrap();
    for i in from..to {
        let words = lab.chance.words(12);
        let media: Option<Vec<u8>> = (i % 7 == 0).then(|| vec![(i % 251) as u8; (i % 30) as usize]);
        let status = lab.chance.below(14) as i64;
        lab.conn
            .execute(
                "INSERT INTO message(_id, chat, key_id, status, timestamp, text_data, media) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (i, i % 9, format!("3EB0{:08X}", i * 7919), status, 1_700_000_000_000i64 + i * 1000, words, media),
            )
            .unwrap();
    }
    lab.conn.execute_batch("COMMIT").unwrap();
    lab.log();
}

fn chat(pragmas: &str, rows: i64) -> Lab {
    let mut lab = Lab::new(pragmas);
    lab.run(CHAT);
    fill(&mut lab, 1, rows + 1);
    lab
}

/// Deletes every `step`th row, one transaction each.
fn thin(lab: &mut Lab, table: &str, step: i64, of: i64) {
    lab.run(&format!("DELETE FROM {table} WHERE rowid % {step} = {of}"));
}

#[test]
fn rows_deleted_in_the_middle_of_pages_are_recovered() {
    for size in [512, 1024, 4096, 16384, 65536] {
        let mut lab = chat(&format!("PRAGMA page_size={size}"), 400);
        thin(&mut lab, "message", 7, 3);
        lab.score().assert(&format!("middle of pages, {size}"), 0.98, 0.99);
    }
}

#[test]
fn rows_deleted_one_after_another_are_recovered() {
    let mut lab = chat("PRAGMA page_size=4096", 400);
    lab.run("DELETE FROM message WHERE _id BETWEEN 100 AND 131");
    for id in [210, 213, 211, 212, 209, 300, 299, 301] {
        lab.run(&format!("DELETE FROM message WHERE _id = {id}"));
    }
    lab.score().assert("consecutive", 0.98, 0.99);
}

#[test]
fn a_table_that_was_emptied_is_recovered_from_free_pages() {
    let mut lab = chat("PRAGMA page_size=4096", 800);
    lab.run("DELETE FROM message");
    lab.score().assert("delete all", 0.99, 0.99);
}

#[test]
fn a_dropped_table_is_recovered_with_its_name() {
    let mut lab = chat("PRAGMA page_size=4096", 600);
    lab.run("CREATE TABLE note(n TEXT, at REAL, weight INTEGER)");
    for i in 0..200 {
        lab.run(&format!("INSERT INTO note VALUES ('note {i} of many', {i}.25, {})", i * 300));
    }
    lab.run("DROP TABLE note");
    let score = lab.score().assert("drop table", 0.99, 0.99);
    assert!(score.rows.iter().all(|r| r.table.as_deref() == Some("note")));
}

#[test]
fn texts_edited_to_another_length_are_recovered() {
    let mut lab = chat("PRAGMA page_size=4096", 300);
    lab.run("UPDATE message SET text_data = text_data || ' (edited, and now a good deal longer)' WHERE _id % 5 = 0");
    lab.run("UPDATE message SET text_data = 'x', status = 200 WHERE _id % 11 = 0");
    lab.score().assert("updates", 0.97, 0.98);
}

#[test]
fn tables_without_an_integer_key_are_recovered() {
    let mut lab = Lab::new("PRAGMA page_size=4096");
    lab.run("CREATE TABLE a(name TEXT, surname TEXT, code INTEGER, place TEXT); CREATE TABLE b(code INTEGER, name TEXT NOT NULL, w REAL);
             CREATE TABLE c(x, y, z);");
    for i in 0..150i64 {
        let (p, q) = (lab.chance.words(2), lab.chance.words(3));
        lab.conn.execute("INSERT INTO a VALUES (?, ?, ?, ?)", (&p, &q, i * 37, format!("street {i}"))).unwrap();
        lab.conn.execute("INSERT INTO b VALUES (?, ?, ?)", (i * 991, format!("{q} {i}"), i as f64 / 4.0)).unwrap();
        lab.conn.execute("INSERT INTO c VALUES (?, ?, ?)", (format!("{p}{i}"), i * 65537, &q)).unwrap();
    }
    lab.log();
    for table in ["a", "b", "c"] {
        thin(&mut lab, table, 5, 2);
    }
    lab.score().assert("no integer key", 0.95, 0.98);
}

#[test]
fn rows_of_auto_vacuum_stores_are_recovered() {
    for mode in ["FULL", "INCREMENTAL"] {
        let mut lab = chat(&format!("PRAGMA page_size=1024; PRAGMA auto_vacuum={mode}"), 500);
        thin(&mut lab, "message", 6, 1);
        lab.run("DELETE FROM message WHERE _id BETWEEN 200 AND 330");
        lab.score().assert(&format!("auto_vacuum {mode}"), 0.98, 0.98);
    }
}

#[test]
fn nothing_is_invented_where_secure_delete_was_on() {
    let mut lab = chat("PRAGMA page_size=4096; PRAGMA secure_delete=ON", 500);
    thin(&mut lab, "message", 5, 1);
    lab.run("DELETE FROM message WHERE _id > 300");
    let score = lab.score().assert("secure_delete on", 0.0, 1.0);
    let survey = score.survey.unwrap();
    assert_eq!(survey.secure_delete, SecureDelete::On);
    assert!(survey.reasons().iter().any(|r| r.contains("secure_delete")));

    let mut lab = chat("PRAGMA page_size=1024; PRAGMA secure_delete=FAST", 500);
    thin(&mut lab, "message", 5, 1);
    lab.run("DELETE FROM message WHERE _id > 300");
    let score = lab.score().assert("secure_delete fast", 0.98, 0.98);
    assert_eq!(score.survey.unwrap().secure_delete, SecureDelete::Fast);
}

#[test]
fn a_store_from_which_nothing_was_deleted_gives_nothing() {
    let mut lab = chat("PRAGMA page_size=1024", 2000);
    for i in 0..60 {
        lab.run(&format!("INSERT INTO chat VALUES ({i}, 'jid{i}@s', 'subject {i}', {})", i % 2));
    }
    let score = lab.score().assert("nothing deleted", 1.0, 1.0);
    assert_eq!(score.rows.len(), 0, "{:#?}", score.rows.first());
}

#[test]
fn every_version_in_the_write_ahead_log_is_recovered() {
    let mut lab = chat("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0", 200);
    lab.run("PRAGMA wal_checkpoint(TRUNCATE)");
    for round in 0..8 {
        lab.run(&format!(
            "UPDATE message SET text_data = 'round {round} ' || _id, status = {round} + 20 WHERE _id % 8 = {round}"
        ));
        lab.run(&format!("DELETE FROM message WHERE _id % 40 = {round}"));
    }
    lab.score().assert("WAL, one generation", 0.99, 0.99);
    for round in 8..12 {
        lab.run("PRAGMA wal_checkpoint(RESTART)");
        lab.run(&format!("UPDATE message SET text_data = 'round {round} ' || _id WHERE _id % 50 = {round}"));
        lab.run(&format!("DELETE FROM message WHERE _id % 41 = {round}"));
    }
    let score = lab.score().assert("WAL, several generations", 0.99, 0.99);
    assert!(score.survey.as_ref().is_some_and(|s| s.generations > 0));
}

#[test]
fn what_was_never_committed_is_told_apart() {
    let mut lab = chat("PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0", 200);
    lab.run("PRAGMA cache_size=1; PRAGMA cache_spill=1");
    lab.conn.execute_batch("BEGIN; UPDATE message SET text_data = 'never said ' || _id").unwrap();
    let files = lab.files();
    lab.conn.execute_batch("ROLLBACK").unwrap();
    let (found, survey) = search(&Database::open(files, None).unwrap());
    assert!(survey.frames[1] > 0);
    let never = found.iter().filter(|r| r.state == State::Uncommitted).count();
    assert!(never > 50, "{never}");
    let others: Vec<_> = found.iter().filter(|r| r.state != State::Uncommitted).collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn pages_that_a_persistent_journal_kept_are_recovered() {
    let mut lab = chat("PRAGMA page_size=1024; PRAGMA journal_mode=PERSIST", 300);
    lab.run("PRAGMA secure_delete=ON");
    thin(&mut lab, "message", 10, 4);
    lab.score().assert("persistent journal", 0.95, 0.98);
}

#[test]
fn live_rows_under_a_hot_journal_are_not_called_deleted() {
    let lab = chat("PRAGMA page_size=1024; PRAGMA cache_size=1; PRAGMA cache_spill=1", 300);
    lab.conn.execute_batch("BEGIN; UPDATE message SET text_data = 'changed ' || _id").unwrap();
    let files = lab.files();
    lab.conn.execute_batch("ROLLBACK").unwrap();
    let db = Database::open(files, None).unwrap();
    let (found, _) = search(&db);
    let wrong: Vec<_> = found.iter().filter(|r| r.state != State::Uncommitted).collect();
    assert!(wrong.is_empty(), "{} {:#?}", wrong.len(), wrong.first());
    assert!(found.len() > 100, "{}", found.len());
}

#[test]
fn rows_without_rowid_are_recovered() {
    let mut lab = Lab::new("PRAGMA page_size=1024");
    lab.run("CREATE TABLE w(jid TEXT, id INTEGER, text TEXT, PRIMARY KEY(jid, id)) WITHOUT ROWID; CREATE TABLE v(k INTEGER PRIMARY KEY, text TEXT, n INTEGER) WITHOUT ROWID;");
    for i in 0..400i64 {
        let words = lab.chance.words(6);
        lab.conn
            .execute("INSERT INTO w VALUES (?, ?, ?)", (format!("user{}@s.whatsapp.net", i % 13), i, &words))
            .unwrap();
        lab.conn.execute("INSERT INTO v VALUES (?, ?, ?)", (i * 3, &words, i * 1000)).unwrap();
    }
    lab.log();
    lab.run("DELETE FROM w WHERE id % 6 = 1; DELETE FROM v WHERE k % 5 = 1");
    lab.score().assert("without rowid", 0.96, 0.96);
}

#[test]
fn text_in_utf_16_is_recovered() {
    let mut lab = chat("PRAGMA page_size=2048; PRAGMA encoding='UTF-16le'", 300);
    thin(&mut lab, "message", 6, 1);
    lab.score().assert("UTF-16", 0.98, 0.99);
}

#[test]
fn rows_with_overflow_pages_are_recovered_where_the_chain_is_whole() {
    let mut lab = chat("PRAGMA page_size=1024", 100);
    for i in 0..30 {
        let text: String = (0..300 + i * 40).map(|n| char::from(b'a' + ((n * 7 + i) % 26) as u8)).collect();
        lab.run(&format!("UPDATE message SET text_data = '{text}{i}' WHERE _id = {}", i * 3 + 1));
    }
    lab.run("DELETE FROM message WHERE _id % 9 = 1");
    lab.score().assert("overflow", 0.9, 0.99);
}

#[test]
fn rows_older_than_an_added_column_are_recovered() {
    let mut lab = chat("PRAGMA page_size=4096", 200);
    lab.run("ALTER TABLE message ADD COLUMN starred INTEGER DEFAULT 0");
    lab.forget();
    fill(&mut lab, 201, 300);
    thin(&mut lab, "message", 5, 1);
    lab.score().assert("added column", 0.97, 0.98);
}

#[test]
fn copies_left_by_rebalancing_are_not_called_deleted() {
    let mut lab = Lab::new("PRAGMA page_size=1024");
    lab.run(
        "CREATE TABLE message(_id INTEGER PRIMARY KEY, chat INTEGER, text TEXT); CREATE INDEX i ON message(chat, text)",
    );
    let mut ids: Vec<i64> = (1..=1500).collect();
    for i in (1..ids.len()).rev() {
        let j = lab.chance.below(i as u64 + 1) as usize;
        ids.swap(i, j);
    }
    for (n, id) in ids.iter().enumerate() {
        let words = lab.chance.words(9);
        lab.conn.execute("INSERT INTO message VALUES (?, ?, ?)", (id, id % 11, words)).unwrap();
        if n % 9 == 8 {
            lab.log();
            lab.conn.execute("DELETE FROM message WHERE _id = ?", [ids[n - 5]]).unwrap();
        }
    }
    lab.log();
    lab.score().assert("rebalancing", 0.97, 0.97);
}

#[test]
fn the_store_as_of_each_commit_reads_as_sqlite_read_it_then() {
    let mut lab = chat("PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0", 120);
    lab.run("PRAGMA wal_checkpoint(TRUNCATE)");
    let mut truths = vec![lab.rows()];
    for round in 0..5 {
        lab.run(&format!("UPDATE message SET text_data = 'round {round} ' || _id WHERE _id % 9 = {round}; DELETE FROM message WHERE _id = {}", round * 20 + 1));
        truths.push(lab.rows());
    }
    let files = lab.files();
    let db = Database::open(files.clone(), None).unwrap();
    // Each round is two commits: the update and the deletion.
    let all = commits(&db);
    assert_eq!(all.len(), 10);
    for (round, truth) in truths.iter().enumerate() {
        let commit = round.checked_mul(2).and_then(|n| n.checked_sub(1)).map(|n| &all[n]);
        let then = as_of(&files, None, commit).unwrap();
        let table = then.table("message").unwrap();
        let rows: Vec<_> = then.scan(table).map(|r| r.unwrap().values()).collect();
        let expected: Vec<_> = truth.iter().filter(|v| v.table == "message").map(|v| v.values.clone()).collect();
        assert_eq!(rows, expected, "round {round}");
    }
}

#[test]
fn the_timeline_tells_when_a_version_began_and_ended() {
    let mut lab = chat("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0", 60);
    lab.run("PRAGMA wal_checkpoint(TRUNCATE)");
    lab.run("UPDATE message SET text_data = 'second' WHERE _id = 30");
    lab.run("UPDATE message SET text_data = 'third and last' WHERE _id = 30");
    lab.run("DELETE FROM message WHERE _id = 30");
    let db = Database::open(lab.files(), None).unwrap();
    let mut versions = Vec::new();
    timeline(&db, &Options::default(), &mut |v| {
        versions.extend((v.rowid == Some(30) && &*v.table == "message").then_some(v));
        ControlFlow::Continue(())
    });
    let told: Vec<_> = versions.iter().map(|v| (v.first, v.ended)).collect();
    assert_eq!(
        told,
        [(Era::Base, Some(Era::Commit(1))), (Era::Commit(1), Some(Era::Commit(2))), (Era::Commit(2), Some(Era::Now)),]
    );
    assert_eq!(versions[2].values[5], Found::Known("third and last".into()));
}

#[test]
fn a_recovered_row_reads_like_a_live_one() {
    let mut lab = chat("PRAGMA page_size=4096", 50);
    lab.run("DELETE FROM message WHERE _id = 20; ALTER TABLE message ADD COLUMN starred INT");
    let db = Database::open(lab.files(), None).unwrap();
    let (found, _) = search(&db);
    let table = db.table("message").unwrap();
    let row = RecoveredRow::new(&found[0], table, StoreId(3));
    assert_eq!(row.int(table.column("timestamp")), Some(1_700_000_020_000));
    assert_eq!(row.text(table.column("key_id")).unwrap(), format!("3EB0{:08X}", 20 * 7919));
    assert!(!row.is_known(table.column("_id")) && row.is_null(table.column("starred")));
    let origin = row.cell(table.column("key_id"));
    assert_eq!((origin.store, origin.column.as_deref()), (StoreId(3), Some("key_id")));
    let main = lab.files().main;
    let cell = &main[origin.offset.unwrap() as usize..][..origin.length.unwrap() as usize];
    assert!(cell.windows(4).any(|w| w == b"3EB0"));
}

/// Small tables as they stand in published corpora: ten to twenty rows, no integer key, values of all types.
fn small(
    seed: u64,
    columns: &str,
    make: &dyn Fn(&mut recover_lab::Chance, i64) -> String,
    delete: &str,
) -> recover_lab::Score {
    let mut lab = Lab::new("PRAGMA page_size=4096");
    lab.chance.0 = seed;
    lab.run(&format!("CREATE TABLE t({columns}); CREATE TABLE other(a TEXT, b INT)"));
    for i in 0..20 {
        let values = make(&mut lab.chance, i);
        lab.run(&format!("INSERT INTO t VALUES ({values}); INSERT INTO other VALUES ('o{i}', {i})"));
    }
    lab.run(delete);
    lab.score()
}

#[test]
fn small_tables_without_statistics_are_recovered() {
    type Make = fn(&mut recover_lab::Chance, i64) -> String;
    let cases: [(&str, &str, Make); 6] = [
        ("people", "id INT, name TEXT, surname TEXT, code INT", |c, i| {
            format!("{i}, '{}', '{}', {}", c.words(1), c.words(1), c.below(100_000))
        }),
        ("key", "id INTEGER PRIMARY KEY, name TEXT, code INT", |c, i| {
            format!("{i}, '{} {i}', {}", c.words(2), c.below(100_000))
        }),
        ("text first", "name TEXT NOT NULL, at REAL, n INT", |c, i| {
            format!("'{} {i}', {}.5, {}", c.words(2), c.below(1000), c.below(70_000))
        }),
        ("no types", "a, b, c, d", |c, i| format!("'{}', {}, x'{:08x}', NULL", c.words(2), i * 1000, c.below(1 << 31))),
        ("reals", "x REAL, y REAL, name TEXT", |c, _| {
            format!("{}.25, {}, '{}'", c.below(500), c.below(500), c.words(3))
        }),
        ("numbers", "a INT, b INT, c INT, d INT", |c, i| {
            format!("{}, {}, {}, {}", c.below(1 << 31), c.below(60_000), i + 300, c.below(1 << 31))
        }),
    ];
    for (name, columns, make) in cases {
        let mut sum = recover_lab::Score::default();
        for seed in 0..10 {
            for delete in [
                "DELETE FROM t WHERE rowid % 4 = 1",
                "DELETE FROM t WHERE rowid IN (7, 8, 9)",
                "DELETE FROM t",
                "DROP TABLE t",
            ] {
                sum.add(small(seed * 977 + 5, columns, &make, delete));
            }
        }
        sum.assert(&format!("small: {name}"), 0.97, 0.99);
    }
}
