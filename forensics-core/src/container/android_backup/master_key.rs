//! From the password to the key of the payload. Only the checksum says that a password is right: one wrong password in
//! about 256 gives valid padding. Source: AOSP services/backup/…/utils/PasswordUtils.java.

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};
use hmac::Hmac;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::header::Locked;
use crate::keys::{KeyKind, KeyRing};
use crate::vfs::VfsError;

/// The key of the payload.
pub(super) struct Unlocked {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) iv: [u8; 16],
    /// Where the password came from.
    pub(super) source: String,
}

/// The master key by the first given password that opens it.
pub(super) fn unlock(what: &str, version: u32, locked: &Locked, keys: &KeyRing) -> Result<Unlocked, VfsError> {
    let kind = KeyKind::ANDROID_BACKUP;
    let mut tried = 0_usize;
    for key in keys.of(kind, what) {
        tried = tried.saturating_add(1);
        if let Some(unlocked) = spellings(version, key.secret()).iter().find_map(|p| open(version, locked, p)) {
            return Ok(Unlocked { source: key.source.clone(), ..unlocked });
        }
    }
    match tried {
        0 => Err(VfsError::NeedsKey { what: what.into(), kind: kind.word }),
        _ => Err(VfsError::WrongKey { what: what.into(), kind: kind.word, tried }),
    }
}

/// Since version 2 a password counts as UTF-8; before, as the low eight bits of its UTF-16 units. Both are tried.
fn spellings(version: u32, password: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let low = |text: &str| text.encode_utf16().map(|unit| unit.to_le_bytes()[0]).collect::<Vec<u8>>();
    let low = std::str::from_utf8(password).map(low).unwrap_or_default();
    let mut both = vec![Zeroizing::new(password.to_vec())];
    if low != password && !low.is_empty() {
        both.insert(usize::from(version >= 2), Zeroizing::new(low));
    }
    both
}

fn derive(password: &[u8], salt: &[u8], rounds: u32) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // Fails only for keys that HMAC cannot take; it takes all.
    let _ = pbkdf2::pbkdf2::<Hmac<Sha1>>(password, salt, rounds, &mut *key);
    key
}

fn open(version: u32, locked: &Locked, password: &[u8]) -> Option<Unlocked> {
    let user_key = derive(password, &locked.user_salt, locked.rounds);
    let mut blob = Zeroizing::new(locked.blob.clone());
    let (blocks, _) = Array::slice_as_chunks_mut(&mut blob);
    cbc::Decryptor::<Aes256>::new((&*user_key).into(), (&locked.user_iv).into()).decrypt_blocks(blocks);
    // A length byte before each of vector, key and checksum.
    let (iv, rest) = field(&blob)?;
    let (key, rest) = field(rest)?;
    let (checksum, _padding) = field(rest)?;
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(key.try_into().ok()?);
    let sum = |encoded: &[u8]| derive(encoded, &locked.checksum_salt, locked.rounds);
    let fits = |utf8: bool| {
        let encoded = if utf8 { java_utf8(&*key) } else { key.to_vec() };
        sum(&Zeroizing::new(encoded)).as_slice() == checksum
    };
    // Old phones mixed the two forms up; the version only says which to try first.
    let right = fits(version >= 2) || fits(version < 2);
    right.then_some(())?;
    Some(Unlocked { iv: iv.try_into().ok()?, key, source: String::new() })
}

fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first()?;
    rest.split_at_checked((*len).into())
}

/// Java cast each byte to a character with its sign and wrote the text as UTF-8: 0x80 became U+FF80.
fn java_utf8(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().saturating_mul(3));
    for byte in bytes {
        match byte {
            0..=0x7f => out.push(*byte),
            _ => out.extend([0xef, 0xbc | (byte >> 6 & 3), 0x80 | (byte & 0x3f)]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_bytes_of_the_key_are_written_as_javas_characters() {
        for byte in 0x80..=0xff_u8 {
            let text = char::from_u32(0xff00 + u32::from(byte)).unwrap().to_string();
            assert_eq!(java_utf8(&[byte]), text.as_bytes());
        }
        assert_eq!(java_utf8(b"\x00a\x7f"), b"\x00a\x7f");
    }

    #[test]
    fn a_password_is_tried_in_the_spelling_of_the_version_first() {
        let both = |v| spellings(v, "åbc".as_bytes()).iter().map(|p| p.to_vec()).collect::<Vec<_>>();
        assert_eq!(both(2), ["åbc".as_bytes().to_vec(), b"\xe5bc".to_vec()]);
        assert_eq!(both(1), [b"\xe5bc".to_vec(), "åbc".as_bytes().to_vec()]);
        assert_eq!(spellings(1, b"abc").len(), 1);
    }
}
