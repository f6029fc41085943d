//! adb backups (`.ab`), and MIUI's `.bak` around them.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::layout::{PlacedFile, absolute};
use super::tar;
use crate::Seed;
use crate::crypto::{cbc, pbkdf2_sha1, pkcs7};
use crate::seed::hex_upper;
use crate::story::Device;

/// Rounds that Android uses.
const ROUNDS: u32 = 10_000;

/// How a backup is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form<'a> {
    /// 1 to 5.
    pub version: u32,
    /// zlib, best compression.
    pub compressed: bool,
    /// AES-256 under this password.
    pub password: Option<&'a str>,
}

/// A whole `.ab`.
#[must_use]
pub fn backup(device: &Device, form: &Form<'_>, seed: u64) -> Vec<u8> {
    wrap(&tar::plain(&tree(device)), form, seed)
}

/// A `.bak` of MIUI: five more lines before the `.ab`.
#[must_use]
pub fn miui(package: &str, label: &str, ab: &[u8]) -> Vec<u8> {
    let mut out = format!("MIUI BACKUP\n2\n{package} {label}\n-1\n0\n").into_bytes();
    out.extend(ab);
    out
}

/// The files of a device under the names of the inner tar, a `_manifest` before each app's.
#[must_use]
pub fn tree(device: &Device) -> Vec<PlacedFile> {
    let mut files: Vec<PlacedFile> = absolute(device)
        .into_iter()
        .filter_map(|file| Some(PlacedFile { path: inner_path(&file.path)?, ..file }))
        .collect();
    let packages: BTreeSet<String> =
        files.iter().filter_map(|file| file.path.strip_prefix("apps/")?.split('/').next().map(str::to_owned)).collect();
    for package in packages {
        let text = format!("1\n{package}\n1\n34\n\n0\n1\nC0FFEE\n");
        files.push(PlacedFile { path: format!("apps/{package}/_manifest"), bytes: text.into_bytes(), mtime: 0 });
    }
    // App by app, the manifest first, then the rest; shared storage last.
    files.sort_by_key(|file| {
        let app = file.path.split('/').nth(1).unwrap_or_default().to_owned();
        (!file.path.starts_with("apps/"), app, !file.path.ends_with("/_manifest"), file.path.clone())
    });
    files
}

/// Where a device path goes in the tar. Other users' files stay out.
fn inner_path(path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("/storage/emulated/0/") {
        return Some(format!("shared/0/{rest}"));
    }
    let (package, rest) = path.strip_prefix("/data/data/")?.split_once('/')?;
    let (folder, inner) = rest.split_once('/').unwrap_or(("", rest));
    let (token, inner) = match folder {
        "files" => ("f", inner),
        "databases" => ("db", inner),
        "shared_prefs" => ("sp", inner),
        "no_backup" => ("nb", inner),
        "cache" => ("c", inner),
        _ => ("r", rest),
    };
    Some(format!("apps/{package}/{token}/{inner}"))
}

/// Header, and the tar through zlib and the cipher as wanted.
#[must_use]
pub fn wrap(tar: &[u8], form: &Form<'_>, seed: u64) -> Vec<u8> {
    let payload = if form.compressed { deflate(tar) } else { tar.to_vec() };
    let head = format!("ANDROID BACKUP\n{}\n{}\n", form.version, u8::from(form.compressed));
    let mut out = head.into_bytes();
    match form.password {
        None => {
            out.extend(b"none\n");
            out.extend(payload);
        }
        Some(password) => encrypt(&mut out, &payload, password, form.version, seed),
    }
    out
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn encrypt(out: &mut Vec<u8>, payload: &[u8], password: &str, version: u32, seed: u64) {
    let mut seed = Seed::new(seed, "adb backup");
    let (user_salt, sum_salt) = (seed.bytes(64), seed.bytes(64));
    let (user_iv, master_iv): ([u8; 16], [u8; 16]) = (seed.array(), seed.array());
    let master: [u8; 32] = seed.array();
    // Version 1 took the low byte of each UTF-16 unit.
    let password: Vec<u8> = match version {
        1 => password.encode_utf16().map(|unit| unit as u8).collect(),
        _ => password.as_bytes().to_vec(),
    };
    let user = pbkdf2_sha1(&password, &user_salt, ROUNDS);
    let sum = pbkdf2_sha1(&as_java_text(&master, version), &sum_salt, ROUNDS);
    let mut blob = vec![16];
    blob.extend(master_iv);
    blob.push(32);
    blob.extend(master);
    blob.push(32);
    blob.extend(sum);
    let blob = cbc(&user, &user_iv, &pkcs7(&blob));
    let lines = [
        "AES-256".to_owned(),
        hex_upper(&user_salt),
        hex_upper(&sum_salt),
        ROUNDS.to_string(),
        hex_upper(&user_iv),
        hex_upper(&blob),
    ];
    out.extend((lines.join("\n") + "\n").into_bytes());
    out.extend(cbc(&master, &master_iv, &pkcs7(payload)));
}

/// Android casts each byte to a `char` with its sign, and takes the UTF-8 of that text.
fn as_java_text(key: &[u8], version: u32) -> Vec<u8> {
    if version < 2 {
        return key.to_vec();
    }
    let wide = |&byte: &u8| match byte {
        0..0x80 => vec![byte],
        _ => vec![0xef, 0xbc | (byte >> 6 & 3), 0x80 | (byte & 0x3f)],
    };
    key.iter().flat_map(wide).collect()
}
