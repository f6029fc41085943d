//! Folders: extracted trees, several sources side by side, links.

use super::support::*;
use forensics_core::container::{OpenError, find, open};
use forensics_core::vfs::{DeviceTree, EntryKind, RealmPattern};

#[test]
fn an_extracted_tree_is_indexed_by_place() {
    let scratch = Scratch::new();
    scratch.write("data/data/com.example.chat/databases/chat.db", "database");
    scratch.write("data/data/com.example.chat/databases/chat.db-wal", "log");
    scratch.write("data/user/10/com.example.chat/databases/chat.db", "work profile");
    scratch.write(
        "system/build.prop",
        "ro.product.model=Phone 1\nro.product.manufacturer=Maker\nro.build.version.release=14\n",
    );
    let opened = opened(scratch.path());
    assert_eq!(opened.container, "folder");
    assert_eq!(opened.mounted.device.platform, Some("android"));
    assert_eq!(opened.mounted.device.model.as_deref(), Some("Maker Phone 1"));
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let found = tree.find(&RealmPattern::AndroidApp("com.example.*"), "databases/*.db").unwrap();
    assert_eq!(found.len(), 2);
    assert!(tree.sidecar(found[0], "-wal").is_some());
    assert!(tree.sidecar(found[1], "-wal").is_none(), "the work profile's database has no log of its own");
}

#[cfg(unix)]
#[test]
fn links_are_recorded_and_never_followed() {
    let scratch = Scratch::new();
    let outside = Scratch::new();
    outside.write("secret.db", "not evidence");
    scratch.write("data/data/com.x.y/files/a", "a");
    std::os::unix::fs::symlink(outside.path(), scratch.path().join("data/data/com.x.y/files/out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.db"), scratch.path().join("data/data/com.x.y/files/file"))
        .unwrap();
    let opened = opened(scratch.path());
    let links: Vec<_> =
        opened.mounted.vfs.entries().iter().filter(|e| matches!(e.kind, EntryKind::Symlink(_))).collect();
    assert_eq!(links.len(), 2);
    assert!(links.iter().all(|e| opened.mounted.vfs.open(e.id).is_err()));
    assert_eq!(contents(&opened).len(), 1);
}

#[test]
fn one_file_is_a_source_and_brings_its_log() {
    let scratch = Scratch::new();
    let path = scratch.write("chat.db", "SQLite format 3\0 and so on");
    scratch.write("chat.db-wal", "log");
    scratch.write("other.db", "not asked for");
    let opened = opened(&path);
    assert_eq!(opened.container, "file");
    assert_eq!(places(&opened), ["chat.db", "chat.db-wal"]);
    assert!(
        opened.refusals.iter().any(|(name, _)| *name == "zip"),
        "each container that was asked says why it refused"
    );
}

#[test]
fn an_empty_file_is_refused_by_every_container_with_a_reason() {
    let scratch = Scratch::new();
    let path = scratch.write("empty", "");
    let Err(OpenError::Unrecognised { refusals, .. }) = open(&path, &no_keys()) else { panic!("opened an empty file") };
    assert!(refusals.len() >= 6);
    assert!(refusals.iter().all(|(_, why)| !why.0.is_empty()));
}

#[test]
fn known_formats_without_a_reader_are_named() {
    let scratch = Scratch::new();
    let path = scratch.write("disk.E01", b"EVF\x09\x0d\x0a\xff\x00rest");
    let Err(e) = open(&path, &no_keys()) else { panic!("opened an E01") };
    let why = std::error::Error::source(&e).unwrap().to_string();
    assert!(why.contains("E01") && why.contains("export"), "{why}");
}

#[test]
fn android_files_seen_through_three_mounts_are_read_once() {
    let scratch = Scratch::new();
    for mount in ["data/data", "data/user/0", "data_mirror/data_ce/null/0"] {
        scratch.write(&format!("{mount}/com.x.y/databases/a.db"), "same");
    }
    scratch.write("data/data/com.x.y/databases/b.db", "early");
    scratch.write("data/user/0/com.x.y/databases/b.db", "later");
    let opened = opened(scratch.path());
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let a = tree.find(&RealmPattern::AndroidApp("com.x.y"), "databases/a.db").unwrap();
    assert_eq!(a.len(), 1);
    assert!(tree.entry(a[0]).unwrap().raw_name.starts_with(b"data/data/"));
    let b = tree.find(&RealmPattern::AndroidApp("com.x.y"), "databases/b.db").unwrap();
    assert_eq!(b.len(), 2, "contents that differ are two versions");
}

#[test]
fn a_database_whose_log_differs_between_mounts_is_two_databases() {
    let scratch = Scratch::new();
    for (mount, log) in [("data/data", "one"), ("data/user/0", "two")] {
        scratch.write(&format!("{mount}/com.x.y/databases/a.db"), "same");
        scratch.write(&format!("{mount}/com.x.y/databases/a.db-wal"), log);
    }
    let opened = opened(scratch.path());
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let found = tree.find(&RealmPattern::AndroidApp("com.x.y"), "databases/a.db").unwrap();
    assert_eq!(found.len(), 2);
    let logs: Vec<_> = found.iter().map(|id| tree.entry(tree.sidecar(*id, "-wal").unwrap()).unwrap()).collect();
    assert_ne!(logs[0].raw_name, logs[1].raw_name, "each database has the log of its own mount");
}

#[test]
fn a_folder_of_archives_is_several_sources() {
    let scratch = Scratch::new();
    for name in ["one.zip", "two.zip"] {
        scratch.write(name, super::zips::zip(&[("data/data/com.x.y/databases/a.db", b"a".as_slice())]));
    }
    scratch.write("notes.txt", "aside");
    let found = find(scratch.path()).unwrap();
    assert_eq!(found.sources.len(), 2);
    assert_eq!(found.aside.len(), 1);
    assert!(matches!(open(scratch.path(), &no_keys()), Err(OpenError::Several { sources, .. }) if sources.len() == 2));
}

#[test]
fn opening_leaves_a_folder_as_it_was() {
    let scratch = Scratch::new();
    scratch.write("data/data/com.x.y/databases/a.db", "SQLite format 3\0");
    scratch.write("data/data/com.x.y/databases/a.db-wal", "log");
    let before = listing(scratch.path());
    let opened = opened(scratch.path());
    assert_eq!(contents(&opened).len(), 2);
    assert_eq!(listing(scratch.path()), before);
}

#[test]
fn ios_containers_are_named_by_their_metadata() {
    let scratch = Scratch::new();
    let uuid = "694FBBC5-2E69-480A-A25B-FF8CC038BEF8";
    let folder = format!("private/var/mobile/Containers/Shared/AppGroup/{uuid}");
    scratch.write(&format!("{folder}/Chat.sqlite"), "chat");
    let xml = "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>MCMMetadataIdentifier</key>\
               <string>group.com.example &amp; sons</string><key>MCMMetadataUUID</key><string>x</string></dict></plist>";
    scratch.write(&format!("{folder}/.com.apple.mobile_container_manager.metadata.plist"), xml);
    let nameless = "private/var/mobile/Containers/Data/Application/11111111-2222-3333-4444-555555555555/Documents/a.db";
    scratch.write(nameless, "a");
    let opened = opened(scratch.path());
    assert_eq!(opened.mounted.device.platform, Some("ios"));
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    assert_eq!(tree.find(&RealmPattern::IosGroup("group.com.example*"), "Chat.sqlite").unwrap().len(), 1);
    assert!(tree.find(&RealmPattern::IosApp("com.example"), "Documents/a.db").unwrap().is_empty());
    assert_eq!(tree.find_unnamed(&RealmPattern::IosApp("com.example"), "Documents/a.db").unwrap().len(), 1);
}

#[test]
fn a_folder_of_loose_databases_is_one_source_with_what_lies_beside_them() {
    let scratch = Scratch::new();
    scratch.write("msgstore.db", "SQLite format 3\0 and so on");
    scratch.write("more.zip", super::zips::zip(&[("data/data/com.x.y/databases/a.db", b"a".as_slice())]));
    let opened = opened(scratch.path());
    assert_eq!(opened.container, "folder");
    assert_eq!(opened.within.len(), 1);
    let places = places(&opened);
    assert!(places.contains(&"msgstore.db".to_owned()), "{places:?}");
    assert!(places.contains(&"/data/data/com.x.y/databases/a.db".to_owned()), "{places:?}");
}

#[test]
fn a_tree_beside_a_backup_is_two_sources_and_nothing_is_read_twice() {
    let scratch = Scratch::new();
    scratch.write("data/data/com.x.y/databases/a.db", "a");
    super::backup_writer::write(&scratch.path().join("backup"), &super::backup_writer::Plan::default());
    let found = find(scratch.path()).unwrap();
    assert_eq!(found.sources.len(), 2);
    let tree = found.sources.iter().find(|s| s.path == scratch.path()).unwrap().open(&no_keys()).unwrap();
    assert!(tree.within.is_empty());
    assert!(!places(&tree).iter().any(|p| p.ends_with("sms.db")));
}

#[test]
fn a_ufd_without_its_dumps_says_so() {
    let scratch = Scratch::new();
    let path = scratch.write("x.ufd", "[Dumps]\r\nFileDump=gone.zip\r\n");
    let Err(e) = open(&path, &no_keys()) else { panic!("opened nothing") };
    assert!(std::error::Error::source(&e).unwrap().to_string().contains("ufd"));
}

#[test]
fn every_code_is_listed_once_and_described() {
    let mut codes: Vec<&str> = forensics_core::container::FLAWS.iter().map(|(code, _)| *code).collect();
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
    assert!(forensics_core::container::FLAWS.iter().all(|(_, says)| says.len() > 10));
}

/// Half a million files, as a full phone has: indexing and asking stay a matter of seconds, unoptimised.
#[test]
fn half_a_million_files_are_indexed_and_found_quickly() {
    use forensics_core::vfs::{Entry, EntryId, Layout};
    let layout = Layout::default();
    let started = std::time::Instant::now();
    let entries: Vec<Entry> = (0..500_000_u32)
        .map(|i| {
            let name = format!("Dump/data/data/com.example.app{}/files/some/folder/{}/file{i}.bin", i % 300, i % 7000);
            let device = layout.place(&name);
            Entry {
                id: EntryId(i),
                raw_name: name.into_bytes().into(),
                device,
                kind: EntryKind::File,
                size: Some(1),
                alias_of: None,
            }
        })
        .collect();
    let tree = DeviceTree::new(&entries);
    let built = started.elapsed();
    let started = std::time::Instant::now();
    for app in 0..300 {
        let package = format!("com.example.app{app}");
        let realm = RealmPattern::AndroidApp(&package);
        assert!(tree.find(&realm, "databases/*.db").unwrap().is_empty());
        assert!(!tree.find(&realm, "files/some/**/*.bin").unwrap().is_empty());
    }
    let asked = started.elapsed();
    assert!(built.as_secs() < 20 && asked.as_secs() < 20, "built in {built:?}, asked in {asked:?}");
    eprintln!("built in {built:?}, asked in {asked:?}");
}

#[test]
fn noise_behind_every_magic_is_refused_or_read_and_never_panics() {
    let scratch = Scratch::new();
    let magics: &[&[u8]] = &[
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"ANDROID BACKUP\n5\n1\nnone\n",
        b"ANDROID BACKUP\n",
        b"MIUI BACKUP\n",
        b"\x1f\x8b\x08\0",
        b"\x28\xb5\x2f\xfd",
        b"SQLite format 3\0",
        b"",
        b"[Dumps]\nA=",
    ];
    for (number, magic) in magics.iter().enumerate() {
        for seed in 0..40_u64 {
            let mut state = seed * 7919 + number as u64 + 1;
            let noise: Vec<u8> = (0..3000)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            let path = scratch.write("noise", [magic, noise.as_slice()].concat());
            if let Ok(opened) = open(&path, &no_keys()) {
                contents(&opened);
            }
        }
    }
}
