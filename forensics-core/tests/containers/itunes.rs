//! iTunes backups: plain, encrypted, old, decrypted by others, inside zips, damaged.

use std::collections::BTreeMap;
use std::path::Path;

use super::backup_writer::{CHAT, Plan, SMS, base64, keybag, plist, sha1, write};
use super::support::*;
use forensics_core::container::{OpenError, Opened, find, open};
use forensics_core::keys::KeyKind;
use forensics_core::vfs::{DeviceTree, RealmPattern, VfsError, read_all};

fn expected(plan: &Plan) -> BTreeMap<String, Vec<u8>> {
    plan.files.iter().map(|((d, p), c)| (forensics_core::vfs::domain(d, p).to_string(), c.clone())).collect()
}

fn open_with(path: &Path, password: &str) -> Result<Opened, OpenError> {
    open(path, &keys(KeyKind::ITUNES_BACKUP, &[password]))
}

#[test]
fn a_plain_backup_is_read_by_place() {
    let scratch = Scratch::new();
    let plan = Plan::default();
    write(scratch.path(), &plan);
    let before = listing(scratch.path());
    let opened = opened(scratch.path());
    assert_eq!(opened.container, "itunes-backup");
    assert_eq!(contents(&opened), expected(&plan));
    assert!(opened.mounted.flaws.is_empty(), "{:?}", opened.mounted.flaws);
    let device = &opened.mounted.device;
    assert_eq!(
        (device.platform, device.model.as_deref(), device.os.as_deref()),
        (Some("ios"), Some("iPhone12,1"), Some("iOS 15.1"))
    );
    assert_eq!(device.ids, [("name", "Phone of A & B".to_owned()), ("serial", "SERIAL1".to_owned())]);
    assert_eq!(device.acquired, Some(1_709_280_000_000));
    assert_eq!(listing(scratch.path()), before);
}

#[test]
fn an_encrypted_backup_opens_with_its_password() {
    for (dpic, pad_manifest) in [(1000, true), (1000, false), (0, true)] {
        let scratch = Scratch::new();
        let plan = Plan { password: Some("0000"), dpic, pad_manifest, ..Plan::default() };
        write(scratch.path(), &plan);
        let opened = open_with(scratch.path(), "0000").unwrap();
        assert_eq!(contents(&opened), expected(&plan));
        assert!(opened.mounted.flaws.is_empty(), "{:?}", opened.mounted.flaws);
        assert_eq!(opened.mounted.keys, ["test"], "the custody log learns which key opened it");
    }
}

#[test]
fn an_encrypted_backup_asks_for_its_password_and_refuses_a_wrong_one() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan { password: Some("right"), ..Plan::default() });
    let source = |r: Result<Opened, OpenError>| match r {
        Err(OpenError::Mount { source, .. }) => source,
        _ => panic!("opened without its password"),
    };
    assert!(matches!(source(open(scratch.path(), &no_keys())), VfsError::NeedsKey { kind: "itunes-backup", .. }));
    let wrong = source(open(scratch.path(), &keys(KeyKind::ITUNES_BACKUP, &["sesame", "other"])));
    assert!(matches!(wrong, VfsError::WrongKey { kind: "itunes-backup", tried: 2, .. }));
    assert!(!wrong.to_string().contains("sesame"), "no message shows a key");
}

#[test]
fn a_decrypted_file_is_readable_by_place() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), ..Plan::default() };
    write(scratch.path(), &plan);
    let opened = open_with(scratch.path(), "0000").unwrap();
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let id = tree.find(&RealmPattern::IosHome, "Library/SMS/sms.db").unwrap()[0];
    let view = opened.mounted.vfs.open_at(id).unwrap().unwrap();
    assert_eq!(view.len(), plan.files[0].1.len() as u64);
    let mut part = [0; 40];
    assert_eq!(view.read_at(3, &mut part).unwrap(), 40);
    assert_eq!(part, plan.files[0].1[3..43]);
    assert_eq!(view.read_at(view.len() - 5, &mut part).unwrap(), 5);
}

#[test]
fn ios_10_0_has_a_plain_manifest_and_encrypted_files() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), dpic: 0, plain_manifest: true, ..Plan::default() };
    write(scratch.path(), &plan);
    assert_eq!(contents(&open_with(scratch.path(), "0000").unwrap()), expected(&plan));
}

#[test]
fn a_copy_decrypted_by_another_tool_is_read_without_a_password() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan { password: Some("0000"), ..Plan::default() });
    let locked = std::fs::read(scratch.path().join("Manifest.plist")).unwrap();
    let plan = Plan::default();
    write(scratch.path(), &plan);
    scratch.write("Manifest.plist", locked);
    let opened = opened(scratch.path());
    assert_eq!(codes(&opened), ["itunes-decrypted-copy"]);
    assert_eq!(contents(&opened), expected(&plan));
}

#[test]
fn a_manifest_alone_decrypted_leaves_files_that_need_the_password() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), ..Plan::default() };
    write(scratch.path(), &Plan { plain_manifest: true, ..Plan { password: Some("0000"), ..Plan::default() } });
    let plain = std::fs::read(scratch.path().join("Manifest.db")).unwrap();
    write(scratch.path(), &plan);
    scratch.write("Manifest.db", plain);
    assert!(open(scratch.path(), &no_keys()).is_err());
    assert_eq!(contents(&open_with(scratch.path(), "0000").unwrap()), expected(&plan));
}

#[test]
fn odd_rows_are_told_and_stop_nothing() {
    let scratch = Scratch::new();
    let gone = Some("Documents/gone.db");
    let plan = Plan {
        extra_rows: vec![
            (None, Some("AppDomain-com.x.y"), gone, 1),
            (Some("../../etc/passwd".into()), Some("AppDomain-com.x.y"), Some("Documents/climb"), 1),
            (Some("0".repeat(40)), Some("AppDomain-com.x.y"), Some("Documents/altered"), 1),
            (Some("f".repeat(40)), None, None, 16),
            (None, Some("HomeDomain"), Some("Library"), 2),
        ],
        ..Plan::default()
    };
    write(scratch.path(), &plan);
    scratch.write(&format!("ab/ab{}", "1".repeat(38)), "unlisted");
    let opened = opened(scratch.path());
    assert_eq!(
        codes(&opened),
        ["itunes-blob-missing", "itunes-file-id", "itunes-flags", "itunes-row", "itunes-unlisted"]
    );
    assert_eq!(contents(&opened), expected(&plan));
    let lost: Vec<_> = opened.mounted.flaws.iter().filter(|f| f.lost).map(|f| f.code).collect();
    assert_eq!(lost, ["itunes-blob-missing", "itunes-row", "itunes-blob-missing"], "what is not there is lost");
}

#[test]
fn an_unfinished_backup_is_read_and_told() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan::default());
    scratch.write("Status.plist", plist("<key>SnapshotState</key><string>uploading</string>"));
    let opened = opened(scratch.path());
    assert_eq!(codes(&opened), ["itunes-incomplete"]);
    assert!(opened.mounted.flaws[0].lost);
}

#[test]
fn a_cut_file_gives_its_beginning_and_says_so() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), ..Plan::default() };
    write(scratch.path(), &plan);
    let id = sha1(&format!("{}-{}", SMS.0, SMS.1));
    let path = scratch.path().join(&id[..2]).join(&id);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..100_005]).unwrap();
    let opened = open_with(scratch.path(), "0000").unwrap();
    let tree = DeviceTree::new(opened.mounted.vfs.entries());
    let id = tree.find(&RealmPattern::IosHome, "Library/SMS/sms.db").unwrap()[0];
    let content = read_all(&*opened.mounted.vfs, id, 1 << 30).unwrap();
    assert_eq!(content.bytes, plan.files[0].1[..100_000]);
    assert!(matches!(content.trouble, Some(VfsError::Damaged { offset: 100_000, .. })), "{:?}", content.trouble);
}

#[test]
fn a_backup_inside_a_zip_is_read_in_place() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), ..Plan::default() };
    write(&scratch.path().join("b"), &plan);
    for prefix in ["", "iPhoneDump/Backup Service/0000/Snapshot/"] {
        let files: Vec<(String, Vec<u8>)> = listing(&scratch.path().join("b"))
            .into_iter()
            .map(|(p, _, _, c)| (format!("{prefix}{}", p.strip_prefix(scratch.path().join("b")).unwrap().display()), c))
            .collect();
        let mut named: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
        named.push(("ufade_log.log", b"log"));
        let path = scratch.write("a.zip", super::zips::zip(&named));
        assert!(matches!(open(&path, &no_keys()), Err(OpenError::Mount { source: VfsError::NeedsKey { .. }, .. })));
        let opened = open_with(&path, "0000").unwrap();
        assert_eq!(opened.container, "zip");
        assert!(opened.within[0].starts_with("itunes-backup in "), "{:?}", opened.within);
        assert_eq!(opened.mounted.device.model.as_deref(), Some("iPhone12,1"));
        let mut found = contents(&opened);
        found.retain(|place, _| place.starts_with("/private/var"));
        assert_eq!(found, expected(&plan));
    }
}

#[test]
fn a_folder_with_two_backups_is_two_sources() {
    let scratch = Scratch::new();
    for name in ["one", "two", "two/Snapshot"] {
        write(&scratch.path().join(name), &Plan::default());
    }
    let found = find(scratch.path()).unwrap();
    let names: Vec<_> =
        found.sources.iter().map(|s| s.path.strip_prefix(scratch.path()).unwrap().display().to_string()).collect();
    assert_eq!(names, ["one", "two", "two/Snapshot"]);
    assert!(matches!(open(scratch.path(), &no_keys()), Err(OpenError::Several { .. })));
    assert_eq!(contents(&found.sources[1].open(&no_keys()).unwrap()).len(), 3);
}

#[test]
fn a_folder_around_one_backup_opens_that_one() {
    let scratch = Scratch::new();
    write(&scratch.path().join("MobileSync/Backup/00008030-000A2D6E3601C01F"), &Plan::default());
    assert_eq!(opened(scratch.path()).container, "itunes-backup");
}

#[test]
fn a_zip_with_two_backups_names_both_and_opens_each() {
    let scratch = Scratch::new();
    write(&scratch.path().join("b/one"), &Plan::default());
    write(&scratch.path().join("b/two"), &Plan { files: vec![(CHAT, b"other".to_vec())], ..Plan::default() });
    let files: Vec<(String, Vec<u8>)> = listing(&scratch.path().join("b"))
        .into_iter()
        .map(|(p, _, _, c)| (p.strip_prefix(scratch.path().join("b")).unwrap().display().to_string(), c))
        .collect();
    let named: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let path = scratch.write("a.zip", super::zips::zip(&named));
    let Err(OpenError::Several { sources, .. }) = open(&path, &no_keys()) else { panic!("opened two phones as one") };
    assert_eq!(sources.len(), 2);
    let two = sources[1].open(&no_keys()).unwrap();
    assert_eq!(
        contents(&two)["/private/var/mobile/Containers/Shared/AppGroup/group.net.example.chat/Chat.sqlite"],
        b"other"
    );
    assert!(!places(&two).iter().any(|p| p.ends_with("sms.db")));
}

#[test]
fn an_old_manifest_is_read() {
    let scratch = Scratch::new();
    let mut mbdb = b"mbdb\x05\x00".to_vec();
    let (domain, path) = SMS;
    for text in [domain, path] {
        mbdb.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        mbdb.extend(text.as_bytes());
    }
    mbdb.extend([0xff; 6]); // no target, digest, key
    mbdb.extend(0o100_644_u16.to_be_bytes());
    mbdb.extend([0; 8 + 4 + 4 + 12 + 8 + 1]);
    mbdb.push(0);
    scratch.write(&sha1(&format!("{domain}-{path}")), "flat blob");
    scratch.write("Manifest.plist", plist("<key>IsEncrypted</key><false/>"));
    scratch.write("Manifest.mbdb", &mbdb);
    let whole = opened(scratch.path());
    assert_eq!(contents(&whole)["/private/var/mobile/Library/SMS/sms.db"], b"flat blob");
    mbdb.extend([0, 200, 1]);
    scratch.write("Manifest.mbdb", &mbdb);
    let cut = opened(scratch.path());
    assert_eq!(contents(&cut).len(), 1);
    assert!(codes(&cut).contains(&"itunes-manifest"));
}

#[test]
fn a_hostile_keybag_is_refused_at_once() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan { password: Some("0000"), ..Plan::default() });
    let mut bag = keybag("0000", 1000);
    let at = bag.windows(4).position(|w| w == b"DPIC").unwrap();
    bag[at + 8..at + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    scratch.write("Manifest.plist", plist(&format!("<key>IsEncrypted</key><true/><key>ManifestKey</key><data>AAAA</data><key>BackupKeyBag</key><data>{}</data>", base64(&bag))));
    let started = std::time::Instant::now();
    let Err(OpenError::Mount { source, .. }) = open_with(scratch.path(), "0000") else { panic!() };
    assert!(matches!(source, VfsError::Limit { unit: "rounds", .. }));
    assert!(started.elapsed().as_secs() < 2);
}

#[test]
fn no_damage_of_the_plists_or_the_manifest_makes_the_reader_panic() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan { files: vec![(CHAT, b"x".to_vec())], ..Plan::default() });
    for name in ["Manifest.plist", "Manifest.db", "Info.plist"] {
        let whole = std::fs::read(scratch.path().join(name)).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 200 + 1) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            scratch.write(name, &bytes);
            let _ = open(scratch.path(), &no_keys()).map(|o| contents(&o));
            scratch.write(name, &whole[..at]);
            let _ = open(scratch.path(), &no_keys()).map(|o| contents(&o));
        }
        scratch.write(name, whole);
    }
}

#[test]
fn a_backup_inside_a_compressed_tar_is_read() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("0000"), ..Plan::default() };
    write(&scratch.path().join("b"), &plan);
    let files: Vec<(String, Vec<u8>)> = listing(&scratch.path().join("b"))
        .into_iter()
        .map(|(p, _, _, c)| (format!("x/{}", p.strip_prefix(scratch.path().join("b")).unwrap().display()), c))
        .collect();
    let named: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let path = scratch.write("a.tar.gz", super::tars::gzip(&super::tars::tar(&named)));
    let opened = open_with(&path, "0000").unwrap();
    let vfs = &*opened.mounted.vfs;
    vfs.preload(&vfs.entries().iter().map(|e| e.id).collect::<Vec<_>>()).unwrap();
    let mut found = contents(&opened);
    found.retain(|place, _| place.starts_with("/private/var"));
    assert_eq!(found, expected(&plan));
}

#[test]
fn a_backup_with_very_many_files_is_recognised() {
    let scratch = Scratch::new();
    write(scratch.path(), &Plan::default());
    std::fs::create_dir_all(scratch.path().join("00")).unwrap();
    for i in 0..20_500 {
        std::fs::write(scratch.path().join(format!("00/00{i:038x}")), "").unwrap();
    }
    let opened = opened(scratch.path());
    assert_eq!(opened.container, "itunes-backup");
    assert_eq!(codes(&opened), ["itunes-unlisted"]);
    assert_eq!(opened.mounted.flaws.len(), 101);
}

#[test]
fn the_password_that_a_ufd_states_is_tried() {
    let scratch = Scratch::new();
    let plan = Plan { password: Some("12345"), ..Plan::default() };
    write(&scratch.path().join("b"), &plan);
    let files: Vec<(String, Vec<u8>)> = listing(&scratch.path().join("b"))
        .into_iter()
        .map(|(p, _, _, c)| (format!("iPhoneDump/{}", p.strip_prefix(scratch.path().join("b")).unwrap().display()), c))
        .collect();
    let named: Vec<(&str, &[u8])> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    let folder = Scratch::new();
    let path = folder.write("x.zip", super::zips::zip(&named));
    folder.write("x.ufd", "[Dumps]\nFileDump=x.zip\n[General]\nBackupPassword=12345\n");
    let opened = opened(&path);
    assert!(opened.mounted.keys[0].starts_with("BackupPassword of "), "{:?}", opened.mounted.keys);
}
