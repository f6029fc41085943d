//! Damaged and hostile evidence: what can be read is read, what is lost is said, with its place.

use std::fs;

use samples::containers::full_file_system::{Packing, Style, zip_of};
use samples::containers::{android_backup, itunes, layout};
use samples::damage;

use crate::bench::{Bench, Ran, of_type};

const SEED: u64 = 11;

fn messages(ran: &Ran) -> usize {
    of_type(&ran.lines(), "message").count()
}

#[track_caller]
fn has_issue(ran: &Ran, part: &str) {
    let lines = ran.lines();
    let found: Vec<_> = of_type(&lines, "issue").map(|i| format!("{} {}", i["code"], i["detail"])).collect();
    assert!(found.iter().any(|i| i.contains(part)), "no issue says {part:?}: {found:#?}");
}

#[test]
fn a_wrong_password_is_named_and_nothing_is_read() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let form = itunes::Form { password: Some("right"), ..itunes::Form::PLAIN };
    let backup = bench.write_tree("backup", &itunes::backup(&phone, &form, SEED));
    let ran = bench.run("wrong", &backup, &["--password", "wrong-word"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    has_issue(&ran, "evidence-wrong-key");
    let everything = format!("{}{}{}", ran.stdout, ran.stderr, ran.jsonl());
    assert!(!everything.contains("wrong-word"), "the password was printed");
}

#[test]
fn a_missing_password_is_named_and_other_evidence_is_read() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let form = itunes::Form { password: Some("right"), ..itunes::Form::PLAIN };
    bench.write_tree("both/locked", &itunes::backup(&phone, &form, SEED));
    bench.write_tree("both/open", &itunes::backup(&phone, &itunes::Form::PLAIN, SEED));
    let ran = bench.run("case", &bench.path("evidence/both"), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    has_issue(&ran, "evidence-needs-key");
    assert_eq!(of_type(&ran.lines(), "evidence").count(), 2);
    assert!(messages(&ran) >= phone.truth.messages.len());
}

#[test]
fn a_wrong_password_of_an_adb_backup_is_named() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::android_modern(SEED);
    let form = android_backup::Form { version: 5, compressed: true, password: Some("right") };
    let ab = bench.write("phone.ab", &android_backup::backup(&phone, &form, SEED));
    let ran = bench.run("wrong", &ab, &["--password", "wrong-word"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    has_issue(&ran, "evidence-wrong-key");
}

#[test]
fn a_wechat_store_without_its_key_says_what_it_needs_and_the_rest_is_read() {
    let bench = Bench::new();
    let wechat = samples::apps::wechat::android(samples::apps::wechat::Variant::Modern, SEED);
    let mut phone = samples::Device::joined("phone", vec![samples::apps::whatsapp::android_modern(SEED), wechat]);
    // Without the account number nothing can be derived.
    phone.files.retain(|f| {
        let path = f.place.path();
        !path.contains("/shared_prefs/") && !path.ends_with(".cfg") || path.contains("com.whatsapp")
    });
    let ran = bench.run("case", &bench.write_tree("phone", &layout::absolute(&phone)), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let lines = ran.lines();
    let locked = of_type(&lines, "store").find(|s| s["file"] == "EnMicroMsg.db").expect("the store is listed");
    assert_eq!(locked["status"], "needs-key");
    has_issue(&ran, "store-needs-key");
    assert!(messages(&ran) > 50, "WhatsApp was not read");
}

#[test]
fn a_zip_that_is_cut_short_gives_what_lies_before_the_cut() {
    let bench = Bench::new();
    let phone =
        samples::Device::joined("phone", vec![samples::apps::whatsapp::ios(SEED), samples::apps::wechat::ios(SEED)]);
    let whole = zip_of(&phone, Style::Plain, Packing { deflated: true, zip64: false });
    for (place, part) in [(0, whole.len() - 30), (1, whole.len() * 9 / 10), (2, whole.len() / 2)] {
        let path = bench.write(&format!("cut{place}.zip"), &damage::truncated(&whole, part));
        let ran = bench.run(&format!("case{place}"), &path, &[]);
        assert_eq!(ran.code, 1, "cut at {part} of {}: {}", whole.len(), ran.stderr);
        has_issue(&ran, "zip");
    }
}

#[test]
fn flipped_bytes_in_a_database_cost_rows_and_not_the_store() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    for seed in 0..12 {
        let mut damaged = phone.clone();
        for file in &mut damaged.files {
            if file.place.base_name() == "ChatStorage.sqlite" {
                // The first page holds the schema: without it there is no table to look for.
                file.bytes = damage::flipped(&file.bytes, 40, 8192, seed);
            }
        }
        let path = bench.write_tree(&format!("phone{seed}"), &layout::absolute(&damaged));
        let ran = bench.run(&format!("case{seed}"), &path, &[]);
        assert!(ran.code == 0 || ran.code == 1, "seed {seed}: code {}: {}", ran.code, ran.stderr);
        let codes = ran.issues();
        assert!(!codes.iter().any(|c| c == "parser-panicked" || c == "tally-broken"), "seed {seed}: {codes:?}");
        let confirmed = of_type(&ran.lines(), "message").filter(|m| m["verdict"] == "confirmed").count();
        assert!(confirmed <= phone.truth.messages.len());
    }
}

#[test]
fn a_lost_page_is_named_and_the_other_rows_are_read() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let store = phone.file("ChatStorage.sqlite").expect("the store");
    let pages = store.bytes.len() / 4096;
    let mut lost = 0;
    for page in 2..=pages {
        let mut damaged = phone.clone();
        for file in &mut damaged.files {
            if file.place.base_name() == "ChatStorage.sqlite" {
                file.bytes = damage::without_page(&file.bytes, page);
            }
        }
        let path = bench.write_tree(&format!("phone{page}"), &layout::absolute(&damaged));
        let ran = bench.run(&format!("case{page}"), &path, &[]);
        let codes = ran.issues();
        assert!(!codes.iter().any(|c| c == "parser-panicked" || c == "tally-broken"), "page {page}: {codes:?}");
        let read = messages(&ran);
        if read < phone.truth.messages.len() {
            assert_eq!(ran.code, 1, "page {page}: {read} messages and no word of it");
            has_issue(&ran, "page");
            lost += 1;
        }
    }
    assert!(lost > 0, "no page held messages");
}

#[test]
fn a_missing_log_is_told_and_the_database_is_read_without_it() {
    let bench = Bench::new();
    let mut phone = samples::apps::whatsapp::android_newest_in_wal(SEED);
    let whole = bench.run("whole", &bench.write_tree("whole", &layout::absolute(&phone)), &[]);
    phone.files.retain(|f| !f.place.path().ends_with("-wal"));
    let cut = bench.run("cut", &bench.write_tree("cut", &layout::absolute(&phone)), &[]);
    assert!(!whole.issues().contains(&"store-wal-missing".to_owned()));
    has_issue(&cut, "store-wal-missing");
    let (all, left) = (messages(&whole), messages(&cut));
    assert!(0 < left && left < all, "{left} of {all} messages");
}

#[test]
fn traps_in_a_zip_end_in_issues_and_stay_inside() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let path = bench.write("traps.zip", &damage::zip_with_traps(&phone));
    let ran = bench.run("case", &path, &[]);
    assert!(ran.code == 0 || ran.code == 1, "{}", ran.stderr);
    assert!(messages(&ran) >= phone.truth.messages.len(), "the phone in it was not read");
    // Nothing was unpacked anywhere.
    let beside: Vec<_> =
        fs::read_dir(bench.path(".")).expect("the folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
    let overlapping = bench.write("overlapping.zip", &damage::zip_overlapping(1000));
    let ran = bench.run("case-overlapping", &overlapping, &[]);
    assert!((0..=2).contains(&ran.code), "{}", ran.stderr);
}

#[test]
fn bombs_are_small_explosions() {
    let bench = Bench::new();
    let phone = samples::apps::wechat::ios(SEED);
    let with = |bytes: Vec<u8>| {
        let mut bombed = phone.clone();
        for file in &mut bombed.files {
            if file.place.base_name() == "mmsetting.archive" {
                file.bytes.clone_from(&bytes);
            }
        }
        layout::absolute(&bombed)
    };
    let bombs = [
        ("shared", damage::plist_bomb(9)),
        ("loop", damage::plist_loop()),
        ("deep", damage::deep_xml_plist(300_000)),
        ("entities", damage::entity_bomb()),
    ];
    for (name, bomb) in bombs {
        let ran = bench.run(&format!("case-{name}"), &bench.write_tree(name, &with(bomb)), &[]);
        assert!(ran.code == 0 || ran.code == 1, "{name}: code {}: {}", ran.code, ran.stderr);
        let codes = ran.issues();
        assert!(!codes.iter().any(|c| c == "parser-panicked"), "{name}: {codes:?}");
        assert!(messages(&ran) >= phone.truth.messages.len(), "{name}: the chats were not read");
    }
    let gz = bench.write("bomb.tar.gz", &damage::gzip_bomb());
    assert!((0..=2).contains(&bench.run("case-gz", &gz, &[]).code));
}

#[test]
fn an_absurd_keybag_is_refused_at_once() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let form = itunes::Form { password: Some("right"), quirks: &[itunes::Quirk::AbsurdRounds], ..itunes::Form::PLAIN };
    let backup = bench.write_tree("backup", &itunes::backup(&phone, &form, SEED));
    let ran = bench.run("case", &backup, &["--password", "right"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    has_issue(&ran, "limit");
}

#[test]
fn something_that_is_no_evidence_is_refused_with_every_reason() {
    let bench = Bench::new();
    let path = bench.write("letter.txt", b"Dear mother, this is no phone.");
    let ran = bench.run("case", &path, &[]);
    assert!(ran.code == 0 || ran.code == 2, "{}", ran.stderr);
    let missing = bench.run("case2", &bench.path("evidence/nowhere"), &[]);
    assert_ne!(missing.code, 0);
    assert!(missing.stderr.contains("nowhere"), "{}", missing.stderr);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let store = phone.file("ChatStorage.sqlite").expect("the store");
    fs::create_dir(bench.path("outside")).expect("a folder");
    fs::write(bench.path("outside/ChatStorage.sqlite"), &store.bytes).expect("a file");
    let tree = bench.path("evidence/phone/data/data/com.whatsapp/databases");
    fs::create_dir_all(&tree).expect("a folder");
    std::os::unix::fs::symlink(bench.path("outside/ChatStorage.sqlite"), tree.join("msgstore.db")).expect("a link");
    let folder = bench.path("evidence/phone/private/var/mobile/Containers/Shared/AppGroup");
    fs::create_dir_all(&folder).expect("a folder");
    let group = folder.join("group.net.whatsapp.WhatsApp.shared");
    std::os::unix::fs::symlink(bench.path("outside"), group).expect("a link");
    let ran = bench.run("case", &bench.path("evidence/phone"), &[]);
    assert_eq!(messages(&ran), 0, "a link was followed");
}
