//! Tars: plain, compressed, damaged; and Android backups, which hold one.

use std::io::Write as _;

use super::support::*;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use forensics_core::container::{OpenError, open};
use forensics_core::keys::KeyKind;
use forensics_core::vfs::{EntryKind, VfsError, read_all};

const DB: &str = "data/data/com.x.y/databases/a.db";

/// One header and its content, padded.
pub(crate) fn member(name: &[u8], kind: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    block[154] = 0;
    let mut out = block.to_vec();
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let body: String = records
        .iter()
        .map(|(key, value)| {
            let bare = key.len() + value.len() + 3;
            let len = (1..4).map(|digits| bare + digits).find(|len| len.to_string().len() + bare == *len).unwrap();
            format!("{len} {key}={value}\n")
        })
        .collect();
    member(b"PaxHeader/x", b'x', "", body.as_bytes())
}

pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out: Vec<u8> =
        files.iter().flat_map(|(name, content)| member(name.as_bytes(), b'0', "", content)).collect();
    out.extend([0; 1024]);
    out
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn noise(len: u32) -> Vec<u8> {
    (0..len).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

#[test]
fn a_tar_is_read_by_place_and_a_compressed_one_in_passes() {
    let scratch = Scratch::new();
    let big = noise(100_000);
    let plain = tar(&[(DB, &big), ("data/data/com.x.y/databases/a.db-wal", b"log")]);
    let two_frames =
        [zstd(&plain[..1000]), vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3], zstd(&plain[1000..])].concat();
    for (name, bytes, container) in [
        ("a.tar", plain.clone(), "tar"),
        ("a.tar.gz", gzip(&plain), "tar-compressed"),
        ("a.tar.zst", zstd(&plain), "tar-compressed"),
        ("b.tar.zst", two_frames, "tar-compressed"),
    ] {
        let opened = opened(&scratch.write(name, bytes));
        assert_eq!(opened.container, container, "{name}");
        assert!(opened.mounted.flaws.is_empty(), "{name}: {:?}", opened.mounted.flaws);
        let vfs = &*opened.mounted.vfs;
        let ids: Vec<_> = vfs.entries().iter().map(|e| e.id).collect();
        assert_eq!(vfs.open_at(ids[0]).is_some(), container == "tar");
        assert_eq!(read_all(vfs, ids[1], 100).unwrap().bytes, b"log", "{name}: not preloaded");
        vfs.preload(&[ids[1], ids[0]]).unwrap();
        assert!(vfs.open_at(ids[0]).is_some());
        assert_eq!(contents(&opened)[&format!("/{DB}")], big, "{name}");
    }
}

#[test]
fn more_than_fits_in_memory_is_kept_in_an_unnamed_file() {
    let scratch = Scratch::new();
    let big = vec![1; 80 << 20];
    let opened = opened(&scratch.write("a.tar.gz", gzip(&tar(&[(DB, &big), ("data/data/com.x.y/files/b", b"b")]))));
    let vfs = &*opened.mounted.vfs;
    let ids: Vec<_> = vfs.entries().iter().map(|e| e.id).collect();
    vfs.preload(&ids).unwrap();
    assert_eq!(vfs.open_at(ids[0]).unwrap().unwrap().len(), 80 << 20);
    assert!(read_all(vfs, ids[0], 1 << 30).unwrap().bytes == big);
    assert_eq!(listing(scratch.path()).len(), 1, "nothing appears beside the evidence");
}

#[test]
fn long_names_links_and_odd_types_are_understood() {
    let scratch = Scratch::new();
    let long = format!("data/data/com.x.y/files/{}end.db", "long/".repeat(50));
    let bytes = [
        pax(&[("path", &long), ("mtime", "-1.5")]),
        member(b"short", b'0', "", b"pax name"),
        member(b"././@LongLink", b'L', "", format!("{long}2\0").as_bytes()),
        member(b"short", b'0', "", b"gnu name"),
        member(DB.as_bytes(), b'0', "", b"content"),
        member(b"data/user/0/com.x.y/databases/a.db", b'1', DB, b""),
        member(b"data/out", b'2', "/etc", b""),
        member(b"data/data/com.x.y/files/null", b'3', "", b""),
        member(b"data/data/com.x.y/files/", b'5', "", b""),
        member(b"nowhere", b'1', "not there", b""),
        vec![0; 1024],
    ]
    .concat();
    let opened = opened(&scratch.write("a.tar", bytes));
    assert_eq!(codes(&opened), ["tar-link"]);
    let found = contents(&opened);
    assert_eq!(found[&format!("/{long}")], b"pax name");
    assert_eq!(found[&format!("/{long}2")], b"gnu name");
    assert_eq!(found[&format!("/{DB}")], b"content");
    assert_eq!(found.len(), 3, "the hard link is the same file through another mount");
    assert!(opened.mounted.vfs.entries().iter().any(|e| e.kind == EntryKind::Symlink(b"/etc".to_vec().into())));
}

#[test]
fn a_name_that_occurs_twice_stays_twice() {
    let scratch = Scratch::new();
    let opened = opened(&scratch.write("a.tar", tar(&[(DB, b"old"), (&format!("./{DB}"), b"new!"), (DB, b"newest")])));
    assert_eq!(opened.mounted.vfs.entries().iter().filter(|e| e.alias_of.is_none()).count(), 3);
}

#[test]
fn a_damaged_header_costs_its_own_file_only() {
    let scratch = Scratch::new();
    let names: Vec<String> = (0..5).map(|i| format!("data/data/com.x.y/databases/{i}.db")).collect();
    let mut bytes = tar(&names.iter().map(|n| (n.as_str(), b"content".as_slice())).collect::<Vec<_>>());
    bytes[2 * 1024] ^= 0xff;
    for (name, bytes) in [("a.tar", bytes.clone()), ("a.tar.gz", gzip(&bytes))] {
        let opened = opened(&scratch.write(name, bytes));
        assert_eq!(codes(&opened), ["tar-gap"]);
        assert!(
            opened.mounted.flaws[0].detail.contains("from byte 2048 to byte 3072"),
            "{}",
            opened.mounted.flaws[0].detail
        );
        assert_eq!(contents(&opened).len(), 4);
    }
}

#[test]
fn a_hole_of_zeros_does_not_end_the_archive() {
    let scratch = Scratch::new();
    let names: Vec<String> = (0..5).map(|i| format!("data/data/com.x.y/databases/{i}.db")).collect();
    let mut bytes = tar(&names.iter().map(|n| (n.as_str(), b"content".as_slice())).collect::<Vec<_>>());
    bytes[1024..3072].fill(0);
    let opened = opened(&scratch.write("a.tar", bytes));
    assert_eq!(codes(&opened), ["tar-gap"]);
    assert_eq!(contents(&opened).len(), 3);
}

#[test]
fn a_cut_tar_gives_what_lies_before_the_cut() {
    let scratch = Scratch::new();
    let big = noise(10_000);
    let whole = tar(&[(DB, &big), ("data/data/com.x.y/databases/b.db", &big)]);
    let cut = &whole[..whole.len() - 20_000];
    let broken_gzip = {
        let bytes = gzip(&whole);
        bytes[..bytes.len() - 10_000].to_vec()
    };
    for (name, bytes, code) in [
        ("a.tar", cut.to_vec(), "tar-truncated"),
        ("a.tar.gz", gzip(cut), "tar-truncated"),
        ("b.tar.gz", broken_gzip, "stream-broken"),
    ] {
        let opened = opened(&scratch.write(name, bytes));
        assert_eq!(codes(&opened), [code], "{name}");
        assert!(opened.mounted.flaws[0].lost);
        let vfs = &*opened.mounted.vfs;
        let ids: Vec<_> = vfs.entries().iter().map(|e| e.id).collect();
        for preloaded in [false, true] {
            if preloaded {
                vfs.preload(&ids).unwrap();
            }
            assert_eq!(read_all(vfs, ids[0], 1 << 30).unwrap().bytes, big, "{name}");
            let second = read_all(vfs, ids[1], 1 << 30).unwrap();
            assert!(!second.bytes.is_empty() && big.starts_with(&second.bytes) && second.trouble.is_some(), "{name}");
        }
    }
}

#[test]
fn no_damage_of_a_tar_makes_the_reader_panic() {
    let scratch = Scratch::new();
    let whole = [pax(&[("path", DB), ("size", "5")]), tar(&[("x", b"12345"), ("y", b"2")])].concat();
    for at in (0..whole.len()).step_by(3) {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let _ = open(&scratch.write("a.tar", bytes), &no_keys()).map(|o| contents(&o));
        }
        let _ = open(&scratch.write("a.tar", &whole[..at]), &no_keys()).map(|o| contents(&o));
    }
}

/// How Java wrote the bytes of the master key before they were summed.
fn java(bytes: &[u8]) -> Vec<u8> {
    let text: String = bytes
        .iter()
        .map(|b| char::from_u32(if *b < 0x80 { (*b).into() } else { 0xff00 + u32::from(*b) }).unwrap())
        .collect();
    text.into_bytes()
}

fn aes(key: &[u8; 32], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    let pad = 16 - plain.len() % 16;
    bytes.resize(plain.len() + pad, u8::try_from(pad).unwrap());
    let (blocks, _) = aes::cipher::Array::slice_as_chunks_mut(&mut bytes);
    cbc::Encryptor::<aes::Aes256>::new(key.into(), iv.into()).encrypt_blocks(blocks);
    bytes
}

/// An Android backup of a tar. `as_java` says how the key was summed; `password` is given as the bytes used.
fn android_backup(version: u32, compressed: bool, password: Option<&[u8]>, as_java: bool, tar: &[u8]) -> Vec<u8> {
    let mut payload = if compressed { zlib(tar) } else { tar.to_vec() };
    let mut header = format!("ANDROID BACKUP\n{version}\n{}\n", u8::from(compressed));
    let Some(password) = password else {
        return [header.into_bytes(), b"none\n".to_vec(), payload].concat();
    };
    let hex = |b: &[u8]| forensics_core::value::hex(b).to_uppercase();
    let derive = |p: &[u8], salt: &[u8]| pbkdf2::pbkdf2_array::<hmac::Hmac<sha1::Sha1>, 32>(p, salt, 100).unwrap();
    let (user_salt, checksum_salt, user_iv, iv) = ([1; 64], [2; 64], [3; 16], [4; 16]);
    let mut key = [0x91_u8; 32];
    key[0] = 0x41;
    let encoded = if as_java { java(&key) } else { key.to_vec() };
    let blob = [&[16], iv.as_slice(), &[32], &key, &[32], &derive(&encoded, &checksum_salt)].concat();
    let blob = aes(&derive(password, &user_salt), &user_iv, &blob);
    header +=
        &format!("AES-256\n{}\n{}\n100\n{}\n{}\n", hex(&user_salt), hex(&checksum_salt), hex(&user_iv), hex(&blob));
    payload = aes(&key, &iv, &payload);
    [header.into_bytes(), payload].concat()
}

fn backup_tar(big: &[u8]) -> Vec<u8> {
    tar(&[
        ("apps/com.x.y/_manifest", b"1\ncom.x.y\n7\n33\n\n0\n0\n"),
        ("apps/com.x.y/db/a.db", big),
        ("apps/com.x.y/sp/prefs.xml", b"<map/>"),
        ("shared/0/DCIM/a.jpg", b"jpg"),
    ])
}

#[test]
fn android_backups_of_every_version_open() {
    let scratch = Scratch::new();
    let big = noise(150_000);
    let low = b"\xe5bc".as_slice();
    for version in [1, 2, 5] {
        for compressed in [false, true] {
            for (typed, used) in [
                (None, None),
                (Some("123456"), Some(b"123456".as_slice())),
                (Some("åbc"), Some(if version == 1 { low } else { "åbc".as_bytes() })),
            ] {
                let bytes = android_backup(version, compressed, used, version > 1, &backup_tar(&big));
                let path = scratch.write("a.ab", bytes);
                let ring = typed.map_or_else(no_keys, |p| keys(KeyKind::ANDROID_BACKUP, &["wrong", p]));
                let opened = open(&path, &ring).unwrap();
                assert_eq!(opened.container, "android-backup");
                assert!(opened.mounted.flaws.is_empty(), "{:?}", opened.mounted.flaws);
                assert_eq!(opened.mounted.device.os.as_deref(), Some("Android, SDK level 33"));
                let vfs = &*opened.mounted.vfs;
                vfs.preload(&[vfs.entries()[1].id]).unwrap();
                let found = contents(&opened);
                assert!(found["/data/data/com.x.y/databases/a.db"] == big, "{version} {compressed} {typed:?}");
                assert_eq!(found["/data/data/com.x.y/shared_prefs/prefs.xml"], b"<map/>");
                assert_eq!(found["/storage/emulated/0/DCIM/a.jpg"], b"jpg");
            }
        }
    }
}

#[test]
fn the_other_encoding_of_the_checksum_is_accepted_too() {
    let scratch = Scratch::new();
    for (version, as_java) in [(1, true), (3, false)] {
        let path = scratch.write("a.ab", android_backup(version, true, Some(b"1"), as_java, &backup_tar(b"x")));
        assert_eq!(contents(&open(&path, &keys(KeyKind::ANDROID_BACKUP, &["1"])).unwrap()).len(), 4);
    }
}

#[test]
fn an_encrypted_android_backup_asks_for_its_password() {
    let scratch = Scratch::new();
    let path = scratch.write("a.ab", android_backup(5, true, Some(b"right"), true, &backup_tar(b"x")));
    let source = |ring| match open(&path, &ring) {
        Err(OpenError::Mount { source, .. }) => source,
        _ => panic!("opened without its password"),
    };
    assert!(matches!(source(no_keys()), VfsError::NeedsKey { kind: "android-backup", .. }));
    // Some of many wrong passwords give valid padding; the checksum decides.
    let many: Vec<String> = (0..600).map(|i| i.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(source(keys(KeyKind::ANDROID_BACKUP, &many)), VfsError::WrongKey { tried: 600, .. }));
}

#[test]
fn a_xiaomi_backup_is_an_android_backup_behind_more_lines() {
    let scratch = Scratch::new();
    for lines in ["MIUI BACKUP\n2\ncom.x.y Chat\n-1\n0\n", "MIUI BACKUP\n2\ncom.x.y Chat\n-1\n0\n1\n2\n"] {
        let bytes = [lines.as_bytes().to_vec(), android_backup(5, false, None, true, &backup_tar(b"x"))].concat();
        scratch.write("Chat(com.x.y).bak", bytes);
        let opened = opened(&scratch.path().join("Chat(com.x.y).bak"));
        assert_eq!(opened.container, "android-backup");
        assert_eq!(contents(&opened)["/data/data/com.x.y/databases/a.db"], b"x");
    }
    scratch.write(
        "Other(com.x.z).bak",
        b"MIUI BACKUP\n2\ncom.x.z Other\n-1\n0\nANDROID BACKUP\n5\n0\nnone\n"
            .iter()
            .copied()
            .chain(tar(&[("apps/com.x.z/db/b.db", b"z")]))
            .collect::<Vec<u8>>(),
    );
    let both = opened(scratch.path());
    assert_eq!(both.within.len(), 2, "the folder with one file per app is one phone");
    assert_eq!(contents(&both)["/data/data/com.x.z/databases/b.db"], b"z");
}

#[test]
fn a_cut_android_backup_gives_what_came_before() {
    let scratch = Scratch::new();
    let big = noise(100_000);
    for (compressed, password) in
        [(true, None), (true, Some(b"1".as_slice())), (false, Some(b"1".as_slice())), (false, None)]
    {
        let whole = android_backup(
            5,
            compressed,
            password,
            true,
            &tar(&[("apps/com.x.y/db/a.db", &big), ("apps/com.x.y/db/b.db", &big)]),
        );
        let path = scratch.write("a.ab", &whole[..whole.len() * 3 / 4]);
        let opened = open(&path, &keys(KeyKind::ANDROID_BACKUP, &["1"])).unwrap();
        assert!(opened.mounted.flaws.iter().any(|f| f.lost), "{:?}", opened.mounted.flaws);
        let vfs = &*opened.mounted.vfs;
        assert!(read_all(vfs, vfs.entries()[0].id, 1 << 30).unwrap().bytes == big);
        let second = read_all(vfs, vfs.entries()[1].id, 1 << 30).unwrap();
        assert!(big.starts_with(&second.bytes) && second.bytes.len() > 100_000 && second.trouble.is_some());
    }
}

#[test]
fn a_header_without_a_payload_opens_empty_and_says_so() {
    let scratch = Scratch::new();
    let opened = opened(&scratch.write("a.ab", b"ANDROID BACKUP\n5\n0\nnone\n"));
    assert!(opened.mounted.vfs.entries().is_empty());
    assert_eq!(codes(&opened), ["tar-truncated"]);
}

#[test]
fn nothing_odd_in_the_header_makes_the_reader_panic() {
    let scratch = Scratch::new();
    let whole = android_backup(5, false, Some(b"1"), true, &tar(&[("apps/com.x.y/db/a.db", b"x")]));
    for at in 0..600 {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x11;
        let _ = open(&scratch.write("a.ab", bytes), &keys(KeyKind::ANDROID_BACKUP, &["1"])).map(|o| contents(&o));
        let _ =
            open(&scratch.write("a.ab", &whole[..at]), &keys(KeyKind::ANDROID_BACKUP, &["1"])).map(|o| contents(&o));
    }
    let absurd = "ANDROID BACKUP\n5\n1\nAES-256\n00\n00\n4000000000\n00\n00\n";
    let path = scratch.write("a.ab", absurd);
    assert!(matches!(
        open(&path, &keys(KeyKind::ANDROID_BACKUP, &["1"])),
        Err(OpenError::Mount { source: VfsError::Limit { unit: "rounds", .. }, .. })
    ));
}

#[test]
fn archives_inside_an_acquisition_are_opened_with_it() {
    let scratch = Scratch::new();
    let quick_image = super::zips::zip(&[
        ("adb-data.tar", &backup_tar(b"x")),
        ("sdcard.tar.gz", &gzip(&tar(&[("sdcard/Android/media/com.x.y/m.db", b"m")]))),
        ("Live Data/dumpsys.txt", b"text"),
    ]);
    let quick = opened(&scratch.write("quick.zip", quick_image));
    assert_eq!(quick.within.len(), 2, "{:?}", quick.within);
    let found = contents(&quick);
    assert_eq!(found["/data/data/com.x.y/databases/a.db"], b"x");
    assert_eq!(found["/storage/emulated/0/Android/media/com.x.y/m.db"], b"m");
    let qf = Scratch::new();
    qf.write("acquisition.json", "{}");
    qf.write("getprop.txt", "[ro.product.model]: [SM-X0000]\n[ro.build.version.release]: [14]\n");
    qf.write("backup.ab", android_backup(5, true, None, true, &backup_tar(b"x")));
    let folder = opened(qf.path());
    assert_eq!((folder.container, folder.within.len()), ("folder", 1));
    assert_eq!(contents(&folder)["/data/data/com.x.y/databases/a.db"], b"x");
    assert_eq!(folder.mounted.device.platform, Some("android"));
    assert_eq!(folder.mounted.device.model.as_deref(), Some("SM-X0000"));
}
