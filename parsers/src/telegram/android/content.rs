//! What a stored TL message carries: kind, files, calls, reactions.

use forensics_core::decode::tl::{Object, Tl};
use forensics_core::origin::Origin;
use forensics_core::record::{Attachment, CallFacts, Edit, MessageKind, Reaction};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;

/// A time in the blobs: seconds since 1970, of 32 bits.
pub(super) fn seconds(raw: i64) -> Stamp {
    Stamp::int(raw, Epoch::UnixSeconds)
}

/// Text as stored; bytes where it is no UTF-8.
pub(super) fn text(bytes: Option<&[u8]>) -> Value {
    match bytes {
        None => Value::Null,
        Some(bytes) => std::str::from_utf8(bytes).map_or_else(|_| bytes.into(), Into::into),
    }
}

/// The id that a `Peer` stands for, in the form of a dialog id; older layers hold a bare user id.
pub(super) fn peer(value: Option<&Tl<'_, '_>>) -> Option<i64> {
    match value? {
        Tl::Object(peer) => match peer.name() {
            "peerUser" => peer.int("user_id"),
            "peerChat" => peer.int("chat_id").map(i64::saturating_neg),
            "peerChannel" => peer.int("channel_id").map(i64::saturating_neg),
            _ => None,
        },
        other => other.as_int(),
    }
}

/// What a message carries, from its media.
pub(super) fn kind(message: &Object<'_, '_>) -> MessageKind {
    if let Some(action) = message.object("action") {
        return match action.name() {
            "messageActionPhoneCall" | "messageActionGroupCall" | "messageActionConferenceCall" => MessageKind::Call,
            name if name.starts_with("messageActionPayment") => MessageKind::Payment,
            _ => MessageKind::System,
        };
    }
    let Some(media) = message.object("media") else { return MessageKind::Text };
    let name = media.name();
    let starts = |prefix: &str| name.starts_with(prefix);
    match name {
        "messageMediaEmpty" => MessageKind::Text,
        _ if starts("messageMediaPhoto") => MessageKind::Image,
        _ if starts("messageMediaVideo") => MessageKind::Video,
        _ if starts("messageMediaAudio") => MessageKind::Voice,
        _ if starts("messageMediaGeo") || starts("messageMediaVenue") => MessageKind::Location,
        _ if starts("messageMediaContact") => MessageKind::Contact,
        _ if starts("messageMediaWebPage") => MessageKind::Link,
        _ if starts("messageMediaPoll") => MessageKind::Poll,
        _ if starts("messageMediaInvoice") || starts("messageMediaPaid") => MessageKind::Payment,
        _ if starts("messageMediaDocument") => media.object("document").map_or(MessageKind::File, document_kind),
        _ => MessageKind::Other,
    }
}

/// The kind of a document, from its attributes.
fn document_kind(document: &Object<'_, '_>) -> MessageKind {
    let has = |prefix: &str| document.objects("attributes").any(|a| a.name().starts_with(prefix));
    if has("documentAttributeSticker") || has("documentAttributeCustomEmoji") {
        MessageKind::Sticker
    } else if has("documentAttributeVideo") || has("documentAttributeAnimated") {
        MessageKind::Video
    } else if has("documentAttributeAudio") {
        MessageKind::Voice
    } else if document.text("mime_type").is_some_and(|m| m.starts_with("image/")) {
        MessageKind::Image
    } else {
        MessageKind::File
    }
}

/// The id of the constructor that says what the message is about, so that unknown ones stay visible.
pub(super) fn native_type(message: &Object<'_, '_>) -> i64 {
    let inner = message.object("action").or_else(|| message.object("media"));
    i64::from(inner.unwrap_or(message).constructor.id)
}

/// The files that the media names, and what stands in a file's place: a point, a card, a question.
pub(super) fn attachments(message: &Object<'_, '_>, origin: &Origin) -> Vec<Attachment> {
    let Some(media) = message.object("media") else { return Vec::new() };
    let bare = |name: Option<String>| Attachment {
        name: name.map(Into::into),
        mime: None,
        size: None,
        path: None,
        sha256: None,
        origin: origin.clone(),
    };
    let file = media.object("document").or_else(|| media.object("video")).or_else(|| media.object("audio"));
    if let Some(file) = file {
        let name = file.objects("attributes").find_map(|a| a.text("file_name")).or_else(|| file.text("file_name"));
        let mime = file.text("mime_type").filter(|m| !m.is_empty()).map(|m| m.into_owned().into());
        return vec![Attachment { mime, size: file.int("size"), ..bare(name.map(|n| n.into_owned())) }];
    }
    if let Some(photo) = media.object("photo") {
        let name = photo.int("id").map(|id| format!("photo {id}"));
        return vec![Attachment { size: largest(photo), ..bare(name) }];
    }
    let label = label(media);
    if label.is_empty() { Vec::new() } else { vec![bare(Some(label))] }
}

/// The size of the largest rendition of a photo.
fn largest(photo: &Object<'_, '_>) -> Option<i64> {
    photo.objects("sizes").filter_map(|size| size.int("size")).max()
}

fn label(media: &Object<'_, '_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut push = |object: &Object<'_, '_>, fields: &[&str]| {
        parts.extend(fields.iter().filter_map(|f| object.text(f)).filter(|t| !t.is_empty()).map(|t| t.into_owned()));
    };
    push(media, &["first_name", "last_name", "phone_number", "title", "address"]);
    if let Some(poll) = media.object("poll") {
        push(poll, &["question"]);
        if let Some(question) = poll.object("question") {
            push(question, &["text"]);
        }
    }
    if let Some(geo) = media.object("geo")
        && let (Some(Tl::Double(lat)), Some(Tl::Double(long))) = (geo.get("lat"), geo.get("long"))
    {
        parts.push(format!("geo:{lat},{long}"));
    }
    parts.join(" ")
}

/// What a call was. Telegram has no table of calls: calls are service messages.
pub(super) fn call(message: &Object<'_, '_>) -> Option<CallFacts> {
    let action = message.object("action").filter(|a| a.name().ends_with("Call"))?;
    let duration = action.int("duration");
    let outcome = match action.object("reason").map(|r| r.name()) {
        Some("phoneCallDiscardReasonMissed") => "missed".into(),
        Some("phoneCallDiscardReasonBusy") => "busy".into(),
        Some(_) | None if duration.is_some_and(|d| d > 0) => "answered".into(),
        Some("phoneCallDiscardReasonDisconnect") => "disconnected".into(),
        Some("phoneCallDiscardReasonHangup") => "hung up".into(),
        Some(other) => other.into(),
        None => Value::Null,
    };
    Some(CallFacts {
        started: message.int("date").map(seconds),
        duration_ms: duration.map(|d| d.saturating_mul(1000)),
        outcome,
        video: Some(action.flag("video")),
    })
}

/// The latest reactions that are listed with their senders.
pub(super) fn reactions(message: &Object<'_, '_>, origin: &Origin) -> Vec<Reaction> {
    let Some(all) = message.object("reactions") else { return Vec::new() };
    // The name of the field is misspelt in layer 136.
    let listed = all.objects("recent_reactions").chain(all.objects("recent_reactons"));
    let reaction = |of: &Object<'_, '_>| {
        let emoji = match of.get("reaction") {
            Some(Tl::Object(reaction)) => match reaction.int("document_id") {
                Some(id) => format!("custom emoji {id}").into(),
                None => text(reaction.bytes("emoticon")),
            },
            Some(other) => text(other.as_bytes()),
            None => Value::Null,
        };
        let sender = peer(of.get("peer_id")).or_else(|| of.int("user_id"));
        Reaction {
            sender: sender.map(|id| id.to_string().into()),
            text: emoji,
            sent: of.int("date").map(seconds),
            origin: origin.clone(),
        }
    };
    listed.map(reaction).collect()
}

/// The last edit that was shown as one; the text before it is not kept.
pub(super) fn edit(message: &Object<'_, '_>, origin: &Origin) -> Option<Edit> {
    let at = message.int("edit_date").filter(|_| !message.flag("edit_hide"))?;
    Some(Edit { text: Value::Null, at: Some(seconds(at)), origin: origin.clone() })
}
