//! The account's position in the server's stream: `SyncKey { 1 keyCount; repeated 2 { 1 key; 2 value } }`
//! (Android 7.0.4, `protocal/protobuf`).
//!
//! It is a position of the account and cannot be mapped to a record; it never bears on a verdict.

use forensics_core::decode::protobuf::Message;

/// The key that counts messages.
pub(super) const MESSAGES: u64 = 2;

/// Keys of one account at most: real lists have some twenty.
const MOST_KEYS: usize = 256;

/// A list of counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SyncKey {
    /// `(key, value)` as they stand.
    pub(super) counters: Vec<(u64, u64)>,
}

impl SyncKey {
    /// Reads the list; `None` when the bytes are no such list.
    pub(super) fn read(bytes: &[u8]) -> Option<SyncKey> {
        let message = Message::new(bytes);
        message.all().ok()?;
        let count = message.uint(1)?;
        let pair = |m: Message<'_>| Some((m.uint(1)?, m.uint(2).unwrap_or(0)));
        let counters: Vec<_> = message.messages(2).take(MOST_KEYS).filter_map(pair).collect();
        (usize::try_from(count).ok() == Some(counters.len()) && count > 0).then_some(SyncKey { counters })
    }

    /// Reads the list from hexadecimal text.
    pub(super) fn read_hex(text: &str) -> Option<SyncKey> {
        SyncKey::read(&unhex(text.trim())?)
    }

    /// The highest value of a counter.
    pub(super) fn get(&self, key: u64) -> Option<u64> {
        self.counters.iter().filter(|(k, _)| *k == key).map(|(_, v)| *v).max()
    }
}

/// What a counter counts, where that is known.
pub(super) fn meaning(key: u64) -> &'static str {
    match key {
        1 => "profile",
        2 => "messages",
        3 => "contacts",
        5 => "QQ contacts",
        7 => "bottles",
        11 => "chat rooms",
        _ => "unknown",
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let nibble = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)?.wrapping_shl(4) | nibble(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_counters_is_read_from_hexadecimal() {
        // { 1: 2, 2: { 1: 2, 2: 700 }, 2: { 1: 11, 2: 5 } }
        let list = SyncKey::read_hex("0802 1205080210bc05 1204080b1005".replace(' ', "").as_str()).unwrap();
        assert_eq!(list.counters, [(2, 700), (11, 5)]);
        assert_eq!(list.get(MESSAGES), Some(700));
    }

    #[test]
    fn other_bytes_are_no_list() {
        for text in ["", "08", "0802", "zz", "0803120508021 0bc05"] {
            assert_eq!(SyncKey::read_hex(text), None, "{text}");
        }
    }
}
