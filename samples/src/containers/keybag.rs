//! The keybag of an encrypted backup.

use crate::Seed;
use crate::crypto::{cbc, pbkdf2_sha1, pbkdf2_sha256, pkcs7, wrap_key};

/// Rounds of the SHA-1 derivation.
const ITER: u32 = 10_000;

/// A keybag and the keys behind it.
#[derive(Debug, Clone)]
pub struct Keybag {
    /// The tag-length-value form, `BackupKeyBag` in `Manifest.plist`.
    pub bytes: Vec<u8>,
    classes: [[u8; 32]; 12],
    seed: Seed,
}

impl Keybag {
    /// A bag under `password`. `dpic` is the number of SHA-256 rounds; `None` writes the bag of
    /// iOS before 10.2, which has no such derivation.
    #[must_use]
    pub fn new(password: &str, dpic: Option<u32>, seed: u64) -> Self {
        let mut seed = Seed::new(seed, "keybag");
        let (salt, dpsl) = (seed.bytes(20), seed.bytes(20));
        let first = dpic.map(|rounds| pbkdf2_sha256(password.as_bytes(), &dpsl, rounds));
        let secret: &[u8] = first.as_ref().map_or(password.as_bytes(), |key| key);
        let kek = pbkdf2_sha1(secret, &salt, ITER);
        let mut bag = Vec::new();
        number(&mut bag, "VERS", if dpic.is_some() { 5 } else { 3 });
        number(&mut bag, "TYPE", 1);
        value(&mut bag, "UUID", &seed.bytes(16));
        value(&mut bag, "HMCK", &seed.bytes(40));
        number(&mut bag, "WRAP", 0);
        value(&mut bag, "SALT", &salt);
        number(&mut bag, "ITER", ITER);
        if let Some(rounds) = dpic {
            number(&mut bag, "DPWT", 1);
            number(&mut bag, "DPIC", rounds);
            value(&mut bag, "DPSL", &dpsl);
        }
        let mut classes = [[0; 32]; 12];
        for class in (1..=11_u32).rev() {
            let key: [u8; 32] = seed.array();
            classes[class as usize] = key;
            value(&mut bag, "UUID", &seed.bytes(16));
            number(&mut bag, "CLAS", class);
            // 3: bound to the device as well; nobody can unwrap it to the end.
            number(&mut bag, "WRAP", if matches!(class, 5 | 9..) { 3 } else { 2 });
            number(&mut bag, "KTYP", 0);
            value(&mut bag, "WPKY", &wrap_key(&kek, &key));
        }
        Self { bytes: bag, classes, seed }
    }

    /// A fresh file key: class (little endian) and wrapped key as stored, and the key itself.
    pub fn file_key(&mut self, class: u32) -> (Vec<u8>, [u8; 32]) {
        let key: [u8; 32] = self.seed.array();
        let mut stored = class.to_le_bytes().to_vec();
        stored.extend(wrap_key(&self.classes[class as usize], &key));
        (stored, key)
    }
}

/// Content as it lies in a backup: padded, AES-256-CBC, no IV.
#[must_use]
pub fn seal(key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    cbc(key, &[0; 16], &pkcs7(plain))
}

fn value(bag: &mut Vec<u8>, tag: &str, value: &[u8]) {
    bag.extend(tag.as_bytes());
    bag.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
    bag.extend(value);
}

/// Numbers are big endian in the bag (and little endian before file keys).
fn number(bag: &mut Vec<u8>, tag: &str, number: u32) {
    value(bag, tag, &number.to_be_bytes());
}

/// A bag that asks for absurd work: 4,294,967,295 rounds.
#[must_use]
pub fn with_absurd_rounds(bag: &[u8]) -> Vec<u8> {
    let mut bag = bag.to_vec();
    if let Some(at) = bag.windows(4).position(|tag| tag == b"DPIC") {
        bag[at + 8..at + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    }
    bag
}
