//! Evidence that is broken, or was made to break readers. A reader must survive each of these and say what it lost.

use crate::Seed;
use crate::containers::layout::{PlacedFile, absolute};
use crate::containers::tar::{Kind, Tar};
use crate::containers::zip::{Member, Zip};
use crate::sqlite::{Book, page_size, row};
use crate::story::Device;

/// The first `keep` bytes.
#[must_use]
pub fn truncated(bytes: &[u8], keep: usize) -> Vec<u8> {
    bytes[..keep.min(bytes.len())].to_vec()
}

/// So many bytes changed, at places that follow from the seed; the first `spare` bytes are left alone.
#[must_use]
pub fn flipped(bytes: &[u8], count: usize, spare: usize, seed: u64) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut seed = Seed::new(seed, "flip");
    let (low, high) = (spare as i64, out.len() as i64);
    for _ in 0..count {
        let at = usize::try_from(seed.between(low, high)).expect("inside");
        out[at] ^= 1 << seed.between(0, 8);
    }
    out
}

/// A database whose page `number` (from 1) is all zero.
#[must_use]
pub fn without_page(database: &[u8], number: usize) -> Vec<u8> {
    let size = page_size(database);
    let mut out = database.to_vec();
    out[(number - 1) * size..number * size].fill(0);
    out
}

/// A log whose frame `number` (from 0) has a wrong checksum: it and all later ones do not count.
#[must_use]
pub fn with_bad_frame(log: &[u8], page_size: usize, number: usize) -> Vec<u8> {
    let mut out = log.to_vec();
    out[32 + number * (24 + page_size) + 16] ^= 0xff;
    out
}

/// A database in which `message` is a view with an endless query behind it: only real tables may
/// be read.
#[must_use]
pub fn view_posing_as_table() -> Vec<u8> {
    let book = Book::new(
        "CREATE TABLE jid(_id INTEGER PRIMARY KEY, raw_string TEXT);
         CREATE VIEW message AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)
         SELECT i AS _id, 1 AS from_me, 13 AS status FROM n",
    );
    row!(book, "jid", raw_string: "15550001001@s.whatsapp.net");
    book.bytes()
}

/// A zip with every trap in its names: traversal, absolute paths, a link out of the tree, the same
/// name twice with different content, backslashes, control characters, bytes that are no UTF-8.
#[must_use]
pub fn zip_with_traps(device: &Device) -> Vec<u8> {
    let mut zip = Zip::new();
    for file in absolute(device) {
        zip.add(&Member::file(file.path.trim_start_matches('/'), file.bytes, file.mtime));
    }
    for name in ["../../../../tmp/traversal", "/etc/absolute", "data/data/../../../up", "C:\\windows\\path", "a\\b\\c"]
    {
        zip.add(&Member::file(name, *b"trap", 0));
    }
    zip.add(&Member::symlink("data/data/link-out", "../../../../etc/passwd"));
    zip.add(&Member::symlink("data/data/loop", "loop"));
    for content in ["first", "second"] {
        zip.add(&Member::file("data/data/twice", content, 0));
    }
    zip.add(&Member::file(b"data/data/bell\x07".to_vec(), *b"trap", 0));
    zip.add(&Member::file(b"data/data/\xff\xfe".to_vec(), *b"trap", 0));
    zip.finish()
}

/// A zip in which `entries` names share one deflated megabyte of zeros.
#[must_use]
pub fn zip_overlapping(entries: usize) -> Vec<u8> {
    let mut zip = Zip::new();
    let member = |name: String| Member::file(name, vec![0; 1 << 20], 0).deflated();
    zip.add(&member("data/data/one".to_owned()));
    for number in 0..entries {
        zip.list_at(&member(format!("data/data/{number}")), 0);
    }
    zip.finish()
}

/// A tar with every trap: three spellings of a name, links out of the tree, a device, a
/// fractional and a negative time, a long name, and one header with a wrong checksum in the middle.
#[must_use]
pub fn tar_with_traps(files: &[PlacedFile]) -> Vec<u8> {
    let mut tar = Tar::new();
    for spelling in ["data/data/twice", "./data/data/twice", "/data/data/twice"] {
        tar.file(spelling, spelling.as_bytes(), 0);
    }
    tar.entry("data/data/link-out", &Kind::Symlink("../../../../etc/passwd".to_owned()), &[], 0, &[]);
    tar.entry("data/data/hard", &Kind::Hardlink("data/data/twice".to_owned()), &[], 0, &[]);
    tar.entry("data/data/null", &Kind::Device, &[], 0, &[]);
    tar.file("../../../../tmp/traversal", b"trap", 0);
    tar.entry("data/data/fraction", &Kind::File, b"x", 1, &[("mtime", "1709280000.123456789")]);
    tar.entry("data/data/before", &Kind::File, b"x", 0, &[("mtime", "-1.5")]);
    let long = format!("data/data/{}/end", "long-name/".repeat(20));
    tar.file(&long, b"x", 0);
    let broken = tar.len();
    tar.file("data/data/broken-header", b"lost", 0);
    for file in files {
        tar.file(&file.path, &file.bytes, file.mtime);
    }
    let mut out = tar.finish();
    out[broken + 148] ^= 1;
    out
}

/// A binary property list of under 200 bytes that unfolds to 8^`levels` leaves: each array holds
/// the next one eight times.
///
/// # Panics
/// For more than 15 levels, which would not fit one-byte offsets.
#[must_use]
pub fn plist_bomb(levels: u8) -> Vec<u8> {
    assert!(levels <= 15, "the offsets have one byte");
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for level in 0..levels {
        offsets.push(out.len() as u8);
        out.push(0xa8);
        out.extend([level + 1; 8]);
    }
    offsets.push(out.len() as u8);
    out.push(0x09); // true
    let table = out.len() as u64;
    out.extend(&offsets);
    out.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    for number in [offsets.len() as u64, 0, table] {
        out.extend(number.to_be_bytes());
    }
    out
}

/// A binary property list whose only array holds itself.
#[must_use]
pub fn plist_loop() -> Vec<u8> {
    let mut out = b"bplist00\xa1\x00\x08".to_vec();
    out.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    for number in [1_u64, 0, 10] {
        out.extend(number.to_be_bytes());
    }
    out
}

/// An XML property list of so many nested arrays; 300,000 overflow a recursive reader's stack.
#[must_use]
pub fn deep_xml_plist(depth: usize) -> Vec<u8> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">");
    xml += &"<array>".repeat(depth);
    xml += &"</array>".repeat(depth);
    xml += "</plist>\n";
    xml.into_bytes()
}

/// An XML property list whose entities multiply ("billion laughs").
#[must_use]
pub fn entity_bomb() -> Vec<u8> {
    let mut xml = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE plist [<!ENTITY a0 \"ha\">");
    for level in 1..10 {
        let before = format!("&a{};", level - 1).repeat(10);
        xml += &format!("<!ENTITY a{level} \"{before}\">");
    }
    xml += "]>\n<plist version=\"1.0\"><string>&a9;</string></plist>\n";
    xml.into_bytes()
}

/// A gzip of 64 MiB of zeros, about 64 KiB long.
#[must_use]
pub fn gzip_bomb() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 1 << 20]).expect("writing to memory");
    }
    encoder.finish().expect("writing to memory")
}
