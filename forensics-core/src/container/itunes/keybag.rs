//! The keybag of a backup: from the password to the keys of protection classes.
//!
//! Layout and derivation: as in other readers (dinosec/iphone-dataprotection keybag.py; dunhamsteve/ios keybag.go;
//! vectors of openwall/john).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use aes_kw::{KeyInit as _, KwAes256};
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::cbc::FileKey;
use crate::container::limits;
use crate::keys::{KeyKind, KeyRing};
use crate::vfs::VfsError;

/// A parsed keybag.
#[derive(Debug, Default)]
pub(super) struct Keybag {
    salt: Vec<u8>,
    iterations: u32,
    /// Salt and rounds of the first derivation, since iOS 10.2. Their presence decides, not the version.
    double: Option<(Vec<u8>, u32)>,
    classes: Vec<Class>,
}

#[derive(Debug, Default)]
struct Class {
    number: u32,
    /// Bit 0: wrapped by a key of the device that nobody has; bit 1: by the password.
    wrap: u32,
    wrapped: Vec<u8>,
}

/// Unwrapped class keys.
pub(super) struct ClassKeys {
    keys: BTreeMap<u32, Zeroizing<[u8; 32]>>,
    /// Classes that the password protects and does not open.
    pub(super) closed: Vec<u32>,
    /// Where the password came from.
    pub(super) source: String,
}

impl Keybag {
    /// Reads tag, length (big-endian) and value after each other. The second and each later `UUID` begins a class.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, VfsError> {
        let limit = |limit: usize, unit| VfsError::Limit {
            what: "BackupKeyBag".into(),
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
            unit,
        };
        if bytes.len() > limits::KEYBAG {
            return Err(limit(limits::KEYBAG, "bytes"));
        }
        let (mut bag, mut uuids, mut rest) = (Keybag::default(), 0_usize, bytes);
        let (mut first_salt, mut first_rounds) = (None, None);
        while let Some((tag, value, after)) = item(bytes, rest)? {
            rest = after;
            let number = || value.iter().take(4).fold(0_u32, |n, b| n << 8 | u32::from(*b));
            if tag == *b"UUID" {
                uuids = uuids.saturating_add(1);
                if uuids > 1 {
                    bag.classes.push(Class::default());
                }
                if bag.classes.len() > limits::KEYBAG_CLASSES {
                    return Err(limit(limits::KEYBAG_CLASSES, "classes"));
                }
                continue;
            }
            match (bag.classes.last_mut(), &tag) {
                (Some(class), b"CLAS") => class.number = number() & 0x0f,
                (Some(class), b"WRAP") => class.wrap = number(),
                (Some(class), b"WPKY") => class.wrapped = value.to_vec(),
                (None, b"SALT") => bag.salt = value.to_vec(),
                (None, b"ITER") => bag.iterations = number(),
                (None, b"DPSL") => first_salt = Some(value.to_vec()),
                (None, b"DPIC") => first_rounds = Some(number()),
                _ => {}
            }
        }
        bag.double = first_salt.zip(first_rounds.filter(|n| *n > 0));
        bag.check_rounds()?;
        Ok(bag)
    }

    /// A hostile bag could ask for an hour of derivation.
    fn check_rounds(&self) -> Result<(), VfsError> {
        let dpic = self.double.as_ref().map_or(0, |(_, rounds)| *rounds);
        let over = |what: &str, limit: u32| VfsError::Limit { what: what.into(), limit: limit.into(), unit: "rounds" };
        if dpic > limits::DPIC {
            return Err(over("key derivation (DPIC) of the backup", limits::DPIC));
        }
        if self.iterations > limits::ITER {
            return Err(over("key derivation (ITER) of the backup", limits::ITER));
        }
        Ok(())
    }

    /// The key-encrypting key of a password. Ten million rounds take about two seconds.
    pub(super) fn derive(&self, password: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut middle = Zeroizing::new([0; 32]);
        let password = match &self.double {
            Some((salt, rounds)) => {
                // Fails only for keys that HMAC cannot take; it takes all.
                let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, *rounds, &mut *middle);
                &*middle
            }
            None => password,
        };
        let mut key = Zeroizing::new([0; 32]);
        let _ = pbkdf2::pbkdf2::<Hmac<Sha1>>(password, &self.salt, self.iterations.max(1), &mut *key);
        key
    }

    /// Unwraps every class that the password protects; `None` where none opens: the password is wrong. Classes that a
    /// key of the device wraps as well (bit 0) stay closed: they protect keychain items only.
    pub(super) fn unwrap(&self, kek: &[u8; 32]) -> Option<ClassKeys> {
        let open = self.classes.iter().filter(|c| c.wrap & 2 != 0);
        let mut keys = BTreeMap::new();
        let (mut any, mut closed) = (false, Vec::new());
        for class in open {
            let Some(key) = unwrap(kek, &class.wrapped) else {
                closed.push(class.number);
                continue;
            };
            any = true;
            if class.wrap & 1 == 0 {
                keys.insert(class.number, key);
            }
        }
        any.then_some(ClassKeys { keys, closed, source: String::new() })
    }

    /// Equal for backups whose keys derive alike, whatever their password.
    fn cache_id(&self, password: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"itunes-kek-v1");
        hash.update(&self.salt);
        hash.update(self.iterations.to_be_bytes());
        if let Some((salt, rounds)) = &self.double {
            hash.update(salt);
            hash.update(rounds.to_be_bytes());
        }
        hash.update(Sha256::digest(password));
        hash.finalize().into()
    }
}

type Tlv<'a> = ([u8; 4], &'a [u8], &'a [u8]);

fn item<'a>(all: &[u8], rest: &'a [u8]) -> Result<Option<Tlv<'a>>, VfsError> {
    let Some((tag, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
    let value = after
        .split_first_chunk::<4>()
        .and_then(|(len, after)| after.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?));
    let at = all.len().saturating_sub(rest.len());
    let (value, after) = value.ok_or_else(|| {
        let at = u64::try_from(at).unwrap_or(0);
        VfsError::damaged("BackupKeyBag", at, format!("{} with a length beyond the end", String::from_utf8_lossy(tag)))
    })?;
    Ok(Some((*tag, value, after)))
}

/// RFC 3394: 40 wrapped bytes to 32, checked.
fn unwrap(key: &[u8; 32], wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut plain = Zeroizing::new([0; 32]);
    (wrapped.len() == 40).then_some(())?;
    KwAes256::new(key.into()).unwrap_key(wrapped, &mut *plain).ok()?;
    Some(plain)
}

impl ClassKeys {
    /// Whether files of a class can be opened; the class stands in front of a wrapped key.
    pub(super) fn opens(&self, persistent: &[u8]) -> bool {
        persistent.first_chunk::<4>().is_some_and(|class| self.keys.contains_key(&u32::from_le_bytes(*class)))
    }

    /// The key of a file or of the manifest: class (u32, little-endian), then the wrapped key.
    pub(super) fn unwrap(&self, persistent: &[u8]) -> Result<FileKey, String> {
        let Some((class, wrapped)) = persistent.split_first_chunk::<4>() else {
            return Err(format!("{} bytes where 44 are needed", persistent.len()));
        };
        let class = u32::from_le_bytes(*class);
        if wrapped.len() != 40 {
            return Err(format!("a wrapped key of {} bytes (class {class}); 40 are supported", wrapped.len()));
        }
        let key = self.keys.get(&class).ok_or_else(|| format!("class {class}, which the keybag does not open"))?;
        unwrap(key, wrapped).ok_or_else(|| format!("a key that class {class} does not unwrap"))
    }
}

/// Derived keys of this run: many backups of one device share salt and password.
static DERIVED: Mutex<Option<Derived>> = Mutex::new(None);

type Derived = HashMap<[u8; 32], Zeroizing<[u8; 32]>>;

fn derived(bag: &Keybag, password: &[u8]) -> Zeroizing<[u8; 32]> {
    let id = bag.cache_id(password);
    if let Some(key) = DERIVED.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|known| known.get(&id))
    {
        return key.clone();
    }
    let key = bag.derive(password); // outside the lock: several backups derive at the same time
    DERIVED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(id, key.clone());
    key
}

/// Class keys by the first given password that opens the bag, and where that password came from. A password of 64 hexadecimal digits is first tried as the
/// derived key itself, the form in which other tools save it (mvt `-k`, iOSbackup `derivedkey`).
pub(super) fn unlock(what: &str, keybag: &[u8], keys: &KeyRing) -> Result<ClassKeys, VfsError> {
    let kind = KeyKind::ITUNES_BACKUP;
    let bag = Keybag::parse(keybag)?;
    if bag.classes.is_empty() {
        return Err(VfsError::damaged(format!("{what}: BackupKeyBag"), 0, "no class keys in an encrypted backup"));
    }
    let mut tried = 0_usize;
    for key in keys.of(kind, what) {
        tried = tried.saturating_add(1);
        if let Some(classes) = raw_key(key.secret()).and_then(|kek| bag.unwrap(&kek)) {
            return Ok(ClassKeys { source: key.source.clone(), ..classes });
        }
        if let Some(classes) = bag.unwrap(&derived(&bag, key.secret())) {
            return Ok(ClassKeys { source: key.source.clone(), ..classes });
        }
    }
    match tried {
        0 => Err(VfsError::NeedsKey { what: what.into(), kind: kind.word }),
        _ => Err(VfsError::WrongKey { what: what.into(), kind: kind.word, tried }),
    }
}

fn raw_key(secret: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(secret).ok()?.trim();
    (text.len() == 64).then_some(())?;
    let mut key = Zeroizing::new([0; 32]);
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

/// Vectors from real and synthetic backups: openwall/john:src/itunes_fmt_plug.c (A to E), hashcat's module 14800 (F).
#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }

    /// Password, wrapped key, salt, rounds and salt of the first derivation, derived key, class key.
    struct Vector(&'static str, &'static str, &'static str, Option<(u32, &'static str)>, &'static str, &'static str);

    fn check(v: &Vector) {
        let bag = Keybag {
            salt: bytes(v.2),
            iterations: 10_000,
            double: v.3.map(|(rounds, salt)| (bytes(salt), rounds)),
            classes: vec![Class { number: 3, wrap: 2, wrapped: bytes(v.1) }],
        };
        let kek = bag.derive(v.0.as_bytes());
        assert_eq!(kek.as_slice(), bytes(v.4), "key of {}", v.0);
        let classes = bag.unwrap(&kek).unwrap();
        assert_eq!(classes.keys[&3].as_slice(), bytes(v.5), "class key of {}", v.0);
        assert!(bag.unwrap(&[0x5a; 32]).is_none(), "another key opens nothing");
    }

    #[test]
    fn keys_of_real_and_synthetic_backups_derive_as_published() {
        let vectors = [
            Vector(
                "123456",
                "bc707ac0151660426c8114d04caad9d9ee2678a7b7ab05c18ee50cafb2613c31c8978e8b1e9cad2a",
                "266343aaf99102ba7f6af64a3a2d62637793f753",
                None,
                "e3b46feb8370ba6caedc4925ef30b7d6c93c1462cfecc71901810ef92fb14405",
                "0003897185014cf89b30fb01979f5e675409edfce0cda6cba5f5467a969ebbae",
            ),
            Vector(
                "test123",
                "06dc04bca4eeea2fbc1bc7356fa758243bead479673640a668db285c8f48c402cc435539d935509e",
                "37d2bd7caefbb24a9729e41a3257ef06188dc01e",
                None,
                "0fa447b306577e8aeb2165a3d480c40fa70eaf99f83a74c5b334b687c488a2cd",
                "974df46624faf86673d42c658a628872963ed4ab1527b01f75f8c87719c8a44c",
            ),
            Vector(
                "855632538858211",
                "31021f9c5a705c3625af21739d397082d90f7a00718a9307687625abc35fc3e4d78371e95cc708b6",
                "8840233131165307147445064802216857558435",
                Some((1000, "c77a159b325d10efee51a1c05701ef63fb85b599")),
                "eed63bdf495271d39f9573cd996f673e993c42653487dad8bc6c5a9d5f9e5c9e",
                "a4a800f2948500002f679954baac0000bc37a75a034700008a42b7b92f460000",
            ),
            Vector(
                "1",
                "b3d3f05b5367345fcb654b9b628e2ed24d8b8726f1f74707a956c776475d6ebfffc962340d9cbbca",
                "6832814730342072666684158073107301064276",
                Some((1000, "46de5e844e0ee1c81d2cca6acefb77789c1a7cd0")),
                "b13991335ad8f67fb71045f6dfc2b5739976726601ec67ae14ba8c3263767a46",
                "57eac5110c0400000c39c4bdb5bf00008a956423fc5e0000ad7022b6e8110000",
            ),
            Vector(
                "hashcat",
                "17a3b858e79bc273be43a9f113b71efe7ec8e7e401396b350180b4592ef45db67ffef7b2d64329a5",
                "2721336781705041205314422175267631184867",
                Some((1000, "99fafc983e732998adb9fadc162a2e382143f115")),
                "ca1bdd8196307fe1e2ed421321267d96e2988bf12f736035192cfed20ec823ea",
                "2ed7042e87b50000fa6ba698661c000013194470a1f70000c35bd72ce0360000",
            ),
        ];
        vectors.iter().for_each(check);
    }

    #[test]
    fn ten_million_rounds_take_seconds() {
        let bag = Keybag {
            salt: bytes("f09cfa82cc1695657cb2c347ee127c2523795fda"),
            iterations: 10_000,
            double: Some((bytes("66f159e15f3ddbbdd4057f8babef7ad4472fac10"), 10_000_000)),
            classes: vec![Class {
                number: 3,
                wrap: 2,
                wrapped: bytes("deff6d646eb1fa2b6741efee8b70eda84341a838cef2bb10e582669759d7e33c399a0ba2a52cb9ec"),
            }],
        };
        let kek = bag.derive(b"test123");
        assert_eq!(kek.as_slice(), bytes("14b002704b801f2f6afabd38cd5bee2b2a8151071f93375cc76cfc7e19539e69"));
        let classes = bag.unwrap(&kek).unwrap();
        let class = bytes("c92b6a58e988a31c65fff965911147f624567facbfce602efc1a1da2374de238");
        assert_eq!(classes.keys[&3].as_slice(), class);
    }
}
