//! The app's codes in words. Two or more independent programs agree on most of them; a code that is not listed keeps its
//! number and gets no word.

use forensics_core::record::MessageKind;

/// `message.message_type` (modern) and `messages.media_wa_type` (legacy), which share their numbers.
pub(super) mod android {
    use super::MessageKind;

    pub(in super::super) const WAITING: i64 = 11;
    pub(in super::super) const REVOKED: i64 = 15;
    pub(in super::super) const REVOKED_BY_ADMIN: i64 = 64;
    /// The state of rows that the app itself writes.
    pub(in super::super) const SYSTEM_STATUS: i64 = 6;

    /// Whether a row is the app's own: a group event, a notice. 57 is one only where its status says so.
    pub(in super::super) fn is_system(kind: Option<i64>, status: Option<i64>) -> bool {
        status == Some(SYSTEM_STATUS) || matches!(kind, Some(7 | 36 | 112))
    }

    pub(in super::super) fn kind(code: Option<i64>, status: Option<i64>) -> MessageKind {
        if is_system(code, status) {
            return MessageKind::System;
        }
        match code {
            Some(0 | 32 | 46 | 49) => MessageKind::Text,
            Some(1 | 42) => MessageKind::Image,
            Some(2 | 82) => MessageKind::Voice,
            Some(3 | 13 | 43 | 81) => MessageKind::Video,
            Some(4 | 14) => MessageKind::Contact,
            Some(5 | 16) => MessageKind::Location,
            Some(8 | 10 | 90) => MessageKind::Call,
            Some(9) => MessageKind::File,
            Some(20) => MessageKind::Sticker,
            Some(66 | 106) => MessageKind::Poll,
            _ => MessageKind::Other,
        }
    }

    /// The state of a row, whose meaning depends on its direction.
    pub(in super::super) fn status(code: i64, from_me: bool) -> Option<&'static str> {
        Some(match (code, from_me) {
            (0, true) => "not acknowledged by the server",
            (0, false) => "received",
            (1, true) => "not left the phone",
            (4, true) => "server has it",
            (5, true) => "delivered",
            (6, _) => "system",
            (8, true) => "played",
            (9, false) => "played while offline",
            (10, false) => "played",
            (13, true) => "read",
            (17, false) => "opened on a linked device",
            _ => return None,
        })
    }

    /// `call_log.call_result`.
    pub(in super::super) fn call_result(code: i64) -> Option<&'static str> {
        Some(match code {
            2 => "missed",
            3 => "unavailable",
            4 => "rejected",
            5 => "answered",
            7 => "busy",
            8 => "joined",
            _ => return None,
        })
    }
}

/// `ZWAMESSAGE.ZMESSAGETYPE` and its neighbours.
pub(super) mod ios {
    use super::MessageKind;

    pub(in super::super) const WAITING: i64 = 12;
    pub(in super::super) const REVOKED: i64 = 14;

    /// Whether a row is the app's own.
    pub(in super::super) fn is_system(kind: Option<i64>) -> bool {
        matches!(kind, Some(6 | 10 | 28 | 55))
    }

    pub(in super::super) fn kind(code: Option<i64>) -> MessageKind {
        match code {
            Some(0 | 25 | 31 | 34) => MessageKind::Text,
            Some(1 | 38) => MessageKind::Image,
            Some(2 | 11 | 39 | 54) => MessageKind::Video,
            Some(3 | 53) => MessageKind::Voice,
            Some(4) => MessageKind::Contact,
            Some(5) => MessageKind::Location,
            Some(6 | 10 | 28 | 55) => MessageKind::System,
            Some(7) => MessageKind::Link,
            Some(8) => MessageKind::File,
            Some(15) => MessageKind::Sticker,
            Some(46) => MessageKind::Poll,
            Some(59) => MessageKind::Call,
            _ => MessageKind::Other,
        }
    }

    /// Whether a row's caption stands with its media.
    pub(in super::super) fn has_caption(code: Option<i64>) -> bool {
        matches!(code, Some(1 | 2 | 8 | 11 | 38 | 39))
    }

    /// The state of an outgoing row; on incoming rows the same column holds the owner's own state.
    pub(in super::super) fn status(code: i64) -> Option<&'static str> {
        Some(match code {
            1 => "server has it",
            6 => "delivered",
            8 => "read",
            9 => "unsent",
            _ => return None,
        })
    }

    /// `ZWACDCALLEVENT.ZOUTCOME`.
    pub(in super::super) fn call_outcome(code: i64) -> Option<&'static str> {
        Some(match code {
            0 => "completed",
            1 => "missed",
            4 => "rejected",
            5 => "failed",
            _ => return None,
        })
    }
}
