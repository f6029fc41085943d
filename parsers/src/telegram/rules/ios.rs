//! iOS: namespaces and flags of Postbox.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{absence, noted, record};
use crate::telegram::notes;

const NAMESPACES: &str = "TelegramCore Namespaces.Message; Postbox MessageHistoryTable";
const FLAGS: &str = "Postbox MessageFlags, MessageHistoryUnsentTable, MessageHistoryFailedTable";
const ACK: &str = "TelegramCore ApplyUpdateMessage; Postbox MessageHistoryTable";
const READ_STATE: &str = "Postbox MessageHistoryReadStateTable";
const HOLES: &str = "Postbox MessageHistoryHoleIndexTable";

/// Namespaces of messages.
pub(in crate::telegram) const CLOUD_NS: i64 = 0;
pub(in crate::telegram) const LOCAL_NS: i64 = 1;
pub(in crate::telegram) const SECRET_NS: i64 = 2;

/// Bits of a message's flags.
pub(in crate::telegram) const UNSENT: i64 = 1;
pub(in crate::telegram) const FAILED: i64 = 2;
pub(in crate::telegram) const INCOMING: i64 = 4;
pub(in crate::telegram) const SENDING_BIT: i64 = 32;

fn namespace(m: &Message) -> Option<i64> {
    m.int("namespace")
}

fn has(m: &Message, bits: i64) -> bool {
    m.int("flags").is_some_and(|flags| flags & bits != 0)
}

fn waits(m: &Message) -> bool {
    has(m, UNSENT | SENDING_BIT) || m.marker("t11").is_some()
}

fn failed(m: &Message) -> bool {
    has(m, FAILED) || m.marker("t49").is_some()
}

fn local(m: &Message) -> bool {
    namespace(m) == Some(LOCAL_NS) && m.int("flags").is_some()
}

fn own(m: &Message) -> bool {
    m.int("flags").is_some_and(|flags| flags & INCOMING == 0)
}

pub(in crate::telegram) const CLOUD: Rule = record(
    "telegram.ios.cloud-namespace",
    Ground::AppSource,
    NAMESPACES,
    "The message stands in the namespace of the cloud, under an id that the server gave: the server handled it.",
    |m| {
        if namespace(m) == Some(CLOUD_NS) {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["namespace", "id"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const READ_BY_PEER: Rule = record(
    "telegram.ios.read-by-peer",
    Ground::AppSource,
    READ_STATE,
    "The own message carries an id of the server, and the chat's outgoing read mark has reached it: the peer has read it.",
    |m| {
        m.marker("maxOutgoingReadId")?;
        if namespace(m) == Some(CLOUD_NS) && own(m) && !noted(m, notes::SELF) {
            Opinion::claim(Verdict::Confirmed(Reach::Read)).on(&["namespace", "id", "flags", "maxOutgoingReadId"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SCHEDULED_ON_SERVER: Rule = record(
    "telegram.ios.scheduled-on-server",
    Ground::AppSource,
    NAMESPACES,
    "The scheduled message or quick reply stands in a namespace of the cloud: the server keeps it for later.",
    |m| match namespace(m)? {
        3 | 5 => Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["namespace", "id"]),
        _ => None,
    },
);

pub(in crate::telegram) const SCHEDULED_WAITING: Rule = record(
    "telegram.ios.scheduled-waiting",
    Ground::AppSource,
    NAMESPACES,
    "The scheduled message or quick reply stands in a local namespace: the server has not accepted it.",
    |m| match namespace(m)? {
        4 | 6 if failed(m) => Opinion::claim(Verdict::Failed).on(&["namespace", "flags", "t49"]),
        4 | 6 => Opinion::claim(Verdict::Pending).on(&["namespace", "flags"]),
        _ => None,
    },
);

pub(in crate::telegram) const SENDING: Rule = record(
    "telegram.ios.sending",
    Ground::AppSource,
    FLAGS,
    "The message stands in the local namespace, and its flags or the table of unsent messages say that it waits for the server.",
    |m| {
        if local(m) && waits(m) && own(m) {
            Opinion::claim(Verdict::Pending).on(&["namespace", "flags", "t11"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SEND_FAILED: Rule = record(
    "telegram.ios.send-failed",
    Ground::AppSource,
    FLAGS,
    "The message stands in the local namespace, and its flags or the table of failed messages say that sending failed.",
    |m| {
        if local(m) && failed(m) && own(m) {
            Opinion::claim(Verdict::Failed).on(&["namespace", "flags", "t49"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const LOCAL_ONLY: Rule = record(
    "telegram.ios.local-only",
    Ground::AppSource,
    NAMESPACES,
    "The message stands in the local namespace and waits for nothing: a notice of the app's own, or history that was restored to the phone.",
    |m| {
        if local(m) && !waits(m) && !failed(m) && !noted(m, notes::SECRET) {
            Opinion::claim(Verdict::LocalOnly).on(&["namespace", "flags", "action"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SECRET_ACKNOWLEDGED: Rule = record(
    "telegram.ios.secret-acknowledged",
    Ground::AppSource,
    ACK,
    "The own message of a secret chat keeps its random id and is no longer being sent: the server acknowledged that it relays it, and gives such messages no id.",
    |m| {
        let settled = !waits(m) && !failed(m) && m.marker("globallyUniqueId").is_some();
        if local(m) && noted(m, notes::SECRET) && own(m) && settled {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["namespace", "flags", "globallyUniqueId"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SECRET_RECEIVED: Rule = record(
    "telegram.ios.secret-received",
    Ground::AppSource,
    NAMESPACES,
    "The message stands in the namespace of what secret chats receive: it came in through the server's relay, which leaves no mark of its own.",
    |m| {
        if namespace(m) == Some(SECRET_NS) {
            Opinion::claim(Verdict::ImpliedByArrival).on(&["namespace", "globallyUniqueId"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const CLOUD_BUT_UNSENT: Rule = record(
    "telegram.ios.cloud-but-unsent",
    Ground::AppSource,
    ACK,
    "The message stands in the namespace of the cloud, and its flags say that it is unsent or failed, which an acknowledgement clears.",
    |m| {
        if namespace(m) == Some(CLOUD_NS) && (waits(m) || failed(m)) {
            Opinion::claim(Verdict::Contradictory).on(&["namespace", "flags", "t11", "t49"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const NOT_IN_INDEX: Rule = record(
    "telegram.ios.not-in-index",
    Ground::AppSource,
    "Postbox MessageHistoryIndexTable",
    "The message stands in the history and not in the index of the history, which the app writes together.",
    |m| {
        m.marker("t4")?;
        Opinion::claim(Verdict::Contradictory).on(&["namespace", "id", "t4"])
    },
);

pub(in crate::telegram) const SERVER_ID_TWICE: Rule = Rule {
    id: "telegram.ios.server-id-twice",
    says: "Two messages of one sequence carry the same id of the server; users and basic groups of an account share one sequence.",
    ground: Ground::AppSource,
    cites: NAMESPACES,
    judge: Judge::SharedServerId(|_| Opinion::claim(Verdict::Contradictory).on(&["id"])),
};

pub(in crate::telegram) const DELETION_PENDING: Rule = record(
    "telegram.ios.deletion-not-confirmed",
    Ground::AppSource,
    "TelegramCore CloudChatRemoveMessagesOperation; Postbox PeerOperationLogTable",
    "A deletion of this message waits to be told to the server.",
    |m| {
        m.marker("t31")?;
        Opinion::note(notes::DELETION_PENDING).on(&["t31"])
    },
);

pub(in crate::telegram) const ACKNOWLEDGED_HERE: Rule = record(
    "telegram.ios.sent-from-this-device",
    Ground::AppSource,
    "TelegramCore OutgoingMessageInfoAttribute, ApplyUpdateMessage",
    "The message keeps the random id that this device gave it when sending it.",
    |m| {
        m.marker("OutgoingMessageInfoAttribute.u")?;
        let acknowledged = m.int("OutgoingMessageInfoAttribute.ack").is_some_and(|ack| ack != 0);
        let opinion = Opinion::note(notes::SENT_HERE).on(&["OutgoingMessageInfoAttribute.u"]);
        if acknowledged { opinion.with(notes::ACK_PENDING).on(&["OutgoingMessageInfoAttribute.ack"]) } else { opinion }
    },
);

pub(in crate::telegram) const BEYOND_MAX_KNOWN: Rule = record(
    "telegram.ios.beyond-max-known",
    Ground::AppSource,
    READ_STATE,
    "The message carries an id beyond the highest one that the chat's read state knows of.",
    |m| {
        m.marker("maxKnownId")?;
        Opinion::note(notes::BEYOND_CURSOR).on(&["id", "maxKnownId"])
    },
);

pub(in crate::telegram) const CHANNEL_BEYOND_MAX_KNOWN: Rule = Rule {
    id: "telegram.ios.channel-beyond-max-known",
    says: "The post carries an id beyond the highest one that the channel's read state knows of.",
    ground: Ground::AppSource,
    cites: READ_STATE,
    judge: Judge::BeyondCursor(notes::BEYOND_CURSOR),
};

pub(in crate::telegram) const CHANNEL_INSIDE_HOLE: Rule = Rule {
    id: "telegram.ios.channel-inside-hole",
    says: "The post lies inside a range of ids that the app itself lists as not loaded.",
    ground: Ground::AppSource,
    cites: HOLES,
    judge: Judge::InsideHole(notes::INSIDE_KNOWN_GAP),
};

pub(in crate::telegram) const INSIDE_HOLE: Rule = record(
    "telegram.ios.inside-hole",
    Ground::AppSource,
    HOLES,
    "The message lies inside a range of ids that the app itself lists as not loaded.",
    |m| {
        m.marker("hole")?;
        Opinion::note(notes::INSIDE_KNOWN_GAP).on(&["id", "hole"])
    },
);

pub(in crate::telegram) const HOLES_EXPLAIN: Rule = Rule {
    id: "telegram.ios.holes-explain",
    says: "Ranges that the app lists as not loaded explain why their ids are not in the store; they show nothing missing.",
    ground: Ground::AppSource,
    cites: HOLES,
    judge: Judge::HolesExplain,
};

pub(in crate::telegram) const UNKNOWN_NAMESPACE: Rule = record(
    "telegram.ios.unknown-namespace",
    Ground::AppSource,
    NAMESPACES,
    "The message stands in a namespace that no known version writes; nothing is concluded from it.",
    |m| match namespace(m)? {
        0..=6 => None,
        _ => Opinion::note(notes::UNKNOWN_NAMESPACE).on(&["namespace"]),
    },
);

pub(in crate::telegram) const CHANNEL_IDS_SKIP: Rule = absence(
    "telegram.ios.channel-ids-skip",
    Ground::AppSource,
    HOLES,
    "Ids of a channel's own sequence are absent outside every range that the app lists as not loaded; deleted, or never delivered to this client.",
);

pub(in crate::telegram) const SHARED_IDS_SKIP: Rule = absence(
    "telegram.ios.shared-ids-skip",
    Ground::AppSource,
    HOLES,
    "Ids of the sequence that all users and basic groups of the account share are absent outside every range that the app lists as not loaded; deleted, or never delivered to this client.",
);

pub(in crate::telegram) const MAX_KNOWN_MISSING: Rule = absence(
    "telegram.ios.max-known-without-record",
    Ground::AppSource,
    READ_STATE,
    "The chat's read state knows an id that is not in the store and lies in no range that the app lists as not loaded.",
);

pub(in crate::telegram) const INDEX_ROW_ALONE: Rule = absence(
    "telegram.ios.index-row-alone",
    Ground::AppSource,
    "Postbox MessageHistoryIndexTable, GlobalMessageIdsTable",
    "An index of the history names a message that is not in the history.",
);

pub(in crate::telegram) const TEXT_INDEX_ALONE: Rule = absence(
    "telegram.ios.text-index-alone",
    Ground::AppSource,
    "Postbox MessageHistoryTextIndexTable",
    "The index of texts still holds the text of a message that is not in the history.",
);

pub(in crate::telegram) const REPLY_TARGET_MISSING: Rule = absence(
    "telegram.ios.reply-target-missing",
    Ground::AppSource,
    "TelegramCore ReplyMessageAttribute",
    "A message answers another one that is not in the store.",
);

pub(in crate::telegram) const REPLY_TARGET_NOT_LOADED: Rule = absence(
    "telegram.ios.reply-target-not-loaded",
    Ground::AppSource,
    HOLES,
    "A message answers another one that is not in the store and lies in a range that the app lists as not loaded.",
);
