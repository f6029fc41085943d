//! The demonstration is small, the same on each run, and the one that is committed.
#![allow(clippy::disallowed_methods, reason = "tests write to a temporary folder")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn write() -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    samples::write_demo(folder.path()).unwrap();
    tree(folder.path())
}

#[test]
fn two_runs_give_the_same_bytes() {
    assert!(write() == write());
}

#[test]
fn the_demonstration_is_small() {
    let size: usize = write().values().map(Vec::len).sum();
    assert!(size < 3_000_000, "{size} bytes");
}

/// Made by `cargo run -p samples --example demo -- samples/data`; run it again when a story changes.
#[test]
fn the_committed_data_is_what_the_stories_say() {
    let committed = tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data"));
    let written = write();
    assert!(committed.keys().eq(written.keys()), "files were added or removed");
    for (path, bytes) in &written {
        assert!(&committed[path] == bytes, "{} differs", path.display());
    }
}

#[test]
fn every_line_of_the_truth_is_an_object_with_its_evidence() {
    let files = write();
    let text = String::from_utf8(files[Path::new("truth.jsonl")].clone()).unwrap();
    for line in text.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(object["evidence"].is_string() && object["type"].is_string(), "{line}");
    }
}
