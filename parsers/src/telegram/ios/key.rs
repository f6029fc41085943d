//! The key of an encrypted Postbox (`telegram-data/.tempkeyEncrypted`; TelegramCore `TempKey`).

use aes::Aes256Dec;
use aes::cipher::{Array, BlockCipherDecrypt as _, KeyInit as _};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::coder::{SEED, murmur3_32};

/// What the file is locked with where the user set no passcode.
pub(super) const DEFAULT_PASSWORD: &[u8] = b"no-matter-key";
/// Length of the file.
const LENGTH: usize = 64;
/// 32 bytes of key and 16 of salt.
const SECRET: usize = 48;

/// Opens the file with a password: 32 bytes of key and 16 of salt. A hash inside tells the right password from others.
pub(super) fn open(file: &[u8], password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let blocks = file.first_chunk::<LENGTH>().filter(|_| file.len() == LENGTH)?.as_chunks::<16>().0;
    let derived = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(password)));
    let (key, rest) = derived.split_at_checked(32)?;
    let mut previous: [u8; 16] = *rest.last_chunk()?;
    let aes = Aes256Dec::new_from_slice(key).ok()?;
    let mut plain = Zeroizing::new(Vec::with_capacity(LENGTH));
    for block in blocks {
        let mut opened = Array::from(*block);
        aes.decrypt_block(&mut opened);
        plain.extend(opened.iter().zip(previous).map(|(a, b)| a ^ b));
        previous = *block;
    }
    let (secret, rest) = plain.split_at_checked(SECRET)?;
    let check = u32::from_le_bytes(*rest.first_chunk()?);
    (murmur3_32(secret, SEED) == check).then(|| Zeroizing::new(secret.to_vec()))
}

#[cfg(test)]
mod tests {
    use aes::Aes256Enc;
    use aes::cipher::BlockCipherEncrypt as _;

    use super::*;

    /// Locks a key as the app does.
    fn lock(secret: &[u8; SECRET], password: &[u8]) -> Vec<u8> {
        let mut plain = secret.to_vec();
        plain.extend(murmur3_32(secret, SEED).to_le_bytes());
        plain.resize(LENGTH, 0);
        let derived = Sha512::digest(password);
        let aes = Aes256Enc::new_from_slice(&derived[..32]).unwrap();
        let mut previous: [u8; 16] = derived[48..64].try_into().unwrap();
        let mut out = Vec::new();
        for block in plain.chunks(16) {
            let mut mixed = [0; 16];
            for (slot, (a, b)) in mixed.iter_mut().zip(block.iter().zip(previous)) {
                *slot = a ^ b;
            }
            let mut sealed = Array::from(mixed);
            aes.encrypt_block(&mut sealed);
            previous.copy_from_slice(&sealed);
            out.extend(sealed);
        }
        out
    }

    #[test]
    fn the_key_opens_with_its_password_only() {
        let secret: [u8; SECRET] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let file = lock(&secret, DEFAULT_PASSWORD);
        assert_eq!(open(&file, DEFAULT_PASSWORD).as_deref().map(Vec::as_slice), Some(&secret[..]));
        assert!(open(&file, b"1234").is_none());
        assert!(open(&file[..63], DEFAULT_PASSWORD).is_none());
    }
}
