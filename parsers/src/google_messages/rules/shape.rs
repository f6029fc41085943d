//! Signs that a record is not what the app would write.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Rule};
use forensics_core::verdict::Verdict;

use super::state::{CLOUD_ID, HISTORY, OLD_RCS_ID, PROTOCOL, RCS_ID, READ_AT, STATUS, has_rcs_id, passed, rcs, status};
use super::{claim, has, record};
use crate::google_messages::notes;

/// Placed on an entry of the history that is older than the one before it.
pub(in crate::google_messages) const BACKWARDS: &str = "message_status.timestamp";
/// Placed on an outgoing message whose sender is another person.
pub(in crate::google_messages) const SENDER: &str = "participants.sub_id";
/// Its value names the other row, where two rows share it.
pub(in crate::google_messages) const URI: &str = "sms_message_uri";

const REAL: &str = "140 messages of a real phone, schema 61791";

pub(super) const READ_WITHOUT_REPORT: Rule = record(
    "google-messages.android.read-without-report",
    "The state says that the recipient opened the message, while neither a report nor the history of states has it.",
    Ground::RealStore,
    "134 of 134 messages of state 11 of a real phone have both",
    |m| {
        let kept = !m.notes.contains(&notes::NO_HISTORY);
        let bare = kept && status(m) == Some(11) && !passed(m, 11) && !has(m, READ_AT);
        let bare = bare && !has(m, super::state::DELIVERED_AT);
        bare.then(|| claim(Verdict::Contradictory, &[STATUS])).flatten()
    },
);

pub(super) const HISTORY_BACKWARDS: Rule = record(
    "google-messages.android.history-backwards",
    "The history of the message's states runs backwards in time: the clock was changed, or entries were.",
    Ground::RealStore,
    "741 entries of 138 messages of a real phone",
    |m| has(m, BACKWARDS).then(|| claim(Verdict::Contradictory, &[BACKWARDS, HISTORY])).flatten(),
);

pub(super) const FOREIGN_SENDER: Rule = record(
    "google-messages.android.foreign-sender",
    "The state is one of outgoing messages, while the sender is another person.",
    Ground::RealStore,
    REAL,
    |m| {
        let foreign = m.direction == Direction::Out && m.int(SENDER) == Some(-2);
        foreign.then(|| claim(Verdict::Contradictory, &[STATUS, SENDER])).flatten()
    },
);

pub(super) const RCS_WITHOUT_ID: Rule = record(
    "google-messages.android.rcs-without-id",
    "The RCS message stands as sent and has no RCS id, without which the app sends none.",
    Ground::RealStore,
    "137 of 137 RCS messages of a real phone",
    |m| {
        let bare = bare_rcs(m) && matches!(status(m), Some(1 | 2 | 11));
        bare.then(|| claim(Verdict::Contradictory, &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const RCS_INCOMING_WITHOUT_ID: Rule = record(
    "google-messages.android.rcs-incoming-without-id",
    "The incoming RCS message has no RCS id, which every message that came through the RCS server has.",
    Ground::RealStore,
    "137 of 137 RCS messages of a real phone",
    |m| {
        let bare = bare_rcs(m) && matches!(status(m), Some(100 | 108 | 109));
        bare.then(|| claim(Verdict::Unmarked, &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const RCS_ID_TWICE: Rule = record(
    "google-messages.android.rcs-id-twice",
    "Two messages carry the same RCS id.",
    Ground::RealStore,
    "unique indexes on the RCS id in schema 61791",
    |m| {
        let twice = [RCS_ID, OLD_RCS_ID].iter().any(|name| shared(m, name));
        twice.then(|| claim(Verdict::Contradictory, &[RCS_ID, OLD_RCS_ID])).flatten()
    },
);

pub(super) const URI_TWICE: Rule = record(
    "google-messages.android.uri-twice",
    "Two messages name the same row of the telephony store.",
    Ground::RealStore,
    "139 of 139 names differ on a real phone",
    |m| shared(m, URI).then(|| claim(Verdict::Contradictory, &[URI])).flatten(),
);

pub(super) const CLOUD_ID_TWICE: Rule = Rule {
    id: "google-messages.android.cloud-id-twice",
    says: "Two messages carry the same id of Google's cloud store, which gives each id once.",
    ground: Ground::RealStore,
    cites: "unique index on cms_id in schema 61791",
    judge: Judge::SharedServerId(|_| claim(Verdict::Contradictory, &[CLOUD_ID])),
};

fn bare_rcs(m: &Message) -> bool {
    rcs(m) && !has_rcs_id(m) && !m.notes.contains(&notes::NO_RCS_COLUMN)
}

/// Whether the parser found the mark's value on another row too.
fn shared(m: &Message, name: &str) -> bool {
    m.marker(name).is_some_and(|mark| !mark.value.is_null())
}
