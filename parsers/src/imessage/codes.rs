//! What the codes in the columns mean. A code that is not here is shown as it stands and judged by nothing.

use forensics_core::record::MessageKind;
use forensics_core::value::Value;

/// `item_type`: 0 is a message; the rest are events.
pub(super) fn event(item_type: i64) -> Option<&'static str> {
    Some(match item_type {
        0 => "message",
        1 => "participant change",
        2 => "name change",
        3 => "participant left, or icon or background changed",
        4 => "location sharing",
        5 => "audio message kept",
        6 => "SharePlay",
        _ => return None,
    })
}

/// `group_action_type` of an event.
pub(super) fn action(item_type: i64, action: i64) -> Option<&'static str> {
    Some(match (item_type, action) {
        (1, 0) => "added",
        (1, 1) => "removed",
        (3, 0) => "left",
        (3, 1) => "icon changed",
        (3, 2) => "icon removed",
        (3, 4) => "background changed",
        (3, 6) => "background removed",
        _ => return None,
    })
}

/// Whether an `associated_message_type` is known.
pub(super) fn is_known_target_type(target_type: i64) -> bool {
    matches!(target_type, 0 | 2 | 3 | 1000 | 2000..=2007 | 3000..=3007 | 4000)
}

/// What a tapback says; empty when it was taken back; nothing for what is no tapback.
pub(super) fn tapback(target_type: Option<i64>, emoji: impl FnOnce() -> Value) -> Option<Value> {
    Some(match target_type? {
        2000 => "loved".into(),
        2001 => "liked".into(),
        2002 => "disliked".into(),
        2003 => "laughed".into(),
        2004 => "emphasised".into(),
        2005 => "questioned".into(),
        2006 => emoji(),
        2007 => "sticker".into(),
        3000..=3007 => "".into(),
        _ => return None,
    })
}

/// The kind of a record that is put on another.
pub(super) fn kind_of_target_type(target_type: Option<i64>) -> Option<MessageKind> {
    match target_type? {
        1000 => Some(MessageKind::Sticker),
        2000..=3999 => Some(MessageKind::Other),
        4000 => Some(MessageKind::Poll),
        _ => None,
    }
}

/// The kind of an app's message by its `balloon_bundle_id`.
pub(super) fn kind_of_balloon(bundle: &str) -> MessageKind {
    if bundle.ends_with("PeerPaymentMessagesExtension") {
        MessageKind::Payment
    } else if bundle.ends_with("com.apple.messages.Polls") {
        MessageKind::Poll
    } else if bundle.ends_with("FindMyMessagesApp") {
        MessageKind::Location
    } else if bundle.ends_with("HandwritingProvider") || bundle.ends_with("DigitalTouchBalloonProvider") {
        MessageKind::Image
    } else {
        MessageKind::Link
    }
}

/// The kind of a message by its first attachment.
pub(super) fn kind_of_mime(mime: Option<&str>) -> MessageKind {
    match mime.and_then(|m| m.split('/').next()) {
        _ if matches!(mime, Some("text/vcard" | "text/x-vcard")) => MessageKind::Contact,
        _ if mime == Some("text/x-vlocation") => MessageKind::Location,
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        Some("audio") => MessageKind::Voice,
        _ => MessageKind::File,
    }
}

/// `ck_sync_state`, by decompilations of IMDPersistence.
pub(super) fn sync_state(state: i64) -> Option<&'static str> {
    Some(match state {
        0 => "to be uploaded",
        1 => "nothing to upload",
        2 => "last upload failed",
        8 => "update of thread information waits",
        9 => "update of the conversation waits",
        _ => return None,
    })
}

/// A send effect by its identifier.
pub(super) fn effect(id: &str) -> Option<&'static str> {
    let name = id.rsplit('.').next()?;
    Some(match name {
        "gentle" => "gentle",
        "impact" => "slam",
        "invisibleink" => "invisible ink",
        "loud" => "loud",
        "CKConfettiEffect" => "confetti",
        "CKEchoEffect" => "echo",
        "CKFireworksEffect" => "fireworks",
        "CKHappyBirthdayEffect" => "balloons",
        "CKHeartEffect" => "heart",
        "CKLasersEffect" => "lasers",
        "CKShootingStarEffect" => "shooting star",
        "CKSparklesEffect" => "sparkles",
        "CKSpotlightEffect" => "spotlight",
        _ => return None,
    })
}
