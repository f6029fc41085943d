//! The demonstration: three phones of one family, each as another kind of extraction.
#![allow(clippy::disallowed_methods, reason = "samples write to the folder they are given, never to evidence")]

use std::path::Path;

use serde::Serialize;

use crate::apps::wechat::{self, Variant};
use crate::apps::whatsapp;
use crate::containers::full_file_system::{Packing, Style, zip_of};
use crate::containers::itunes::{self, Form, Generation};
use crate::containers::{android_backup, folder};
use crate::story::{Device, TrueAbsence, TrueMessage, note};

/// The seed of everything under `samples/data`.
const SEED: u64 = 20_240_301;
/// Opens the iPhone's backup.
const BACKUP_PASSWORD: &str = "tide-table";
/// Opens the old phone's backup.
const AB_PASSWORD: &str = "harbour";
/// Few rounds, so that the demonstration opens at once; a real phone has 10,000,000.
const ROUNDS: u32 = 1000;

/// The demonstration's phones: an iPhone, an Android phone, an old Android phone; each with
/// WhatsApp and WeChat.
#[must_use]
pub fn demo() -> Vec<Device> {
    vec![
        Device::joined("demo-iphone", vec![whatsapp::ios(SEED), wechat::ios(SEED)]),
        Device::joined(
            "demo-android",
            vec![whatsapp::android_newest_in_wal(SEED), wechat::android(Variant::NewestInWal, SEED)],
        ),
        Device::joined(
            "demo-old-android",
            vec![whatsapp::android_legacy(SEED), wechat::android(Variant::Version704, SEED)],
        ),
    ]
}

/// Writes the demonstration: `evidence/` with an encrypted iTunes backup, a zip of a full file
/// system and an encrypted `.ab`; beside it `keys.toml`, `truth.jsonl` and `README.txt`.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_demo(out: &Path) -> anyhow::Result<()> {
    let phones = demo();
    let [iphone, android, old] = phones.as_slice() else { anyhow::bail!("three phones") };
    let evidence = out.join("evidence");
    let form = Form { password: Some(BACKUP_PASSWORD), dpic: ROUNDS, generation: Generation::Modern, quirks: &[] };
    let backup = Path::new("iphone-backup").join(itunes::udid(iphone));
    folder::write_tree(&itunes::backup(iphone, &form, SEED), &evidence.join(backup))?;
    let packing = Packing { deflated: true, zip64: false };
    let zip = zip_of(android, Style::GrayKey, packing);
    save(&evidence.join("android-phone.zip"), &zip)?;
    let form = android_backup::Form { version: 5, compressed: true, password: Some(AB_PASSWORD) };
    save(&evidence.join("old-android.ab"), &android_backup::backup(old, &form, SEED))?;

    save(&out.join("wechat.dict"), wechat::DICTIONARY)?;
    save(&out.join("keys.toml"), keys().as_bytes())?;
    save(&out.join("README.txt"), README.replace("{backup}", BACKUP_PASSWORD).replace("{ab}", AB_PASSWORD).as_bytes())?;
    let told = [("iphone-backup", iphone), ("android-phone.zip", android), ("old-android.ab", old)];
    save(&out.join("truth.jsonl"), truth(&told)?.as_bytes())
}

/// All files carry the time of the seizure, so that two runs give the same tree.
fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    folder::write_file(path, bytes, whatsapp::SEIZED)
}

/// The passwords, in the form that `matchmark` reads with `--keys`.
fn keys() -> String {
    let key = |kind: &str, how: &str, value: &str| format!("[[key]]\nkind = \"{kind}\"\n{how} = \"{value}\"\n");
    [
        "# Keys of the demonstration evidence. WeChat on Android needs none: its keys follow from the phone.\n"
            .to_owned(),
        key("itunes-backup", "value", BACKUP_PASSWORD),
        key("android-backup", "value", AB_PASSWORD),
        key("zstd-dictionary", "file", "wechat.dict"),
    ]
    .join("\n")
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'a> {
    Message {
        evidence: &'a str,
        #[serde(flatten)]
        message: TrueMessage,
    },
    Absence {
        evidence: &'a str,
        #[serde(flatten)]
        absence: &'a TrueAbsence,
    },
}

/// One JSON object a line.
fn truth(told: &[(&str, &Device)]) -> anyhow::Result<String> {
    let mut lines = String::new();
    for &(evidence, device) in told {
        for message in &device.truth.messages {
            let mut message = message.clone();
            // The dictionary is among the keys here.
            message.notes.retain(|note| *note != note::NEEDS_DICTIONARY);
            lines += &serde_json::to_string(&Told::Message { evidence, message })?;
            lines.push('\n');
        }
        for absence in &device.truth.absences {
            lines += &serde_json::to_string(&Told::Absence { evidence, absence })?;
            lines.push('\n');
        }
    }
    Ok(lines)
}

const README: &str = "\
Three phones that never existed, as three kinds of extraction.

evidence/iphone-backup/     iTunes backup, encrypted; password: {backup}
evidence/android-phone.zip  full file system, laid out as GrayKey does (each app file three times);
                            the newest rows stand only in write-ahead logs
evidence/old-android.ab     adb backup, encrypted; password: {ab}
keys.toml                   the same passwords for the program, and a zstd dictionary (wechat.dict)
truth.jsonl                 what is true of every record and what is missing, one JSON object a line

All names, numbers and messages are invented. The backup's password is stretched 1000 times only,
so that the demonstration opens at once; a real phone uses 10,000,000.
";
