//! Encrypted backups of `msgstore.db`: crypt12, crypt14, crypt15, and their keys.
//!
//! AES-256-GCM with a 16-byte IV and no associated data. Layouts verified by decrypting the test files of
//! ElDavoo/wa-crypt-tools. What is decrypted never leaves memory.

use std::io::Read;
use std::ops::Range;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{AesGcm, aes::Aes256};
use flate2::read::{DeflateDecoder, ZlibDecoder};
use forensics_core::app::Install;
use forensics_core::decode::protobuf::Message as Proto;
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::open_store::OpenStore;
use forensics_core::origin::{Origin, StoreId};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;
use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{files, notes};

/// A key file has 158 bytes, a root key file 59.
const MAX_KEY: u64 = 4096;
/// A backup is decrypted in memory.
const MAX_BACKUP: u64 = 8 << 30;
/// What a backup may inflate to: messages compress to a third, a bomb to a thousandth.
const MAX_PLAIN: u64 = 32 << 30;
/// Keys that are tried on one file.
const MOST_KEYS: usize = 100;

/// How a Java-serialised `byte[]` begins; four bytes of length follow.
const JAVA_BYTES: [u8; 23] = [
    0xac, 0xed, 0x00, 0x05, 0x75, 0x72, 0x00, 0x02, 0x5b, 0x42, 0xac, 0xf3, 0x17, 0xf8, 0x06, 0x08, 0x54, 0xe0, 0x02,
    0x00, 0x00, 0x78, 0x70,
];
/// Places in the payload of `files/key`: 2 cipher version, 1 key version, server salt, Google id, its SHA-256, IV, key.
const PAYLOAD: usize = 131;
const PAYLOAD_SALT: Range<usize> = 3..35;
const PAYLOAD_KEY: Range<usize> = 99..131;

type Secret = Zeroizing<[u8; 32]>;

/// One key.
enum Key {
    /// `files/key`: for crypt12 and crypt14 backups with the same salt.
    Backup { salt: Box<[u8]>, aes: Secret },
    /// `files/encrypted_backup.key`, or the owner's 64 digits: for crypt15.
    Root(Secret),
}

/// The keys that lie on the phone.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// Reads the phone's key files.
    pub(super) fn gather(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut keys = Vec::new();
        for entry in files(install, "key") {
            let Some((store, bytes)) = install.open_file(sink, "key", entry, MAX_KEY)? else { continue };
            let bytes = Zeroizing::new(bytes);
            match Key::parse(&bytes) {
                Some(key) => keys.push(key),
                None => {
                    sink.describe(store, StoreStatus::UnknownSchema, None)?;
                    let detail = format!("{}: {} bytes that are no known key file", entry.device, bytes.len());
                    let origin = Some(Origin::store(store));
                    sink.issue(Issue { code: notes::KEY_UNREADABLE, severity: Severity::Degraded, detail, origin })?;
                }
            }
        }
        Ok(Keys(keys))
    }
}

impl Key {
    fn parse(bytes: &[u8]) -> Option<Key> {
        if let Some(rest) = bytes.strip_prefix(&JAVA_BYTES) {
            let (length, payload) = rest.split_first_chunk::<4>()?;
            if u32::from_be_bytes(*length) as usize != payload.len() {
                return None;
            }
            return match payload.len() {
                PAYLOAD => Some(Key::Backup {
                    salt: payload.get(PAYLOAD_SALT)?.into(),
                    aes: Zeroizing::new(payload.get(PAYLOAD_KEY)?.try_into().ok()?),
                }),
                32 => Some(Key::Root(Zeroizing::new(payload.try_into().ok()?))),
                _ => None,
            };
        }
        if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
            return Some(Key::Root(Zeroizing::new(raw)));
        }
        digits(bytes).map(Key::Root)
    }

    /// The AES key for a file with this header, where the key can be one for it.
    fn aes(&self, header: &Header) -> Option<Secret> {
        match (self, header.end_to_end) {
            (Key::Root(root), true) => backup_key(root),
            (Key::Backup { salt, aes }, false) if header.salt.as_deref().is_none_or(|s| *s == **salt) => {
                Some(aes.clone())
            }
            _ => None,
        }
    }
}

/// 64 hexadecimal digits, as the app shows them in groups.
fn digits(text: &[u8]) -> Option<Secret> {
    let digits: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b != b'-').collect());
    if digits.len() != 64 {
        return None;
    }
    let mut root: Secret = Zeroizing::new([0; 32]);
    for (byte, pair) in root.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(root)
}

/// Two rounds of HMAC-SHA-256 lead from the root key to that of backups.
fn backup_key(root: &[u8; 32]) -> Option<Secret> {
    let mac = |key: &[u8], message: &[u8]| -> Option<Secret> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).ok()?;
        mac.update(message);
        Some(Zeroizing::new(mac.finalize().into_bytes().into()))
    };
    let first = mac(&[0; 32], root)?;
    mac(&*first, b"backup encryption\x01")
}

/// What stands before and behind the ciphertext.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    name: &'static str,
    end_to_end: bool,
    salt: Option<Box<[u8]>>,
    iv: [u8; 16],
    /// Where the ciphertext begins.
    start: usize,
    /// Bytes behind the MD5.
    suffix: usize,
}

impl Header {
    fn read(bytes: &[u8], crypt12: bool) -> Option<Header> {
        if crypt12 {
            // 2 cipher version, 1 key version, 32 server salt, 16 Google id, 16 IV; at the end "--NN".
            return Some(Header {
                name: "crypt12",
                end_to_end: false,
                salt: Some(bytes.get(3..35)?.into()),
                iv: bytes.get(51..67)?.try_into().ok()?,
                start: 67,
                suffix: 4,
            });
        }
        let length = usize::from(*bytes.first()?);
        // A flag byte says that the header has a table of features; else the header stands right here.
        let begin = if bytes.get(1) == Some(&1) { 2 } else { 1 };
        let start = length.checked_add(begin)?;
        let prefix = Proto::new(bytes.get(begin..start)?);
        prefix.all().ok()?;
        let field = |path: &[u32]| prefix.at(path).and_then(|f| f.bytes());
        let (end_to_end, iv) = match field(&[3, 1]) {
            Some(iv) => (true, iv),
            None => (false, field(&[2, 5])?),
        };
        Some(Header {
            name: if end_to_end { "crypt15" } else { "crypt14" },
            end_to_end,
            salt: field(&[2, 3]).map(Into::into),
            iv: iv.try_into().ok()?,
            start,
            suffix: 0,
        })
    }
}

/// Opens one backup. Gives the store inside; `None` where that fails: the issue is handed over.
pub(super) fn open(
    install: &Install<'_>,
    entry: &Entry,
    keys: &Keys,
    sink: &mut dyn Sink,
) -> Result<Option<OpenStore>, Stopped> {
    let Some((store, bytes)) = install.open_file(sink, "backup", entry, MAX_BACKUP)? else { return Ok(None) };
    let path = entry.device.to_string();
    let Some(header) = Header::read(&bytes, entry.device.file_name().ends_with(".crypt12")) else {
        let why = "its header is none of crypt12, crypt14, crypt15".to_owned();
        return refuse(store, &path, StoreStatus::UnknownSchema, notes::BACKUP_UNREADABLE, why, sink);
    };
    // The examiner's keys, then the phone's.
    let given: Vec<Key> = install
        .keys
        .of(KeyKind::WHATSAPP_CRYPT, &path)
        .take(MOST_KEYS)
        .filter_map(|k| Key::parse(k.secret()))
        .collect();
    let candidates: Vec<Secret> = given.iter().chain(&keys.0).filter_map(|key| key.aes(&header)).collect();
    let Some((packed, checked)) = decrypt(bytes, &header, &candidates) else {
        let tried = if candidates.is_empty() {
            "none was given".to_owned()
        } else {
            format!("{} tried, none opens it", candidates.len())
        };
        let why = format!("{}; needs a key of kind {} ({tried})", header.name, KeyKind::WHATSAPP_CRYPT.word);
        return refuse(store, &path, StoreStatus::NeedsKey, "store-needs-key", why, sink);
    };
    if checked == Some(false) {
        let detail = format!("{path}: the MD5 at its end is wrong, while the content is authentic");
        let origin = Some(Origin::store(store));
        sink.issue(Issue { code: notes::BACKUP_MD5, severity: Severity::Degraded, detail, origin })?;
    }
    let plain = match unpack(packed) {
        Ok(plain) => plain,
        Err(why) => return refuse(store, &path, StoreStatus::Unreadable, notes::BACKUP_UNREADABLE, why, sink),
    };
    sink.describe(store, StoreStatus::Read, Some(header.name))?;
    OpenStore::derived(sink, "messages", path, plain, Some(header.name))
}

fn refuse(
    store: StoreId,
    path: &str,
    status: StoreStatus,
    code: &'static str,
    why: String,
    sink: &mut dyn Sink,
) -> Result<Option<OpenStore>, Stopped> {
    sink.describe(store, status, None)?;
    let origin = Some(Origin::store(store));
    sink.issue(Issue { code, severity: Severity::Lost, detail: format!("{path}: {why}"), origin })?;
    Ok(None)
}

/// Tries the keys: the tag tells the right one. Gives the content, and whether the MD5 at the end is right; `None` for the
/// form that has no MD5.
fn decrypt(mut bytes: Vec<u8>, header: &Header, keys: &[Secret]) -> Option<(Vec<u8>, Option<bool>)> {
    let end = bytes.len().checked_sub(header.suffix)?;
    let before_md5 = end.checked_sub(16)?;
    let md5_right = bytes.get(before_md5..end)? == Md5::digest(bytes.get(..before_md5)?).as_slice();
    for (end_of_tag, checked) in [(before_md5, Some(md5_right)), (end, None)] {
        let Some(end_of_text) = end_of_tag.checked_sub(16).filter(|e| *e >= header.start) else { continue };
        let tag: [u8; 16] = bytes.get(end_of_text..end_of_tag)?.try_into().ok()?;
        for key in keys {
            let cipher = AesGcm::<Aes256, U16>::new((&**key).into());
            // The tag is compared before a byte is changed: the same bytes serve the next key.
            let text = bytes.get_mut(header.start..end_of_text)?;
            if cipher.decrypt_inout_detached((&header.iv).into(), b"", text.into(), (&tag).into()).is_ok() {
                bytes.truncate(end_of_text);
                bytes.drain(..header.start);
                return Some((bytes, checked));
            }
        }
    }
    None
}

/// A zlib stream, a zip with one member, or the database itself.
fn unpack(packed: Vec<u8>) -> Result<Vec<u8>, String> {
    match packed.as_slice() {
        [b'S', b'Q', ..] => Ok(packed),
        [0x78, ..] => inflate(ZlibDecoder::new(packed.as_slice())),
        [b'P', b'K', 3, 4, ..] => {
            let (method, data) = zip_member(&packed).ok_or("the zip inside ends within its header")?;
            match method {
                0 => Ok(data.to_vec()),
                8 => inflate(DeflateDecoder::new(data)),
                other => Err(format!("the zip inside uses method {other}")),
            }
        }
        _ => Err(format!("decrypted, and begins with {:02x?}", packed.get(..2).unwrap_or_default())),
    }
}

/// Method and data of a zip's first member, by its local header (APPNOTE 4.3.7).
fn zip_member(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let number = |at: usize| bytes.get(at..)?.first_chunk().map(|c| u16::from_le_bytes(*c));
    let begin = 30_usize.checked_add(usize::from(number(26)?))?.checked_add(usize::from(number(28)?))?;
    let size = u32::from_le_bytes(*bytes.get(18..)?.first_chunk()?) as usize;
    let rest = bytes.get(begin..)?;
    // A size of 0 stands behind the data instead; what is deflated tells its end itself.
    Some((number(8)?, rest.get(..size).filter(|d| !d.is_empty()).unwrap_or(rest)))
}

fn inflate(packed: impl Read) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    packed
        .take(MAX_PLAIN.saturating_add(1))
        .read_to_end(&mut plain)
        .map_err(|e| format!("decrypted, and does not inflate: {e}"))?;
    if plain.len() as u64 > MAX_PLAIN {
        return Err(format!("inflates to more than {MAX_PLAIN} bytes"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_key_is_read_in_every_form_and_nothing_else_is_one() {
        let root: [u8; 32] = std::array::from_fn(|i| i as u8);
        let hex: String = root.iter().map(|b| format!("{b:02x}")).collect();
        let grouped: String =
            hex.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap().to_owned() + " ").collect();
        let file = [&JAVA_BYTES[..], &[0, 0, 0, 32], &root].concat();
        for form in [hex.as_bytes(), grouped.as_bytes(), &file, &root[..]] {
            assert!(matches!(Key::parse(form), Some(Key::Root(found)) if *found == root));
        }
        assert!(Key::parse(b"").is_none());
        assert!(Key::parse(&file[..58]).is_none());
        assert!(Key::parse(&hex.as_bytes()[1..]).is_none());
    }

    #[test]
    fn a_header_that_ends_early_is_none() {
        assert_eq!(Header::read(&[], false), None);
        assert_eq!(Header::read(&[200, 1, 8, 0], false), None);
        assert_eq!(Header::read(&[0; 66], true), None);
    }
}
