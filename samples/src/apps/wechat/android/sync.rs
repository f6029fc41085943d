//! The account's position in the server's stream, what was fetched and not stored, and what was
//! deleted.

use super::super::account::Account;
use super::super::cast::{BOB, OWNER};
use super::super::{START, content};
use super::micromsg::MicroMsg;
use crate::crypto::rc4;
use crate::seed::hex_lower;
use crate::sqlite::row;
use crate::story::{Bounds, absence};
use crate::wire::Message;

/// Key 2 of the main store's SyncKey.
const MAIN_POSITION: u64 = 700_000_123;
/// Key 2 of the push process: ahead of the main store.
pub(super) const PUSH_POSITION: u64 = 700_000_125;

/// `SyncKey { 1 count; repeated 2 { 1 key; 2 value } }`; key 2 is messages.
pub(super) fn sync_key(messages: u64) -> Vec<u8> {
    let pairs = [(1, 700_000_001), (2, messages), (3, 700_000_045), (11, 700_000_090), (13, 0)];
    let mut key = Message::new().number(1, pairs.len() as u64);
    for (number, value) in pairs {
        key = key.child(2, Message::new().number(1, number).number(2, value));
    }
    key.finish()
}

/// Writes the account's rows and gives the side files by name.
pub(super) fn tell(store: &mut MicroMsg, account: &Account) -> Vec<(String, Vec<u8>)> {
    let settings = [
        (2, 3, account.wxid.clone()),
        (4, 3, "Ada 阿达".to_owned()),
        (6, 3, "+15550001001".to_owned()),
        (15, 1, "1".to_owned()),
        (42, 3, "ada_synthetic".to_owned()),
        (8195, 3, hex_lower(&sync_key(MAIN_POSITION))),
        (8196, 2, "0".to_owned()),
    ];
    for (id, kind, value) in settings {
        row!(store.book, "userinfo", id: id, type: kind, value: value);
    }
    row!(store.book, "userinfo2", sid: "USERINFO_LAST_LOGIN_USERNAME_STRING", type: 3, value: "ada_synthetic");
    // A chat deleted here; the server has not taken note yet.
    row!(store.book, "oplog2", inserTime: START * 1000, cmdId: 8, buffer: vec![0x0a, 0x00], reserved1: 0);
    let deleted = deleted_ids(store);
    vec![
        ("checkmsgid.ini".to_owned(), deleted),
        ("pushSyncResp/syncResp.ini".to_owned(), b"1".to_vec()),
        ("pushSyncResp/syncResp.bin1".to_owned(), queued(store, account)),
    ]
}

/// `checkmsgid.ini`: yesterday's ids in field 6. One of them has its row still.
fn deleted_ids(store: &mut MicroMsg) -> Vec<u8> {
    let gone = store.make_server_id();
    store.witness.misses(absence::TOMBSTONED, None, Some(gone.to_string()), None, Bounds::default());
    let day = (START / 86_400 + 1).unsigned_abs();
    Message::new()
        .number(1, day)
        .number(6, gone.unsigned_abs())
        .number(6, store.listed_as_deleted.unsigned_abs())
        .finish()
}

/// `syncResp.bin1`: one message that is in no table.
fn queued(store: &mut MicroMsg, account: &Account) -> Vec<u8> {
    let id = store.make_server_id();
    let text = "fetched, and not stored yet";
    store.witness.misses(absence::UNDELIVERED, Some(BOB), Some(id.to_string()), Some(text), Bounds::default());
    let add = Message::new()
        .number(1, 1_700_001)
        .child(2, Message::new().text(1, BOB))
        .child(3, Message::new().text(1, OWNER))
        .number(4, 1)
        .child(5, Message::new().text(1, text))
        .number(6, 3)
        .number(7, 1)
        .child(8, Message::new().number(1, 0))
        .number(9, (START + 6 * 86_400).unsigned_abs())
        .text(10, &content::source(None))
        .number(12, id.unsigned_abs())
        .number(13, 700_000_999)
        .finish();
    let item = Message::new().number(1, 5).child(2, Message::new().number(1, add.len() as u64).bytes(2, &add));
    let key = sync_key(PUSH_POSITION);
    let response = Message::new()
        .number(1, 0)
        .child(2, Message::new().number(1, 1).child(2, item))
        .number(3, 0)
        .child(4, Message::new().number(1, key.len() as u64).bytes(2, &key))
        .number(5, 0)
        .finish();
    rc4(account.queue_key().as_bytes(), &response)
}
