//! Rules: what a mark of Telegram's says.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule};

pub(super) mod android;
pub(super) mod ios;

/// A rule that judges one record.
const fn record(
    id: &'static str,
    ground: Ground,
    cites: &'static str,
    says: &'static str,
    judge: fn(&Message) -> Option<Opinion>,
) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Record(judge) }
}

/// A rule that makes absences.
const fn absence(id: &'static str, ground: Ground, cites: &'static str, says: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

fn noted(m: &Message, note: &str) -> bool {
    m.notes.contains(&note)
}

/// Every rule, in the order in which findings are listed.
pub(super) static RULES: &[Rule] = &[
    android::SERVER_ID,
    android::READ_BY_PEER,
    android::EDIT_PENDING,
    android::SERVER_ID_BUT_UNSENT,
    android::SENDING,
    android::SEND_FAILED,
    android::LOCAL_ID_MARKED_SENT,
    android::LOCAL_ACTION,
    android::SERVICE_NOTICE,
    android::SECRET_ACKNOWLEDGED,
    android::SECRET_SENDING,
    android::SECRET_FAILED,
    android::SECRET_RECEIVED,
    android::SCHEDULED_ON_SERVER,
    android::SCHEDULED_WAITING,
    android::SCHEDULED_FAILED,
    android::OBJECT_ID_DIFFERS,
    android::SERVER_ID_TWICE,
    android::OBJECT_KEEPS_LOCAL_ID,
    android::RANDOM_ID,
    android::BEYOND_LAST_MID,
    android::CHANNEL_BEYOND_LAST_MID,
    android::INSIDE_HOLE,
    android::CHANNEL_INSIDE_HOLE,
    android::HOLES_EXPLAIN,
    android::READ_MARK_OVER_UNREAD,
    android::DATE_AGAINST_ID,
    android::PUSHED,
    android::UNKNOWN_STATE,
    android::CHANNEL_IDS_SKIP,
    android::SHARED_IDS_SKIP,
    android::LAST_MID_MISSING,
    android::REPLY_TARGET_MISSING,
    android::REPLY_TARGET_NOT_LOADED,
    android::PINNED_MISSING,
    android::KEYBOARD_MISSING,
    android::MEDIA_ROW_ALONE,
    android::PUSHED_NOT_STORED,
    ios::CLOUD,
    ios::READ_BY_PEER,
    ios::SCHEDULED_ON_SERVER,
    ios::SCHEDULED_WAITING,
    ios::SENDING,
    ios::SEND_FAILED,
    ios::LOCAL_ONLY,
    ios::SECRET_ACKNOWLEDGED,
    ios::SECRET_RECEIVED,
    ios::CLOUD_BUT_UNSENT,
    ios::NOT_IN_INDEX,
    ios::SERVER_ID_TWICE,
    ios::DELETION_PENDING,
    ios::ACKNOWLEDGED_HERE,
    ios::BEYOND_MAX_KNOWN,
    ios::CHANNEL_BEYOND_MAX_KNOWN,
    ios::CHANNEL_INSIDE_HOLE,
    ios::INSIDE_HOLE,
    ios::HOLES_EXPLAIN,
    ios::UNKNOWN_NAMESPACE,
    ios::CHANNEL_IDS_SKIP,
    ios::SHARED_IDS_SKIP,
    ios::MAX_KNOWN_MISSING,
    ios::INDEX_ROW_ALONE,
    ios::TEXT_INDEX_ALONE,
    ios::REPLY_TARGET_MISSING,
    ios::REPLY_TARGET_NOT_LOADED,
];

#[cfg(test)]
mod tests;
