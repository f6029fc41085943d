//! Writes one phone of each kind in every container this crate knows, for checking them with other
//! tools: `cargo run -p samples --example containers -- OUT`.
#![allow(clippy::disallowed_methods, reason = "samples write to the folder they are given, never to evidence")]

use std::path::{Path, PathBuf};

use samples::containers::full_file_system::{Packing, Style, ufd, zip_of};
use samples::containers::itunes::{Form, Generation, Quirk, backup};
use samples::containers::{android_backup, tar, write_tree, zip};
use samples::{Device, apps};

fn main() -> anyhow::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "containers".to_owned()));
    let iphone = Device::joined("iphone", vec![apps::whatsapp::ios(1), apps::wechat::ios(1)]);
    let android = Device::joined(
        "android",
        vec![apps::whatsapp::android_modern(1), apps::wechat::android(apps::wechat::Variant::Modern, 1)],
    );
    backups(&iphone, &out)?;
    for device in [&iphone, &android] {
        archives(device, &out)?;
    }
    android_backups(&android, &out)
}

fn backups(iphone: &Device, out: &Path) -> anyhow::Result<()> {
    let quirks = [
        Quirk::DecryptedCopy,
        Quirk::Snapshot,
        Quirk::WrongSize,
        Quirk::MissingBlob,
        Quirk::UnpaddedManifest,
        Quirk::Flags16,
        Quirk::AlteredPath,
        Quirk::EmptyBlob,
        Quirk::AbsurdRounds,
    ];
    let generations = [Generation::Modern, Generation::Ios101, Generation::Mbdb];
    for generation in generations {
        for password in [None, Some("test123")] {
            let form = Form { password, dpic: 1000, generation, quirks: &[] };
            let name = format!("itunes-{generation:?}-{}", if password.is_some() { "encrypted" } else { "plain" });
            write_tree(&backup(iphone, &form, 1), &out.join(name))?;
        }
    }
    for quirk in quirks {
        let form = Form { password: Some("test123"), dpic: 1000, generation: Generation::Modern, quirks: &[quirk] };
        write_tree(&backup(iphone, &form, 1), &out.join(format!("itunes-{quirk:?}")))?;
    }
    let zipped = zip::of_tree(&backup(iphone, &Form::PLAIN, 1), "Backup/0000/");
    save(&out.join("itunes-in-a.zip"), &zipped)
}

fn archives(device: &Device, out: &Path) -> anyhow::Result<()> {
    for style in Style::ALL {
        if style == Style::MagnetQuick && device.name == "iphone" {
            continue;
        }
        for (deflated, zip64) in [(false, false), (true, false), (true, true)] {
            let bytes = zip_of(device, style, Packing { deflated, zip64 });
            let name = format!("{}-{style:?}-{deflated}-{zip64}.zip", device.name);
            if style == Style::UfedDump {
                save(&out.join(name.replace(".zip", ".ufd")), ufd(&name, &bytes, device).as_bytes())?;
            }
            save(&out.join(name), &bytes)?;
        }
    }
    let files = tar::full(device, "./");
    save(&out.join(format!("{}.tar", device.name)), &tar::plain(&files))?;
    save(&out.join(format!("{}.tar.gz", device.name)), &tar::gz(&files))?;
    save(&out.join(format!("{}.tar.zst", device.name)), &tar::zst(&files))
}

fn android_backups(device: &Device, out: &Path) -> anyhow::Result<()> {
    for version in 1..=5 {
        for compressed in [false, true] {
            for (word, password) in [("none", None), ("ascii", Some("test123")), ("wide", Some("åbc"))] {
                let form = android_backup::Form { version, compressed, password };
                let ab = android_backup::backup(device, &form, 1);
                save(&out.join(format!("ab-{version}-{compressed}-{word}.ab")), &ab)?;
            }
        }
    }
    let form = android_backup::Form { version: 5, compressed: false, password: None };
    let ab = android_backup::backup(device, &form, 1);
    save(&out.join("miui.bak"), &android_backup::miui("com.whatsapp", "WhatsApp", &ab))
}

fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    Ok(std::fs::write(path, bytes)?)
}
