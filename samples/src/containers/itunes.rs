//! iTunes/Finder backups and their odd forms.

use std::collections::BTreeSet;

use plist::{Date, Value};
use std::time::{Duration, UNIX_EPOCH};

use super::keybag::{Keybag, seal, with_absurd_rounds};
use super::layout::{PlacedFile, uuid};
use crate::crypto::sha1_hex;
use crate::keyed_archive::{KeyedArchive, binary, dict, xml};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Device, DeviceFile, DevicePlace};

const SCHEMA: &str =
    "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
CREATE INDEX FilesDomainIdx ON Files(domain);
CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
CREATE INDEX FilesFlagsIdx ON Files(flags);
CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
PRAGMA user_version=2";

/// The protection class all files get: complete until first user authentication.
const CLASS: u32 = 3;

/// Which generation of backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// iOS 10.2 and later: `Manifest.db`, itself encrypted in an encrypted backup.
    Modern,
    /// iOS 10.0 and 10.1: `Manifest.db` plain, blobs encrypted, no SHA-256 rounds.
    Ios101,
    /// iOS 5 to 9: `Manifest.mbdb`, blobs flat in the folder.
    Mbdb,
}

/// One odd thing about a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Everything decrypted by another tool, with `IsEncrypted` and the keys left standing.
    DecryptedCopy,
    /// The backup lies in a `Snapshot/` folder and was not finished.
    Snapshot,
    /// `MBFile.Size` of each SQLite file is 4096 too big or too small, by turns.
    WrongSize,
    /// The blob of the last file is not there.
    MissingBlob,
    /// `Manifest.db` was encrypted again without padding.
    UnpaddedManifest,
    /// A row with flags 16 and nothing else.
    Flags16,
    /// A row whose `relativePath` was changed: its `fileID` no longer fits.
    AlteredPath,
    /// An empty file with an empty blob.
    EmptyBlob,
    /// The bag asks for 4,294,967,295 rounds.
    AbsurdRounds,
}

/// What backup to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form<'a> {
    /// Encrypted under this password.
    pub password: Option<&'a str>,
    /// SHA-256 rounds: 1000 for tests, 10,000,000 on real phones.
    pub dpic: u32,
    /// Which generation.
    pub generation: Generation,
    /// Odd things.
    pub quirks: &'a [Quirk],
}

impl Form<'_> {
    /// A modern backup without password.
    pub const PLAIN: Form<'static> = Form { password: None, dpic: 1000, generation: Generation::Modern, quirks: &[] };

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

/// The identifier of a sample device.
#[must_use]
pub fn udid(device: &Device) -> String {
    let hex = uuid(&device.name).replace('-', "");
    format!("00008030-{}", &hex[..16])
}

/// A backup's files under relative paths, without the device's own folder.
///
/// # Panics
/// When the device is no iPhone.
#[must_use]
pub fn backup(device: &Device, form: &Form<'_>, seed: u64) -> Vec<PlacedFile> {
    let mut writer = Writer {
        form,
        bag: form.password.map(|password| {
            let dpic = (form.generation == Generation::Modern).then_some(form.dpic);
            Keybag::new(password, dpic, seed)
        }),
        manifest: Manifest::new(form.generation),
        files: Vec::new(),
        mtime: device.files.first().map_or(0, |file| file.mtime),
    };
    writer.folders(device);
    for (at, file) in device.files.iter().enumerate() {
        let missing = form.has(Quirk::MissingBlob) && at + 1 == device.files.len();
        writer.file(file, at, missing);
    }
    if form.has(Quirk::EmptyBlob) {
        let empty = DeviceFile::ios("HomeDomain", "Library/empty.sqlite", Vec::new(), writer.mtime);
        writer.file(&empty, 0, false);
    }
    writer.finish(device)
}

struct Writer<'a> {
    form: &'a Form<'a>,
    bag: Option<Keybag>,
    manifest: Manifest,
    files: Vec<PlacedFile>,
    mtime: i64,
}

enum Manifest {
    Table(Book),
    Records(Vec<u8>),
}

/// A file or folder as the manifest describes it.
struct Described<'a> {
    domain: &'a str,
    path: &'a str,
    mode: u16,
    size: u64,
    mtime: i64,
    key: Option<Vec<u8>>,
}

impl Manifest {
    fn new(generation: Generation) -> Self {
        match generation {
            Generation::Mbdb => Self::Records(b"mbdb\x05\0".to_vec()),
            _ => Self::Table(Book::new(SCHEMA)),
        }
    }

    fn add(&mut self, entry: &Described<'_>) {
        match self {
            Self::Table(book) => {
                let flags = if entry.mode & 0x4000 != 0 { 2 } else { 1 };
                row!(book, "Files", fileID: file_id(entry.domain, entry.path), domain: entry.domain,
                    relativePath: entry.path, flags: flags, file: mb_file(entry));
            }
            Self::Records(out) => mbdb_record(out, entry),
        }
    }
}

impl Writer<'_> {
    /// The folders of all files, and the root of each domain.
    fn folders(&mut self, device: &Device) {
        let mut folders = BTreeSet::new();
        for file in &device.files {
            let (domain, path) = domain_and_path(file);
            let mut at = 0;
            folders.insert((domain, ""));
            while let Some(slash) = path[at..].find('/') {
                folders.insert((domain, &path[..at + slash]));
                at += slash + 1;
            }
        }
        let mtime = self.mtime;
        for (domain, path) in folders {
            self.manifest.add(&Described { domain, path, mode: 0o040_755, size: 0, mtime, key: None });
        }
    }

    fn file(&mut self, file: &DeviceFile, at: usize, missing: bool) {
        let (domain, path) = domain_and_path(file);
        let keys = self.bag.as_mut().map(|bag| bag.file_key(CLASS));
        let decrypted = self.form.has(Quirk::DecryptedCopy);
        let empty = file.bytes.is_empty() && self.form.has(Quirk::EmptyBlob);
        let blob = match &keys {
            Some((_, key)) if !decrypted && !empty => seal(key, &file.bytes),
            _ => file.bytes.clone(),
        };
        let mut size = file.bytes.len() as u64;
        if self.form.has(Quirk::WrongSize) && file.bytes.starts_with(b"SQLite format 3\0") {
            size = if at.is_multiple_of(2) { size + 4096 } else { size - 4096 };
        }
        let key = keys.map(|(stored, _)| stored);
        let entry = Described { domain, path, mode: 0o100_644, size, mtime: file.mtime, key };
        self.manifest.add(&entry);
        if !missing {
            let id = file_id(domain, path);
            let name = match self.form.generation {
                Generation::Mbdb => id,
                _ => format!("{}/{id}", &id[..2]),
            };
            self.files.push(PlacedFile { path: name, bytes: blob, mtime: file.mtime });
        }
    }

    fn finish(mut self, device: &Device) -> Vec<PlacedFile> {
        let mut manifest_key = None;
        let (name, bytes) = match self.manifest {
            Manifest::Records(bytes) => ("Manifest.mbdb", bytes),
            Manifest::Table(book) => {
                odd_rows(&book, self.form);
                let plain = wal_mode(book.bytes());
                let sealed = self.bag.as_mut().filter(|_| self.form.generation == Generation::Modern);
                let bytes = match sealed {
                    None => plain,
                    Some(bag) => {
                        let (stored, key) = bag.file_key(4);
                        manifest_key = Some(stored);
                        match (self.form.has(Quirk::DecryptedCopy), self.form.has(Quirk::UnpaddedManifest)) {
                            (true, _) => plain,
                            (_, true) => crate::crypto::cbc(&key, &[0; 16], &plain),
                            _ => seal(&key, &plain),
                        }
                    }
                };
                ("Manifest.db", bytes)
            }
        };
        let mut add = |name: &str, bytes: Vec<u8>| {
            self.files.push(PlacedFile { path: name.to_owned(), bytes, mtime: self.mtime });
        };
        add(name, bytes);
        add("Manifest.plist", manifest_plist(device, self.form, self.bag.as_ref(), manifest_key, self.mtime));
        add("Info.plist", info_plist(device, self.form, self.mtime));
        add("Status.plist", status_plist(device, self.form, self.mtime));
        if self.form.has(Quirk::Snapshot) {
            for file in &mut self.files {
                file.path = format!("Snapshot/{}", file.path);
            }
        }
        self.files
    }
}

fn odd_rows(book: &Book, form: &Form<'_>) {
    if form.has(Quirk::Flags16) {
        row!(book, "Files", fileID: "00".repeat(20), flags: 16);
    }
    if form.has(Quirk::AlteredPath) {
        book.run(
            "UPDATE Files SET relativePath=relativePath || '.changed' WHERE fileID=(SELECT fileID FROM Files \
             WHERE flags=1 ORDER BY fileID LIMIT 1)",
        );
    }
}

fn domain_and_path(file: &DeviceFile) -> (&str, &str) {
    match &file.place {
        DevicePlace::Ios { domain, path } => (domain, path),
        DevicePlace::Android(path) => panic!("no iPhone holds {path}"),
    }
}

/// SHA-1 of `domain-path`.
#[must_use]
pub fn file_id(domain: &str, path: &str) -> String {
    sha1_hex(format!("{domain}-{path}").as_bytes())
}

/// The `MBFile` archive of a manifest row.
fn mb_file(entry: &Described<'_>) -> Vec<u8> {
    let mut archive = KeyedArchive::new();
    let root = archive.reserve();
    let number = |n: u64| Value::Integer(n.into());
    let time = number(entry.mtime.unsigned_abs());
    let path = archive.add(Value::String(entry.path.to_owned()));
    let class = archive.class("MBFile", &["NSObject"]);
    let is_file = entry.mode & 0x4000 == 0;
    let mut file = dict([
        ("RelativePath", path),
        ("Size", number(entry.size)),
        ("Mode", number(u64::from(entry.mode))),
        ("LastModified", time.clone()),
        ("LastStatusChange", time.clone()),
        ("Birth", time),
        ("InodeNumber", number(1000)),
        ("UserID", number(501)),
        ("GroupID", number(501)),
        ("Flags", number(0)),
        ("ProtectionClass", number(if is_file { u64::from(CLASS) } else { 0 })),
        ("$class", class),
    ]);
    if let Some(key) = &entry.key {
        let class = archive.class("NSMutableData", &["NSData", "NSObject"]);
        let data = archive.add(Value::Dictionary(dict([("NS.data", Value::Data(key.clone())), ("$class", class)])));
        file.insert("EncryptionKey".to_owned(), data);
    }
    archive.set(&root, Value::Dictionary(file));
    archive.finish(root)
}

/// One record of `Manifest.mbdb`; all numbers big endian.
fn mbdb_record(out: &mut Vec<u8>, entry: &Described<'_>) {
    let text = |out: &mut Vec<u8>, value: Option<&[u8]>| match value {
        None => out.extend([0xff, 0xff]),
        Some(bytes) => {
            out.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
            out.extend(bytes);
        }
    };
    text(out, Some(entry.domain.as_bytes()));
    text(out, Some(entry.path.as_bytes()));
    text(out, None); // link target
    text(out, None); // digest
    text(out, entry.key.as_deref());
    out.extend(entry.mode.to_be_bytes());
    out.extend(1000_u64.to_be_bytes());
    out.extend(501_u32.to_be_bytes());
    out.extend(501_u32.to_be_bytes());
    for _ in 0..3 {
        out.extend(i32::try_from(entry.mtime).unwrap_or(0).to_be_bytes());
    }
    out.extend(entry.size.to_be_bytes());
    out.extend([if entry.mode & 0x4000 == 0 { CLASS as u8 } else { 0 }, 0]);
}

fn date(seconds: i64) -> Value {
    Value::Date(Date::from(UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())))
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn manifest_plist(
    device: &Device,
    form: &Form<'_>,
    bag: Option<&Keybag>,
    manifest_key: Option<Vec<u8>>,
    at: i64,
) -> Vec<u8> {
    let lockdown = dict([
        ("DeviceName", text("Ada's iPhone")),
        ("ProductType", text(&device.model)),
        ("ProductVersion", text(product_version(device, form))),
        ("UniqueDeviceID", text(&udid(device))),
        ("SerialNumber", text("SYNTHETIC001")),
    ]);
    let mut plist = dict([
        ("Version", text("10.0")),
        ("SystemDomainsVersion", text("24.0")),
        ("Date", date(at)),
        ("IsEncrypted", Value::Boolean(form.password.is_some())),
        ("WasPasscodeSet", Value::Boolean(true)),
        ("Lockdown", Value::Dictionary(lockdown)),
        ("Applications", Value::Dictionary(plist::Dictionary::new())),
    ]);
    if let Some(bag) = bag {
        let bytes = match form.has(Quirk::AbsurdRounds) {
            true => with_absurd_rounds(&bag.bytes),
            false => bag.bytes.clone(),
        };
        plist.insert("BackupKeyBag".to_owned(), Value::Data(bytes));
    }
    if let Some(key) = manifest_key {
        plist.insert("ManifestKey".to_owned(), Value::Data(key));
    }
    binary(&Value::Dictionary(plist))
}

/// The system that wrote such a backup: readers decide by it, some of them wrongly.
fn product_version<'a>(device: &'a Device, form: &Form<'_>) -> &'a str {
    match form.generation {
        Generation::Modern => &device.os,
        Generation::Ios101 => "10.1.1",
        Generation::Mbdb => "9.3.5",
    }
}

fn info_plist(device: &Device, form: &Form<'_>, at: i64) -> Vec<u8> {
    let apps = ["net.whatsapp.WhatsApp", "com.tencent.xin"].map(text).to_vec();
    xml(&Value::Dictionary(dict([
        ("Build Version", text("21C62")),
        ("Device Name", text("Ada's iPhone")),
        ("Display Name", text("Ada's iPhone")),
        ("IMEI", text("358240051111110")),
        ("Installed Applications", Value::Array(apps)),
        ("Last Backup Date", date(at)),
        ("Product Name", text("iPhone 11")),
        ("Product Type", text(&device.model)),
        ("Product Version", text(product_version(device, form))),
        ("Serial Number", text("SYNTHETIC001")),
        ("Target Identifier", text(&udid(device))),
        ("Target Type", text("Device")),
        ("Unique Identifier", text(&udid(device))),
        ("iTunes Version", text("12.13.2.3")),
    ])))
}

fn status_plist(device: &Device, form: &Form<'_>, at: i64) -> Vec<u8> {
    let state = if form.has(Quirk::Snapshot) { "uploading" } else { "finished" };
    binary(&Value::Dictionary(dict([
        ("UUID", text(&uuid(&device.name))),
        ("IsFullBackup", Value::Boolean(true)),
        ("Version", text("3.3")),
        ("BackupState", text("new")),
        ("SnapshotState", text(state)),
        ("Date", date(at)),
    ])))
}
