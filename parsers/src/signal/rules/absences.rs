//! Marks whose record is not in the store. They judge no record; the second pass makes absences of them.

use forensics_core::rule::{Ground, Judge, Rule};

const ANDROID: &str = "Signal-Android, SignalDatabase tables; bepaald/signalbackup-tools";
const IOS: &str = "Signal-iOS, SignalServiceKit/Resources/schema.sql";

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

pub(in crate::signal) const ANDROID_QUOTE: Rule = absence(
    "signal.android.quoted-missing",
    "An answer quotes, by author and time, a message that is not in the store; the quoted text may be left.",
    Ground::AppSource,
    ANDROID,
);
pub(in crate::signal) const ANDROID_REACTION: Rule = absence(
    "signal.android.reaction-without-message",
    "A reaction belongs to a message row that is not in the store.",
    Ground::AppSource,
    ANDROID,
);
pub(in crate::signal) const ANDROID_ATTACHMENT: Rule = absence(
    "signal.android.attachment-without-message",
    "An attachment belongs to a message row that is not in the store.",
    Ground::AppSource,
    ANDROID,
);
pub(in crate::signal) const ANDROID_GROUP_RECEIPT: Rule = absence(
    "signal.android.receipt-without-message",
    "The receipt of a group's member belongs to a message row that is not in the store.",
    Ground::AppSource,
    ANDROID,
);
pub(in crate::signal) const ANDROID_MENTION: Rule = absence(
    "signal.android.mention-without-message",
    "The mention of a person belongs to a message row that is not in the store.",
    Ground::AppSource,
    ANDROID,
);
pub(in crate::signal) const ANDROID_SEND_LOG: Rule = absence(
    "signal.android.sent-without-message",
    "The log of what was sent names a message row that is not in the store; its text may be left in the log.",
    Ground::Inferred,
    "own reading of msl_message and msl_payload by analogy with iOS",
);
pub(in crate::signal) const ANDROID_CALL: Rule = absence(
    "signal.android.call-without-message",
    "A call names a message row that is not in the store.",
    Ground::AppSource,
    "Signal-Android, CallTable.kt",
);
pub(in crate::signal) const ANDROID_DELETED_CALL: Rule = absence(
    "signal.android.deleted-call",
    "A call was deleted; the store keeps its number and the time of deletion for some hours.",
    Ground::AppSource,
    "Signal-Android, CallTable.kt: event 4, deletion_timestamp",
);
pub(in crate::signal) const ANDROID_ROW_GAPS: Rule = absence(
    "signal.android.row-gaps",
    "Row numbers below the newest are not there: rows were deleted on this phone, expired, were moved when the app was \
     updated, or (in a backup file) were not exported.",
    Ground::AppSource,
    "AUTOINCREMENT of the message tables; FullBackupExporter leaves out what expires",
);
pub(in crate::signal) const ANDROID_ROW_SEQUENCE: Rule = absence(
    "signal.android.rows-beyond-newest",
    "The store gave row numbers beyond the newest row: the newest rows are gone.",
    Ground::AppSource,
    "AUTOINCREMENT of the message tables, sqlite_sequence",
);

pub(in crate::signal) const IOS_QUOTE: Rule = absence(
    "signal.ios.quoted-missing",
    "An answer quotes, by author and time, a message that is not in the store; the quoted text may be left.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_REACTION: Rule = absence(
    "signal.ios.reaction-without-message",
    "A reaction belongs to a message that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_ATTACHMENT: Rule = absence(
    "signal.ios.attachment-without-message",
    "An attachment belongs to a message that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_EDIT: Rule = absence(
    "signal.ios.edit-without-message",
    "The record of an edit names a message row that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_SEND_LOG: Rule = absence(
    "signal.ios.sent-without-message",
    "The log of what was sent names a message that is not in the store; its text may be left in the log.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_QUEUED_ENVELOPE: Rule = absence(
    "signal.ios.queued-envelope",
    "The server handed over a message that stands in a queue of the app and was not yet written to the chat.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_PENDING_RECEIPT: Rule = absence(
    "signal.ios.pending-receipt-without-message",
    "A receipt that this phone has yet to send belongs to a message that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_INDEX: Rule = absence(
    "signal.ios.index-without-message",
    "The search index holds the text of a message that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_CALL: Rule = absence(
    "signal.ios.call-without-message",
    "The record of a call names a row of the chat that is not in the store.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_DELETED_CALL: Rule = absence(
    "signal.ios.deleted-call",
    "A call was deleted; the store keeps its number and the time of deletion.",
    Ground::AppSource,
    IOS,
);
pub(in crate::signal) const IOS_ROW_GAPS: Rule = absence(
    "signal.ios.row-gaps",
    "Row numbers below the newest are not there: rows were deleted on this phone, or expired.",
    Ground::AppSource,
    "AUTOINCREMENT of model_TSInteraction",
);
pub(in crate::signal) const IOS_ROW_SEQUENCE: Rule = absence(
    "signal.ios.rows-beyond-newest",
    "The store gave row numbers beyond the newest row: the newest rows are gone.",
    Ground::AppSource,
    "AUTOINCREMENT of model_TSInteraction, sqlite_sequence",
);
