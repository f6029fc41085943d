//! Rules behind absences: marks whose record is not in the store.

use forensics_core::rule::{Ground, Judge, Rule};

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

const SCHEMA: &str = "schema 61791 of a real phone";
const BY_NAME: &str = "schema 61791; meaning by the names of the table and its columns";

pub(in crate::google_messages) const HISTORY: Rule = absence(
    "google-messages.android.history-without-message",
    "The history of states names a message that is not in the store, and says when it was sent, delivered or read: the \
     message was deleted.",
    Ground::RealStore,
    "message_status has no foreign key and outlives its message; 741 entries of 138 messages of a real phone",
);
pub(in crate::google_messages) const REPORT: Rule = absence(
    "google-messages.android.report-without-message",
    "A recipient's report names a message that is not in the store.",
    Ground::RealStore,
    "read_reports of a real phone, which the app deletes with their message",
);
pub(in crate::google_messages) const SIDE_ROW: Rule = absence(
    "google-messages.android.side-row-without-message",
    "A row that belongs to a message (a part, a reaction, an edit, a schedule) names one that is not in the store.",
    Ground::RealStore,
    "foreign keys on messages in schema 61791",
);
pub(in crate::google_messages) const REPLY: Rule = absence(
    "google-messages.android.reply-without-message",
    "A reply names a message that is not in the store.",
    Ground::RealStore,
    SCHEMA,
);
pub(in crate::google_messages) const DELETED: Rule = absence(
    "google-messages.android.deletion-buffered",
    "The app keeps the deletion of the message, with time and reason, to tell Google's cloud store of it.",
    Ground::Inferred,
    "cms_deleted_messages_buffer; meaning by its name",
);
pub(in crate::google_messages) const DELETE_QUEUED: Rule = absence(
    "google-messages.android.deletion-queued",
    "A trigger of the store queued work on a message, which is not in the store: it was deleted.",
    Ground::RealStore,
    "triggers on_messages_insert and on_messages_delete in schema 61791",
);
pub(in crate::google_messages) const UNPROCESSED: Rule = absence(
    "google-messages.android.received-unprocessed",
    "An RCS message came from the server and was not processed: it stands among the pending ones and not among messages.",
    Ground::RealStore,
    SCHEMA,
);
pub(in crate::google_messages) const RCS_ID: Rule = absence(
    "google-messages.android.rcs-id-without-message",
    "A table of RCS ids names a message that is not in the store: deleted, or never processed.",
    Ground::Inferred,
    BY_NAME,
);
pub(in crate::google_messages) const LEDGER: Rule = absence(
    "google-messages.android.ledger-surplus",
    "The ledger of received encrypted envelopes has more entries than there are received messages and receipts: messages \
     that came in are gone. A count at most.",
    Ground::Inferred,
    "scytale ledger of a real phone: 271 entries, 137 delivery and 134 display receipts",
);
pub(in crate::google_messages) const CLOUD_NOTICE: Rule = absence(
    "google-messages.android.cloud-notice",
    "Google's cloud store told of a message that is not in the store.",
    Ground::Inferred,
    "cms_notifications; meaning by its name",
);
pub(in crate::google_messages) const LATEST: Rule = absence(
    "google-messages.android.latest-without-message",
    "The conversation names its newest message, which is not in the store; its text is left in the conversation.",
    Ground::RealStore,
    "conversations.latest_message_id and snippet_text, in AOSP Messaging and schema 61791",
);
pub(in crate::google_messages) const MIRROR: Rule = absence(
    "google-messages.android.copy-in-telephony",
    "The phone's telephony store has an MMS row that Google Messages wrote, and no message names it: deleted in the app only.",
    Ground::RealStore,
    "137 of 137 RCS messages of a real phone name their copy",
);
pub(in crate::google_messages) const DELETED_CONVERSATION: Rule = absence(
    "google-messages.android.conversation-deleted",
    "A log of members names a conversation that is not in the store: it was deleted with its messages.",
    Ground::RealStore,
    "audit logs of members in schema 61791, which outlive the conversation",
);
pub(in crate::google_messages) const ROWS: Rule = absence(
    "google-messages.android.rows-skip",
    "Row numbers of messages skip: rows that stood there are gone. Drafts, messages sent again as SMS and replaced MMS \
     notifications use up numbers as well.",
    Ground::Inferred,
    "messages._id is AUTOINCREMENT (sqlite.org/autoinc.html)",
);
pub(in crate::google_messages) const COUNTER: Rule = absence(
    "google-messages.android.counter-beyond-records",
    "The database remembers a higher row number than any message has: the newest rows are gone. A count at most.",
    Ground::Inferred,
    "sqlite_sequence of a table with AUTOINCREMENT (sqlite.org/autoinc.html)",
);
pub(in crate::google_messages) const SIDE_ROWS: Rule = absence(
    "google-messages.android.side-rows-missing",
    "More parts, conversations or participants were given a number than are in the store: the others are gone.",
    Ground::Inferred,
    "sqlite_sequence of a table with AUTOINCREMENT (sqlite.org/autoinc.html)",
);
