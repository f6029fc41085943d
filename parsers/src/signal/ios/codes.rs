//! `recordType` (`SDSRecordType`), message states, states of recipients.

use forensics_core::record::{Direction, MessageKind};

/// The table of the chat.
pub(in crate::signal) const TABLE: &str = "model_TSInteraction";
/// The mark that holds the farthest state of a recipient.
pub(in crate::signal) const RECIPIENTS: &str = "recipientAddressStates";
/// The mark that holds the state of the message.
pub(in crate::signal) const STATE: &str = "storedMessageState";

pub(in crate::signal) const INCOMING: i64 = 19;
pub(in crate::signal) const OUTGOING: i64 = 21;
pub(super) const CALL: i64 = 20;
pub(super) const GROUP_CALL: i64 = 65;

/// Threads.
pub(super) const GROUP_THREAD: i64 = 26;
pub(super) const CONTACT_THREAD: i64 = 27;
pub(super) const STORY_THREAD: i64 = 72;
pub(super) const RELEASE_NOTES: i64 = 80;

/// Calls and notices that the app writes by itself.
pub(in crate::signal) fn is_client_event(kind: i64) -> bool {
    matches!(kind, CALL | GROUP_CALL | 10 | 13 | 22 | 28)
}

/// Errors that the app notes in the chat.
pub(in crate::signal) fn is_error(kind: i64) -> bool {
    matches!(kind, 1 | 9 | 17 | 23 | 54 | 70)
}

/// A record type in words.
pub(super) fn record_type(kind: i64) -> Option<&'static str> {
    Some(match kind {
        INCOMING => "incoming message",
        OUTGOING => "outgoing message",
        CALL => "call",
        GROUP_CALL => "group call",
        10 => "notice",
        13 => "verification changed",
        22 => "contact offers",
        28 => "timer changed",
        9 => "error",
        1 | 17 | 23 => "invalid identity key",
        54 => "unknown protocol version",
        68 | 75 => "payment",
        78 | 79 => "archived payment",
        70 => "placeholder for what could not be decrypted",
        _ => return None,
    })
}

pub(super) fn direction(kind: i64) -> Direction {
    match kind {
        INCOMING => Direction::In,
        OUTGOING => Direction::Out,
        _ if record_type(kind).is_some() && !matches!(kind, 68 | 75 | 78 | 79) => Direction::System,
        _ => Direction::Unknown,
    }
}

/// What a row is, where nothing it carries says more.
pub(super) fn kind(kind: i64) -> Option<MessageKind> {
    match kind {
        INCOMING | OUTGOING => None,
        CALL | GROUP_CALL => Some(MessageKind::Call),
        68 | 75 | 78 | 79 => Some(MessageKind::Payment),
        _ if is_client_event(kind) || is_error(kind) => Some(MessageKind::System),
        _ => Some(MessageKind::Other),
    }
}

/// `storedMessageState`.
pub(super) fn state(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "sending",
        1 => "failed",
        2 => "sent (obsolete)",
        3 => "delivered (obsolete)",
        4 => "sent",
        5 => "waits for a proof that the server asked for",
        _ => return None,
    })
}

/// The state of a recipient.
pub(super) fn recipient_state(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "failed",
        1 => "sending",
        2 => "skipped",
        3 => "sent to the service",
        4 => "pending",
        5 => "delivered",
        6 => "read",
        7 => "viewed",
        _ => return None,
    })
}
