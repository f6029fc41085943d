//! What a row of an iOS chat table says: I2 to I10, I14.
//!
//! The states 3 and 5 are known by analogy with Android only: where a rule rests on one of them it is inferred.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::super::{codes, kind};

/// What the rules read of a row.
#[derive(Clone, Copy)]
struct Facts {
    numbered: bool,
    sent: Option<bool>,
    status: Option<i64>,
    kind: Option<i64>,
}

impl Facts {
    /// `None` for records of other stores: only rows of a chat table carry `Des`.
    fn of(m: &Message) -> Option<Self> {
        let des = m.marker("Des")?;
        Some(Facts {
            numbered: m.int("MesSvrID").is_some_and(|id| id > 0),
            sent: match des.raw.as_int() {
                Some(0) => Some(true),
                Some(1) => Some(false),
                _ => None,
            },
            status: m.int("Status"),
            kind: m.native_type,
        })
    }

    fn is_notice(&self) -> bool {
        self.kind.is_some_and(kind::is_notice)
    }

    /// Sent by the owner, in this state.
    fn sent_in(&self, status: i64) -> bool {
        self.sent == Some(true) && self.status == Some(status)
    }

    /// I9.
    fn is_local(&self) -> bool {
        let claimed = [1, 2, 5].into_iter().any(|status| self.sent_in(status));
        !self.numbered && !claimed && (self.kind.is_some_and(kind::is_made_on_ios) || self.sent_in(4))
    }
}

const MARKS: &[&str] = &["MesSvrID", "Status", "Des"];
const LOCAL: &[&str] = &["Status", "Des"];

/// I2, for the state that a source documents.
pub(super) const NUMBERED_BUT_NOT_SENT: Rule = Rule {
    id: "wechat.ios.server-id-but-not-sent",
    says: "The record carries an id that only the server gives, and its state says that it is being sent; one of the two is \
           stale.",
    ground: Ground::Parsers(1),
    cites: "MesSvrID: class dump of iOS 6.6.1 (m_n64MesSvrID); Status 1: notes on iOS backups",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || !facts.sent_in(1) {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(MARKS).with(codes::STATE_STALE)
    }),
};

/// I2, for the state that is known by analogy.
pub(super) const NUMBERED_BUT_FAILED: Rule = Rule {
    id: "wechat.ios.server-id-but-failed",
    says: "The record carries an id that only the server gives, and its state would mean on Android that sending failed.",
    ground: Ground::Inferred,
    cites: "Status 5 by analogy with Android",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || !facts.sent_in(5) {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(MARKS).with(codes::STATE_STALE)
    }),
};

/// I3.
pub(super) const NOTICE_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.ios.notice-with-server-id",
    says: "The line is a notice that carries a server id: a recalled message keeps its id, and the server's own notices have \
           one.",
    ground: Ground::Parsers(2),
    cites: "BlueMatthew/WechatExporter, stomakun/WechatExport-iOS, P79N6A/pa_script; MesSvrID: class dump of iOS 6.6.1",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || !facts.is_notice() || facts.sent_in(1) || facts.sent_in(5) {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["MesSvrID"])
    }),
};

/// I4.
pub(super) const SENT_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.ios.sent-with-server-id",
    says: "The record was sent by the owner and carries the id that the server gave it.",
    ground: Ground::Parsers(2),
    cites: "BlueMatthew/WechatExporter, stomakun/WechatExport-iOS, P79N6A/pa_script; MesSvrID: class dump of iOS 6.6.1",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        let denied = facts.sent_in(1) || facts.sent_in(5);
        if !facts.numbered || facts.sent != Some(true) || facts.is_notice() || denied {
            return None;
        }
        let opinion = Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(MARKS);
        // Known by analogy: a note, never the claim.
        if matches!(facts.status, Some(3 | 4)) { opinion.with(codes::OTHER_DEVICE) } else { opinion }
    }),
};

/// I5.
pub(super) const RECEIVED_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.ios.received-with-server-id",
    says: "The record was received and carries the id that the server gave it.",
    ground: Ground::Parsers(2),
    cites: "BlueMatthew/WechatExporter, stomakun/WechatExport-iOS, P79N6A/pa_script; MesSvrID: class dump of iOS 6.6.1",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || facts.sent != Some(false) || facts.is_notice() {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["MesSvrID", "Des", "sequence_id", "MsgSource"])
    }),
};

/// I6.
pub(super) const SENDING: Rule = Rule {
    id: "wechat.ios.sending",
    says: "The record was being sent: its state says so, and it carries no server id.",
    ground: Ground::Parsers(1),
    cites: "Status 1: notes on iOS backups",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || !facts.sent_in(1) {
            return None;
        }
        Opinion::claim(Verdict::Pending).on(LOCAL)
    }),
};

/// I7.
pub(super) const SENDING_FAILED: Rule = Rule {
    id: "wechat.ios.failed",
    says: "The record carries no server id, and its state would mean on Android that sending failed.",
    ground: Ground::Inferred,
    cites: "Status 5 by analogy with Android",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || !facts.sent_in(5) {
            return None;
        }
        Opinion::claim(Verdict::Failed).on(LOCAL)
    }),
};

/// I8.
pub(super) const SENT_WITHOUT_NUMBER: Rule = Rule {
    id: "wechat.ios.sent-without-server-id",
    says: "The state says that the record was sent, and the id that the server gives is missing (seen in chats moved from \
           another phone).",
    ground: Ground::Parsers(1),
    cites: "Status 2: notes on iOS backups",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || !facts.sent_in(2) {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(LOCAL).with(codes::SEEN_AFTER_IMPORTS)
    }),
};

/// I9.
pub(super) const MADE_ON_THE_PHONE: Rule = Rule {
    id: "wechat.ios.made-on-the-phone",
    says: "The line is of a kind that the app makes on the phone (a notice, a call) and carries no server id.",
    ground: Ground::Parsers(1),
    cites: "types 10000, 10002, 50, 64 and Status 4: notes on iOS backups",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.is_local() {
            return None;
        }
        Opinion::claim(Verdict::LocalOnly).on(LOCAL)
    }),
};

/// I10.
pub(super) const RECEIVED_WITHOUT_SERVER_ID: Rule = Rule {
    id: "wechat.ios.received-without-server-id",
    says: "The record stands as received, and the server id that every received record of this store carries is missing: it \
           was imported, restored or put in by other means.",
    ground: Ground::Parsers(2),
    cites: "received rows only come from sync answers, which always name NewMsgId (Android 7.0.4); iOS by the same column",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.sent != Some(false) || facts.is_local() {
            return None;
        }
        Opinion::claim(Verdict::Unmarked).on(LOCAL)
    }),
};

/// States that no source explains.
pub(super) const UNKNOWN_STATUS: Rule = Rule {
    id: "wechat.ios.unknown-status",
    says: "The record's state is a code whose meaning is not documented.",
    ground: Ground::Parsers(1),
    cites: "1, 2 and 4: notes on iOS backups; 3 and 5 by analogy with Android",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if matches!(facts.status, Some(1..=5)) {
            return None;
        }
        Opinion::note(codes::UNKNOWN_STATUS).on(&["Status"])
    }),
};

/// I14.
pub(super) const BEYOND_THE_ROOM_CURSOR: Rule = Rule {
    id: "wechat.ios.beyond-the-room-cursor",
    says: "The record's number lies beyond the last one that the room's session says was delivered.",
    ground: Ground::AppSource,
    cites: "class dump of iOS 6.6.1: MMSessionInfoExt.m_uLastDeliverMsgSeq, SessionDeleteInfo.m_lastMsgSequence",
    judge: Judge::BeyondCursor(codes::BEYOND_CURSOR),
};

#[cfg(test)]
mod tests;
