//! Stores written row by row for what the story does not tell. Very old versions do not encrypt: their file serves.

use forensics_core::case::MessageRow;
use forensics_core::keys::KeyRing;
use rusqlite::Connection;
use samples::{Device, DeviceFile};

use crate::harness::{Found, read};

const ROOM: &str = "20000000009@chatroom";
const MESSAGE: &str = "CREATE TABLE message (msgId INTEGER PRIMARY KEY, msgSvrId INTEGER, type INT, status INT, isSend INT, \
    createTime INTEGER, talker TEXT, content TEXT, imgPath TEXT, lvbuffer BLOB, talkerId INTEGER, msgSeq INTEGER, flag INT)";

/// Runs statements, reads the store.
fn found(sql: &str) -> Found {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&format!("{MESSAGE}; {sql}")).unwrap();
    let bytes = connection.serialize("main").unwrap().to_vec();
    let mut device = Device::android("by-hand");
    device.files.push(DeviceFile::android("/data/data/com.tencent.mm/MicroMsg/0123/MicroMsg.db", bytes, 0));
    read(&device, &KeyRing::default())
}

fn message(found: &Found, row: i64) -> &MessageRow {
    found.messages.iter().find(|m| m.origin.rowid == Some(row)).unwrap()
}

/// A received row of the room.
fn received(row: i64, id: i64, sequence: i64) -> String {
    format!(
        "INSERT INTO message (msgId, msgSvrId, type, status, isSend, createTime, talker, content, msgSeq) \
         VALUES ({row}, {id}, 1, 4, 0, {}, '{ROOM}', 'wxid_b:\nhello', {sequence});",
        1_709_280_000_000_i64 + row * 1000
    )
}

#[test]
fn rows_of_a_deleted_room_are_contradictory_and_later_ones_are_not() {
    let sql = format!(
        "{}{} CREATE TABLE DeletedConversationInfo (userName TEXT PRIMARY KEY, lastSeq LONG, reserved1 INT, reserved2 LONG); \
         INSERT INTO DeletedConversationInfo VALUES ('{ROOM}', 702, 0, 1709280000000);",
        received(1, 11, 702),
        received(2, 12, 703)
    );
    let found = found(&sql);
    assert_eq!(message(&found, 1).verdict, "contradictory");
    assert_eq!(message(&found, 2).verdict, "confirmed");
    assert!(!found.absences.iter().any(|a| a.kind == "tombstoned"), "{:?}", found.absences);
}

#[test]
fn a_deletion_explains_what_is_missing_before_it() {
    let sql = format!(
        "{}{} CREATE TABLE DeletedConversationInfo (userName TEXT PRIMARY KEY, lastSeq LONG, reserved1 INT, reserved2 LONG); \
         INSERT INTO DeletedConversationInfo VALUES ('{ROOM}', 750, 0, 1709280000000);",
        received(1, 11, 760),
        received(2, 12, 761)
    );
    let found = found(&sql);
    let kinds: Vec<&str> = found.absences.iter().map(|a| a.kind.as_str()).collect();
    assert_eq!(kinds, ["tombstoned"], "{:?}", found.absences);
}

#[test]
fn chats_that_were_moved_carry_a_note() {
    let sql = format!(
        "{} CREATE TABLE BackupMoveTime (deviceId TEXT, sessionName TEXT, moveTime BLOB); \
         INSERT INTO BackupMoveTime VALUES ('d', '{ROOM}', x'00');",
        received(1, 11, 702)
    );
    let found = found(&sql);
    assert!(message(&found, 1).notes.iter().any(|n| n == "restored-backup"));
    assert!(found.issue("wechat-imported-chats").is_some());
}

#[test]
fn a_row_number_given_again_does_not_hide_a_missing_message() {
    // The quoted message had row 1, which another message has now.
    let sql = format!(
        "{} CREATE TABLE MsgQuote (msgId LONG, msgSvrId LONG, quotedMsgId LONG, quotedMsgSvrId LONG, quotedMsgTalker TEXT); \
         INSERT INTO MsgQuote VALUES (1, 11, 1, 99, '{ROOM}');",
        received(1, 11, 702)
    );
    let found = found(&sql);
    assert_eq!(found.absences.len(), 1, "{:?}", found.absences);
    assert_eq!(found.absences[0].id.as_deref(), Some("99"));
    assert_eq!(found.absences[0].rules[0], "wechat.android.quoted");
}

#[test]
fn a_talker_that_is_empty_is_found_by_its_contact() {
    let sql = "CREATE TABLE rcontact (username TEXT PRIMARY KEY, nickname TEXT); \
         INSERT INTO rcontact (rowid, username, nickname) VALUES (5, 'wxid_b', 'Bob'); \
         INSERT INTO message (msgId, msgSvrId, type, status, isSend, createTime, talkerId, content) \
         VALUES (1, 11, 1, 4, 0, 1709280000000, 5, 'hello');";
    assert_eq!(message(&found(sql), 1).thread, "wxid_b");
}

#[test]
fn hostile_values_are_kept_and_judged_soberly() {
    let sql = "INSERT INTO message (msgId, msgSvrId, type, status, isSend, createTime, talker, content, lvbuffer, msgSeq) VALUES \
         (1, -5, 1, 2, 1, 9223372036854775807, 'wxid_b', CAST(x'fffe' AS TEXT), x'7bffff', 9223372036854775807), \
         (2, 'none', 'none', NULL, 'yes', 'never', 'wxid_b', x'00', 'text', -1), \
         (-3, 9223372036854775807, -9223372036854775808, 4, 0, -1, '1@chatroom', '<msg><appmsg><type>9</type>', NULL, \
          9223372036854775807);";
    let found = found(sql);
    found.nothing_is_lost();
    let first = message(&found, 1);
    assert_eq!((first.verdict.as_str(), first.text["hex"].as_str()), ("contradictory", Some("fffe")));
    assert!(first.notes.iter().any(|n| n == "negative-server-id"));
    assert_eq!(message(&found, 2).verdict, "unknown");
    let third = message(&found, -3);
    assert_eq!((third.verdict.as_str(), third.kind.as_str()), ("confirmed", "other"));
}

#[test]
fn a_server_notice_is_not_called_a_recall() {
    let sql = "INSERT INTO message (msgId, msgSvrId, type, status, isSend, createTime, talker, content) \
         VALUES (1, 11, 10000, 4, 0, 1709280000000, '1@chatroom', 'Bob invited Layla');";
    let found = found(sql);
    assert_eq!(message(&found, 1).verdict, "confirmed");
    assert_eq!(message(&found, 1).notes, ["notice-or-recall"]);
}

#[test]
fn a_room_deleted_on_an_iphone_is_told_and_an_addition_names_its_message() {
    let (owner, hash) = ("98e5988b26825df2c03ec25e565193d3", "4d6a2b27ec9b9ac9ee8eb9f6a1ba2b1d");
    let mut device = Device::ios("by-hand");
    let mut add = |path: &str, sql: &str| {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        let bytes = connection.serialize("main").unwrap().to_vec();
        let path = format!("Documents/{owner}/{path}");
        device.files.push(DeviceFile::ios("AppDomain-com.tencent.xin", path, bytes, 0));
    };
    add(
        "session/session.db",
        "CREATE TABLE SessionDelete (m_userName TEXT, m_lastMsgSequence INTEGER, m_deleteTime INTEGER); \
         INSERT INTO SessionDelete VALUES ('20000000009@chatroom', 750, 1709280000);",
    );
    add(
        "DB/message_1.sqlite",
        &format!(
            "CREATE TABLE Chat_{hash} (MesLocalID INTEGER PRIMARY KEY AUTOINCREMENT, MesSvrID INTEGER, CreateTime INTEGER, \
             Message TEXT, Status INTEGER, Type INTEGER, Des INTEGER); \
             INSERT INTO Chat_{hash} VALUES (1, 11, 1709280000, 'hello', 4, 1, 1); \
             CREATE TABLE ChatExt2_{hash} (MesLocalID INTEGER PRIMARY KEY, MsgSource TEXT); \
             INSERT INTO ChatExt2_{hash} VALUES (1, NULL), (2, NULL);"
        ),
    );
    let found = read(&device, &KeyRing::default());
    let mut kinds: Vec<(&str, Option<&str>)> =
        found.absences.iter().map(|a| (a.kind.as_str(), a.thread.as_deref())).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [("dangling", Some(hash)), ("tombstoned", Some("20000000009@chatroom"))], "{:?}", found.absences);
    assert_eq!(found.messages[0].verdict, "confirmed");
}

#[test]
fn a_damaged_page_weakens_what_seems_missing() {
    let rows: String = (1..400).map(|n| received(n, 1000 + n, 700 + n)).collect();
    let quotes = format!(
        "CREATE TABLE MsgQuote (msgId LONG, msgSvrId LONG, quotedMsgId LONG, quotedMsgSvrId LONG, quotedMsgTalker TEXT); \
         INSERT INTO MsgQuote VALUES (1, 1001, 0, 1399, '{ROOM}'), (1, 1001, 0, 5, '{ROOM}');"
    );
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&format!("{MESSAGE}; {rows} {quotes}")).unwrap();
    let mut bytes = connection.serialize("main").unwrap().to_vec();
    // The last leaf of the table, where row 399 stands.
    let leaf = bytes.chunks(4096).rposition(|page| page.windows(6).any(|w| w == b"wxid_b")).unwrap();
    bytes[leaf * 4096..(leaf + 1) * 4096].fill(0xee);
    let mut device = Device::android("damaged");
    device.files.push(DeviceFile::android("/data/data/com.tencent.mm/MicroMsg/0123/MicroMsg.db", bytes, 0));
    let found = read(&device, &KeyRing::default());
    assert!(found.messages.len() > 300 && found.messages.len() < 399);
    assert!(found.issue("wechat-damaged-store").is_some());
    let quoted: Vec<_> = found.absences.iter().filter(|a| a.kind == "dangling").collect();
    assert!(!quoted.is_empty() && quoted.iter().all(|a| a.strength == "weak"), "{quoted:?}");
}

#[test]
fn a_store_without_message_tables_is_refused() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE other (a)").unwrap();
    let mut device = Device::android("other");
    let bytes = connection.serialize("main").unwrap().to_vec();
    device.files.push(DeviceFile::android("/data/data/com.tencent.mm/MicroMsg/0123/MicroMsg.db", bytes, 0));
    let found = read(&device, &KeyRing::default());
    assert_eq!(found.stores[0].status, "unknown-schema");
}
