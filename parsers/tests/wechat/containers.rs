//! The same phone in other wrappings gives the same records.

use std::path::PathBuf;

use forensics_core::keys::{Key, KeyKind, KeyRing};
use samples::apps::wechat::{Variant, android, ios};
use samples::containers::layout::PlacedFile;
use samples::containers::{android_backup, folder, itunes};

use crate::harness::{Found, read, read_folder};

/// Writes files, reads what lies at `path` among them.
fn found(files: &[PlacedFile], path: &str, keys: &KeyRing) -> Found {
    let place = tempfile::tempdir().unwrap();
    let evidence = place.path().join("evidence");
    folder::write_tree(files, &evidence).unwrap();
    let source: PathBuf = if path.is_empty() { evidence } else { evidence.join(path) };
    read_folder(&source, &place.path().join("case"), keys)
}

/// What must not depend on the wrapping.
fn records(found: &Found) -> Vec<String> {
    let mut all: Vec<String> = found
        .messages
        .iter()
        .map(|m| {
            let table = m.origin.table.as_deref().unwrap_or_default();
            format!("{table} {:?} {} {} {} {:?} {:?}", m.origin.rowid, m.thread, m.verdict, m.text, m.notes, m.rules())
        })
        .chain(found.absences.iter().map(|a| format!("{} {:?} {:?} {}", a.kind, a.thread, a.id, a.text)))
        .collect();
    all.sort();
    all
}

#[test]
fn an_android_backup_gives_the_records_of_the_folder() {
    let device = android(Variant::NewestInWal, 7);
    let form = android_backup::Form { version: 5, compressed: true, password: None };
    let bytes = android_backup::backup(&device, &form, 7);
    let file = PlacedFile { path: "phone.ab".to_owned(), bytes, mtime: 0 };
    let wrapped = found(&[file], "phone.ab", &KeyRing::default());
    wrapped.nothing_is_lost();
    assert_eq!(records(&wrapped), records(&read(&device, &KeyRing::default())));
}

#[test]
fn an_encrypted_itunes_backup_gives_the_records_of_the_folder() {
    let device = ios(7);
    let form = itunes::Form { password: Some("harbour"), ..itunes::Form::PLAIN };
    let mut keys = KeyRing::default();
    keys.add(Key::new(KeyKind::ITUNES_BACKUP, None, b"harbour".to_vec(), "test").unwrap());
    let wrapped = found(&itunes::backup(&device, &form, 7), "", &keys);
    wrapped.nothing_is_lost();
    assert_eq!(records(&wrapped), records(&read(&device, &KeyRing::default())));
}
