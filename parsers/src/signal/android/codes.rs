//! `message.type` (`MessageTypes`): five bits say what a row is, the others what is special about it.

use forensics_core::record::{Direction, MessageKind};

/// The bits of the base type.
const BASE: i64 = 0x1f;
/// Sent through Signal; rows without it are SMS or MMS of the carrier (`PUSH_MESSAGE_BIT`).
pub(in crate::signal) const PUSH: i64 = 0x20_0000;
/// A safety number changed, or was marked as verified or not (`KEY_EXCHANGE_IDENTITY_…_BIT`).
pub(in crate::signal) const IDENTITY: i64 = 0x200 | 0x2000 | 0x4000;
/// An event of a group of the second kind (`GROUP_V2_BIT`); the app also writes it from the group's log on the server.
pub(in crate::signal) const GROUP_V2: i64 = 0x8_0000;
/// Any event of a group, and a changed timer.
const EVENT: i64 = 0x10000 | 0x20000 | 0x40000 | 0x40_0000 | IDENTITY | GROUP_V2;
/// `SPECIAL_TYPES_MASK`.
pub(in crate::signal) const SPECIAL: i64 = 0xf_0000_0000;

pub(in crate::signal) const INBOX: i64 = 20;
pub(in crate::signal) const SENT: i64 = 23;
pub(in crate::signal) const FAILED: i64 = 24;
pub(in crate::signal) const DRAFT: i64 = 27;

/// The base type.
pub(in crate::signal) fn base(kind: i64) -> i64 {
    kind & BASE
}

/// Whether a base type waits to be sent: outbox, sending, and two that wait for leave to go as SMS.
pub(in crate::signal) fn is_waiting(base: i64) -> bool {
    matches!(base, 21 | 22 | 25 | 26)
}

/// Whether a base type is a call, as rows of `message` note it.
pub(in crate::signal) fn is_call(base: i64) -> bool {
    matches!(base, 1 | 2 | 3 | 8 | 10 | 11 | 12)
}

/// Whether a base type is a message, incoming or outgoing.
pub(in crate::signal) fn is_message(base: i64) -> bool {
    (INBOX..=DRAFT).contains(&base)
}

pub(super) fn direction(base: i64) -> Direction {
    match base {
        1 | 3 | 8 | 10 | INBOX => Direction::In,
        2 | 11 | 21..=DRAFT => Direction::Out,
        4..=18 => Direction::System,
        _ => Direction::Unknown,
    }
}

/// What a row is, where nothing it carries says more.
pub(super) fn kind(code: i64) -> Option<MessageKind> {
    match base(code) {
        b if is_call(b) => return Some(MessageKind::Call),
        b if !is_message(b) => return Some(MessageKind::System),
        _ => {}
    }
    match (code & SPECIAL) >> 32 {
        3 => Some(MessageKind::Payment),
        0 if code & EVENT == 0 => None,
        0 | 4..=9 => Some(MessageKind::System),
        _ => None,
    }
}

/// The base type in words.
pub(super) fn state(base: i64) -> Option<&'static str> {
    Some(match base {
        1 => "incoming call",
        2 => "outgoing call",
        3 => "missed call",
        4 => "contact joined Signal",
        5 => "unsupported message",
        6 => "invalid message",
        7 => "profile changed",
        8 => "missed video call",
        9 => "group migrated",
        10 => "incoming video call",
        11 => "outgoing video call",
        12 => "group call",
        13 => "could not be decrypted",
        14 => "number changed",
        15 => "donation asked for",
        16 => "chats merged",
        INBOX => "received",
        21 => "in the outbox",
        22 => "sending",
        SENT => "the service took it",
        FAILED => "sending failed",
        25 | 26 => "waits for leave to go as SMS",
        DRAFT => "draft",
        _ => return None,
    })
}

/// `call.event`.
pub(super) fn call_event(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "ongoing",
        1 => "accepted",
        2 => "not accepted",
        3 => "missed",
        4 => "deleted",
        5 => "group call",
        6 => "joined",
        7 => "ringing",
        8 => "declined",
        9 => "ringing others",
        10 => "missed by notification profile",
        _ => return None,
    })
}

/// A call that was deleted and whose row waits to be removed.
pub(super) const CALL_DELETED: i64 = 4;

/// `group_receipts.status`.
pub(super) fn receipt(code: i64) -> Option<&'static str> {
    Some(match code {
        -1 => "unknown",
        0 => "sent to",
        1 => "delivered",
        2 => "read",
        3 => "viewed",
        4 => "skipped",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_types_are_understood() {
        assert_eq!((base(10_485_780), direction(20)), (20, Direction::In));
        assert_eq!((base(10_485_783), direction(23)), (23, Direction::Out));
        assert_eq!(kind(10_485_783), None);
        assert_eq!(kind(2_097_684), Some(MessageKind::System));
        assert_eq!(kind(10_551_319), Some(MessageKind::System));
        assert_eq!(kind(11), Some(MessageKind::Call));
        assert_eq!(kind(0x3_00a0_0014), Some(MessageKind::Payment));
    }

    #[test]
    fn an_unknown_base_type_has_neither_word_nor_direction() {
        assert_eq!((state(31), direction(31)), (None, Direction::Unknown));
        assert_eq!(state(0), None);
    }
}
