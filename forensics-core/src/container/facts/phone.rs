//! What a tree says about the phone it came from.

use super::{Dict, Surroundings};
use crate::container::Device;
use crate::vfs::{Entry, EntryKind, Realm};

/// Reads system files that name the platform, the model and the version.
pub(super) fn facts(around: &Surroundings<'_>) -> Device {
    let mut device = Device { platform: platform(around.entries), ..Device::default() };
    let files = || around.entries.iter().filter(|e| e.kind == EntryKind::File);
    let read = |entry: &Entry| (around.read)(&entry.raw_name);
    for entry in files().filter(|e| e.device.realm != Realm::Loose || e.raw_name.len() < 64) {
        let path = &*entry.device.path;
        if path.ends_with("System/Library/CoreServices/SystemVersion.plist") {
            if let Some(found) = read(entry).as_deref().and_then(system_version) {
                device = device.or(found);
            }
        } else if is_properties(path) && is_system(entry) {
            if let Some(found) = read(entry).map(|bytes| build_prop(&bytes)) {
                device = device.or(found);
            }
        } else if entry.device.file_name() == "_manifest"
            && device.os.is_none()
            && let Some(found) = read(entry).as_deref().and_then(manifest_text)
        {
            device = device.or(found);
        }
    }
    device
}

/// Android's properties, as a file of the phone or as androidqf saves them.
fn is_properties(path: &str) -> bool {
    path.ends_with("system/build.prop")
        || matches!(path, "build.prop" | "getprop.txt")
        || path.ends_with("/getprop.txt")
}

fn is_system(entry: &Entry) -> bool {
    matches!(entry.device.realm, Realm::System | Realm::Loose)
}

/// By the owners of the files: whichever platform has more.
fn platform(entries: &[Entry]) -> Option<&'static str> {
    let (mut android, mut ios) = (0_usize, 0_usize);
    for entry in entries {
        match &entry.device.realm {
            Realm::AndroidApp { .. } | Realm::AndroidAppDe { .. } | Realm::AndroidShared { .. } => {
                android = android.saturating_add(1);
            }
            Realm::IosApp { .. } | Realm::IosGroup { .. } | Realm::IosHome => ios = ios.saturating_add(1),
            Realm::System if entry.device.path.starts_with("private/var/") => ios = ios.saturating_add(1),
            Realm::System if entry.device.path.starts_with("data/") => android = android.saturating_add(1),
            _ => {}
        }
    }
    match android.cmp(&ios) {
        std::cmp::Ordering::Greater => Some("android"),
        std::cmp::Ordering::Less => Some("ios"),
        std::cmp::Ordering::Equal => None,
    }
}

/// `SystemVersion.plist` of iOS.
fn system_version(bytes: &[u8]) -> Option<Device> {
    let list = Dict::parse(bytes)?;
    let version = list.text("ProductVersion")?;
    let os = match list.text("ProductBuildVersion") {
        Some(build) => format!("iOS {version} ({build})"),
        None => format!("iOS {version}"),
    };
    Some(Device { platform: Some("ios"), os: Some(os), ..Device::default() })
}

/// Android's `build.prop` (`key=value` lines), or the output of `getprop` (`[key]: [value]`).
fn build_prop(bytes: &[u8]) -> Device {
    let text = String::from_utf8_lossy(bytes);
    let get = |keys: &[&str]| {
        let value = |key: &&str| {
            let plain = |l: &'_ str| l.strip_prefix(*key)?.strip_prefix('=').map(|v| v.trim().to_owned());
            let listed = |l: &'_ str| {
                let value =
                    l.strip_prefix('[')?.strip_prefix(*key)?.strip_prefix("]: [")?.trim_end().strip_suffix(']')?;
                Some(value.to_owned())
            };
            text.lines().find_map(|l| plain(l).or_else(|| listed(l)))
        };
        keys.iter().find_map(value).filter(|v| !v.is_empty())
    };
    let maker = get(&["ro.product.manufacturer", "ro.product.system.manufacturer"]);
    let model = get(&["ro.product.model", "ro.product.system.model"]);
    let model = match (maker, model) {
        (Some(maker), Some(model)) if !model.starts_with(&maker) => Some(format!("{maker} {model}")),
        (_, model) => model,
    };
    let os = get(&["ro.build.version.release", "ro.system.build.version.release"]).map(|v| format!("Android {v}"));
    Device { platform: os.as_ref().map(|_| "android"), model, os, ..Device::default() }
}

/// The `_manifest` of an app in an adb backup: its fourth line is the phone's SDK level.
/// Source: AOSP services/backup/…/AppMetadataBackupWriter.java.
fn manifest_text(bytes: &[u8]) -> Option<Device> {
    let text = String::from_utf8_lossy(bytes);
    let sdk: u32 = text.lines().nth(3)?.trim().parse().ok()?;
    Some(Device { platform: Some("android"), os: Some(format!("Android, SDK level {sdk}")), ..Device::default() })
}
