//! From a cell to what a person would read: sender prefix, body, shown text.

use forensics_core::record::MessageKind;
use forensics_core::value::Value;

use super::content::Body;
use super::talker;

/// Words of the line that replaces a recalled message, in the languages seen.
const RECALLS: &[&str] = &["recalled a message", "撤回了一条消息", "撤回了一則訊息", "收回了一則訊息", "已撤回"];

/// Whether a notice is the line that replaces a recalled message.
pub(super) fn speaks_of_a_recall(text: &str) -> bool {
    RECALLS.iter().any(|words| text.contains(words))
}

/// A message's cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    /// The sender in front of a received row of a room.
    pub(super) sender: Option<String>,
    /// The rest; bytes where it is no valid text.
    pub(super) text: Value,
}

impl Text {
    /// Splits a cell; `prefixed` says that a sender may stand in front.
    pub(super) fn of(cell: Value, prefixed: bool) -> Text {
        let split = cell.as_text().filter(|_| prefixed).and_then(talker::split_sender);
        match split {
            Some((sender, text)) => Text { sender: Some(sender.to_owned()), text: Value::from(text) },
            None => Text { sender: None, text: cell },
        }
    }

    /// The XML body, where the type has one; a text that looks like XML is a text.
    pub(super) fn body(&self, native: i64) -> Body {
        let plain = matches!(native, 1 | 11 | 21 | 31);
        let xml = self.text.as_text().filter(|_| !plain);
        xml.and_then(Body::read).unwrap_or_default()
    }

    /// What a person would read: an app message's title, a place's name, the text itself. A media body has no words.
    pub(super) fn shown(&self, kind: MessageKind, body: &Body) -> Value {
        if self.text.as_text().is_none_or(|t| !t.trim_start().starts_with('<')) {
            return self.text.clone();
        }
        match kind {
            MessageKind::Image | MessageKind::Voice | MessageKind::Video | MessageKind::Sticker => Value::Null,
            _ if *body == Body::default() => self.text.clone(),
            MessageKind::System => self.text.clone(),
            MessageKind::Location | MessageKind::Contact => body.label.clone().into(),
            _ => match body.title.clone().or_else(|| body.des.clone()) {
                Some(title) => Value::from(title),
                None => self.text.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_row_gives_sender_and_text() {
        let text = Text::of(Value::from("wxid_b:\nhello"), true);
        assert_eq!((text.sender.as_deref(), text.text.as_text()), (Some("wxid_b"), Some("hello")));
        let own = Text::of(Value::from("wxid_b:\nhello"), false);
        assert_eq!((own.sender, own.text.as_text()), (None, Some("wxid_b:\nhello")));
    }

    #[test]
    fn a_reply_shows_its_own_words_and_a_picture_none() {
        let reply = Text::of(Value::from("<msg><appmsg><title>yes!</title><type>57</type></appmsg></msg>"), false);
        assert_eq!(reply.shown(MessageKind::Text, &reply.body(49)), Value::from("yes!"));
        let picture = Text::of(Value::from("<msg><img length=\"3\"/></msg>"), false);
        assert_eq!(picture.shown(MessageKind::Image, &picture.body(3)), Value::Null);
    }

    #[test]
    fn text_that_looks_like_xml_and_bytes_stay_what_they_are() {
        let typed = Text::of(Value::from("<msg><appmsg><title>typed</title></appmsg></msg>"), false);
        assert_eq!(typed.shown(MessageKind::Text, &typed.body(1)), typed.text);
        let bytes = Text::of(Value::from(&[0xff, 0xfe][..]), true);
        assert_eq!(bytes.shown(MessageKind::Text, &bytes.body(1)), bytes.text);
    }
}
