//! The account: its folder, its keys, and the small files that name it.

use super::cast::OWNER;
use crate::crypto::{md5_hex, rc4};
use crate::wire::varint;

/// What the keys follow from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's number as a signed 32-bit integer, as the app writes it.
    pub uin: i32,
    /// IMEI, MEID or the literal `1234567890ABCDEF`.
    pub device_id: String,
    /// The account's user name.
    pub wxid: String,
}

impl Account {
    /// An account of this number on this device.
    #[must_use]
    pub fn new(uin: i32, device_id: &str) -> Self {
        Self { uin, device_id: device_id.to_owned(), wxid: OWNER.to_owned() }
    }

    /// Name of the account's folder under `MicroMsg/`.
    #[must_use]
    pub fn folder(&self) -> String {
        md5_hex(&format!("mm{}", self.uin))
    }

    /// Passphrase of `EnMicroMsg.db` and its kin.
    #[must_use]
    pub fn main_key(&self) -> String {
        self.queue_key()[..7].to_owned()
    }

    /// RC4 key of `pushSyncResp`.
    #[must_use]
    pub fn queue_key(&self) -> String {
        md5_hex(&format!("{}{}", self.device_id, self.uin))
    }

    /// Passphrase of `FTS5IndexMicroMsg_encrypt.db`.
    #[must_use]
    pub fn index_key(&self) -> String {
        let unsigned = self.uin.cast_unsigned();
        md5_hex(&format!("{unsigned}{}{}", self.device_id, self.wxid))[..7].to_owned()
    }

    /// `files/KeyInfo.bin`: past device ids, newest first.
    pub(super) fn key_info(&self) -> Vec<u8> {
        rc4(b"_wEcHAT_", format!("{}\n1234567890ABCDEF\n", self.device_id).as_bytes())
    }
}

/// A value of a Java object stream.
#[derive(Debug, Clone)]
pub(super) enum JavaValue {
    Integer(i32),
    Text(String),
}

/// A `HashMap<Integer, Object>` as a Java object stream.
pub(super) fn java_map(entries: &[(i32, JavaValue)]) -> Vec<u8> {
    let mut out = vec![0xac, 0xed, 0x00, 0x05, 0x73, 0x72];
    push_java_text(&mut out, "java.util.HashMap");
    out.extend([0x05, 0x07, 0xda, 0xc1, 0xc3, 0x16, 0x60, 0xd1, 0x03]);
    out.extend(2_u16.to_be_bytes());
    out.push(b'F');
    push_java_text(&mut out, "loadFactor");
    out.push(b'I');
    push_java_text(&mut out, "threshold");
    out.extend([0x78, 0x70]); // end of block data, no superclass
    out.extend(0.75_f32.to_be_bytes());
    let capacity = (entries.len() * 2).next_power_of_two().max(16) as u32;
    out.extend((capacity * 3 / 4).to_be_bytes());
    out.extend([0x77, 0x08]);
    out.extend(capacity.to_be_bytes());
    out.extend((entries.len() as u32).to_be_bytes());
    let mut described = false;
    for (key, value) in entries {
        push_java_int(&mut out, *key, &mut described);
        match value {
            JavaValue::Integer(number) => push_java_int(&mut out, *number, &mut described),
            JavaValue::Text(text) => {
                out.push(0x74);
                push_java_text(&mut out, text);
            }
        }
    }
    out.push(0x78);
    out
}

/// An `Integer`; its class is described once, then named by handle 0x7E0002.
///
/// Handles so far: 0 the map's class, 1 the map, 2 `Integer`'s class.
fn push_java_int(out: &mut Vec<u8>, value: i32, described: &mut bool) {
    if *described {
        out.extend([0x73, 0x71, 0x00, 0x7e, 0x00, 0x02]);
    } else {
        out.extend([0x73, 0x72]);
        push_java_text(out, "java.lang.Integer");
        out.extend([0x12, 0xe2, 0xa0, 0xa4, 0xf7, 0x81, 0x87, 0x38, 0x02]);
        out.extend(1_u16.to_be_bytes());
        out.push(b'I');
        push_java_text(out, "value");
        out.extend([0x78, 0x72]);
        push_java_text(out, "java.lang.Number");
        out.extend([0x86, 0xac, 0x95, 0x1d, 0x0b, 0x94, 0xe0, 0x8b, 0x02, 0x00, 0x00, 0x78, 0x70]);
        *described = true;
    }
    out.extend(value.to_be_bytes());
}

fn push_java_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).expect("a short text").to_be_bytes());
    out.extend(text.as_bytes());
}

/// An MMKV file: records one after the other, the last of a key wins, an empty value removes.
#[must_use]
pub fn mmkv(records: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in records {
        body.extend(varint(key.len() as u64));
        body.extend(key.as_bytes());
        match value {
            None => body.push(0),
            Some(value) => {
                let mut inner = varint(value.len() as u64);
                inner.extend(value.as_bytes());
                body.extend(varint(inner.len() as u64));
                body.extend(inner);
            }
        }
    }
    // The size counts the holder at offset 4 as part of the content.
    let mut file = u32::try_from(body.len() + 4).expect("a small file").to_le_bytes().to_vec();
    file.extend([0xff, 0xff, 0xff, 0x07]);
    file.extend(body);
    file.resize(4096, 0);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors computed independently of this code.
    #[test]
    fn keys_meet_the_documented_vectors() {
        let positive = Account::new(1_234_567_890, "1234567890ABCDEF");
        assert_eq!(positive.folder(), "fdf058fb758b9f9705c8d894d486e352");
        assert_eq!(positive.main_key(), "62c5a17");
        assert_eq!(positive.index_key(), "58f0604");
        assert_eq!(positive.queue_key(), "62c5a175a3b141e9d653f9e917c3a3e3");
        let negative = Account::new(-1_234_567_890, "1234567890ABCDEF");
        assert_eq!(negative.folder(), "93db116453a64e6470b159be16da18e5");
        assert_eq!((negative.main_key(), negative.index_key()), ("c1348a2".to_owned(), "9991a4c".to_owned()));
    }
}
