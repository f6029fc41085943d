//! Cellebrite's `.ufd` (INI) and `.ufdx` (XML): small files that name the real ones.
//! Source: fox-it/dissect.target:dissect/target/loaders/cellebrite.py; UFADE's writer.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Source;
use crate::container::open_evidence;

/// A `.ufd` has a few kilobytes.
const LONGEST: u64 = 4 << 20;

/// What a `.ufd` or `.ufdx` names, in its order; empty where `path` is neither.
pub(super) fn named_by(path: &Path) -> Vec<Source> {
    let text = match open_evidence(path).map(|f| f.take(LONGEST)) {
        Ok(mut reader) => {
            let mut bytes = Vec::new();
            if reader.read_to_end(&mut bytes).is_err() {
                return Vec::new();
            }
            decode(&bytes)
        }
        Err(_) => return Vec::new(),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    if text.contains("[Dumps]") && text.trim_start().starts_with('[') {
        return sources(folder, ini_section(&text, "Dumps"));
    }
    if text.contains("<EvidenceCollection") {
        let ufds = attributes(&text, "Path");
        let inner = ufds.filter_map(|p| inside(folder, &p)).filter(|p| p.is_file() && p != path);
        return inner.flat_map(|ufd| if is_index(&ufd) { Vec::new() } else { named_by(&ufd) }).collect();
    }
    Vec::new()
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

/// Values of one section, in order.
fn ini_section<'a>(text: &'a str, section: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut here = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            here = name == section;
            return None;
        }
        let (_, value) = line.split_once('=').filter(|_| here)?;
        Some(value.trim().to_owned())
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
