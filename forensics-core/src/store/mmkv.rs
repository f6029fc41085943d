//! MMKV: Tencent's append-only key-value file.
//!
//! Four bytes of length (little-endian), then a varint that only holds place, then records: key length, key, value
//! length, value, all lengths varints. A key is written anew each time it changes: the last one counts, an empty value
//! removes it, and the earlier ones are former values. Source: `Tencent/MMKV`, `Core/MMKV_IO.cpp`,
//! `Core/MiniPBCoder.cpp`.

use std::collections::HashMap;

use super::bytes::{le32, slice};
use crate::origin::{Origin, StoreId};

/// Where the length stands in the `.crc` file, for files whose own length is 0.
const LENGTH_IN_CRC: usize = 32;
/// The length of the file's own length.
const HEADER: usize = 4;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MmkvError {
    /// Fewer bytes than a header.
    #[error("the file has {length} bytes; MMKV needs 8")]
    Short {
        /// Bytes there are.
        length: usize,
    },
    /// Not one record can be read: no MMKV, or encrypted.
    #[error("no record can be read at byte {offset}: not MMKV, or encrypted")]
    Format {
        /// Where the first record should be.
        offset: usize,
    },
}

/// One writing of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a str,
    /// The value as stored; empty when the key was removed.
    pub value: &'a [u8],
    /// Where the record begins in the file.
    pub offset: usize,
    /// Bytes of the record.
    pub length: usize,
}

/// A file's records in the order they were written.
#[derive(Clone, Debug, Default)]
pub struct Mmkv<'a> {
    entries: Vec<Entry<'a>>,
    last: HashMap<&'a str, usize>,
    /// Where a record could not be read; what follows is lost.
    pub broken: Option<usize>,
}

impl<'a> Entry<'a> {
    /// The value as text: length and bytes. `None` when it is not valid UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The value as bytes with their length.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        let (length, at) = varint(self.value, 0)?;
        slice(self.value, at, usize::try_from(length).ok()?)
    }

    /// The value as integer: one varint, nothing behind it.
    pub fn int(&self) -> Option<i64> {
        let (value, end) = varint(self.value, 0)?;
        (end == self.value.len()).then(|| value.cast_signed())
    }

    /// The value as truth value.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    /// The value as real: eight bytes, or four.
    pub fn real(&self) -> Option<f64> {
        match *self.value {
            [a, b, c, d, e, f, g, h] => Some(f64::from_le_bytes([a, b, c, d, e, f, g, h])),
            [a, b, c, d] => Some(f64::from(f32::from_le_bytes([a, b, c, d]))),
            _ => None,
        }
    }

    /// Whether this writing removed the key.
    pub fn is_removal(&self) -> bool {
        self.value.is_empty()
    }

    /// Its place in the store.
    pub fn origin(&self, store: StoreId) -> Origin {
        Origin { key: Some(self.key.into()), ..Origin::bytes(store, self.offset as u64, self.length as u64) }
    }
}

impl<'a> Mmkv<'a> {
    /// Reads a file; `crc` is the file beside it whose name ends in `.crc`.
    ///
    /// # Errors
    /// The file is too short, or holds no record although it should.
    pub fn read(bytes: &'a [u8], crc: Option<&[u8]>) -> Result<Mmkv<'a>, MmkvError> {
        let stated = le32(bytes, 0).ok_or(MmkvError::Short { length: bytes.len() })?;
        let length = match stated {
            0 => crc.and_then(|c| le32(c, LENGTH_IN_CRC)).unwrap_or(0),
            n => n,
        };
        let end = HEADER.saturating_add(length as usize);
        let mut file = Mmkv::default();
        if length == 0 {
            return Ok(file);
        }
        let content = bytes.get(..end.min(bytes.len())).unwrap_or(bytes);
        let (_, mut at) = varint(content, HEADER).ok_or(MmkvError::Short { length: bytes.len() })?;
        let first = at;
        while at < content.len() {
            let Some((entry, next)) = record(content, at) else {
                file.broken = Some(at);
                break;
            };
            file.last.insert(entry.key, file.entries.len());
            file.entries.push(entry);
            at = next;
        }
        if end > bytes.len() && file.broken.is_none() {
            file.broken = Some(bytes.len());
        }
        if file.entries.is_empty() && file.broken == Some(first) {
            return Err(MmkvError::Format { offset: first });
        }
        Ok(file)
    }

    /// The present value of a key; `None` when it was never written, or was removed.
    pub fn get(&self, key: &str) -> Option<Entry<'a>> {
        self.entries.get(*self.last.get(key)?).copied().filter(|e| !e.is_removal())
    }

    /// Every writing of every key, in order; the former values too.
    pub fn history(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The present entries in the order they were written.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        let present = |(i, e): &(usize, &Entry<'a>)| self.last.get(e.key) == Some(i) && !e.is_removal();
        self.entries.iter().enumerate().filter(present).map(|(_, e)| *e)
    }

    /// The present text of a key.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// The present integer of a key.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.int()
    }
}

fn record(bytes: &[u8], start: usize) -> Option<(Entry<'_>, usize)> {
    let (key, at) = run(bytes, start)?;
    let (value, end) = run(bytes, at)?;
    let key = std::str::from_utf8(key).ok().filter(|k| !k.is_empty())?;
    Some((Entry { key, value, offset: start, length: end.saturating_sub(start) }, end))
}

/// Bytes with their length in front.
fn run(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (length, at) = varint(bytes, at)?;
    let length = usize::try_from(length).ok()?;
    Some((slice(bytes, at, length)?, at.checked_add(length)?))
}

/// A varint, least significant seven bits first.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (place, shift) in (at..).zip((0..64u32).step_by(7)) {
        let byte = *bytes.get(place)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some((value, place.saturating_add(1)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(records: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = vec![0xff, 0xff, 0xff, 0x07];
        for (key, value) in records {
            body.push(key.len() as u8);
            body.extend(key.as_bytes());
            body.push(value.len() as u8);
            body.extend(*value);
        }
        let mut bytes = (body.len() as u32).to_le_bytes().to_vec();
        bytes.extend(body);
        bytes.extend([0; 64]); // the file is as long as its memory map
        bytes
    }

    #[test]
    fn the_last_writing_of_a_key_counts_and_the_former_are_kept() {
        let bytes = file(&[
            ("86", b"\x03wxA"),
            ("88", b"\x04Anna"),
            ("86", b"\x03wxB"),
            ("gone", b"\x01"),
            ("gone", b""),
            ("n", b"\x96\x01"),
        ]);
        let mmkv = Mmkv::read(&bytes, None).unwrap();
        assert_eq!(mmkv.text("86"), Some("wxB"));
        assert_eq!(mmkv.text("88"), Some("Anna"));
        assert_eq!(mmkv.int("n"), Some(150));
        assert!(mmkv.get("gone").is_none());
        assert_eq!(mmkv.broken, None);
        assert_eq!(mmkv.history().len(), 6);
        assert_eq!(mmkv.history()[0].text(), Some("wxA"));
        assert_eq!(mmkv.entries().map(|e| e.key).collect::<Vec<_>>(), ["88", "86", "n"]);
        let entry = mmkv.get("88").unwrap();
        assert_eq!(&bytes[entry.offset..entry.offset + entry.length], b"\x0288\x05\x04Anna");
    }

    #[test]
    fn a_length_of_zero_is_looked_up_in_the_crc_file() {
        let mut bytes = file(&[("86", b"\x03wxA")]);
        let mut crc = vec![0; 40];
        crc[32..36].copy_from_slice(&bytes[..4]);
        bytes[..4].fill(0);
        assert_eq!(Mmkv::read(&bytes, Some(&crc)).unwrap().text("86"), Some("wxA"));
        assert_eq!(Mmkv::read(&bytes, None).unwrap().history().len(), 0);
    }

    #[test]
    fn an_encrypted_file_is_not_taken_for_an_empty_one() {
        let mut bytes = file(&[("86", b"\x03wxA")]);
        for b in &mut bytes[8..] {
            *b ^= 0xa5;
        }
        assert_eq!(Mmkv::read(&bytes, None).unwrap_err(), MmkvError::Format { offset: 8 });
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), length in 0u32..300) {
            let mut bytes = bytes;
            if let Some(head) = bytes.get_mut(..4) {
                head.copy_from_slice(&length.to_le_bytes());
            }
            if let Ok(file) = Mmkv::read(&bytes, None) {
                for e in file.entries() {
                    let _ = (e.text(), e.int(), e.flag(), e.real());
                }
            }
        }
    }
}
