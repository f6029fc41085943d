//! Page ciphers: a finished plain database goes in,
//! the file that stands on the phone comes out. The plain pages must have kept the reserve free.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::page_size;
use crate::crypto::{cbc, pbkdf2_sha1};

/// A page cipher with its keys.
#[derive(Debug, Clone)]
pub struct PageCipher {
    key: [u8; 32],
    hmac_key: Option<[u8; 32]>,
    salt: [u8; 16],
    reserve: usize,
}

impl PageCipher {
    /// SQLCipher 1: 4000 rounds, 16 bytes reserved for the IV, no HMAC (WeChat's main stores).
    #[must_use]
    pub fn version_1(passphrase: &str, salt: [u8; 16]) -> Self {
        let key = pbkdf2_sha1(passphrase.as_bytes(), &salt, 4000);
        Self { key, hmac_key: None, salt, reserve: 16 }
    }

    /// SQLCipher 3: 64000 rounds, HMAC-SHA1, 48 bytes reserved (WeChat's full-text index).
    #[must_use]
    pub fn version_3(passphrase: &str, salt: [u8; 16]) -> Self {
        let key = pbkdf2_sha1(passphrase.as_bytes(), &salt, 64_000);
        let hmac_salt = salt.map(|byte| byte ^ 0x3a);
        let hmac_key = Some(pbkdf2_sha1(&key, &hmac_salt, 2));
        Self { key, hmac_key, salt, reserve: 48 }
    }

    /// Encrypts a whole database.
    ///
    /// # Panics
    /// When the pages do not keep the reserve free (header byte 20).
    #[must_use]
    pub fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        assert_eq!(usize::from(plain[20]), self.reserve, "the pages keep the reserve free");
        let pages = plain.chunks_exact(page_size(plain));
        (1..).zip(pages).flat_map(|(number, page)| self.page(number, page)).collect()
    }

    /// Encrypts one page image; those in a log are done the same way, a page 1 with the salt.
    #[must_use]
    pub fn page(&self, number: u32, plain: &[u8]) -> Vec<u8> {
        let content = plain.len() - self.reserve;
        let start = if number == 1 { 16 } else { 0 };
        let iv = self.iv(number, plain);
        let mut out = self.salt[..start].to_vec();
        out.extend(cbc(&self.key, &iv, &plain[start..content]));
        out.extend(iv);
        if let Some(hmac_key) = &self.hmac_key {
            let mut mac = Hmac::<Sha1>::new_from_slice(hmac_key).expect("any length will do");
            mac.update(&out[start..]);
            mac.update(&number.to_le_bytes());
            out.extend(mac.finalize().into_bytes());
        }
        out.resize(plain.len(), 0);
        out
    }

    /// Chance that follows from the page: another content, another IV; the same content, the same file.
    fn iv(&self, number: u32, plain: &[u8]) -> [u8; 16] {
        let digest =
            Sha1::new().chain_update(self.salt).chain_update(number.to_le_bytes()).chain_update(plain).finalize();
        let mut iv = [0; 16];
        iv.copy_from_slice(&digest[..16]);
        iv
    }
}
