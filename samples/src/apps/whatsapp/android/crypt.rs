//! Backups of `msgstore.db` on shared storage, and their keys.

use std::io::Write;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{AesGcm, aes::Aes256};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use crate::Seed;
use crate::wire::Message;

/// Which form the backup has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crypt {
    /// Fixed offsets, key in `files/key`.
    Crypt12,
    /// A protobuf header with the feature table, key in `files/key`.
    Crypt14,
    /// The same without feature table and flag byte.
    Crypt14NoFeatures,
    /// End-to-end encrypted: root key in `files/encrypted_backup.key`.
    Crypt15,
}

impl Crypt {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Crypt12, Self::Crypt14, Self::Crypt14NoFeatures, Self::Crypt15];

    /// The end of the file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Crypt12 => "crypt12",
            Self::Crypt14 | Self::Crypt14NoFeatures => "crypt14",
            Self::Crypt15 => "crypt15",
        }
    }
}

/// Last two digits of the owner's number.
const SUFFIX: &str = "01";

/// The keys of one phone.
#[derive(Debug)]
pub(super) struct Keys {
    server_salt: [u8; 32],
    google_salt: [u8; 16],
    google_id: [u8; 16],
    aes: [u8; 32],
    /// What the user may hold as 64 hex digits.
    pub(super) root: [u8; 32],
}

impl Keys {
    pub(super) fn new(seed: &mut Seed) -> Self {
        let google_id: [u8; 16] = seed.array();
        Self { server_salt: seed.array(), google_salt: google_id, google_id, aes: seed.array(), root: seed.array() }
    }

    /// `files/key`, 158 bytes.
    pub(super) fn key_file(&self) -> Vec<u8> {
        let mut payload = vec![0, 1, 1];
        payload.extend(self.server_salt);
        payload.extend(self.google_salt);
        payload.extend(Sha256::digest(self.google_salt));
        payload.extend([0; 16]);
        payload.extend(self.aes);
        java_bytes(&payload)
    }

    /// `files/encrypted_backup.key`, 59 bytes.
    pub(super) fn root_key_file(&self) -> Vec<u8> {
        java_bytes(&self.root)
    }

    /// The AES key of crypt15.
    fn backup_key(&self) -> [u8; 32] {
        let first = hmac(&[0; 32], &self.root);
        hmac(&first, b"backup encryption\x01")
    }

    /// A backup of `plain`; `checked` appends the MD5 that only `msgstore` backups have.
    pub(super) fn seal(&self, crypt: Crypt, plain: &[u8], seed: &mut Seed, checked: bool) -> Vec<u8> {
        let iv: [u8; 16] = seed.array();
        let key = if crypt == Crypt::Crypt15 { self.backup_key() } else { self.aes };
        let mut out = self.header(crypt, &iv);
        out.extend(gcm(&key, &iv, &deflate(plain)));
        if checked {
            out.extend(Md5::digest(&out));
        }
        if crypt == Crypt::Crypt12 {
            out.extend(format!("--{SUFFIX}").bytes());
        }
        out
    }

    fn header(&self, crypt: Crypt, iv: &[u8; 16]) -> Vec<u8> {
        if crypt == Crypt::Crypt12 {
            return [&[0, 1, 1][..], &self.server_salt, &self.google_id, iv].concat();
        }
        let mut prefix = Message::new().number(1, u64::from(crypt == Crypt::Crypt15));
        prefix = if crypt == Crypt::Crypt15 {
            prefix.child(3, Message::new().bytes(1, iv))
        } else {
            let cipher = Message::new()
                .bytes(1, &[0, 1])
                .text(2, "1")
                .bytes(3, &self.server_salt)
                .bytes(4, &self.google_id)
                .bytes(5, iv);
            prefix.child(2, cipher)
        };
        let mut info = Message::new().text(1, "2.25.30.75").text(3, SUFFIX).number(4, 1);
        let with_features = crypt != Crypt::Crypt14NoFeatures;
        if with_features {
            for field in (5..=37).chain([39]) {
                info = info.number(field, 1);
            }
        }
        let body = prefix.child(4, info).finish();
        let mut out = vec![u8::try_from(body.len()).expect("a short header")];
        if with_features {
            out.push(1);
        }
        out.extend(body);
        out
    }
}

/// A Java-serialised `byte[]`.
fn java_bytes(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![
        0xac, 0xed, 0x00, 0x05, 0x75, 0x72, 0x00, 0x02, 0x5b, 0x42, 0xac, 0xf3, 0x17, 0xf8, 0x06, 0x08, 0x54, 0xe0,
        0x02, 0x00, 0x00, 0x78, 0x70,
    ];
    out.extend(u32::try_from(payload.len()).expect("short").to_be_bytes());
    out.extend(payload);
    out
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("any length will do");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// AES-256-GCM with the 16-byte IV that WhatsApp uses; the tag stands at the end.
fn gcm(key: &[u8; 32], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    AesGcm::<Aes256, U16>::new(&(*key).into()).encrypt(&(*iv).into(), plain).expect("a small message")
}

/// zlib level 1: `78 01`.
fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(1));
    encoder.write_all(plain).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}
