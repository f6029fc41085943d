//! Notes on records, and codes of problems. What a code means stands here once; it never changes.

use forensics_core::issue::Code;

pub(super) const DELIVERY_PENDING: &str = "delivery-pending";
pub(super) const DELIVERY_FAILED: &str = "delivery-failed";
pub(super) const SMSC_NOT_NAMED: &str = "smsc-not-named";
pub(super) const NOT_DOWNLOADED: &str = "not-downloaded";
pub(super) const RCS_MIRROR: &str = "rcs-mirror-possible";
pub(super) const NO_MMS_ID: &str = "no-server-id";
pub(super) const OBJECT_ID: &str = "carrier-store-copy";
pub(super) const OLDER_COPY: &str = "older-copy";
pub(super) const BACKUP_COPY: &str = "backup-copy";
pub(super) const DIRECTION_INFERRED: &str = "direction-inferred";
pub(super) const NO_CLOCK: &str = "store-keeps-no-sent-date";
pub(super) const NO_THREAD: &str = "thread-row-missing";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) static NOTES: &[Code] = &[
    code(DELIVERY_PENDING, "The network took the message; no final delivery report has come."),
    code(DELIVERY_FAILED, "The network took the message and reported that it could not be delivered."),
    code(SMSC_NOT_NAMED, "The incoming message has a time of the message centre, and its number is not kept."),
    code(NOT_DOWNLOADED, "Only the notification came in; the message itself waits on the carrier's server."),
    code(RCS_MIRROR, "Written by Google Messages without an id of the carrier: possibly the copy of an RCS message."),
    code(NO_MMS_ID, "The MMS stands as sent and has no id of the carrier's server."),
    code(OBJECT_ID, "The row has an id which by its name is that of a copy in the carrier's message store."),
    code(OLDER_COPY, "Read from another copy of the store whose newest message is older."),
    code(BACKUP_COPY, "Read from a backup file of the provider, which keeps neither ids nor threads."),
    code(DIRECTION_INFERRED, "Which way the message went is read from a code whose meaning here is inferred."),
    code(NO_THREAD, "The row names a conversation that is not in the store."),
    code(NO_CLOCK, "This version of the store keeps no time of the message centre."),
    code("inferred-confirmed", "A mark whose meaning is only inferred says that the network took it."),
];

pub(super) const BACKUP_UNREADABLE: &str = "telephony-backup-unreadable";
pub(super) const COUNT_DIFFERS: &str = "telephony-count-differs";

pub(super) static CODES: &[Code] = &[
    code(BACKUP_UNREADABLE, "A backup file of the provider is not the compressed list that it should be."),
    code(COUNT_DIFFERS, "A conversation counts fewer messages than it has: records were added past its triggers."),
];
