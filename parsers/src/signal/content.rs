//! `signalservice.Content`, as send logs and queues keep it: the plaintext of a message.

use forensics_core::decode::protobuf::Message;

/// The data message: `dataMessage`, `syncMessage.sent.message`, or `editMessage.dataMessage`.
fn data(content: Message<'_>) -> Option<Message<'_>> {
    let sent = || content.message(2)?.message(1)?.message(3);
    let edit = || content.message(11)?.message(2);
    content.message(1).or_else(sent).or_else(edit)
}

/// The text of the message (`DataMessage.body`).
pub(super) fn body(content: Message<'_>) -> Option<Box<str>> {
    data(content)?.text(1).filter(|t| !t.is_empty()).map(Into::into)
}

/// Whether the content is a message that a chat shows: reactions, receipts and typing are none.
pub(super) fn is_shown(content: Message<'_>) -> bool {
    body(content).is_some() || data(content).is_some_and(|d| d.message(2).is_some())
}

/// What an `Envelope` of the server says: its id, the sender's time, the server's time.
pub(super) struct Envelope {
    pub(super) guid: Option<Box<str>>,
    pub(super) server_time: Option<i64>,
}

impl Envelope {
    /// Reads an envelope; `None` where the bytes are none.
    pub(super) fn read(bytes: &[u8]) -> Option<Envelope> {
        let message = Message::new(bytes);
        message.all().ok()?;
        Some(Envelope {
            guid: message.text(9).filter(|g| !g.is_empty()).map(Into::into),
            server_time: message.int(10).filter(|t| *t > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_found_in_what_was_sent_and_in_what_was_synced() {
        let direct = [0x0a, 4, 0x0a, 2, b'h', b'i'];
        assert_eq!(body(Message::new(&direct)).as_deref(), Some("hi"));
        let synced = [0x12, 8, 0x0a, 6, 0x1a, 4, 0x0a, 2, b'y', b'o'];
        assert_eq!(body(Message::new(&synced)).as_deref(), Some("yo"));
        let reaction = [0x0a, 4, 0x82, 0x01, 1, 0];
        assert!(!is_shown(Message::new(&reaction)));
        assert!(is_shown(Message::new(&direct)));
    }

    #[test]
    fn an_envelope_names_the_servers_id_and_time() {
        let bytes = [0x28, 5, 0x4a, 1, b'g', 0x50, 9];
        let envelope = Envelope::read(&bytes).unwrap();
        assert_eq!((envelope.guid.as_deref(), envelope.server_time), (Some("g"), Some(9)));
        assert!(Envelope::read(&[0xff]).is_none());
    }
}
