//! Small files that hold one value each: Java object streams, past device ids, MMKV.

use forensics_core::store::java_object::{self, Java};
use forensics_core::store::mmkv::Mmkv;

use crate::wechat::digest::rc4;

/// The RC4 key of `KeyInfo.bin` (Android 7.0.22, `plugin/dbbackup/a/b`).
const KEY_INFO: &[u8] = b"_wEcHAT_";
/// Device ids of one file at most; the app keeps a handful.
const MOST_DEVICES: usize = 64;

/// The text behind a number in `CompatibleInfo.cfg` or `systemInfo.cfg`; scanned for where the stream is damaged.
pub(super) fn text_of(bytes: &[u8], key: i32) -> Option<String> {
    match java_object::read(bytes) {
        Ok(map) => map.at(i64::from(key)).and_then(Java::as_text).map(str::to_owned),
        Err(_) => java_object::scan_text(bytes, key).map(|(_, text)| text),
    }
}

/// The integer behind a number, likewise.
pub(super) fn int_of(bytes: &[u8], key: i32) -> Option<i64> {
    match java_object::read(bytes) {
        Ok(map) => map.at(i64::from(key)).and_then(Java::as_int),
        Err(_) => java_object::scan_int(bytes, key).map(|(_, value)| i64::from(value)),
    }
}

/// The lines of `KeyInfo.bin`, newest first.
pub(super) fn key_info(bytes: &[u8]) -> Vec<String> {
    let Some(text) = rc4(KEY_INFO, bytes).and_then(|plain| String::from_utf8(plain).ok()) else { return Vec::new() };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_DEVICES).map(str::to_owned).collect()
}

/// A text of an MMKV file.
pub(super) fn kept_text(bytes: &[u8], key: &str) -> Option<String> {
    Mmkv::read(bytes, None).ok()?.text(key).map(str::to_owned)
}

/// The client's version as people write it: `0x28004a30` is 8.0.74 (our reading of two known pairs).
pub(super) fn client_version(code: i64) -> String {
    let byte = |shift: u32| code.checked_shr(shift).unwrap_or(0) & 0xff;
    match byte(24) {
        major @ 0x20..=0x2f => format!("{}.{}.{}", major & 0xf, byte(16), byte(8)),
        _ => format!("{code:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_device_ids_are_lines() {
        let file = rc4(KEY_INFO, b"358240051111110\n1234567890ABCDEF\n").unwrap();
        assert_eq!(key_info(&file), ["358240051111110", "1234567890ABCDEF"]);
        assert!(key_info(&[0xff; 40]).is_empty());
    }

    #[test]
    fn a_client_version_is_told_as_people_write_it() {
        assert_eq!(client_version(0x2606_0736), "6.6.7");
        assert_eq!(client_version(0x2800_4a30), "8.0.74");
        assert_eq!(client_version(-1), "0xffffffffffffffff");
    }

    #[test]
    fn a_damaged_stream_still_gives_its_text() {
        let damaged = b"\xac\xed\x00\x05garbage\x00\x00\x01\x02t\x00\x041234rest";
        assert_eq!(text_of(damaged, 258).as_deref(), Some("1234"));
    }
}
