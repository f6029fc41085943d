//! Rules behind absences: marks whose record is not in the store.

use forensics_core::rule::{Ground, Judge, Rule};

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

const HELPER: &str = "AOSP: MmsSmsDatabaseHelper";
const AUTOINCREMENT: &str = "sqlite_sequence of a table with AUTOINCREMENT (sqlite.org/autoinc.html)";

pub(in crate::telephony) const MMS_REPORT: Rule = absence(
    "telephony.android.mms-report-without-message",
    "A delivery or read report names an MMS by the id of the carrier's server, and no sent MMS of that id is in the store.",
    Ground::AppSource,
    HELPER,
);
pub(in crate::telephony) const MMS_PART: Rule = absence(
    "telephony.android.mms-part-without-message",
    "A part or an address belongs to an MMS row that is not in the store: the MMS was deleted past the provider's triggers.",
    Ground::AppSource,
    HELPER,
);
pub(in crate::telephony) const PENDING: Rule = absence(
    "telephony.android.pending-without-message",
    "The provider waits for a message whose row is not in the store.",
    Ground::AppSource,
    HELPER,
);
pub(in crate::telephony) const COUNTER: Rule = absence(
    "telephony.android.thread-counts-more",
    "The conversation counts more messages than it has: records were removed past its triggers, or the count is stale.",
    Ground::Inferred,
    "threads.message_count, recounted by the trigger's own rule",
);
pub(in crate::telephony) const SNIPPET: Rule = absence(
    "telephony.android.snippet-without-message",
    "The conversation shows the text of a message that is not in the store: its newest message is gone.",
    Ground::Inferred,
    "threads.snippet is a copy of the newest message, made by a trigger",
);
pub(in crate::telephony) const SMS_ROWS: Rule = absence(
    "telephony.android.sms-rows-skip",
    "Row numbers of SMS skip: rows that stood there were deleted, drafts among them. Where the newest ones are deleted, \
     AOSP gives their numbers again, so that deletions at the end leave no trace.",
    Ground::Inferred,
    "sms._id, a plain rowid in AOSP, AUTOINCREMENT in Samsung's store",
);
pub(in crate::telephony) const SMS_COUNTER: Rule = absence(
    "telephony.android.sms-counter-beyond-records",
    "The database remembers a higher row number than any SMS has: the newest rows were deleted. A count at most.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const MMS_ROWS: Rule = absence(
    "telephony.android.mms-rows-skip",
    "Row numbers of MMS skip: rows that stood there were deleted. Drafts, reports and replaced notifications use up \
     numbers as well.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const MMS_COUNTER: Rule = absence(
    "telephony.android.mms-counter-beyond-records",
    "The database remembers a higher row number than any MMS has: the newest rows were deleted. A count at most.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const CALL_ROWS: Rule = absence(
    "telephony.android.call-rows-skip",
    "Row numbers of the call log skip: entries that stood there were deleted. The log drops its oldest entries by itself.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const CALL_COUNTER: Rule = absence(
    "telephony.android.call-counter-beyond-records",
    "The database remembers a higher row number than any call has: the newest entries were deleted. A count at most.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const SIDE_ROWS: Rule = absence(
    "telephony.android.side-rows-missing",
    "More parts, conversations or addresses were given a number than are in the store: the others were deleted.",
    Ground::Inferred,
    AUTOINCREMENT,
);
pub(in crate::telephony) const INDEX: Rule = absence(
    "telephony.android.index-remnant",
    "The full-text index holds the text of a message whose row is not in the store: deleted past the provider, or left \
     over in the index.",
    Ground::AppSource,
    HELPER,
);
pub(in crate::telephony) const INDEX_DIFFERS: Rule = absence(
    "telephony.android.index-differs",
    "The full-text index holds another text than the message row of that number, whose number may have been given twice.",
    Ground::Inferred,
    "words is kept in step with sms.body by triggers; AOSP gives row numbers of SMS again",
);
pub(in crate::telephony) const FRAGMENT: Rule = absence(
    "telephony.android.fragment-incomplete",
    "Parts of a long SMS came in from the network, and the message was never complete.",
    Ground::AppSource,
    "AOSP: InboundSmsHandler, table raw with deleted 0",
);
pub(in crate::telephony) const FRAGMENT_LEFT: Rule = absence(
    "telephony.android.fragment-left",
    "A part of a long SMS is left whose message was complete and is not in the store.",
    Ground::Inferred,
    "AOSP: InboundSmsHandler, table raw with deleted 1; compared with sms.date_sent and body",
);
pub(in crate::telephony) const SHADOW: Rule = absence(
    "telephony.android.shadow-without-message",
    "Samsung's list of all messages names a row that is not in the store: it was deleted past the triggers.",
    Ground::RealStore,
    "messages is filled by triggers; 32 of 32 rows agree in a Samsung store of Android 10",
);
pub(in crate::telephony) const CHANGE: Rule = absence(
    "telephony.android.sms-change-deleted",
    "The provider's list of changes says that the SMS was deleted.",
    Ground::AppSource,
    "AOSP: MmsSmsDatabaseHelper, table sms_changes of cars, type 1",
);
