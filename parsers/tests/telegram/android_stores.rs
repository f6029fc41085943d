//! Android: generations of the store, further accounts, single files.

use rusqlite::params;

use crate::android::{ANNA, DDL, NOW, Row, SUPERGROUP, Store, blob};
use crate::phone::Phone;
use crate::wire::{self, Tl};

#[test]
fn the_old_generation_keeps_the_channel_in_the_upper_half_of_the_id() {
    let store = Store::new();
    store.sql(
        "DROP TABLE messages_v2; DROP TABLE randoms_v2;
         CREATE TABLE messages(mid INTEGER PRIMARY KEY, uid INTEGER, read_state INTEGER, send_state INTEGER, date INTEGER, data BLOB, out INTEGER, ttl INTEGER, media INTEGER, replydata BLOB, imp INTEGER, mention INTEGER);
         CREATE TABLE randoms(random_id INTEGER, mid INTEGER, PRIMARY KEY (random_id, mid));
         PRAGMA user_version = 73;",
    );
    // message 44f9b43d with 32-bit ids
    let old = |id: i32, peer: Tl| {
        Tl::of(0x44f9_b43d).int(0).int(id).then(peer).int(1_600_000_000).string(b"old").string(b" ").0
    };
    let insert = |mid: i64, uid: i64, data: Vec<u8>| {
        let sql =
            "INSERT INTO messages (mid, uid, read_state, send_state, date, data, out) VALUES (?1, ?2, 1, 0, ?3, ?4, 0)";
        store.db.execute(sql, params![mid, uid, NOW + (mid & 0xffff), data]).unwrap();
    };
    insert(7 | (3001 << 32), SUPERGROUP, old(7, Tl::of(0xbddd_e532).int(3001)));
    insert(9 | (3001 << 32), SUPERGROUP, old(9, Tl::of(0xbddd_e532).int(3001)));
    insert(11, ANNA, old(11, Tl::of(0x9db1_bc6d).int(1001)));
    store.hole(SUPERGROUP, 1, 1);
    store.dialog(SUPERGROUP, 9 | (3001 << 32), 0, 0);
    let found = store.read();
    assert_eq!(found.verdict("-3001/7"), "confirmed:accepted");
    assert_eq!(found.message("-3001/7").text.as_str(), Some("old"));
    assert_eq!(found.message("-3001/7").server_id.as_deref(), Some("-3001/7"));
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    let gaps: Vec<String> = found.summary();
    assert_eq!(gaps, ["gap-in-sequence -3001 - -..7 6", "gap-in-sequence -3001 - 7..9 1"]);
}

#[test]
fn every_further_account_is_read_on_its_own() {
    let store = Store::new();
    store.add(&Row::new(11, ANNA, "first"));
    let second = store.phone.database("data/data/org.telegram.messenger/files/account1/cache4.db");
    second.execute_batch(DDL).unwrap();
    second
        .execute("INSERT INTO users VALUES (9001, 'x', 0, ?1)", [wire::user(9001, "Other", "Me", "50", true)])
        .unwrap();
    let row = Row::new(11, ANNA, "second");
    let sql = "INSERT INTO messages_v2 (mid, uid, read_state, send_state, date, data, out) VALUES (11, 1001, 1, 0, ?1, ?2, 0)";
    second.execute(sql, params![NOW, blob(&row)]).unwrap();
    let found = store.read();
    let of: Vec<_> = found.messages.iter().map(|m| (m.account.as_str(), m.verdict.as_str())).collect();
    assert_eq!(of.len(), 2);
    assert!(of.contains(&("9000", "confirmed")) && of.contains(&("9001", "confirmed")), "{of:?}");
    assert_eq!(found.accounts.len(), 2);
}

#[test]
fn a_single_file_outside_any_layout_is_read() {
    let store = Store::new();
    store.add(&Row::new(11, ANNA, "x"));
    store.db.execute_batch("PRAGMA wal_checkpoint").unwrap();
    let alone = Phone::new();
    let bytes = std::fs::read(store.phone.path("data/data/org.telegram.messenger/files/cache4.db")).unwrap();
    alone.file("evidence/cache4.db", &bytes);
    let found = alone.read();
    assert_eq!(found.verdict("1001/11"), "confirmed:accepted");
    assert_eq!(found.message("1001/11").account, "9000");
}

#[test]
fn a_store_of_another_app_under_the_same_name_is_refused() {
    let phone = Phone::new();
    phone.database("data/data/org.telegram.messenger/files/cache4.db").execute_batch("CREATE TABLE x(y)").unwrap();
    let found = phone.read();
    assert_eq!(found.codes(), ["store-unknown-schema"]);
}
