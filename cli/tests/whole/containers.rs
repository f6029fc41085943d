//! The same phone in every container gives the same lines.

use std::path::PathBuf;

use samples::containers::full_file_system::{Packing, Style, zip_of};
use samples::containers::{android_backup, itunes, layout, tar, zip};
use samples::{Device, DevicePlace};

use crate::bench::Bench;

const SEED: u64 = 20_260_301;

fn iphone() -> Device {
    Device::joined("iphone", vec![samples::apps::whatsapp::ios(SEED), samples::apps::wechat::ios(SEED)])
}

fn android() -> Device {
    let wechat = samples::apps::wechat::android(samples::apps::wechat::Variant::Modern, SEED);
    Device::joined("android", vec![samples::apps::whatsapp::android_modern(SEED), wechat])
}

/// What an adb backup can carry: private folders of user 0 and primary shared storage.
fn of_a_backup(mut device: Device) -> Device {
    let carried = ["/data/data/", "/storage/emulated/0/"];
    device.files.retain(|f| match &f.place {
        DevicePlace::Android(path) => carried.iter().any(|root| path.starts_with(root)),
        DevicePlace::Ios { .. } => false,
    });
    device
}

#[track_caller]
fn all_the_same(bench: &Bench, forms: &[(&str, PathBuf, &[&str])]) {
    let (first_name, first_path, first_more) = &forms[0];
    let expected = bench.run("case-first", first_path, first_more);
    assert_eq!(expected.code, 0, "{first_name}: {}", expected.stderr);
    let expected = expected.records();
    assert!(expected.len() > 100, "{first_name} gave only {} lines", expected.len());
    for (name, path, more) in &forms[1..] {
        let ran = bench.run(&format!("case-{name}"), path, more);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let got = ran.records();
        for (a, b) in expected.iter().zip(&got) {
            assert_eq!(a, b, "{first_name} and {name} differ");
        }
        assert_eq!(expected.len(), got.len(), "{first_name} and {name} differ in length");
    }
}

#[test]
fn an_iphone_gives_the_same_lines_in_every_container() {
    let bench = Bench::new();
    let phone = iphone();
    let form = |password, generation| itunes::Form { password, generation, ..itunes::Form::PLAIN };
    let modern = itunes::Generation::Modern;
    let plain = itunes::backup(&phone, &itunes::Form::PLAIN, SEED);
    let locked = itunes::backup(&phone, &form(Some("tide"), modern), SEED);
    let wrong_sizes = itunes::Form { quirks: &[itunes::Quirk::WrongSize], ..itunes::Form::PLAIN };
    let packing = Packing { deflated: true, zip64: false };
    let tree = layout::absolute(&phone);
    all_the_same(
        &bench,
        &[
            ("folder", bench.write_tree("folder", &tree), &[]),
            ("zip", bench.write("plain.zip", &zip_of(&phone, Style::Plain, packing)), &[]),
            ("graykey", bench.write("graykey.zip", &zip_of(&phone, Style::GrayKey, packing)), &[]),
            ("clbx", bench.write("clbx.zip", &zip_of(&phone, Style::Clbx, packing)), &[]),
            ("tar", bench.write("phone.tar", &tar::plain(&tar::full(&phone, ""))), &[]),
            ("tar-gz", bench.write("phone.tar.gz", &tar::gz(&tar::full(&phone, "./"))), &[]),
            ("itunes", bench.write_tree("itunes", &plain), &[]),
            ("itunes-locked", bench.write_tree("locked", &locked), &["--password", "tide"]),
            (
                "itunes-mbdb",
                bench.write_tree("mbdb", &itunes::backup(&phone, &form(None, itunes::Generation::Mbdb), SEED)),
                &[],
            ),
            (
                "itunes-mbdb-locked",
                bench.write_tree(
                    "mbdb-locked",
                    &itunes::backup(&phone, &form(Some("tide"), itunes::Generation::Mbdb), SEED),
                ),
                &["--password", "tide"],
            ),
            ("itunes-sizes", bench.write_tree("sizes", &itunes::backup(&phone, &wrong_sizes, SEED)), &[]),
            (
                "itunes-locked-in-zip",
                bench.write("backup.zip", &zip::of_tree(&locked, "some/folder/")),
                &["--password", "tide"],
            ),
        ],
    );
}

#[test]
fn an_android_phone_gives_the_same_lines_in_every_container() {
    let bench = Bench::new();
    let phone = of_a_backup(android());
    let ab = |version, compressed, password| {
        let form = android_backup::Form { version, compressed, password };
        android_backup::backup(&phone, &form, SEED)
    };
    let packing = Packing { deflated: true, zip64: false };
    let miui = android_backup::miui("com.tencent.mm", "WeChat", &ab(5, false, None));
    all_the_same(
        &bench,
        &[
            ("folder", bench.write_tree("folder", &layout::absolute(&phone)), &[]),
            ("zip", bench.write("plain.zip", &zip_of(&phone, Style::Plain, packing)), &[]),
            ("graykey", bench.write("graykey.zip", &zip_of(&phone, Style::GrayKey, packing)), &[]),
            ("ufed", bench.write("ufed.zip", &zip_of(&phone, Style::UfedDump, packing)), &[]),
            ("magnet", bench.write("magnet.zip", &zip_of(&phone, Style::MagnetQuick, packing)), &[]),
            ("tar", bench.write("phone.tar", &tar::plain(&tar::full(&phone, "/"))), &[]),
            ("tar-gz", bench.write("phone.tar.gz", &tar::gz(&tar::full(&phone, ""))), &[]),
            ("tar-zst", bench.write("phone.tar.zst", &tar::zst(&tar::full(&phone, ""))), &[]),
            ("ab-1", bench.write("one.ab", &ab(1, true, None)), &[]),
            ("ab-5", bench.write("five.ab", &ab(5, false, None)), &[]),
            ("ab-5-locked", bench.write("locked.ab", &ab(5, true, Some("harbour"))), &["--password", "harbour"]),
            ("miui", bench.write("WeChat(com.tencent.mm).bak", &miui), &[]),
        ],
    );
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let bench = Bench::new();
    let zip = bench.write("phone.zip", &zip_of(&android(), Style::GrayKey, Packing { deflated: true, zip64: false }));
    let one = bench.run("one", &zip, &["--jobs", "1"]);
    let many = bench.run("many", &zip, &["--jobs", "8"]);
    let again = bench.run("again", &zip, &["--jobs", "8"]);
    assert_eq!(one.jsonl(), many.jsonl());
    assert_eq!(many.jsonl(), again.jsonl());
}

#[test]
fn a_single_store_is_known_by_its_name() {
    let bench = Bench::new();
    let phone = samples::apps::whatsapp::ios(SEED);
    let store = phone.file("ChatStorage.sqlite").expect("the store");
    let path = bench.write("ChatStorage.sqlite", &store.bytes);
    let ran = bench.run("case", &path, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let messages = ran.lines().iter().filter(|l| l["type"] == "message").count();
    assert!(messages >= phone.truth.messages.len(), "{messages} messages");
}
