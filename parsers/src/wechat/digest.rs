//! MD5 and RC4 as WeChat uses them.

use forensics_core::value::hex;
use md5::{Digest as _, Md5};
use rc4::{KeyInit as _, Rc4, StreamCipher as _};

/// MD5 as lower-case hexadecimal.
pub(super) fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// Decrypts a whole RC4 stream; `None` for a key that RC4 does not take (empty, longer than 256 bytes).
pub(super) fn rc4(key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.to_vec();
    Rc4::new_from_slice(key).ok()?.apply_keystream(&mut out);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_info_meets_its_vector() {
        let file = rc4(b"_wEcHAT_", b"1234567890ABCDEF\n").unwrap();
        assert_eq!(hex(&file), "2218112d2b55f5fb7b39c3cd44a2c966f8");
    }
}
