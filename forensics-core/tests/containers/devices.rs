//! The same phone in every container gives the same files at the same places.

use std::collections::BTreeMap;

use super::support::*;
use forensics_core::container::{OpenError, Opened, open};
use forensics_core::keys::KeyKind;
use forensics_core::vfs::{VfsError, domain};
use samples::containers::full_file_system::{Packing, Style, ufd, zip_of};
use samples::containers::itunes::{Form, Generation, Quirk};
use samples::containers::{android_backup, itunes, layout, tar, write_folder, write_tree, zip};
use samples::{Device, DevicePlace, Platform, apps, damage};

fn iphone() -> Device {
    apps::whatsapp::ios_newest_in_wal(7)
}

fn android() -> Device {
    apps::whatsapp::android_newest_in_wal(7)
}

/// Canonical place → content.
fn truth(device: &Device) -> BTreeMap<String, Vec<u8>> {
    let place = |place: &DevicePlace| match place {
        DevicePlace::Android(path) => path.clone(),
        DevicePlace::Ios { domain: d, path } => domain(d, path).to_string(),
    };
    device.files.iter().map(|f| (place(&f.place), f.bytes.clone())).collect()
}

/// What was opened holds the whole truth; containers may hold more (lists, names of containers).
fn assert_holds(what: &str, opened: &Opened, truth: &BTreeMap<String, Vec<u8>>) {
    let vfs = &*opened.mounted.vfs;
    vfs.preload(&vfs.entries().iter().map(|e| e.id).collect::<Vec<_>>()).unwrap();
    let found = contents(opened);
    for (place, content) in truth {
        match found.get(place) {
            Some(bytes) => {
                assert!(bytes == content, "{what}: {place} has {} bytes, not {}", bytes.len(), content.len())
            }
            None => panic!("{what}: {place} is missing; there are {:#?}", found.keys().collect::<Vec<_>>()),
        }
    }
}

#[test]
fn a_phone_is_the_same_in_every_archive() {
    for device in [iphone(), android()] {
        let scratch = Scratch::new();
        let truth = truth(&device);
        let folder = scratch.path().join("folder");
        write_folder(&device, &folder).unwrap();
        assert_holds("folder", &opened(&folder), &truth);
        for style in Style::ALL {
            if device.platform == Platform::Ios && matches!(style, Style::UfedDump | Style::MagnetQuick) {
                continue;
            }
            for packing in [Packing { deflated: true, zip64: false }, Packing { deflated: false, zip64: true }] {
                let path = scratch.write("a.zip", zip_of(&device, style, packing));
                let opened = opened(&path);
                let what = format!("{} {style:?} {packing:?}", device.name);
                assert!(opened.mounted.flaws.is_empty(), "{what}: {:?}", opened.mounted.flaws);
                assert_holds(&what, &opened, &truth);
            }
        }
        for prefix in ["", "./", "root/", "EXHIBIT 1/"] {
            let files = tar::full(&device, prefix);
            for (name, bytes) in
                [("a.tar", tar::plain(&files)), ("a.tar.gz", tar::gz(&files)), ("a.tar.zst", tar::zst(&files))]
            {
                let opened = opened(&scratch.write(name, bytes));
                assert_eq!(codes(&opened), Vec::<&str>::new(), "{name}");
                assert_holds(&format!("{} {name} {prefix:?}", device.name), &opened, &truth);
            }
        }
    }
}

#[test]
fn app_files_that_grayshift_stores_three_times_are_read_once() {
    let scratch = Scratch::new();
    let device = android();
    let packing = Packing { deflated: false, zip64: true };
    let opened = opened(&scratch.write("a.zip", zip_of(&device, Style::GrayKey, packing)));
    let entries = opened.mounted.vfs.entries();
    let databases: Vec<_> = entries.iter().filter(|e| e.device.file_name() == "msgstore.db").collect();
    assert_eq!(databases.len(), 3);
    assert_eq!(databases.iter().filter(|e| e.alias_of.is_none()).count(), 1);
}

#[test]
fn an_android_backup_holds_the_same_databases() {
    let device = android();
    let scratch = Scratch::new();
    let truth = truth(&device);
    for (version, compressed, password) in
        [(1, true, None), (2, true, Some("pass")), (5, false, Some("åbc")), (1, true, Some("åbc")), (5, false, None)]
    {
        let form = android_backup::Form { version, compressed, password };
        let ab = android_backup::backup(&device, &form, 7);
        let ring = password.map_or_else(no_keys, |p| keys(KeyKind::ANDROID_BACKUP, &[p]));
        let opened = open(&scratch.write("a.ab", &ab), &ring).unwrap();
        assert_eq!(opened.mounted.flaws, []);
        assert_holds(&format!("{form:?}"), &opened, &truth);
        let miui = android_backup::miui("com.whatsapp", "WhatsApp", &ab);
        assert_holds("miui", &open(&scratch.write("a.bak", miui), &ring).unwrap(), &truth);
    }
}

#[test]
fn an_itunes_backup_of_every_generation_holds_the_same_files() {
    let device = iphone();
    let truth = truth(&device);
    for generation in [Generation::Modern, Generation::Ios101, Generation::Mbdb] {
        for password in [None, Some("0000")] {
            let scratch = Scratch::new();
            let form = Form { password, generation, ..Form::PLAIN };
            write_tree(&itunes::backup(&device, &form, 7), scratch.path()).unwrap();
            let before = listing(scratch.path());
            let ring = password.map_or_else(no_keys, |p| keys(KeyKind::ITUNES_BACKUP, &["wrong", p]));
            let opened = open(scratch.path(), &ring).unwrap();
            assert_holds(&format!("{form:?}"), &opened, &truth);
            assert_eq!(codes(&opened), Vec::<&str>::new(), "{form:?}");
            assert_eq!(opened.mounted.device.model.as_deref(), Some("iPhone12,1"));
            assert_eq!(listing(scratch.path()), before, "evidence is as it was");
            let packed = scratch.write("packed/a.zip", zip::of_tree(&itunes::backup(&device, &form, 7), "b/"));
            assert_holds(&format!("zip of {form:?}"), &open(&packed, &ring).unwrap(), &truth);
        }
    }
}

#[test]
fn every_quirk_of_a_backup_is_told_and_costs_nothing_else() {
    let device = iphone();
    let whole = truth(&device);
    for (quirk, password, flaws) in [
        (Quirk::DecryptedCopy, Some("0000"), vec!["itunes-decrypted-copy"]),
        (Quirk::Snapshot, None, vec!["itunes-incomplete"]),
        (Quirk::WrongSize, Some("0000"), vec![]),
        (Quirk::MissingBlob, Some("0000"), vec!["itunes-blob-missing"]),
        (Quirk::UnpaddedManifest, Some("0000"), vec![]),
        (Quirk::Flags16, None, vec!["itunes-flags"]),
        (Quirk::AlteredPath, None, vec!["itunes-file-id"]),
        (Quirk::EmptyBlob, Some("0000"), vec![]),
    ] {
        let scratch = Scratch::new();
        let form = Form { password, quirks: &[quirk], ..Form::PLAIN };
        write_tree(&itunes::backup(&device, &form, 7), scratch.path()).unwrap();
        let opened = open(scratch.path(), &keys(KeyKind::ITUNES_BACKUP, &["0000"])).unwrap();
        assert_eq!(codes(&opened), flaws, "{quirk:?}: {:?}", opened.mounted.flaws);
        let mut truth = whole.clone();
        let found = contents(&opened);
        match quirk {
            Quirk::MissingBlob | Quirk::AlteredPath => truth.retain(|place, _| found.contains_key(place)),
            _ => {}
        }
        assert!(truth.len() + 1 >= whole.len(), "{quirk:?} costs one file at most");
        assert_holds(&format!("{quirk:?}"), &opened, &truth);
    }
}

#[test]
fn a_bag_that_asks_for_four_billion_rounds_is_refused() {
    let scratch = Scratch::new();
    let form = Form { password: Some("0000"), quirks: &[Quirk::AbsurdRounds], ..Form::PLAIN };
    write_tree(&itunes::backup(&iphone(), &form, 7), scratch.path()).unwrap();
    let Err(OpenError::Mount { source, .. }) = open(scratch.path(), &keys(KeyKind::ITUNES_BACKUP, &["0000"])) else {
        panic!("derived for an hour")
    };
    assert!(matches!(source, VfsError::Limit { .. }));
}

#[test]
fn a_ufd_leads_to_its_zip() {
    let scratch = Scratch::new();
    let device = android();
    let bytes = zip_of(&device, Style::UfedDump, Packing { deflated: true, zip64: false });
    let name = "EXTRACTION_FFS.zip";
    let text = ufd(name, &bytes, &device);
    scratch.write(name, bytes);
    let path = scratch.write("EXTRACTION_FFS.ufd", text);
    let opened = opened(&path);
    assert_eq!(opened.container, "zip");
    assert_holds("ufd", &opened, &truth(&device));
}

#[test]
fn traps_in_names_go_nowhere() {
    let device = android();
    let scratch = Scratch::new();
    let zip = opened(&scratch.write("a.zip", damage::zip_with_traps(&device)));
    assert_holds("zip with traps", &zip, &truth(&device));
    assert!(
        codes(&zip).contains(&"name-not-a-place") && codes(&zip).contains(&"zip-duplicate-name"),
        "{:?}",
        codes(&zip)
    );
    assert!(
        places(&zip).contains(&"../../../../tmp/traversal".to_owned()),
        "a climbing name keeps its name and has no place"
    );
    let files: Vec<_> = layout::absolute(&device);
    let tar = opened(&scratch.write("a.tar", damage::tar_with_traps(&files)));
    assert!(codes(&tar).contains(&"tar-gap"), "{:?}", codes(&tar));
    assert_eq!(listing(scratch.path()).len(), 2, "nothing was written");
}

#[test]
fn entries_that_share_one_body_are_refused_but_for_the_first() {
    let scratch = Scratch::new();
    let opened = opened(&scratch.write("a.zip", damage::zip_overlapping(1000)));
    assert_eq!(contents(&opened).len(), 1);
    let told: Vec<_> = opened.mounted.flaws.iter().filter(|f| f.code == "zip-overlap").collect();
    assert_eq!(told.len(), 101, "a hundred are told, the rest is counted");
}

#[test]
fn damaged_archives_lose_what_is_damaged_and_nothing_else() {
    let device = android();
    let scratch = Scratch::new();
    let whole = truth(&device);
    let count = |opened: &Opened| {
        let found = contents(opened);
        whole.iter().filter(|(place, content)| found.get(*place) == Some(content)).count()
    };
    let zip = zip_of(&device, Style::Plain, Packing { deflated: true, zip64: false });
    let tar = tar::plain(&tar::full(&device, ""));
    let ab = android_backup::backup(&device, &android_backup::Form { version: 5, compressed: true, password: None }, 7);
    for (name, bytes) in [("a.zip", zip), ("a.tar", tar), ("a.ab", ab)] {
        let cut = opened(&scratch.write(name, damage::truncated(&bytes, bytes.len() * 19 / 20)));
        assert!(cut.mounted.flaws.iter().any(|f| f.lost), "{name}: a cut is told");
        assert!(count(&cut) > 0 && count(&cut) < whole.len(), "{name}: {} of {}", count(&cut), whole.len());
        for seed in 0..20 {
            let path = scratch.write(name, damage::flipped(&bytes, 20, 64, seed));
            if let Ok(opened) = open(&path, &no_keys()) {
                count(&opened);
            }
        }
    }
}

#[test]
fn a_gzip_bomb_is_no_tar() {
    let scratch = Scratch::new();
    let path = scratch.write("bomb.gz", damage::gzip_bomb());
    let opened = opened(&path);
    assert_eq!(opened.container, "file", "64 MiB of zeros are no archive");
}
