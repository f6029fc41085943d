//! The stories keep their own promises.
#![allow(clippy::disallowed_methods, reason = "samples write to the folder they are given, never to evidence")]

use std::collections::BTreeSet;

use rusqlite::Connection;
use samples::{Device, apps};

/// The phones whose stores can be read as they lie.
fn plain_devices(seed: u64) -> Vec<Device> {
    use apps::{wechat, whatsapp};
    vec![
        whatsapp::android_modern(seed),
        whatsapp::android_legacy(seed),
        whatsapp::android_transitional(seed),
        whatsapp::ios(seed),
        wechat::ios(seed),
    ]
}

fn open(bytes: &[u8]) -> Connection {
    let mut bytes = bytes.to_vec();
    (bytes[18], bytes[19]) = (1, 1);
    let mut connection = Connection::open_in_memory().unwrap();
    connection.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), true).unwrap();
    connection
}

#[test]
fn every_true_message_stands_in_its_table() {
    for device in plain_devices(1) {
        let mut seen = BTreeSet::new();
        for message in &device.truth.messages {
            let store = open(&device.file(&message.store_file).unwrap().bytes);
            let sql = format!("SELECT count(*) FROM \"{}\" WHERE rowid=?", message.table);
            let count: i64 = store.query_row(&sql, [message.rowid], |row| row.get(0)).unwrap();
            assert_eq!(count, 1, "{}: {message:?}", device.name);
            assert!(seen.insert((&message.store_file, &message.table, message.rowid)), "told twice: {message:?}");
            assert_eq!(message.reach.is_some(), message.verdict == samples::word::CONFIRMED, "{message:?}");
        }
    }
}

#[test]
fn every_database_is_sound() {
    for device in plain_devices(1) {
        for file in device.files.iter().filter(|f| f.bytes.starts_with(b"SQLite format 3\0")) {
            let check: String = open(&file.bytes).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(check, "ok", "{:?}", file.place);
        }
    }
}

#[test]
fn every_message_row_has_a_truth() {
    let device = apps::whatsapp::android_modern(1);
    let store = open(&device.file("msgstore.db").unwrap().bytes);
    let rows: isize = store.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, device.truth.messages.len() as isize + 1, "all but the sentinel");
    let device = apps::whatsapp::ios(1);
    let store = open(&device.file("ChatStorage.sqlite").unwrap().bytes);
    let rows: isize = store.query_row("SELECT count(*) FROM ZWAMESSAGE", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, device.truth.messages.len() as isize);
}

#[test]
fn a_seed_is_a_phone() {
    assert_eq!(plain_devices(3), plain_devices(3));
    for variant in apps::wechat::Variant::ALL {
        assert_eq!(apps::wechat::android(variant, 3), apps::wechat::android(variant, 3));
    }
    assert_ne!(plain_devices(3), plain_devices(4));
}

/// Puts a store and its log or journal on disk, as SQLite wants them, and counts rows.
fn count_on_disk(device: &Device, table: &str) -> i64 {
    let folder = tempfile::tempdir().unwrap();
    for file in device.files.iter().take(2) {
        std::fs::write(folder.path().join(file.place.base_name()), &file.bytes).unwrap();
    }
    let store = Connection::open(folder.path().join(device.files[0].place.base_name())).unwrap();
    let check: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok", "{}", device.name);
    store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn sqlite_itself_accepts_our_logs_and_journals() {
    use apps::whatsapp;
    let modern = open(&whatsapp::android_modern(1).files[0].bytes);
    let rows: i64 = modern.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(count_on_disk(&whatsapp::android_newest_in_wal(1), "message"), rows + 2);
    let cut_off = whatsapp::android_hot_journal(1);
    let unfinished = open(&cut_off.files[0].bytes);
    let more: i64 = unfinished.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!((count_on_disk(&cut_off, "message"), more), (rows, rows + 1));
    let rows = i64::try_from(whatsapp::ios(1).truth.messages.len()).unwrap();
    assert_eq!(count_on_disk(&whatsapp::ios_newest_in_wal(1), "ZWAMESSAGE"), rows + 1);
    assert_eq!(count_on_disk(&whatsapp::ios_all_in_wal(1), "ZWAMESSAGE"), rows);
}
