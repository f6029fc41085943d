//! iOS: one story, with and without the dictionary that no phone holds.

use forensics_core::keys::{Key, KeyKind, KeyRing};
use samples::apps::wechat::{DICTIONARY, ios};
use samples::{Device, DevicePlace};

use crate::harness::{Found, read};

fn read_plainly(device: &Device) -> Found {
    read(device, &KeyRing::default())
}

#[test]
fn the_story_is_judged_as_told() {
    for seed in [1, 2, 7] {
        let device = ios(seed);
        let found = read_plainly(&device);
        assert!(found.messages.len() == device.truth.messages.len() && found.messages.len() > 30);
        found.nothing_is_lost();
        found.verdicts_are_true(&device);
        found.absences_are_true(&device, |_| false);
    }
}

#[test]
fn the_account_its_contacts_and_its_rooms_are_found() {
    let found = read_plainly(&ios(7));
    assert_eq!(found.accounts, ["wxid_synthetic0001"]);
    assert_eq!(found.contacts, 8);
    let (name, members) = &found.threads["20000000001@chatroom"];
    assert_eq!((name.as_deref(), *members), (Some("Harbour club 港口 ⚓"), 3));
    assert_eq!(found.threads["wxid_bobsynthetic02"].0.as_deref(), Some("Bob Marsh"));
}

#[test]
fn a_missing_dictionary_is_named_and_a_given_one_opens_the_texts() {
    let device = ios(7);
    let without = read_plainly(&device);
    assert!(without.issue("wechat-dictionary-needed").unwrap().detail.contains("20240301"));
    let mut keys = KeyRing::default();
    keys.add(Key::new(KeyKind::ZSTD_DICTIONARY, None, DICTIONARY.to_vec(), "test").unwrap());
    let with = read(&device, &keys);
    assert!(with.issue("wechat-dictionary-needed").is_none());
    assert!(!with.messages.iter().any(|m| m.notes.iter().any(|n| n == "needs-dictionary")));
    assert!(
        with.messages.iter().any(|m| m.text.as_str().is_some_and(|t| t.starts_with("Shall we meet at the harbour")))
    );
    // The verdicts do not depend on it.
    let verdicts = |f: &Found| f.messages.iter().map(|m| m.verdict.clone()).collect::<Vec<_>>();
    assert_eq!(verdicts(&with), verdicts(&without));
}

#[test]
fn a_chat_that_nothing_names_goes_by_its_hash() {
    let mut device = ios(7);
    let named = ["WCDB_Contact.sqlite", "session.db", "fts_message.db"];
    device.files.retain(|f| !named.contains(&f.place.base_name()) && !f.place.path().contains("session/data"));
    let found = read_plainly(&device);
    // A greeting names its sender in a column of its own.
    assert!(found.messages.iter().filter(|m| m.kind != "contact").all(|m| m.thread.len() == 32));
    assert!(found.issue("wechat-unnamed-chats").is_some());
    assert!(!found.messages.iter().any(|m| m.verdict == "confirmed" && m.server_id.is_none()));
}

#[test]
fn a_chats_entry_in_the_list_names_it() {
    let mut device = ios(7);
    let named = ["WCDB_Contact.sqlite", "session.db", "fts_message.db"];
    device.files.retain(|f| !named.contains(&f.place.base_name()));
    let found = read_plainly(&device);
    assert!(found.messages.iter().any(|m| m.thread == "wxid_bobsynthetic02"));
}

#[test]
fn the_default_account_is_none() {
    let mut device = ios(7);
    for file in &mut device.files {
        if let DevicePlace::Ios { path, .. } = &mut file.place {
            *path = path
                .replace("Documents/98e5988b26825df2c03ec25e565193d3", "Documents/00000000000000000000000000000000");
        }
    }
    assert!(read_plainly(&device).messages.is_empty());
}

#[test]
fn an_unreadable_chat_store_makes_no_remnants() {
    let mut device = ios(7);
    for file in &mut device.files {
        if file.place.base_name() == "message_1.sqlite" {
            file.bytes = vec![0x55; 8192];
        }
    }
    let found = read_plainly(&device);
    assert!(!found.messages.is_empty());
    assert!(!found.absences.iter().any(|a| a.kind == "remnant-only"), "{:?}", found.absences);
}
