//! A stored message: a TL `Message` and the tail that the app writes after it.

use forensics_core::decode::tl::{Decoded, Object, Trouble, string};

use crate::telegram::table::schema;

/// A decoded column `data`.
pub(super) struct Body<'b> {
    pub object: Option<Object<'static, 'b>>,
    /// Why decoding ended early.
    pub trouble: Option<Trouble>,
    /// Where the part that was not understood begins.
    pub end: usize,
    /// Path of the own file that is or was to be sent, and where its string begins.
    pub attach_path: Option<(String, usize)>,
    /// Bytes that follow what the app is known to write.
    pub left: usize,
}

impl<'b> Body<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Body<'b> {
        let Decoded { object, end, trouble } = schema().decode(bytes, Some("Message"));
        let mut body = Body { object, trouble, end, attach_path: None, left: 0 };
        if body.trouble.is_none() {
            body.read_tail(bytes);
        }
        body
    }

    /// `Message.readAttachPath`: a string for every message that is not empty, and for an own forward that is still
    /// local the id that it came from.
    fn read_tail(&mut self, bytes: &[u8]) {
        let Some((path, mut at)) = string(bytes, self.end).filter(|_| self.end < bytes.len()) else {
            self.left = bytes.len().saturating_sub(self.end);
            return;
        };
        let text = String::from_utf8_lossy(path);
        // Parameters stand before the path: ||key|=|value||...||path.
        let path = text.rsplit("||").next().unwrap_or_default().trim();
        if !path.is_empty() {
            self.attach_path = Some((path.to_owned(), self.end));
        }
        let object = self.object.as_ref();
        let forwarded = object.is_some_and(|o| o.get("fwd_from").is_some() || o.get("fwd_from_id").is_some());
        if forwarded && object.and_then(|o| o.int("id")).is_some_and(|id| id < 0) {
            at = at.saturating_add(4).min(bytes.len());
        }
        self.end = at;
        self.left = bytes.len().saturating_sub(at);
    }

    /// The text of the message, where it is one.
    pub(super) fn text(&self) -> Option<&'b [u8]> {
        self.object.as_ref().and_then(|o| o.bytes("message")).filter(|t| !t.is_empty())
    }
}

/// What is left of a message's text in a copy of it.
pub(super) fn text_of(bytes: Option<&[u8]>) -> forensics_core::value::Value {
    super::content::text(bytes.and_then(|bytes| Body::read(bytes).text()))
}
