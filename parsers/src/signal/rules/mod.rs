//! Every rule of the app. A rule looks only at rows of its own platform's tables; what both share says `any`.
//!
//! "First match wins" of the order in which they were worked out is kept by conditions that exclude what an earlier rule
//! claims, so that weighing needs no order. A row whose marks the app itself makes (notes to self, its release channel)
//! gets no claim from them.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Shared};
use forensics_core::verdict::Verdict;

use super::notes;

pub(super) mod absences;
pub(super) mod android;
pub(super) mod ios;
#[cfg(test)]
mod tests;

/// All of them, in the order of reports.
pub(super) static RULES: &[Rule] = &[
    android::SERVER_GUID,
    android::SERVER_TIME,
    android::PEER_READ,
    android::PEER_DELIVERED,
    android::SENT_STATE,
    android::WAITING,
    android::FAILED,
    android::SCHEDULED,
    android::DRAFT_ROW,
    android::CLIENT_EVENT,
    android::CLIENT_EVENT_INFERRED,
    android::WITHOUT_GUID,
    android::RECEIPT_DENIES_STATE,
    android::PARTLY_DELIVERED,
    android::OWN_WITH_SERVER_MARK,
    android::INCOMING_WITH_RECEIPT,
    android::CLOCK_ANOMALY,
    ios::SERVER_GUID,
    ios::SERVER_TIME,
    ios::PEER_READ,
    ios::PEER_DELIVERED,
    ios::ACCEPTED,
    ios::OBSOLETE_STATE,
    ios::WAITING,
    ios::FAILED,
    ios::CLIENT_EVENT,
    ios::CLIENT_EVENT_INFERRED,
    ios::WITHOUT_GUID,
    ios::SERVER_CLOCKS,
    ios::SERVER_TIME_AHEAD,
    ios::OWN_WITH_SERVER_MARK,
    GUID_TWICE,
    LONG_PENDING,
    absences::ANDROID_QUOTE,
    absences::ANDROID_REACTION,
    absences::ANDROID_ATTACHMENT,
    absences::ANDROID_GROUP_RECEIPT,
    absences::ANDROID_MENTION,
    absences::ANDROID_SEND_LOG,
    absences::ANDROID_CALL,
    absences::ANDROID_DELETED_CALL,
    absences::ANDROID_ROW_GAPS,
    absences::ANDROID_ROW_SEQUENCE,
    absences::IOS_QUOTE,
    absences::IOS_REACTION,
    absences::IOS_ATTACHMENT,
    absences::IOS_EDIT,
    absences::IOS_SEND_LOG,
    absences::IOS_QUEUED_ENVELOPE,
    absences::IOS_PENDING_RECEIPT,
    absences::IOS_INDEX,
    absences::IOS_CALL,
    absences::IOS_DELETED_CALL,
    absences::IOS_ROW_GAPS,
    absences::IOS_ROW_SEQUENCE,
];

/// The server makes one id for one envelope, and one envelope makes one row.
const GUID_TWICE: Rule = Rule {
    id: "signal.any.guid-twice",
    says: "Two records carry the same id of the server's, which the server makes for one message only.",
    ground: Ground::AppSource,
    cites: "Signal-Android, MessageTable.kt: server_guid is taken from the envelope, one row for each",
    judge: Judge::SharedServerId(guid_twice),
};

fn guid_twice(_: &Shared) -> Option<Opinion> {
    Opinion::claim(Verdict::Contradictory)
}

const LONG_PENDING: Rule = Rule {
    id: "signal.any.long-pending",
    says: "The message waits since more than 30 days before the newest record of the store.",
    ground: Ground::Inferred,
    cites: "own reading: send jobs give up after a day",
    judge: Judge::Waiting { hours: 30 * 24, note: notes::LONG_PENDING },
};

/// Claims a word on the strength of the named marks.
fn claim(verdict: Verdict, on: &[&'static str]) -> Option<Opinion> {
    use forensics_core::rule::Says as _;
    Opinion::claim(verdict).on(on)
}

/// Whether the parser knows this of a message.
fn is(m: &Message, note: &str) -> bool {
    m.notes.contains(&note)
}

/// Whether a number stands above zero under one of these names.
fn set(m: &Message, names: &[&str]) -> bool {
    names.iter().any(|name| m.int(name).is_some_and(|i| i > 0))
}

/// Whether the app itself made the marks of this row: they prove nothing of a server.
fn made_here(m: &Message) -> bool {
    is(m, notes::NOTE_TO_SELF) || is(m, notes::RELEASE_CHANNEL) || is(m, notes::NO_SENDER_ADDRESS)
}

/// A rule on single records.
const fn record(
    id: &'static str,
    says: &'static str,
    ground: Ground,
    cites: &'static str,
    judge: fn(&Message) -> Option<Opinion>,
) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Record(judge) }
}
