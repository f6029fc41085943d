//! SQLCipher and its like: pages decrypted one by one, each with its own verdict.
//!
//! A page on disk is `ciphertext | IV (16) | HMAC | padding`; the last three fill the reserve. Page 1 begins with the
//! salt, or with a plaintext header when the salt comes with the key. Source: `sqlcipher/sqlcipher`, `src/crypto_impl.c`
//! (`sqlcipher_page_cipher`, `sqlcipher_page_hmac`); the profiles are those of `PRAGMA cipher_compatibility`.

use std::fmt;

use aes::Aes256Dec;
use aes::cipher::array::Array;
use aes::cipher::typenum::U16;
use aes::cipher::{BlockModeDecrypt as _, InnerIvInit as _};
use hmac::{Hmac, KeyInit as _};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::header;
use crate::store::bytes::{byte, slice};

/// Length of salt and IV.
const SALT: usize = 16;
/// Length of the AES key.
const KEY: usize = 32;
/// Rounds for the HMAC's key (`FAST_PBKDF2_ITER`).
const HMAC_ROUNDS: u32 = 2;
/// What the salt is changed by for the HMAC's key (`HMAC_SALT_MASK`).
const HMAC_MASK: u8 = 0x3a;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a database is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What [`super::Database::cipher`] reports.
    pub name: &'static str,
    /// Bytes per page.
    pub page_size: u32,
    /// The hash of the key derivation.
    pub kdf: Hash,
    /// Rounds of the key derivation; raw keys skip it.
    pub rounds: u32,
    /// The hash of the page check; `None` where pages have none.
    pub hmac: Option<Hash>,
    /// Bytes at the end of each page for IV, HMAC and padding.
    pub reserve: u32,
    /// Bytes of page 1 left in clear; when not 0 the salt comes with the key.
    pub plaintext_header: u32,
}

impl Profile {
    /// SQLCipher 1: no HMAC.
    pub const SQLCIPHER_1: Profile = Profile {
        name: "sqlcipher-1",
        page_size: 1024,
        kdf: Hash::Sha1,
        rounds: 4000,
        hmac: None,
        reserve: 16,
        plaintext_header: 0,
    };
    /// SQLCipher 2.
    pub const SQLCIPHER_2: Profile =
        Profile { name: "sqlcipher-2", hmac: Some(Hash::Sha1), reserve: 48, ..Profile::SQLCIPHER_1 };
    /// SQLCipher 3.
    pub const SQLCIPHER_3: Profile = Profile { name: "sqlcipher-3", rounds: 64000, ..Profile::SQLCIPHER_2 };
    /// SQLCipher 3 with pages of 4096 bytes: the default of WCDB.
    pub const SQLCIPHER_3_PAGE_4096: Profile =
        Profile { name: "sqlcipher-3 with pages of 4096 bytes", page_size: 4096, ..Profile::SQLCIPHER_3 };
    /// The same with a single round: for apps whose passphrase is itself a random key in hexadecimal.
    pub const SQLCIPHER_3_ONE_ROUND: Profile = Profile {
        name: "sqlcipher-3 with pages of 4096 bytes and one round",
        rounds: 1,
        ..Profile::SQLCIPHER_3_PAGE_4096
    };
    /// SQLCipher 4.
    pub const SQLCIPHER_4: Profile = Profile {
        name: "sqlcipher-4",
        page_size: 4096,
        kdf: Hash::Sha512,
        rounds: 256_000,
        hmac: Some(Hash::Sha512),
        reserve: 80,
        plaintext_header: 0,
    };
    /// SQLCipher 4 with 32 bytes in clear and the salt in the key: what iOS needs for files in shared folders.
    pub const SQLCIPHER_4_PLAINTEXT_HEADER: Profile =
        Profile { name: "sqlcipher-4 with plaintext header", plaintext_header: 32, ..Profile::SQLCIPHER_4 };
    /// All of them, the cheap ones first.
    pub const ALL: &'static [Profile] = &[
        Profile::SQLCIPHER_4_PLAINTEXT_HEADER,
        Profile::SQLCIPHER_3_ONE_ROUND,
        Profile::SQLCIPHER_1,
        Profile::SQLCIPHER_2,
        Profile::SQLCIPHER_3,
        Profile::SQLCIPHER_3_PAGE_4096,
        Profile::SQLCIPHER_4,
    ];
}

/// The state of a page's HMAC, keyed.
#[derive(Clone)]
enum PageMac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

/// A profile with a key that can decrypt pages.
#[derive(Clone)]
pub struct Cipher {
    profile: Profile,
    aes: Aes256Dec,
    mac: Option<PageMac>,
}

/// Why a page does not decrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The HMAC does not fit: another key, or damage.
    Mac,
    /// The page is cut short.
    Short,
    /// Page 1 decrypts to something that is no database header.
    Header,
}

impl Refusal {
    pub(crate) fn says(self) -> &'static str {
        match self {
            Refusal::Mac => "the HMAC does not fit",
            Refusal::Short => "the page is cut short",
            Refusal::Header => "the first page does not decrypt to a database header",
        }
    }
}

/// What a key may be: raw bytes (perhaps with the salt), or a passphrase.
enum Secret {
    Raw(Zeroizing<[u8; KEY]>, Option<[u8; SALT]>),
    Passphrase(Zeroizing<Vec<u8>>),
}

impl Cipher {
    /// Finds the profile that a key fits, by the first page's HMAC or (where pages have none) by its structure.
    ///
    /// `first_page` are the first bytes of the database, at least one page of each profile to be tried; more does no
    /// harm ([`super::Files::first_page`]). `key` is a passphrase, 32 bytes of key, 48 bytes of key and salt, or one
    /// of the latter in hexadecimal, with or without `x'…'`. Deriving a key from a passphrase takes a quarter of a
    /// second for SQLCipher 4, milliseconds for the others.
    pub fn identify(first_page: &[u8], key: &[u8], profiles: &[Profile]) -> Option<Cipher> {
        let secrets = secrets(key);
        let fits = |secret: &Secret, profile: &Profile| {
            Cipher::with(first_page, secret, profile).filter(|c| c.check(first_page).is_ok())
        };
        let raw = secrets.iter().filter(|s| matches!(s, Secret::Raw(..)));
        let found = raw.flat_map(|s| profiles.iter().map(move |p| (s, p))).find_map(|(s, p)| fits(s, p));
        let passphrases = || secrets.iter().filter(|s| matches!(s, Secret::Passphrase(_)));
        found.or_else(|| passphrases().flat_map(|s| profiles.iter().map(move |p| (s, p))).find_map(|(s, p)| fits(s, p)))
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    fn with(first_page: &[u8], secret: &Secret, profile: &Profile) -> Option<Cipher> {
        let stored_salt = || first_page.first_chunk::<SALT>().copied().filter(|_| profile.plaintext_header == 0);
        let (key, salt) = match secret {
            Secret::Raw(key, salt) => (key.clone(), salt.or_else(stored_salt)?),
            Secret::Passphrase(words) => {
                let salt = stored_salt()?;
                (derive(profile.kdf, words, &salt, profile.rounds), salt)
            }
        };
        let mac = match profile.hmac {
            Some(hash) => {
                let key = derive(profile.kdf, &key[..], &salt.map(|b| b ^ HMAC_MASK), HMAC_ROUNDS);
                Some(PageMac::new(hash, &key[..])?)
            }
            None => None,
        };
        let aes = Aes256Dec::new_from_slice(&key[..]).ok()?;
        Some(Cipher { profile: *profile, aes, mac })
    }

    /// Whether the first page decrypts to a database header.
    fn check(&self, first_page: &[u8]) -> Result<(), Refusal> {
        let page = first_page.get(..self.profile.page_size as usize).ok_or(Refusal::Short)?;
        self.decrypt(1, &mut page.to_vec())
    }

    /// Decrypts a page in place. Bytes of the reserve stay as they are; page 1 gets its magic back.
    pub(crate) fn decrypt(&self, no: u32, page: &mut [u8]) -> Result<(), Refusal> {
        let profile = &self.profile;
        if page.len() != profile.page_size as usize {
            return Err(Refusal::Short);
        }
        // SQLCipher lets pages of zeros pass: the file was extended and the page never written.
        if page.iter().all(|b| *b == 0) {
            return if no == 1 { Err(Refusal::Header) } else { Ok(()) };
        }
        let clear = if no == 1 { (profile.plaintext_header as usize).max(SALT) } else { 0 };
        let end = page.len().saturating_sub(profile.reserve as usize);
        let iv = *page.get(end..).and_then(|r| r.first_chunk::<16>()).ok_or(Refusal::Short)?;
        if let Some(mac) = &self.mac {
            // When salt stands in clear it is no part of the HMAC; neither is a plaintext header.
            let signed = page.get(clear..end.saturating_add(16)).ok_or(Refusal::Short)?;
            let stored = page.get(end.saturating_add(16)..).ok_or(Refusal::Short)?;
            if !mac.fits(signed, no, stored) {
                return Err(Refusal::Mac);
            }
        }
        let body = page.get_mut(clear..end).ok_or(Refusal::Short)?;
        let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(body);
        cbc::Decryptor::inner_iv_init(self.aes.clone(), &iv.into()).decrypt_blocks(blocks);
        if no == 1 {
            if profile.plaintext_header == 0
                && let Some(magic) = page.first_chunk_mut::<16>()
            {
                *magic = *header::MAGIC;
            }
            if !self.is_header(page) {
                return Err(Refusal::Header);
            }
        }
        Ok(())
    }

    /// The fixed bytes of a database header: page size, versions, reserve, and the three payload fractions 64, 32, 32.
    fn is_header(&self, page: &[u8]) -> bool {
        // A database keeps the largest reserve it ever had, so it may differ from the profile's.
        let reserve = byte(page, 20).map_or(0, u32::from);
        page.starts_with(header::MAGIC)
            && header::page_size(page) == Some(self.profile.page_size)
            && slice(page, 18, 2).is_some_and(|v| v.iter().all(|b| matches!(b, 1 | 2)))
            && reserve >= self.profile.reserve.min(80)
            && slice(page, 21, 3) == Some(&[64, 32, 32])
    }
}

impl PageMac {
    fn new(hash: Hash, key: &[u8]) -> Option<PageMac> {
        Some(match hash {
            Hash::Sha1 => PageMac::Sha1(Hmac::new_from_slice(key).ok()?),
            Hash::Sha256 => PageMac::Sha256(Hmac::new_from_slice(key).ok()?),
            Hash::Sha512 => PageMac::Sha512(Hmac::new_from_slice(key).ok()?),
        })
    }

    /// Whether `stored` begins with the HMAC of the bytes and the page number.
    fn fits(&self, signed: &[u8], no: u32, stored: &[u8]) -> bool {
        fn check<M: hmac::Mac + Clone>(mac: &M, signed: &[u8], no: u32, stored: &[u8]) -> bool {
            let mac = mac.clone().chain_update(signed).chain_update(no.to_le_bytes());
            stored.get(..M::output_size()).is_some_and(|tag| mac.verify_slice(tag).is_ok())
        }
        match self {
            PageMac::Sha1(m) => check(m, signed, no, stored),
            PageMac::Sha256(m) => check(m, signed, no, stored),
            PageMac::Sha512(m) => check(m, signed, no, stored),
        }
    }
}

fn derive(hash: Hash, secret: &[u8], salt: &[u8], rounds: u32) -> Zeroizing<[u8; KEY]> {
    let mut key = Zeroizing::new([0; KEY]);
    match hash {
        Hash::Sha1 => pbkdf2_hmac::<Sha1>(secret, salt, rounds, &mut key[..]),
        Hash::Sha256 => pbkdf2_hmac::<Sha256>(secret, salt, rounds, &mut key[..]),
        Hash::Sha512 => pbkdf2_hmac::<Sha512>(secret, salt, rounds, &mut key[..]),
    }
    key
}

/// What the given bytes may mean. `x'…'` of the right length is a raw key and nothing else, as in SQLCipher.
fn secrets(key: &[u8]) -> Vec<Secret> {
    let quoted = key.strip_prefix(b"x'").or_else(|| key.strip_prefix(b"X'")).and_then(|k| k.strip_suffix(b"'"));
    if let Some(secret) = quoted.and_then(unhex).and_then(|k| raw(&k)) {
        return vec![secret];
    }
    let bytes = raw(key);
    let digits = unhex(key).and_then(|k| raw(&k));
    let passphrase = Secret::Passphrase(Zeroizing::new(key.to_vec()));
    bytes.into_iter().chain(digits).chain([passphrase]).collect()
}

fn raw(bytes: &[u8]) -> Option<Secret> {
    let (key, salt) = bytes.split_at_checked(KEY)?;
    let salt = match salt.len() {
        0 => None,
        SALT => salt.first_chunk().copied(),
        _ => return None,
    };
    Some(Secret::Raw(Zeroizing::new(*key.first_chunk()?), salt))
}

fn unhex(digits: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (pairs, odd) = digits.as_chunks::<2>();
    let nibble = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[h, l]| Some(nibble(h)? << 4 | nibble(l)?)).collect();
    bytes.filter(|_| odd.is_empty()).map(Zeroizing::new)
}

/// Says which profile it is and never what the key holds.
impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cipher({})", self.profile.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_real_database_is_derived() {
        // A SQLCipher 1 database published with its passphrase; the key was checked on the file.
        let salt = unhex(b"8cd174c9ded9f056639ad0712c8e7bcc").unwrap();
        let profile = Profile::SQLCIPHER_1;
        let key = derive(profile.kdf, b"00001ef", &salt, profile.rounds);
        let expected = "f6a0ca2e93cac4695e83a037d7168d40cec2d880744894def3e4adddc4366e35";
        assert_eq!(crate::value::hex(&key[..]), expected);
    }

    #[test]
    fn a_key_in_quotes_is_never_a_passphrase() {
        let quoted = format!("x'{}'", "ab".repeat(32));
        assert!(matches!(secrets(quoted.as_bytes()).as_slice(), [Secret::Raw(_, None)]));
        assert!(matches!(secrets(&[7; 48]).as_slice(), [Secret::Raw(_, Some(_)), Secret::Passphrase(_)]));
        assert!(matches!(secrets(b"x'abcd'").as_slice(), [Secret::Passphrase(_)]));
    }
}
