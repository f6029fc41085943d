//! What a message of Postbox carries: kind, files, calls, edits, reactions.

use forensics_core::origin::Origin;
use forensics_core::record::{Attachment, CallFacts, Edit, Message, MessageKind, Reaction};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;

use super::coder::{Item, Object};
use super::history::Intermediate;
use super::media::{File, Media};

/// `TelegramMediaAction._rawValue` of calls.
const PHONE_CALL: i64 = 14;
const GROUP_CALLS: &[i64] = &[22, 48];
const PAYMENTS: &[i64] = &[15, 41, 42, 43];

/// A time in Postbox: seconds since 1970, of 32 bits.
pub(super) fn seconds(raw: i64) -> Stamp {
    Stamp::int(raw, Epoch::UnixSeconds)
}

/// Text as stored; bytes where it is no UTF-8.
pub(super) fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok("") => Value::Null,
        Ok(text) => text.into(),
        Err(_) => bytes.into(),
    }
}

/// The action of a service message, with its place.
pub(super) fn action(value: &Intermediate<'_>) -> Option<(usize, i64)> {
    let (at, object) = value.medium("TelegramMediaAction")?;
    Some((*at, object.int("_rawValue")?))
}

/// Fills in what the value holds.
pub(super) fn describe(m: &mut Message, value: &Intermediate<'_>, media: &Media, cell: &Origin) {
    m.text = value.text.map_or(Value::Null, |t| text(t.value));
    m.kind = MessageKind::Text;
    for (at, object) in &value.media {
        let place = cell.within(format!("byte {at}"));
        if let Some((kind, attachment)) = medium(object, place) {
            m.kind = kind;
            m.attachments.extend(attachment);
        }
    }
    for reference in &value.references {
        m.kind = media.kind(*reference);
        m.attachments.push(media.attachment(*reference, cell));
    }
    if let Some((_, raw)) = action(value) {
        m.native_type = Some(raw);
        m.kind = match raw {
            PHONE_CALL => MessageKind::Call,
            _ if GROUP_CALLS.contains(&raw) => MessageKind::Call,
            _ if PAYMENTS.contains(&raw) => MessageKind::Payment,
            _ => MessageKind::System,
        };
    }
    m.call = call(m, value);
    if let Some((at, edited)) = value.attribute("EditedMessageAttribute") {
        let at_time = edited.int("d").map(seconds);
        m.edits.push(Edit { text: Value::Null, at: at_time, origin: cell.within(format!("byte {at}")) });
    }
    if let Some((at, all)) = value.attribute("ReactionsMessageAttribute") {
        let place = cell.within(format!("byte {at}"));
        m.reactions.extend(all.objects("rp").map(|peer| reaction(&peer, place.clone())));
    }
}

fn reaction(peer: &Object<'_>, origin: Origin) -> Reaction {
    let text = match peer.get("v") {
        Some(Item::Text(bytes)) => text(bytes),
        _ => Value::Null,
    };
    let sender = peer.int("p").map(|id| id.to_string().into());
    Reaction { sender, text, sent: peer.int("ts").map(seconds), origin }
}

/// The kind of an embedded medium and what stands for it; `None` for one that decides nothing.
fn medium(object: &Object<'_>, origin: Origin) -> Option<(MessageKind, Option<Attachment>)> {
    let bare = |name: Option<String>| {
        name.map(|name| File { name: Some(name.into()), mime: None, size: None }.attachment(origin.clone()))
    };
    if object.is("TelegramMediaImage") {
        let file = File { name: None, mime: None, size: None };
        return Some((MessageKind::Image, Some(file.attachment(origin))));
    }
    if object.is("TelegramMediaFile") {
        let file = File::of(object);
        return Some((file.kind(), Some(file.attachment(origin))));
    }
    if object.is("TelegramMediaMap") {
        let point = object.real("la").zip(object.real("lo")).map(|(la, lo)| format!("geo:{la},{lo}"));
        return Some((MessageKind::Location, bare(point)));
    }
    if object.is("TelegramMediaContact") {
        let parts: Vec<String> = ["n.f", "n.l", "pn"].iter().filter_map(|key| object.text(key)).collect();
        return Some((MessageKind::Contact, bare(Some(parts.join(" ")).filter(|n| !n.is_empty()))));
    }
    if object.is("TelegramMediaWebpage") {
        let url = object.object("ct").and_then(|content| content.text("u")).or_else(|| object.text("pendingUrl"));
        return Some((MessageKind::Link, bare(url)));
    }
    if object.is("TelegramMediaPoll") {
        return Some((MessageKind::Poll, None));
    }
    if object.is("TelegramMediaAction") { None } else { Some((MessageKind::Other, None)) }
}

fn call(m: &Message, value: &Intermediate<'_>) -> Option<CallFacts> {
    let (_, object) = value.medium("TelegramMediaAction").filter(|_| m.kind == MessageKind::Call)?;
    let duration = object.int("d");
    let outcome = match object.int("dr") {
        Some(0) => "missed".into(),
        Some(3) => "busy".into(),
        _ if duration.is_some_and(|d| d > 0) => "answered".into(),
        Some(1) => "disconnected".into(),
        Some(2) => "hung up".into(),
        Some(other) => Value::Int(other),
        None => Value::Null,
    };
    Some(CallFacts {
        started: m.sent,
        duration_ms: duration.map(|d| d.saturating_mul(1000)),
        outcome,
        video: object.int("vc").map(|v| v != 0),
    })
}
