//! Android: five variants of one story, and what happens when files are missing or doubled.

use forensics_core::keys::{Key, KeyKind, KeyRing};
use samples::apps::wechat::{Variant, android};
use samples::{Device, DevicePlace};

use crate::harness::{Found, read};

fn read_plainly(device: &Device) -> Found {
    read(device, &KeyRing::default())
}

/// Row numbers that skip are a count: the story does not tell it.
fn is_count(a: &forensics_core::case::AbsenceRow) -> bool {
    a.strength == "weak" && a.rules[0] == "wechat.android.local-ids-skip"
}

fn keep(device: &mut Device, keep: impl Fn(&str) -> bool) {
    device.files.retain(|f| keep(f.place.base_name()));
}

fn passphrase(words: &str) -> KeyRing {
    let mut keys = KeyRing::default();
    keys.add(Key::new(KeyKind::WECHAT_PASSPHRASE, None, words.as_bytes().to_vec(), "test").unwrap());
    keys
}

#[test]
fn every_variant_of_the_story_is_judged_as_told() {
    for variant in Variant::ALL {
        let device = android(variant, 7);
        let found = read_plainly(&device);
        assert!(found.messages.len() == device.truth.messages.len() && found.messages.len() >= 8);
        found.nothing_is_lost();
        found.verdicts_are_true(&device);
        found.absences_are_true(&device, is_count);
        assert!(found.absences.iter().filter(|a| is_count(a)).count() <= 1);
    }
}

#[test]
fn another_seed_is_judged_as_told() {
    for seed in [1, 2, 3] {
        let device = android(Variant::Modern, seed);
        let found = read_plainly(&device);
        found.verdicts_are_true(&device);
        found.absences_are_true(&device, is_count);
    }
}

#[test]
fn the_account_its_contacts_and_its_rooms_are_found() {
    let found = read_plainly(&android(Variant::Modern, 7));
    assert_eq!(found.accounts, ["wxid_synthetic0001"]);
    assert!(found.contacts >= 8);
    let (name, members) = &found.threads["20000000001@chatroom"];
    assert_eq!((name.as_deref(), *members), (Some("Harbour club 港口 ⚓"), 4));
}

#[test]
fn the_report_says_what_the_key_was_made_of_and_never_the_key() {
    let found = read_plainly(&android(Variant::NegativeUin, 7));
    let source = found.issue("wechat-key-source").unwrap();
    assert!(source.detail.contains("systemInfo.cfg, key 1") && source.detail.contains("KeyInfo.bin, line 1"));
    let account = Variant::NegativeUin.account();
    for secret in [account.main_key(), account.index_key(), account.queue_key(), account.device_id] {
        assert!(!found.issues.iter().any(|i| i.detail.contains(&secret)), "{secret}");
    }
}

#[test]
fn a_recalled_message_keeps_its_old_text_from_the_index() {
    let found = read_plainly(&android(Variant::Modern, 7));
    let old = |text: &str| {
        found.messages.iter().find(|m| m.edits.as_array().is_some_and(|e| e.iter().any(|e| e["text"] == text))).unwrap()
    };
    let recalled = old("the code is 4711");
    assert_eq!(recalled.verdict, "confirmed");
    assert!(recalled.notes.iter().any(|n| n == "revoked"));
    let mark = recalled.markers.iter().find(|m| m.name == "FTS5IndexMessage_content.c0").unwrap();
    assert_eq!(found.file(mark.origin.store), "FTS5IndexMicroMsg_encrypt.db");
    assert_eq!(mark.origin.column.as_deref(), Some("c0"));
}

#[test]
fn every_mark_names_its_cell() {
    let found = read_plainly(&android(Variant::NewestInWal, 7));
    for m in &found.messages {
        assert!(m.origin.page.is_some() && m.origin.offset.is_some(), "{m:?}");
        assert!(!m.markers.is_empty(), "{m:?}");
        for mark in &m.markers {
            assert!(mark.origin.column.is_some() || mark.origin.key.is_some(), "{mark:?}");
        }
    }
    assert!(found.messages.iter().any(|m| m.origin.wal_frame.is_some()));
}

#[test]
fn without_what_names_the_account_the_store_needs_a_key() {
    let mut device = android(Variant::Modern, 7);
    let identity =
        ["systemInfo.cfg", "system_config_prefs.xml", "auth_info_key_prefs.xml", "com.tencent.mm_preferences.xml"];
    keep(&mut device, |name| !identity.contains(&name));
    let found = read_plainly(&device);
    assert!(found.messages.is_empty() && found.absences.is_empty());
    assert_eq!(found.stores.iter().find(|s| s.file() == "EnMicroMsg.db").unwrap().status, "needs-key");
    assert!(found.issue("wechat-no-account-number").is_some());
}

#[test]
fn the_examiners_passphrase_opens_a_single_file() {
    let mut device = android(Variant::Modern, 7);
    keep(&mut device, |name| name == "EnMicroMsg.db");
    for file in &mut device.files {
        file.place = DevicePlace::Android("/somewhere/EnMicroMsg.db".to_owned());
    }
    device.truth.absences.retain(|a| a.store_file == "EnMicroMsg.db");
    // What the files beside it say is not known: the list of deleted ids, the queue.
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    samples::containers::write_folder(&device, &evidence).unwrap();
    let keys = passphrase(&Variant::Modern.account().main_key());
    let found = crate::harness::read_folder(&evidence.join("somewhere"), &folder.path().join("case"), &keys);
    assert_eq!(found.messages.len(), device.truth.messages.len());
    assert!(found.issue("wechat-key-source").unwrap().detail.contains("the examiner's key (test)"));
    assert!(found.issue("wechat-not-present").is_some());
    let listed = found.messages.iter().find(|m| m.text == "deleted, says the list").unwrap();
    assert_eq!(listed.verdict, "confirmed");
}

#[test]
fn an_older_copy_is_read_for_its_messages_and_is_no_duplicate() {
    let mut device = android(Variant::NewestInWal, 7);
    // The current store lacks what the copy has in its log.
    for file in device.files.clone() {
        if let "EnMicroMsg.db" | "EnMicroMsg.db-wal" = file.place.base_name() {
            let name = file.place.base_name().replace("EnMicroMsg", "EnMicroMsg2");
            let place = file.place.sibling(&name);
            device.files.push(samples::DeviceFile { place, ..file });
        }
    }
    keep(&mut device, |name| name != "EnMicroMsg.db-wal");
    let found = read_plainly(&device);
    found.nothing_is_lost();
    let of = |file: &str| found.messages.iter().filter(|m| found.file(m.origin.store) == file).collect::<Vec<_>>();
    let (current, copy) = (of("EnMicroMsg.db"), of("EnMicroMsg2.db"));
    assert_eq!(copy.len(), current.len() + 2);
    assert!(copy.iter().all(|m| m.notes.iter().any(|n| n == "older-copy")));
    let only: Vec<_> = copy.iter().filter(|m| m.notes.iter().any(|n| n == "only-in-older-copy")).collect();
    assert_eq!(only.len(), 2);
    let confirmed =
        |list: &[&forensics_core::case::MessageRow]| list.iter().filter(|m| m.verdict == "confirmed").count();
    // The list of deleted ids contradicts one row of the current store; of the copy it says nothing.
    assert_eq!(confirmed(&copy), confirmed(&current) + 2);
    assert!(found.issue("wechat-older-copy").is_some());
}

#[test]
fn a_push_process_ahead_of_an_empty_queue_is_told() {
    let mut device = android(Variant::Modern, 7);
    assert!(read_plainly(&device).issue("wechat-push-ahead").is_none());
    keep(&mut device, |name| !name.starts_with("syncResp"));
    assert!(read_plainly(&device).issue("wechat-push-ahead").is_some());
}

#[test]
fn a_store_carried_over_from_another_phone_is_told() {
    let device = android(Variant::Modern, 7);
    let whole = read_plainly(&device);
    for code in ["wechat-device-mismatch", "wechat-folder-mismatch", "wechat-account-mismatch"] {
        assert!(whole.issue(code).is_none(), "{code}");
    }
    // Another phone's identity around the store.
    let mut mixed = android(Variant::NegativeUin, 7);
    mixed.files.retain(|f| !f.place.path().contains("/MicroMsg/93db"));
    let carried = device.files.iter().filter(|f| f.place.path().contains("/MicroMsg/fdf0"));
    mixed.files.extend(carried.cloned());
    mixed.files.retain(|f| f.place.base_name() != "KeyInfo.bin");
    let found = read(&mixed, &passphrase(&Variant::Modern.account().main_key()));
    assert!(found.issue("wechat-folder-mismatch").is_some());
    assert!(!found.messages.is_empty());
}

#[test]
fn a_clone_of_the_app_is_another_account_and_no_duplicate() {
    let both = Device::joined("both", vec![android(Variant::Modern, 7), android(Variant::Clone, 7)]);
    let found = read_plainly(&both);
    found.nothing_is_lost();
    assert_eq!(found.messages.len(), both.truth.messages.len());
    let verdict = |m: &&forensics_core::case::MessageRow| m.text == "Hello Ada" && m.verdict == "confirmed";
    assert_eq!(found.messages.iter().filter(verdict).count(), 2);
    found.absences_are_true(&both, is_count);
}

#[test]
fn damaged_side_files_are_told_and_cost_nothing_else() {
    let mut device = android(Variant::Modern, 7);
    for file in &mut device.files {
        match file.place.base_name() {
            "checkmsgid.ini" | "syncResp.bin1" | "KeyInfo.bin" => file.bytes = vec![0xff; 64],
            "CompatibleInfo.cfg" | "com.tencent.mm_preferences.xml" => file.bytes.truncate(20),
            _ => {}
        }
    }
    let found = read_plainly(&device);
    assert_eq!(found.messages.len(), device.truth.messages.len());
    let told = found.issues.iter().filter(|i| i.code == "wechat-side-file").count();
    assert!(told >= 4, "{:#?}", found.issues);
}
