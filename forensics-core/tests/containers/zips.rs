//! Zips: whole, packed in odd ways, damaged, hostile.

use std::io::{Cursor, Write as _};

use super::support::*;
use forensics_core::container::{OpenError, open};
use forensics_core::keys::KeyKind;
use forensics_core::vfs::{DeviceTree, EntryKind, RealmPattern, VfsError, read_all};
use zip::write::SimpleFileOptions;

pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(files, SimpleFileOptions::default())
}

fn zip_with(files: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const DB: &str = "data/data/com.x.y/databases/a.db";

#[test]
fn stored_and_deflated_members_are_read() {
    let scratch = Scratch::new();
    let text = b"text ".repeat(10_000);
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let bytes = zip_with(&[(DB, &text)], SimpleFileOptions::default().compression_method(method));
        let opened = opened(&scratch.write("a.zip", bytes));
        assert_eq!(opened.container, "zip");
        assert_eq!(contents(&opened)[&format!("/{DB}")], text);
        let by_place = opened.mounted.vfs.open_at(opened.mounted.vfs.entries()[0].id);
        assert_eq!(by_place.is_some(), method == zip::CompressionMethod::Stored);
    }
}

#[test]
fn a_zip_with_a_prefix_opens() {
    let scratch = Scratch::new();
    let mut bytes = b"#!/bin/sh self extracting\n".repeat(1000);
    bytes.extend(zip(&[(DB, b"x")]));
    assert_eq!(contents(&opened(&scratch.write("a.bin", bytes))).len(), 1);
}

#[test]
fn names_that_occur_twice_stay_twice() {
    let scratch = Scratch::new();
    let other = "data/data/com.x.y/databases/b.db";
    let mut bytes = zip(&[(DB, b"first"), (other, b"second")]);
    // The writer refuses duplicates: rename the second member in both headers.
    while let Some(at) = bytes.windows(other.len()).position(|w| w == other.as_bytes()) {
        bytes[at..at + DB.len()].copy_from_slice(DB.as_bytes());
    }
    let opened = opened(&scratch.write("a.zip", bytes));
    assert_eq!(codes(&opened), ["zip-duplicate-name"]);
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let found = tree.find(&RealmPattern::AndroidApp("com.x.y"), "databases/a.db").unwrap();
    assert_eq!(found.len(), 2);
}

#[test]
fn more_than_65535_entries_need_zip64_and_open() {
    let scratch = Scratch::new();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..70_000 {
        let name = format!("private/var/mobile/Media/DCIM/{i}");
        writer
            .start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .unwrap();
    }
    let path = scratch.write("a.zip", writer.finish().unwrap().into_inner());
    let opened = opened(&path);
    assert_eq!(opened.mounted.vfs.entries().len(), 70_000);
    assert!(opened.mounted.flaws.is_empty(), "{:?}", opened.mounted.flaws);
}

#[test]
fn names_in_code_page_437_are_read_and_kept_raw() {
    let scratch = Scratch::new();
    let mut bytes = zip(&[("data/data/com.x.y/files/Mxller", b"a")]);
    while let Some(at) = bytes.windows(6).position(|w| w == b"Mxller") {
        bytes[at + 1] = 0x81; // ü in code page 437, and no UTF-8
    }
    let opened = opened(&scratch.write("a.zip", bytes));
    assert_eq!(places(&opened), ["/data/data/com.x.y/files/Müller"]);
    assert!(opened.mounted.vfs.entries()[0].raw_name.contains(&0x81));
}

#[test]
fn a_link_in_a_zip_is_recorded_and_not_followed() {
    let scratch = Scratch::new();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("data/user/0", "/data/data", SimpleFileOptions::default()).unwrap();
    writer.start_file(DB, SimpleFileOptions::default()).unwrap();
    let opened = opened(&scratch.write("a.zip", writer.finish().unwrap().into_inner()));
    let link = &opened.mounted.vfs.entries()[0];
    assert_eq!(link.kind, EntryKind::Symlink(b"/data/data".to_vec().into()));
    assert!(opened.mounted.vfs.open(link.id).is_err());
}

#[test]
fn a_cut_zip_gives_what_lies_before_the_cut() {
    let scratch = Scratch::new();
    let noise: Vec<u8> = (0..50_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let names: Vec<String> = (0..5).map(|i| format!("data/data/com.x.y/databases/{i}.db")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), noise.as_slice())).collect();
    let whole = zip(&files);
    let opened = opened(&scratch.write("a.zip", &whole[..whole.len() / 2]));
    assert_eq!(codes(&opened), ["zip-truncated"]);
    let flaw = &opened.mounted.flaws[0];
    assert!(flaw.lost && flaw.detail.contains(&format!("byte {}", whole.len() / 2)), "{}", flaw.detail);
    assert_eq!(opened.mounted.vfs.entries().len(), 3, "two whole files and the one that was cut");
    let vfs = &*opened.mounted.vfs;
    let whole_files = vfs.entries().iter().filter(|e| read_all(vfs, e.id, 1 << 30).unwrap().bytes == noise).count();
    assert_eq!(whole_files, 2);
    let cut = read_all(vfs, vfs.entries()[2].id, 1 << 30).unwrap();
    assert!(!cut.bytes.is_empty() && noise.starts_with(&cut.bytes) && cut.trouble.is_some());
}

#[test]
fn a_damaged_directory_is_completed_by_local_headers() {
    let scratch = Scratch::new();
    let names: Vec<String> = (0..6).map(|i| format!("data/data/com.x.y/databases/{i}.db")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), b"content".as_slice())).collect();
    let mut bytes = zip(&files);
    let records: Vec<usize> = (0..bytes.len() - 4).filter(|&i| bytes[i..].starts_with(b"PK\x01\x02")).collect();
    bytes[records[3]] = 0;
    let opened = opened(&scratch.write("a.zip", bytes));
    assert_eq!(codes(&opened), ["zip-directory-damaged"]);
    assert_eq!(contents(&opened).len(), 6);
}

#[test]
fn a_flipped_byte_is_told_and_the_rest_of_the_content_kept() {
    let scratch = Scratch::new();
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut bytes = zip_with(&[(DB, &[7; 1000])], options);
    let at = bytes.windows(8).position(|w| w == [7; 8]).unwrap();
    bytes[at + 500] = 8;
    let opened = opened(&scratch.write("a.zip", bytes));
    let content = read_all(&*opened.mounted.vfs, opened.mounted.vfs.entries()[0].id, 1 << 20).unwrap();
    assert_eq!(content.bytes.len(), 1000);
    assert!(matches!(content.trouble, Some(VfsError::Damaged { .. })), "{:?}", content.trouble);
}

#[test]
fn a_member_stops_at_the_length_that_the_directory_states() {
    let scratch = Scratch::new();
    let mut bytes = zip(&[(DB, &vec![0; 10 << 20])]);
    let record = (0..bytes.len() - 4).find(|&i| bytes[i..].starts_with(b"PK\x01\x02")).unwrap();
    bytes[record + 24..record + 28].copy_from_slice(&1000_u32.to_le_bytes());
    let opened = opened(&scratch.write("a.zip", bytes));
    let content = read_all(&*opened.mounted.vfs, opened.mounted.vfs.entries()[0].id, 1 << 30).unwrap();
    assert!(content.bytes.len() < 1 << 20);
    assert!(matches!(content.trouble, Some(VfsError::Limit { limit: 1000, .. })), "{:?}", content.trouble);
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let scratch = Scratch::new();
    let mut bytes = zip(&[(DB, b"first"), ("data/data/com.x.y/databases/b.db", b"second")]);
    let second = (0..bytes.len() - 4).filter(|&i| bytes[i..].starts_with(b"PK\x01\x02")).nth(1).unwrap();
    bytes[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    let opened = opened(&scratch.write("a.zip", bytes));
    assert_eq!(codes(&opened), ["zip-overlap"]);
    assert_eq!(contents(&opened).len(), 1);
}

#[test]
fn encrypted_members_open_with_the_given_password() {
    let scratch = Scratch::new();
    let options = SimpleFileOptions::default().with_aes_encryption(zip::AesMode::Aes256, "secret");
    let path = scratch.write("a.zip", zip_with(&[(DB, b"content")], options));
    let Err(OpenError::Mount { source: VfsError::NeedsKey { kind, .. }, .. }) = open(&path, &no_keys()) else {
        panic!("a wholly encrypted zip has to ask for its key")
    };
    assert_eq!(kind, "zip");
    let opened = open(&path, &keys(KeyKind::ZIP, &["wrong", "secret"])).unwrap();
    assert_eq!(contents(&opened)[&format!("/{DB}")], b"content");
    let wrong = open(&path, &keys(KeyKind::ZIP, &["wrong"])).unwrap();
    let id = wrong.mounted.vfs.entries()[0].id;
    assert!(matches!(wrong.mounted.vfs.open(id), Err(VfsError::WrongKey { tried: 1, .. })));
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let scratch = Scratch::new();
    let whole = zip(&[(DB, b"some content, some content"), ("private/var/mobile/a", b"b")]);
    for cut in 0..whole.len() {
        let path = scratch.write("a.zip", &whole[..cut]);
        if let Ok(opened) = open(&path, &no_keys()) {
            contents(&opened);
        }
    }
    for at in 0..whole.len() {
        for flip in [0x01, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            if let Ok(opened) = open(&scratch.write("a.zip", bytes), &no_keys()) {
                contents(&opened);
            }
        }
    }
}

#[test]
fn a_real_iphones_archive_shows_its_database_and_log() {
    let Some(folder) = real("whatsapp-ios") else { return };
    let before = listing(&folder);
    let opened = opened(&folder.join("whatsapp_messages_ios15_ffs.zip"));
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let found =
        tree.find_unnamed(&RealmPattern::IosGroup("group.net.whatsapp.WhatsApp.shared"), "ChatStorage.sqlite").unwrap();
    assert_eq!(found.len(), 1);
    let database = read_all(&*opened.mounted.vfs, found[0], 1 << 30).unwrap();
    assert!(database.bytes.starts_with(b"SQLite format 3\0") && database.trouble.is_none());
    assert!(tree.sidecar(found[0], "-wal").is_some());
    assert_eq!(listing(&folder), before);
}

#[test]
fn a_file_full_of_signatures_and_a_cut_zip_of_many_members_are_scanned_once() {
    let scratch = Scratch::new();
    let started = std::time::Instant::now();
    let _ = open(&scratch.write("a.zip", b"PK\x03\x04".repeat(1 << 20)), &no_keys());
    let names: Vec<String> = (0..20_000).map(|i| format!("data/data/com.x.y/files/{i}")).collect();
    let whole = zip(&names.iter().map(|n| (n.as_str(), b"x".as_slice())).collect::<Vec<_>>());
    let cut = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let opened = opened(&scratch.write("b.zip", &whole[..cut]));
    assert_eq!(opened.mounted.vfs.entries().len(), 20_000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    eprintln!("scanned in {:?}", started.elapsed());
}
