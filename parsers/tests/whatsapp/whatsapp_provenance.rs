//! From any mark back to the cell: SQLite itself must find the same value there.

use forensics_core::keys::KeyRing;
use rusqlite::types::ValueRef;
use samples::Device;

use crate::phone::{Phone, read};

fn check(device: &Device, file: &str) {
    let found = read(&Phone::of(device), &KeyRing::default());
    let mut bytes = device.file(file).expect("the store").bytes.clone();
    // A memory database cannot be in WAL mode.
    (bytes[18], bytes[19]) = (1, 1);
    let mut sqlite = rusqlite::Connection::open_in_memory().expect("memory");
    sqlite.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), true).expect("a database");
    let mut cells = 0;
    let of_messages = found.messages.iter().flat_map(|m| &m.markers);
    for mark in of_messages.chain(found.absences.iter().flat_map(|a| &a.markers)) {
        let (Some(table), Some(column)) = (mark.origin.table.as_deref(), mark.origin.column.as_deref()) else {
            continue;
        };
        // A path inside the value, and the other stores of the phone, are not for this test.
        if mark.origin.key.is_some() || found.store_of(&mark.origin).file() != file {
            continue;
        }
        let rowid = mark.origin.rowid.expect("every table has row numbers");
        let sql = format!("SELECT \"{column}\" FROM \"{table}\" WHERE rowid = {rowid}");
        let same = sqlite
            .query_row(&sql, [], |r| {
                Ok(match r.get_ref(0)? {
                    ValueRef::Null => mark.raw.is_null(),
                    ValueRef::Integer(i) => mark.raw.as_i64() == Some(i),
                    ValueRef::Real(f) => mark.raw.as_f64() == Some(f),
                    ValueRef::Text(t) => mark.raw.as_str().map(str::as_bytes) == Some(t),
                    ValueRef::Blob(_) => mark.raw.get("hex").is_some(),
                })
            })
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert!(same, "{sql} is not {}", mark.raw);
        cells += 1;
    }
    assert!(cells > 20, "{cells}");
}

#[test]
fn every_mark_of_android_leads_back_to_its_cell() {
    check(&samples::apps::whatsapp::android_modern(7), "msgstore.db");
    check(&samples::apps::whatsapp::android_legacy(7), "msgstore.db");
    check(&samples::apps::whatsapp::android_transitional(7), "msgstore.db");
}

#[test]
fn every_mark_of_ios_leads_back_to_its_cell() {
    check(&samples::apps::whatsapp::ios(7), "ChatStorage.sqlite");
}
