//! Cellebrite's `.ufd` (INI) and `.ufdx` (XML): small files that name the real ones.
//! Source: fox-it/dissect.target:dissect/target/loaders/cellebrite.py; UFADE's writer.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Source;
use crate::container::{Device, open_evidence};
use crate::keys::{Key, KeyKind};

/// A `.ufd` has a few kilobytes.
const LONGEST: u64 = 4 << 20;
/// `.ufd` files of one folder that are looked at.
const MOST: usize = 1000;

/// A hash that the acquisition tool wrote down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedHash {
    /// The file that states it.
    pub from: PathBuf,
    /// SHA-256.
    pub value: [u8; 32],
}

/// What a `.ufd` or `.ufdx` names, in its order; empty where `path` is neither.
pub(super) fn named_by(path: &Path) -> Vec<Source> {
    let Some(text) = read(path) else { return Vec::new() };
    let folder = path.parent().unwrap_or(Path::new("."));
    if is_ufd(&text) {
        return sources(folder, ini_section(&text, "Dumps").map(|(_, value)| value));
    }
    if text.contains("<EvidenceCollection") {
        let ufds = attributes(&text, "Path");
        let inner = ufds.filter_map(|p| inside(folder, &p)).filter(|p| p.is_file() && p != path);
        return inner.flat_map(|ufd| if is_index(&ufd) { Vec::new() } else { named_by(&ufd) }).collect();
    }
    Vec::new()
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    open_evidence(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(decode(&bytes))
}

fn is_ufd(text: &str) -> bool {
    text.contains("[Dumps]") && text.trim_start().starts_with('[')
}

/// The `.ufd` beside a source that names it.
fn beside(path: &Path) -> Option<(PathBuf, String)> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ufds = std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path());
    let mut ufds: Vec<PathBuf> =
        ufds.filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("ufd"))).take(MOST).collect();
    ufds.sort();
    ufds.into_iter().find_map(|ufd| {
        let text = read(&ufd).filter(|t| is_ufd(t))?;
        let names = ini_section(&text, "Dumps").any(|(_, name)| path.file_name() == leaf(&name));
        names.then_some((ufd, text))
    })
}

fn leaf(name: &str) -> Option<&std::ffi::OsStr> {
    Path::new(name.rsplit(['\\', '/']).next()?).file_name()
}

/// The SHA-256 that a `.ufd` beside `path` states for it.
pub fn stated_sha256(path: &Path) -> Option<StatedHash> {
    let (from, text) = beside(path)?;
    let (_, hex) = ini_section(&text, "SHA256").find(|(name, _)| path.file_name() == leaf(name))?;
    let mut value = [0; 32];
    (hex.len() == 64 && hex.is_ascii()).then_some(())?;
    for (byte, pair) in value.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(StatedHash { from, value })
}

/// The password that the acquisition tool set on the backup in the archive. UFADE writes it down.
pub(in crate::container) fn password_beside(path: &Path) -> Option<Key> {
    let (ufd, text) = beside(path)?;
    let (_, password) =
        ini_section(&text, "General").find(|(name, value)| name == "BackupPassword" && !value.is_empty())?;
    let source = format!("BackupPassword of {}", ufd.display());
    Key::new(KeyKind::ITUNES_BACKUP, None, password.into_bytes(), source).ok()
}

/// What a `.ufd` beside a source says about the phone.
pub(in crate::container) fn device_beside(path: &Path) -> Device {
    let Some((_, text)) = beside(path) else { return Device::default() };
    let get = |names: &[&str]| {
        let found =
            ini_section(&text, "DeviceInfo").find(|(name, value)| names.contains(&name.as_str()) && !value.is_empty());
        found.map(|(_, value)| value)
    };
    let ids = [("imei", "IMEI1"), ("imei2", "IMEI2"), ("imei", "IMEI"), ("serial", "SerialNumber")];
    Device {
        model: get(&["DeviceModel", "Model"]),
        os: get(&["OS"]),
        ids: ids.into_iter().filter_map(|(id, name)| Some((id, get(&[name])?))).collect(),
        ..Device::default()
    }
}

/// A `.ufdx` that names a `.ufdx` would go on for ever.
fn is_index(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("ufdx"))
}

/// UTF-8, or UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> String {
    let units = |be: bool| {
        let pairs = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let unit = pairs.filter_map(|p| {
            Some(if be { u16::from_be_bytes(p.try_into().ok()?) } else { u16::from_le_bytes(p.try_into().ok()?) })
        });
        String::from_utf16_lossy(&unit.collect::<Vec<_>>())
    };
    match bytes {
        [0xff, 0xfe, ..] => units(false),
        [0xfe, 0xff, ..] => units(true),
        _ => String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned(),
    }
}

/// Names and values of one section, in order.
fn ini_section<'a>(text: &'a str, section: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let mut here = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            here = name == section;
            return None;
        }
        let (name, value) = line.split_once('=').filter(|_| here)?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    })
}

fn attributes<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let key = format!(" {name}=\"");
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.find(&key)?;
        rest = rest.get(at.checked_add(key.len())?..)?;
        let (value, after) = rest.split_once('"')?;
        rest = after;
        Some(value.to_owned())
    })
}

fn sources(folder: &Path, names: impl Iterator<Item = String>) -> Vec<Source> {
    let mut found: Vec<Source> = Vec::new();
    for path in names.filter_map(|n| inside(folder, &n)).filter(|p| p.exists()) {
        let source = Source::at(path);
        if !found.contains(&source) {
            found.push(source); // the key store is often the same zip as the file dump
        }
    }
    found
}

/// A name relative to the `.ufd`, with Windows separators; nothing outside its folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    let sane = !name.is_empty() && !name.starts_with('/') && !name.contains(':') && name.split('/').all(|c| c != "..");
    sane.then(|| folder.join(name))
}
