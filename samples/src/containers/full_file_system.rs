//! Zips of full file systems, the way the makers of extraction tools lay them out
//!.

use sha2::{Digest, Sha256};

use super::layout::{PlacedFile, absolute};
use super::zip::{Member, Zip, civil, extra_field};
use super::{android_backup, tar};
use crate::seed::hex_upper;
use crate::story::{Device, Platform};

/// A maker's layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Paths as they are, without the leading slash.
    Plain,
    /// Leading slash, extra fields, and on Android each app file three times.
    GrayKey,
    /// Cellebrite's open format: `filesystem…/` with its mount point in a msgpack.
    Clbx,
    /// Cellebrite UFED of an Android phone: `Dump/`.
    UfedDump,
    /// Magnet's quick image of an Android phone: a raw tar of the app data, a `.tar.gz` of the card.
    MagnetQuick,
}

impl Style {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Plain, Self::GrayKey, Self::Clbx, Self::UfedDump, Self::MagnetQuick];
}

/// How a zip is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// Deflate members, else store them.
    pub deflated: bool,
    /// Write zip64 fields.
    pub zip64: bool,
}

/// A zip of a device.
#[must_use]
pub fn zip_of(device: &Device, style: Style, packing: Packing) -> Vec<u8> {
    let mut zip = if packing.zip64 { Zip::new_zip64() } else { Zip::new() };
    let files: Vec<PlacedFile> = absolute(device).into_iter().map(on_disk).collect();
    let members = match style {
        Style::Plain => files.iter().map(|f| member(&f.path[1..], f)).collect(),
        Style::GrayKey => graykey(&files, device.platform),
        Style::Clbx => clbx(&files, device.platform),
        Style::UfedDump => files.iter().map(|f| member(&format!("Dump{}", f.path), f)).collect(),
        Style::MagnetQuick => magnet(device),
    };
    for member in members {
        // CLBX stores by specification.
        let deflated = packing.deflated && style != Style::Clbx;
        zip.add(&Member { deflated, ..member });
    }
    zip.finish()
}

/// The `.ufd` beside a UFED zip: its hash, its logical path.
#[must_use]
pub fn ufd(zip_name: &str, zip: &[u8], device: &Device) -> String {
    let logical = if device.platform == Platform::Android { "Dump" } else { "filesystem2" };
    let lines = [
        "[DeviceInfo]".to_owned(),
        format!("Model={}", device.model),
        format!("OS={}", device.os),
        "[Dumps]".to_owned(),
        format!("FileDump={zip_name}"),
        "[FileDump]".to_owned(),
        "Type=ZIPfolder".to_owned(),
        format!("ZIPLogicalPath={logical}"),
        "[General]".to_owned(),
        "AcquisitionTool=synthetic".to_owned(),
        "Date=08/03/2024 08:00:00 (+0)".to_owned(),
        "UfdVer=1.2".to_owned(),
        "[ExtractionStatus]".to_owned(),
        "ExtractionStatus=Success".to_owned(),
        "[SHA256]".to_owned(),
        format!("{zip_name}={}", hex_upper(&Sha256::digest(zip))),
    ];
    lines.join("\r\n") + "\r\n"
}

/// Shared storage is a view; a full file system holds `/data/media`.
fn on_disk(mut file: PlacedFile) -> PlacedFile {
    if let Some(rest) = file.path.strip_prefix("/storage/emulated/") {
        file.path = format!("/data/media/{rest}");
    }
    file
}

fn member(name: &str, file: &PlacedFile) -> Member {
    Member::file(name, file.bytes.clone(), file.mtime)
}

fn graykey(files: &[PlacedFile], platform: Platform) -> Vec<Member> {
    let mut members = Vec::new();
    for (inode, file) in (1000_u64..).zip(files) {
        let mut names = vec![file.path.clone()];
        if let Some(rest) = file.path.strip_prefix("/data/data/") {
            names.push(format!("/data/user/0/{rest}"));
            names.push(format!("/data_mirror/data_ce/null/0/{rest}"));
        }
        for name in names {
            members.push(Member { extra: graykey_extra(file, inode, platform), ..member(&name, file) });
        }
    }
    members
}

/// `UT` with four times (the fourth is birth), `ux`, `IN`, `S2`, `GK`.
fn graykey_extra(file: &PlacedFile, inode: u64, platform: Platform) -> Vec<u8> {
    let mut times = vec![0x0f];
    for back in [0, 0, 60, 3600] {
        times.extend(i32::try_from((file.mtime - back).max(0)).unwrap_or(0).to_le_bytes());
    }
    let mut owner = vec![1, 4];
    owner.extend(501_u32.to_le_bytes());
    owner.push(4);
    owner.extend(501_u32.to_le_bytes());
    let mut node = inode.to_le_bytes().to_vec();
    node.extend(0x0100_0004_u32.to_le_bytes());
    let gk: Vec<u8> = match platform {
        Platform::Ios => [&[1_u8, 1][..], &3_u32.to_le_bytes()].concat(), // protection class 3
        Platform::Android => vec![1, 0],
    };
    [
        extra_field(*b"UT", &times),
        extra_field(*b"ux", &owner),
        extra_field(*b"IN", &node),
        extra_field(*b"S2", &Sha256::digest(&file.bytes)),
        extra_field(*b"GK", &gk),
    ]
    .concat()
}

/// `filesystem2/` mounted at `/private/var` on iOS, `filesystem1/` at `/` on Android.
fn clbx(files: &[PlacedFile], platform: Platform) -> Vec<Member> {
    let (number, mount) = match platform {
        Platform::Ios => (2, "/private/var"),
        Platform::Android => (1, "/"),
    };
    let inside = |path: &str| path.strip_prefix(mount).unwrap_or(path).trim_start_matches('/').to_owned();
    let mut table = Pack::map(files.len());
    for (inode, file) in (1000..).zip(files) {
        table.text(&inside(&file.path));
        table.map_head(6);
        for (key, value) in [
            ("mode", 0o100_644),
            ("uid", 501),
            ("gid", 501),
            ("size", file.bytes.len() as u64),
            ("inode", inode),
            ("mtime", file.mtime.unsigned_abs() * 1_000_000_000),
        ] {
            table.text(key);
            table.number(value);
        }
    }
    let mut place = Pack::map(1);
    place.text("mount_point");
    place.text(mount);
    let side = |name: String, bytes: Vec<u8>| Member::file(name, bytes, 0);
    let mut members = vec![
        side("version".to_owned(), b"CLBX-0.3.0".to_vec()),
        side(format!("metadata{number}/filesystem.msgpack"), place.0),
        side(format!("metadata{number}/metadata.msgpack"), table.0),
    ];
    members.extend(files.iter().map(|f| member(&format!("filesystem{number}/{}", inside(&f.path)), f)));
    members
}

/// As much of msgpack as two tables need: maps, text, unsigned numbers.
struct Pack(Vec<u8>);

impl Pack {
    fn map(entries: usize) -> Self {
        let mut pack = Self(vec![0xdf]);
        pack.0.extend(u32::try_from(entries).expect("few").to_be_bytes());
        pack
    }

    fn map_head(&mut self, entries: u8) {
        self.0.push(0x80 | entries);
    }

    fn text(&mut self, text: &str) {
        self.0.push(0xda);
        self.0.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
        self.0.extend(text.as_bytes());
    }

    fn number(&mut self, value: u64) {
        self.0.push(0xcf);
        self.0.extend(value.to_be_bytes());
    }
}

/// `adb-data.tar` is the tar of an adb backup without header and compression.
fn magnet(device: &Device) -> Vec<Member> {
    let (app, shared): (Vec<_>, Vec<_>) =
        android_backup::tree(device).into_iter().partition(|file| file.path.starts_with("apps/"));
    let card: Vec<PlacedFile> = shared
        .into_iter()
        .map(|file| PlacedFile { path: file.path.trim_start_matches("shared/0/").to_owned(), ..file })
        .collect();
    let (year, month, day) = civil(device.files.first().map_or(0, |file| file.mtime) / 86_400);
    let note = format!("Model: {}\nDate: {year:04}-{month:02}-{day:02}\n", device.model);
    vec![
        Member::file("adb-data.tar", tar::plain(&app), 0),
        Member::file("sdcard.tar.gz", tar::gz(&card), 0),
        Member::file("Live Data/device.txt", note, 0),
    ]
}
