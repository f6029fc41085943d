//! What a row of an Android message table says: A2 to A13, and what rooms add.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::super::{codes, kind, talker};

/// States of a row that are understood.
const KNOWN_STATES: &[i64] = &[0, 1, 2, 3, 4, 5, 6, 8];

/// What the rules read of a row.
#[derive(Clone, Copy)]
struct Facts<'a> {
    numbered: bool,
    is_send: i64,
    status: Option<i64>,
    kind: Option<i64>,
    talker: &'a str,
    sequence: i64,
}

impl<'a> Facts<'a> {
    /// `None` for records of other stores: only rows of a message table carry `isSend`.
    fn of(m: &'a Message) -> Option<Self> {
        Some(Facts {
            is_send: m.int("isSend")?,
            numbered: m.int("msgSvrId").is_some_and(|id| id > 0),
            status: m.int("status"),
            kind: m.native_type,
            talker: &m.thread,
            sequence: m.int("msgSeq").unwrap_or(0),
        })
    }

    fn is_notice(&self) -> bool {
        self.kind.is_some_and(kind::is_notice)
    }

    /// Types and talkers of rows that the phone makes by itself.
    fn is_made_here(&self) -> bool {
        self.kind.is_some_and(kind::is_made_on_android) || talker::is_local_service(self.talker)
    }

    /// A2, before a notice's server id may confirm.
    fn state_denies(&self) -> bool {
        self.numbered && self.is_send == 1 && matches!(self.status, Some(1 | 5))
    }

    /// A11.
    fn is_local(&self) -> bool {
        let waiting_or_failed = self.is_send == 1 && matches!(self.status, Some(1 | 5));
        !self.numbered && !waiting_or_failed && (self.is_send == 2 || self.status == Some(6) || self.is_made_here())
    }
}

/// The marks of sending.
const SENT: &[&str] = &["msgSvrId", "status", "isSend"];
/// The marks of an arrival.
const ARRIVED: &[&str] = &["msgSvrId", "isSend", "msgSeq", "msgSource", "imgPath"];
/// The marks of a row without a server id.
const LOCAL: &[&str] = &["status", "isSend"];

/// A2.
pub(super) const NUMBERED_BUT_NOT_SENT: Rule = Rule {
    id: "wechat.android.server-id-but-not-sent",
    says: "The record carries an id that only the server gives, and its state says sending or failed; the app writes both in \
           one step, so they contradict each other (a crash between two writes leaves a stale state).",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/h: the answer's NewMsgId and status 2 are stored in the same update",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.state_denies() {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(SENT).with(codes::STATE_STALE)
    }),
};

/// A3.
pub(super) const SENT_WITHOUT_NUMBER: Rule = Rule {
    id: "wechat.android.sent-without-server-id",
    says: "The state says that the server acknowledged the record, and the id that comes with the acknowledgement is missing.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/h: status 2 is only set together with msgSvrId; seen after imports and restores",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.is_send != 1 || facts.status != Some(2) || facts.is_made_here() {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(LOCAL).with(codes::SEEN_AFTER_IMPORTS)
    }),
};

/// A4.
pub(super) const ON_THE_DELETED_LIST: Rule = Rule {
    id: "wechat.android.row-on-the-deleted-list",
    says: "The app's list of deleted messages names the server id of this record, and the record is still in the store.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti: deleting a message removes its row and adds its id to checkmsgid.ini",
    judge: Judge::Record(|m| {
        m.marker(codes::CHECKMSGID)?;
        Opinion::claim(Verdict::Contradictory).on(&["msgSvrId", codes::CHECKMSGID])
    }),
};

/// The room checks: a row below the number up to which its room was deleted.
pub(super) const IN_A_DELETED_ROOM: Rule = Rule {
    id: "wechat.android.row-of-a-deleted-room",
    says: "The app noted that this room was deleted up to a number, and the record's own number is not above it.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, storage/w and DeletedConversationInfo: lastSeq is the room's last msgSeq when it was deleted",
    judge: Judge::Record(|m| {
        m.marker(codes::DELETED_ROOM)?;
        Opinion::claim(Verdict::Contradictory).on(&["msgSeq", codes::DELETED_ROOM])
    }),
};

/// A5.
pub(super) const NOTICE_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.android.notice-with-server-id",
    says: "The line is a notice that carries a server id: a recalled message keeps its id, and the server's own notices have \
           one.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, revokemsg: the row with that msgSvrId becomes type 10000 and keeps the id",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || !facts.is_notice() || facts.state_denies() {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["msgSvrId"])
    }),
};

/// A6.
pub(super) const SENT_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.android.sent-with-server-id",
    says: "The record was sent by this account, its state says that the server acknowledged it, and it carries the id that the \
           server gave it.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/h and model/bf: the send answer sets msgSvrId and status 2",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || facts.is_send != 1 || facts.status != Some(2) || facts.is_notice() {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(SENT)
    }),
};

/// A7.
pub(super) const SENT_FROM_ANOTHER_DEVICE: Rule = Rule {
    id: "wechat.android.sent-from-another-device",
    says: "The record was sent by this account and came to this phone by synchronisation, with the id that the server gave it: \
           it was composed on another device.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, booter/g: own rows that arrive by sync keep the server's status, normally 3 or 4",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || facts.is_send != 1 || !matches!(facts.status, Some(3 | 4)) || facts.is_notice() {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(SENT).with(codes::OTHER_DEVICE)
    }),
};

/// A8.
pub(super) const RECEIVED_WITH_SERVER_ID: Rule = Rule {
    id: "wechat.android.received-with-server-id",
    says: "The record was received and carries the id that the server gave it.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/b and booter/g: received rows are written from a sync answer with its NewMsgId",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.numbered || facts.is_send != 0 || facts.is_notice() {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(ARRIVED)
    }),
};

/// A9.
pub(super) const SENDING: Rule = Rule {
    id: "wechat.android.sending",
    says: "The record was being sent: its state says so, and it carries no server id.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, storage/bj: status 1 until the send answer comes",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.is_send != 1 || facts.status != Some(1) {
            return None;
        }
        Opinion::claim(Verdict::Pending).on(LOCAL)
    }),
};

/// A10.
pub(super) const SENDING_FAILED: Rule = Rule {
    id: "wechat.android.failed",
    says: "Sending the record failed: its state says so, and it carries no server id.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/h: a send answer other than 0 sets status 5",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.is_send != 1 || facts.status != Some(5) {
            return None;
        }
        Opinion::claim(Verdict::Failed).on(LOCAL)
    }),
};

/// A11.
pub(super) const MADE_ON_THE_PHONE: Rule = Rule {
    id: "wechat.android.made-on-the-phone",
    says: "The line is of a kind that the app makes on the phone (a notice, a call, the app's own services) and carries no \
           server id.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, storage and modelmulti: isSend 2, types 10000, 10002, 50, 52, 53, 64, 1000052, 1000053, status 6",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if !facts.is_local() {
            return None;
        }
        Opinion::claim(Verdict::LocalOnly).on(LOCAL)
    }),
};

/// A12, without a sequence number.
pub(super) const RECEIVED_WITHOUT_SERVER_ID: Rule = Rule {
    id: "wechat.android.received-without-server-id",
    says: "The record stands as received, and the server id that every received record of this store carries is missing: it \
           was imported, restored or put in by other means.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, modelmulti/b and booter/g: received rows only come from sync answers, which always name NewMsgId",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.is_send != 0 || facts.sequence > 0 || facts.is_local() {
            return None;
        }
        Opinion::claim(Verdict::Unmarked).on(LOCAL)
    }),
};

/// A12, with a sequence number.
pub(super) const SEQUENCE_WITHOUT_SERVER_ID: Rule = Rule {
    id: "wechat.android.sequence-number-without-server-id",
    says: "The record stands as received with a sequence number of the server's, and the server id that comes with it is \
           missing.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, booter/g: msgSeq and msgSvrId are fields of the same sync answer",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.numbered || facts.is_send != 0 || facts.sequence <= 0 || facts.is_local() {
            return None;
        }
        Opinion::claim(Verdict::Contradictory).on(&["msgSeq", "status", "isSend"])
    }),
};

/// A13: nothing is claimed, the code stays visible.
pub(super) const UNKNOWN_STATUS: Rule = Rule {
    id: "wechat.android.unknown-status",
    says: "The record's state is a code whose meaning is not documented.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, storage/bj: 0 to 6 and 8 are used",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        if facts.status.is_some_and(|s| KNOWN_STATES.contains(&s)) {
            return None;
        }
        Opinion::note(codes::UNKNOWN_STATUS).on(&["status"])
    }),
};

/// An upload beside a row that was not acknowledged.
pub(super) const MEDIA_ON_THE_SERVER: Rule = Rule {
    id: "wechat.android.media-on-the-server",
    says: "The record was not acknowledged, yet it names a file on the service's storage: the file was uploaded, by this or an \
           earlier message.",
    ground: Ground::Parsers(2),
    cites: "appattach.mediaSvrId and the addresses in the body (ppwwyyxx/wechat-dump, P79N6A/pa_script)",
    judge: Judge::Record(|m| {
        let facts = Facts::of(m)?;
        const ADDRESSES: &[&str] = &["mediaSvrId", "attachid", "cdnmidimgurl", "cdnvideourl"];
        if facts.numbered || facts.is_send != 1 || !ADDRESSES.iter().any(|a| m.marker(a).is_some()) {
            return None;
        }
        Opinion::note(codes::MEDIA_ON_THE_SERVER).on(ADDRESSES)
    }),
};

/// The first room check.
pub(super) const BEYOND_THE_ROOM_CURSOR: Rule = Rule {
    id: "wechat.android.beyond-the-room-cursor",
    says: "The record's number lies beyond the highest one that the server is known to have announced for the room.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, aq/c and storage/{w,x,al}: rconversation.lastSeq, ChatroomMsgSeq.lastPushSeq",
    judge: Judge::BeyondCursor(codes::BEYOND_CURSOR),
};

/// The second room check.
pub(super) const INSIDE_A_KNOWN_GAP: Rule = Rule {
    id: "wechat.android.inside-a-known-gap",
    says: "The record's number lies inside a range that the app lists as missing on this phone.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, aq/c: ChatroomMsgSeq.seqBlockInfo",
    judge: Judge::InsideHole(codes::INSIDE_KNOWN_GAP),
};

#[cfg(test)]
mod tests;
