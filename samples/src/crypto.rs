//! Ciphers as a writer needs them: a few lines each, over the block cipher alone.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::seed::hex_lower;

/// AES-256-CBC over whole blocks.
///
/// # Panics
/// When `data` is no multiple of 16 bytes.
pub(crate) fn cbc(key: &[u8; 32], iv: &[u8; 16], data: &[u8]) -> Vec<u8> {
    assert!(data.len().is_multiple_of(16), "CBC takes whole blocks");
    let cipher = aes::Aes256::new(&(*key).into());
    let mut chain = *iv;
    let mut out = Vec::with_capacity(data.len());
    for block in data.chunks_exact(16) {
        for (byte, plain) in chain.iter_mut().zip(block) {
            *byte ^= plain;
        }
        let mut state = aes::Block::from(chain);
        cipher.encrypt_block(&mut state);
        chain = state.into();
        out.extend(chain);
    }
    out
}

/// PKCS#7: one to sixteen bytes, each the number of them.
pub(crate) fn pkcs7(data: &[u8]) -> Vec<u8> {
    let fill = 16 - data.len() % 16;
    let mut padded = data.to_vec();
    padded.resize(data.len() + fill, fill as u8);
    padded
}

/// AES-256 key wrap (RFC 3394 §2.2.1): 32 bytes become 40.
pub(crate) fn wrap_key(kek: &[u8; 32], key: &[u8; 32]) -> Vec<u8> {
    let cipher = aes::Aes256::new(&(*kek).into());
    let mut check = [0xa6_u8; 8];
    let mut parts: Vec<[u8; 8]> = key.chunks_exact(8).map(|part| part.try_into().expect("eight bytes")).collect();
    for round in 0..6_u64 {
        let count = parts.len() as u64;
        for (at, part) in (1..).zip(parts.iter_mut()) {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&check);
            block[8..].copy_from_slice(part);
            let mut state = aes::Block::from(block);
            cipher.encrypt_block(&mut state);
            let step = (count * round + at).to_be_bytes();
            for (byte, (wrapped, counter)) in check.iter_mut().zip(state[..8].iter().zip(step)) {
                *byte = wrapped ^ counter;
            }
            part.copy_from_slice(&state[8..]);
        }
    }
    check.into_iter().chain(parts.into_iter().flatten()).collect()
}

/// RC4 (its own inverse).
pub(crate) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_usize;
    for i in 0..256 {
        j = (j + usize::from(state[i]) + usize::from(key[i % key.len()])) % 256;
        state.swap(i, j);
    }
    let (mut i, mut j) = (0, 0);
    let mut next = || {
        i = (i + 1) % 256;
        j = (j + usize::from(state[i])) % 256;
        state.swap(i, j);
        state[(usize::from(state[i]) + usize::from(state[j])) % 256]
    };
    data.iter().map(|byte| byte ^ next()).collect()
}

/// Lower-case hex of MD5.
pub(crate) fn md5_hex(text: &str) -> String {
    hex_lower(&Md5::digest(text.as_bytes()))
}

/// Lower-case hex of SHA-1.
pub(crate) fn sha1_hex(bytes: &[u8]) -> String {
    hex_lower(&Sha1::digest(bytes))
}

/// PBKDF2-HMAC-SHA1, 32 bytes.
pub(crate) fn pbkdf2_sha1(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, &mut key);
    key
}

/// PBKDF2-HMAC-SHA256, 32 bytes.
pub(crate) fn pbkdf2_sha256(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector computed by hand.
    #[test]
    fn rc4_meets_the_documented_vector() {
        let cipher = rc4(b"_wEcHAT_", b"1234567890ABCDEF\n");
        assert_eq!(hex_lower(&cipher), "2218112d2b55f5fb7b39c3cd44a2c966f8");
    }
}
