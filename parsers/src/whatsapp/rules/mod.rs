//! Every rule of the app. A rule looks only at rows of its own platform's tables; what two platforms share says `any`.
//!
//! "First match wins" of the order in which they were worked out is kept by conditions that exclude what an earlier rule
//! claims, so that weighing needs no order.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _, Shared};
use forensics_core::verdict::Verdict;

use super::notes;

pub(super) mod absences;
mod android;
pub(super) mod ios;
#[cfg(test)]
mod tests;

/// All of them, in the order of reports.
pub(super) static RULES: &[Rule] = &[
    android::SYSTEM_ROW,
    android::PEER_READ,
    android::PEER_DELIVERED,
    android::STATUS_READ,
    android::STATUS_DELIVERED,
    android::SERVER_TIME,
    android::STATUS_ACCEPTED,
    android::STATUS_DENIES_MARK,
    android::EDIT_UNDER_WAY,
    android::EDIT_IMPLIES_SERVER,
    android::PENDING,
    android::SERVER_STS,
    android::REPORTING_INFO,
    android::ARRIVED,
    android::RECEIVED_BEFORE_SENT,
    android::OUTGOING_WITHOUT_KEY,
    android::INCOMING_WITHOUT_KEY,
    android::CHANNEL_NUMBER,
    android::CHANNEL_NUMBER_TWICE,
    android::CALL_ANSWERED,
    android::CALL_ARRIVED,
    android::BEYOND_CURSOR,
    ios::SYSTEM_ROW,
    ios::PEER_READ,
    ios::PEER_DELIVERED,
    ios::STATUS_READ,
    ios::STATUS_DELIVERED,
    ios::STATUS_ACCEPTED,
    ios::FAILED,
    ios::FAILED_YET_MARKED,
    ios::UNSENT,
    ios::UNSENT_BY_ANALOGY,
    ios::UNSENT_YET_RECEIVED,
    ios::PUSH_NAME_TIME,
    ios::ARRIVED,
    ios::FRACTIONAL_DATE,
    ios::INCOMING_WITHOUT_ID,
    ios::CALL_COMPLETED,
    ios::CALL_ARRIVED,
    ios::BEYOND_COUNTER,
    KEY_TWICE,
    NEVER_ACKNOWLEDGED,
    absences::ANDROID_RECEIPT,
    absences::ANDROID_SIDE_ROW,
    absences::ANDROID_ADD_ON,
    absences::ANDROID_QUOTE,
    absences::ANDROID_REVOKED,
    absences::ANDROID_EDIT,
    absences::ANDROID_INDEX,
    absences::ANDROID_THUMBNAIL,
    absences::ANDROID_ORPHANED_RECEIPT,
    absences::ANDROID_ORPHAN,
    absences::ANDROID_ORPHANED_REVOKE,
    absences::ANDROID_QUARANTINED,
    absences::ANDROID_DELETED_CHAT,
    absences::ANDROID_CHAT_POINTER,
    absences::ANDROID_CURSOR,
    absences::ANDROID_ROW_SEQUENCE,
    absences::ANDROID_CHANNEL_GAP,
    absences::ANDROID_CHANNEL_POST,
    absences::IOS_SORT_GAP,
    absences::IOS_COUNTER,
    absences::IOS_LAST_DATE,
    absences::IOS_SIDE_ROW,
    absences::IOS_QUOTE,
    absences::IOS_OUTGOING_RECORD,
    absences::IOS_PAYMENT,
    absences::IOS_SCHEDULED_FOR_DELETE,
    absences::IOS_LAST_MESSAGE,
    absences::IOS_ROW_MAXIMUM,
];

/// The unique index on chat, direction, key and sender does not hold where the sender is NULL.
const KEY_TWICE: Rule = Rule {
    id: "whatsapp.any.key-twice",
    says: "Two rows of one chat, direction and sender carry the same message id; the app never writes that.",
    ground: Ground::RealStore,
    cites: "unique index message_key_index of Android stores of 2022; ids of 32 of 32 rows of an iOS store of 2023 differ",
    judge: Judge::SharedId(key_twice),
};

fn key_twice(_: &Shared) -> Option<Opinion> {
    Opinion::claim(Verdict::Contradictory)
}

/// There is no code for "failed" on Android: what cannot be sent stays waiting.
const NEVER_ACKNOWLEDGED: Rule = Rule {
    id: "whatsapp.any.never-acknowledged",
    says: "The message waits since more than 30 days before the newest record of the store.",
    ground: Ground::Parsers(2),
    cites: "IPED, Whapa: no status code for a failed message on Android",
    judge: Judge::Waiting { hours: 30 * 24, note: notes::NEVER_ACKNOWLEDGED },
};

/// Whether a message stands in one of these tables.
fn stands_in(m: &Message, tables: &[&str]) -> bool {
    m.origin.table.as_deref().is_some_and(|table| tables.contains(&table))
}

/// Whether the message carries one of these marks.
fn carries(m: &Message, names: &[&str]) -> bool {
    names.iter().any(|name| m.marker(name).is_some())
}

/// Claims a word on the strength of the named marks.
fn claim(verdict: Verdict, on: &[&'static str]) -> Option<Opinion> {
    Opinion::claim(verdict).on(on)
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
