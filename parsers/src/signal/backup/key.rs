//! The keys of a backup file: thirty digits and a salt make them (`BackupPassphrase`, `FullBackupBase.getBackupKey`).

use aes::Aes256Enc;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use forensics_core::decode::protobuf::Message;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

/// Rounds of SHA-512 over the digits (`DIGEST_ROUNDS`).
const ROUNDS: u32 = 250_000;
/// Bytes of the check behind every frame and blob.
pub(super) const CHECK: usize = 10;
/// What the derived keys are for (`HKDF`'s info).
const PURPOSE: &[u8] = b"Backup Export";

/// The check over frames and blobs.
pub(super) type Check = Hmac<Sha256>;

/// What the clear frame at the beginning says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The first counter block.
    pub(super) iv: [u8; 16],
    /// The salt of the key.
    pub(super) salt: Box<[u8]>,
    /// Whether the frames' lengths are encrypted too (version 1).
    pub(super) hides_lengths: bool,
    /// Bytes of the header with its length.
    pub(super) length: u64,
}

impl Header {
    /// Reads the header; says what is wrong with it.
    pub(super) fn read(head: &[u8]) -> Result<Header, String> {
        let (length, rest) = head.split_first_chunk::<4>().ok_or("the file ends within its first four bytes")?;
        let length = u32::from_be_bytes(*length);
        let frame = usize::try_from(length).ok().and_then(|n| rest.get(..n));
        let frame = frame.ok_or_else(|| format!("it begins with a frame of {length} bytes, which is none"))?;
        let header = Message::new(frame).message(1).ok_or("its first frame is no header")?;
        let iv = header.content(1).and_then(|iv| iv.try_into().ok()).ok_or("its header has no IV of 16 bytes")?;
        let salt = header.content(2).unwrap_or_default().into();
        let hides_lengths = match header.uint(3).unwrap_or(0) {
            0 => false,
            1 => true,
            version => return Err(format!("version {version} of the file format is not known")),
        };
        Ok(Header { iv, salt, hides_lengths, length: u64::from(length).saturating_add(4) })
    }
}

/// The keys.
#[derive(Clone)]
pub(super) struct Keys {
    cipher: Zeroizing<[u8; 32]>,
    check: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Derives the keys; what is no digit in the passphrase is passed over, as the app does.
    pub(super) fn derive(passphrase: &[u8], salt: &[u8]) -> Option<Keys> {
        let digits: Zeroizing<Vec<u8>> =
            Zeroizing::new(passphrase.iter().copied().filter(u8::is_ascii_digit).collect());
        let mut state = Sha512::new();
        state.update(salt);
        let mut hash: Zeroizing<Vec<u8>> = digits.clone();
        for _ in 0..ROUNDS {
            state.update(&hash[..]);
            state.update(&digits[..]);
            hash = Zeroizing::new(state.finalize_reset().to_vec());
        }
        let (cipher, check) = expand(hash.get(..32)?)?;
        Some(Keys { cipher, check })
    }

    /// The stream of one frame or blob.
    pub(super) fn stream(&self, block: [u8; 16]) -> Option<Stream> {
        let aes = Aes256Enc::new_from_slice(&self.cipher[..]).ok()?;
        Some(Stream { aes, block, pad: [0; 16], used: 16 })
    }

    /// The check of one frame or blob.
    pub(super) fn check(&self) -> Option<Check> {
        Hmac::new_from_slice(&self.check[..]).ok()
    }
}

type Half = Zeroizing<[u8; 32]>;

/// HKDF-SHA256 (RFC 5869) without salt: 64 bytes in two halves.
fn expand(key: &[u8]) -> Option<(Half, Half)> {
    let mac = |key: &[u8], parts: &[&[u8]]| -> Option<Half> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        parts.iter().for_each(|p| mac.update(p));
        Some(Zeroizing::new(mac.finalize().into_bytes().into()))
    };
    let secret = mac(&[0; 32], &[key])?;
    let first = mac(&secret[..], &[PURPOSE, &[1]])?;
    let second = mac(&secret[..], &[&first[..], PURPOSE, &[2]])?;
    Some((first, second))
}

/// AES-256 in counter mode; the whole block counts, from its end.
pub(super) struct Stream {
    aes: Aes256Enc,
    block: [u8; 16],
    pad: [u8; 16],
    used: usize,
}

impl Stream {
    /// Decrypts in place.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == 16 {
                let mut block = self.block.into();
                self.aes.encrypt_block(&mut block);
                self.pad = block.into();
                self.block = u128::from_be_bytes(self.block).wrapping_add(1).to_be_bytes();
                self.used = 0;
            }
            *byte ^= self.pad.get(self.used).copied().unwrap_or(0);
            self.used = self.used.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forensics_core::value::hex;

    /// A vector made apart from this code, which an independent reader of backup files agreed to.
    #[test]
    fn thirty_digits_and_a_salt_make_the_keys() {
        let salt: Vec<u8> = (0x20..0x40).collect();
        let keys = Keys::derive(b"12345 67890 12345 67890 12345 67890", &salt).unwrap();
        assert_eq!(hex(&keys.cipher[..]), "4dab83c4683c398e81bba2f65bc50d822e140b1d049a05a51fa98f1c86c2c495");
        assert_eq!(hex(&keys.check[..]), "7f531652cb1f200ee8004928cf8fb888e39e00e7cb2eeb1a0a3ba4f7ebd27145");
    }

    #[test]
    fn a_file_that_is_no_backup_says_so() {
        assert!(Header::read(b"").is_err());
        assert!(Header::read(&[0xff; 64]).unwrap_err().contains("4294967295"));
        assert!(Header::read(&[0, 0, 0, 2, 0x0a, 0x00]).unwrap_err().contains("IV"));
        let unknown = [&[0u8, 0, 0, 22, 0x0a, 20, 0x0a, 16][..], &[7; 16], &[0x18, 9]].concat();
        assert_eq!(Header::read(&unknown).unwrap_err(), "version 9 of the file format is not known");
    }
}
