//! The protobufs inside `ChatStorage.sqlite`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::cast::OWNER;
use crate::wire::Message;

/// What one peer's devices reported, in seconds after the base time.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerReceipt<'a> {
    pub(super) jid: &'a str,
    pub(super) delivered: Option<u64>,
    pub(super) read: Option<u64>,
}

/// `ZWAMESSAGEINFO.ZRECEIPTINFO` of an outgoing message. The owner's own entry has only its jid.
pub(super) fn receipt_info(base: i64, peers: &[PeerReceipt<'_>], reaction: Option<&Reaction<'_>>) -> Vec<u8> {
    let mut blob = Message::new();
    for peer in peers {
        let mut entry = Message::new().bytes(1, &packed_jid(peer.jid));
        if let Some(seconds) = peer.delivered {
            entry = entry.number(4, seconds);
        }
        if let Some(seconds) = peer.read {
            entry = entry.number(5, seconds);
        }
        blob = blob.child(2, entry.child(10, Message::new().number(1, 0).number(2, 1)));
    }
    blob = blob.child(2, Message::new().bytes(1, &packed_jid(OWNER)));
    blob = blob.number(3, base.unsigned_abs()).number(4, peers.len() as u64 + 1);
    with_reaction(blob, reaction).finish()
}

/// `ZRECEIPTINFO` of an incoming message: a base time, no entries.
pub(super) fn incoming_info(base: i64, reaction: Option<&Reaction<'_>>) -> Vec<u8> {
    with_reaction(Message::new().number(3, base.unsigned_abs()).number(4, 0), reaction).finish()
}

/// Another's emoji on a message.
#[derive(Debug)]
pub(super) struct Reaction<'a> {
    pub(super) key: &'a str,
    pub(super) jid: &'a str,
    pub(super) emoji: &'a str,
    pub(super) at: i64,
}

fn with_reaction(blob: Message, reaction: Option<&Reaction<'_>>) -> Message {
    let Some(reaction) = reaction else {
        return blob;
    };
    let entry = Message::new()
        .text(1, reaction.key)
        .text(2, reaction.jid)
        .text(3, reaction.emoji)
        .number(4, reaction.at.unsigned_abs() * 1000);
    blob.child(7, Message::new().child(1, entry))
}

/// `ZWAMESSAGE.ZPUSHNAME` of a 2023 store: base64 of a small protobuf.
pub(super) fn push_name(seconds: i64, from_me: bool, ordinary: bool) -> String {
    let mut blob = Message::new().number(1, seconds.unsigned_abs());
    if from_me {
        blob = blob.text(3, OWNER);
    }
    blob = blob.number(4, u64::from(from_me));
    if ordinary && !from_me {
        blob = blob.number(9, 1);
    }
    STANDARD.encode(blob.finish())
}

/// `ZWAMEDIAITEM.ZMETADATA` of a reply: 5 quoted id, 6 quoted sender, 19 its content.
pub(super) fn quote(stanza: &str, sender: Option<&str>, text: &str) -> Vec<u8> {
    let mut blob = Message::new().text(5, stanza);
    if let Some(sender) = sender {
        blob = blob.text(6, sender);
    }
    blob.child(19, Message::new().text(1, text)).finish()
}

/// One byte 0x81, then the digits as nibbles, padded with F.
fn packed_jid(jid: &str) -> Vec<u8> {
    let mut nibbles: Vec<u8> = jid.bytes().take_while(u8::is_ascii_digit).map(|d| d - b'0').collect();
    if nibbles.len() % 2 == 1 {
        nibbles.push(0xf);
    }
    let mut packed = vec![0x81];
    packed.extend(nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An example worked out by hand: two entries and a base time.
    #[test]
    fn a_receipt_blob_is_laid_out_as_documented() {
        assert_eq!(packed_jid("15550001234@s.whatsapp.net"), [0x81, 0x15, 0x55, 0x00, 0x01, 0x23, 0x4f]);
        let peer = PeerReceipt { jid: "15550001234@s.whatsapp.net", delivered: Some(0), read: Some(25) };
        // The document says 1683042945; its bytes, a well-formed varint, say 64 seconds later.
        let blob = receipt_info(1_683_043_009, &[peer], None);
        let expected = [
            0x12, 0x13, 0x0a, 0x07, 0x81, 0x15, 0x55, 0x00, 0x01, 0x23, 0x4f, 0x20, 0x00, 0x28, 0x19, 0x52, 0x04, 0x08,
            0x00, 0x10, 0x01,
        ];
        assert_eq!(blob[..expected.len()], expected);
        assert!(blob.ends_with(&[0x18, 0xc1, 0xe5, 0xc4, 0xa2, 0x06, 0x20, 0x02]));
    }
}
