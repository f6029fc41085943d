//! The protobufs of `ChatStorage.sqlite`. Field meanings: a real store of 2023 (receipts, times, own reactions, quotes),
//! IPED for the rest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forensics_core::decode::protobuf::Message as Proto;
use forensics_core::value::Value;

use crate::whatsapp::jid;

/// A push name or its blob is short; what is longer is neither.
const LONGEST_PUSH_NAME: usize = 4096;
/// Seconds that can be the time of a message: 2001 to 2128.
const SECONDS: std::ops::Range<i64> = 1_000_000_000..5_000_000_000;

/// `ZWAMESSAGE.ZPUSHNAME` where it is no name but a small protobuf in base64.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PushName {
    /// Field 1, Unix seconds.
    pub(super) seconds: i64,
    /// Field 3: the owner's own jid, on outgoing rows.
    pub(super) owner: Option<String>,
}

impl PushName {
    pub(super) fn decode(text: &str) -> Option<PushName> {
        if text.len() > LONGEST_PUSH_NAME {
            return None;
        }
        let bytes = STANDARD.decode(text).ok()?;
        let blob = Proto::new(&bytes);
        blob.all().ok()?;
        let seconds = blob.field(1)?.int().filter(|s| SECONDS.contains(s))?;
        let owner = blob.text(3).filter(|jid| jid.contains('@')).map(str::to_owned);
        Some(PushName { seconds, owner })
    }
}

/// What one participant's devices reported.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// Its place among the entries of field 2.
    pub(super) place: usize,
    pub(super) jid: Option<String>,
    /// Seconds after the base time.
    pub(super) delivered: Option<i64>,
    /// Seconds after the base time.
    pub(super) read: Option<i64>,
}

/// A reaction inside the receipt blob.
#[derive(Debug, PartialEq)]
pub(super) struct BlobReaction {
    /// The reaction's own stanza id.
    pub(super) key: Option<String>,
    /// `None` is the owner.
    pub(super) sender: Option<String>,
    pub(super) emoji: Value,
    /// Unix milliseconds.
    pub(super) at: Option<i64>,
    /// Its field path.
    pub(super) path: String,
}

/// `ZWAMESSAGEINFO.ZRECEIPTINFO`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ReceiptInfo {
    /// Field 3: what the peers' seconds count from, Unix seconds.
    pub(super) base: Option<i64>,
    pub(super) peers: Vec<Peer>,
    pub(super) reactions: Vec<BlobReaction>,
    /// Field 8.2: the question of a poll.
    pub(super) question: Option<String>,
}

impl ReceiptInfo {
    /// `None` where the bytes are no message.
    pub(super) fn decode(bytes: &[u8]) -> Option<ReceiptInfo> {
        let blob = Proto::new(bytes);
        blob.all().ok()?;
        let mut info = ReceiptInfo {
            base: blob.field(3).and_then(|f| f.int()).filter(|s| SECONDS.contains(s)),
            question: blob.at(&[8, 2]).and_then(|f| f.text()).map(str::to_owned),
            ..ReceiptInfo::default()
        };
        for (place, entry) in blob.messages(2).enumerate() {
            let seconds = |field| entry.field(field).and_then(|f| f.int()).filter(|s| *s >= 0);
            let jid = entry.field(1).and_then(|f| f.bytes()).and_then(jid::unpack);
            info.peers.push(Peer { place, jid, delivered: seconds(4), read: seconds(5) });
        }
        for list in blob.messages(7) {
            info.reactions.extend(list.messages(1).enumerate().map(|(at, r)| reaction(&r, true, at)));
            info.reactions.extend(list.messages(2).enumerate().map(|(at, r)| reaction(&r, false, at)));
        }
        Some(info)
    }
}

/// 7.1: another's { key, jid, emoji, ms }; 7.2: the owner's { key, emoji, ms }.
fn reaction(r: &Proto<'_>, others: bool, place: usize) -> BlobReaction {
    let (list, emoji, at) = if others { (1, 3, 4) } else { (2, 2, 3) };
    BlobReaction {
        key: r.text(1).map(str::to_owned),
        sender: r.text(2).filter(|_| others).map(str::to_owned),
        emoji: text_or_bytes(r.field(emoji).and_then(|f| f.bytes()).unwrap_or_default()),
        at: r.field(at).and_then(|f| f.int()),
        path: format!("7/{list}[{place}]"),
    }
}

/// What a reply says of the message that it answers: part of `ZWAMEDIAITEM.ZMETADATA`.
#[derive(Debug, PartialEq)]
pub(super) struct Quote {
    /// Field 5: the quoted stanza id.
    pub(super) id: String,
    /// Field 7: the quoted message's chat, where it is another one.
    pub(super) chat: Option<String>,
    /// Field 19: its text.
    pub(super) text: Value,
}

/// `ZWAMEDIAITEM.ZMETADATA`; `None` where the bytes are no message.
pub(super) fn quote(bytes: &[u8]) -> Option<Option<Quote>> {
    let blob = Proto::new(bytes);
    blob.all().ok()?;
    let Some(id) = blob.text(5).filter(|id| !id.is_empty()) else { return Some(None) };
    // 19 is a message in wire form: 1 text, 6.1 text with preview, 3.3 and 9.7 captions.
    let text = [&[19, 1][..], &[19, 6, 1], &[19, 3, 3], &[19, 9, 7]]
        .into_iter()
        .find_map(|path| blob.at(path)?.bytes())
        .map_or(Value::Null, text_or_bytes);
    let chat = blob.text(7).filter(|jid| jid.contains('@')).map(str::to_owned);
    Some(Some(Quote { id: id.to_owned(), chat, text }))
}

fn text_or_bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => Value::from(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_name_blob_of_a_real_row_gives_time_and_owner() {
        let incoming = PushName::decode("COrlxKIGIABIAQ==").expect("a blob");
        assert_eq!(incoming, PushName { seconds: 1_683_043_050, owner: None });
        assert_eq!(PushName::decode("Ada"), None);
        assert_eq!(PushName::decode("Bob Marsh"), None);
    }

    #[test]
    fn a_receipt_blob_gives_each_peer_its_times() {
        let bytes = [
            0x12, 0x13, 0x0a, 0x07, 0x81, 0x15, 0x55, 0x00, 0x01, 0x23, 0x4f, 0x20, 0x00, 0x28, 0x19, 0x52, 0x04, 0x08,
            0x00, 0x10, 0x02, 0x12, 0x09, 0x0a, 0x07, 0x81, 0x15, 0x55, 0x00, 0x09, 0x87, 0x6f, 0x18, 0xc1, 0xe5, 0xc4,
            0xa2, 0x06, 0x20, 0x02,
        ];
        let info = ReceiptInfo::decode(&bytes).expect("a blob");
        assert_eq!(info.base, Some(1_683_043_009));
        let peer = |place, jid: &str, delivered, read| Peer { place, jid: Some(jid.to_owned()), delivered, read };
        assert_eq!(
            info.peers,
            [
                peer(0, "15550001234@s.whatsapp.net", Some(0), Some(25)),
                peer(1, "15550009876@s.whatsapp.net", None, None)
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_message_are_none() {
        assert_eq!(ReceiptInfo::decode(&[0x12, 0xff]), None);
        assert_eq!(quote(&[0x07]), None);
        assert_eq!(quote(&[]), Some(None));
    }
}
