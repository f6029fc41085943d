//! Tar archives: ustar with pax headers where a name needs one.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::layout::{PlacedFile, absolute};
use crate::story::Device;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link to this target.
    Symlink(String),
    /// A hard link to this earlier name.
    Hardlink(String),
    /// A character device.
    Device,
}

/// A tar under construction.
#[derive(Debug, Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    /// An empty archive.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes so far: where the next entry will begin.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was appended yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends a file.
    pub fn file(&mut self, path: &str, bytes: &[u8], mtime: i64) {
        self.entry(path, &Kind::File, bytes, mtime, &[]);
    }

    /// Appends any entry, with pax records of its own.
    pub fn entry(&mut self, path: &str, kind: &Kind, bytes: &[u8], mtime: i64, pax: &[(&str, &str)]) {
        let mut records: Vec<(&str, &str)> = pax.to_vec();
        if path.len() >= 100 || !path.is_ascii() {
            records.push(("path", path));
        }
        if !records.is_empty() {
            let body: Vec<u8> = records.iter().flat_map(|(key, value)| pax_record(key, value)).collect();
            let leaf = path.rsplit('/').next().unwrap_or_default();
            self.raw(&format!("PaxHeader/{leaf}"), b'x', "", &body, mtime);
        }
        let (flag, link) = match kind {
            Kind::File => (b'0', ""),
            Kind::Hardlink(to) => (b'1', to.as_str()),
            Kind::Symlink(to) => (b'2', to.as_str()),
            Kind::Device => (b'3', ""),
            Kind::Folder => (b'5', ""),
        };
        self.raw(path, flag, link, bytes, mtime);
    }

    fn raw(&mut self, path: &str, flag: u8, link: &str, bytes: &[u8], mtime: i64) {
        let mut head = [0_u8; 512];
        let mut put = |at: usize, limit: usize, value: &[u8]| {
            let len = value.len().min(limit);
            head[at..at + len].copy_from_slice(&value[..len]);
        };
        put(0, 100, path.as_bytes());
        put(100, 8, if flag == b'5' { b"0000755" } else { b"0000644" });
        put(108, 8, b"0000765"); // uid, gid 501
        put(116, 8, b"0000765");
        put(124, 12, format!("{:011o}", bytes.len()).as_bytes());
        put(136, 12, format!("{:011o}", mtime.max(0)).as_bytes());
        put(148, 8, b"        ");
        put(156, 1, &[flag]);
        put(157, 100, link.as_bytes());
        put(257, 8, b"ustar\x0000");
        let sum: u32 = head.iter().map(|&b| u32::from(b)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(head);
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
    }

    /// Two empty blocks end the archive.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

/// A tar of these files, under their relative paths.
#[must_use]
pub fn plain(files: &[PlacedFile]) -> Vec<u8> {
    let mut tar = Tar::new();
    for file in files {
        tar.file(&file.path, &file.bytes, file.mtime);
    }
    tar.finish()
}

/// The same, gzipped; without a time in the gzip header.
#[must_use]
pub fn gz(files: &[PlacedFile]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(&plain(files)).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

/// The same as a zstd frame.
#[must_use]
pub fn zst(files: &[PlacedFile]) -> Vec<u8> {
    compress_to_vec(plain(files).as_slice(), CompressionLevel::Fastest)
}

/// The full file system of a device, ready for [`plain`], [`gz`] or [`zst`]; `prefix` is put before
/// the path (`""`, `"./"`, `"root/"`).
#[must_use]
pub fn full(device: &Device, prefix: &str) -> Vec<PlacedFile> {
    let place =
        |file: PlacedFile| PlacedFile { path: format!("{prefix}{}", file.path.trim_start_matches('/')), ..file };
    absolute(device).into_iter().map(place).collect()
}

/// `len key=value\n`, where the length counts itself.
fn pax_record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    format!("{len} {key}={value}\n").into_bytes()
}
