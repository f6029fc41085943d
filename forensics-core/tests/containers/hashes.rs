//! Evidence is hashed as it lies, and left as it was.

use super::support::*;
use forensics_core::container::Source;
use forensics_core::evidence::{Evidence, EvidenceId, HashError, Hashing};
use samples::containers::full_file_system::{Packing, Style, ufd, zip_of};
use sha2::{Digest as _, Sha256};

fn hex(bytes: &[u8]) -> String {
    forensics_core::value::hex(&Sha256::digest(bytes))
}

#[test]
fn a_file_has_the_hash_of_its_bytes() {
    let scratch = Scratch::new();
    let path = scratch.write("a.bin", b"abc");
    let sum = Hashing::start(&path).finish().unwrap();
    assert_eq!((sum.digest.name(), sum.digest.to_string()), ("sha256", hex(b"abc")));
    assert_eq!((sum.size, sum.files), (3, 1));
}

#[cfg(unix)]
#[test]
fn a_folder_has_the_hash_of_its_listing_sorted_by_path_bytes() {
    let scratch = Scratch::new();
    for (name, content) in [("b/c", "2"), ("a", "11"), ("b-x", ""), ("ä", "3")] {
        scratch.write(name, content);
    }
    let lines: String = [("a", "11"), ("b-x", ""), ("b/c", "2"), ("ä", "3")]
        .iter()
        .map(|(n, c)| format!("{}  {}  {n}\n", hex(c.as_bytes()), c.len()))
        .collect();
    let lines = lines + &format!("{}  link  ö\n", hex(b"a"));
    std::os::unix::fs::symlink("a", scratch.path().join("ö")).unwrap();
    let before = listing(scratch.path());
    let sum = Hashing::start(scratch.path()).finish().unwrap();
    assert_eq!((sum.digest.name(), sum.digest.to_string()), ("tree_sha256", hex(lines.as_bytes())));
    assert_eq!((sum.size, sum.files), (4, 4));
    assert_eq!(listing(scratch.path()), before);
}

#[test]
fn a_hash_can_be_given_up_and_a_missing_file_has_none() {
    let scratch = Scratch::new();
    let hashing = Hashing::start(&scratch.write("a", vec![0; 300 << 20]));
    hashing.cancel();
    assert!(matches!(hashing.finish(), Err(HashError::Cancelled)));
    assert!(matches!(Hashing::start(&scratch.path().join("absent")).finish(), Err(HashError::Io { .. })));
}

#[test]
fn the_hash_in_a_ufd_is_compared_with_the_one_taken() {
    let scratch = Scratch::new();
    let device = samples::apps::whatsapp::android_legacy(7);
    let bytes = zip_of(&device, Style::UfedDump, Packing { deflated: true, zip64: false });
    scratch.write("x.ufd", ufd("x.zip", &bytes, &device));
    for (bytes, same) in [(bytes.clone(), true), ([bytes, vec![0]].concat(), false)] {
        let source = Source::at(scratch.write("x.zip", bytes));
        let opened = source.open(&no_keys()).unwrap();
        let mut evidence = Evidence::of(EvidenceId(1), &source, &opened);
        assert_eq!(evidence.is_as_acquired(), None, "not hashed yet");
        evidence.sum = Some(Hashing::start(&source.path).finish().unwrap());
        assert_eq!(evidence.is_as_acquired(), Some(same));
        assert_eq!((evidence.container, evidence.device.platform), ("zip", Some("android")));
        assert!(evidence.device.model.is_some(), "the .ufd names the model");
    }
}
