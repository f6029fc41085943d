//! The header's lines.

use super::{MAGIC, limits};
use crate::vfs::VfsError;

/// A parsed header.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) compressed: bool,
    pub(super) encryption: Encryption,
    /// Where the payload begins, bytes from the start of the file.
    pub(super) payload: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Encryption {
    None,
    Aes256(Locked),
}

/// What the master key is locked with.
#[derive(Clone, Debug)]
pub(super) struct Locked {
    pub(super) user_salt: Vec<u8>,
    pub(super) checksum_salt: Vec<u8>,
    pub(super) rounds: u32,
    pub(super) user_iv: [u8; 16],
    pub(super) blob: Vec<u8>,
}

/// Android writes 64 bytes.
const SALT: usize = 128;
/// Android writes 96 bytes.
const BLOB: std::ops::RangeInclusive<usize> = 32..=4096;

impl Header {
    /// Reads the lines from the first 16 KiB. Xiaomi's own lines before them vary in number and are skipped.
    pub(super) fn parse(name: &str, first: &[u8]) -> Result<Self, VfsError> {
        let start = first.windows(MAGIC.len()).position(|w| w == MAGIC);
        let start = start.ok_or_else(|| VfsError::damaged(name, 0, "no line ANDROID BACKUP"))?;
        let mut lines = Lines { name, bytes: first, at: start.saturating_add(MAGIC.len()) };
        let version = lines.number("version")?;
        let compressed = match lines.next("compression")? {
            b"0" => false,
            b"1" => true,
            other => return Err(lines.odd("compression", other)),
        };
        let encryption = match lines.next("encryption")? {
            b"none" => Encryption::None,
            b"AES-256" => Encryption::Aes256(lines.locked()?),
            other => return Err(lines.odd("encryption", other)),
        };
        Ok(Header { version, compressed, encryption, payload: u64::try_from(lines.at).unwrap_or(u64::MAX) })
    }
}

struct Lines<'a> {
    name: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self, what: &str) -> Result<&'a [u8], VfsError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'\n');
        let Some(line) = end.and_then(|end| rest.get(..end)) else {
            let at = u64::try_from(self.at).unwrap_or(u64::MAX);
            let found = format!("no end of the line {what} within {} bytes", limits::AB_HEADER);
            return Err(VfsError::damaged(self.name, at, found));
        };
        self.at = self.at.saturating_add(line.len()).saturating_add(1);
        Ok(line)
    }

    fn odd(&self, what: &str, found: &[u8]) -> VfsError {
        let shown: String = String::from_utf8_lossy(found).chars().take(80).collect();
        VfsError::damaged(self.name, u64::try_from(self.at).unwrap_or(u64::MAX), format!("{what} {shown:?}"))
    }

    fn number(&mut self, what: &str) -> Result<u32, VfsError> {
        let line = self.next(what)?;
        let number = std::str::from_utf8(line).ok().and_then(|l| l.parse().ok());
        number.ok_or_else(|| self.odd(what, line))
    }

    /// Upper case as Android writes it; lower case is accepted.
    fn hex(&mut self, what: &str) -> Result<Vec<u8>, VfsError> {
        let line = self.next(what)?;
        let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let pairs = line.chunks_exact(2);
        let whole = pairs.remainder().is_empty() && line.iter().all(u8::is_ascii_hexdigit);
        let bytes: Option<Vec<u8>> = pairs.map(digits).collect();
        bytes.filter(|_| whole).ok_or_else(|| self.odd(what, line))
    }

    fn locked(&mut self) -> Result<Locked, VfsError> {
        let (user_salt, checksum_salt) = (self.hex("user salt")?, self.hex("checksum salt")?);
        let rounds = self.number("rounds")?;
        let iv = self.hex("user key vector")?;
        let blob = self.hex("master key")?;
        if rounds == 0 || rounds > limits::AB_ROUNDS {
            let what = format!("{}: key derivation", self.name);
            return Err(VfsError::Limit { what, limit: limits::AB_ROUNDS.into(), unit: "rounds" });
        }
        let sane = user_salt.len() <= SALT && checksum_salt.len() <= SALT && BLOB.contains(&blob.len());
        let user_iv = iv.try_into().ok().filter(|_| sane && blob.len().is_multiple_of(16));
        let user_iv = user_iv.ok_or_else(|| self.odd("lengths of the key fields", b""))?;
        Ok(Locked { user_salt, checksum_salt, rounds, user_iv, blob })
    }
}
