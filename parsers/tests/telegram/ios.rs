//! iOS: every verdict and absence, by a store made by hand.

use aes::Aes256Enc;
use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};
use forensics_core::keys::{Key, KeyKind};
use rusqlite::params;
use sha2::{Digest as _, Sha512};

use crate::phone::Phone;
use crate::postbox::{
    ANNA, CHANNEL, GROUP, ME, Object, PATH, SECRET, SUPERGROUP, Store, Words, history_key, index_key, murmur,
    unsent_key,
};

const UNSENT: u32 = 1;
const FAILED: u32 = 2;
const INCOMING: u32 = 4;
const SENDING: u32 = 32;

fn incoming(text: &str) -> Words<'_> {
    Words { flags: INCOMING, author: Some(ANNA), text, ..Words::default() }
}

fn outgoing(text: &str) -> Words<'_> {
    Words { author: Some(ME), text, ..Words::default() }
}

#[test]
fn the_namespace_of_the_cloud_confirms() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &incoming("hello"));
    store.add(ANNA, 0, 12, &outgoing("hi"));
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/0/11"), "confirmed:accepted");
    assert_eq!(found.verdict("1001/0/12"), "confirmed:accepted");
    let m = found.message("1001/0/11");
    assert_eq!((m.sender.as_deref(), m.direction.as_str(), m.text.as_str()), (Some("1001"), "in", Some("hello")));
    assert_eq!((m.account.as_str(), m.server_id.as_deref()), ("9000", Some("11")));
    assert_eq!(m.sent.unwrap().to_string(), "2023-11-14T22:13:31Z");
    assert!(m.origin.key.as_deref().is_some_and(|k| k.starts_with("key=x'")), "{:?}", m.origin);
    let thread = found.threads.iter().find(|t| t.id == "1001").unwrap();
    assert_eq!((thread.name.as_deref(), thread.kind.as_deref()), (Some("Anna Test"), Some("direct")));
    assert!(found.absences.is_empty(), "{:?}", found.summary());
}

#[test]
fn the_outgoing_read_mark_says_that_the_peer_has_read() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &outgoing("a"));
    store.add(ANNA, 0, 12, &outgoing("b"));
    store.add(ME, 0, 10, &outgoing("note"));
    store.read_state(ANNA, 0, 11, 12);
    store.read_state(ME, 0, 10, 10);
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/0/11"), "confirmed:read");
    assert_eq!(found.verdict("1001/0/12"), "confirmed:accepted");
    assert_eq!(found.verdict("9000/0/10"), "confirmed:accepted");
}

#[test]
fn local_messages_are_pending_failed_or_local_only() {
    let store = Store::new();
    store.add(ANNA, 1, 1, &Words { flags: SENDING, ..outgoing("a") });
    store.add(ANNA, 1, 2, &Words { flags: UNSENT, ..outgoing("b") });
    store.add(ANNA, 1, 3, &outgoing("queued"));
    store.put("t11", &unsent_key(ANNA, 1, 3), &[]);
    store.add(ANNA, 1, 4, &Words { flags: FAILED, ..outgoing("c") });
    store.add(ANNA, 1, 5, &outgoing("failed"));
    store.put("t49", &index_key(ANNA, 1, 5), &[]);
    let joined =
        Words { flags: INCOMING, ..Words::default() }.medium("TelegramMediaAction", |o| o.int("_rawValue", 19));
    store.add(ANNA, 1, 6, &joined);
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/1/1"), "pending");
    assert_eq!(found.verdict("1001/1/2"), "pending");
    assert_eq!(found.verdict("1001/1/3"), "pending");
    assert_eq!(found.verdict("1001/1/4"), "failed");
    assert_eq!(found.verdict("1001/1/5"), "failed");
    assert_eq!(found.verdict("1001/1/6"), "local-only");
    assert_eq!(found.message("1001/1/6").direction, "system");
    assert_eq!(found.message("1001/1/6").native_type, Some(19));
    let queued = found.message("1001/1/3").markers.iter().find(|m| m.name == "t11").unwrap();
    assert_eq!(queued.origin.table.as_deref(), Some("t11"));
}

#[test]
fn a_tag_summary_in_table_47_is_no_failed_message() {
    let store = Store::new();
    store.db.execute_batch("CREATE TABLE t47 (key BLOB PRIMARY KEY, value BLOB)").unwrap();
    store.add(ANNA, 1, 3, &outgoing("restored"));
    store.put("t47", &index_key(ANNA, 1, 3), &[]);
    assert_eq!(store.phone.read().verdict("1001/1/3"), "local-only");
}

#[test]
fn secret_messages_are_judged_by_their_random_id_and_namespace() {
    let store = Store::new();
    store.add(SECRET, 1, 1, &Words { guid: Some(5), ..outgoing("a") });
    store.add(SECRET, 1, 2, &Words { guid: Some(6), flags: SENDING, ..outgoing("b") });
    store.add(SECRET, 1, 3, &outgoing("no random id"));
    store.add(SECRET, 2, 4, &Words { guid: Some(7), ..incoming("c") });
    let found = store.phone.read();
    let verdict = |rest: &str| found.verdict(&format!("{SECRET}/{rest}"));
    assert_eq!(verdict("1/1"), "confirmed:accepted");
    assert_eq!(verdict("1/2"), "pending");
    assert_eq!(verdict("1/3"), "unknown");
    assert_eq!(verdict("2/4"), "implied-by-arrival");
    assert_eq!(found.threads.iter().find(|t| t.id == SECRET.to_string()).unwrap().name.as_deref(), Some("Anna Test"));
}

#[test]
fn scheduled_messages_and_quick_replies_are_judged_by_their_namespace() {
    let store = Store::new();
    for (namespace, id) in [(3, 1), (4, 2), (5, 3), (6, 4), (9, 5)] {
        store.add(ANNA, namespace, id, &outgoing("later"));
    }
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/3/1"), "confirmed:accepted");
    assert_eq!(found.verdict("1001/4/2"), "pending");
    assert_eq!(found.verdict("1001/5/3"), "confirmed:accepted");
    assert_eq!(found.verdict("1001/6/4"), "pending");
    assert_eq!(found.verdict("1001/9/5"), "unknown");
    assert!(found.has_note("1001/9/5", "unknown-namespace"));
}

#[test]
fn a_cloud_message_that_is_marked_unsent_is_a_contradiction() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &Words { flags: FAILED, ..outgoing("x") });
    assert_eq!(store.phone.read().verdict("1001/0/11"), "contradictory");
}

#[test]
fn a_message_that_its_index_lacks_is_a_contradiction_and_the_reverse_an_absence() {
    let store = Store::new();
    store.put("t7", &history_key(ANNA, 0, 1_700_000_000, 11), &incoming("x").value());
    store.put("t4", &index_key(ANNA, 0, 12), &[0; 5]);
    let mut global = ANNA.to_le_bytes().to_vec();
    global.extend(0i32.to_le_bytes());
    store.put_int("t3", 12, &global);
    store.db.execute("INSERT INTO ft41_content VALUES (1, 'p1001', 'p1001a0b12', 'deleted words', '')", []).unwrap();
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/0/11"), "contradictory");
    assert_eq!(found.summary(), ["remnant-only 1001 12 -..- 1"]);
    let absence = found.absence("telegram.ios.text-index-alone");
    assert_eq!(absence.text, "deleted words");
    assert_eq!(absence.markers.len(), 3);
}

#[test]
fn a_deletion_that_waits_for_the_server_is_a_note() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &incoming("x"));
    let mut ids = 1i32.to_le_bytes().to_vec();
    ids.extend(ANNA.to_le_bytes());
    ids.extend([0i32, 11].map(i32::to_le_bytes).concat());
    let operation = Object::default().bytes("i", &ids).int("t", 1).root("CloudChatRemoveMessagesOperation");
    let value = [&[1u8, 9, 0, 0, 0][..], &crate::postbox::counted(&operation)].concat();
    let key = [&ANNA.to_be_bytes()[..], &[3], &1i32.to_be_bytes()].concat();
    store.put("t31", &key, &value);
    let found = store.phone.read();
    assert_eq!(found.verdict("1001/0/11"), "confirmed:accepted");
    assert!(found.has_note("1001/0/11", "deletion-not-confirmed"));
}

#[test]
fn attributes_of_sending_say_that_it_was_sent_from_here() {
    let store = Store::new();
    let words = outgoing("x")
        .attribute("OutgoingMessageInfoAttribute", |o| o.long("u", 777).int("f", 0).int("ack", 1))
        .attribute("EditedMessageAttribute", |o| o.int("d", 1_700_000_100));
    store.add(ANNA, 0, 11, &words);
    let found = store.phone.read();
    assert!(found.has_note("1001/0/11", "sent-from-this-device"));
    assert!(found.has_note("1001/0/11", "marked-acknowledged"));
    assert!(found.has_note("1001/0/11", "edited"));
}

#[test]
fn the_highest_known_id_without_a_record_is_an_absence_unless_a_hole_explains_it() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &incoming("x"));
    store.read_state(ANNA, 11, 0, 15);
    store.read_state(GROUP, 0, 0, 30);
    store.hole(GROUP, 1, 2_147_483_646);
    let found = store.phone.read();
    assert_eq!(found.summary(), ["beyond-records 1001 15 -..- 1"]);
}

#[test]
fn ids_that_a_channel_lacks_outside_its_holes_are_a_gap() {
    let store = Store::new();
    for id in [11, 12, 15, 16, 30] {
        store.add(SUPERGROUP, 0, id, &incoming("x"));
    }
    store.hole(SUPERGROUP, 1, 10);
    store.hole(SUPERGROUP, 17, 29);
    store.read_state(SUPERGROUP, 0, 0, 32);
    store.add(CHANNEL, 0, 2, &incoming("x"));
    let found = store.phone.read();
    assert_eq!(
        found.summary(),
        [
            format!("beyond-records {SUPERGROUP} - 30..- 2"),
            format!("gap-in-sequence {SUPERGROUP} - 12..15 2"),
            format!("gap-in-sequence {CHANNEL} - -..2 1"),
        ]
    );
}

#[test]
fn records_beyond_the_highest_known_id_and_inside_holes_are_noted() {
    let store = Store::new();
    store.add(ANNA, 0, 20, &incoming("beyond"));
    store.add(ANNA, 0, 15, &incoming("in a hole"));
    store.read_state(ANNA, 0, 0, 18);
    store.hole(ANNA, 1, 19);
    store.add(SUPERGROUP, 0, 5, &incoming("x"));
    store.add(SUPERGROUP, 0, 9, &incoming("y"));
    store.read_state(SUPERGROUP, 0, 0, 8);
    store.hole(SUPERGROUP, 1, 7);
    let found = store.phone.read();
    assert!(found.has_note("1001/0/20", "beyond-cursor"));
    assert!(found.has_note("1001/0/15", "inside-known-gap"));
    assert!(found.has_note(&format!("{SUPERGROUP}/0/9"), "beyond-cursor"));
    assert!(found.has_note(&format!("{SUPERGROUP}/0/5"), "inside-known-gap"));
}

#[test]
fn the_shared_sequence_is_counted_over_all_chats_and_their_holes() {
    let store = Store::new();
    for (peer, id) in [(ANNA, 10), (GROUP, 20), (ANNA, 21), (GROUP, 25)] {
        store.add(peer, 0, id, &incoming("x"));
    }
    store.hole(GROUP, 1, 19);
    let found = store.phone.read();
    assert_eq!(found.summary(), ["gap-in-sequence - - 21..25 3"]);
    assert_eq!(found.absence("telegram.ios.shared-ids-skip").strength, "weak");
}

#[test]
fn an_answer_to_a_missing_message_is_an_absence() {
    let store = Store::new();
    let answer =
        |id: i64| incoming("x").attribute("ReplyMessageAttribute", move |o| o.long("i", id << 32).long("p", ANNA));
    store.add(ANNA, 0, 11, &answer(10));
    store.add(ANNA, 0, 12, &answer(11));
    store.add(ANNA, 0, 13, &answer(5));
    store.hole(ANNA, 1, 8);
    let found = store.phone.read();
    assert_eq!(found.summary(), ["dangling 1001 10 -..- 1", "dangling 1001 5 -..- 1"]);
    assert_eq!(found.absence("telegram.ios.reply-target-not-loaded").id.as_deref(), Some("5"));
    assert_eq!(found.message("1001/0/12").reply_to.as_deref(), Some("11"));
}

#[test]
fn without_a_table_of_holes_no_gap_is_looked_for() {
    let store = Store::new();
    store.db.execute_batch("DROP TABLE t56").unwrap();
    store.add(SUPERGROUP, 0, 5, &incoming("x"));
    store.add(SUPERGROUP, 0, 9, &incoming("x"));
    store.add(ANNA, 0, 5, &incoming("x"));
    store.add(ANNA, 0, 9, &incoming("x"));
    store.read_state(ANNA, 0, 0, 30);
    let found = store.phone.read();
    assert!(found.absences.is_empty(), "{:?}", found.summary());
    assert_eq!(found.codes(), ["telegram-unsafe-gaps"]);
}

#[test]
fn media_and_calls_are_told_apart() {
    let store = Store::new();
    let file = Object::default().text("mt", "video/mp4").int("s", 4321);
    let key = [&5i32.to_be_bytes()[..], &88i64.to_be_bytes()].concat();
    let value = [&[0u8][..], &crate::postbox::counted(&file.root("TelegramMediaFile")), &1i32.to_le_bytes()].concat();
    store.put("t6", &key, &value);
    store.add(ANNA, 0, 11, &Words { references: vec![(5, 88)], ..incoming("film") });
    store.add(ANNA, 0, 12, &incoming("").medium("TelegramMediaImage", |o| o));
    let call = |o: Object| o.int("_rawValue", 14).long("i", 1).int("d", 0).int("dr", 0);
    store.add(ANNA, 0, 13, &incoming("").medium("TelegramMediaAction", call));
    let found = store.phone.read();
    let film = found.message("1001/0/11");
    assert_eq!(
        (film.kind.as_str(), &film.attachments[0]["mime"], &film.attachments[0]["size"]),
        ("video", &"video/mp4".into(), &4321.into())
    );
    assert_eq!(found.message("1001/0/12").kind, "image");
    let call = found.message("1001/0/13");
    assert_eq!((call.kind.as_str(), call.call.as_ref().unwrap()["outcome"].as_str()), ("call", Some("missed")));
}

#[test]
fn the_account_and_its_positions_are_kept() {
    let store = Store::new();
    let found = store.phone.read();
    assert_eq!(found.accounts[0].id, "9000");
    assert_eq!(found.contacts.len(), 2);
    let named = |name: &str| found.cursors.iter().find(|c| c.markers[0].name == name).and_then(|c| c.a);
    assert_eq!((named("pts"), named("qts"), named("seq")), (Some(600), Some(7), Some(5)));
}

#[test]
fn a_backup_without_the_store_says_why() {
    let phone = Phone::new();
    phone.file(
        "private/var/mobile/Containers/Data/Application/ph.telegra.Telegraph/Library/Preferences/ph.telegra.Telegraph.plist",
        b"bplist00",
    );
    assert!(phone.read().codes().contains(&"telegram-store-not-in-backup"));
}

/// A store with 32 bytes in clear, its key and salt as hexadecimal digits.
const ENCRYPTED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../forensics-core/tests/data/sqlcipher/plaintext-header.db");

#[test]
fn an_encrypted_store_without_a_key_is_a_loud_issue() {
    let phone = Phone::new();
    phone.file(PATH, &std::fs::read(ENCRYPTED).unwrap());
    let found = phone.read();
    assert_eq!(found.codes(), ["store-needs-key"]);
    assert_eq!(found.stores[0].status, "needs-key");
}

/// Locks a key as the app does: SHA-512 of the password gives key and IV of AES-256-CBC.
fn lock(secret: &[u8; 48], password: &[u8]) -> Vec<u8> {
    let check = murmur(secret);
    let plain = [&secret[..], &check.to_le_bytes(), &[0; 12]].concat();
    let derived = Sha512::digest(password);
    let aes = Aes256Enc::new_from_slice(&derived[..32]).unwrap();
    let mut previous: Vec<u8> = derived[48..].to_vec();
    let mut locked = Vec::new();
    for block in plain.chunks(16) {
        let mixed: [u8; 16] = std::array::from_fn(|i| block[i] ^ previous[i]);
        let mut sealed = Array::from(mixed);
        aes.encrypt_block(&mut sealed);
        previous = sealed.to_vec();
        locked.extend(&previous);
    }
    locked
}

#[test]
fn the_locked_key_opens_the_store() {
    let digits = "2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99000102030405060708090a0b0c0d0e0f";
    let secret: [u8; 48] = std::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap());
    let root = PATH.split("account-5").next().unwrap();
    for (password, given) in [(&b"no-matter-key"[..], None), (&b"4711"[..], Some(b"4711".to_vec()))] {
        let mut phone = Phone::new();
        phone.file(PATH, &std::fs::read(ENCRYPTED).unwrap());
        phone.file(&format!("{root}.tempkeyEncrypted"), &lock(&secret, password));
        if let Some(passcode) = given {
            phone.keys.add(Key::new(KeyKind::TELEGRAM_PASSCODE, None, passcode, "test").unwrap());
        }
        let found = phone.read();
        // It opens, and is not what its name promises: the test database holds another table.
        assert_eq!(found.codes(), ["store-unknown-schema"]);
        let store = found.stores.iter().find(|s| s.role == "messages").unwrap();
        assert_eq!(store.encrypted.as_deref(), Some("sqlcipher-4 with plaintext header"));
    }
    let mut phone = Phone::new();
    phone.file(PATH, &std::fs::read(ENCRYPTED).unwrap());
    phone.keys.add(Key::new(KeyKind::SQLCIPHER, None, format!("x'{digits}'").into_bytes(), "test").unwrap());
    assert_eq!(phone.read().codes(), ["store-unknown-schema"]);
}

#[test]
fn a_wrong_passcode_for_the_locked_key_is_said() {
    let mut phone = Phone::new();
    phone.file(PATH, &std::fs::read(ENCRYPTED).unwrap());
    let root = PATH.split("account-5").next().unwrap();
    phone.file(&format!("{root}.tempkeyEncrypted"), &[7; 64]);
    phone.keys.add(Key::new(KeyKind::TELEGRAM_PASSCODE, None, b"1234".to_vec(), "test").unwrap());
    assert_eq!(phone.read().codes(), ["store-needs-key", "telegram-key-wrong"]);
}

#[test]
fn a_row_under_a_strange_key_is_quarantined_and_the_rest_is_read() {
    let store = Store::new();
    store.add(ANNA, 0, 11, &incoming("x"));
    store.db.execute("INSERT INTO t7 VALUES (x'0102', x'00')", params![]).unwrap();
    let found = store.phone.read();
    assert_eq!(found.messages.len(), 1);
    assert_eq!(found.codes(), ["row-quarantined"]);
}
