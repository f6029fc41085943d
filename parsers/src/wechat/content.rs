//! XML bodies: `<appmsg>`, `<refermsg>`, `<sysmsg>`, media attributes, `<msgsource>`.
//!
//! Only what is asked for is kept, by its path of element names. Hostile bodies are bounded in length, depth and events;
//! a body that ends badly gives what was read before.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Bodies longer than this are not looked into: real ones have kilobytes.
const LONGEST_BODY: usize = 4 << 20;
/// Elements within elements; real ones stay below ten.
const DEEPEST: usize = 32;
/// Events of one body; real ones have some hundred.
const MOST_EVENTS: usize = 100_000;

/// What the app keeps of the message that a reply quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Quoted {
    /// Its server id.
    pub(super) svrid: Option<i64>,
    /// Its text.
    pub(super) content: Option<String>,
}

/// What a body says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// `appmsg/type`.
    pub(super) app_type: Option<i64>,
    /// `appmsg/title`.
    pub(super) title: Option<String>,
    /// `appmsg/des`.
    pub(super) des: Option<String>,
    /// `appmsg/url`.
    pub(super) url: Option<String>,
    /// `appmsg/appattach/totallen`, or the `length` of an image, voice or video.
    pub(super) length: Option<i64>,
    /// `appmsg/appattach/attachid`.
    pub(super) attachid: Option<String>,
    /// `img/@cdnmidimgurl`.
    pub(super) cdnmidimgurl: Option<String>,
    /// `videomsg/@cdnvideourl`.
    pub(super) cdnvideourl: Option<String>,
    /// `location/@poiname` and `@label`, or the `nickname` of a contact card.
    pub(super) label: Option<String>,
    /// `appmsg/refermsg`.
    pub(super) quoted: Option<Quoted>,
    /// `sysmsg/@type`.
    pub(super) sysmsg: Option<String>,
    /// `sysmsg/revokemsg/newmsgid`.
    pub(super) newmsgid: Option<i64>,
    /// `msgsource/sequence_id`.
    pub(super) sequence_id: Option<i64>,
    /// `msgsource/signature`.
    pub(super) signature: Option<String>,
}

impl Body {
    /// Reads a body; `None` when it is no XML.
    pub(super) fn read(text: &str) -> Option<Body> {
        let text = text.trim_start();
        let element = text.strip_prefix('<').and_then(|rest| rest.chars().next());
        let begins = element.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '?' | '!'));
        if !begins || text.len() > LONGEST_BODY {
            return None;
        }
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        let mut walk = Walk::default();
        for _ in 0..MOST_EVENTS {
            match reader.read_event() {
                Ok(Event::Eof) | Err(_) => break,
                Ok(event) => {
                    if !walk.take(event) {
                        break;
                    }
                }
            }
        }
        walk.any.then_some(walk.body)
    }
}

/// The way through a body.
#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    body: Body,
    any: bool,
}

impl Walk {
    /// Takes an event; `false` ends the walk.
    fn take(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Start(start) => {
                self.any = true;
                if self.path.len() >= DEEPEST {
                    return false;
                }
                self.path.push(start.name().as_ref().to_owned());
                self.text.clear();
                self.attributes(&start);
            }
            Event::Empty(start) => {
                self.any = true;
                self.path.push(start.name().as_ref().to_owned());
                self.attributes(&start);
                self.path.pop();
            }
            Event::End(_) => {
                self.leave();
                self.path.pop();
                self.text.clear();
            }
            Event::Text(text) => self.text.push_str(&text),
            Event::CData(text) => self.text.push_str(&text),
            Event::GeneralRef(name) => self.text.push_str(&resolve(&name)),
            _ => {}
        }
        true
    }

    fn attributes(&mut self, start: &BytesStart<'_>) {
        let element = self.path.last().map(String::as_str).unwrap_or_default();
        // A quoted message's own body stands escaped in its `<content>`; elements of these names are the message's.
        if !matches!(element, "img" | "voicemsg" | "videomsg" | "location" | "msg" | "sysmsg") {
            return;
        }
        let element = element.to_owned();
        let (mut label, mut poiname) = (None, None);
        for attribute in start.attributes().with_checks(false).filter_map(Result::ok) {
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else { continue };
            let value = || Some(value.clone().into_owned()).filter(|v| !v.is_empty());
            match (element.as_str(), attribute.key.as_ref()) {
                ("img" | "voicemsg" | "videomsg", "length") => self.body.length = value().and_then(|v| v.parse().ok()),
                ("img", "cdnmidimgurl") => self.body.cdnmidimgurl = value(),
                ("videomsg", "cdnvideourl") => self.body.cdnvideourl = value(),
                ("location", "label") => label = value(),
                ("location", "poiname") => poiname = value(),
                ("msg", "nickname") => self.body.label = value(),
                ("sysmsg", "type") => self.body.sysmsg = value(),
                _ => {}
            }
        }
        if element == "location" {
            let parts: Vec<String> = [poiname, label].into_iter().flatten().collect();
            self.body.label = (!parts.is_empty()).then(|| parts.join(", "));
        }
    }

    fn leave(&mut self) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        // Notices come with and without a wrapping `<msg>`.
        let path = path.strip_prefix(&["msg"]).unwrap_or(&path);
        let text = || Some(self.text.trim().to_owned()).filter(|t| !t.is_empty());
        let number = || self.text.trim().parse::<i64>().ok();
        match path {
            ["appmsg", "title"] => self.body.title = text(),
            ["appmsg", "des"] => self.body.des = text(),
            ["appmsg", "url"] => self.body.url = text(),
            ["appmsg", "type"] => self.body.app_type = number(),
            ["appmsg", "appattach", "totallen"] => self.body.length = number(),
            ["appmsg", "appattach", "attachid"] => self.body.attachid = text(),
            ["appmsg", "refermsg", "svrid"] => {
                let svrid = number().filter(|id| *id > 0);
                self.body.quoted.get_or_insert_default().svrid = svrid;
            }
            ["appmsg", "refermsg", "content"] => {
                let content = text();
                self.body.quoted.get_or_insert_default().content = content;
            }
            ["sysmsg", "revokemsg", "newmsgid"] | ["revokemsg", "newmsgid"] => self.body.newmsgid = number(),
            ["msgsource", "sequence_id"] => self.body.sequence_id = number(),
            ["msgsource", "signature"] => self.body.signature = text(),
            _ => {}
        }
    }
}

/// A character or predefined entity; anything else stays as it stands.
fn resolve<'a>(reference: &'a quick_xml::events::BytesRef<'a>) -> Cow<'a, str> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Cow::Owned(character.to_string());
    }
    match quick_xml::escape::resolve_predefined_entity(reference) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!("&{};", &**reference)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_names_what_it_quotes() {
        let xml = "<?xml version=\"1.0\"?>\n<msg><appmsg appid=\"\" sdkver=\"0\"><title>no &amp; never</title><type>57</type>\
                   <refermsg><type>1</type><svrid>4611686018427387904</svrid><content>did you &lt;burn&gt; it? &#x6865;</content>\
                   </refermsg></appmsg></msg>";
        let body = Body::read(xml).unwrap();
        assert_eq!((body.app_type, body.title.as_deref()), (Some(57), Some("no & never")));
        let quoted = body.quoted.unwrap();
        assert_eq!(quoted.svrid, Some(4_611_686_018_427_387_904));
        assert_eq!(quoted.content.as_deref(), Some("did you <burn> it? 桥"));
    }

    #[test]
    fn a_quoted_body_does_not_speak_for_the_reply() {
        let xml = "<msg><appmsg><title>mine</title><type>57</type><refermsg><content>&lt;msg&gt;&lt;appmsg&gt;\
                   &lt;title&gt;theirs&lt;/title&gt;&lt;type&gt;6&lt;/type&gt;&lt;/appmsg&gt;&lt;/msg&gt;</content>\
                   </refermsg></appmsg></msg>";
        let body = Body::read(xml).unwrap();
        assert_eq!((body.app_type, body.title.as_deref()), (Some(57), Some("mine")));
    }

    #[test]
    fn media_tell_their_addresses() {
        let image = Body::read("<msg><img cdnmidimgurl=\"3057\" length=\"90210\" md5=\"00\"/></msg>").unwrap();
        assert_eq!((image.cdnmidimgurl.as_deref(), image.length), (Some("3057"), Some(90_210)));
        let place = Body::read("<msg><location x=\"1\" y=\"2\" label=\"Quay 1\" poiname=\"Harbour\"/></msg>").unwrap();
        assert_eq!(place.label.as_deref(), Some("Harbour, Quay 1"));
    }

    #[test]
    fn a_source_tells_the_sequence() {
        let source = "<msgsource><sequence_id>800000004</sequence_id><signature>V1_x</signature></msgsource>";
        let body = Body::read(source).unwrap();
        assert_eq!((body.sequence_id, body.signature.as_deref()), (Some(800_000_004), Some("V1_x")));
    }

    #[test]
    fn text_is_no_body_and_a_damaged_body_gives_what_stands_before() {
        assert_eq!(Body::read("hello"), None);
        assert_eq!(Body::read("< and > are signs"), None);
        let body = Body::read("<msg><appmsg><type>5</type><title>half").unwrap();
        assert_eq!((body.app_type, body.title), (Some(5), None));
        let deep = "<a>".repeat(100_000);
        assert_eq!(Body::read(&deep), Some(Body::default()));
    }
}
